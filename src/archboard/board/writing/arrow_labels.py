"""Labels: each on its own line, on a plate, clear of boxes, other labels and other lines.

A label looks for the best free place along its line. Where there is none, the layout is asked to make room and
everything is placed again; nothing is dropped or cut.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from archboard.board.marks import Point
from archboard.board.placing.geometry import Drawing, Rect
from archboard.records import field, record

BUCKET = 160.0
CLEAR = 4.0
"""Between a label's plate and anything that is not its own line."""
TIP = 17.0
"""Of a line's end that a label leaves to the arrow head."""
SHOWN = 7.0
"""Of a line that shows on both sides of its label."""


@record
class Tag:
    """A label to be placed: the size of its plate, and names whose lines it may lie on."""

    name: str
    width: float
    height: float
    own: frozenset[str]


@record(frozen=False)
class Index:
    """Rectangles by the squares they touch."""

    squares: dict[tuple[int, int], list[tuple[Rect, str]]] = field(default_factory=dict)

    def add(self, rect: Rect, name: str) -> None:
        """Note a rectangle and whose it is."""
        for square in _squares(rect):
            self.squares.setdefault(square, []).append((rect, name))

    def hits(self, rect: Rect, own: frozenset[str] = frozenset()) -> bool:
        """Whether a rectangle meets any other."""
        for square in _squares(rect):
            for other, name in self.squares.get(square, ()):
                if name not in own and rect.meets(other):
                    return True
        return False

    def near(self, rect: Rect) -> set[str]:
        """Return whose rectangles it meets."""
        return {
            name for square in _squares(rect) for other, name in self.squares.get(square, ()) if rect.meets(other)
        }


def _squares(rect: Rect) -> Iterator[tuple[int, int]]:
    for column in range(int(rect.x // BUCKET), int(rect.right // BUCKET) + 1):
        for row in range(int(rect.y // BUCKET), int(rect.bottom // BUCKET) + 1):
            yield column, row


@record(frozen=False)
class Board:
    """What labels must keep clear of."""

    solid: Index
    lines: Index
    borders: Index

    @classmethod
    def of(cls, drawing: Drawing) -> Board:
        """Return the boxes, lines and frame borders of a drawing."""
        board = cls(Index(), Index(), Index())
        for name, box in drawing.boxes.items():
            board.solid.add(box.grown(CLEAR), f"box {name}")
        for name, points in drawing.lines.items():
            for part in segments(points):
                board.lines.add(part.grown(CLEAR), name)
        for name, rect in drawing.frames.items():
            for side in _borders(rect):
                board.borders.add(side.grown(3), name)
        return board


def _borders(rect: Rect) -> tuple[Rect, ...]:
    return (
        Rect(rect.x, rect.y, rect.width, 0), Rect(rect.x, rect.bottom, rect.width, 0),
        Rect(rect.x, rect.y, 0, rect.height), Rect(rect.right, rect.y, 0, rect.height),
    )  # fmt: skip


def segments(points: tuple[Point, ...]) -> list[Rect]:
    """Return the straight parts of a polyline as rectangles without thickness."""
    return [
        Rect(min(a[0], b[0]), min(a[1], b[1]), abs(a[0] - b[0]), abs(a[1] - b[1]))
        for a, b in pairwise(points)
    ]


def place(
    tags: Iterable[Tag], drawing: Drawing, first: frozenset[str], taken: Mapping[str, Rect] | None = None
) -> tuple[dict[str, Rect], list[str]]:
    """Return a plate for every label, and the names of those for which there is no room.

    Labels whose room was reserved (`first`) go first; then those with the fewest pixels to spare.
    """
    board = Board.of(drawing)
    for name, rect in (taken or {}).items():
        board.solid.add(rect, name)
    found: dict[str, Rect] = {}
    failed = []
    for tag in sorted(tags, key=lambda tag: (tag.name not in first, _slack(tag, drawing), tag.name)):
        best = min(_places(tag, drawing.lines[tag.name], board), default=None)
        if best is None:
            failed.append(tag.name)
            continue
        rect = Rect(best[1], best[2], tag.width, tag.height)
        found[tag.name] = rect
        board.solid.add(rect.grown(CLEAR), f"label {tag.name}")
    return found, failed


def _slack(tag: Tag, drawing: Drawing) -> float:
    return max(
        part.width - tag.width if part.width >= part.height else part.height - tag.height
        for part in segments(drawing.lines[tag.name])
    )


def _places(tag: Tag, points: tuple[Point, ...], board: Board) -> Iterator[tuple[float, float, float]]:
    """Return free places with their price: away from the middle, on a short part, on a border."""
    parts = list(pairwise(points))
    for number, (start, end) in enumerate(parts):
        level = start[1] == end[1]
        low, high = sorted((start[0], end[0])) if level else sorted((start[1], end[1]))
        forward = (start < end) if level else start[1] < end[1]
        before, after = (SHOWN if forward else TIP), (TIP if forward else SHOWN)
        if number < len(parts) - 1:
            before = after = SHOWN
        size = tag.width if level else tag.height
        room = high - low - before - after - size
        if room < -0.01:
            continue
        upright = 0.0 if level else 26.0
        for price, at in _steps(low + before, room):
            x, y = (at, start[1] - tag.height / 2) if level else (start[0] - tag.width / 2, at)
            rect = Rect(x, y, tag.width, tag.height)
            if board.solid.hits(rect) or board.lines.hits(rect, tag.own):
                continue
            border = 30.0 * len(board.borders.near(rect))
            own = 60.0 if _covers(rect, points, number) else 0.0
            yield price + upright + border + own + max(0.0, 60 - room) * 0.3, x, y
            if not border and not own:
                break


def _steps(start: float, room: float) -> Iterator[tuple[float, float]]:
    middle = start + room / 2
    many = min(int(room / 2 // 6), 120)
    for step in range(many + 1):
        away = step * max(6.0, room / 2 / max(many, 1)) if many else 0.0
        away = min(away, room / 2)
        yield away * 0.35, middle - away
        if away:
            yield away * 0.35, middle + away


def _covers(rect: Rect, points: tuple[Point, ...], number: int) -> bool:
    """Whether a label on one part of its line hides another part of it."""
    return any(rect.grown(2).meets(part.grown(0.5)) for place, part in enumerate(segments(points)) if place != number)
