"""A design into places: boxes, frames, lines and labels, computed once on the finished board.

Zones give the cells, routing the ways, tracks the order in gutters and channels, geometry the pixels; then labels
look for their places. If one finds none, its line is given room for it and the pixels are worked out again, so
in the end every label stands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from archboard.board import labels, zones
from archboard.board.contents import Content, Line, content
from archboard.board.geometry import FRAME_PAD, Drawing, Rect, draw, terrain_of
from archboard.board.inscriptions import Inscription, inscription
from archboard.board.marks import Point, Role
from archboard.board.metrics import clean
from archboard.board.routes import Cell, Terrain, Way, Wire, route
from archboard.board.tracks import Room, bands, ports
from archboard.design.model import Arrow, ArrowKind, Design
from archboard.facts import Facts

ROUNDS = 14
FRAME_WORDS = 15.0
CROSS_ROOM = 30.0
TRUNK = 6
"""From how many unlabelled arrows of one kind a component sends them off together."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Where everything on the board stands, in pixels from the drawing's top left."""

    boxes: Mapping[str, Rect]
    contents: Mapping[str, Content]
    frames: Mapping[str, Rect]
    frame_titles: Mapping[str, tuple[Line, Rect]]
    lines: Mapping[int, tuple[Point, ...]]
    labels: Mapping[int, Rect]
    inscriptions: Mapping[int, Inscription]
    spines: Mapping[tuple[str, str], tuple[Point, ...]]
    width: float
    height: float


def lay_out(design: Design, facts: Facts) -> Layout:
    """Return the places of a whole board."""
    contents = {name: content(component, facts) for name, component in design.components.items()}
    sizes = {name: (found.width, found.height) for name, found in contents.items()}
    block = zones.grid(design)
    cells = {name: (row - block.top, column) for name, (row, column) in block.cells.items()}
    frames = {n: (t - block.top, left, b - block.top, right) for n, (t, left, b, right) in block.frames.items()}
    terrain = terrain_of(cells, sizes)
    written = {}
    for arrow in _drawn(design):
        words = inscription(arrow, arrow_step(arrow, design), facts)
        if words is not None:
            written[arrow.number] = words
    wires, spines = _wires(design, written, cells, terrain)
    ways = route(wires, cells, terrain)
    drawing, found = _settled(cells, frames, sizes, ways, written, terrain)
    return Layout(
        drawing.boxes, contents, drawing.frames, _frame_titles(design, drawing, found),
        {arrow.number: drawing.lines[_name(arrow)] for arrow in _drawn(design)},
        {number: found[f"a{number}"] for number in written},
        written, {pair: drawing.lines[name] for pair, name in spines.items()},
        drawing.width, drawing.height,
    )  # fmt: skip


def _frame_titles(design: Design, drawing: Drawing, taken: Mapping[str, Rect]) -> dict[str, tuple[Line, Rect]]:
    """Return the title of each frame and where it stands: at its upper edge, beside the lines that enter there."""
    board = labels.Board.of(drawing)
    for name, rect in taken.items():
        board.solid.add(rect.grown(labels.CLEAR), name)
    found = {}
    for name, frame in drawing.frames.items():
        line = Line(clean(design.frames[name].title or name.rpartition(".")[2]), FRAME_WORDS, Role.MUTED, 1)
        best: Rect | None = None
        for y in (frame.y + 5, frame.bottom - FRAME_PAD + 1):
            x = frame.x + FRAME_PAD
            while best is None and x + line.width <= frame.right - 6:
                rect = Rect(x, y, line.width, line.height)
                if not board.solid.hits(rect) and not board.lines.hits(rect):
                    best = rect
                x += 8
        found[name] = (line, best or Rect(frame.x + FRAME_PAD, frame.y + 5, line.width, line.height))
    return found


def arrow_step(arrow: Arrow, design: Design) -> int:
    """Return the step an arrow is drawn at: when both its ends are there, failures when failures are told."""
    ends = max(design.components[arrow.tail].step, design.components[arrow.head].step)
    return max(ends, 5) if arrow.kind is ArrowKind.FAILURE else ends


def _drawn(design: Design) -> tuple[Arrow, ...]:
    return tuple(
        arrow
        for arrow in design.arrows
        if arrow.tail != arrow.head and arrow.tail in design.components and arrow.head in design.components
    )


def _name(arrow: Arrow) -> str:
    return f"a{arrow.number}"


def _wires(
    design: Design, written: Mapping[int, Inscription], cells: Mapping[str, Cell], terrain: Terrain
) -> tuple[tuple[Wire, ...], dict[tuple[str, str], str]]:
    """Return what is to be routed, and the names of the spines among it."""
    arrows = _drawn(design)
    plain: dict[tuple[str, ArrowKind], int] = {}
    for arrow in arrows:
        if arrow.number not in written:
            plain[arrow.tail, arrow.kind] = plain.get((arrow.tail, arrow.kind), 0) + 1
    spines = _spines(design, arrows)
    straight = {pair for pair in spines if _in_line(cells[pair[0]], cells[pair[1]], terrain)}
    along = _along(arrows, spines, straight)
    found = []
    for arrow in arrows:
        many = plain.get((arrow.tail, arrow.kind), 0)
        together = arrow.number not in written and (many >= TRUNK or (arrow.kind is ArrowKind.ASYNC and many > 1))
        bundle = f"{arrow.tail} {arrow.kind.value}" if together else ""
        found.append(
            Wire(_name(arrow), arrow.tail, arrow.head, arrow.kind.value, bundle, along.get(arrow.number, ""))
        )
    names = {pair: f"spine {pair[0]}>{pair[1]}" for pair in spines}
    for (tail, head), name in names.items():
        shared = f"{tail}>{head}" if (tail, head) in straight else ""
        found.append(Wire(name, tail, head, "request", "", shared))
    return tuple(found), names


def _spines(design: Design, arrows: tuple[Arrow, ...]) -> dict[tuple[str, str], tuple[str, ...]]:
    """Return the pairs of the core row that a cache above it stands between, and those caches."""
    requests: dict[str, list[str]] = {}
    for arrow in arrows:
        if arrow.kind is ArrowKind.REQUEST:
            requests.setdefault(arrow.tail, []).append(arrow.head)
    late = {name for name, c in design.components.items() if c.place == "above" and c.step > 3}
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for tail in sorted(set(requests) - late):
        seen: dict[str, tuple[str, ...]] = {}
        waiting: list[tuple[str, tuple[str, ...]]] = [(head, (head,)) for head in sorted(requests[tail]) if head in late]
        while waiting:
            name, way = waiting.pop()
            for head in sorted(requests.get(name, ())):
                if head in late and head not in way:
                    waiting.append((head, (*way, head)))
                elif head not in late and head != tail and design.components[head].step <= 3:
                    seen.setdefault(head, way)
        for head in sorted(set(seen) - set(requests[tail])):
            found[tail, head] = seen[head]
    return found


def _in_line(tail: Cell, head: Cell, terrain: Terrain) -> bool:
    if tail[0] != head[0] or tail[1] >= head[1]:
        return False
    return not any(tail[1] < column < head[1] for column in terrain.in_row[tail[0]])


def _along(
    arrows: tuple[Arrow, ...], spines: Mapping[tuple[str, str], tuple[str, ...]], straight: set[tuple[str, str]]
) -> dict[int, str]:
    """Return which arrows go to or from a cache along a spine."""
    found: dict[int, str] = {}
    for tail, head in sorted(straight):
        ways = spines[tail, head]
        for arrow in arrows:
            if arrow.kind is ArrowKind.REQUEST and (arrow.tail, arrow.head) in ((tail, ways[0]), (ways[-1], head)):
                found.setdefault(arrow.number, f"{tail}>{head}")
    return found


def _settled(
    cells: Mapping[str, Cell], frames: Mapping[str, tuple[int, int, int, int]],
    sizes: Mapping[str, tuple[float, float]], ways: tuple[Way, ...], written: Mapping[int, Inscription],
    terrain: Terrain,
) -> tuple[Drawing, dict[str, Rect]]:  # fmt: skip
    """Return pixels and label places, making room until every label has one."""
    by_name = {way.wire.name: way for way in ways}
    rooms = {f"a{n}": _room(by_name[f"a{n}"], words, terrain, 0) for n, words in written.items()}
    tried = dict.fromkeys(rooms, 0)
    for _ in range(ROUNDS):
        found = ports(ways, rooms, terrain)
        drawing = draw(cells, frames, sizes, ways, found, bands(ways, rooms, found, terrain), terrain)
        reserved = frozenset(name for name, count in tried.items() if count)
        tags = [_tag(by_name[f"a{n}"], words) for n, words in written.items()]
        places, failed = labels.place(tags, drawing, reserved)
        if not failed:
            break
        for name in failed:
            tried[name] += 1
            rooms[name] = _room(by_name[name], written[int(name[1:])], terrain, tried[name])
    return drawing, places


def _tag(way: Way, words: Inscription) -> labels.Tag:
    own = {way.wire.name}
    if way.wire.along:
        own.add(f"spine {way.wire.along}")
    return labels.Tag(way.wire.name, words.width, words.height, frozenset(own))


def _room(way: Way, words: Inscription, terrain: Terrain, tried: int) -> Room:
    """Return the room a label is given: first on its longest leg, then at an end, then more of it."""
    more = 14.0 * max(0, tried - 2)
    parts = ["head", "tail"] if way.wire.bundle else ["tail", "head"]
    if way.legs and tried == 0:
        longest = _longest(way, words, terrain)
        if longest is not None:
            return Room(words.width, words.height, "leg", longest)
    part = parts[(tried - 1 if way.legs else tried) % 2]
    more += CROSS_ROOM if way.wire.kind == "failure" and not way.legs else 0.0
    return Room(words.width + more, words.height + more, part)


def _longest(way: Way, words: Inscription, terrain: Terrain) -> int | None:
    points = terrain.points(way)[1:-1]
    best: tuple[float, int] | None = None
    for place, (a, b) in enumerate(pairwise(points)):
        leg = way.legs[place]
        spare = abs(a[1] - b[1]) - words.height if leg.upright else abs(a[0] - b[0]) - words.width
        if spare > 40 and (best is None or spare > best[0]):
            best = (spare, place)
    return best[1] if best else None
