"""Frames: the room they keep around their members, and where their titles stand.

A frame's border runs between its boxes and the tracks of the gutters around it, never along a line; a frame within
another with the same edge lies further in. Its title has a strip of its own inside its upper edge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from archboard.board.marks import Role
from archboard.board.placing.geometry import Drawing, Pads, Rect
from archboard.board.routing.routes import Terrain
from archboard.board.writing import arrow_labels as labels
from archboard.board.writing.box_contents import Line
from archboard.board.writing.text_widths import clean, wrap
from archboard.design.model import Design
from archboard.records import record, replace

Edges = tuple[int, int, int, int]
PAD = 14.0
WORDS = 15.0
STEP = 8.0
BESIDE = 120.0


@record
class Title:
    """A frame's title, line by line, and where it stands."""

    lines: tuple[Line, ...]
    place: Rect


def titles(
    design: Design, frames: Mapping[str, Edges], terrain: Terrain, beside: frozenset[str]
) -> dict[str, tuple[Line, ...]]:
    """Return the lines of each frame's title, no wider than the frame will be, or narrow to stand beside its boxes."""
    found = {}
    for name, (_, left, _, right) in frames.items():
        wide = terrain.gutters[right + 1] - terrain.gutters[left] - 72 - 12 * (right - left)
        wide = min(wide, BESIDE) if name in beside else wide
        text = clean(design.frames[name].title or name.rpartition(".")[2])
        found[name] = tuple(Line(line, WORDS, Role.MUTED, 1) for line in wrap(text, WORDS, wide))
    return found


def pads(frames: Mapping[str, Edges], written: Mapping[str, tuple[Line, ...]], beside: frozenset[str]) -> Pads:
    """Return the room that frames take on each side, inner ones first; on the left the titles that stand beside."""
    reach: dict[str, tuple[float, float, float, float]] = {}
    seen: list[dict[tuple[int, int], float]] = [{}, {}, {}, {}]
    closing: dict[tuple[bool, int], float] = {}
    opening: dict[tuple[bool, int], float] = {}
    for name in sorted(frames, key=lambda name: (_area(frames[name]), -name.count("."), name)):
        top, left, bottom, right = frames[name]
        title = math.fsum(line.height for line in written[name]) + 2
        aside = max(line.width for line in written[name]) + STEP if name in beside else 0.0
        sides = (
            (top, left, right, PAD + title),
            (left, top, bottom, PAD + aside),
            (bottom, left, right, PAD),
            (right, top, bottom, PAD),
        )
        found = []
        for place, (edge, low, high, own) in enumerate(sides):
            far = own + max(seen[place].get((edge, at), 0.0) for at in range(low, high + 1))
            seen[place].update({(edge, at): far for at in range(low, high + 1)})
            found.append(far)
        reach[name] = (found[0], found[1], found[2], found[3])
        for key, far in (((False, top), found[0]), ((True, left), found[1])):
            opening[key] = max(opening.get(key, 0.0), far)
        for key, far in (((False, bottom + 1), found[2]), ((True, right + 1), found[3])):
            closing[key] = max(closing.get(key, 0.0), far)
    return Pads(frames, reach, closing, opening)


def _area(edges: Edges) -> int:
    top, left, bottom, right = edges
    return (bottom - top + 1) * (right - left + 1)


def kept_for(
    drawing: Drawing, written: Mapping[str, tuple[Line, ...]], beside: frozenset[str]
) -> dict[str, Rect]:
    """Return the places that belong to titles beside their boxes, so that no label takes them."""
    return {f"title {name}": _first(drawing.frames[name], written[name]) for name in sorted(beside)}


def _first(frame: Rect, lines: tuple[Line, ...]) -> Rect:
    return Rect(frame.x + PAD, frame.y + 6, max(line.width for line in lines), math.fsum(line.height for line in lines))


def entitled(
    drawing: Drawing, written: Mapping[str, tuple[Line, ...]], taken: Mapping[str, Rect]
) -> tuple[dict[str, Title], frozenset[str]]:
    """Return where each title stands: as far left in its strip as lines that enter there leave it room.

    And the names of those frames whose title finds none.
    """
    board = labels.Board.of(drawing)
    for name, rect in taken.items():
        board.solid.add(rect.grown(labels.CLEAR), name)
    found, failed = {}, set()
    for name, frame in drawing.frames.items():
        lines = written[name]
        first = _first(frame, lines)
        last = max(0, int((frame.right - 6 - first.right) // STEP))
        rects = [replace(first, x=first.x + STEP * step) for step in range(last + 1)]
        free = [rect for rect in rects if not board.solid.hits(rect) and not board.lines.hits(rect)]
        found[name] = Title(lines, free[0] if free else rects[0])
        board.solid.add(found[name].place, f"title {name}")
        if not free:
            failed.add(name)
    return found, frozenset(failed)
