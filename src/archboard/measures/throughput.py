"""Throughput: the highest rate of a flow's clients that exceeds no capacity and no limit, all other flows as they are.

Demand follows the clients in a straight line, unless load makes latency and latency makes retries: then the rate is
found by settling the design again at other rates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.design.model import Flow
from archboard.facts import Fact, Facts
from archboard.measures.metrics import CAPACITY, THROUGHPUT
from archboard.measures.settling import settled
from archboard.measures.study import TOLERANCE, Study
from archboard.measures.variants import with_rate_times
from archboard.units import show_number, show_rate

_HALVINGS = 11
"""Of the rate that a straight line promises: a two-thousandth of it is left open."""


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield the highest rate of each flow that clients start."""
    for flow in study.design.flows:
        rate = math.fsum(study.weights(flow).values())
        if rate <= 0:
            continue
        straight, why = _straight(study, facts, flow, rate)
        if study.coupled.isdisjoint(study.loads.per_flow.get(flow.name, {})) or not math.isfinite(straight):
            yield Fact(THROUGHPUT, flow.name, straight, why)
        else:
            highest, gives = _settled(study, facts, flow, straight / rate)
            yield Fact(THROUGHPUT, flow.name, highest * rate, gives or why)


def _straight(study: Study, facts: Facts, flow: Flow, rate: float) -> tuple[float, str]:
    """Return the rate at which the first component of a flow is full, and which one that is."""
    best, why = math.inf, "nothing on the flow has a capacity or a limit"
    for name, own in study.unlimited.per_flow.get(flow.name, {}).items():
        others = study.unlimited.demand.get(name, 0.0) - own
        limits = (facts.value(CAPACITY, name), "capacity"), (study.design.components[name].number("limit"), "limit")
        for limit, what in limits:
            if limit is None or own <= 0:
                continue
            highest = max(0.0, limit - others) / own * rate
            if highest < best:
                visits = "" if abs(own / rate - 1) < 1e-9 else f" ÷ {show_number(own / rate)} visits a request"
                best, why = highest, f"{what} of `{name}`, {show_rate(limit)}{visits}"
    return best, why


def _settled(study: Study, facts: Facts, flow: Flow, most: float) -> tuple[float, str]:
    """Return how many times its rate a flow carries, at most `most` times, and what gives above that."""
    low, high, gives = 0.0, most, _broken(study, facts, flow, most)
    if not gives:
        return most, ""
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        broken = _broken(study, facts, flow, middle)
        low, high, gives = (low, middle, broken) if broken else (middle, high, gives)
    return low, gives


def _broken(study: Study, facts: Facts, flow: Flow, times: float) -> str:
    """Return what is past its capacity or limit when a flow sends so many times its rate, "" where nothing is."""
    tried = settled(with_rate_times(study.design, flow, times), study.transforms)
    for name in tried.storms:
        return f"above that the retries to `{name}` feed themselves"
    for name in tried.loads.per_flow.get(flow.name, {}):
        demand = tried.unlimited.demand.get(name, 0.0)
        for limit in (facts.value(CAPACITY, name), study.design.components[name].number("limit")):
            if limit is not None and demand > limit * (1 + TOLERANCE):
                return f"above that `{name}` gets more than {show_rate(limit)}, retries included"
    return ""
