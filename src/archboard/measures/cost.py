"""Cost: what runs, what is asked, storage and egress over a month of 730 hours, and per request of each flow.

What is priced by time costs its replicas, those of a range at what the demand needs; what is priced by the request or
the token costs its demand. A named flow pays for a component by its share of the demand there; what no flow's demand
touches is paid by `main`, or where there is none by the first flow. So the flows' bills add up to the design's, and
what a request costs is always the bill of some requests over those requests.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Component, Design
from archboard.facts import Fact, Facts, whole
from archboard.measures.analysis import Analysis
from archboard.measures.load.capacity import running
from archboard.measures.metrics import (
    CLIENT_RATE,
    COST_EGRESS,
    COST_FLOW,
    COST_MONTH,
    COST_REQUEST,
    COST_STORAGE,
    DEMAND,
    REPLICAS_NEEDED,
)
from archboard.measures.models.token_counts import mean_count, mean_term
from archboard.measures.terms import A_MONTH, HOURS_A_MONTH, exactly, found, known, stated
from archboard.units import Dimension, Money, show_money
from archboard.verdicts import Reason, Why
from archboard.working import Term, Unknown, Working, product, quotient, total

LISTED = 8
"""Components that the design's cost names."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield dollars a month per priced component, per flow and for the design, dollars a request per flow and in all.

    What a store keeps is paid with the store, what leaves on an arrow with the component it enters or leaves.
    """
    monthly = dict(_monthly(analysis, facts))
    yield from monthly.values()
    if not monthly:
        return
    name = whole(analysis.design)
    unknown = next((fact.working for fact in monthly.values() if isinstance(fact.working, Unknown)), None)
    if unknown is not None:
        yield Fact(COST_MONTH, name, unknown)
        return
    month = Fact(COST_MONTH, name, _listed(monthly))
    yield month
    rates = {flow.name: facts.get(CLIENT_RATE, flow.name) for flow in analysis.design.flows}
    rated = {flow: rate for flow, rate in rates.items() if rate is not None and rate.value}
    for flow, rate in rated.items():
        bill = Fact(COST_FLOW, flow, _paid(analysis, flow, monthly))
        alone = len(rated) == 1 and bill.value == month.value
        if not alone:
            yield bill
        yield Fact(COST_REQUEST, flow, _over(month if alone else bill, known(rate)))
    if rated and not alone:
        asking = [rate for flow, rate in rated.items() if _is_asked(analysis, flow)] or list(rated.values())
        yield Fact(COST_REQUEST, name, _over(month, total(Dimension.RATE, *(known(rate) for rate in asking))))


def of_a_request(facts: Facts, design: Design) -> Fact | None:
    """Return what a request of a design costs: the month's bill over all requests, of whatever flow."""
    own = facts.get(COST_REQUEST, whole(design))
    return own or next((fact for fact in facts.of(COST_REQUEST) if fact.value), None)


def bill_of(facts: Facts, design: Design, flow: str, metric: str) -> Fact | None:
    """Return what a flow's promise of a month or of a request is held against.

    A request costs its flow's own bill over its own requests. A month of a named flow is that same bill; a month that
    the design promises is all of the design's, whoever pays. Where one flow pays everything the two are one.
    """
    subject = whole(design)
    if metric != COST_MONTH.name:
        return facts.get(metric, flow)
    alone = facts.get(COST_REQUEST, flow) is not None and facts.get(COST_FLOW, flow) is None
    if flow == "main" or alone or len(design.flows) == 1:
        return facts.get(metric, subject)
    return facts.get(COST_FLOW, flow)


def unpriced(analysis: Analysis, facts: Facts) -> Reason | None:
    """Return which of several prices cannot be worked out, and why; None where all can."""
    for fact in facts.of(COST_MONTH):
        component = analysis.design.components.get(fact.subject)
        if component is None or component.price is None or fact.value is not None:
            continue
        name, demand = component.name, facts.get(DEMAND, component.name)
        if demand is not None and isinstance(demand.working, Unknown):
            return analysis.unknown[name]
        return Reason(Why.NO_DEMAND if demand is None else Why.NO_TOKENS, name)
    return None


def _over(bill: Fact, rate: Working) -> Working:
    """Return what a request costs: a bill of a month over the requests of a month."""
    requests = product(Dimension.COUNT, rate, A_MONTH)
    return quotient(Dimension.MONEY, known(bill, text=f"{bill.shown}/month"), requests)


def _is_asked(analysis: Analysis, flow: str) -> bool:
    """Whether somebody outside starts a flow: its requests are the design's."""
    return any(analysis.design.components[name].kind.asks for name in analysis.graphs[flow].starts)


def _monthly(analysis: Analysis, facts: Facts) -> Iterator[tuple[str, Fact]]:
    extra = _extra(analysis, facts)
    rated = any(fact.value is not None for fact in facts.of(CLIENT_RATE))
    for name, component in analysis.design.components.items():
        parts: list[Working] = []
        if component.price is not None:
            own = _own(component, component.price, facts, rated=rated)
            if isinstance(own, Unknown):
                yield name, Fact(COST_MONTH, name, own)
                continue
            parts.append(own)
        if name in extra:
            more = total(Dimension.MONEY, *extra[name])
            parts.append(found(more.value, Dimension.MONEY, "", "storage and egress", of=more))
        if parts:
            yield name, Fact(COST_MONTH, name, total(Dimension.MONEY, *parts))


def _own(component: Component, price: Money, facts: Facts, *, rated: bool) -> Working | Unknown:
    """Return what a component itself costs a month: its replicas by the hour, or its demand by the request or token."""
    if price.hourly is not None:
        return product(Dimension.MONEY, running_of(component, facts), hourly(component), HOURS_A_MONTH)
    name, demand = component.name, facts.get(DEMAND, component.name)
    if demand is None and not rated:
        return Unknown(f"no client gives a rate, and `{name}` is paid by the {price.per}")
    if demand is not None and isinstance(demand.working, Unknown):
        return demand.working
    arrives = known(demand) if demand is not None else exactly(0.0, Dimension.RATE, "no request")
    many, of = (1e6, "Mtokens") if price.per == "token" else (1.0, price.per)
    text = f"{show_money(price.dollars * many)}/{of}"
    each = stated(component, "price", price.dollars, Dimension.MONEY, text=text)
    if price.per == "request":
        return product(Dimension.MONEY, arrives, A_MONTH, each)
    read = [mean_term(component, n, n.replace("_", " ")) for n in TOKENS if mean_count(component, n) is not None]
    if not read:
        return Unknown(f"`{name}` is paid by the token, and neither `prompt_tokens` nor `output_tokens` says how many")
    return product(Dimension.MONEY, arrives, total(Dimension.COUNT, *read), A_MONTH, each)


TOKENS = ("prompt_tokens", "output_tokens")
"""The settings that say how many tokens a request takes."""


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
        if part == 0:
            continue
        share = found(part, Dimension.FRACTION, "its part of the demand", f"(part of `{flow}`)")
        cost = known(fact, text=f"{name} {fact.shown}")
        parts.append(cost if part == 1 else product(Dimension.MONEY, cost, share))
    return total(Dimension.MONEY, *(parts or [exactly(0.0, Dimension.MONEY, by="nothing has a price")]))


def _part(analysis: Analysis, flow: str, name: str) -> float:
    """Return the part of a component's cost that a flow pays."""
    shares = {f.name: analysis.loads.per_flow.get(f.name, {}).get(name, 0.0) for f in analysis.design.flows}
    total = math.fsum(shares.values())
    if total > 0:
        return shares[flow] / total
    payer = "main" if "main" in shares else next(iter(shares))
    return 1.0 if flow == payer else 0.0
