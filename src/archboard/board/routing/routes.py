"""Which way each arrow goes: out of a side, along gutters and channels, into a side.

Between any two columns lies a gutter, between any two rows a channel, and no box ever stands in one; so
every way that keeps to them is free. Of the few ways with at most four bends the cheapest is taken: short, few
bends, few crossings, out and in at the sides its kind prefers. Empty cells may be crossed straight on.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from enum import Enum
from itertools import pairwise
from typing import NamedTuple

from archboard.board.marks import Point
from archboard.board.routing.crossings import Crossings
from archboard.records import field, record

Cell = tuple[int, int]
FEW = 220
"""Up to how many wires crossings are counted while routing, and each wire is routed again when all others are."""
PASSES = 3


class Side(Enum):
    """A side of a box."""

    LEFT = "left"
    RIGHT = "right"
    TOP = "top"
    BOTTOM = "bottom"

    @property
    def level(self) -> bool:
        """Whether a line leaves it horizontally."""
        return self in (Side.LEFT, Side.RIGHT)


@record
class Leg:
    """A stretch of a way: along the gutter left of a column (upright) or the channel above a row."""

    upright: bool
    place: int


@record
class Wire:
    """Something to be routed. Wires of one `bundle` leave by one port and share their first leg.

    `along` names the row line that it may share with others (a cache on the way and the core row beneath it).
    """

    name: str
    tail: str
    head: str
    kind: str
    bundle: str = ""
    along: str = ""


@record
class Way:
    """A wire's way. Without legs it is straight, or turns once."""

    wire: Wire
    tail: Cell
    head: Cell
    leaves: Side
    enters: Side
    legs: tuple[Leg, ...] = ()

    @property
    def straight(self) -> bool:
        """Whether it has no bend."""
        return not self.legs and self.leaves.level == self.enters.level


class Offer(NamedTuple):
    """A way as a rough polyline, and what it costs by itself."""

    way: Way
    points: tuple[Point, ...]
    bare: float


@record
class Terrain:
    """The grid as routing sees it: rough coordinates, and what stands in each row and column."""

    columns: tuple[float, ...]
    rows: tuple[float, ...]
    gutters: tuple[float, ...]
    channels: tuple[float, ...]
    half: Mapping[Cell, tuple[float, float]]
    in_row: Mapping[int, tuple[int, ...]]
    in_column: Mapping[int, tuple[int, ...]]

    def reach(self, cell: Cell, side: Side) -> range:
        """Return the gutters or channels that a line out of a side meets before the next box, nearest first."""
        row, column = cell
        taken, at = (self.in_row[row], column) if side.level else (self.in_column[column], row)
        many = len(self.columns) if side.level else len(self.rows)
        if side in (Side.LEFT, Side.TOP):
            place = bisect_left(taken, at)
            return range(at, taken[place - 1] if place else -1, -1)
        place = bisect_right(taken, at)
        return range(at + 1, (taken[place] if place < len(taken) else many) + 1)

    def port(self, cell: Cell, side: Side) -> Point:
        """Return the middle of a box's side, roughly."""
        x, y = self.columns[cell[1]], self.rows[cell[0]]
        wide, tall = self.half[cell]
        match side:
            case Side.LEFT:
                return x - wide, y
            case Side.RIGHT:
                return x + wide, y
            case Side.TOP:
                return x, y - tall
            case Side.BOTTOM:
                return x, y + tall

    def points(self, way: Way) -> tuple[Point, ...]:
        """Return a way as a rough polyline."""
        start, end = self.port(way.tail, way.leaves), self.port(way.head, way.enters)
        if not way.legs:
            if way.straight:
                return (start, end)
            return (start, (end[0], start[1]) if way.leaves.level else (start[0], end[1]), end)
        points = [start]
        for leg in way.legs:
            x, y = points[-1]
            points.append((self.gutters[leg.place], y) if leg.upright else (x, self.channels[leg.place]))
        x, y = points[-1]
        points.append((x, end[1]) if way.legs[-1].upright else (end[0], y))
        return (*points, end)


PREFERRED: Mapping[str, tuple[Mapping[Side, float], Mapping[Side, float]]] = {
    "request": (
        {Side.RIGHT: 0, Side.TOP: 18, Side.BOTTOM: 18, Side.LEFT: 70},
        {Side.LEFT: 0, Side.TOP: 18, Side.BOTTOM: 18, Side.RIGHT: 70},
    ),
    "call": (
        {Side.TOP: 0, Side.BOTTOM: 4, Side.RIGHT: 12, Side.LEFT: 20},
        {Side.BOTTOM: 0, Side.TOP: 4, Side.LEFT: 12, Side.RIGHT: 20},
    ),
    "async": (
        {Side.BOTTOM: 0, Side.TOP: 6, Side.RIGHT: 10, Side.LEFT: 16},
        {Side.TOP: 0, Side.BOTTOM: 6, Side.LEFT: 10, Side.RIGHT: 16},
    ),
    "failure": (
        {Side.BOTTOM: 0, Side.TOP: 12, Side.RIGHT: 20, Side.LEFT: 20},
        {Side.TOP: 0, Side.LEFT: 10, Side.RIGHT: 10, Side.BOTTOM: 24},
    ),
}
BEND = 34.0
CROSSING = 60.0
CROWD = 7.0
TOGETHER = 60.0


@record(frozen=False)
class Traffic:
    """What has been routed so far."""

    crossings: Crossings | None
    ports: dict[tuple[Cell, Side], int] = field(default_factory=dict)
    legs: dict[Leg, int] = field(default_factory=dict)
    trunks: dict[tuple[str, Side], int] = field(default_factory=dict)


def route(wires: tuple[Wire, ...], cells: Mapping[str, Cell], terrain: Terrain) -> tuple[Way, ...]:
    """Return a way for every wire, short ones first; ties by name."""

    def far(wire: Wire) -> float:
        (row, column), (other_row, other_column) = cells[wire.tail], cells[wire.head]
        return abs(row - other_row) + abs(column - other_column)

    order = sorted(wires, key=lambda wire: (wire.along == "", far(wire), wire.tail, wire.head, wire.kind, wire.name))
    traffic = Traffic(Crossings() if len(wires) <= FEW else None)
    found: dict[str, Way] = {}
    offers: dict[str, tuple[Offer, ...]] = {}
    for _ in range(PASSES if traffic.crossings else 1):
        for wire in order:
            if wire.name in found:
                _note(found[wire.name], terrain, traffic, -1)
            if wire.name not in offers:
                offers[wire.name] = _offers(wire, cells[wire.tail], cells[wire.head], terrain)
            priced = [(price(offer, traffic), place) for place, offer in enumerate(offers[wire.name])]
            way = found[wire.name] = offers[wire.name][min(priced)[1]].way
            _note(way, terrain, traffic, 1)
    return tuple(found[wire.name] for wire in wires)


def _note(way: Way, terrain: Terrain, traffic: Traffic, times: int) -> None:
    """Count a way in, or out again with -1."""
    for port in ((way.tail, way.leaves), (way.head, way.enters)):
        traffic.ports[port] = traffic.ports.get(port, 0) + times
    for leg in way.legs:
        traffic.legs[leg] = traffic.legs.get(leg, 0) + times
    if way.wire.bundle:
        trunk = (way.wire.bundle, way.leaves)
        traffic.trunks[trunk] = traffic.trunks.get(trunk, 0) + times
    if traffic.crossings is not None:
        noted = traffic.crossings.add if times > 0 else traffic.crossings.remove
        noted(way.wire.bundle or way.wire.along or way.wire.name, terrain.points(way))


def bare_price(way: Way, terrain: Terrain) -> float:
    """Return what a way costs by itself: its length, bends and sides."""
    points = terrain.points(way)
    length = math.fsum(abs(a[0] - b[0]) + abs(a[1] - b[1]) for a, b in pairwise(points))
    leaving, entering = PREFERRED[way.wire.kind]
    return length + BEND * (len(points) - 2) + leaving[way.leaves] + entering[way.enters]


def choices(way: Way, terrain: Terrain, most: int) -> tuple[Way, ...]:
    """Return the cheapest other ways of a wire."""
    others = [other for other in candidates(way.wire, way.tail, way.head, terrain) if other != way]
    priced = sorted((bare_price(other, terrain), place) for place, other in enumerate(others))
    return tuple(others[place] for _, place in priced[:most])


def _offers(wire: Wire, tail: Cell, head: Cell, terrain: Terrain) -> tuple[Offer, ...]:
    ways = candidates(wire, tail, head, terrain)
    return tuple(Offer(way, terrain.points(way), bare_price(way, terrain)) for way in ways)


def price(offer: Offer, traffic: Traffic) -> float:
    """Return what a way costs: its length, bends, sides, and what it crosses or crowds."""
    way, points, cost = offer
    shared = traffic.trunks.get((way.wire.bundle, way.leaves), 0) > 0
    if not (way.wire.along and way.leaves is Side.RIGHT) and not shared:
        cost += CROWD * traffic.ports.get((way.tail, way.leaves), 0)
    if not (way.wire.along and way.enters is Side.LEFT):
        cost += CROWD * traffic.ports.get((way.head, way.enters), 0)
    cost -= TOGETHER if shared else 0
    cost += sum(min(traffic.legs.get(leg, 0), 6) for leg in way.legs) * (0 if shared else 3)
    if way.wire.along:
        starts = way.wire.along.startswith(f"{way.wire.tail}>")
        shared_row = way.leaves is Side.RIGHT if starts else way.enters is Side.LEFT
        cost += -80 if shared_row and not way.legs else 400
    if traffic.crossings is not None:
        key = way.wire.bundle or way.wire.along or way.wire.name
        cost += CROSSING * traffic.crossings.count(key, points)
    return cost


def candidates(wire: Wire, tail: Cell, head: Cell, terrain: Terrain) -> tuple[Way, ...]:
    """Return the ways worth pricing."""
    found: dict[Way, None] = {}
    if wire.tail == wire.head:
        return tuple(_around(wire, tail, terrain))
    outs = {side: terrain.reach(tail, side) for side in Side}
    ins = {side: terrain.reach(head, side) for side in Side}
    for leaves in Side:
        for enters in Side:
            for legs in _legs(tail, head, leaves, enters, outs[leaves], ins[enters], terrain):
                found[Way(wire, tail, head, leaves, enters, legs)] = None
    return tuple(found)


def _around(wire: Wire, cell: Cell, terrain: Terrain) -> Iterator[Way]:
    """Yield the ways of a box to itself: out of a side, round the corner, into the side next to it."""
    for leaves in Side:
        for enters in Side:
            if leaves.level != enters.level:
                out, into = terrain.reach(cell, leaves)[0], terrain.reach(cell, enters)[0]
                yield Way(wire, cell, cell, leaves, enters, (Leg(leaves.level, out), Leg(enters.level, into)))


def _legs(
    tail: Cell, head: Cell, leaves: Side, enters: Side, out: range, into: range, terrain: Terrain
) -> Iterator[tuple[Leg, ...]]:
    if _direct(tail, head, leaves, enters, out, into):
        yield ()
    first, last = not leaves.level, not enters.level
    outs, ins = _near(out, head, leaves), _near(into, tail, enters)
    if leaves.level == enters.level:
        shared = [place for place in outs if place in into] + [place for place in ins if place in out]
        for place in dict.fromkeys(shared):
            yield (Leg(not first, place),)
        many = len(terrain.rows) if leaves.level else len(terrain.columns)
        one, other = (tail[0], head[0]) if leaves.level else (tail[1], head[1])
        between = {one, one + 1, other, other + 1, (one + other + 1) // 2}
        for start in outs[:2]:
            for end in ins[:2]:
                for middle in sorted(between):
                    if 0 <= middle <= many and start != end:
                        yield (Leg(not first, start), Leg(first, middle), Leg(not last, end))
    else:
        for start in outs:
            for end in ins:
                yield (Leg(not first, start), Leg(not last, end))


def _near(places: range, other: Cell, side: Side) -> list[int]:
    """Return the nearest place, and those beside the other end that are within reach."""
    at = other[1] if side.level else other[0]
    wanted = (places[0], *(place for place in (at, at + 1) if place in places))
    return list(dict.fromkeys(wanted))


def _direct(tail: Cell, head: Cell, leaves: Side, enters: Side, out: range, into: range) -> bool:
    """Whether the lines out of two sides meet without a box between: straight on, or in one corner."""
    facing = {Side.RIGHT: Side.LEFT, Side.LEFT: Side.RIGHT, Side.TOP: Side.BOTTOM, Side.BOTTOM: Side.TOP}
    if leaves.level == enters.level:
        if facing[leaves] is not enters or (tail[0] != head[0] if leaves.level else tail[1] != head[1]):
            return False
        return out[-1] == into[0]
    row, column = (tail[0], head[1]) if leaves.level else (head[0], tail[1])
    along, across = (column, row) if leaves.level else (row, column)
    return _passes(out, along) and _passes(into, across)


def _passes(reach: range, place: int) -> bool:
    """Whether a line crosses the whole of a column or row: the places on both sides of it are in reach."""
    return place in reach and place + 1 in reach
