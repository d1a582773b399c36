"""Ways through a flow's network, read as what each component and hop on them takes."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import ArrowKind, Flow
from archboard.facts import Item, PathFact, tidy
from archboard.maths.fanout import needed_quantile
from archboard.maths.network import Attempts, Cut, Hop, Network, NetworkBuilder, Quorum
from archboard.maths.percentiles.mean import mean_of
from archboard.measures.analysis import Analysis
from archboard.measures.flow.mode import hit_ratio
from archboard.measures.flow.times import NO_TIME
from archboard.records import replace

Copies = tuple[tuple[int, int], ...]
"""Copies in copies, the outer ones first: how many, and how many of them must answer."""


TOGETHER = (0, 0)
"""Stands for the wait in a queue that copies share."""


class Ways:
    """Reads ways through one network as path facts; each hop's numbers are worked out once for all of them."""

    def __init__(self, analysis: Analysis, flow: Flow, network: Network, metrics: Mapping[str, float | None]) -> None:
        self.analysis = analysis
        self.graph = analysis.graphs[flow.name]
        self.network = network
        self.metrics = metrics
        self._items: dict[tuple[int, str | None, Copies], Item | None] = {}

    def path(self, way: tuple[float, tuple[int, ...]], *, waterfall: bool = False) -> PathFact:
        """Return one way with its contributors; with `waterfall` each also carries the sum so far."""
        probability, indices = way
        components: list[str] = []
        items: list[Item] = []
        caller: dict[str, str] = {}
        begun: list[tuple[int, int]] = []
        copies: list[tuple[int, int]] = []
        for index in indices:
            hop = self.network.nodes[index]
            if isinstance(hop, Attempts | Quorum | Cut):
                closes = bool(begun) and begun[-1][0] == index
                first = begun.pop()[1] if closes else len(items)
                if not closes:
                    begun.append((index, first))
                if isinstance(hop, Quorum):
                    copies = copies[:-1] if closes else [*copies, (hop.copies, hop.needed)]
                elif closes:
                    longest = hop.longest if isinstance(hop, Attempts) else hop.timeout
                    items[first:] = self._cut(hop, longest, items[first:], tuple(copies))
                continue
            assert isinstance(hop, Hop)
            arrow = self.graph.arrows.get(hop.name)
            called_by = caller.get(hop.name)
            if arrow is None:
                components += () if hop.waits else (hop.name,)
            elif arrow.kind is ArrowKind.CALL:
                called_by = caller[arrow.head] = arrow.tail
            shared = hop.waits and arrow is None
            item = self._item(index, hop, called_by, (*copies, TOGETHER) if shared else tuple(copies))
            if item is not None:
                items.append(item)
        components = [name for name in components if name in self.analysis.design.components]
        sums = {metric: tidy(math.fsum(item.seconds[metric] for item in items)) for metric in self.metrics}
        listed = tuple(self._falling(items)) if waterfall else tuple(items)
        return PathFact(probability, tuple(components), listed, sums, _kind(self.analysis, components))

    def _cut(self, attempts: Attempts | Cut, longest: float, items: list[Item], copies: Copies) -> list[Item]:
        """Return one attempt's contributors; at percentiles where it is late, all attempts in their place."""
        late = [
            metric for metric in self.metrics if math.fsum(i.seconds[metric] for i in items) > attempts.timeout + 1e-12
        ]
        late = list(self.metrics) if isinstance(attempts, Cut) and attempts.late else late
        if not late:
            return items
        kept = [replace(item, seconds={**item.seconds, **dict.fromkeys(late, 0.0)}) for item in items]
        seconds = {metric: tidy(longest) if metric in late else 0.0 for metric in self.metrics}
        shown = [item for item in kept if any(item.seconds.values())]
        arrow, count = self.graph.arrows[attempts.name], attempts.count if isinstance(attempts, Attempts) else 1
        caller = arrow.tail if arrow.kind is ArrowKind.CALL else None
        return [*shown, Item(arrow.head, False, seconds, caller=caller, attempts=count, copies=copies)]

    def _item(self, index: int, hop: Hop, called_by: str | None, copies: Copies) -> Item | None:
        key = (index, called_by, copies)
        if key not in self._items:
            read = {metric: self._read(hop, metric, q, copies) for metric, q in self.metrics.items()}
            seconds = {metric: tidy(time) for metric, time in read.items()}
            is_hop = hop.name not in self.analysis.design.components
            made = None
            if hop.distribution != NO_TIME:
                made = Item(hop.name, is_hop, seconds, caller=called_by, copies=copies, waits=hop.waits and is_hop)
            self._items[key] = made
        return self._items[key]

    def _read(self, hop: Hop, metric: str, q: float | None, copies: Copies) -> float:
        """Return what a hop takes at a percentile, on average or at most: in copies, the last that is waited for."""
        copies = tuple(each for each in copies if each != TOGETHER)
        if q is not None:
            return hop.distribution.quantile(asked_of_one(q, copies))
        if metric != "mean":
            return hop.distribution.support[1]
        if not copies or not hop.distribution.is_random:
            return hop.distribution.mean()
        build = NetworkBuilder()
        node = build.hop(hop.distribution)
        for count, needed in reversed(copies):
            node = build.quorum(node, count, needed)
        return mean_of(build.network(node), self.analysis.transforms)

    def _falling(self, items: list[Item]) -> Iterator[Item]:
        totals = dict.fromkeys(self.metrics, 0.0)
        for item in items:
            totals = {metric: tidy(totals[metric] + item.seconds[metric]) for metric in self.metrics}
            yield replace(item, cumulative=totals)


def asked_of_one(q: float, copies: Copies) -> float:
    """Return the quantile of one copy that is the q-quantile of the last that is waited for.

    What all copies wait for together counts as none, and is that of all.
    """
    for count, needed in copies:
        q = needed_quantile(q, count, needed) if count else q
    return q


def _kind(analysis: Analysis, components: list[str]) -> str:
    caches = [name for name in components if hit_ratio(analysis.design.components[name]) > 0]
    if not caches:
        return ""
    return "hit" if components[-1] == caches[-1] else "miss"
