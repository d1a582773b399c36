"""One flow as a graph: what leaves a component, in which order, and where parallel ways meet again."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from archboard.design.model import Arrow, ArrowKind, Design, Flow
from archboard.maths.distribution import Constant, Distribution, from_percentiles, from_range

NO_TIME = Constant(0.0)

Ways = tuple[tuple[float, tuple[Arrow, ...]], ...]
"""Alternatives out of a component: how likely each, and the arrows that are then taken in parallel."""


@dataclass(slots=True)
class FlowGraph:
    """What a flow's arrows say, looked up by component; order is topological over requests and calls."""

    design: Design
    flow: Flow
    ways: dict[str, Ways] = field(default_factory=dict)
    calls: dict[str, tuple[tuple[Arrow, ...], ...]] = field(default_factory=dict)
    asyncs: dict[str, list[Arrow]] = field(default_factory=dict)
    arrows: dict[str, Arrow] = field(default_factory=dict)
    order: tuple[str, ...] = ()
    place: dict[str, int] = field(default_factory=dict)
    joins: dict[str, str | None] = field(default_factory=dict)
    times: dict[str, Distribution] = field(default_factory=dict)

    @classmethod
    def of(cls, design: Design, flow: Flow) -> FlowGraph:
        """Index a flow's arrows; asyncs that would close a circle are left out, they feed nothing back."""
        graph = cls(design, flow)
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
        graph.ways = {name: ways_of(arrows) for name, arrows in requests.items()}
        graph.calls = {name: tuple(tuple(stage) for stage in stages.values()) for name, stages in calls.items()}
        graph.order = _topological(graph)
        graph.place = {name: index for index, name in enumerate(graph.order)}
        graph.joins = _joins(graph)
        return graph

    def time_of(self, component: str) -> Distribution:
        """Return the latency of a component, read once."""
        if component not in self.times:
            self.times[component] = distribution_of(self.design, self.design.components[component])
        return self.times[component]

    def time_on(self, arrow: Arrow) -> Distribution:
        """Return the latency of an arrow, read once."""
        if arrow.id not in self.times:
            self.times[arrow.id] = distribution_of(self.design, arrow)
        return self.times[arrow.id]

    def onward(self, name: str, first: bool = False) -> Iterable[tuple[Arrow, float]]:
        """Yield each arrow out of a component with the rate it takes of every arrival; the `first` has no hits."""
        component = self.design.components[name]
        hit = (component.number("hit") or 0.0) if component.kind.name == "cache" and not first else 0.0
        for share, arrows in self.ways.get(name, ()):
            for arrow in arrows:
                yield arrow, share * (1 - hit)
        for stage in self.calls.get(name, ()):
            for arrow in stage:
                share = 1.0 if arrow.share is None else arrow.share
                yield arrow, share * (1 - hit) * (arrow.number_of("fanout") or 1.0)
        for arrow in self.asyncs.get(name, ()):
            if arrow.number_of("rate") is None and not first:
                share = 1.0 if arrow.share is None else arrow.share
                yield arrow, share * (arrow.number_of("fanout") or 1.0)

    @property
    def starts(self) -> tuple[str, ...]:
        """The clients that start it, or where there are none whatever else does."""
        clients = tuple(name for name in self.flow.starts if self.design.components[name].kind.name == "client")
        return clients or self.flow.starts

    def reachable(self, name: str, stop: str | None) -> set[str]:
        """Return the components that requests out of one reach before another, itself included."""
        found, waiting = {name}, [name]
        while waiting:
            for _, arrows in self.ways.get(waiting.pop(), ()):
                for arrow in arrows:
                    if arrow.head != stop and arrow.head not in found:
                        found.add(arrow.head)
                        waiting.append(arrow.head)
        return found


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
    stated = sum(stage[0].share or 0.0 for stage in forks.values())
    unstated = [stage for stage in forks.values() if stage[0].share is None]
    rest = max(0.0, 1.0 - stated) / len(unstated) if unstated else 0.0
    shares = [(stage[0].share if stage[0].share is not None else rest, tuple(stage)) for stage in forks.values()]
    total = sum(share for share, _ in shares)
    if total <= 0:
        return tuple((1.0 / len(shares), stage) for _, stage in shares)
    return tuple((share / total, stage) for share, stage in shares if share > 0)


def distribution_of(design: Design, subject: object) -> Distribution:
    """Return the latency of a component or an arrow; none at all where nothing is said."""
    latency = getattr(subject, "latency", None)
    if latency is None:
        return NO_TIME
    if latency.is_range:
        return from_range(latency.low, latency.high)
    return from_percentiles(latency.percentiles, design.assumptions.tail)


def _topological(graph: FlowGraph) -> tuple[str, ...]:
    """Order all components of the flow, tails before heads; asyncs that close a circle are dropped."""
    outgoing: dict[str, list[Arrow]] = {}
    names: dict[str, None] = {}
    for arrow in graph.flow.arrows:
        names.setdefault(arrow.tail)
        names.setdefault(arrow.head)
        outgoing.setdefault(arrow.tail, []).append(arrow)
    for arrows in outgoing.values():
        arrows.sort(key=lambda arrow: arrow.kind is ArrowKind.ASYNC)
    waited = _finished(names, {n: [a for a in o if a.kind is not ArrowKind.ASYNC] for n, o in outgoing.items()})
    rank = {name: index for index, name in enumerate(reversed(waited))}
    return _with_asyncs(graph, names, outgoing, rank)


def _finished(names: Iterable[str], outgoing: dict[str, list[Arrow]]) -> list[str]:
    """Return names in the order in which a depth-first walk leaves them."""
    done: dict[str, None] = {}
    entered: set[str] = set()
    for root in names:
        if root in entered:
            continue
        entered.add(root)
        stack = [(root, iter(outgoing.get(root, ())))]
        while stack:
            name, arrows = stack[-1]
            arrow = next(arrows, None)
            if arrow is None:
                done.setdefault(name)
                stack.pop()
            elif arrow.head not in entered:
                entered.add(arrow.head)
                stack.append((arrow.head, iter(outgoing.get(arrow.head, ()))))
    return list(done)


def _with_asyncs(
    graph: FlowGraph, names: dict[str, None], outgoing: dict[str, list[Arrow]], rank: dict[str, int]
) -> tuple[str, ...]:
    """Order with asyncs as well: those against an order that requests force, or in a circle, are dropped."""
    trail: set[str] = set()
    done: dict[str, None] = {}
    for root in sorted(names, key=rank.__getitem__):
        if root in done:
            continue
        trail.add(root)
        stack = [(root, iter(outgoing.get(root, ())))]
        while stack:
            name, arrows = stack[-1]
            arrow = next(arrows, None)
            if arrow is None:
                done.setdefault(name)
                trail.discard(name)
                stack.pop()
            elif arrow.head in trail:
                if arrow.kind is ArrowKind.ASYNC:
                    graph.asyncs[name].remove(arrow)
                else:
                    _cut(graph, stack, arrow)
            elif arrow.head not in done:
                trail.add(arrow.head)
                stack.append((arrow.head, iter(outgoing.get(arrow.head, ()))))
    return tuple(reversed(done))


def _cut(graph: FlowGraph, stack: Sequence[tuple[str, object]], closing: Arrow) -> None:
    """Drop the asyncs on a mixed circle that a request closes: the requests are what is waited for."""
    on_circle = [name for name, _ in stack]
    on_circle = on_circle[on_circle.index(closing.head) :]
    inside = set(on_circle)
    for name in on_circle:
        graph.asyncs[name] = [a for a in graph.asyncs.get(name, ()) if a.head not in inside]


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
