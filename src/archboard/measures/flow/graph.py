"""One flow as a graph: what leaves a component, in which order, and where parallel ways meet again."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from heapq import heappop, heappush

from archboard.design.model import Arrow, ArrowKind, Design, Flow
from archboard.maths.distributions.distribution import Distribution
from archboard.measures.flow.guards import Guards, is_guarded
from archboard.measures.flow.times import Times
from archboard.measures.load.refusals import refused, relieved
from archboard.records import field, record

Ways = tuple[tuple[float, tuple[Arrow, ...]], ...]
"""Alternatives out of a component: how likely each, and the arrows that are then taken in parallel."""


@record(frozen=False)
class FlowGraph:
    """What a flow's arrows say, looked up by component; order is topological over requests and calls."""

    design: Design
    flow: Flow
    times: Times
    guards: Guards
    ways: dict[str, Ways] = field(default_factory=dict)
    calls: dict[str, tuple[tuple[Arrow, ...], ...]] = field(default_factory=dict)
    asyncs: dict[str, list[Arrow]] = field(default_factory=dict)
    arrows: dict[str, Arrow] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    place: dict[str, int] = field(default_factory=dict)
    joins: dict[str, str | None] = field(default_factory=dict)
    guards_into: frozenset[str] = frozenset()
    """The components that a guarded request leads to."""
    errors: Mapping[str, float] = field(default_factory=dict)
    """The chance that a visit of a component brings an error, of those that have any."""
    catching: Mapping[str, Arrow] = field(default_factory=dict)
    """The failure arrow by which an error of a component is answered, its own or of what it calls."""
    relief: Mapping[str, float] = field(default_factory=dict)
    """The share of what the full queue of a component refuses that something answers on overload."""
    bounded: tuple[str, ...] = ()
    """The components of which the queue has an end."""
    hears: bool = False
    """Whether anybody tries again, or answers in another's place, or a breaker opens where attempts bring no answer."""
    asking: frozenset[str] = frozenset()
    """What fails at this moment because what it asks is down, and asks it all the same."""

    @classmethod
    def of(cls, design: Design, flow: Flow, times: Times, guards: Guards) -> FlowGraph:
        """Index a flow's arrows; asyncs that would close a circle are left out, they feed nothing back."""
        graph = cls(design, flow, times, guards)
        requests: dict[str, list[Arrow]] = {}
        calls: dict[str, dict[int, list[Arrow]]] = {}
        for arrow in flow.arrows:
            graph.arrows[arrow.id] = arrow
            if arrow.kind is ArrowKind.REQUEST:
                requests.setdefault(arrow.tail, []).append(arrow)
            elif arrow.kind is ArrowKind.CALL:
                calls.setdefault(arrow.tail, {}).setdefault(arrow.fork, []).append(arrow)
            else:
                graph.asyncs.setdefault(arrow.tail, []).append(arrow)
        entered = (arrow.head for arrows in requests.values() for arrow in arrows if is_guarded(arrow))
        graph.guards_into = frozenset(entered)
        graph.ways = {name: ways_of(arrows) for name, arrows in requests.items()}
        graph.calls = {name: tuple(tuple(stage) for stage in stages.values()) for name, stages in calls.items()}
        graph.errors = {n: e for n, component in design.components.items() if (e := component.number("errors"))}
        for arrow in flow.failures:
            if arrow.condition is not None and arrow.condition.kind == "error" and arrow.tail != arrow.head:
                graph.catching = {arrow.tail: arrow, **graph.catching}
        graph.relief = relieved(design, flow.failures)
        graph.bounded = tuple(name for name in design.components if times.is_bounded(name))
        breakers = any(arrow.condition is not None and arrow.condition.share is not None for arrow in flow.failures)
        graph.hears = bool(graph.catching) or breakers or any(arrow.waits for arrow in flow.arrows)
        graph.order = _topological(graph)
        graph.place = {name: index for index, name in enumerate(graph.order)}
        graph.joins = _joins(graph)
        return graph

    def time_of(self, component: str) -> Distribution:
        """Return how long a component takes."""
        return self.times.of(self.design.components[component])

    def time_on(self, arrow: Arrow) -> Distribution:
        """Return how long a hop takes."""
        return self.times.of(arrow)

    def onward(self, name: str, first: bool = False) -> Iterable[tuple[Arrow, float]]:
        """Yield each arrow out of a component with the rate it takes of every arrival; the `first` has no hits."""
        component = self.design.components[name]
        hit = 0.0 if first else component.number("hit") or 0.0
        for share, arrows in self.ways.get(name, ()):
            for arrow in arrows:
                yield arrow, share * (1 - hit) * copies_of(arrow) * self.guards.passes(arrow)
        for stage in self.calls.get(name, ()):
            for arrow in stage:
                share = 1.0 if arrow.share is None else arrow.share
                yield arrow, share * (1 - hit) * copies_of(arrow) * self.guards.passes(arrow)
        for arrow in self.asyncs.get(name, ()):
            if arrow.number_of("rate") is None and not first:
                share = 1.0 if arrow.share is None else arrow.share
                yield arrow, share * copies_of(arrow)

    @property
    def may_err(self) -> bool:
        """Whether anything may bring an error, or turn a request away."""
        return bool(self.errors) or any(refused(self.times, name) > 0 for name in self.bounded)

    @property
    def starts(self) -> tuple[str, ...]:
        """The clients that start it, or where there are none whatever else does."""
        clients = tuple(name for name in self.flow.starts if self.design.components[name].kind.asks)
        return clients or self.flow.starts

    def waited_for(self, name: str) -> Iterable[Arrow]:
        """Yield the requests and calls out of a component."""
        for _, arrows in self.ways.get(name, ()):
            yield from arrows
        for stage in self.calls.get(name, ()):
            yield from stage

    def led_to(self, names: Iterable[str]) -> set[str]:
        """Return the components that requests and calls out of some reach, themselves included."""
        waiting = list(names)
        found = set(waiting)
        while waiting:
            for arrow in self.waited_for(waiting.pop()):
                if arrow.head not in found:
                    found.add(arrow.head)
                    waiting.append(arrow.head)
        return found

    def reachable(self, name: str, stop: str | None) -> set[str]:
        """Return the components that requests out of one reach before another, itself included; copies go apart."""
        found, waiting = {name}, [name]
        while waiting:
            for _, arrows in self.ways.get(waiting.pop(), ()):
                for arrow in arrows:
                    if arrow.head != stop and arrow.head not in found and copies_of(arrow) == 1:
                        found.add(arrow.head)
                        waiting.append(arrow.head)
        return found


def copies_of(arrow: Arrow) -> int:
    """Return how many copies of each request an arrow carries at once."""
    return int(arrow.number_of("fanout") or 1)


def ways_of(arrows: Iterable[Arrow]) -> Ways:
    """Return what happens after a component: all arrows at once, or alternatives where any has a share.

    Shares that do not add up have been told (AB302); what remains is scaled to one.
    """
    forks: dict[int, list[Arrow]] = {}
    together: list[Arrow] = []
    for arrow in arrows:
        together.append(arrow)
        forks.setdefault(arrow.fork, []).append(arrow)
    if all(arrow.share is None for arrow in together):
        return ((1.0, tuple(together)),)
    stated = math.fsum(stage[0].share or 0.0 for stage in forks.values())
    unstated = [stage for stage in forks.values() if stage[0].share is None]
    rest = max(0.0, 1.0 - stated) / len(unstated) if unstated else 0.0
    shares = [(stage[0].share if stage[0].share is not None else rest, tuple(stage)) for stage in forks.values()]
    total = math.fsum(share for share, _ in shares)
    if total <= 0:
        return tuple((1.0 / len(shares), stage) for _, stage in shares)
    return tuple((share / total, stage) for share, stage in shares if share > 0)


def _topological(graph: FlowGraph) -> tuple[str, ...]:
    """Order all components of the flow, tails before heads (Kahn 1962).

    Requests and calls form no circle. Where asyncs would close one, those into the component that nothing else
    holds up are dropped: they feed nothing back. Those with a rate of their own go no further, and close none.
    """
    names: dict[str, int] = {}
    outgoing: dict[str, list[Arrow]] = {}
    waited: dict[str, int] = {}
    held: dict[str, int] = {}
    for arrow in graph.flow.arrows:
        for name in (arrow.tail, arrow.head):
            names.setdefault(name, len(names))
        if arrow.kind is ArrowKind.ASYNC and arrow.number_of("rate") is not None:
            continue
        outgoing.setdefault(arrow.tail, []).append(arrow)
        counts = held if arrow.kind is ArrowKind.ASYNC else waited
        counts[arrow.head] = counts.get(arrow.head, 0) + 1
    free = [(at, name) for name, at in names.items() if not waited.get(name)]
    ready = [(at, name) for at, name in free if not held.get(name)]
    done: dict[str, None] = {}
    while len(done) < len(names):
        name = heappop(ready or free)[1]
        if name in done:
            continue
        done[name] = None
        for arrow in outgoing.get(name, ()):
            counts = held if arrow.kind is ArrowKind.ASYNC else waited
            counts[arrow.head] -= 1
            if arrow.head in done:
                graph.asyncs[name].remove(arrow)
            elif not waited.get(arrow.head):
                heappush(ready if not held.get(arrow.head) else free, (names[arrow.head], arrow.head))
    return tuple(done)


def _joins(graph: FlowGraph) -> dict[str, str | None]:
    """Return for each component where all ways out of it meet again, None where they never do.

    The immediate post-dominator over requests (Cooper, Harvey, Kennedy 2001); a cache's hit is no way on.
    """
    depth: dict[str | None, int] = {None: 0}
    parent: dict[str | None, str | None] = {}
    for name in reversed(graph.order):
        meeting: str | None = None
        first = True
        for _, arrows in graph.ways.get(name, ()):
            for arrow in arrows:
                meeting, first = (arrow.head, False) if first else (_meet(meeting, arrow.head, parent, depth), False)
        parent[name] = meeting
        depth[name] = depth[meeting] + 1
    return {name: parent[name] for name in graph.order}


def _meet(
    one: str | None, other: str | None, parent: dict[str | None, str | None], depth: dict[str | None, int]
) -> str | None:
    while one != other:
        if depth[one] >= depth[other]:
            one = parent[one]
        else:
            other = parent[other]
    return one
