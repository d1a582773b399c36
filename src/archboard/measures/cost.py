"""Cost: replicas × price over a month of 730 hours, storage and egress, and per request of each flow.

Replicas given as a range are counted at what the demand needs. A named flow pays for a component by its share
of the demand there; what no flow's demand touches is paid by `main`, or where there is none by the first flow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Component
from archboard.facts import Fact, Facts
from archboard.measures.analysis import Analysis
from archboard.measures.load.capacity import running
from archboard.measures.metrics import CLIENT_RATE, COST_EGRESS, COST_MONTH, COST_REQUEST, COST_STORAGE, REPLICAS_NEEDED
from archboard.measures.terms import A_MONTH, HOURS_A_MONTH, found, known, stated
from archboard.units import Dimension, show_money
from archboard.working import Term, Working, product, quotient, total

LISTED = 8
"""Components that the design's cost names."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield dollars a month per priced component and for the design, dollars a request per flow.

    What a store keeps is paid with the store, what leaves on an arrow with the component it enters or leaves.
    """
    extra = _extra(analysis, facts)
    monthly: dict[str, Fact] = {}
    for name, component in analysis.design.components.items():
        parts: list[Working] = []
        if component.price is not None and component.price.hourly is not None:
            parts.append(product(Dimension.MONEY, running_of(component, facts), hourly(component), HOURS_A_MONTH))
        if name in extra:
            more = total(Dimension.MONEY, *extra[name])
            parts.append(found(more.value, Dimension.MONEY, "", "storage and egress", of=more))
        if parts:
            monthly[name] = Fact(COST_MONTH, name, total(Dimension.MONEY, *parts))
            yield monthly[name]
    if not monthly:
        return
    yield Fact(COST_MONTH, analysis.design.name, _listed(monthly))
    for flow in analysis.design.flows:
        rate = facts.get(CLIENT_RATE, flow.name)
        if rate is not None and rate.value:
            paid = _paid(analysis, flow.name, monthly)
            shown = f"{show_money(paid.value)}/month"
            dollars = found(paid.value, Dimension.MONEY, "", of=paid, text=shown)
            requests = product(Dimension.COUNT, known(rate), A_MONTH)
            yield Fact(COST_REQUEST, flow.name, quotient(Dimension.MONEY, dollars, requests))


def _extra(analysis: Analysis, facts: Facts) -> dict[str, list[Term]]:
    """Return what storage and egress add to the month of each component."""
    extra = {fact.subject: [known(fact)] for fact in facts.of(COST_STORAGE)}
    ends = {arrow.id: arrow for arrow in analysis.design.arrows}
    for fact in facts.of(COST_EGRESS):
        arrow = ends[fact.subject]
        inside = arrow.head if analysis.design.components[arrow.tail].kind.asks else arrow.tail
        extra.setdefault(inside, []).append(known(fact))
    return extra


def hourly(component: Component) -> Term:
    """Return the price of a replica an hour, as a term."""
    each = (component.price.hourly if component.price is not None else None) or 0.0
    return stated(component, "price", each, Dimension.MONEY, text=f"{show_money(each)}/h")


def running_of(component: Component, facts: Facts) -> Term:
    """Return how many replicas run, as a term."""
    return running(component, facts.get(REPLICAS_NEEDED, component.name), facts.ran.get(component.name))


def _listed(monthly: Mapping[str, Fact]) -> Working:
    """Return all that is paid a month; of many the last in one."""
    parts = [known(fact, text=f"{name} {fact.shown}") for name, fact in monthly.items()]
    if len(parts) <= LISTED:
        return total(Dimension.MONEY, *parts)
    more = total(Dimension.MONEY, *parts[LISTED:])
    last = found(more.value, Dimension.MONEY, "", of=more, text=f"{len(parts) - LISTED} more {more.shown}")
    return total(Dimension.MONEY, *parts[:LISTED], last)


def _paid(analysis: Analysis, flow: str, monthly: Mapping[str, Fact]) -> Working:
    """Return what a flow pays a month: of each component its part of the demand there."""
    parts: list[Working] = []
    for name, fact in monthly.items():
        part = _part(analysis, flow, name)
        share = found(part, Dimension.FRACTION, "its part of the demand", f"(part of `{flow}`)")
        parts.append(known(fact) if part == 1 else product(Dimension.MONEY, known(fact), share))
    return total(Dimension.MONEY, *parts)


def _part(analysis: Analysis, flow: str, name: str) -> float:
    """Return the part of a component's cost that a flow pays."""
    shares = {f.name: analysis.loads.per_flow.get(f.name, {}).get(name, 0.0) for f in analysis.design.flows}
    total = math.fsum(shares.values())
    if total > 0:
        return shares[flow] / total
    payer = "main" if "main" in shares else next(iter(shares))
    return 1.0 if flow == payer else 0.0
