"""What the measures of one design share: its flows as graphs, its sources, and the loads of each what-if."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from heapq import heappop, heappush

from archboard.design.model import Arrow, ArrowKind, Design, Flow
from archboard.facts import Storm
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.flow.first_token import FirstToken
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.guards import Guards
from archboard.measures.flow.network import Activity, Mode
from archboard.measures.flow.times import Times
from archboard.measures.load.visits import expected_passes
from archboard.measures.uptime import lateness
from archboard.measures.uptime.structure import Needs
from archboard.records import field, record, replace


@record(frozen=False)
class Loads:
    """Rates per second under one what-if: by component, by flow and component, by arrow; and what gateways admit.

    `per_flow[flow][component]` and `taken[flow][arrow]` leave out what arrows with a rate of their own bring: that is
    in `fixed`, which does not follow the clients.
    """

    demand: dict[str, float] = field(default_factory=dict)
    per_flow: dict[str, dict[str, float]] = field(default_factory=dict)
    arrows: dict[str, float] = field(default_factory=dict)
    taken: dict[str, dict[str, float]] = field(default_factory=dict)
    fixed: dict[str, float] = field(default_factory=dict)
    admitted: dict[str, float] = field(default_factory=dict)

    def add(self, flow: str, name: str, rate: float) -> None:
        """Add what one flow brings to a component."""
        self.demand[name] = self.demand.get(name, 0.0) + rate
        own = self.per_flow.setdefault(flow, {})
        own[name] = own.get(name, 0.0) + rate

    def take(self, flow: str, arrow: str, rate: float) -> None:
        """Add what one flow sends over an arrow."""
        self.arrows[arrow] = self.arrows.get(arrow, 0.0) + rate
        own = self.taken.setdefault(flow, {})
        own[arrow] = own.get(arrow, 0.0) + rate


class Analysis:
    """One design under measurement; everything asked of it is worked out once.

    `arriving` is the load that queues before service times are worked out with, see `settling`; the guards of `still`
    arrows do not act: nothing is cut, tried again or hedged there.
    """

    def __init__(
        self, design: Design, transforms: Transforms | None = None, arriving: Mapping[str, float] | None = None,
        still: Collection[str] = (),
    ) -> None:  # fmt: skip
        self.design = design
        self._flows = {flow.name: flow for flow in design.flows}
        self.transforms = transforms or Transforms()
        self.times = Times(design, arriving)
        self.guards = Guards(self.transforms, still)
        self.storms: Mapping[str, Storm] = {}
        self.graphs = {flow.name: FlowGraph.of(design, flow, self.times, self.guards) for flow in design.flows}
        self._activities: dict[str, Activity] = {}
        self._needs: dict[str, Needs] = {}
        self._in_full: dict[str, Needs] = {}
        self._late: dict[str, Mapping[str, float]] = {}

    @cached_property
    def down(self) -> Mapping[str, Arrow]:
        """Components that a what-if takes down, and the failure arrow that answers for each."""
        order = ("down", "error", "timeout")
        taken: dict[str, Arrow] = {}
        for arrow in self.design.arrows:
            condition = arrow.condition
            if arrow.kind is not ArrowKind.FAILURE or condition is None or condition.kind not in order:
                continue
            if self.design.components[arrow.tail].flag("down") and arrow.tail != arrow.head:
                best = taken.get(arrow.tail)
                rank = order.index(best.condition.kind) if best is not None and best.condition else len(order)
                if order.index(condition.kind) < rank:
                    taken[arrow.tail] = arrow
        return taken

    @cached_property
    def outgoing(self) -> Mapping[str, tuple[str, ...]]:
        """Where each component's requests, calls and asyncs go, over all flows."""
        heads: dict[str, dict[str, None]] = {}
        for flow in self.design.flows:
            for arrow in flow.arrows:
                heads.setdefault(arrow.tail, {})[arrow.head] = None
        return {name: tuple(found) for name, found in heads.items()}

    @cached_property
    def incoming(self) -> Mapping[str, tuple[str, ...]]:
        """Where each component's requests, calls and asyncs come from, over all flows."""
        tails: dict[str, list[str]] = {}
        for tail, heads in self.outgoing.items():
            for head in heads:
                tails.setdefault(head, []).append(tail)
        return {name: tuple(found) for name, found in tails.items()}

    def behind(self, *names: str) -> Mapping[str, None]:
        """Return some components and all that their requests, calls and asyncs lead to, in order."""
        found, waiting = dict.fromkeys(names), list(names)
        while waiting:
            for head in self.outgoing.get(waiting.pop(), ()):
                if head not in found:
                    found[head] = None
                    waiting.append(head)
        return found

    def activity(self, flow: str) -> Activity:
        """Return the networks of a flow on a usual day."""
        if flow not in self._activities:
            self._activities[flow] = Activity(self.graphs[flow], Mode(failed=self.down))
        return self._activities[flow]

    def first_token(self, flow: str, failed: Mapping[str, Arrow] | None = None) -> FlowGraph:
        """Return a flow with the times it takes up to its first token; `failed` as in an activity's mode."""
        graph = self.graphs[flow]
        return replace(graph, times=FirstToken(graph, self.down if failed is None else failed))

    def streaming(self, flow: str) -> frozenset[str]:
        """Return the language models whose first token ends the wait of a flow."""
        return frozenset(FirstToken(self.graphs[flow], self.down).last)

    def needs(self, flow: Flow) -> Needs:
        """Return what must be up for a request of a flow to be answered."""
        if flow.name not in self._needs:
            graph, late = self.graphs[flow.name], self.late(flow)
            self._needs[flow.name] = Needs(graph, flow.failures, self.weights(flow), late=late)
        return self._needs[flow.name]

    def in_full(self, flow: Flow) -> Needs:
        """Return what must be up for a request of a flow to be answered without any fallback."""
        if flow.name not in self._in_full:
            heads = (self.design.components[arrow.head] for arrow in flow.failures)
            if all(head.answers != "partly" for head in heads):
                self._in_full[flow.name] = self.needs(flow)
            else:
                graph, late = self.graphs[flow.name], self.late(flow)
                self._in_full[flow.name] = Needs(graph, flow.failures, self.weights(flow), late=late, full=True)
        return self._in_full[flow.name]

    def late(self, flow: Flow) -> Mapping[str, float]:
        """Return the share of requests over each arrow of a flow that are given up, where any are."""
        if flow.name not in self._late:
            activity = self.activity(flow.name)
            activity.network(self.weights(flow))  # the guards are known once it is made
            self._late[flow.name] = lateness.given_up(activity, flow.failures, self.transforms)
        return self._late[flow.name]

    def sources(self, flow: Flow) -> dict[str, float]:
        """Return the components that start requests of a flow, with their rates per second, 0 where none is known."""
        components = self.design.components
        entered = {arrow.head for arrow in flow.arrows}
        tails = dict.fromkeys(arrow.tail for arrow in flow.arrows)
        names = [n for n in tails if n in flow.starts or (n not in entered and components[n].number("rate"))]
        rates = {name: components[name].number("rate") or 0.0 for name in names}
        stated = flow.rate.value if flow.rate is not None else None
        if not isinstance(stated, float):
            return rates
        starts = [name for name in self.graphs[flow.name].starts if name in rates]
        total = math.fsum(rates[name] for name in starts)
        for name in starts:
            rates[name] = stated * (rates[name] / total if total > 0 else 1.0 / len(starts))
        return rates

    def weights(self, flow: Flow) -> dict[str, float]:
        """Return the starts whose latency a flow's promises are about, weighted by rate."""
        rates = self.sources(flow)
        return {name: rates.get(name, 0.0) for name in self.graphs[flow.name].starts}

    @cached_property
    def loads(self) -> Loads:
        """The loads of the design as it stands; gateways admit at most their limit."""
        names = tuple(flow.name for flow in self.design.flows)
        return self._settled(names, {}, frozenset(), lambda part: part.demand)

    @cached_property
    def unlimited(self) -> Loads:
        """The loads if every gateway let everything through."""
        names = tuple(flow.name for flow in self.design.flows)
        return self._loads(names, {}, frozenset(), {}) if self.loads.admitted else self.loads

    def demand_when(self, through: str, scale: float = 1.0, lost: frozenset[str] = frozenset()) -> Mapping[str, float]:
        """Return demands where they change when all that leads to a component sends more and caches are lost.

        Flows that do not pass the component stay as they are, unless they share a limited gateway with one that does.
        """
        flows = self._coupled(through)
        more = dict.fromkeys(self._leading_to(through), scale) if scale != 1 else {}
        return self._with_the_rest(flows, lambda whole: self._settled(flows, more, lost, whole))

    def demand_failing(self, failed: Mapping[str, Arrow]) -> Mapping[str, float]:
        """Return demands where they change while some components fail and their failure arrows are taken.

        Only the flows that a failure arrow belongs to take it.
        """
        taken = {arrow.id for arrow in failed.values()}
        flows = tuple(f.name for f in self.design.flows if any(arrow.id in taken for arrow in f.failures))
        everything = {**self.down, **failed}
        return self._with_the_rest(flows, lambda whole: self._settled(flows, {}, frozenset(), whole, everything))

    def _with_the_rest(
        self, flows: tuple[str, ...], settled: Callable[[Callable[[Loads], Mapping[str, float]]], Loads]
    ) -> Mapping[str, float]:
        """Return what all flows bring together where some are settled anew and the others stay as they are."""
        base = self.loads

        def whole(part: Loads) -> Mapping[str, float]:
            names = dict.fromkeys(name for flow in flows for name in base.per_flow.get(flow, ()))
            names.update(dict.fromkeys(part.demand))
            usual = (math.fsum(base.per_flow.get(flow, {}).get(name, 0.0) for flow in flows) for name in names)
            return {
                name: base.demand.get(name, 0.0) - before - part.fixed.get(name, 0.0) + part.demand.get(name, 0.0)
                for name, before in zip(names, usual, strict=True)
            }

        return whole(settled(whole))

    @cached_property
    def coupled(self) -> frozenset[str]:
        """Components with a queue that an arrow leads to which tries again: their demand grows faster than the load."""
        arrows = (arrow for flow in self.design.flows for arrow in flow.arrows)
        guarded = dict.fromkeys(arrow.head for arrow in arrows if arrow.waits or "hedge" in arrow.settings)
        reached = self.behind(*guarded) if guarded else {}
        served = any(self.times.serves(name) for name in reached)
        return frozenset(reached) if served else frozenset()

    @cached_property
    def unknown(self) -> Mapping[str, str]:
        """Components whose rate is not known, with the one in whose retry storm they stand."""
        found: dict[str, str] = {}
        for storm in self.storms.values():
            if storm.demand is None:
                for name in (storm.component, *self.behind(storm.component)):
                    found.setdefault(name, storm.component)
        return found

    def _leading_to(self, through: str) -> Mapping[str, None]:
        """Return everything whose requests, calls or asyncs lead to a component."""
        found, waiting = {through: None}, [through]
        while waiting:
            for tail in self.incoming.get(waiting.pop(), ()):
                if tail not in found:
                    found[tail] = None
                    waiting.append(tail)
        return found

    def _coupled(self, through: str) -> tuple[str, ...]:
        """Return the flows that pass a component, and those that share a limited gateway with them, and so on."""
        components = self.design.components
        taken = {flow for flow, graph in self.graphs.items() if through in graph.place}
        waiting = sorted(taken)
        while waiting:
            for name in self.graphs[waiting.pop()].place:
                if components[name].number("limit") is not None:
                    more = {flow for flow in self.passing.get(name, ()) if flow not in taken}
                    taken |= more
                    waiting += sorted(more)
        return tuple(flow.name for flow in self.design.flows if flow.name in taken)

    @cached_property
    def passing(self) -> Mapping[str, tuple[str, ...]]:
        """The flows that pass each component."""
        found: dict[str, list[str]] = {}
        for flow, graph in self.graphs.items():
            for name in graph.place:
                found.setdefault(name, []).append(flow)
        return {name: tuple(flows) for name, flows in found.items()}

    def _settled(
        self, flows: tuple[str, ...], scale: Mapping[str, float], lost: frozenset[str],
        whole: Callable[[Loads], Mapping[str, float]], failed: Mapping[str, Arrow] | None = None,
    ) -> Loads:  # fmt: skip
        """Return the loads of some flows once every gateway on them admits what fits its `whole` demand."""
        inside = dict.fromkeys(name for flow in flows for name in self.graphs[flow].place)
        components = self.design.components
        limits = {n: limit for n in inside if (limit := components[n].number("limit")) is not None}
        admitted: dict[str, float] = {}
        loads = self._loads(flows, scale, lost, admitted, failed)
        for _ in range(2 * len(limits)):
            demand = whole(loads)
            over = [n for n in limits if _misfits(limits[n], demand.get(n, 0.0), admitted.get(n, 1.0))]
            if not over:
                break
            for first in self._foremost(over):
                admitted[first] = min(1.0, limits[first] / demand[first])
            loads = self._loads(flows, scale, lost, admitted, failed)
        loads.admitted = admitted
        return loads

    def at_most_without(self, cache: str, hit: float) -> Mapping[str, float]:
        """Return what a lost cache's misses add behind it, at most: a quick look before the loads are worked out."""
        return self._at_most(cache, self.loads.demand.get(cache, 0.0) * hit, first=True)

    def at_most_with(self, name: str, more: float) -> Mapping[str, float]:
        """Return what so many more requests to a component bring to it and behind it, at most."""
        return self._at_most(name, more, first=False)

    def _at_most(self, start: str, rate: float, *, first: bool) -> Mapping[str, float]:
        """Follow each arrow with its share and the misses of caches, a lost `first` excepted; ways that meet add up."""
        extra: dict[str, float] = {}
        for graph in self.graphs.values():
            if start not in graph.place:
                continue
            waiting = {start: rate}
            heap = [(graph.place[start], start)]
            while heap:
                name = heappop(heap)[1]
                come = waiting.pop(name)
                extra[name] = extra.get(name, 0.0) + come
                for arrow, factor in graph.onward(name, first=first and name == start):
                    if arrow.head not in waiting:
                        heappush(heap, (graph.place[arrow.head], arrow.head))
                    waiting[arrow.head] = waiting.get(arrow.head, 0.0) + come * factor
        return extra or {start: rate}

    def _foremost(self, names: list[str]) -> list[str]:
        """Return the names that nothing else of them leads to; they do not change each other's demand."""
        behind: set[str] = set()
        waiting = [head for name in names for head in self.outgoing.get(name, ())]
        while waiting:
            if (name := waiting.pop()) not in behind:
                behind.add(name)
                waiting += self.outgoing.get(name, ())
        return [name for name in names if name not in behind] or [min(names, key=self._rank)]

    def _rank(self, name: str) -> int:
        return min(g.place.get(name, len(g.order)) for g in self.graphs.values())

    def _loads(
        self, flows: tuple[str, ...], scale: Mapping[str, float], lost: frozenset[str], admitted: Mapping[str, float],
        failed: Mapping[str, Arrow] | None = None,
    ) -> Loads:  # fmt: skip
        """Return what some flows bring; `scale` says how many times its rate a source sends."""
        loads = Loads()
        for flow in map(self._flows.__getitem__, flows):
            if lost or admitted or failed:
                mode = Mode(failed or self.down, dict(admitted), lost)
                activity = Activity(self.graphs[flow.name], mode, timed=False)
            else:
                activity = self.activity(flow.name)
            _flow_loads(loads, activity, {n: r * scale.get(n, 1.0) for n, r in self.sources(flow).items()})
        return loads


def _misfits(limit: float, demand: float, admitted: float) -> bool:
    """Whether a gateway's admission does not yet fit its demand."""
    return demand > 0 and abs(admitted - min(1.0, limit / demand)) > 1e-12


def _flow_loads(loads: Loads, activity: Activity, sources: Mapping[str, float]) -> None:
    """Add the loads of one flow: from its sources through requests and calls, then along asyncs in order."""
    graph = activity.graph
    flow = graph.flow.name
    for name, rate in sources.items():
        _pass_on(loads, activity, name, rate)
    for name in graph.order:
        for arrow in graph.asyncs.get(name, ()):
            own = arrow.number_of("rate")
            if own is not None:
                if graph.design.components[name].flag("down"):
                    continue
                copies = own * (arrow.number_of("fanout") or 1.0)
                loads.arrows[arrow.id] = loads.arrows.get(arrow.id, 0.0) + copies
                loads.demand[arrow.head] = loads.demand.get(arrow.head, 0.0) + copies
                loads.fixed[arrow.head] = loads.fixed.get(arrow.head, 0.0) + copies
                continue
            arriving = loads.per_flow.get(flow, {}).get(name, 0.0)
            rate = arriving * (1.0 if arrow.share is None else arrow.share) * (arrow.number_of("fanout") or 1.0)
            if rate > 0:
                loads.take(flow, arrow.id, rate)
                _pass_on(loads, activity, arrow.head, rate)


def _pass_on(loads: Loads, activity: Activity, name: str, rate: float) -> None:
    """Add a rate to a component and to everything its requests and calls lead to."""
    graph = activity.graph
    if rate <= 0:
        return
    if not graph.ways.get(name) and not graph.calls.get(name) and name not in activity.mode.failed:
        loads.add(graph.flow.name, name, rate)
        return
    for subject, visits in expected_passes(activity, name).items():
        if subject in graph.design.components:
            loads.add(graph.flow.name, subject, rate * visits)
        elif subject:
            loads.take(graph.flow.name, subject, rate * visits)
