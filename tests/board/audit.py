"""A scene measured: what overlaps what, counted from its marks.

The same counts as a browser takes from the SVG. Each is nought on every board; crossings are counted and kept low.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archboard.board.marks import Box, Group, Line, Plate, Point, Scene, Text
from archboard.board.placing.geometry import Rect
from archboard.board.routing.crossings import stretches
from archboard.board.writing.arrow_labels import Index, segments
from archboard.board.writing.text_widths import ascent, descent, text_width
from archboard.records import field_names, record

SPARE = 0.5
"""Pixels by which two things may touch."""


@record
class Audit:
    """How often each thing that should not be is, and how many crossings there are."""

    box_box: int
    label_label: int
    label_box: int
    label_line: int
    line_box: int
    text_outside: int
    outside_sheet: int
    crossings: int

    @property
    def faults(self) -> int:
        """All but the crossings."""
        return sum(int(getattr(self, name)) for name in field_names(self)) - self.crossings


@record
class _Parts:
    boxes: dict[str, Rect]
    labels: list[tuple[str, Rect]]
    lines: dict[str, tuple[tuple[Point, ...], str, str]]
    loose: list[tuple[Text, Rect]]


def audit(scene: Scene) -> Audit:
    """Count what overlaps in a scene."""
    parts = _parts(scene)
    boxes, labels, lines = Index(), Index(), Index()
    box_box = label_label = 0
    for name, rect in parts.boxes.items():
        box_box += len(boxes.near(rect.grown(-SPARE)))
        boxes.add(rect, name)
    for place, (_, rect) in enumerate(parts.labels):
        label_label += len(labels.near(rect.grown(-SPARE)))
        labels.add(rect, str(place))
    label_box = sum(len(boxes.near(rect.grown(-SPARE))) for _, rect in parts.labels)
    line_box = 0
    for name, (points, tail, head) in parts.lines.items():
        for part in segments(points):
            line_box += len(boxes.near(part) - {tail, head})
            line_box += _through_own(part, (parts.boxes[tail], parts.boxes[head]))
            lines.add(part.grown(0.8), name)
    label_line = sum(len(lines.near(rect) - {name}) for name, rect in parts.labels)
    outside = sum(1 for text, rect in parts.loose if not _holds(rect, _extent(text)))
    sheet = Rect(0, 0, scene.width, scene.height)
    rects = [*parts.boxes.values(), *(rect for _, rect in parts.labels), *_everywhere(scene.groups)]
    rects += [segment for points, _, _ in parts.lines.values() for segment in segments(points)]
    beyond = sum(1 for rect in rects if not _holds(sheet, rect))
    return Audit(box_box, label_label, label_box, label_line, line_box, outside, beyond, crossings(scene))


def crossings(scene: Scene) -> int:
    """Return how often the arrows of a scene cross."""
    upright: list[tuple[float, float, float]] = []
    level: list[tuple[float, float, float]] = []
    for name, (points, _, _) in _parts(scene).lines.items():
        for is_upright, (at, low, high, _) in stretches(name, points):
            (upright if is_upright else level).append((at, low, high))
    return sum(1 for x, top, bottom in upright for y, left, right in level if left < x < right and top < y < bottom)


def _through_own(part: Rect, ends: Iterable[Rect]) -> int:
    return sum(1 for box in ends if part.meets(box.grown(-2.0)))


def _holds(outer: Rect, inner: Rect) -> bool:
    return (
        outer.x - SPARE <= inner.x
        and outer.y - SPARE <= inner.y
        and inner.right <= outer.right + SPARE
        and inner.bottom <= outer.bottom + SPARE
    )


def _extent(text: Text) -> Rect:
    width = text_width(text.text, text.size, text.bold)
    x = text.x - {"start": 0.0, "middle": width / 2, "end": width}[text.anchor]
    return Rect(x, text.y - ascent(text.size), width, ascent(text.size) + descent(text.size))


def _parts(scene: Scene) -> _Parts:
    parts = _Parts({}, [], {}, [])
    for group in scene.groups:
        named = dict(group.attributes)
        if group.kind == "component":
            box = next(mark for mark in group.marks if isinstance(mark, Box))
            rect = Rect(box.x, box.y, box.width, box.height)
            parts.boxes[named["data-name"]] = rect
            parts.loose.extend((text, rect) for text in _texts(group))
        elif group.kind == "frame":
            texts = [_extent(text) for text in _texts(group)]
            parts.labels.extend((group.id, rect) for rect in texts)
        elif group.kind == "arrow":
            line = next(mark for mark in group.marks if isinstance(mark, Line) and mark.route)
            parts.lines[group.id] = (line.points, named["data-from"], named["data-to"])
            for label in group.groups:
                plate = next(mark for mark in label.marks if isinstance(mark, Plate))
                rect = Rect(plate.x, plate.y, plate.width, plate.height)
                parts.labels.append((group.id, rect))
                parts.loose.extend((text, rect) for text in _texts(label))
    return parts


def _texts(group: Group) -> Iterator[Text]:
    yield from (mark for mark in group.marks if isinstance(mark, Text))
    for inner in group.groups:
        yield from _texts(inner)


def _everywhere(groups: Iterable[Group]) -> Iterator[Rect]:
    for group in groups:
        yield from (_extent(text) for text in _texts(group))
