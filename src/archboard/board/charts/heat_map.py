"""A sweep over two settings as a grid of cells: what a number is there, and whether that holds."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.board.marks import Box, Cross, Group, Mark, Pen, Role, Scene, Text
from archboard.board.writing.text_widths import clean, text_width, wrap
from archboard.trials import Point, Sweep
from archboard.units import Dimension, show

MARGIN = 36.0
TITLE = 28.0
HEAD = 19.0
LABEL = 15.0
SIZES = (LABEL, 13.0, 11.5)
"""Sizes of the numbers in the cells: the first that has room."""
PAD = 10.0
EVERYTHING = -1
"""The place of the grid that says whether anything at all is wrong."""
GAP = 3.0
WIDEST = 1200.0
SMALLEST = 14.0
SIGN = 12.0
"""Room for the cross of a cell that fails, beside its number."""


def heat(sweep: Sweep) -> Scene:
    """Return the picture of a sweep over two settings: one grid per number, the first setting upwards."""
    return _Heat(sweep).scene()


class _Heat:
    """Draws one sweep over two settings."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.down, self.across = sweep.dials
        self.rows, self.columns = sweep.axes
        shown = [self._shown(p, i) for p in sweep.points for i in range(len(sweep.columns))]
        heads = [self.across.show(n) for n in self.columns]
        self.left = MARGIN + HEAD + 14 + max(text_width(self.down.show(n), LABEL) for n in self.rows) + 10
        room = (WIDEST - self.left - MARGIN) / len(self.columns)
        head = max(text_width(w, LABEL) for w in heads)

        def widest_at(size: float) -> float:
            return max(head, *(text_width(w, size) + 2 * SIGN for w in shown)) + PAD

        self.size = next((size for size in SIZES if widest_at(size) <= room), SIZES[-1])
        widest = widest_at(self.size)
        self.told = widest <= room
        self.wide = max(widest, 44.0) if self.told else max(room, SMALLEST)
        self.high = 34.0 if self.told else min(max(self.wide, SMALLEST), 24.0)
        self.width = max(self.left + self.wide * len(self.columns) + MARGIN, 560.0)

    def _shown(self, point: Point, place: int) -> str:
        if place == EVERYTHING:
            first = next(iter(point.codes), "fails")
            return "holds" if point.ok else f"{first} …" if len(point.codes) > 1 else first
        value = point.values[place]
        if value is None or not math.isfinite(value):
            return "–"
        dimension = self.sweep.columns[place].dimension
        return show(value if dimension is Dimension.FRACTION else float(f"{value:.3g}"), dimension)

    def scene(self) -> Scene:
        """Return the whole picture."""
        title = clean(self.sweep.title or self.sweep.name)
        groups, y = [], MARGIN + TITLE
        for line in wrap(title, TITLE, self.width - 2 * MARGIN):
            groups.append(Group("title", 1, (Text(MARGIN, y, line, TITLE, bold=True),)))
            y += TITLE * 1.2
        groups.append(self._legend(y + 2))
        y += LABEL + 18
        for place in (EVERYTHING, *range(len(self.sweep.columns))):
            groups.append(self._grid(place, y))
            y += 2 * HEAD + 26 + self.high * len(self.rows) + LABEL + HEAD + 46
        held = sum(point.ok for point in self.sweep.points)
        words = f"{held} of {len(self.sweep.points)} places hold everything."
        name = f"{title}: over {self.down.label} and {self.across.label}"
        return Scene("chart", 1, self.width, y - 20 + MARGIN, name, words, tuple(groups))

    def _legend(self, y: float) -> Group:
        marks: list[Mark] = []
        x = MARGIN
        for words, role in (("holds", Role.GOOD), ("missed", Role.BAD), ("not judged", Role.MUTED)):
            marks += _cell(x, y - 13, 22, 16, role, f"legend/{words}", crossed=role is Role.BAD)
            marks.append(Text(x + 30, y, words, LABEL, Role.MUTED))
            x += 30 + text_width(words, LABEL) + 26
        return Group("legend", 1, tuple(marks))

    def _grid(self, place: int, top: float) -> Group:
        """Return one grid under its name, with the numbers of both settings beside it."""
        name = "everything that is checked" if place == EVERYTHING else clean(self.sweep.columns[place].name)
        marks: list[Mark] = [
            Text(MARGIN, top + HEAD, name, HEAD, bold=True),
            Text(MARGIN, top + 2 * HEAD + 14, f"{clean(self.down.label)} ↑", LABEL, bold=True),
        ]
        first = top + 2 * HEAD + 26
        count = len(self.columns)
        for row, number in enumerate(self.rows):
            y = first + self.high * (len(self.rows) - 1 - row)
            if self.told or row % _stride(LABEL * 1.2 / self.high) == 0:
                middle = y + self.high / 2 + 5
                marks.append(Text(self.left - 10, middle, self.down.show(number), LABEL, Role.MUTED, "end"))
            for at, point in enumerate(self.sweep.points[row * count : (row + 1) * count]):
                marks += self._place(place, point, self.left + at * self.wide, y, f"{place}/{row}/{at}")
        bottom = first + self.high * len(self.rows)
        widest = max(text_width(self.across.show(n), LABEL) for n in self.columns) + 14
        stride = 1 if self.told else _stride(widest / self.wide)
        for at, number in enumerate(self.columns):
            if at % stride == 0:
                x = self.left + (at + 0.5) * self.wide
                marks.append(Text(x, bottom + LABEL + 5, self.across.show(number), LABEL, Role.MUTED, "middle"))
        middle = self.left + self.wide * count / 2
        below = bottom + LABEL + HEAD + 10
        marks.append(Text(middle, below, f"{clean(self.across.label)} →", LABEL, anchor="middle", bold=True))
        return Group("panel", 1, tuple(marks))

    def _place(self, place: int, point: Point, x: float, y: float, seed: str) -> Iterator[Mark]:
        """Yield one cell: its number where there is room, a cross where it fails."""
        promised = place != EVERYTHING and self.sweep.columns[place].promised
        good = point.holds[place] if promised else point.ok
        role = {True: Role.GOOD, False: Role.BAD, None: Role.MUTED}[good]
        if promised and good is None and not point.ok:
            role = Role.MUTED
        yield from _cell(x, y, self.wide, self.high, role, seed, crossed=good is False and not self.told)
        if self.told:
            if good is False:
                yield Cross(x + GAP + SIGN * 0.8, y + self.high / 2, 9, role, f"{seed}/cross")
            text_role = Role.BAD if good is False else Role.MUTED if good is None else Role.INK
            words = self._shown(point, place)
            yield Text(x + self.wide / 2 + 4, y + self.high / 2 + 5, words, self.size, text_role, "middle")


def _cell(x: float, y: float, width: float, height: float, role: Role, seed: str, *, crossed: bool) -> Iterator[Mark]:
    yield Box(
        x + GAP / 2, y + GAP / 2, width - GAP, height - GAP, role, seed, Pen.SOLID, "pale", 4, sketched=False
    )
    if crossed:
        size = min(9.0, height / 2, width / 2)
        yield Cross(x + width / 2, y + height / 2, size, role, seed)


def _stride(cells: float) -> int:
    """Return each how many-th cell gets a label that is so many cells wide."""
    return max(1, math.ceil(cells))
