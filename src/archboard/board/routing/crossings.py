"""How often a polyline crosses those before it."""

from __future__ import annotations

from itertools import pairwise

from archboard.board.marks import Point
from archboard.records import field, record

Stretch = tuple[float, float, float, str]
"""Where it lies, from, to, and whose it is."""


@record(frozen=False)
class Crossings:
    """Upright and level stretches of what has been routed."""

    upright: list[Stretch] = field(default_factory=list)
    level: list[Stretch] = field(default_factory=list)

    def add(self, name: str, points: tuple[Point, ...]) -> None:
        """Note a polyline."""
        for upright, stretch in stretches(name, points):
            (self.upright if upright else self.level).append(stretch)

    def remove(self, name: str, points: tuple[Point, ...]) -> None:
        """Forget a polyline noted before."""
        for upright, stretch in stretches(name, points):
            (self.upright if upright else self.level).remove(stretch)

    def count(self, name: str, points: tuple[Point, ...]) -> int:
        """Return how often a polyline crosses those noted, its own name apart."""
        found = 0
        for upright, (at, low, high, _) in stretches(name, points):
            for other, start, end, whose in self.level if upright else self.upright:
                if low < other < high and start < at < end and whose != name:
                    found += 1
        return found


def stretches(name: str, points: tuple[Point, ...]) -> list[tuple[bool, Stretch]]:
    """Return the straight parts of an orthogonal polyline: whether upright, and where."""
    found = []
    for (x, y), (next_x, next_y) in pairwise(points):
        if abs(x - next_x) < 0.01 and y != next_y:
            found.append((True, (x, min(y, next_y), max(y, next_y), name)))
        elif x != next_x:
            found.append((False, (y, min(x, next_x), max(x, next_x), name)))
    return found
