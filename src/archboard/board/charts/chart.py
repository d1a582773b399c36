"""A sweep as a picture, of the same marks as the board: lines over one setting, a grid of cells over two.

A place that holds is a green dot or cell, one that does not a red cross or cell with one: never by colour alone. What a
promise allows is a red dotted line. Numbers that are asked for together share a panel where they are of one kind.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from archboard.board.charts.axes import Scale, apart, fitting
from archboard.board.charts.heat_map import heat
from archboard.board.marks import Box, Cross, Group, Line, Mark, Pen, Plate, Role, Scene, Text
from archboard.board.writing.text_widths import clean, text_width, wrap
from archboard.records import record
from archboard.trials import Column, Point, Sweep
from archboard.units import show

WIDTH = 1080.0
MARGIN = 36.0
TITLE = 28.0
HEAD = 19.0
LABEL = 15.0
LINES = (Role.ENTRY, Role.CORE, Role.DATA, Role.TELEMETRY, Role.CLIENT)
DOTTED = 60
"""Places beyond which only those that fail are marked: dots would run into one another."""
TALL = 300.0
SHORT = 190.0


@record
class Panel:
    """One plot: the columns drawn in it, by their place in the sweep."""

    name: str
    columns: tuple[int, ...]


def chart(sweep: Sweep) -> Scene:
    """Return the picture of a sweep."""
    return _Chart(sweep).scene() if len(sweep.dials) == 1 else heat(sweep)


def panels(sweep: Sweep) -> tuple[Panel, ...]:
    """Return the plots of a sweep: each promise its own, facts of one metric together."""
    found: dict[str, list[int]] = {}
    for place, column in enumerate(sweep.columns):
        name = column.name if column.promised else column.name.rpartition(".")[2].replace("_", " ")
        found.setdefault(name, []).append(place)
    return tuple(Panel(name, tuple(columns)) for name, columns in found.items())


class _Chart:
    """Draws one sweep over one setting."""

    def __init__(self, sweep: Sweep) -> None:
        self.sweep = sweep
        self.dial = sweep.dials[0]
        self.panels = panels(sweep)
        self.height = TALL if len(self.panels) == 1 else SHORT
        limits = ((i, c.limit, c.dimension) for i, c in enumerate(sweep.columns))
        self.limits = {i: f"↑ {show(limit, kind)} promised" for i, limit, kind in limits if limit is not None}
        ends = [self._end(i) for panel in self.panels for i in panel.columns if len(panel.columns) > 1]
        right = max((text_width(t, LABEL) for t in (*self.limits.values(), *ends)), default=0.0)
        values = [v for p in sweep.points for v in p.values if v is not None and math.isfinite(v)]
        left = max((text_width(self._shown(c, v), LABEL) for c in sweep.columns for v in values[:400]), default=40.0)
        self.left = MARGIN + min(max(left, 46.0), 130.0) + 14
        self.right = WIDTH - MARGIN - right - (14 if right else 0)
        numbers = sweep.axes[0]
        self.x = Scale(numbers[0], numbers[-1], self.left + 10, self.right - 10, sweep.logarithmic)

    def _shown(self, column: Column, value: float) -> str:
        return show(float(f"{value:.3g}"), column.dimension)

    def _end(self, place: int) -> str:
        return clean(self.sweep.columns[place].name.rpartition(".")[0] or self.sweep.columns[place].name)

    def scene(self) -> Scene:
        """Return the whole picture."""
        title = clean(self.sweep.title or self.sweep.name)
        groups, y = [], MARGIN + TITLE
        lines = wrap(title, TITLE, WIDTH - 2 * MARGIN)
        for line in lines:
            groups.append(Group("title", 1, (Text(MARGIN, y, line, TITLE, bold=True),)))
            y += TITLE * 1.2
        y += 4
        groups.append(self._legend(y))
        y += 2 * LABEL + 20
        for panel in self.panels:
            groups.append(self._panel(panel, y, first=panel is self.panels[0]))
            y += HEAD + self.height + 44
        bottom = y - 30
        groups.append(self._axis(bottom))
        height = bottom + LABEL + HEAD + 20 + MARGIN
        name = f"{title}: over {self.dial.label}"
        return Scene("chart", 1, WIDTH, height, name, self._description(), tuple(groups))

    def _description(self) -> str:
        held = sum(point.ok for point in self.sweep.points)
        names = ", ".join(column.name for column in self.sweep.columns)
        low, high = (self.dial.show(n) for n in (self.sweep.axes[0][0], self.sweep.axes[0][-1]))
        count = len(self.sweep.points)
        return f"{names} over {self.dial.label} from {low} to {high}: {held} of {count} values hold everything."

    def _legend(self, y: float) -> Group:
        """Return the signs that are used, in one row."""
        marks: list[Mark] = []
        x = MARGIN + 6
        signs = [("holds", "dot"), ("missed", "cross")]
        if any(v is None for p in self.sweep.points for v in p.values):
            signs.append(("not judged: too full, or something is missing", "gap"))
        for words, sign in signs:
            marks += _sign(x, y - 5, sign, f"legend/{sign}")
            marks.append(Text(x + 13, y, words, LABEL, Role.MUTED))
            x += 13 + text_width(words, LABEL) + 26
        return Group("legend", 1, tuple(marks))

    def _panel(self, panel: Panel, top: float, *, first: bool) -> Group:
        """Return one plot under its name: its axis, its limit, its lines, and a sign at each place."""
        columns = [self.sweep.columns[i] for i in panel.columns]
        y = self._scale(panel, top + HEAD + 14)
        marks: list[Mark] = [Text(self.left, top + 8, clean(panel.name), HEAD, bold=True)]
        marks += self._grid(y, columns[0], panel.name)
        marks += self._now(y, first)
        names: list[tuple[float, str, Role]] = []
        for order, place in enumerate(panel.columns):
            column = self.sweep.columns[place]
            if column.limit is not None:
                marks += self._limit(y, column, place)
                names.append((self._limit_place(y, column), self._limit_words(y, column, place), Role.BAD))
            role = LINES[order % len(LINES)]
            marks += self._line(y, place, role, panel.name)
            if len(panel.columns) > 1:
                last = next((p.values[place] for p in reversed(self.sweep.points) if p.values[place] is not None), None)
                names.append((y.place(last if last is not None else y.low), self._end(place), role))
        moved = apart([at for at, _, _ in names], LABEL * 1.15, y.end + 4, y.start)
        for at, (_, words, role) in zip(moved, names, strict=True):
            marks.append(Text(self.right + 12, at + 5, words, LABEL, role))
        return Group("panel", 1, tuple(marks))

    def _scale(self, panel: Panel, top: float) -> Scale:
        """Return the upright scale of a plot, its limits on it unless they lie far away."""
        found = [p.values[i] for p in self.sweep.points for i in panel.columns]
        values = [v for v in found if v is not None and math.isfinite(v)]
        low, high = min(values, default=0.0), max(values, default=1.0)
        for i in panel.columns:
            limit = self.sweep.columns[i].limit
            if limit is not None and high / 5 <= limit <= max(high, 1e-300) * 5:
                low, high = min(low, limit), max(high, limit)
        bottom = top + self.height
        if low > 0 and high / low > 200:
            return Scale(low / 1.3, high * 1.3, bottom, top, logarithmic=True)
        span = high - low or abs(high) or 1.0
        floor = 0.0 if low >= 0 and low < 0.6 * high else low - 0.12 * span
        return Scale(max(floor, 0.0) if low >= 0 else floor, high + 0.1 * span, bottom, top)

    def _grid(self, y: Scale, column: Column, name: str) -> Iterator[Mark]:
        """Yield the frame's two sides, and a faint line and a label at each round number."""
        for tick in y.ticks(4 if self.height < TALL else 6, column.dimension):
            at = y.place(tick)
            ends = ((self.left, at), (self.right, at))
            yield Line(ends, Role.FRAME, f"{name}/grid/{tick}", width=0.7, sketched=False)
            yield Text(self.left - 9, at + 5, show(tick, column.dimension), LABEL, Role.MUTED, "end")
        corner = (self.left, y.start)
        yield Line(((self.left, y.end), corner, (self.right, y.start)), Role.INK, f"{name}/frame", width=1.5, radius=2)

    def _now(self, y: Scale, first: bool) -> Iterator[Mark]:
        now = self.dial.now
        if now is None or not self.x.low <= now <= self.x.high:
            return
        at = self.x.place(now)
        yield Line(((at, y.end), (at, y.start)), Role.MUTED, "now", Pen.DASHED, width=1.1, sketched=False)
        if first:
            words = f"now {self.dial.show(now)}"
            half = text_width(words, LABEL) / 2
            beside = min(max(at, self.left + half), self.right - half)
            yield Text(beside, y.end - 6, words, LABEL, Role.MUTED, "middle")

    def _limit_place(self, y: Scale, column: Column) -> float:
        assert column.limit is not None, column.name
        return y.place(column.limit)

    def _limit_words(self, y: Scale, column: Column, place: int) -> str:
        assert column.limit is not None, column.name
        words = self.limits[place]
        if column.limit > y.high:
            return words
        return words.replace("↑", "↓") if column.limit < y.low else words.removeprefix("↑ ")

    def _limit(self, y: Scale, column: Column, place: int) -> Iterator[Mark]:
        assert column.limit is not None, column.name
        if y.low <= column.limit <= y.high:
            at = y.place(column.limit)
            ends = ((self.left, at), (self.right + 6, at))
            yield Line(ends, Role.BAD, f"limit/{place}", Pen.DOTTED, width=2.2, sketched=False)

    def _line(self, y: Scale, place: int, role: Role, name: str) -> Iterator[Mark]:
        """Yield a line through the numbers, broken where there is none, and a sign at each."""
        column, points = self.sweep.columns[place], self.sweep.points
        for number, run in enumerate(_runs(points, place)):
            way = tuple((self.x.place(p.at[0]), y.place(p.values[place] or 0.0)) for p in run)
            yield Line(way, role, f"{name}/{place}/{number}", width=2.0, radius=3)
        for point in points:
            value, x = point.values[place], self.x.place(point.at[0])
            good = point.holds[place] if column.promised else point.ok
            if value is None or not math.isfinite(value):
                yield from _sign(x, y.start - 9, "gap", f"{name}/{point.at[0]}")
            elif not good:
                yield from _sign(x, y.place(value), "cross", f"{name}/{place}/{point.at[0]}")
            elif len(points) <= DOTTED:
                yield from _sign(x, y.place(value), "dot", f"{name}/{place}/{point.at[0]}")

    def _axis(self, bottom: float) -> Group:
        """Return the numbers along the bottom and the setting's name under them."""
        y = bottom + LABEL + 6
        dimension = self.dial.dimension
        ticks = fitting(self.x, dimension, self.dial.show, LABEL)
        marks: list[Mark] = [
            Text(self.x.place(tick), y, self.dial.show(tick), LABEL, Role.MUTED, "middle") for tick in ticks
        ]
        middle = (self.left + self.right) / 2
        marks.append(Text(middle, y + HEAD + 10, clean(self.dial.label), HEAD, anchor="middle", bold=True))
        return Group("axis", 1, tuple(marks))


def _runs(points: Sequence[Point], place: int) -> Iterator[list[Point]]:
    run: list[Point] = []
    for point in points:
        value = point.values[place]
        if value is not None and math.isfinite(value):
            run.append(point)
        elif run:
            yield run
            run = []
    if run:
        yield run


def _sign(x: float, y: float, sign: str, seed: str) -> Iterator[Mark]:
    """Yield a dot, a cross, or the sign of a number that is not there."""
    match sign:
        case "dot":
            yield Box(x - 3.5, y - 3.5, 7, 7, Role.GOOD, seed, fill="strong", radius=3.5, sketched=False)
        case "cross":
            yield Plate(x - 5, y - 5, 10, 10)
            yield Cross(x, y, 10, Role.BAD, seed)
        case _:
            yield Box(x - 4, y - 4, 8, 8, Role.MUTED, seed, Pen.SOLID, "paper", 1, sketched=False)
