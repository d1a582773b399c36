"""With the gateway at its limit, something behind it gets more than it carries.

A rate limit is a promise to everything behind it: no more than this will ever come. One that is set above what they
carry protects nobody on the day it is needed. Judged on the design as it stands and in every scenario.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import all_sound, listed
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap, Surge
from archboard.units import show_rate, show_rates
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB503", "limit above what is behind it", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every gateway whose limit lets in more than what stands behind it carries."""
    if not all_sound(design):
        return
    for source in dict.fromkeys(surge.source for surge in facts.surges if surge.cause == "limit"):
        over = surging(facts, "limit", source)
        if over:
            gateway = design.components[source]
            limit = show_rate(gateway.number("limit") or 0.0)
            remedy = facts.remedy(Gap(RULE.code, source))
            yield RULE.at(
                gateway.place_of("limit"), f"`{source}` at its limit of {limit} sends {described(over)}",
                sentence(remedy, design) if remedy else "lower the limit",
                *capacity_notes(design, over), subject=source, aspect="limit", cures=settings_of(remedy, design),
            )  # fmt: skip


def surging(facts: Facts, cause: str, source: str) -> list[Surge]:
    """Return the surges of one cause that overload what the everyday load does not."""
    return [surge for surge in facts.surges if surge.cause == cause and surge.source == source and surge.tips_over]


def described(surges: list[Surge]) -> str:
    """Return who gets what and carries what, those with the same numbers together."""
    groups: dict[tuple[str, str], list[str]] = {}
    for surge in surges:
        groups.setdefault(show_rates(surge.demand, surge.capacity), []).append(surge.component)
    parts = []
    for (demand, capacity), names in groups.items():
        carries = "which carries" if len(names) == 1 else "which carry"
        each = " each" if len(names) > 1 else ""
        parts.append(f"{demand} to {listed(names)}, {carries} {capacity}{each}")
    return "; ".join(parts)


def told(what: str, meanwhile: str, over: list[Surge]) -> str:
    """Return who gets more, and whose slots are held longer: those that wait for them too are named after them."""
    more = [surge for surge in over if surge.carries is None]
    parts = [f"{what} sends {described(more)}"] if more else []
    for surge in over:
        if surge.carries is not None and not surge.waits_for:
            gets, carries = show_rates(surge.demand, surge.capacity)
            parts.append(f"{meanwhile} `{surge.component}` gets {gets} and carries {carries} = {surge.carries}")
    waiting = [surge for surge in over if surge.waits_for]
    parts += [f"`{surge.component}` fills while it waits for `{surge.waits_for}`" for surge in waiting]
    return "; ".join(parts)


def capacity_notes(design: Design, surges: list[Surge]) -> tuple[Note, ...]:
    """Return notes that point at the capacities that do not suffice."""
    return tuple(
        Note(
            design.components[s.component].place_of("throughput"),
            f"`{s.component}` carries {show_rate(s.capacity)}",
        )
        for s in surges[:3]
    )
