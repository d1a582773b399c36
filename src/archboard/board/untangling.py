"""Fewer crossings: lines at one side of a box change places wherever that untangles the drawing.

Ports are ordered by where their lines go, which is right for most. Then neighbours are exchanged, one pair at a
time, and whatever lowers the count of crossings stays; trials are bounded, so large boards stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archboard.board.crossings import stretches
from archboard.board.geometry import Drawing
from archboard.board.routes import Way
from archboard.board.tracks import Stretch

TRIALS = 220
LARGEST = 130
Orders = Mapping[Stretch, tuple[str, ...]]


def untangled(
    ways: tuple[Way, ...], first: Orders, drawn: Callable[[Orders], Drawing]
) -> dict[Stretch, tuple[str, ...]]:
    """Return an order of the lines at each side with as few crossings as a bounded search finds."""
    best = dict(first)
    if len(ways) > LARGEST:
        return best
    owners = {way.wire.name: way.wire.bundle or way.wire.along or way.wire.name for way in ways}
    fewest = tangles(drawn(best), owners)
    trials = 0
    improved = True
    while improved and fewest:
        improved = False
        for key in sorted(first):
            for place in range(len(first[key]) - 1):
                if trials >= TRIALS:
                    return best
                trials += 1
                order = [*best[key]]
                order[place], order[place + 1] = order[place + 1], order[place]
                tried = {**best, key: tuple(order)}
                count = tangles(drawn(tried), owners)
                if count < fewest:
                    best, fewest, improved = tried, count, True
    return best


def tangles(drawing: Drawing, owners: Mapping[str, str]) -> int:
    """Return how often lines of different owners cross."""
    upright: list[tuple[float, float, float, str]] = []
    level: list[tuple[float, float, float, str]] = []
    for name, points in drawing.lines.items():
        for is_upright, stretch in stretches(owners[name], points):
            (upright if is_upright else level).append(stretch)
    return sum(
        1
        for x, top, bottom, whose in upright
        for y, left, right, other in level
        if left < x < right and top < y < bottom and whose != other
    )
