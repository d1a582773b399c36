"""Capacity: what each component carries, how full it is, how much is in it, and what gives way first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Component
from archboard.facts import Fact, Facts
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.flow.percentiles import mean_stated
from archboard.measures.flow.queue import concurrency_of
from archboard.measures.flow.times import NEVER
from archboard.measures.metrics import (
    ADMITTED,
    CAPACITY,
    CAPACITY_RUNNING,
    DEMAND,
    IN_FLIGHT,
    LATENCY_MEAN,
    LIMITS_AT,
    LITTLE_CONCURRENCY,
    LITTLE_LIMIT,
    REPLICAS_NEEDED,
    SATURATES_AT,
    UTILISATION,
)
from archboard.measures.models.answers import saturation_term
from archboard.measures.models.inference import Inference
from archboard.measures.terms import assumed, found, known, number, replicas, stated
from archboard.units import Dimension, show_number
from archboard.working import (
    LARGEST,
    LEAST,
    LEFT,
    Calculation,
    Operator,
    Term,
    Unknown,
    Working,
    product,
    quotient,
    total,
)

ENDLESS = NEVER.mean() / 1_000_000
"""Seconds: calls that take as long do so because a part of them never ends."""
STAY = "mean stay (Little's law)"
UP = Operator("rounded up", lambda a: Load(a, 1.0).replicas(), lambda texts: f"{texts[0]}, rounded up", 0)
ENOUGH = Operator(
    "replicas", lambda rate, one, target: Load(rate, one).replicas(target),
    lambda texts: f"{texts[0]} ÷ ({texts[1]} × {texts[2]}), rounded up", 0, (2, 3),
)  # fmt: skip
ENOUGH_QUEUED = Operator(
    "replicas of a queue", lambda rate, one, target: Load(rate, one, queued=True).replicas(target), ENOUGH.write, 0,
    (2, 3),
)  # fmt: skip


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield capacity, utilisation, in-flight requests, replicas needed and saturation."""
    capacities: dict[str, Fact] = {}
    for name, component in analysis.design.components.items():
        capacity = capacity_of(analysis, component)
        demand = facts.get(DEMAND, name)
        if capacity is not None:
            capacities[name] = capacity
            yield capacity
            yield from _fullness(analysis, component, capacity, demand)
        yield from _little(analysis, component)
        if demand is not None and demand.value is not None:
            carried = math.inf if capacity is None else capacity.value or 0.0
            full = analysis.times.is_endless(name) and Load(demand.value, carried).full
            admitted = facts.get(ADMITTED, name) if analysis.times.is_bounded(name) else None
            yield from [_endless(name)] if full else _in_flight(analysis, name, admitted or demand)
    yield from _saturation(analysis, capacities)


def capacity_of(analysis: Analysis, component: Component) -> Fact | None:
    """Return what a component carries: replicas × throughput, or by Little's law from its concurrency."""
    name = component.name
    if component.flag("down"):
        return Fact(CAPACITY, name, stated(component, "down", 0.0, Dimension.RATE, alone=f"`{name}` is down"))
    throughput, by_slots = component.number("throughput"), _by_slots(analysis, component)
    if throughput is not None:
        each = number(component, "throughput", Dimension.RATE)
        stated_at = product(Dimension.RATE, most(analysis, component), each)
        calls = analysis.calls_held.get(name)
        if by_slots is None or calls is None or calls.mean <= 0:
            return Fact(CAPACITY, name, stated_at)
        return Fact(CAPACITY, name, Calculation(LEAST, (_part(stated_at), _part(by_slots)), Dimension.RATE))
    model = analysis.times.inferences.get(name)
    if model is not None and component.latency is None and model.generates:
        return _decoding(analysis, component, model)
    if by_slots is not None:
        return Fact(CAPACITY, name, by_slots)
    unknown = model is None or concurrency_of(component) is not None
    return None if model is None or unknown else _decoding(analysis, component, model)


def most(analysis: Analysis, component: Component) -> Term:
    """Return how many replicas a component may have at most: what ran before, where it has had no time to scale."""
    ran = analysis.moment.ran.get(component.name)
    return replicas(component) if ran is None else found(ran, Dimension.COUNT, "what the load before needed")


def _part(rate: Working) -> Term:
    """Return one of two rates of which the lesser counts."""
    return found(rate.value, Dimension.RATE, "", of=rate)


def _by_slots(analysis: Analysis, component: Component) -> Working | None:
    """Return what a component's slots carry: each is held for the service and for the calls that it waits for."""
    concurrency, own = concurrency_of(component), analysis.times.served(component).mean()
    calls, silent = analysis.calls_held.get(component.name), analysis.waits_for(component.name)
    if concurrency is None or own + (calls.mean if calls else 0.0) <= 0:
        return None
    if silent and calls is not None and calls.mean >= ENDLESS:
        told = f"no slot comes back while `{silent}` does not answer"
        return found(0.0, Dimension.RATE, "the network of its calls", alone=told)
    slots = product(Dimension.COUNT, most(analysis, component), _at_once(component, concurrency))
    if calls is None or calls.mean <= 0:
        return quotient(Dimension.RATE, slots, _mean(analysis, component, own))
    waited = found(calls.mean, Dimension.DURATION, "the network of its calls", "its calls")
    both = total(Dimension.DURATION, _mean(analysis, component, own), waited) if own > 0 else waited
    return quotient(Dimension.RATE, slots, both)


def _at_once(component: Component, concurrency: float) -> Term:
    return stated(component, "concurrency", concurrency, Dimension.COUNT, "at once")


def _mean(analysis: Analysis, component: Component, mean: float) -> Term:
    """Return the mean of a latency as it is stated, without what waits in front."""
    working = mean_stated(analysis, component)
    return found(mean, Dimension.DURATION, "", "mean latency", of=working)


def _little(analysis: Analysis, component: Component) -> Iterator[Fact]:
    """Yield what Little's law allows a replica whose throughput, concurrency and latency are all declared."""
    throughput, concurrency = component.number("throughput"), component.number("concurrency")
    mean = analysis.times.served(component).mean()
    if throughput is None or concurrency is None or component.latency is None or not 0 < mean < math.inf:
        return
    allowed = quotient(Dimension.RATE, _at_once(component, concurrency), _mean(analysis, component, mean))
    yield Fact(LITTLE_LIMIT, component.name, allowed)
    wanted = product(Dimension.COUNT, number(component, "throughput", Dimension.RATE), _mean(analysis, component, mean))
    yield Fact(LITTLE_CONCURRENCY, component.name, Calculation(UP, (wanted,), Dimension.COUNT))


def _decoding(analysis: Analysis, component: Component, model: Inference) -> Fact | None:
    """Return what a language model carries that states nothing: where it saturates, or its places over its times."""
    if model.slots is not None and model.latency is not None:
        places = product(Dimension.COUNT, most(analysis, component), model.batch_term())
        held = found(model.batch / model.slots, Dimension.DURATION, "the mean of its stated times", "mean answer")
        return Fact(CAPACITY, component.name, quotient(Dimension.RATE, places, held))
    if model.saturation is None:
        return None
    return Fact(CAPACITY, component.name, product(Dimension.RATE, most(analysis, component), saturation_term(model)))


def _fullness(analysis: Analysis, component: Component, carried: Fact, demand: Fact | None) -> Iterator[Fact]:
    """Yield how full a component is and how many replicas would do, where it carries anything."""
    if demand is None or demand.value is None or not carried.value:
        return
    name = component.name
    target = assumed(analysis.design.assumptions, "utilisation")
    count = most(analysis, component)
    share = quotient(Dimension.RATE, known(carried), count)
    one = found(share.value, Dimension.RATE, "", of=share)
    load = Load(demand.working.value or 0.0, carried.working.value or 0.0, analysis.times.is_endless(name))
    operator, needed = (ENOUGH_QUEUED if load.queued else ENOUGH), load.replicas(target.value, count.value)
    parts = (known(demand), one, target)
    enough = Fact(REPLICAS_NEEDED, name, Calculation(operator, parts, Dimension.COUNT, value=needed))
    runs = known(carried, "capacity")
    if component.replicas.low < component.replicas.high:
        many = running(component, enough, analysis.moment.ran.get(name))
        now = Fact(CAPACITY_RUNNING, name, product(Dimension.RATE, many, one))
        yield now
        runs = known(now, "capacity of what runs")
    yield Fact(UTILISATION, name, quotient(Dimension.FRACTION, known(demand, "demand"), runs))
    yield enough


def running(component: Component, needed: Fact | None, ran: float | None = None) -> Term:
    """Return how many replicas run: the stated number, or of a range what the demand needs, or has needed before."""
    low, high = component.replicas.low, component.replicas.high
    if ran is not None and low < high:
        return found(ran, Dimension.COUNT, "what the load before needed")
    if low == high:
        return stated(component, "replicas", high, Dimension.COUNT)
    least = stated(component, "replicas", low, Dimension.COUNT, "at least")
    if needed is None or needed.value is None:
        return least
    wanted = Calculation(LARGEST, (least, known(needed, "needed")), Dimension.COUNT)
    of = Calculation(LEAST, (wanted, stated(component, "replicas", high, Dimension.COUNT, "at most")), Dimension.COUNT)
    words, text = "what the demand needs, within the range", show_number(of.value)
    return found(of.value, Dimension.COUNT, "", words, of=of, text=text)


def _endless(name: str) -> Fact:
    """Return that the requests in a component grow without end: its latency is service time, and it is full."""
    return Fact(IN_FLIGHT, name, Unknown(f"`{name}` is full, and its queue has no end"))


def _in_flight(analysis: Analysis, name: str, demand: Fact) -> Iterator[Fact]:
    """Yield Little's law for the whole stay in a component, its calls included."""
    component, graphs = analysis.design.components[name], analysis.graphs.values()
    if component.kind.starts or all(name not in graph.joins for graph in graphs):
        return
    own, made = analysis.times.of(component).mean(), analysis.calls_of(name)
    calls = made.mean if made is not None else 0.0
    if own + calls > 0:
        stay = Term(own, Dimension.DURATION, fact=(LATENCY_MEAN.name, name))
        both = (stay, found(calls, Dimension.DURATION, "the network of its calls")) if calls > 0 else (stay,)
        mean = found(own + calls, Dimension.DURATION, "", STAY, of=total(Dimension.DURATION, *both))
        yield Fact(IN_FLIGHT, name, product(Dimension.COUNT, known(demand), mean))


def _saturation(analysis: Analysis, capacities: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield the client rate at which each component is full and each limit reached; none where retries grow with it."""
    unlimited = analysis.unlimited
    clients = math.fsum(math.fsum(analysis.weights(flow).values()) for flow in analysis.design.flows)
    carriers = [(SATURATES_AT, name, known(capacity, "capacity")) for name, capacity in capacities.items()]
    limiting = (component for component in analysis.design.components.values() if component.number("limit") is not None)
    carriers += [(LIMITS_AT, one.name, number(one, "limit", Dimension.RATE, "limit")) for one in limiting]
    bent = bending(analysis)
    for metric, name, most_carried in carriers:
        if name in analysis.unknown or name in bent or name in analysis.caught:
            continue
        moving = math.fsum(unlimited.following(flow.name, name) for flow in analysis.design.flows)
        if moving > 0 and clients > 0:
            room = left_over(most_carried, unlimited.still(name))
            yield Fact(metric, name, quotient(Dimension.RATE, room, visits_of(moving / clients)))


def bending(analysis: Analysis) -> frozenset[str]:
    """Return what is not full at a rate that a straight line tells.

    Its demand grows faster than the load, or it holds slots for what answers later the more there is to do.
    """
    stuck, serves = analysis.moment.stuck, analysis.times.serves
    held = analysis.held_for.items()
    return analysis.coupled.union(n for n, heads in held if any(serves(head) or head in stuck for head in heads))


def visits_of(count: float) -> Term:
    """Return how often a request visits a component."""
    text = f"{show_number(count)} visit{'' if show_number(count) == '1' else 's'} a request"
    return found(count, Dimension.COUNT, "the loads without limits", text=text)


def left_over(capacity: Term, others: float) -> Working:
    """Return what a capacity leaves beside a rate that does not follow the one in question; 0 where that is more."""
    if others <= 0:
        return capacity
    beside = found(others, Dimension.RATE, "what sends a rate of its own", "that do not follow")
    return Calculation(LEFT, (capacity, beside), Dimension.RATE)
