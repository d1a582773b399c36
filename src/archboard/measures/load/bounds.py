"""Bounds of loads: what more requests bring at most, as a quick look before the loads are worked out.

Each arrow is followed with its share and the misses of caches, and ways that meet add up. What nobody waits for and is
drawn in another flow, or closes a circle, is not followed: all behind it may get any amount.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from heapq import heappop, heappush

from archboard.measures.analysis import Analysis
from archboard.measures.flow.graph import FlowGraph


def at_most_without(analysis: Analysis, cache: str, hit: float) -> Mapping[str, float]:
    """Return what a lost cache's misses add behind it, at most."""
    return _at_most(analysis, cache, analysis.loads.demand.get(cache, 0.0) * hit, first=True)


def at_most_with(analysis: Analysis, name: str, more: float) -> Mapping[str, float]:
    """Return what so many more requests to a component bring to it and behind it, at most."""
    return _at_most(analysis, name, more, first=False)


def _at_most(analysis: Analysis, start: str, rate: float, *, first: bool) -> Mapping[str, float]:
    """Return the most that requests from a component on bring; the hits of a lost `first` count too."""
    extra: dict[str, float] = {}
    for graph in analysis.graphs.values():
        if start not in graph.place:
            continue
        waiting = {start: rate}
        heap = [(graph.place[start], start)]
        while heap:
            name = heappop(heap)[1]
            come = waiting.pop(name)
            extra[name] = extra.get(name, 0.0) + come
            for head in _elsewhere(analysis, graph, name):
                extra.update(dict.fromkeys(analysis.behind(head), math.inf))
            for arrow, factor in graph.onward(name, first=first and name == start):
                if arrow.head not in waiting:
                    heappush(heap, (graph.place[arrow.head], arrow.head))
                waiting[arrow.head] = waiting.get(arrow.head, 0.0) + come * factor
    return extra or {start: rate}


def _elsewhere(analysis: Analysis, graph: FlowGraph, name: str) -> list[str]:
    """Return where a component sends what it gets that its own flow does not follow."""
    followed = {arrow.id for arrow in graph.asyncs.get(name, ())}
    sent = (arrow for _, arrow in analysis.asyncs.get(name, ()) if arrow.number_of("rate") is None)
    return [arrow.head for arrow in sent if arrow.id not in followed]
