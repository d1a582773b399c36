"""Capacity: what each component carries, how full it is, how much is in it, and what gives way first."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.design.model import Component
from archboard.facts import Fact, Facts
from archboard.maths.mean import mean_of
from archboard.maths.queues import replicas_needed
from archboard.measures.metrics import (
    CAPACITY,
    DEMAND,
    IN_FLIGHT,
    LITTLE_CONCURRENCY,
    LITTLE_LIMIT,
    REPLICAS_NEEDED,
    SATURATES_AT,
    UTILISATION,
)
from archboard.measures.study import Study
from archboard.measures.waiting import concurrency_of
from archboard.units import show_duration, show_fraction, show_number, show_rate


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield capacity, utilisation, in-flight requests, replicas needed and saturation."""
    capacities: dict[str, float] = {}
    for name, component in study.design.components.items():
        capacity = capacity_of(study, component)
        demand = facts.value(DEMAND, name)
        if capacity is not None:
            capacities[name] = capacity.value or 0.0
            yield capacity
            yield from _fullness(study, component, capacities[name], demand)
        yield from _little(study, component)
        if demand is not None:
            yield from _in_flight(study, name, demand)
    yield from _saturation(study, capacities)


def capacity_of(study: Study, component: Component) -> Fact | None:
    """Return what a component carries: replicas × throughput, or by Little's law from its concurrency."""
    if component.flag("down"):
        return Fact(CAPACITY, component.name, 0.0, f"`{component.name}` is down")
    replicas, throughput = component.replicas.high, component.number("throughput")
    if throughput is not None:
        working = f"{show_number(replicas)} × {show_rate(throughput)}"
        return Fact(CAPACITY, component.name, replicas * throughput, working)
    concurrency = concurrency_of(component)
    mean = study.times.served(component).mean()
    if concurrency is None:
        return _decoding(study, component)
    if mean <= 0:
        return None
    working = f"{show_number(replicas)} × {show_number(concurrency)} at once ÷ {show_duration(mean)} mean latency"
    return Fact(CAPACITY, component.name, replicas * concurrency / mean, working)


def _little(study: Study, component: Component) -> Iterator[Fact]:
    """Yield what Little's law allows a replica whose throughput, concurrency and latency are all declared."""
    throughput, concurrency = component.number("throughput"), component.number("concurrency")
    mean = study.times.served(component).mean()
    if throughput is None or concurrency is None or not 0 < mean < math.inf:
        return
    working = f"{show_number(concurrency)} at once ÷ {show_duration(mean)} mean latency"
    yield Fact(LITTLE_LIMIT, component.name, concurrency / mean, working)
    needed = math.ceil(throughput * mean * (1 - 1e-9))
    working = f"{show_rate(throughput)} × {show_duration(mean)} mean latency, rounded up"
    yield Fact(LITTLE_CONCURRENCY, component.name, float(needed), working)


def _decoding(study: Study, component: Component) -> Fact | None:
    """Return what a language model carries that states nothing: the tokens it writes over those of an answer."""
    model = study.times.inferences.get(component.name)
    output = component.number("output_tokens")
    if model is None or model.decode_rate is None or not output:
        return None
    replicas, rate = component.replicas.high, model.decode_rate
    working = f"{show_number(replicas)} × {show_number(rate)} tokens/s ÷ {show_number(output)} output tokens"
    return Fact(CAPACITY, component.name, replicas * rate / output, working)


def _fullness(study: Study, component: Component, capacity: float, demand: float | None) -> Iterator[Fact]:
    if demand is None:
        return
    name = component.name
    if capacity > 0:
        working = f"{show_rate(demand)} demand ÷ {show_rate(capacity)} capacity"
        yield Fact(UTILISATION, name, demand / capacity, working)
        target = study.design.assumptions.utilisation
        one = capacity / component.replicas.high
        needed = replicas_needed(demand, one, target)
        working = f"{show_rate(demand)} ÷ ({show_rate(one)} × {show_fraction(target)}), rounded up"
        yield Fact(REPLICAS_NEEDED, name, float(needed), working)


def _in_flight(study: Study, name: str, demand: float) -> Iterator[Fact]:
    """Yield Little's law for the whole stay in a component, its calls included."""
    for flow, graph in study.graphs.items():
        if name not in graph.joins or study.design.components[name].kind.name in ("client", "job"):
            continue
        mean = study.times.of(study.design.components[name]).mean()
        if graph.calls.get(name):
            activity = study.activity(flow)
            mean += mean_of(activity.build.network(activity.build.series(activity.calls(name))), study.transforms)
        if mean > 0:
            working = f"{show_rate(demand)} × {show_duration(mean)} mean stay (Little's law)"
            yield Fact(IN_FLIGHT, name, demand * mean, working)
        return


def _saturation(study: Study, capacities: dict[str, float]) -> Iterator[Fact]:
    """Yield the client rate at which each component is full; none where retries grow with the load."""
    loads = study.loads
    unlimited = study.unlimited
    clients = math.fsum(math.fsum(study.weights(flow).values()) for flow in study.design.flows)
    for name, capacity in capacities.items():
        if name in study.unknown or name in study.coupled:
            continue
        fixed = loads.fixed.get(name, 0.0)
        moving = unlimited.demand.get(name, 0.0) - fixed
        if moving > 0 and clients > 0:
            rate = max(0.0, capacity - fixed) / moving * clients
            visits = show_number(moving / clients)
            working = f"{show_rate(capacity)} capacity ÷ {visits} visit{'' if visits == '1' else 's'} a request"
            yield Fact(SATURATES_AT, name, rate, working)
