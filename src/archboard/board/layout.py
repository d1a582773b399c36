"""A design into places: boxes, frames, lines and labels, computed once on the finished board.

Zones give the cells, routing the ways, tracks the order in gutters and channels, geometry the pixels; then labels
look for their places. If one finds none, its line is given room for it and the pixels are worked out again, so
in the end every label stands.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.board.marks import Point
from archboard.board.placing import zones
from archboard.board.placing.frames import Title
from archboard.board.placing.geometry import Drawing, Rect, terrain_of
from archboard.board.routing.routes import Cell, Terrain, Wire, route
from archboard.board.writing import arrow_labels as labels
from archboard.board.writing.arrow_words import Inscription, inscription
from archboard.board.writing.box_contents import Content, content
from archboard.board.writing.label_room import Grid, Settling
from archboard.design.model import Arrow, ArrowKind, Design
from archboard.facts import Facts
from archboard.records import record

TRUNK = 6
"""From how many unlabelled arrows of one kind a component sends them off together."""


@record
class Layout:
    """Where everything on the board stands, in pixels; the drawing's top left is its `origin`."""

    boxes: Mapping[str, Rect]
    contents: Mapping[str, Content]
    frames: Mapping[str, Rect]
    frame_titles: Mapping[str, Title]
    lines: Mapping[int, tuple[Point, ...]]
    labels: Mapping[int, Rect]
    inscriptions: Mapping[int, Inscription]
    spines: Mapping[tuple[str, str], tuple[Point, ...]]
    origin: Point
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
    plan = Settling(design, Grid(cells, frames, sizes, terrain), route(wires, cells, terrain), written)
    drawing, found, heads = plan.untangled().settled()
    x, y, far_x, far_y = _extent(drawing, found)
    return Layout(
        drawing.boxes, contents, drawing.frames, heads,
        {arrow.number: drawing.lines[_name(arrow)] for arrow in _drawn(design)},
        {number: found[f"a{number}"] for number in written},
        written, {pair: drawing.lines[name] for pair, name in spines.items()},
        (x, y), far_x - x, far_y - y,
    )  # fmt: skip


def _extent(drawing: Drawing, found: Mapping[str, Rect]) -> tuple[float, float, float, float]:
    """Return how far the drawing reaches, labels at its edges included."""
    rects = [*drawing.boxes.values(), *drawing.frames.values(), *found.values()]
    rects += [part for points in drawing.lines.values() for part in labels.segments(points)]
    if not rects:
        return 0.0, 0.0, 0.0, 0.0
    return (
        min(rect.x for rect in rects), min(rect.y for rect in rects),
        max(rect.right for rect in rects), max(rect.bottom for rect in rects),
    )  # fmt: skip


def arrow_step(arrow: Arrow, design: Design) -> int:
    """Return the step an arrow is drawn at: when both its ends are there, failures when failures are told."""
    ends = max(design.components[arrow.tail].step, design.components[arrow.head].step)
    return max(ends, 5) if arrow.kind is ArrowKind.FAILURE else ends


def _drawn(design: Design) -> tuple[Arrow, ...]:
    return tuple(a for a in design.arrows if a.tail in design.components and a.head in design.components)


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
        first = [head for head in sorted(requests[tail]) if head in late]
        waiting: list[tuple[str, tuple[str, ...]]] = [(head, (head,)) for head in first]
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
