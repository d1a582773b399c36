"""A component says twice how often it is up, and the two do not agree.

`availability`, `mtbf`, `failures` and `mttr` are one thing said in four ways: a replica that fails twice a month for
half an hour is up 99.86% of the time, whatever else is written. Leave one of them out, or make them agree within a
twentieth of what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts
from archboard.units import Dimension, show_apart

RULE = Rule("AB606", "contradictory statements of uptime", Severity.ERROR, __doc__ or "")
SLACK = 0.05
"""Of the larger unavailability: more than figures are rounded by."""


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component whose failures and repairs come to another availability than it states."""
    for fact in facts.of("by_repair"):
        component, each = design.components[fact.subject], facts.get("each_up", fact.subject)
        if each is None or each.value is None or fact.value is None or component.name in design.touched:
            continue
        down, other = 1.0 - each.value, 1.0 - fact.value
        if abs(down - other) <= SLACK * max(down, other):
            continue
        first, second = show_apart(each.value, fact.value, Dimension.FRACTION)
        where = next(name for name in ("availability", "failures", "mtbf") if name in component.settings)
        beside = next(name for name in ("mttr", "mtbf", "failures") if name in component.settings and name != where)
        yield RULE.at(
            component.place_of(where), f"`{component.name}` is up {first} of the time, and {second} = {fact.working}",
            "leave one of them out", Note(component.place_of(beside), "this says otherwise"),
            subject=component.name, aspect="availability",
        )  # fmt: skip
