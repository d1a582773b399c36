"""Strokes look drawn, stay on their route and come out the same everywhere."""

from itertools import pairwise
from math import hypot

import pytest

from archboard.board.marks import Box, Cross, Line, Pen, Role
from archboard.renderers.pictures.strokes import (
    Path,
    box_strokes,
    cross_strokes,
    heads,
    line_strokes,
    number,
    path_data,
)

ROUTE = ((0.0, 0.0), (300.0, 0.0), (300.0, 180.0), (318.0, 180.0), (318.0, 700.0))


def sampled(path: Path) -> list[tuple[float, float]]:
    """Return points along a path, about three pixels apart."""
    points: list[tuple[float, float]] = []
    for letter, n in path:
        if letter == "Z":
            points.append(points[0])
            continue
        controls = [points[-1]] if letter != "M" else []
        controls += [(n[i], n[i + 1]) for i in range(0, len(n), 2)]
        steps = 1 + int(sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(controls)) / 3)
        points += [bezier(controls, i / steps) for i in range(1, steps + 1)] if letter != "M" else controls
    return points


def bezier(controls: list[tuple[float, float]], t: float) -> tuple[float, float]:
    while len(controls) > 1:
        controls = [(a[0] + (b[0] - a[0]) * t, a[1] + (b[1] - a[1]) * t) for a, b in pairwise(controls)]
    return controls[0]


def furthest(path: Path, true: Path) -> float:
    """Return how far a path leaves another."""
    line = sampled(true)
    return max(min(beside(point, a, b) for a, b in pairwise(line)) for point in sampled(path))


def beside(p: tuple[float, float], a: tuple[float, float], b: tuple[float, float]) -> float:
    dx, dy = b[0] - a[0], b[1] - a[1]
    along = ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / ((dx * dx + dy * dy) or 1)
    along = max(0.0, min(1.0, along))
    return hypot(p[0] - a[0] - along * dx, p[1] - a[1] - along * dy)


@pytest.mark.parametrize("seed", [f"a-{i}" for i in range(40)])
def test_a_line_never_leaves_its_route_by_more_than_a_pixel_and_a_half(seed: str) -> None:
    line = Line(ROUTE, Role.INK, seed)
    (straight,) = line_strokes(line, sketched=False)
    first, second = line_strokes(line, sketched=True)
    assert furthest(first, straight) < 1.5
    assert furthest(second, straight) < 1.8
    assert sampled(first)[0] == ROUTE[0]
    assert sampled(first)[-1] == ROUTE[-1]
    assert first != straight


@pytest.mark.parametrize("seed", [f"box-{i}" for i in range(20)])
def test_a_box_stays_on_its_outline(seed: str) -> None:
    box = Box(10, 10, 420, 72, Role.CORE, seed)
    (straight,) = box_strokes(box, sketched=False)
    strokes = box_strokes(box, sketched=True)
    assert len(strokes) == 2
    assert max(furthest(path, straight) for path in strokes) < 2.2


def test_the_same_name_draws_the_same_stroke_and_another_name_another() -> None:
    drawn = [path_data(line_strokes(Line(ROUTE, Role.INK, seed), True)[0]) for seed in ("edge", "edge", "redis")]
    assert drawn[0] == drawn[1] != drawn[2]
    assert path_data(line_strokes(Line(((0, 0), (50, 0)), Role.INK, "edge"), True)[0]) == (
        "M0 0C16.67 -0.1 33.33 0.24 50 0"
    )


def test_place_does_not_change_a_stroke() -> None:
    here, there = (box_strokes(Box(x, 0, 80, 40, Role.CORE, "edge"), True)[0] for x in (0, 1000))
    moved = [(letter, [n - (1000 if i % 2 == 0 else 0) for i, n in enumerate(ns)]) for letter, ns in there]
    assert all(ns == pytest.approx(numbers) for (_, ns), (_, numbers) in zip(moved, here, strict=True))


@pytest.mark.parametrize("pen", [Pen.DASHED, Pen.DOTTED])
def test_dashes_and_dots_are_drawn_once(pen: Pen) -> None:
    assert len(line_strokes(Line(ROUTE, Role.FAILURE, "a", pen), True)) == 1
    assert len(box_strokes(Box(0, 0, 50, 50, Role.FRAME, "b", pen), True)) == 1


def test_clean_corners_are_rounded_by_no_more_than_half_of_a_short_side() -> None:
    (path,) = line_strokes(Line(((0, 0), (40, 0), (40, 8), (90, 8)), Role.INK, "a"), False)
    assert path_data(path) == "M0 0L36 0Q40 0 40 4L40 4Q40 8 44 8L90 8"


def test_heads_point_along_the_last_and_first_segment() -> None:
    line = Line(((0, 0), (100, 0)), Role.INK, "a", head=True, tail=True)
    assert [path_data(path) for path in heads(line, False)] == [
        "M89 -4.84L100 0L89 4.84",
        "M11 4.84L0 0L11 -4.84",
    ]


def test_a_line_of_no_length_draws_nothing() -> None:
    line = Line(((5, 5), (5, 5)), Role.INK, "a", head=True)
    assert (line_strokes(line, True), heads(line, True)) == ((), ())


def test_a_cross_is_two_strokes() -> None:
    assert [path_data(p) for p in cross_strokes(Cross(10, 10, 8, Role.FAILURE, "a"), False)] == [
        "M6 6L14 14",
        "M14 6L6 14",
    ]


def test_numbers_have_one_spelling() -> None:
    assert [number(n) for n in (1.0, -0.001, 2.505, 10.10, 100, 0.994999)] == [
        "1",
        "0",
        "2.5",
        "10.1",
        "100",
        "0.99",
    ]
