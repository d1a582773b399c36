"""Slots: how long a request holds one, its calls included.

`concurrency` is the number of requests that one replica holds at once. A request holds its slot until it is answered,
unless the component says that a worker is free while it waits. What calls take is what their networks say: of another
flow another time, of a hanging dependency the time until it is given up.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from archboard.catalog.settings import FREE
from archboard.design.model import Component
from archboard.maths.percentiles.mean import mean_of
from archboard.maths.percentiles.spread import variance_of
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.network import Activity
from archboard.measures.flow.queue import concurrency_of
from archboard.measures.moment import Stay


def holds(component: Component) -> bool:
    """Whether a request holds one of so many slots of a component while it waits for the calls that it makes."""
    return concurrency_of(component) is not None and not component.flag(FREE)


def calls_of(
    name: str, per_flow: Mapping[str, Mapping[str, float]], activity: Callable[[str], Activity],
    graphs: Mapping[str, FlowGraph],
) -> Stay | None:  # fmt: skip
    """Return how long a component's calls take of each request that comes to it, None where it makes none.

    Over the flows in which it makes them, each by what it brings; a request that a cache answers makes no call.
    """
    if not any(graph.calls.get(name) for graph in graphs.values()):
        return None
    brought = ((per_flow.get(flow, {}).get(name, 0.0), flow) for flow in graphs)
    return _mixed([(rate, _stay(activity, graphs[flow], flow, name)) for rate, flow in brought])


def waited_for(name: str, graphs: Mapping[str, FlowGraph]) -> Mapping[str, None]:
    """Return what the calls of a component wait for: what it calls, and all that this waits for, the nearest first."""
    found: dict[str, None] = {}
    for graph in graphs.values():
        waiting = [arrow.head for stage in graph.calls.get(name, ()) for arrow in stage]
        while waiting:
            head = waiting.pop(0)
            if head not in found:
                found[head] = None
                waiting += [arrow.head for arrow in graph.waited_for(head)]
    return found


def _stay(activity: Callable[[str], Activity], graph: FlowGraph, flow: str, name: str) -> Stay | None:
    """Return what the calls of a component take of one request of a flow, None where it makes none there."""
    if not graph.calls.get(name):
        return None
    made = activity(flow)
    network = made.build.network(made.build.series(made.calls(name)))
    goes_on, mean = made.goes_on_admitted(name), mean_of(network, graph.guards.transforms)
    square = (variance_of(network) + mean**2) * goes_on
    return Stay(mean * goes_on, max(0.0, square - (mean * goes_on) ** 2))


def _mixed(stays: Sequence[tuple[float, Stay | None]]) -> Stay:
    """Return the stay over several flows, each with what it brings; where nothing comes, of the first that calls."""
    total = math.fsum(rate for rate, _ in stays)
    if total <= 0:
        return next(stay for _, stay in stays if stay is not None)
    known = [(rate / total, stay) for rate, stay in stays if stay is not None]
    mean = math.fsum(part * stay.mean for part, stay in known)
    square = math.fsum(part * (stay.variance + stay.mean**2) for part, stay in known)
    return Stay(mean, max(0.0, square - mean**2))
