"""Failing: what of a flow cannot answer while some components are down, and the failure arrow that then answers.

Who must have something that is down cannot answer either: its calls fail, or in a region all that stands behind it. So
a failure goes up until it meets a failure arrow, which is taken there, in demand, waits, latency and availability
alike. Only what fails for certain is taken to have failed: a call that every request makes, ways of which none is left,
and no cache that answers without them.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from types import MappingProxyType

from archboard.design.model import Arrow
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.mode import hit_ratio
from archboard.measures.uptime.standing_in import OPEN, TRIED, crosses
from archboard.records import field, record

NONE: Mapping[str, Arrow] = MappingProxyType({})


@record
class Failing:
    """What fails for certain in a flow while some are `down`: `taken` has the failure arrow that answers, if one does.

    `asking` are those of them that are up themselves, and are asked all the same: no breaker is open. `caught` is what
    is down, and answered for whoever asks it.
    """

    taken: Mapping[str, Arrow] = field(default_factory=lambda: NONE)
    down: frozenset[str] = frozenset()
    asking: frozenset[str] = frozenset()
    caught: frozenset[str] = frozenset()


NOTHING = Failing()


def failing_in(graph: FlowGraph, down: frozenset[str]) -> Failing:
    """Return what fails in a flow while some components are down."""
    if not down:
        return NOTHING
    found = _Failing(graph, down)
    asking = (name for name, arrow in found.taken.items() if name not in down and not _is_open(arrow))
    exposed = found.exposed()
    caught = (n for n in sorted(down) if (n not in found.lost if n in found.taken else n not in exposed))
    return Failing(found.taken, down, frozenset(asking), frozenset(caught))


class _Failing:
    """What has failed for certain, from the answers backwards, until no further fallback is found to fail as well."""

    def __init__(self, graph: FlowGraph, down: Collection[str]) -> None:
        self.graph = graph
        self.down = down
        self.taken: dict[str, Arrow] = {}
        self.lost: set[str] = set()
        self._arrows: dict[str, list[Arrow]] = {}
        for arrow in graph.flow.failures:
            if arrow.condition is not None and not arrow.condition.sheds and arrow.tail != arrow.head:
                self._arrows.setdefault(arrow.tail, []).append(arrow)
        for arrows in self._arrows.values():
            arrows.sort(key=_rank)
        names = (*(name for name in self._arrows if name not in graph.place), *reversed(graph.order))
        while True:
            self.taken, lost = {}, {name for name in down if name not in graph.place and name not in self._arrows}
            for name in names:
                if self._fails(name, lost):
                    lost.add(name)
            if lost == self.lost:
                return
            self.lost = lost

    def _fails(self, name: str, lost: Collection[str]) -> bool:
        """Return whether nothing answers a request that comes to a component, and note what has failed on the way."""
        spared = hit_ratio(self.graph.design.components[name]) > 0
        calls = (arrow for stage in self.graph.calls.get(name, ()) for arrow in stage)
        own = name in self.down or (not spared and any(_is_certain(a) and a.head in lost for a in calls))
        ways = self.graph.ways.get(name, ())
        behind = not spared and bool(ways) and all(any(a.head in lost for a in arms) for _, arms in ways)
        if not own and not behind:
            return False
        arrows = [a for a in self._arrows.get(name, ()) if own or crosses(self.graph.design, a)]
        answered = next((a for a in arrows if self._answers(a, lost, behind=behind)), None)
        if answered is not None or (arrows and name in self.down):
            self.taken[name] = answered or arrows[0]
        return answered is None

    def _answers(self, arrow: Arrow, lost: Collection[str], *, behind: bool) -> bool:
        """Whether what a failure arrow leads to answers, and what is then asked behind it does too."""
        head = self.graph.design.components[arrow.head]
        if arrow.head in lost or arrow.head in self.lost:
            return False
        leads = bool(self.graph.ways.get(arrow.head) or self.graph.calls.get(arrow.head))
        spares = leads or head.flag("ends") or self.graph.design.components[arrow.tail].kind.caches
        return spares or not behind or crosses(self.graph.design, arrow)

    def exposed(self) -> set[str]:
        """Return what a request may come to that is then refused to whoever started it, or is sent without waiting."""
        graph = self.graph
        waiting = [*graph.starts, *graph.flow.starts, *(a.head for arrows in graph.asyncs.values() for a in arrows)]
        found: set[str] = set()
        while waiting:
            name = waiting.pop()
            if name in found:
                continue
            found.add(name)
            arrows = self._arrows.get(name, [])
            waiting += (arrow.head for arrow in arrows)
            if not arrows:
                waiting += (arrow.head for stage in graph.calls.get(name, ()) for arrow in stage)
            if not any(crosses(graph.design, arrow) for arrow in arrows):
                waiting += (arrow.head for _, arms in graph.ways.get(name, ()) for arrow in arms)
        return found


def _is_certain(call: Arrow) -> bool:
    """Whether every request makes a call."""
    return call.share is None or call.share >= 1


def _is_open(arrow: Arrow) -> bool:
    """Whether a failure arrow is taken without asking first."""
    return arrow.condition is not None and arrow.condition.kind in OPEN


def _rank(arrow: Arrow) -> int:
    return TRIED.index(arrow.condition.kind) if arrow.condition is not None else len(TRIED)


def caught_everywhere(failing: Mapping[str, Failing], graphs: Mapping[str, FlowGraph]) -> frozenset[str]:
    """Return what is down and caught in every flow that comes by it."""
    pairs = [(each, graphs[flow].place) for flow, each in failing.items() if each.down]
    caught = {name for each, _ in pairs for name in each.caught}
    return frozenset(caught.difference(*(each.down & (place.keys() - each.caught) for each, place in pairs)))


def at_once(caught: frozenset[str], taken: Mapping[str, Arrow]) -> frozenset[str]:
    """Return what of all that is caught refuses at once: where a timeout has to tell, each that asks it waits."""
    conditions = {name: arrow.condition for name, arrow in taken.items()}
    return frozenset(n for n in caught if (said := conditions.get(n)) is None or said.kind != "timeout")
