"""A cost promise is missed.

Cost is replicas × price over a month of 730 hours; per request, that over the requests of the month.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import COST
from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts
from archboard.words.verdicts import both

RULE = Rule("AB702", "cost promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every cost promise that the prices break."""
    for verdict in facts.missed:
        promise = verdict.promise
        if promise.kind is not COST or not is_sound(design, verdict.flow):
            continue
        priced = [fact for fact in facts.of("cost_month") if fact.subject in design.components and fact.value]
        dearest = max(priced, key=lambda fact: fact.value or 0.0)
        value, limit = both(promise, verdict.value)
        yield RULE.at(
            promise.span,
            f"cost is {value}/{promise.per}, and {limit} is promised: {verdict.working}",
            f"`{dearest.subject}` is the dearest: {dearest.shown} a month = {dearest.working}",
            Note(design.components[dearest.subject].place_of("price"), "its price"),
            subject=verdict.flow,
            aspect=promise.metric,
        )
