"""Refusals: how likely an attempt over an arrow comes back unanswered, because what it leads to is down.

A component that is down, and for which nothing answers, refuses at once. Who calls it, or passes requests on to it,
cannot answer either, unless a failure arrow of its own says what does: so a refusal goes up, and every tier with
retries asks again. Behind an open breaker (a failure arrow of what is down) nothing is asked.
"""

from __future__ import annotations

import math
from collections.abc import Collection

from archboard.design.model import Arrow
from archboard.maths.trying import given_up
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.guards import tried_again
from archboard.measures.flow.mode import hit_ratio


def refused_in(graph: FlowGraph, dead: Collection[str]) -> dict[str, float]:
    """Return, for each request and call of a flow whose attempts may be refused, the chance of it; none where dead."""
    if dead and not graph.place.keys().isdisjoint(dead):
        return _Refusing(graph, dead).arrows
    return {}


class _Refusing:
    """The chance that each component of a flow refuses, from the answers backwards."""

    def __init__(self, graph: FlowGraph, dead: Collection[str]) -> None:
        self.graph = graph
        self.arrows: dict[str, float] = {}
        self._caught = {a.tail for a in graph.flow.failures if a.condition and not a.condition.sheds}
        self._chance: dict[str, float] = {}
        for name in reversed(graph.order):
            chance = 1.0 if name in dead else self._of(name)
            if chance > 0:
                self._chance[name] = 0.0 if name in self._caught else chance

    def _of(self, name: str) -> float:
        """Return the chance that a component that is up cannot answer."""
        answered = 1.0
        for stage in self.graph.calls.get(name, ()):
            for arrow in stage:
                share = 1.0 if arrow.share is None else arrow.share
                answered *= 1.0 - share * self._given_up(arrow)
        ways = self.graph.ways.get(name, ())
        if ways:
            answered *= math.fsum(p * math.prod(1.0 - self._given_up(a) for a in arrows) for p, arrows in ways)
        return (1.0 - hit_ratio(self.graph.design.components[name])) * (1.0 - answered)

    def _given_up(self, arrow: Arrow) -> float:
        """Return the chance that every attempt over an arrow is refused, and remember that of one."""
        chance = self._chance.get(arrow.head, 0.0)
        if chance > 0:
            self.arrows[arrow.id] = chance
        return given_up(chance, len(arrow.waits) + 1, tried_again(arrow, chance))
