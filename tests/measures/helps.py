"""Every help is tried: a design is compiled again with what the help names, and the finding must be gone."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading
from archboard.design.overrides import read_changes
from archboard.diagnostics import Diagnostic

SEVERAL = {"AB401", "AB402", "AB506", "AB601", "AB604", "AB703"}
"""Checks that may find two things about one subject, told apart by where they stand."""

Finding = tuple[str, str, str, str | None, int]


def finding(d: Diagnostic, scenario: str | None) -> Finding:
    """Return what makes two sightings one finding, whatever their numbers."""
    return d.rule.code, d.subject, d.aspect, scenario, d.span.start if d.rule.code in SEVERAL else 0


def tries(reading: Reading) -> Iterator[tuple[Diagnostic, tuple[str, ...], str]]:
    """Yield every way of every help of a design, and what is still found once it is gone, "" where nothing is."""
    made = compile_reading(reading)
    known = {finding(d, d.scenario) for d in made.diagnostics if d.is_unclear}
    for d in made.diagnostics:
        for way in d.cures:
            first = _own(made, d, way)
            scenario = None if first else d.scenario
            after = compile_reading(reading, read_changes([*first, *way]))
            unclear = [e for e in after.diagnostics if e.is_unclear and finding(e, e.scenario) not in known]
            left = [e for e in after.diagnostics if finding(e, e.scenario) == finding(d, scenario)]
            yield d, way, "; ".join(e.message for e in (*unclear, *left))


def _own(made: Compilation, d: Diagnostic, way: tuple[str, ...]) -> list[str]:
    """Return all that a scenario sets, where it sets what a help for it changes: there the change is made in it."""
    own = [o for scenario in made.design.scenarios if scenario.title == d.scenario for o in scenario.overrides]
    paths = {f"{member}.{o.target.name}" for o in own for member in (*o.target.members, o.target.owner)}
    within = any(setting.partition("=")[0] in paths for setting in way)
    return [f"{o.target.path}={o.words}" for o in own] if within else []
