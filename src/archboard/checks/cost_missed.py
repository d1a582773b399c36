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
from archboard.working import Calculation, Unknown, leaves

RULE = Rule("AB702", "cost promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every cost promise that the prices break."""
    for verdict in facts.missed:
        promise = verdict.promise
        if promise.kind is not COST or not is_sound(design, verdict.flow):
            continue
        priced = [fact for fact in facts.of("cost_month") if fact.subject in design.components and fact.value]
        paid = dict(_paid(facts, verdict.flow)) or {fact.subject: fact.value or 0.0 for fact in priced}
        dearest = max(priced, key=lambda fact: paid.get(fact.subject, 0.0))
        value, limit = both(promise, verdict.value)
        yield RULE.at(
            promise.span,
            f"cost is {value}/{promise.per}, and {limit} is promised: {verdict.working}",
            f"`{dearest.subject}` is the dearest: {dearest.shown} a month = {dearest.working}",
            Note(design.components[dearest.subject].place_of("price"), "its price"),
            subject=verdict.flow,
            aspect=promise.metric,
        )


def _paid(facts: Facts, flow: str) -> Iterator[tuple[str, float]]:
    """Yield what a named flow beside others pays for each component, a month."""
    bill = facts.get("cost_flow", flow) if flow != "main" else None
    if bill is None or isinstance(bill.working, Unknown):
        return
    for part in bill.working.parts if isinstance(bill.working, Calculation) else (bill.working,):
        share = next((leaf.fact for leaf in leaves(part) if leaf.fact is not None), None)
        if share is not None:
            yield share[1], part.value
