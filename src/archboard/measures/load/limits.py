"""Limits: what a gateway lets through and turns away, and what comes to all behind it at its whole limit."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.facts import Fact, Facts, Surge
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import ADMITTED, CAPACITY, DEMAND, REFUSED
from archboard.measures.terms import found, known, number
from archboard.units import Dimension, show_rate
from archboard.working import LEAST, Calculation, Working, difference, product, quotient


def at_the_gate(analysis: Analysis, demand: Fact) -> Iterator[Fact]:
    """Yield what a gateway lets through of all that arrives, and what it turns away."""
    gateway = analysis.design.components[demand.subject]
    if gateway.number("limit") is None or demand.value is None:
        return
    arriving, limit = known(demand), number(gateway, "limit", Dimension.RATE, "(its limit)")
    yield Fact(ADMITTED, gateway.name, Calculation(LEAST, (arriving, limit), Dimension.RATE))
    if Load(arriving.value, limit.value).over:
        yield Fact(REFUSED, gateway.name, difference(Dimension.RATE, arriving, limit))


def measure(analysis: Analysis, facts: Facts) -> Iterator[Surge]:
    """Yield what every component with a capacity gets behind each gateway at its limit."""
    for gateway in gateways(analysis, facts):
        yield from _at_limit(analysis, facts, gateway)


def gateways(analysis: Analysis, facts: Facts) -> list[str]:
    """Return what limits, and gets anything."""
    components = analysis.design.components
    return [name for name, c in components.items() if c.number("limit") is not None and facts.value(DEMAND, name)]


def gates(analysis: Analysis) -> Mapping[str, tuple[str, ...]]:
    """Return the gateways with a limit that everything passes that comes to a component, by the component."""
    components = analysis.design.components
    sources = dict.fromkeys(name for flow in analysis.design.flows for name in analysis.sources(flow))
    found: dict[str, tuple[str, ...]] = {}
    for gate in (name for name, component in components.items() if component.number("limit") is not None):
        around = _reached(analysis, [name for name in sources if name != gate], gate)
        for name in _reached(analysis, [gate], ""):
            if name not in around:
                found[name] = (*found.get(name, ()), gate)
    return found


def _reached(analysis: Analysis, names: list[str], without: str) -> dict[str, None]:
    """Return what requests, calls and what is sent without waiting reach from some components, not through one."""
    reached, waiting = dict.fromkeys(names), names
    while waiting:
        for head in analysis.outgoing.get(waiting.pop(), ()):
            if head not in reached and head != without:
                reached[head] = None
                waiting.append(head)
    return reached


def limit_of(analysis: Analysis, gateway: str) -> float:
    """Return what a gateway lets through a second."""
    return analysis.design.components[gateway].number("limit") or 0.0


def scale_to(analysis: Analysis, facts: Facts, gateway: str, limit: float) -> float:
    """Return how many times the usual client rate fills a gateway to its limit."""
    demand = facts.value(DEMAND, gateway) or 0.0
    return limit / demand if demand > 0 else 1.0


def _at_limit(analysis: Analysis, facts: Facts, gateway: str) -> Iterator[Surge]:
    scale = scale_to(analysis, facts, gateway, limit_of(analysis, gateway))
    changed = {} if scale <= 1 else analysis.demand_when(gateway, {gateway: scale})
    for name in analysis.behind(gateway):
        demand, capacity = changed.get(name, analysis.loads.demand.get(name, 0.0)), facts.value(CAPACITY, name)
        if not capacity or demand <= 0 or name == gateway:
            continue
        usual, working = facts.value(DEMAND, name) or 0.0, _working(analysis, facts, gateway, name, demand)
        queued = analysis.times.is_endless(name)
        yield Surge("limit", gateway, name, demand, capacity, usual, usual, working, queued=queued)


def _working(analysis: Analysis, facts: Facts, gateway: str, name: str, demand: float) -> Working:
    """Return a demand at a limit: the usual one times the limit over what usually arrives, where all of it follows."""
    usual, arriving = facts.get(DEMAND, name), facts.get(DEMAND, gateway)
    if usual is not None and arriving is not None and usual.value and arriving.value:
        limit = number(analysis.design.components[gateway], "limit", Dimension.RATE, f"limit of `{gateway}`")
        whole = quotient(Dimension.RATE, product(Dimension.RATE, known(usual), limit), known(arriving))
        if math.isclose(whole.value, demand, rel_tol=1e-9):
            return whole
    return found(demand, Dimension.RATE, f"the loads with `{gateway}` at its limit", alone=f"{show_rate(demand)}")
