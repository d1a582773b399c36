"""Arrivals: what the sources of a flow bring to every component, and what is sent on without waiting.

A request goes along the requests and calls of its flow. `~>` carries what its sender gets, of whatever flow, in the
flow in which it is drawn: streams that feed each other, and solved as such. All of it counts for the flow whose
clients cause it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Mapping

from archboard.design.model import Arrow
from archboard.maths.traffic import balanced
from archboard.measures.flow.network import Activity
from archboard.measures.load.visits import expected_passes
from archboard.records import field, record


@record(frozen=False)
class Loads:
    """Rates per second under one what-if: by component, by flow and component, by arrow; and what gateways admit.

    `per_flow[flow][component]` and `taken[flow][arrow]` leave out what arrows with a rate of their own bring: that is
    in `fixed`, which does not follow the clients. `apart[flow][component]` is the part of a flow that does not follow
    the clients that start it: what jobs, queues and called clients send of themselves. `endless` names the arrows that
    feed themselves without end, circle by circle: nothing that they bring is counted.
    """

    demand: dict[str, float] = field(default_factory=dict)
    per_flow: dict[str, dict[str, float]] = field(default_factory=dict)
    arrows: dict[str, float] = field(default_factory=dict)
    taken: dict[str, dict[str, float]] = field(default_factory=dict)
    fixed: dict[str, float] = field(default_factory=dict)
    apart: dict[str, dict[str, float]] = field(default_factory=dict)
    admitted: dict[str, float] = field(default_factory=dict)
    endless: dict[tuple[str, ...], None] = field(default_factory=dict)

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

    def bring(self, flow: str, come: Mapping[str, float], arrows: Mapping[str, Arrow], *, follows: bool) -> None:
        """Add passes a second of components and arrows, and whether they follow the clients that start the flow."""
        for subject, rate in come.items():
            if subject in arrows:
                self.take(flow, subject, rate)
            elif subject:
                self.add(flow, subject, rate)
                if not follows:
                    own = self.apart.setdefault(flow, {})
                    own[subject] = own.get(subject, 0.0) + rate

    def still(self, name: str) -> float:
        """Return the part of a component's demand that follows no client that starts a flow."""
        return math.fsum((self.fixed.get(name, 0.0), *(own.get(name, 0.0) for own in self.apart.values())))

    def following(self, flow: str, name: str) -> float:
        """Return the part of a component's demand that follows the clients that start a flow."""
        return self.per_flow.get(flow, {}).get(name, 0.0) - self.apart.get(flow, {}).get(name, 0.0)


class Arrivals:
    """Where requests go in one mode.

    `flows` says in which flow an arrow is drawn, `asyncs` what leaves a component that nobody waits for, `rated` which
    starts of which flows have their rate from the flow; `activity` returns the networks of a flow in the mode, and
    `admits` the share of what comes to a component that its queue lets in.
    """

    def __init__(
        self, flows: Mapping[str, str], asyncs: Mapping[str, list[tuple[str, Arrow]]], arrows: Mapping[str, Arrow],
        rated: Collection[tuple[str, str]], activity: Callable[[str], Activity], admits: Callable[[str], float],
    ) -> None:  # fmt: skip
        self.flows = flows
        self.asyncs = asyncs
        self.rated = rated
        self.arrows = arrows
        self.activity = activity
        self.admits = admits
        self._passes: dict[tuple[str, str], Mapping[str, float]] = {}

    def add(self, loads: Loads, flow: str, sources: Mapping[str, float], *, follows: bool) -> None:
        """Add what sources bring along a flow, and all that is then sent on without waiting."""
        come: dict[str, float] = {}
        for name, rate in sources.items():
            if rate > 0:
                _more(come, self.passes(flow, name), rate)
        outside = {arrow: come[tail] * part for tail in come for arrow, part in self._sent(tail, flow)}
        if outside:
            rates, endless = balanced(outside, lambda arrow: self._feeds(arrow, flow))
            loads.endless.update(dict.fromkeys(tuple(names) for names in endless))
            for arrow, rate in rates.items():
                _more(come, {arrow: 1.0}, rate)
                _more(come, self.passes(self.flows[arrow], self.arrows[arrow].head), rate)
        loads.bring(flow, come, self.arrows, follows=follows)

    def passes(self, flow: str, name: str) -> Mapping[str, float]:
        """Return how often one request that comes to a component passes each component and arrow."""
        if (flow, name) not in self._passes:
            activity = self.activity(flow)
            graph = activity.graph
            alone = not graph.ways.get(name) and not graph.calls.get(name) and name not in activity.mode.failed
            self._passes[flow, name] = {name: 1.0} if alone else expected_passes(activity, name)
        return self._passes[flow, name]

    def _feeds(self, arrow: str, cause: str) -> Mapping[str, float]:
        """Return what one request over an arrow, that a flow causes, brings to each arrow that nobody waits for."""
        found: dict[str, float] = {}
        for name, times in self.passes(self.flows[arrow], self.arrows[arrow].head).items():
            for fed, part in self._sent(name, cause):
                found[fed] = found.get(fed, 0.0) + times * part
        return found

    def _sent(self, name: str, cause: str) -> list[tuple[str, float]]:
        """Return the arrows out of a component that follow what a flow brings there, and how many each arrival sends.

        A flow that says its own rate starts as often as that, and not as often as others come to where it starts.
        """
        asyncs = self.asyncs.get(name, ())
        admitted = self.admits(name) if asyncs else 1.0
        return [
            (arrow.id, admitted * share_of(arrow) * (arrow.number_of("fanout") or 1.0))
            for flow, arrow in asyncs
            if arrow.number_of("rate") is None and share_of(arrow) > 0
            if flow == cause or (flow, name) not in self.rated
        ]


def share_of(arrow: Arrow) -> float:
    """Return the plain fraction of requests that take a call or an arrow that nobody waits for."""
    return 1.0 if arrow.share is None else arrow.share


def _more(come: dict[str, float], passes: Mapping[str, float], rate: float) -> None:
    for subject, times in passes.items():
        come[subject] = come.get(subject, 0.0) + rate * times
