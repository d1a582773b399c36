"""Capacity: what each component carries, how full it is, how much is in it, and what gives way first."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Component
from archboard.facts import Fact, Facts
from archboard.load import Load
from archboard.maths.percentiles.mean import mean_of
from archboard.measures.analysis import Analysis
from archboard.measures.flow.percentiles import mean_stated
from archboard.measures.flow.queue import concurrency_of
from archboard.measures.metrics import (
    CAPACITY,
    DEMAND,
    IN_FLIGHT,
    LATENCY_MEAN,
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
from archboard.working import LEFT, Calculation, Operator, Term, Unknown, Working, product, quotient, total

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
            full = analysis.times.serves(name) and Load(demand.value, carried).full
            yield from [_endless(name)] if full else _in_flight(analysis, name, demand)
    yield from _saturation(analysis, capacities)


def capacity_of(analysis: Analysis, component: Component) -> Fact | None:
    """Return what a component carries: replicas × throughput, or by Little's law from its concurrency."""
    name = component.name
    if component.flag("down"):
        return Fact(CAPACITY, name, stated(component, "down", 0.0, Dimension.RATE, alone=f"`{name}` is down"))
    throughput = component.number("throughput")
    if throughput is not None:
        each = number(component, "throughput", Dimension.RATE)
        return Fact(CAPACITY, name, product(Dimension.RATE, replicas(component), each))
    model = analysis.times.inferences.get(name)
    if model is not None and component.latency is None and model.generates:
        return _decoding(component, model)
    concurrency = concurrency_of(component)
    if concurrency is None:
        return None if model is None else _decoding(component, model)
    mean = analysis.times.served(component).mean()
    if mean <= 0:
        return None
    slots = product(Dimension.COUNT, replicas(component), _at_once(component, concurrency))
    return Fact(CAPACITY, name, quotient(Dimension.RATE, slots, _mean(analysis, component, mean)))


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


def _decoding(component: Component, model: Inference) -> Fact | None:
    """Return what a language model carries that states nothing: where it saturates, or its places over its times."""
    if model.slots is not None and model.latency is not None:
        places = product(Dimension.COUNT, replicas(component), model.batch_term())
        held = found(model.batch / model.slots, Dimension.DURATION, "the mean of its stated times", "mean answer")
        return Fact(CAPACITY, component.name, quotient(Dimension.RATE, places, held))
    if model.saturation is None:
        return None
    return Fact(CAPACITY, component.name, product(Dimension.RATE, replicas(component), saturation_term(model)))


def _fullness(analysis: Analysis, component: Component, carried: Fact, demand: Fact | None) -> Iterator[Fact]:
    """Yield how full a component is and how many replicas would do, where it carries anything."""
    if demand is None or demand.value is None or not carried.value:
        return
    name = component.name
    yield Fact(UTILISATION, name, quotient(Dimension.FRACTION, known(demand, "demand"), known(carried, "capacity")))
    target = assumed(analysis.design.assumptions.utilisation, Dimension.FRACTION, "the target of utilisation")
    share = quotient(Dimension.RATE, known(carried), replicas(component))
    one = found(share.value, Dimension.RATE, "", of=share)
    load = Load(demand.working.value or 0.0, carried.working.value or 0.0, analysis.times.serves(name))
    operator, needed = (ENOUGH_QUEUED if load.queued else ENOUGH), load.replicas(target.value, component.replicas.high)
    parts = (known(demand), one, target)
    yield Fact(REPLICAS_NEEDED, name, Calculation(operator, parts, Dimension.COUNT, value=needed))


def _endless(name: str) -> Fact:
    """Return that the requests in a component grow without end: its latency is service time, and it is full."""
    return Fact(IN_FLIGHT, name, Unknown(f"`{name}` is full, and its queue has no end"))


def _in_flight(analysis: Analysis, name: str, demand: Fact) -> Iterator[Fact]:
    """Yield Little's law for the whole stay in a component, its calls included."""
    for flow, graph in analysis.graphs.items():
        if name not in graph.joins or analysis.design.components[name].kind.starts:
            continue
        own = analysis.times.of(analysis.design.components[name]).mean()
        calls = 0.0
        if graph.calls.get(name):
            activity = analysis.activity(flow)
            calls = mean_of(activity.build.network(activity.build.series(activity.calls(name))), analysis.transforms)
        if own + calls > 0:
            stay = Term(own, Dimension.DURATION, fact=(LATENCY_MEAN.name, name))
            both = (stay, found(calls, Dimension.DURATION, "the network of its calls")) if calls > 0 else (stay,)
            mean = found(own + calls, Dimension.DURATION, "", STAY, of=total(Dimension.DURATION, *both))
            yield Fact(IN_FLIGHT, name, product(Dimension.COUNT, known(demand), mean))
        return


def _saturation(analysis: Analysis, capacities: Mapping[str, Fact]) -> Iterator[Fact]:
    """Yield the client rate at which each component is full; none where retries grow with the load."""
    loads = analysis.loads
    unlimited = analysis.unlimited
    clients = math.fsum(math.fsum(analysis.weights(flow).values()) for flow in analysis.design.flows)
    for name, capacity in capacities.items():
        if name in analysis.unknown or name in analysis.coupled:
            continue
        fixed = loads.fixed.get(name, 0.0)
        moving = unlimited.demand.get(name, 0.0) - fixed
        if moving > 0 and clients > 0:
            visits = visits_of(moving / clients)
            yield Fact(SATURATES_AT, name, quotient(Dimension.RATE, left_over(capacity, fixed), visits))


def visits_of(count: float) -> Term:
    """Return how often a request visits a component."""
    text = f"{show_number(count)} visit{'' if show_number(count) == '1' else 's'} a request"
    return found(count, Dimension.COUNT, "the loads without limits", text=text)


def left_over(capacity: Fact, others: float, words: str = "capacity") -> Working:
    """Return what a capacity leaves beside a rate that does not follow the one in question; 0 where that is more."""
    if others <= 0:
        return known(capacity, words)
    beside = found(others, Dimension.RATE, "the arrows with a rate of their own", "that do not follow")
    return Calculation(LEFT, (known(capacity, words), beside), Dimension.RATE)
