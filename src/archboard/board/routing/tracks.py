"""Lines side by side: which port each takes on its side, and which track in its gutter or channel.

Positions are ordinals here: column 2 reaches from 2 to 3, the gutter left of it is 2; so tracks are known before
any width is. Two lines that might touch never share a track, and no two ports of facing sides a position.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Mapping

from archboard.board.routing.routes import Cell, Leg, Side, Terrain, Way
from archboard.records import field, record

PORT_GAP = {True: 19.0, False: 22.0}
"""Between lines on an upright side (so level lines), and on a level one."""
TRACK = 8.0
"""Half of the room of a bare track."""
SPREAD = 0.42
MANY = 70
Stretch = tuple[bool, int, int]
"""Level or upright lines; the row or column; the box before it, or -1."""
End = tuple[str, bool]
"""A wire's name, and whether its head."""
Wanted = tuple[float, float, float, str]
"""Which way a line turns, how soon, where it goes, and its name."""


@record
class Room:
    """What a label takes on its wire: its size, and the part it is to stand on.

    `part` is "tail" or "head" (the line at that end), or "leg" with `leg` its number.
    """

    width: float
    height: float
    part: str
    leg: int = 0


@record(frozen=False)
class Slot:
    """One line's place among those that leave or enter facing sides."""

    size: float
    wanted: list[Wanted]
    anchor: bool = False
    ends: list[End] = field(default_factory=list)


Slots = Mapping[Stretch, Mapping[str, Slot]]


@record(frozen=False)
class Run:
    """A line's run in a gutter or channel, or a label's room there: ends by position, and the side they turn to."""

    name: str
    ends: list[tuple[float, int]]
    low: float
    high: float
    before: float = TRACK
    after: float = TRACK
    zone: bool = False


@record
class Ports:
    """Each end's distance from the middle of its side, and how far sides must reach for them."""

    offsets: Mapping[End, float]
    needs: Mapping[tuple[Cell, bool], float]
    reaches: Mapping[tuple[bool, int], float]


@record
class Band:
    """A gutter or channel with its tracks: its size, and each run's place from its start."""

    size: float
    places: Mapping[str, float]


def stretch(cell: Cell, side: Side, terrain: Terrain) -> Stretch:
    """Return what lies before a side, up to the next box."""
    row, column = cell
    line, at = (row, column) if side.level else (column, row)
    if side in (Side.RIGHT, Side.BOTTOM):
        return side.level, line, at
    taken = terrain.in_row[row] if side.level else terrain.in_column[column]
    place = bisect_left(taken, at)
    return side.level, line, taken[place - 1] if place else -1


def slots(
    ways: tuple[Way, ...], rooms: Mapping[str, Room], terrain: Terrain
) -> dict[Stretch, dict[str, Slot]]:
    """Return the lines that share each stretch between facing sides, in the order of where they go."""
    found: dict[Stretch, dict[str, Slot]] = {}
    for way in ways:
        for is_head in (False, True):
            _enter_slot(found, way, is_head, rooms.get(way.wire.name), terrain)
    return {key: dict(sorted(lines.items(), key=lambda line: _rank(line[1]))) for key, lines in sorted(found.items())}


def ports(
    ways: tuple[Way, ...], found: Slots, orders: Mapping[Stretch, tuple[str, ...]]
) -> Ports:
    """Return where each line meets its boxes, given the order of the lines at each side."""
    offsets: dict[End, float] = {}
    needs: dict[tuple[Cell, bool], float] = {}
    reaches: dict[tuple[bool, int], float] = {}
    at = {(way.wire.name, head): (way.head if head else way.tail) for way in ways for head in (False, True)}
    for (level, line, before), lines in found.items():
        order = [lines[name] for name in orders.get((level, line, before), tuple(lines))]
        for slot, offset in _spread(order):
            reaches[level, line] = max(reaches.get((level, line), 1.0), abs(offset) + slot.size / 2)
            for end in slot.ends:
                offsets[end] = offset
                cell = at[end]
                needs[cell, level] = max(needs.get((cell, level), 0.0), abs(offset))
    return Ports(offsets, needs, reaches)


def _enter_slot(
    slots: dict[Stretch, dict[str, Slot]], way: Way, is_head: bool, room: Room | None, terrain: Terrain
) -> None:
    side = way.enters if is_head else way.leaves
    key = stretch(way.head if is_head else way.tail, side, terrain)
    line = _line_of(way, is_head, side)
    size = PORT_GAP[side.level]
    if room is not None and (way.straight or room.part == ("head" if is_head else "tail")):
        size = max(size, (room.height + 6) if side.level else (room.width + 10))
    slot = slots.setdefault(key, {}).setdefault(line, Slot(size, []))
    slot.size = max(slot.size, size)
    slot.wanted.append(_wanted(way, is_head, side))
    slot.anchor = slot.anchor or (side.level and way.straight and way.wire.kind in ("request", "spine"))
    slot.anchor = slot.anchor or bool(side.level and way.wire.along and not way.legs)
    slot.ends.append((way.wire.name, is_head))


def _line_of(way: Way, is_head: bool, side: Side) -> str:
    if way.wire.along and not way.legs and side.level:
        return f"along {way.wire.along}"
    if way.wire.bundle and (not is_head or way.straight):
        return f"bundle {way.wire.bundle} {way.leaves.value}"
    return way.wire.name


def _wanted(way: Way, is_head: bool, side: Side) -> Wanted:
    """Return where a line goes once it has left its side, to order lines by.

    Those that turn back come first, then those straight on; of lines that turn alike, the one that turns first stands
    outermost, so that it does not pass under the others.
    """
    here, there = (way.head, way.tail) if is_head else (way.tail, way.head)
    axis, across = (0, 1) if side.level else (1, 0)
    legs = way.legs[::-1] if is_head else way.legs
    if way.straight:
        return 0.0, 0.0, here[axis] + 0.5, way.wire.name
    far = float(legs[1].place) if len(legs) > 1 else there[axis] + 0.5
    turn = float(legs[0].place) if legs else there[across] + 0.5
    depth = abs(turn - here[across] - 0.5)
    if abs(far - here[axis] - 0.5) < 0.1:
        return 0.0, 0.0, far, way.wire.name
    direction = 1.0 if far > here[axis] + 0.5 else -1.0
    return direction, -direction * depth, far, way.wire.name


def _spread(order: list[Slot]) -> list[tuple[Slot, float]]:
    """Return slots with their distances from the middle: the row line in it, or all of them about it."""
    places, at = [], 0.0
    for slot in order:
        places.append(at + slot.size / 2)
        at += slot.size
    anchors = [place for slot, place in zip(order, places, strict=True) if slot.anchor]
    middle = anchors[len(anchors) // 2] if anchors else at / 2
    return [(slot, place - middle) for slot, place in zip(order, places, strict=True)]


def _rank(slot: Slot) -> Wanted:
    many = len(slot.wanted)
    turn = math.fsum(wanted[0] for wanted in slot.wanted) / many
    depth = math.fsum(wanted[1] for wanted in slot.wanted) / many
    far = math.fsum(wanted[2] for wanted in slot.wanted) / many
    return turn, far, depth, min(wanted[3] for wanted in slot.wanted)


def bands(ways: tuple[Way, ...], rooms: Mapping[str, Room], found: Ports, terrain: Terrain) -> dict[Leg, Band]:
    """Return the tracks of every gutter and channel in use."""
    runs: dict[Leg, dict[str, Run]] = {}
    for way in ways:
        _enter_runs(runs, way, rooms.get(way.wire.name), found)
        _enter_zone(runs, way, rooms.get(way.wire.name), terrain)
    return {leg: _band(list(inside.values())) for leg, inside in runs.items()}


def ordinal(cell: Cell, side: Side, end: End, found: Ports) -> float:
    """Return where a line leaves a side, as an ordinal along that side."""
    at = cell[0] if side.level else cell[1]
    reach = found.reaches.get((side.level, at), 1.0)
    return at + 0.5 + SPREAD * found.offsets[end] / max(reach, 1.0)


def run_name(way: Way, place: int) -> str:
    """Return the name of the run that a leg belongs to; the first legs of a bundle are one run."""
    if way.wire.bundle and place == 0:
        return f"bundle {way.wire.bundle} {way.leaves.value}"
    return f"{way.wire.name} {place}"


def _enter_runs(runs: dict[Leg, dict[str, Run]], way: Way, room: Room | None, found: Ports) -> None:
    if not way.legs:
        return
    fixed = [
        ordinal(way.tail, way.leaves, (way.wire.name, False), found),
        *(float(leg.place) for leg in way.legs),
        ordinal(way.head, way.enters, (way.wire.name, True), found),
    ]
    first = way.tail[1 if way.leaves.level else 0] + 0.5
    last = way.head[1 if way.enters.level else 0] + 0.5
    for place, leg in enumerate(way.legs):
        here = place + 1
        back = first if here == 1 else fixed[here - 2]
        on = last if here == len(way.legs) else fixed[here + 2]
        ends = [(fixed[here - 1], _sign(back - fixed[here])), (fixed[here + 1], _sign(on - fixed[here]))]
        name = run_name(way, place)
        low, high = sorted((fixed[here - 1], fixed[here + 1]))
        run = runs.setdefault(leg, {}).setdefault(name, Run(name, [], low, high))
        run.ends += ends
        run.low, run.high = min(run.low, low), max(run.high, high)
        if room is not None:
            _widen(run, room, way, place, ends)


def _widen(run: Run, room: Room, way: Way, place: int, ends: list[tuple[float, int]]) -> None:
    """Give a run the room of a label on it, or on the line between it and its box."""
    size = room.width if way.legs[place].upright else room.height
    if room.part == "leg" and room.leg == place:
        run.before, run.after = max(run.before, size / 2 + 5), max(run.after, size / 2 + 5)
    for part, at, end in (("tail", 0, ends[0]), ("head", len(way.legs) - 1, ends[1])):
        if room.part == part and at == place:
            if end[1] < 0:
                run.before = max(run.before, size + 20)
            else:
                run.after = max(run.after, size + 20)


def _enter_zone(runs: dict[Leg, dict[str, Run]], way: Way, room: Room | None, terrain: Terrain) -> None:
    """Keep room in a gutter or channel for a label on a line that crosses it."""
    if way.legs or room is None:
        return
    is_head = room.part == "head"
    cell, side = (way.head, way.enters) if is_head else (way.tail, way.leaves)
    reach = terrain.reach(cell, side)
    leg = Leg(side.level, reach[0])
    size = room.width if side.level else room.height
    at = float(cell[0] if side.level else cell[1])
    name = f"{way.wire.name} label"
    run = Run(name, [], at + 0.05, at + 0.95, size / 2 + 4, size / 2 + 4, zone=True)
    runs.setdefault(leg, {})[name] = run


def _sign(value: float) -> int:
    return 1 if value > 0 else -1


def _band(runs: list[Run]) -> Band:
    order = _ordered(sorted(runs, key=lambda run: run.name))
    levels: list[int] = []
    for place, run in enumerate(order):
        over = [levels[other] + 1 for other in range(place) if _touch(run, order[other])]
        levels.append(max(over, default=0))
    if not levels:
        return Band(0.0, {})
    before, after = [0.0] * (max(levels) + 1), [0.0] * (max(levels) + 1)
    for level, run in zip(levels, order, strict=True):
        before[level], after[level] = max(before[level], run.before), max(after[level], run.after)
    at, middles = 0.0, []
    for low, high in zip(before, after, strict=True):
        middles.append(at + low)
        at += low + high
    return Band(at, {run.name: middles[level] for level, run in zip(levels, order, strict=True)})


def _touch(one: Run, other: Run) -> bool:
    return one.low <= other.high + 0.06 and other.low <= one.high + 0.06


def _ordered(runs: list[Run]) -> list[Run]:
    """Return runs in an order that lets few of their ends cross one another."""
    if len(runs) > MANY:
        return sorted(runs, key=lambda run: (sum(turn for _, turn in run.ends), run.low, run.name))
    gain = [sum(_cost(other, run) - _cost(run, other) for other in runs if other is not run) for run in runs]
    order = [
        run
        for _, _, run in sorted(zip(gain, range(len(runs)), runs, strict=True), key=lambda each: (-each[0], each[1]))
    ]
    for _ in range(len(order)):
        moved = False
        for place in range(len(order) - 1):
            one, other = order[place], order[place + 1]
            if _cost(other, one) < _cost(one, other):
                order[place], order[place + 1] = other, one
                moved = True
        if not moved:
            break
    return order


def _cost(first: Run, second: Run) -> int:
    """Return how many crossings it takes to have one run before another."""
    back = sum(1 for at, turn in second.ends if turn < 0 and first.low < at < first.high)
    return back + sum(1 for at, turn in first.ends if turn > 0 and second.low < at < second.high)
