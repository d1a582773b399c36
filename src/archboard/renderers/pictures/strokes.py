"""Marks into pen strokes, as paths: hand-drawn or straight.

A hand-drawn stroke runs through points a little beside its line and never leaves it by more than 1.5
pixels; a solid one is drawn twice, as a hand goes over a line, while dashes and dots are drawn once, for
two passes would blur them. The wobble comes from the mark's name alone (splitmix64 seeded by its
BLAKE2 hash): the same mark gives the same path on every machine, wherever it stands in the file.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache
from hashlib import blake2b
from math import hypot

from archboard.board.marks import Box, Cross, Line, Pen, Point
from archboard.records import record

Command = tuple[str, tuple[float, ...]]
Path = tuple[Command, ...]

BARB = 11.0
SPREAD = 0.44
STRIDE = 70.0
MOST_PARTS = 32
"""Points of one stroke: on the longest lines of a vast board a wobble every few inches only fills the disk."""
_MASK = (1 << 64) - 1
_drawn_again = lru_cache(maxsize=8192)
"""A build draws each mark in up to six steps, for a picture, a page and a PDF."""


@record(frozen=False)
class Hand:
    """A small random number generator (splitmix64), and how far its hand shakes, in pixels."""

    state: int
    shake: float

    def off(self, most: float = 1.0) -> float:
        """Return a number between −most and most, times the shake."""
        self.state = (self.state + 0x9E3779B97F4A7C15) & _MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & _MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & _MASK
        return ((z ^ (z >> 31)) / _MASK * 2 - 1) * most * self.shake


def hand(seed: str, shake: float) -> Hand:
    """Return the hand that draws the mark of this name."""
    return Hand(int.from_bytes(blake2b(seed.encode("utf-8", "replace"), digest_size=8).digest()), shake)


@_drawn_again
def path_data(path: Path) -> str:
    """Return a path as SVG writes it."""
    return "".join(letter + " ".join([number(n) for n in numbers]) for letter, numbers in path)


def number(value: float) -> str:
    """Return a coordinate in its one spelling: at most two decimals, no trailing zeros, no minus zero."""
    text = f"{value:.2f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


@_drawn_again
def box_strokes(box: Box, sketched: bool) -> tuple[Path, ...]:
    """Return the strokes of a box's outline."""
    corners = (
        (box.x, box.y),
        (box.x + box.width, box.y),
        (box.x + box.width, box.y + box.height),
        (box.x, box.y + box.height),
    )
    radius = max(0.0, min(box.radius, box.width / 2, box.height / 2))
    if not (sketched and box.sketched):
        return (_ring(corners, radius, 0, hand(box.seed, 0.0)),)
    if box.pen is not Pen.SOLID:
        return (_ring(corners, radius, 0, hand(box.seed, 0.6)),)
    return (
        _ring(corners, radius, 0, hand(box.seed + "/1", 0.8)),
        _ring(corners, radius, 2, hand(box.seed + "/2", 1.25)),
    )


@_drawn_again
def line_strokes(line: Line, sketched: bool) -> tuple[Path, ...]:
    """Return the strokes of a line, the first of them its route from end to end."""
    points = _distinct(line.points)
    if len(points) < 2:
        return ()
    if not (sketched and line.sketched):
        return (_way(points, line.radius, hand(line.seed, 0.0)),)
    first = _way(points, line.radius, hand(line.seed + "/1", 0.9))
    if line.pen is not Pen.SOLID:
        return (first,)
    return (first, _way(points, line.radius, hand(line.seed + "/2", 1.15)))


@_drawn_again
def heads(line: Line, sketched: bool) -> tuple[Path, ...]:
    """Return the open arrow heads of a line, each from barb over tip to barb."""
    points = _distinct(line.points)
    if len(points) < 2:
        return ()
    shake = 1.0 if sketched and line.sketched else 0.0
    found = []
    if line.head:
        found.append(_head(points[-2], points[-1], hand(line.seed + "/head", shake)))
    if line.tail:
        found.append(_head(points[1], points[0], hand(line.seed + "/tail", shake)))
    return tuple(found)


@_drawn_again
def cross_strokes(cross: Cross, sketched: bool) -> tuple[Path, ...]:
    """Return the two strokes of a cross."""
    half = cross.size / 2
    pen = hand(cross.seed + "/cross", 0.8 if sketched else 0.0)
    x, y = cross.x, cross.y
    return (
        _straight((x - half, y - half), (x + half, y + half), pen),
        _straight((x + half, y - half), (x - half, y + half), pen),
    )


def _distinct(points: Iterable[Point]) -> tuple[Point, ...]:
    kept: list[Point] = []
    for point in points:
        if not kept or hypot(point[0] - kept[-1][0], point[1] - kept[-1][1]) > 0.01:
            kept.append(point)
    return tuple(kept)


def _towards(a: Point, b: Point, distance: float) -> Point:
    length = hypot(b[0] - a[0], b[1] - a[1]) or 1.0
    return a[0] + (b[0] - a[0]) * distance / length, a[1] + (b[1] - a[1]) * distance / length


def _way(points: tuple[Point, ...], radius: float, pen: Hand) -> Path:
    """Return a stroke from the first point exactly to the last, its corners rounded."""
    start = points[0]
    path: list[Command] = [("M", start)]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        near = hypot(corner[0] - before[0], corner[1] - before[1]) / 2
        far = hypot(after[0] - corner[0], after[1] - corner[1]) / 2
        turn = min(radius, near, far)
        arrive = _beside(_towards(corner, before, turn), pen, 0.5)
        path += _curve(start, arrive, pen)
        start = _beside(_towards(corner, after, turn), pen, 0.5)
        path.append(("Q", (*_beside(corner, pen, 0.5), *start)))
    path += _curve(start, points[-1], pen)
    return tuple(path)


def _ring(corners: tuple[Point, ...], radius: float, begin: int, pen: Hand) -> Path:
    """Return a stroke around a box, clockwise from behind one corner until it meets itself."""
    corners = corners[begin:] + corners[:begin]
    first = _beside(_towards(corners[0], corners[1], radius), pen, 0.8)
    path: list[Command] = [("M", first)]
    start = first
    for i in (1, 2, 3, 0):
        corner, after = corners[i], corners[(i + 1) % 4]
        arrive = _beside(_towards(corner, corners[i - 1], radius), pen, 0.8)
        path += _curve(start, arrive, pen)
        start = _beside(_towards(corner, after, radius), pen, 0.8) if i else first
        path.append(("Q", (*_beside(corner, pen, 0.8), *start)))
    if not pen.shake:
        return (*path, ("Z", ()))
    overlap = _beside(_towards(start, corners[1], min(6.0, radius)), pen, 0.5)
    return (*path, ("L", overlap))


def _beside(point: Point, pen: Hand, most: float) -> Point:
    return point[0] + pen.off(most), point[1] + pen.off(most)


def _curve(a: Point, b: Point, pen: Hand) -> list[Command]:
    """Return the commands of a nearly straight stroke between two points, through points beside it."""
    length = hypot(b[0] - a[0], b[1] - a[1])
    if not pen.shake or length < 6:
        return [("L", b)]
    across = (-(b[1] - a[1]) / length, (b[0] - a[0]) / length)
    parts = max(1, min(round(length / STRIDE), MOST_PARTS))
    sway = min(1.0, 0.3 + length / 120)
    marks = [a]
    for i in range(1, parts):
        off, along = pen.off(sway), (i + pen.off(0.2)) / parts
        marks.append((a[0] + (b[0] - a[0]) * along + across[0] * off, a[1] + (b[1] - a[1]) * along + across[1] * off))
    marks.append(b)
    if parts == 1:
        one, two = pen.off(sway), pen.off(sway)
        third = ((b[0] - a[0]) / 3, (b[1] - a[1]) / 3)
        c1 = (a[0] + third[0] + across[0] * one, a[1] + third[1] + across[1] * one)
        c2 = (b[0] - third[0] + across[0] * two, b[1] - third[1] + across[1] * two)
        return [("C", (*c1, *c2, *b))]
    return _through(marks)


def _through(marks: list[Point]) -> list[Command]:
    """Return a Catmull-Rom spline through points, as cubic curves."""
    out: list[Command] = []
    ends = [marks[0], *marks, marks[-1]]
    for p, a, b, n in zip(ends, ends[1:], ends[2:], ends[3:], strict=False):
        c1 = (a[0] + (b[0] - p[0]) / 6, a[1] + (b[1] - p[1]) / 6)
        c2 = (b[0] - (n[0] - a[0]) / 6, b[1] - (n[1] - a[1]) / 6)
        out.append(("C", (*c1, *c2, *b)))
    return out


def _straight(a: Point, b: Point, pen: Hand) -> Path:
    a, b = _beside(a, pen, 1.0), _beside(b, pen, 1.0)
    return (("M", a), *_curve(a, b, pen))


def _head(before: Point, tip: Point, pen: Hand) -> Path:
    length = hypot(tip[0] - before[0], tip[1] - before[1])
    ux, uy = (before[0] - tip[0]) / length * BARB, (before[1] - tip[1]) / length * BARB
    left = _beside((tip[0] + ux - uy * SPREAD, tip[1] + uy + ux * SPREAD), pen, 0.9)
    right = _beside((tip[0] + ux + uy * SPREAD, tip[1] + uy - ux * SPREAD), pen, 0.9)
    if not pen.shake:
        return (("M", left), ("L", tip), ("L", right))
    bow_in = _beside(((left[0] + tip[0]) / 2, (left[1] + tip[1]) / 2), pen, 0.7)
    bow_out = _beside(((right[0] + tip[0]) / 2, (right[1] + tip[1]) / 2), pen, 0.7)
    return (("M", left), ("Q", (*bow_in, *tip)), ("Q", (*bow_out, *right)))
