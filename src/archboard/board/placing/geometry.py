"""Cells, ports and tracks into pixels: boxes, frames and the polyline of every wire."""

from __future__ import annotations

from collections.abc import Mapping

from archboard.board.marks import Point
from archboard.board.routing.routes import Cell, Leg, Side, Terrain, Way
from archboard.board.routing.tracks import Band, Ports, run_name
from archboard.records import record

MARGIN = {True: 21.0, False: 19.0}
"""Between a box and the first track of a gutter (upright) or a channel."""
BARE = {True: 58.0, False: 50.0}
"""The least gutter, the least channel."""
CORNER = 13.0
ALIKE = 1.3
"""How far a box may grow to be as large as its neighbours in line."""


@record
class Rect:
    """A rectangle in pixels."""

    x: float
    y: float
    width: float
    height: float

    @property
    def right(self) -> float:
        """Its right edge."""
        return self.x + self.width

    @property
    def bottom(self) -> float:
        """Its lower edge."""
        return self.y + self.height

    def grown(self, by: float) -> Rect:
        """Return it with a margin all around."""
        return Rect(self.x - by, self.y - by, self.width + 2 * by, self.height + 2 * by)

    def meets(self, other: Rect) -> bool:
        """Whether the two overlap."""
        return self.x < other.right and other.x < self.right and self.y < other.bottom and other.y < self.bottom


@record
class Drawing:
    """Where everything stands, from (0, 0)."""

    boxes: Mapping[str, Rect]
    frames: Mapping[str, Rect]
    lines: Mapping[str, tuple[Point, ...]]
    width: float
    height: float


@record
class Axis:
    """One direction: where each gutter or channel begins, and each column or row lies."""

    starts: tuple[float, ...]
    tracks: tuple[float, ...]
    middles: tuple[float, ...]
    halves: tuple[float, ...]
    size: float


def terrain_of(cells: Mapping[str, Cell], sizes: Mapping[str, tuple[float, float]]) -> Terrain:
    """Return the grid with rough coordinates."""
    columns = 1 + max((column for _, column in cells.values()), default=-1)
    rows = 1 + max((row for row, _ in cells.values()), default=-1)
    wide, tall = [0.0] * columns, [0.0] * rows
    in_row: dict[int, list[int]] = {row: [] for row in range(rows)}
    in_column: dict[int, list[int]] = {column: [] for column in range(columns)}
    for name, (row, column) in cells.items():
        wide[column], tall[row] = max(wide[column], sizes[name][0]), max(tall[row], sizes[name][1])
        in_row[row].append(column)
        in_column[column].append(row)
    gutters, middles = _rough(wide, BARE[True] + 12)
    channels, centres = _rough(tall, BARE[False] + 12)
    half = {cells[name]: (sizes[name][0] / 2, sizes[name][1] / 2) for name in cells}
    return Terrain(
        middles, centres, gutters, channels, half,
        {row: tuple(sorted(found)) for row, found in in_row.items()},
        {column: tuple(sorted(found)) for column, found in in_column.items()},
    )  # fmt: skip


def _rough(sizes: list[float], gap: float) -> tuple[tuple[float, ...], tuple[float, ...]]:
    gutters, middles, at = [], [], 0.0
    for size in sizes:
        gutters.append(at + gap / 2)
        middles.append(at + gap + size / 2)
        at += gap + size
    return (*gutters, at + gap / 2), tuple(middles)


@record
class Pads:
    """How far each frame reaches past its cells (top, left, bottom, right), and the room gutters and channels keep."""

    edges: Mapping[str, tuple[int, int, int, int]]
    reach: Mapping[str, tuple[float, float, float, float]]
    closing: Mapping[tuple[bool, int], float]
    opening: Mapping[tuple[bool, int], float]


def draw(
    cells: Mapping[str, Cell], pads: Pads, sizes: Mapping[str, tuple[float, float]], ways: tuple[Way, ...],
    found: Ports, bands: Mapping[Leg, Band], terrain: Terrain,
) -> Drawing:  # fmt: skip
    """Return the drawing of a routed grid."""
    boxes = _box_sizes(cells, sizes, found)
    across = _axis(True, cells, boxes, found, bands, pads, len(terrain.columns))
    down = _axis(False, cells, boxes, found, bands, pads, len(terrain.rows))
    rects = {}
    for name, (row, column) in cells.items():
        wide, tall = boxes[name]
        rects[name] = Rect(across.middles[column] - wide / 2, down.middles[row] - tall / 2, wide, tall)
    by_cell = {cells[name]: rect for name, rect in rects.items()}
    lines = {way.wire.name: _points(way, by_cell, found, bands, across, down) for way in ways}
    shown = {name: _frame(edges, pads.reach[name], across, down) for name, edges in pads.edges.items()}
    return Drawing(rects, shown, lines, across.size, down.size)


def _box_sizes(
    cells: Mapping[str, Cell], sizes: Mapping[str, tuple[float, float]], found: Ports
) -> dict[str, tuple[float, float]]:
    """Return each box's size: what it holds, what its ports need, and about as large as those in line."""
    needed = {}
    for name, cell in cells.items():
        wide = 2 * (found.needs.get((cell, False), 0.0) + CORNER)
        tall = 2 * (found.needs.get((cell, True), 0.0) + CORNER)
        needed[name] = max(sizes[name][0], wide), max(sizes[name][1], tall)
    widest: dict[int, float] = {}
    tallest: dict[int, float] = {}
    for name, (row, column) in cells.items():
        widest[column] = max(widest.get(column, 0.0), needed[name][0])
        tallest[row] = max(tallest.get(row, 0.0), needed[name][1])
    return {
        name: (
            max(needed[name][0], widest[column] if widest[column] <= ALIKE * sizes[name][0] else 0.0),
            max(needed[name][1], tallest[row] if tallest[row] <= ALIKE * sizes[name][1] else 0.0),
        )
        for name, (row, column) in cells.items()
    }


def _axis(
    upright: bool, cells: Mapping[str, Cell], boxes: Mapping[str, tuple[float, float]], found: Ports,
    bands: Mapping[Leg, Band], pads: Pads, many: int,
) -> Axis:  # fmt: skip
    halves = [0.0] * many
    for name, cell in cells.items():
        line = cell[1] if upright else cell[0]
        halves[line] = max(halves[line], boxes[name][0 if upright else 1] / 2)
    for (level, line), reach in found.reaches.items():
        if level is not upright:
            halves[line] = max(halves[line], reach + 4)
    starts, tracks, middles, at = [], [], [], 0.0
    for line in range(many + 1):
        band = bands.get(Leg(upright, line))
        closing, opening = pads.closing.get((upright, line), 0.0), pads.opening.get((upright, line), 0.0)
        room = (band.size + 2 * MARGIN[upright]) if band else 0.0
        inner = room if line in (0, many) else max(room, BARE[upright])
        starts.append(at)
        spare = (inner - room) / 2 + MARGIN[upright] if band else inner / 2
        tracks.append(at + closing + spare)
        at += closing + inner + opening
        if line < many:
            middles.append(at + halves[line])
            at += 2 * halves[line]
    return Axis(tuple(starts), tuple(tracks), tuple(middles), tuple(halves), at)


def _frame(
    edges: tuple[int, int, int, int], reach: tuple[float, float, float, float], across: Axis, down: Axis
) -> Rect:
    top, left, bottom, right = edges
    x = across.middles[left] - across.halves[left] - reach[1]
    y = down.middles[top] - down.halves[top] - reach[0]
    far_x = across.middles[right] + across.halves[right] + reach[3]
    far_y = down.middles[bottom] + down.halves[bottom] + reach[2]
    return Rect(x, y, far_x - x, far_y - y)


def _points(
    way: Way, boxes: Mapping[Cell, Rect], found: Ports, bands: Mapping[Leg, Band], across: Axis, down: Axis
) -> tuple[Point, ...]:
    start = _port(boxes[way.tail], way.leaves, found.offsets[way.wire.name, False])
    end = _port(boxes[way.head], way.enters, found.offsets[way.wire.name, True])
    if not way.legs:
        corner = (end[0], start[1]) if way.leaves.level else (start[0], end[1])
        return (start, end) if way.straight else (start, corner, end)
    points = [start]
    for place, leg in enumerate(way.legs):
        axis = across if leg.upright else down
        at = axis.tracks[leg.place] + bands[leg].places[run_name(way, place)]
        x, y = points[-1]
        points.append((at, y) if leg.upright else (x, at))
    x, y = points[-1]
    points.append((x, end[1]) if way.legs[-1].upright else (end[0], y))
    return (*points, end)


def _port(box: Rect, side: Side, offset: float) -> Point:
    match side:
        case Side.LEFT:
            return box.x, box.y + box.height / 2 + offset
        case Side.RIGHT:
            return box.right, box.y + box.height / 2 + offset
        case Side.TOP:
            return box.x + box.width / 2 + offset, box.y
        case Side.BOTTOM:
            return box.x + box.width / 2 + offset, box.bottom
