"""The budget bar: the hops of the worst path against each latency promise, and the verdict on every promise.

A bar reaches from nothing to the limit or to the sum, whichever is more; each component of the worst path is a
segment with its name, each network hop a pale one between. Failure modes stand over it as ticks. What lies past the
limit is red, and every verdict says in words whether it holds.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from archboard.board.marks import Box, Group, Line, Mark, Pen, Role, Text
from archboard.board.writing.numbers import shown_duration
from archboard.board.writing.text_widths import ascent, clean, descent, isolate, text_width, wrap
from archboard.design.model import Design
from archboard.facts import Facts, Item
from archboard.records import record
from archboard.units import Dimension
from archboard.verdicts import Unjudged, Verdict

HEADING = 17.0
NAME = 14.5
BAR = 30.0
MARK = 7.0
GAP = 12.0
LONG_NAME = 260.0
LIMIT = Role.INK
"""The hue of the limit's tick, which crosses the bar; that of a failure mode is its verdict's."""
FAR = 1.5
"""How many times the limit or the sum a failure mode may lie at before its tick stands at the end."""


@record
class Placed:
    """A text at a place along the bar, and the row away from it in which it fits."""

    text: str
    at: float
    x: float
    row: int
    role: Role


@record
class Segment:
    """A stretch of the bar; `hover` names it and says its sum so far."""

    name: str
    start: float
    end: float
    role: Role
    hop: bool
    hover: str
    inside: str


@record
class Bar:
    """One promise's bar, ready to be put on the sheet."""

    heading: str
    verdict: Verdict
    limit: float
    segments: tuple[Segment, ...]
    below: tuple[Placed, ...]
    above: tuple[Placed, ...]

    @property
    def spoken(self) -> str:
        """Its number, its limit and whether it holds."""
        verdict, said = self.verdict, _said(self.verdict)
        if verdict.value is None:
            return said
        added = ""
        if verdict.promise.policy != "sum" and verdict.sum is not None:
            added = f" · the hops add up to {_shown(verdict, verdict.sum)}"
        return f"{_shown(verdict, verdict.value)} of {_shown(verdict, verdict.promise.limit)} · {said}{added}"

    @property
    def rows(self) -> tuple[int, int]:
        """How many rows of text stand above it and below it."""
        return (
            1 + max((each.row for each in self.above), default=-1),
            1 + max((each.row for each in self.below), default=-1),
        )

    @property
    def height(self) -> float:
        """Its height with all its text."""
        above, below = self.rows
        return _line(HEADING) + 4 + above * _line(NAME) + MARK + BAR + MARK + below * _line(NAME)


@record
class Plan:
    """Everything of the budget, for a width."""

    bars: tuple[Bar, ...]
    verdicts: tuple[tuple[tuple[str, Role], ...], ...]
    width: float

    @property
    def widest(self) -> float:
        """The width that its longest text needs."""
        texts = [text_width(each.text, NAME) for bar in self.bars for each in (*bar.above, *bar.below)]
        heads = [text_width(bar.heading, HEADING) + 18 + text_width(bar.spoken, HEADING) for bar in self.bars]
        return max([*texts, *heads], default=0.0) + 12

    @property
    def height(self) -> float:
        """The height it takes, 0 where nothing is promised."""
        bars = math.fsum(bar.height for bar in self.bars) + GAP * max(0, len(self.bars) - 1)
        lines = len(self.verdicts) * (_line(HEADING) + 3)
        return bars + (GAP if bars and lines else 0.0) + lines


def plan(design: Design, facts: Facts, width: float) -> Plan:
    """Return the bars and verdicts of a design, laid out for a width."""
    bars, rest = [], []
    for verdict in facts.verdicts:
        items = _items(facts, verdict)
        if verdict.promise.is_latency and items:
            bars.append(_bar(design, facts, verdict, items, width))
        else:
            rest.append((_spoken(design, verdict), _role(verdict)))
    return Plan(tuple(bars), _filled(rest, width), width)


def _items(facts: Facts, verdict: Verdict) -> tuple[Item, ...]:
    flow = facts.flow(verdict.flow)
    worst = flow.worst if flow else None
    return tuple(item for item in worst.items if verdict.promise.metric in item.seconds) if worst else ()


def _role(verdict: Verdict) -> Role:
    return Role.MUTED if isinstance(verdict, Unjudged) else Role.GOOD if verdict.ok else Role.BAD


def _said(verdict: Verdict) -> str:
    return "not judged" if isinstance(verdict, Unjudged) else "holds" if verdict.ok else "missed"


def _shown(verdict: Verdict, value: float) -> str:
    kind = verdict.promise.kind
    return clean(shown_duration(value) if kind.dimension is Dimension.DURATION else kind.shown(value))


def _spoken(design: Design, verdict: Verdict) -> str:
    """Return a verdict in words: the promise, the number, whether it holds."""
    promise = clean(verdict.promise.printed)
    named = f"{_flow_title(design, verdict.flow)}: " if verdict.flow != "main" else ""
    value = f": {_shown(verdict, verdict.value)}" if verdict.value is not None else ""
    return f"{named}{promise}{value} · {_said(verdict)}"


def _flow_title(design: Design, name: str) -> str:
    flow = design.flow(name)
    return clean((flow.title or flow.name) if flow else name)


def _filled(parts: list[tuple[str, Role]], width: float) -> tuple[tuple[tuple[str, Role], ...], ...]:
    rows: list[list[tuple[str, Role]]] = []
    used = 0.0
    for text, role in parts:
        for line in wrap(text, HEADING, width):
            wide = text_width(line, HEADING)
            if not rows or used + wide > width:
                rows.append([])
                used = 0.0
            rows[-1].append((line, role))
            used += wide + 2 * GAP + 10
    return tuple(tuple(row) for row in rows)


def _bar(design: Design, facts: Facts, verdict: Verdict, items: tuple[Item, ...], width: float) -> Bar:
    metric, limit = verdict.promise.metric, verdict.promise.limit
    failing = _failures(design, facts, verdict)
    whole = max([limit, *(item.cumulative.get(metric, 0.0) for item in items), verdict.value or 0.0])
    whole = max([whole, *(value for _, value, _ in failing if value <= FAR * whole)])
    spoken = [f"limit {shown_duration(limit)}", *(text for text, _, _ in failing)]
    scale = max(width - 8 - max(text_width(text, NAME) for text in spoken), width / 2) / whole if whole > 0 else 0.0
    segments = tuple(_segments(design, items, metric, scale))
    outside = [(s.name, (s.start + s.end) / 2, Role.MUTED) for s in segments if not s.hop and not s.inside]
    ticks = [(text, min(value * scale, width), role) for text, value, role in failing]
    named = f"{_flow_title(design, verdict.flow)}: " if verdict.flow != "main" else ""
    heading = f"{named}{clean(verdict.promise.text)} on the worst path"
    above = [(f"limit {shown_duration(limit)}", limit * scale, LIMIT), *ticks]
    return Bar(heading, verdict, limit * scale, segments, _rows(outside, width), _rows(above, width))


def _failures(design: Design, facts: Facts, verdict: Verdict) -> list[tuple[str, float, Role]]:
    found = []
    for failure in facts.failures:
        for judged in failure.verdicts:
            same = judged.flow == verdict.flow and judged.promise == verdict.promise
            component = design.components.get(failure.component)
            if same and judged.value is not None and component is not None:
                words = clean(f"{component.name} {failure.on}: {shown_duration(judged.value)}")
                found.append((f"{words} {'✗' if judged.ok is False else ''}".strip(), judged.value, _role(judged)))
    return found


def _beside(title: str, number: str) -> str:
    """Return a name with its number; one that is read from the right comes last, lest it fall into the number."""
    return f"{title} {number}" if isolate(title) == title else f"{number} · {title}"


def _segments(design: Design, items: tuple[Item, ...], metric: str, scale: float) -> Iterator[Segment]:
    for item in items:
        seconds, end = item.seconds[metric], item.cumulative.get(metric, 0.0)
        component = design.components.get(item.subject)
        title = clean((component.title or component.plain) if component else item.subject.replace("->", " → "))
        if component and text_width(title, NAME) > LONG_NAME:
            title = clean(component.name)
        title = f"{title}, {item.attempts} attempts" if item.attempts > 1 else title
        title = f"{title}, {item.among}" if item.among else title
        name = _beside(title, shown_duration(seconds))
        role = Role(component.kind.role) if component and not item.is_hop else Role.MUTED
        start = (end - seconds) * scale
        short = next(
            (text for text in (name, shown_duration(seconds)) if text_width(text, NAME) + 10 <= seconds * scale), ""
        )
        inside = name if short == name else ""
        hover = f"{name}, {shown_duration(end)} so far"
        if seconds > 0:
            yield Segment(name, start, end * scale, role, item.is_hop, hover, inside)


def _rows(texts: Iterable[tuple[str, float, Role]], width: float) -> tuple[Placed, ...]:
    """Put texts in rows by the bar, each beginning at its tick, so that a tick passes left of what lies nearer."""
    placed: list[Placed] = []
    for text, at, role in sorted(texts, key=lambda each: (-each[1], each[0])):
        x = max(0.0, min(at, width - 4 - text_width(text, NAME)))
        end = x + text_width(text, NAME) + GAP
        row = 1 + max((other.row for other in placed if other.x < end), default=-1)
        placed.append(Placed(text, at, x, row, role))
    return tuple(placed)


def _line(size: float) -> float:
    return ascent(size) + descent(size)


def budget(planned: Plan, x: float, y: float) -> Iterator[Group]:
    """Yield the budget, drawn at a place; nothing where nothing is promised."""
    if not planned.height:
        return
    inner: list[Group] = []
    for bar in planned.bars:
        inner.append(Group("bar", 6, tuple(_bar_marks(bar, x, y, planned.width)), tuple(_bar_segments(bar, x, y))))
        y += bar.height + GAP
    marks: list[Mark] = []
    for row in planned.verdicts:
        at = x
        for text, role in row:
            marks.append(Text(at, y + ascent(HEADING), text, HEADING, role))
            at += text_width(text, HEADING) + 2 * GAP + 10
        y += _line(HEADING) + 3
    yield Group("budget", 6, tuple(marks), tuple(inner))


def _top(bar: Bar, y: float) -> float:
    return y + _line(HEADING) + 4 + bar.rows[0] * _line(NAME) + MARK


def _bar_marks(bar: Bar, x: float, y: float, width: float) -> Iterator[Mark]:
    verdict, top = bar.verdict, _top(bar, y)
    yield Text(x, y + ascent(HEADING), bar.heading, HEADING, Role.INK, bold=True)
    wide = text_width(bar.heading, HEADING, bold=True)
    yield Text(x + wide + 18, y + ascent(HEADING), bar.spoken, HEADING, _role(verdict), bold=True)
    yield Box(x, top, bar.limit, BAR, Role.FRAME, f"budget {bar.heading}", Pen.SOLID, "paper", radius=4)
    for each in bar.above:
        base = top - MARK - each.row * _line(NAME)
        high = base - _line(NAME) + 5
        tip = top + BAR + 4 if each.role is LIMIT else top - 1
        yield Line(((x + each.at, high), (x + each.at, tip)), each.role, f"tick {each.text}", width=1.4, sketched=False)
        yield Text(x + each.x + 4, base - descent(NAME) + 3, each.text, NAME, each.role)


def _bar_segments(bar: Bar, x: float, y: float) -> Iterator[Group]:
    top = _top(bar, y)
    texts = {(each.text, each.at): each for each in bar.below}
    for segment in bar.segments:
        over = segment.end > bar.limit + 0.01
        role = Role.BAD if over else segment.role
        wide = max(segment.end - segment.start, 1.0)
        fill = "pale" if segment.hop else "strong"
        seed = f"segment {segment.hover}"
        marks: list[Mark] = [
            Box(x + segment.start, top, wide, BAR, role, seed, fill=fill, radius=3, sketched=False)
        ]
        middle = x + (segment.start + segment.end) / 2
        if segment.inside:
            baseline = top + (BAR - _line(NAME)) / 2 + ascent(NAME)
            marks.append(Text(middle, baseline, segment.inside, NAME, Role.INK, "middle"))
        elif not segment.hop:
            named = texts[segment.name, (segment.start + segment.end) / 2]
            marks += _underneath(named, x, top + BAR)
        yield Group("segment", 6, tuple(marks), title=segment.hover)


def _underneath(placed: Placed, x: float, bottom: float) -> Iterator[Mark]:
    base = bottom + MARK + placed.row * _line(NAME)
    tick = ((x + placed.at, bottom + 1), (x + placed.at, base + _line(NAME) - 5))
    yield Line(tick, Role.MUTED, f"tick {placed.text}", width=1.0, sketched=False)
    yield Text(x + placed.x + 4, base + ascent(NAME) - 3, placed.text, NAME, placed.role)
