"""What the measures of one design share: its flows as graphs, its sources, and the loads of each what-if."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping
from functools import cached_property
from typing import Any

from archboard.design.model import Arrow, ArrowKind, Design, Flow
from archboard.facts import Storm
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.flow.failing import caught_everywhere, failing_in
from archboard.measures.flow.first_token import FirstToken
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.guards import Guards
from archboard.measures.flow.mode import Mode
from archboard.measures.flow.network import Activity
from archboard.measures.flow.refusing import refused_in
from archboard.measures.flow.times import USUAL, Times
from archboard.measures.load.admission import Gates
from archboard.measures.load.arrivals import Arrivals, Loads
from archboard.measures.load.refusals import refused, refusing
from archboard.measures.load.slots import Calls, holds, waited_for
from archboard.measures.moment import Moment, Stay
from archboard.measures.uptime.levels import Level
from archboard.measures.uptime.lost import Lost, lost_in
from archboard.measures.uptime.structure import Needs
from archboard.records import replace
from archboard.verdicts import Reason, Why

NONE: frozenset[str] = frozenset()


class Analysis:
    """One design under measurement, in a moment; everything asked of it is worked out once."""

    def __init__(self, design: Design, transforms: Transforms | None = None, moment: Moment = USUAL) -> None:
        self.design = design
        self.moment = moment
        self._flows = {flow.name: flow for flow in design.flows}
        self.transforms = transforms or Transforms()
        self.times = Times(design, moment)
        self.guards = Guards(self.transforms, moment.still, refusing(self.times))
        self.guards.errors = {n: e for n, component in design.components.items() if (e := component.number("errors"))}
        self.modes: dict[frozenset[str], Any] = {}
        """This design in failure modes, by the failure arrows that are taken; kept and known by `load.modes` alone."""
        self.levels: Mapping[str, tuple[Level, ...]] = {}
        """What needs more replicas up while something else is down; worked out by `uptime.more_needed`."""
        self.storms: Mapping[str, Storm] = {}
        self.opened_at: Mapping[str, float] = {}
        """The share of attempts that failed as each breaker opened, by the failure arrow's id."""
        self.graphs = {flow.name: FlowGraph.of(design, flow, self.times, self.guards) for flow in design.flows}
        down = frozenset(name for name, component in design.components.items() if component.flag("down"))
        self.failing = {name: failing_in(graph, down) for name, graph in self.graphs.items()}
        for name, graph in self.graphs.items() if down else ():
            graph.asking = self.failing[name].asking
            self.guards.refused.update(refused_in(graph, down - self.failing[name].taken.keys()))
        self.caught = caught_everywhere(self.failing, self.graphs)
        """What is down, and answered for in every flow that comes by it: whoever it refuses is not refused."""
        self._activities: dict[str, Activity] = {}
        self._needs: dict[tuple[str, bool], Needs] = {}
        self._lost: dict[tuple[str, bool], Lost] = {}

    @cached_property
    def down(self) -> Mapping[str, Arrow]:
        """What has failed in some flow as a what-if takes it down, or what it must have, and who answers for it."""
        return {name: arrow for failing in self.failing.values() for name, arrow in failing.taken.items()}

    @cached_property
    def drawn_in(self) -> Mapping[str, str]:
        """The flow in which each arrow is drawn, by the arrow's id."""
        return {arrow.id: flow.name for flow in self.design.flows for arrow in (*flow.arrows, *flow.failures)}

    @cached_property
    def arrows(self) -> Mapping[str, Arrow]:
        """Every arrow of every flow by its id."""
        return {arrow.id: arrow for flow in self.design.flows for arrow in (*flow.arrows, *flow.failures)}

    @cached_property
    def asyncs(self) -> Mapping[str, list[tuple[str, Arrow]]]:
        """What leaves each component that nobody waits for, with the flow in which it is drawn."""
        found: dict[str, list[tuple[str, Arrow]]] = {}
        for flow in self.design.flows:
            for arrow in flow.arrows:
                if arrow.kind is ArrowKind.ASYNC:
                    found.setdefault(arrow.tail, []).append((flow.name, arrow))
        return found

    @cached_property
    def rated(self) -> frozenset[tuple[str, str]]:
        """The flows that say their own rate, with each component that starts them."""
        rated = (flow for flow in self.design.flows if flow.rate is not None)
        return frozenset((flow.name, name) for flow in rated for name in flow.starts)

    @cached_property
    def asyncs_of_their_own(self) -> tuple[Arrow, ...]:
        """The arrows with a rate of their own, that nobody waits for."""
        every = (arrow for arrows in self.asyncs.values() for _, arrow in arrows)
        return tuple(arrow for arrow in every if arrow.number_of("rate") is not None)

    @cached_property
    def calls_held(self) -> Mapping[str, Stay]:
        """How long the calls of each component hold its slots, where it has slots and makes calls."""
        callers = dict.fromkeys(name for graph in self.graphs.values() for name in graph.calls)
        held = ((name, self.calls_of(name)) for name in callers if holds(self.design.components[name]))
        return {name: stay for name, stay in held if stay is not None}

    def calls_of(self, name: str) -> Stay | None:
        """Return how long a component's calls take of each request that comes to it, None where it makes none."""
        return self._called.of(name, self.loads.per_flow)

    @cached_property
    def _called(self) -> Calls:
        asked = self._as_waited_for
        return Calls(asked.counting if self.guards.refuses else asked.activity, self.graphs)

    @cached_property
    def _as_waited_for(self) -> Analysis:
        """The same with no answer from what is stuck: what its callers see."""
        silent = self.moment.hung | self.moment.stuck
        moment = replace(self.moment, hung=silent, stuck=NONE)
        return Analysis(self.design, self.transforms, moment) if self.moment.stuck else self

    @cached_property
    def held_for(self) -> Mapping[str, Mapping[str, None]]:
        """What each component that holds slots waits for meanwhile: what it calls, and what that waits for."""
        return {name: waited_for(name, self.graphs) for name in self.calls_held}

    def waits_for(self, name: str) -> str:
        """Return what does not answer of all that a component holds its slots for, "" where all of it does."""
        silent = self.moment.hung | self.moment.stuck
        return next((head for head in self.held_for.get(name, ()) if head in silent), "")

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
            self._activities[flow] = Activity(self.graphs[flow], Mode(failed=self.failed_in(flow)))
        return self._activities[flow]

    def counting(self, flow: str) -> Activity:
        """Return the networks of a flow with the requests that a full queue refuses: what callers wait for."""
        self.activity(flow).network(self.weights(self._flows[flow]))
        return Activity(self.graphs[flow], Mode(failed=self.failed_in(flow)), counted=True)

    def failed_in(self, flow: str) -> Mapping[str, Arrow]:
        """Return what is down or has failed and who answers for it, of the failures that a flow knows of."""
        taken = self.failing[flow].taken
        if not self.moment.failed and not self.moment.opened:
            return taken
        known = {arrow.id for arrow in self._flows[flow].failures}
        opened = {name: arrow for name, arrow in self.moment.opened.items() if arrow.id in known}
        failed = {name: arrow for name, arrow in self.moment.failed.items() if arrow.id in known}
        return {**opened, **taken, **failed}

    def first_token(self, flow: str, failed: Mapping[str, Arrow] | None = None) -> FlowGraph:
        """Return a flow with the times it takes up to its first token; `failed` as in an activity's mode."""
        graph = self.graphs[flow]
        return replace(graph, times=FirstToken(graph, self.failed_in(flow) if failed is None else failed))

    def streaming(self, flow: str) -> frozenset[str]:
        """Return the language models whose first token ends the wait of a flow."""
        return frozenset(FirstToken(self.graphs[flow], self.failed_in(flow)).last)

    def needs(self, flow: Flow, *, full: bool = False) -> Needs:
        """Return what must be up for a request of a flow to be answered, in `full`: without any fallback."""
        full = full and any(self.design.components[arrow.head].answers == "partly" for arrow in flow.failures)
        if (flow.name, full) not in self._needs:
            graph, lost = self.graphs[flow.name], self.lost(flow, full=full)
            self._needs[flow.name, full] = Needs(
                graph, flow.failures, self.weights(flow), lost=lost, full=full, levels=self.levels
            )
        return self._needs[flow.name, full]

    def lost(self, flow: Flow, *, full: bool = False) -> Lost:
        """Return what is given up of a flow's requests, or erred, or found a queue full, where all is up."""
        if (flow.name, full) not in self._lost:
            activity = self.activity(flow.name)
            activity.network(self.weights(flow))  # the guards are known once it is made
            opened = self.moment.opened
            self._lost[flow.name, full] = lost_in(activity, flow.failures, self.transforms, opened, full=full)
        return self._lost[flow.name, full]

    def sources(self, flow: Flow) -> dict[str, float]:
        """Return what sends requests of its own along a flow, with the rates per second, 0 where none is known.

        What has a rate sends it, whatever else leads to it; a rate of the flow is that of what starts it.
        """
        components = self.design.components
        tails = dict.fromkeys(arrow.tail for arrow in flow.arrows)
        names = [n for n in tails if n in flow.starts or components[n].number("rate")]
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
        return self._settled(names, {}, NONE, lambda part: part.demand)

    @cached_property
    def unlimited(self) -> Loads:
        """The loads if every gateway and every queue let everything through."""
        names = tuple(flow.name for flow in self.design.flows)
        every = self.loads.admitted or self.guards.refuses
        return self._loads(names, {}, NONE, {}, admitting=False) if every else self.loads

    def demand_when(self, through: str, more: Mapping[str, float], lost: frozenset[str] = NONE) -> Mapping[str, float]:
        """Return demands where they change when so many times as `more` comes to some components and caches are lost.

        Flows that do not pass `through` stay as they are, unless they share a limited gateway with one that does.
        """
        flows = self._coupled(through)
        rising = sorted(more.items(), key=lambda one: one[1])  # of several to one client the most counts
        more = {name: scale for head, scale in rising for name in self._leading_to(head)}
        return self._with_the_rest(flows, lambda whole: self._settled(flows, more, lost, whole))

    def demand_failing(self, failed: Mapping[str, Arrow]) -> Mapping[str, float]:
        """Return demands where they change while some components fail and their failure arrows are taken.

        Only the flows that a failure arrow belongs to take it.
        """
        taken = {arrow.id for arrow in failed.values()}
        flows = tuple(f.name for f in self.design.flows if any(arrow.id in taken for arrow in f.failures))
        return self._with_the_rest(flows, lambda whole: self._settled(flows, {}, frozenset(), whole, failed))

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
    def unknown(self) -> Mapping[str, Reason]:
        """Components whose rate is not known, and why: they stand in a retry storm, or behind what feeds itself."""
        found: dict[str, Reason] = {}
        for circle in self.loads.endless:
            last = self.closing(circle)
            for name in self.behind(*(self.arrows[arrow].head for arrow in circle)):
                found.setdefault(name, Reason(Why.CIRCLE, last.id))
        for storm in self.storms.values():
            if storm.demand is None:
                for name in self.behind(storm.component):
                    found.setdefault(name, Reason(Why.STORM, storm.component))
        return found

    def closing(self, circle: Collection[str]) -> Arrow:
        """Return the arrow that closes a circle of arrows: the one that is written last."""
        return max((self.arrows[arrow] for arrow in circle), key=lambda arrow: arrow.number)

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
        taken = set(self.passing.get(through, ()))
        waiting = sorted(taken)
        while waiting:
            for name in self._passed(waiting.pop()):
                if components[name].number("limit") is not None:
                    more = {flow for flow in self.passing.get(name, ()) if flow not in taken}
                    taken |= more
                    waiting += sorted(more)
        return tuple(flow.name for flow in self.design.flows if flow.name in taken)

    def _passed(self, flow: str) -> Mapping[str, None]:
        """Return what a flow passes, and what it causes to be sent elsewhere."""
        return dict.fromkeys((*self.graphs[flow].place, *self.loads.per_flow.get(flow, ())))

    @cached_property
    def passing(self) -> Mapping[str, tuple[str, ...]]:
        """The flows that pass each component, or cause what is sent there without waiting."""
        found: dict[str, list[str]] = {}
        for flow in self.graphs:
            for name in self._passed(flow):
                found.setdefault(name, []).append(flow)
        return {name: tuple(flows) for name, flows in found.items()}

    def _meet_guards(self, flow: str) -> None:
        """Make the networks in which the attempts of a flow take their time: how often they are late is known then."""
        if self.guards.refuses:
            for name in self.sources(self._flows[flow]):
                self.activity(flow).whole(name)

    def _settled(
        self, flows: tuple[str, ...], scale: Mapping[str, float], lost: frozenset[str],
        whole: Callable[[Loads], Mapping[str, float]], failed: Mapping[str, Arrow] | None = None,
    ) -> Loads:  # fmt: skip
        """Return the loads of some flows once every gateway on them admits what fits its `whole` demand."""
        inside = dict.fromkeys(name for flow in flows for name in self.graphs[flow].place)
        components = self.design.components
        limits = {n: limit for n in inside if (limit := components[n].number("limit")) is not None}
        rank = {n: min(g.place.get(n, len(g.order)) for g in self.graphs.values()) for n in limits}
        gates = Gates(limits, rank, {n: frozenset(self.behind(*self.outgoing.get(n, ()))) for n in limits})
        return gates.settled(lambda admitted: self._loads(flows, scale, lost, admitted, failed), whole)

    def _loads(
        self, flows: tuple[str, ...], scale: Mapping[str, float], lost: frozenset[str], admitted: Mapping[str, float],
        failed: Mapping[str, Arrow] | None = None, *, admitting: bool = True,
    ) -> Loads:  # fmt: skip
        """Return what some flows bring; `scale` says how many times its rate a source sends.

        Unless `admitting`, no queue refuses anything.
        """
        loads = Loads()
        activity, counted = self.activity, admitting and self.guards.refuses
        if lost or admitted or failed or counted:
            made: dict[str, Activity] = {}

            def activity(flow: str) -> Activity:
                if flow not in made:
                    self._meet_guards(flow)
                    mode = Mode({**self.failed_in(flow), **(failed or {})}, dict(admitted), lost)
                    made[flow] = Activity(self.graphs[flow], mode, timed=False, counted=counted)
                return made[flow]

        def admits(name: str) -> float:
            return 1.0 - refused(self.times, name) if counted else 1.0

        arrivals = Arrivals(self.drawn_in, self.asyncs, self.arrows, self.rated, activity, admits)
        for flow in map(self._flows.__getitem__, flows):
            starts, sent = frozenset(self.graphs[flow.name].starts), self.sources(flow)
            for follows in (True, False):
                own = {n: r * scale.get(n, 1.0) for n, r in sent.items() if (n in starts) is follows}
                arrivals.add(loads, flow.name, own, follows=follows)
        for arrow in self.asyncs_of_their_own:
            copies = (arrow.number_of("rate") or 0.0) * (arrow.number_of("fanout") or 1.0)
            if self.drawn_in[arrow.id] in flows and not self.design.components[arrow.tail].flag("down"):
                loads.arrows[arrow.id] = loads.arrows.get(arrow.id, 0.0) + copies
                loads.demand[arrow.head] = loads.demand.get(arrow.head, 0.0) + copies
                loads.fixed[arrow.head] = loads.fixed.get(arrow.head, 0.0) + copies
        return loads
