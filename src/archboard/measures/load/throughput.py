"""Throughput: the highest rate of a flow's clients that exceeds no capacity and no limit, all other flows as they are.

Demand follows the clients in a straight line, unless load makes latency and latency makes retries: then the rate is
found by settling the design again at other rates.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.design.model import Flow
from archboard.facts import Fact, Facts
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_rate_times
from archboard.measures.load.capacity import bending, visits_of
from archboard.measures.load.demand import no_rate
from archboard.measures.load.fixed_point import capacity_at, settled
from archboard.measures.metrics import CAPACITY, THROUGHPUT
from archboard.measures.terms import found, known, number
from archboard.records import replace
from archboard.units import Dimension, show_rate
from archboard.verdicts import Why
from archboard.working import LEFT, Calculation, Term, Unknown, Working, quotient

LITTLE = 5e-4
"""A part of a rate that is not worth a word, nor another try."""
_DOUBLINGS = 12
_CLIMB, _PATIENCE = 60, 120
"""Rounds of one trial, and those of all after which what has been found to be carried will do."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield the highest rate of each flow that clients start."""
    bent, mixing = bending(analysis), _mixing(analysis)
    for flow in analysis.design.flows:
        rate = math.fsum(analysis.weights(flow).values())
        if rate <= 0:
            continue
        endless = next((analysis.unknown[name] for name in analysis.loads.per_flow.get(flow.name, ())
                        if name in analysis.unknown and analysis.unknown[name].why is Why.CIRCLE), None)  # fmt: skip
        if endless is not None:
            yield Fact(THROUGHPUT, flow.name, Unknown(no_rate(endless)))
            continue
        straight = _straight(analysis, facts, flow, rate)
        highest, gives = 0.0, ""
        passed = analysis.loads.per_flow.get(flow.name, {}).keys()
        if math.isfinite(straight.value) and passed & (bent | mixing):
            highest, gives = _settled(analysis, flow, straight.value / rate, bool(passed & mixing))
        by = "settling the design at other rates"
        settled_at = found(highest * rate, Dimension.RATE, by, alone=gives, assumption="settled")
        yield Fact(THROUGHPUT, flow.name, settled_at if gives else straight)


def _mixing(analysis: Analysis) -> frozenset[str]:
    """Return what holds slots for several flows: how long on average depends on what each of them brings."""
    flows = analysis.loads.per_flow.values()
    return frozenset(name for name in analysis.calls_held if sum(name in brought for brought in flows) > 1)


def _straight(analysis: Analysis, facts: Facts, flow: Flow, rate: float) -> Working:
    """Return the rate at which the first component of a flow is full, and which one that is."""
    none = "nothing on the flow has a capacity or a limit"
    best: Working = found(math.inf, Dimension.RATE, "no capacity", alone=none)
    for name, whole in analysis.unlimited.per_flow.get(flow.name, {}).items():
        own = analysis.unlimited.following(flow.name, name)
        if own <= whole * 1e-12:
            continue
        others = max(0.0, analysis.loads.demand.get(name, 0.0) - analysis.loads.following(flow.name, name))
        component, capacity = analysis.design.components[name], facts.get(CAPACITY, name)
        most: list[tuple[Term, str]] = []
        spared = name in analysis.caught or analysis.waits_for(name) in analysis.unlimited.per_flow.get(flow.name, {})
        if capacity is not None and capacity.value is not None and not spared:
            most.append((known(capacity), f"capacity of `{name}`"))
        if component.number("limit") is not None:
            most.append((number(component, "limit", Dimension.RATE), f"limit of `{name}`"))
        for limit, what in most:
            limit = replace(limit, words=f"({what})", alone=f"{what}, {limit.shown}")
            highest = _carried(analysis, limit, own / rate, others)
            if highest.value < best.value:
                best = highest
    return best


def _carried(analysis: Analysis, limit: Term, visits: float, others: float) -> Working:
    """Return the rate of a flow at which a limit is reached, with so many visits a request, beside other flows."""
    room: Working = limit
    if others > limit.value * 1e-12:
        beside = found(others, Dimension.RATE, "the loads of all else", "that others send")
        beside = replace(beside, hidden=others < LITTLE * limit.value)
        room = Calculation(LEFT, (limit, beside), Dimension.RATE)
    if abs(visits - 1) < 1e-9:
        return room
    return quotient(Dimension.RATE, room, visits_of(visits))


def _settled(analysis: Analysis, flow: Flow, most: float, mixing: bool) -> tuple[float, str]:
    """Return how many times its rate a flow carries, and what gives above that.

    A straight line says `most` times; only where a pool then holds more of what it holds shortly may it be more. Close
    to where retries feed themselves a load settles slowly: then it is what has been found to be carried so far.
    """
    low, high, gives, before = 0.0, most, _broken(analysis, flow, most), analysis.transforms.rounds
    for _ in range(_DOUBLINGS if mixing else 0):
        if gives:
            break
        low, high = high, 2 * high
        gives = _broken(analysis, flow, high)
    if not gives:
        return most, ""
    while high - low > LITTLE * high > LITTLE**2 * most:
        if low and analysis.transforms.rounds - before > _PATIENCE:
            break
        middle = (low + high) / 2
        broken = _broken(analysis, flow, middle)
        low, high, gives = (low, middle, broken) if broken else (middle, high, gives)
    return low, gives


def _broken(analysis: Analysis, flow: Flow, times: float) -> str:
    """Return what is past its capacity or limit when a flow sends so many times its rate, "" where nothing is."""
    tried = settled(with_rate_times(analysis.design, flow, times), analysis.transforms, rounds=_CLIMB)
    for name in tried.storms:
        return f"above that the retries to `{name}` feed themselves"
    passed = [name for name in tried.loads.per_flow.get(flow.name, {}) if name not in tried.caught]
    demands, waiting = tried.unlimited.demand, {name: tried.waits_for(name) for name in passed}
    for name in sorted(passed, key=lambda name: bool(waiting[name])):  # what is full itself before who waits for it
        for limit in (capacity_at(tried, name), analysis.design.components[name].number("limit")):
            if limit is not None and Load(demands.get(name, 0.0), limit).over:
                if waiting[name]:
                    return f"above that `{name}` fills while it waits for `{waiting[name]}`"
                more = ", retries included" if name in analysis.coupled else ""
                return f"above that `{name}` gets more than {show_rate(limit)}{more}"
    return ""
