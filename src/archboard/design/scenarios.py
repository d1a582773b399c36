"""What-ifs: scenario blocks read and checked, and overrides sorted by what they change.

`--set`, scenarios and sweeps all come down to `Override`s; this is the one place that knows what a path may
name: a constant, a setting of a component (or of all in a group), the rate of a flow, or a setting of an arrow.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from archboard.catalog import kind_of, setting
from archboard.design.collect import Collection
from archboard.design.model import Override, Scenario
from archboard.design.names import Names
from archboard.design.refusal import Refusal
from archboard.design.rules import SETTING_TWICE, UNKNOWN_NAME, WRONG_VALUE
from archboard.design.settings import unknown_setting
from archboard.design.values import Constants, read_value
from archboard.diagnostics import Diagnostic, Note, nearest
from archboard.language import syntax

ARROW_PATH = re.compile(r"(?P<arrow>.*?(?:<->|~>|-x>|->).*)\.(?P<setting>[^.]*)", re.DOTALL)
"""`web->edge.latency`: an arrow's id, and a setting of it. Only command lines can write it."""
_ARROW = re.compile(r"(.*?)(<->|~>|-x>|->)([^#]*)(#[0-9]+)?", re.DOTALL)


@dataclass(slots=True)
class Targets:
    """Overrides by what they change: component → setting, flow → setting, arrow → setting, constant."""

    settings: dict[str, dict[str, Override]] = field(default_factory=dict)
    flows: dict[str, dict[str, Override]] = field(default_factory=dict)
    constants: dict[str, tuple[syntax.Value, ...]] = field(default_factory=dict)
    arrows: dict[str, dict[str, Override]] = field(default_factory=dict)


def overrides_by_target(found: Collection, names: Names, overrides: tuple[Override, ...]) -> Targets:
    """Sort overrides by what they change; those that name nothing were told when they were read."""
    targets = Targets()
    for override in overrides:
        arrow = ARROW_PATH.fullmatch(override.path)
        if arrow is not None:
            settings = targets.arrows.setdefault(arrow_id(names, arrow["arrow"]), {})
            settings[arrow["setting"]] = override
            continue
        owner, _, name = override.path.rpartition(".")
        if not owner:
            targets.constants[name] = override.values
            continue
        meant = names.find(owner, override.scope)
        if len(meant) == 1:
            for component in _components(found, meant[0]):
                targets.settings.setdefault(component, {})[name] = override
        elif owner in found.flows:
            targets.flows.setdefault(owner, {})[name] = override
    return targets


def arrow_id(names: Names, written: str) -> str:
    """Return an arrow's id with the full names of its ends, where these are known."""
    parts = _ARROW.fullmatch(written)
    if parts is None:
        return written
    ends = []
    for end in (parts[1], parts[3]):
        meant = names.find(end, "")
        ends.append(meant[0] if len(meant) == 1 else end)
    return f"{ends[0]}{parts[2]}{ends[1]}{'' if parts[4] in (None, '#1') else parts[4]}"


def _components(found: Collection, name: str) -> list[str]:
    """Return the component of a name, or all in the group of that name."""
    return [name] if name in found.components else [n for n in found.components if n.startswith(f"{name}.")]


def read_scenarios(
    found: Collection, names: Names, constants: Constants, told: list[Diagnostic]
) -> tuple[Scenario, ...]:
    """Return the scenarios of a file, what is wrong in them told."""
    scenarios = []
    for block in found.scenarios:
        kept: dict[str, Override] = {}
        expect: str | None = None
        expect_span = None
        for item in block.settings:
            if item.path.text == "expect":
                kind = setting("scenario", "expect")
                assert kind is not None
                value = read_value(kind, item.values, constants)
                if isinstance(value, Refusal):
                    told.append(WRONG_VALUE.at(item.span, value.message, value.help))
                elif isinstance(value, str):
                    expect, expect_span = value, item.span
                continue
            override = Override(item.path.text, item.values, item.span, block.scope)
            problem = check_override(found, names, constants, override, item.path)
            if problem is not None:
                told.append(problem)
            elif override.path in kept:
                told.append(
                    SETTING_TWICE.at(
                        item.path.span, f"`{override.path}` is given twice in one block", "keep one of them",
                        Note(kept[override.path].span, "the first is here, and it counts"),
                    )
                )  # fmt: skip
            else:
                kept[override.path] = override
        scenarios.append(Scenario(block.title, tuple(kept.values()), expect, block.span, expect_span))
    return tuple(scenarios)


def check_override(
    found: Collection, names: Names, constants: Constants, override: Override, path: syntax.Path
) -> Diagnostic | None:
    """Return what is wrong with an override, if anything."""
    owner, _, name = override.path.rpartition(".")
    if not owner:
        return _constant(constants, path, names)
    meant = names.find(owner, override.scope)
    if len(meant) == 1:
        kinds = {_kind(found, component) for component in _components(found, meant[0])}
        kind = next((k for k in sorted(kinds) if setting(k, name) is not None), None)
        if kind is None:
            last = syntax.Path(path.names[-1:], path.names[-1].span)
            return unknown_setting(min(kinds), last) if kinds else None
        return _wrong(kind, name, override, constants)
    if not meant and owner in found.flows:
        last = syntax.Path(path.names[-1:], path.names[-1].span)
        return _wrong("flow", name, override, constants) if name == "rate" else unknown_setting("flow", last)
    first = syntax.Path(path.names[:-1], path.names[0].span.to(path.names[-2].span))
    if len(meant) > 1:
        listed = " or ".join(f"`{m}`" for m in meant[:4])
        return UNKNOWN_NAME.at(first.span, f"`{first.text}` could be {listed}", "write the full name")
    guess = names.near(owner) or nearest(owner, list(found.flows))
    help = f"did you mean `{guess}`?" if guess else "name a component and one of its settings: `redis.hit`"
    return UNKNOWN_NAME.at(first.span, f"`{first.text}` is no component of this design", help)


def _kind(found: Collection, component: str) -> str:
    return kind_of(found.components[component].kind).name


def _wrong(owner: str, name: str, override: Override, constants: Constants) -> Diagnostic | None:
    kind = setting(owner, name)
    value = read_value(kind, override.values, constants) if kind is not None else None
    return WRONG_VALUE.at(override.span, value.message, value.help) if isinstance(value, Refusal) else None


def _constant(constants: Constants, path: syntax.Path, names: Names) -> Diagnostic | None:
    if path.text in constants:
        return None
    guess = nearest(path.text, list(constants))
    if guess is not None:
        help = f"did you mean `{guess}`?"
    elif names.find(path.text, ""):
        help = f"say which setting of it: `{path.text}.replicas`"
    else:
        help = "name a component and one of its settings, `redis.hit`, or a constant of a `let`"
    return UNKNOWN_NAME.at(path.span, f"`{path.text}` is no constant of this design", help)
