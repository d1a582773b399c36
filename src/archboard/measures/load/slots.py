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
from archboard.maths.percentiles.spread import Moments
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.network import Activity
from archboard.measures.flow.queue import concurrency_of
from archboard.measures.moment import Stay


def holds(component: Component) -> bool:
    """Whether a request holds one of so many slots of a component while it waits for the calls that it makes."""
    return concurrency_of(component) is not None and not component.flag(FREE)


class Calls:
    """How long the calls of each component take, over the networks of the flows in which it makes them."""

    def __init__(self, activity: Callable[[str], Activity], graphs: Mapping[str, FlowGraph]) -> None:
        self.activity = activity
        self.graphs = graphs
        self._made: dict[str, tuple[Activity, Moments]] = {}
        self._known: dict[str, Stay] = {}

    def of(self, name: str, per_flow: Mapping[str, Mapping[str, float]]) -> Stay | None:
        """Return how long a component's calls take of each request that comes to it, None where it makes none.

        Over the flows in which it makes them, each by what it brings; a request that a cache answers makes no call.
        """
        if not any(graph.calls.get(name) for graph in self.graphs.values()):
            return None
        if name not in self._known:
            brought = ((per_flow.get(flow, {}).get(name, 0.0), flow) for flow in self.graphs)
            self._known[name] = _mixed([(rate, self._stay(flow, name)) for rate, flow in brought])
        return self._known[name]

    def _stay(self, flow: str, name: str) -> Stay | None:
        """Return what the calls of a component take of one request of a flow, None where it makes none there."""
        graph = self.graphs[flow]
        if not graph.calls.get(name):
            return None
        if flow not in self._made:
            made = self.activity(flow)
            self._made[flow] = made, Moments(made.build.nodes)
        made, moments = self._made[flow]
        root = made.build.series(made.calls(name))
        mean, variance = moments.of(root)
        if not moments.plain(root):
            mean = mean_of(made.build.network(root), graph.guards.transforms)
        goes_on = made.goes_on_admitted(name)
        square = (variance + mean**2) * goes_on
        return Stay(mean * goes_on, max(0.0, square - (mean * goes_on) ** 2))


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


def _mixed(stays: Sequence[tuple[float, Stay | None]]) -> Stay:
    """Return the stay over several flows, each with what it brings; where nothing comes, of the first that calls."""
    total = math.fsum(rate for rate, _ in stays)
    if total <= 0:
        return next(stay for _, stay in stays if stay is not None)
    known = [(rate / total, stay) for rate, stay in stays if stay is not None]
    mean = math.fsum(part * stay.mean for part, stay in known)
    square = math.fsum(part * (stay.variance + stay.mean**2) for part, stay in known)
    return Stay(mean, max(0.0, square - mean**2))
