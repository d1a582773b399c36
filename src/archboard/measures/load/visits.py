"""How often one request passes each component and arrow where parallel ways share components and chance is involved.

There the network of a flow, in which each arm is a node of its own, says of a shared component no more than the
arms' chances taken as independent. Over the graph each component's chance is worked out from the last one that all
ways to it lead through (its immediate dominator): what stands behind a shared cache follows that cache's misses.
Within such a stretch every outcome is gone through, or where they are too many its ways are taken as independent.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

from archboard.design.model import Arrow
from archboard.maths.visits import expected_visits
from archboard.measures.flow.graph import copies_of
from archboard.measures.flow.network import Activity

STEPS = 2_000
"""Outcomes of chance times components of a stretch: where they are more, its ways count as independent."""
LARGE = 200
"""Components on the way of a request beyond which the network's estimate has to do."""


def expected_passes(activity: Activity, name: str) -> dict[str, float]:
    """Return the passes of every component and arrow for one request that comes to a component."""
    whole = activity.whole(name)
    if activity.mode.failed or not activity.overlaps or len(activity.graph.reachable(name, None)) > LARGE:
        return expected_visits(activity.build.network(whole))
    return _Passes(activity, name).counts


class _Passes:
    """One request on its way; `live` is the chance that it comes to a component, copies and calls apart."""

    def __init__(self, activity: Activity, entry: str) -> None:
        self.activity = activity
        self.graph = activity.graph
        self.counts: dict[str, float] = {}
        reachable = sorted(self.graph.reachable(entry, None), key=self.graph.place.__getitem__)
        self.incoming: dict[str, list[Arrow]] = {name: [] for name in reachable}
        for name in reachable:
            for _, arrows in self.graph.ways.get(name, ()):
                for arrow in arrows:
                    if copies_of(arrow) == 1:
                        self.incoming[arrow.head].append(arrow)
        self._before: dict[str, str] = {}
        depth = {entry: 0}
        live = {entry: 1.0}
        for name in reachable:
            tails = [arrow.tail for arrow in self.incoming[name]]
            if tails:
                before = self._dominator(tails, depth)
                self._before[name], depth[name] = before, depth[before] + 1
                live[name] = live[before] * self._chance(before, name)
            self._pass(name, live[name])

    def _dominator(self, tails: list[str], depth: dict[str, int]) -> str:
        first = tails[0]
        for other in tails[1:]:
            while first != other:
                if depth[first] >= depth[other]:
                    first = self._before[first]
                else:
                    other = self._before[other]
        return first

    def _chance(self, start: str, end: str) -> float:
        """Return the chance that a request at one component comes to another, which it must pass to get further."""
        between, waiting = {start: None}, [end]
        while waiting:
            for arrow in self.incoming[waiting.pop()]:
                if arrow.tail not in between:
                    between[arrow.tail] = None
                    waiting.append(arrow.tail)
        options = {name: self._options(name) for name in between}
        if len(between) * math.prod(len(found) for found in options.values()) <= STEPS:
            return self._gone_through(start, end, options)
        reach = {end: 1.0}
        for name in sorted(between, key=self.graph.place.__getitem__, reverse=True):
            reach[name] = math.fsum(
                chance * (1.0 - math.prod(1.0 - reach.get(head, 0.0) for head in heads))
                for chance, heads in options[name]
            )
        return reach[start]

    def _options(self, name: str) -> list[tuple[float, list[str]]]:
        """Return what can become of a request at a component: where it then goes at once, if anywhere."""
        goes_on = self.activity.goes_on(name, self._entry(name))
        ways = self.graph.ways[name]
        ends = [(1.0 - goes_on, list[str]())] if goes_on < 1 else []
        return ends + [(goes_on * p, [a.head for a in arrows if copies_of(a) == 1]) for p, arrows in ways]

    def _entry(self, name: str) -> Arrow | None:
        """Return the one arrow by which a component is entered, where it is one."""
        entries = self.incoming[name]
        return entries[0] if len(entries) == 1 else None

    def _gone_through(self, start: str, end: str, options: Mapping[str, list[tuple[float, list[str]]]]) -> float:
        """Return the chance to get from one component to another, every outcome on the way looked at."""
        total = 0.0
        for outcome in product(*options.values()):
            heads = dict(zip(options, (heads for _, heads in outcome), strict=True))
            found, waiting = {start}, [start]
            while waiting:
                for head in heads.get(waiting.pop(), ()):
                    if head not in found:
                        found.add(head)
                        waiting.append(head)
            if end in found:
                total += math.prod(chance for chance, _ in outcome)
        return total

    def _pass(self, name: str, live: float) -> None:
        """Count a component, its calls, and the arrows out of it."""
        entry = self._entry(name)
        tries = 1.0 if entry is None else self.graph.guards.passes(entry)
        self._add(name, live * tries)
        onward = live * self.activity.goes_on(name, entry)
        if onward <= 0:
            return
        apart = self.activity.calls(name)
        self._add_all(self.activity.build.series(apart), live * self.activity.goes_on(name) * tries)
        for share, arrows in self.graph.ways.get(name, ()):
            for arrow in arrows:
                if copies_of(arrow) > 1:
                    self._add_all(self.activity.sent(arrow), onward * share)
                else:
                    self._add(arrow.id, onward * share * self.graph.guards.passes(arrow))

    def _add_all(self, node: int, times: float) -> None:
        for subject, count in expected_visits(self.activity.build.network(node)).items():
            self._add(subject, times * count)

    def _add(self, subject: str, count: float) -> None:
        self.counts[subject] = self.counts.get(subject, 0.0) + count
