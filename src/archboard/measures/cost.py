"""Cost: replicas × price over a month of 730 hours, storage and egress, and per request of each flow.

Replicas given as a range are counted at what the demand needs. A named flow pays for a component by its share
of the demand there; what no flow's demand touches is paid by `main`, or where there is none by the first flow.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.design.model import Component
from archboard.facts import Fact, Facts
from archboard.measures.metrics import CLIENT_RATE, COST_EGRESS, COST_MONTH, COST_REQUEST, COST_STORAGE, REPLICAS_NEEDED
from archboard.measures.study import Study
from archboard.units import HOURS, MONTH, show_money, show_number, show_rate


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield dollars a month per priced component and for the design, dollars a request per flow.

    What a store keeps is paid with the store, what leaves on an arrow with the component it enters or leaves.
    """
    monthly: dict[str, float] = {}
    extra = {fact.subject: fact.value or 0.0 for fact in facts.of(COST_STORAGE)}
    ends = {arrow.id: arrow for arrow in study.design.arrows}
    for fact in facts.of(COST_EGRESS):
        arrow = ends[fact.subject]
        inside = arrow.head if study.design.components[arrow.tail].kind.name == "client" else arrow.tail
        extra[inside] = extra.get(inside, 0.0) + (fact.value or 0.0)
    for name, component in study.design.components.items():
        hourly = component.price.hourly if component.price is not None else None
        if hourly is None and name not in extra:
            continue
        parts = []
        if hourly is not None:
            running = replicas_running(component, facts.value(REPLICAS_NEEDED, name))
            monthly[name] = running * hourly * HOURS
            parts.append(f"{show_number(running)} × {show_money(hourly)}/h × 730 h")
        if name in extra:
            monthly[name] = monthly.get(name, 0.0) + extra[name]
            parts.append(f"{show_money(extra[name])} storage and egress")
        working = " + ".join(parts)
        yield Fact(COST_MONTH, name, monthly[name], working)
    if not monthly:
        return
    listed = " + ".join(f"{name} {show_money(cost)}" for name, cost in list(monthly.items())[:8])
    more = f" + {len(monthly) - 8} more" if len(monthly) > 8 else ""
    yield Fact(COST_MONTH, study.design.name, math.fsum(monthly.values()), listed + more)
    for flow in study.design.flows:
        rate = facts.value(CLIENT_RATE, flow.name)
        if rate:
            cost = math.fsum(cost * _part(study, flow.name, name) for name, cost in monthly.items())
            working = f"{show_money(cost)}/month ÷ ({show_rate(rate)} × 730 h)"
            yield Fact(COST_REQUEST, flow.name, cost / (rate * MONTH), working)


def replicas_running(component: Component, needed: float | None) -> float:
    """Return how many replicas run: the stated number, or of a range what the demand needs."""
    replicas = component.replicas
    if replicas.low == replicas.high:
        return replicas.high
    return min(max(replicas.low, needed or 0.0), replicas.high)


def _part(study: Study, flow: str, name: str) -> float:
    """Return the part of a component's cost that a flow pays."""
    shares = {f.name: study.loads.per_flow.get(f.name, {}).get(name, 0.0) for f in study.design.flows}
    total = math.fsum(shares.values())
    if total > 0:
        return shares[flow] / total
    payer = "main" if "main" in shares else next(iter(shares))
    return 1.0 if flow == payer else 0.0
