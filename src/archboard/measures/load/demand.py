"""Demand: the requests that reach each component and take each arrow, with the factors that made them so many."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Fact, Facts
from archboard.measures.analysis import Analysis
from archboard.measures.load.full_queues import at_the_queue
from archboard.measures.load.limits import at_the_gate
from archboard.measures.load.rates import Rates
from archboard.measures.metrics import ARROW_RATE, CLIENT_RATE, DEMAND
from archboard.units import Dimension
from archboard.verdicts import Reason, Why
from archboard.working import Unknown, total


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield client rates per flow, demand per component, admissions per gateway and rates per arrow."""
    rates, loads, arriving = Rates(analysis), analysis.loads, dict[str, Fact]()
    for flow in analysis.design.flows:
        starts = analysis.graphs[flow.name].starts
        sources = {name: rate for name, rate in analysis.sources(flow).items() if rate > 0 and name in starts}
        sent = [rates.source(flow, name, rate) for name, rate in sources.items()]
        if sent:
            yield Fact(CLIENT_RATE, flow.name, total(Dimension.RATE, *sent))
    for name in analysis.design.components:
        if name in analysis.unknown:
            yield Fact(DEMAND, name, Unknown(no_rate(analysis.unknown[name])))
        elif name in loads.demand:
            arriving[name] = Fact(DEMAND, name, rates.demand(name))
            yield arriving[name]
    for demand in arriving.values():
        yield from at_the_gate(analysis, demand)
        yield from at_the_queue(analysis, demand)
    for arrow in analysis.design.arrows:
        if arrow.id in loads.arrows and arrow.head not in analysis.unknown:
            yield Fact(ARROW_RATE, arrow.id, rates.on(arrow))


def no_rate(reason: Reason) -> str:
    """Return why a component has no rate."""
    if reason.why is Why.CIRCLE:
        return f"`{reason.subject}` closes a circle that feeds itself without end"
    return f"no rate is stable: retries over `{reason.subject}` feed themselves"
