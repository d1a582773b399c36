"""What stands around the drawing: title, captions, legend; and the sheet that holds them all."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.board.layout import Layout, arrow_step
from archboard.board.marks import Box, Cross, Group, Line, Mark, Pen, Point, Role, Text
from archboard.board.placing.geometry import Rect
from archboard.board.writing.numbers import promise
from archboard.board.writing.text_widths import ascent, clean, descent, text_width, wrap
from archboard.catalog import STEPS
from archboard.design.model import ArrowKind, Design
from archboard.records import record

MARGIN = 36.0
TITLE = 32.0
PROMISE = 17.0
CAPTION = 22.0
LEGEND = 15.0
GAP = 26.0
LEAST = 720.0
WIDEST_TITLE = 1000.0
ENTRY_GAP = 26.0
SAMPLE = 38.0


@record
class Sheet:
    """The paper: where the drawing starts on it, the lines above it, and where the rest goes below."""

    width: float
    height: float
    x: float
    y: float
    titles: tuple[str, ...]
    promises: tuple[str, ...]
    caption_y: float
    caption_beside: bool
    budget_y: float
    legend_y: float

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * MARGIN

    def moved(self, rect: Rect) -> Rect:
        """Return a rectangle of the drawing on the paper."""
        return Rect(rect.x + self.x, rect.y + self.y, rect.width, rect.height)

    def shifted(self, points: tuple[Point, ...]) -> tuple[Point, ...]:
        """Return a polyline of the drawing on the paper."""
        return tuple((x + self.x, y + self.y) for x, y in points)


def line_height(size: float) -> float:
    """Return the height of a line of text."""
    return ascent(size) + descent(size)


def inner_width(design: Design, layout: Layout) -> float:
    """Return the width between the margins that a layout, its title and its captions need."""
    caption = max(text_width(text, CAPTION) for text in caption_texts(design))
    return max(layout.width, LEAST, min(text_width(_title_of(design), TITLE), WIDEST_TITLE), caption)


def _title_of(design: Design) -> str:
    return clean(design.title or design.name or "Untitled design")


def furnish(design: Design, layout: Layout, inner: float, budget_height: float) -> Sheet:
    """Return the sheet for a layout."""
    caption_width = max(text_width(text, CAPTION) for text in caption_texts(design))
    titles = wrap(_title_of(design), TITLE, inner)
    promises = wrap(clean(promise(design)), PROMISE, inner)
    promises = tuple(line for line in promises if line)
    widest = max(text_width(line, TITLE) for line in titles)
    beside = widest + caption_width + 60 <= inner
    y = MARGIN + len(titles) * line_height(TITLE) + len(promises) * line_height(PROMISE)
    caption_y = MARGIN + (line_height(TITLE) - line_height(CAPTION)) if beside else y + 4
    y = y if beside else caption_y + line_height(CAPTION)
    drawing_y = y + GAP
    budget_y = drawing_y + layout.height + GAP
    legend_y = budget_y + (budget_height + GAP * 0.8 if budget_height else 0.0)
    rows = len(legend_rows(design, inner))
    height = legend_y + rows * (line_height(LEGEND) + 8) + MARGIN * 0.7
    x = MARGIN + (inner - layout.width) / 2 - layout.origin[0]
    return Sheet(
        float(round(inner + 2 * MARGIN)), float(round(height)), x, drawing_y - layout.origin[1],
        titles, promises, caption_y, beside, budget_y, legend_y,
    )  # fmt: skip


def title(design: Design, sheet: Sheet) -> Group:
    """Return the design's title and its promises."""
    marks: list[Mark] = []
    y = MARGIN
    for line in sheet.titles:
        marks.append(Text(MARGIN, y + ascent(TITLE), line, TITLE, Role.INK, bold=True))
        y += line_height(TITLE)
    for line in sheet.promises:
        marks.append(Text(MARGIN, y + ascent(PROMISE), line, PROMISE, Role.MUTED))
        y += line_height(PROMISE)
    return Group("title", 1, tuple(marks))


def caption_texts(design: Design) -> tuple[str, ...]:
    """Return the six captions; a step that adds nothing says so."""
    found = {component.step for component in design.components.values()}
    found |= {arrow_step(a, design) for a in design.arrows if {a.tail, a.head} <= design.components.keys()}
    if design.components:
        found.add(6)
    return tuple(
        f"{step} · {name}" if step in found else f"{step} · {name} — none in this design"
        for step, name in enumerate(STEPS, start=1)
    )


def captions(design: Design, sheet: Sheet) -> Iterator[Group]:
    """Yield the caption of each step."""
    for step, text in enumerate(caption_texts(design), start=1):
        x = sheet.width - MARGIN if sheet.caption_beside else MARGIN
        anchor = "end" if sheet.caption_beside else "start"
        mark = Text(x, sheet.caption_y + ascent(CAPTION), text, CAPTION, Role.ENTRY, anchor)
        yield Group("caption", step, (mark,))


ARROWS = (
    (ArrowKind.REQUEST, "request"),
    (ArrowKind.CALL, "call and answer"),
    (ArrowKind.ASYNC, "not waited for"),
    (ArrowKind.FAILURE, "when it fails"),
)
ROLE_WORDS = (
    (Role.CLIENT, "client"),
    (Role.ENTRY, "entry point"),
    (Role.CORE, "core"),
    (Role.DATA, "data"),
    (Role.TELEMETRY, "telemetry"),
    (Role.FAILURE, "fallback"),
)


@record
class Entry:
    """One explanation of the legend."""

    words: str
    step: int
    what: ArrowKind | Role

    @property
    def width(self) -> float:
        """Its width with its sample."""
        return SAMPLE + 8 + text_width(self.words, LEGEND)


def legend_rows(design: Design, inner: float) -> list[list[Entry]]:
    """Return what the legend explains, in rows that fit."""
    steps: dict[ArrowKind | Role, int] = {}
    for component in design.components.values():
        role = Role(component.kind.role)
        steps[role] = min(steps.get(role, 6), component.step)
    for arrow in design.arrows:
        if {arrow.tail, arrow.head} <= design.components.keys():
            steps[arrow.kind] = min(steps.get(arrow.kind, 6), arrow_step(arrow, design))
    found = [Entry(words, steps[what], what) for what, words in (*ROLE_WORDS, *ARROWS) if what in steps]
    rows: list[list[Entry]] = []
    used = 0.0
    for entry in found:
        if not rows or used + entry.width > inner:
            rows.append([])
            used = 0.0
        rows[-1].append(entry)
        used += entry.width + ENTRY_GAP
    return rows


def legend(design: Design, sheet: Sheet) -> Iterator[Group]:
    """Yield the legend; each entry appears with what it explains."""
    rows = legend_rows(design, sheet.inner)
    parts = []
    y = sheet.legend_y
    for row in rows:
        x = MARGIN
        for entry in row:
            middle = y + line_height(LEGEND) / 2
            text = Text(x + SAMPLE + 8, y + ascent(LEGEND), entry.words, LEGEND, Role.MUTED)
            parts.append(Group("entry", entry.step, (*_sample(entry, x, middle), text)))
            x += entry.width + ENTRY_GAP
        y += line_height(LEGEND) + 8
    if parts:
        yield Group("legend", min(part.step for part in parts), (), tuple(parts))


def _sample(entry: Entry, x: float, y: float) -> Iterator[Mark]:
    seed = f"legend {entry.words}"
    if isinstance(entry.what, Role):
        yield Box(x + 12, y - 8, SAMPLE - 12, 16, entry.what, seed, radius=4)
        return
    points = ((x, y), (x + SAMPLE, y))
    match entry.what:
        case ArrowKind.REQUEST:
            yield Line(points, Role.INK, seed, head=True)
        case ArrowKind.CALL:
            yield Line(points, Role.INK, seed, head=True, tail=True)
        case ArrowKind.ASYNC:
            yield Line(points, Role.MUTED, seed, Pen.DASHED, head=True)
        case ArrowKind.FAILURE:
            yield Line(points, Role.FAILURE, seed, Pen.DOTTED, head=True, width=2.2)
            yield Cross(x + SAMPLE / 2 - 3, y, 10, Role.FAILURE, f"{seed} cross")
