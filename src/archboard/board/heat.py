"""A sweep over two settings as a grid of cells: what a number is there, and whether that holds."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.board.marks import Box, Cross, Group, Mark, Pen, Role, Scene, Text
from archboard.board.metrics import clean, text_width, wrap
from archboard.trials import Point, Sweep
from archboard.units import show

MARGIN = 36.0
TITLE = 28.0
HEAD = 19.0
LABEL = 15.0
GAP = 3.0
WIDEST = 1080.0
SMALLEST = 14.0


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
        widest = max(text_width(words, LABEL) for words in (*shown, *heads))
        self.left = MARGIN + HEAD + 14 + max(text_width(self.down.show(n), LABEL) for n in self.rows) + 10
        room = (WIDEST - self.left - MARGIN) / len(self.columns)
        self.told = widest + 14 <= room
        self.wide = max(widest + 14, 44.0) if self.told else max(room, SMALLEST)
        self.high = 34.0 if self.told else min(max(self.wide, SMALLEST), 24.0)
        self.width = max(self.left + self.wide * len(self.columns) + MARGIN, 560.0)

    def _shown(self, point: Point, place: int) -> str:
        value = point.values[place]
        if value is None or not math.isfinite(value):
            return "–"
        return show(float(f"{value:.3g}"), self.sweep.columns[place].dimension)

    def scene(self) -> Scene:
        """Return the whole picture."""
        title = clean(self.sweep.title or self.sweep.name)
        groups, y = [], MARGIN + TITLE
        for line in wrap(title, TITLE, self.width - 2 * MARGIN):
            groups.append(Group("title", 1, (Text(MARGIN, y, line, TITLE, bold=True),)))
            y += TITLE * 1.2
        groups.append(self._legend(y + 2))
        y += LABEL + 18
        for place in range(len(self.sweep.columns)):
            groups.append(self._grid(place, y))
            y += HEAD + 20 + self.high * len(self.rows) + LABEL + HEAD + 46
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
        column = self.sweep.columns[place]
        marks: list[Mark] = [Text(self.left, top + HEAD, clean(column.name), HEAD, bold=True)]
        first = top + HEAD + 20
        count = len(self.columns)
        for row, number in enumerate(self.rows):
            y = first + self.high * (len(self.rows) - 1 - row)
            if self.told or row % self._stride(len(self.rows), LABEL * 1.2 / self.high) == 0:
                marks.append(Text(self.left - 10, y + self.high / 2 + 5, self.down.show(number), LABEL, Role.MUTED, "end"))
            for at, point in enumerate(self.sweep.points[row * count : (row + 1) * count]):
                marks += self._place(place, point, self.left + at * self.wide, y, f"{place}/{row}/{at}")
        bottom = first + self.high * len(self.rows)
        widest = max(text_width(self.across.show(n), LABEL) for n in self.columns) + 14
        stride = 1 if self.told else self._stride(count, widest / self.wide)
        for at, number in enumerate(self.columns):
            if at % stride == 0:
                x = self.left + (at + 0.5) * self.wide
                marks.append(Text(x, bottom + LABEL + 5, self.across.show(number), LABEL, Role.MUTED, "middle"))
        middle = self.left + self.wide * count / 2
        marks.append(Text(middle, bottom + LABEL + HEAD + 12, clean(self.across.label), HEAD, anchor="middle", bold=True))
        marks.append(Text(MARGIN, first - 10, f"{clean(self.down.label)} ↑", HEAD, bold=True))
        if self.left - MARGIN < text_width(f"{clean(self.down.label)} ↑", HEAD) + 12:
            marks[0] = Text(self.left + text_width(self.down.label, HEAD) + 40, top + HEAD, clean(column.name), HEAD, bold=True)
        return Group("panel", 1, tuple(marks))

    def _stride(self, count: int, cells: float) -> int:
        return max(1, math.ceil(cells))

    def _place(self, place: int, point: Point, x: float, y: float, seed: str) -> Iterator[Mark]:
        """Yield one cell: its number where there is room, a cross where it fails."""
        promised = self.sweep.columns[place].promised
        good = point.holds[place] if promised else point.ok
        role = {True: Role.GOOD, False: Role.BAD, None: Role.MUTED}[good]
        if promised and good is None and not point.ok:
            role = Role.MUTED
        yield from _cell(x, y, self.wide, self.high, role, seed, crossed=good is False)
        if self.told:
            text_role = Role.BAD if good is False else Role.MUTED if good is None else Role.INK
            words = self._shown(point, place)
            yield Text(x + self.wide / 2, y + self.high / 2 + 5, words, LABEL, text_role, "middle", bold=good is False)


def _cell(x: float, y: float, width: float, height: float, role: Role, seed: str, *, crossed: bool) -> Iterator[Mark]:
    yield Box(
        x + GAP / 2, y + GAP / 2, width - GAP, height - GAP, role, seed, Pen.SOLID, "pale", 4, sketched=False
    )
    if crossed:
        size = min(8.0, height / 3)
        yield Cross(x + width - GAP - size, y + GAP + size, size, role, seed)
