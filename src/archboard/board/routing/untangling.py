"""Fewer crossings: lines take another way, or change places at one side of a box, where that untangles the drawing.

Ports are ordered by where their lines go, which is right for most. Then neighbours are exchanged, one pair at a
time, and whatever lowers the count of crossings stays; trials are bounded, so large boards stay as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import chain

from archboard.board.placing.geometry import Drawing
from archboard.board.routing.crossings import stretches
from archboard.board.routing.routes import CROSSING, Terrain, Way, bare_price, choices
from archboard.board.routing.tracks import Stretch

TRIALS = 220
WORK = 4500
"""Lines drawn in all while other ways are tried."""
CHOICES = 8
LARGEST = 130
Orders = Mapping[Stretch, tuple[str, ...]]


def untangled(
    ways: tuple[Way, ...], first: Orders, drawn: Callable[[Orders], Drawing]
) -> dict[Stretch, tuple[str, ...]]:
    """Return an order of the lines at each side with as few crossings as a bounded search finds."""
    best = dict(first)
    if len(ways) > LARGEST:
        return best
    owners = {way.wire.name: _owner(way) for way in ways}
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


def rerouted(
    ways: tuple[Way, ...], terrain: Terrain, drawn: Callable[[tuple[Way, ...]], Drawing]
) -> tuple[Way, ...]:
    """Return ways with fewer crossings: those that cross try their cheapest others, as the drawing really is."""
    if len(ways) > LARGEST:
        return ways
    owners = {way.wire.name: _owner(way) for way in ways}
    best, trials = list(ways), 0
    crossed = tangled(drawn(ways), owners)
    improved = True
    while improved and crossed:
        improved = False
        for place, way in enumerate(ways):
            if way.wire.bundle or way.wire.along or owners[way.wire.name] not in set(chain.from_iterable(crossed)):
                continue
            for other in choices(best[place], terrain, CHOICES):
                if trials >= WORK // len(ways):
                    return tuple(best)
                trials += 1
                tried = [*best[:place], other, *best[place + 1 :]]
                found = tangled(drawn(tuple(tried)), owners)
                dearer = bare_price(other, terrain) - bare_price(best[place], terrain)
                if CROSSING * len(found) + dearer < CROSSING * len(crossed) - 1:
                    best, crossed, improved = tried, found, True
    return tuple(best)


def _owner(way: Way) -> str:
    return way.wire.bundle or way.wire.along or way.wire.name


def tangles(drawing: Drawing, owners: Mapping[str, str]) -> int:
    """Return how often lines of different owners cross."""
    return len(tangled(drawing, owners))


def tangled(drawing: Drawing, owners: Mapping[str, str]) -> list[tuple[str, str]]:
    """Return which lines of different owners cross, once for each crossing."""
    upright: list[tuple[float, float, float, str]] = []
    level: list[tuple[float, float, float, str]] = []
    for name, points in drawing.lines.items():
        for is_upright, stretch in stretches(owners[name], points):
            (upright if is_upright else level).append(stretch)
    return [
        (whose, other)
        for x, top, bottom, whose in upright
        for y, left, right, other in level
        if left < x < right and top < y < bottom and whose != other
    ]
