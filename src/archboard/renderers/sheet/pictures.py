"""The pictures of the page to print: the board of step 6 without what the page says itself, and the budget."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archboard.board.charts.budget_bar import Plan, budget, plan
from archboard.board.marks import Box, Cross, Group, Icon, Line, Mark, Plate, Scene, Text
from archboard.board.scenes import stage
from archboard.board.writing.text_widths import ascent, descent, text_width
from archboard.compilation import Compilation
from archboard.design.model import Design
from archboard.facts import Facts, FailureFact
from archboard.records import replace

SAID = ("title", "caption", "budget", "legend")
EDGE = 6.0
BUDGET = 960.0
"""The budget's width in pixels: its letters come out twice as large as the board's."""
TALLEST = 300.0
"""The height in pixels of several budgets; one alone may take twice that, and one that does not fit is left out."""
MODES = 6
"""Failure modes that stand over a budget, the slowest."""


def pictures(compilation: Compilation) -> tuple[Scene, ...]:
    """Return the board and, where a latency is promised, the budget of its worst path."""
    design, facts = compilation.design, compilation.facts
    board = _cropped(stage(design, facts)[-1])
    scenes = [board] if board.groups else []
    planned = _fitting(design, facts)
    if planned is not None:
        groups = tuple(budget(planned, 0.0, 0.0))
        scenes.append(Scene("budget", 6, planned.width, planned.height, "The latency budget", "", groups))
    return tuple(scenes)


def _fitting(design: Design, facts: Facts) -> Plan | None:
    """Return the budget of as many latency promises as have room, missed ones first; None where not one has."""
    latencies = [verdict for verdict in facts.verdicts if verdict.promise.is_latency]
    latencies.sort(key=lambda verdict: verdict.ok is not False)
    failures = sorted(facts.failures, key=_slowness)[-MODES:]
    for count in range(len(latencies), 0, -1):
        planned = _planned(design, replace(facts, verdicts=tuple(latencies[:count]), failures=tuple(failures)))
        if planned.bars and planned.height <= (TALLEST if count > 1 else 2 * TALLEST):
            return planned
    return None


def _slowness(failure: FailureFact) -> tuple[bool, float]:
    """Order failure modes: those that miss a promise last, then by their time."""
    missed = any(verdict.ok is False for verdict in failure.verdicts)
    return missed, max((verdict.value or 0.0 for verdict in failure.verdicts), default=0.0)


def _planned(design: Design, facts: Facts) -> Plan:
    planned = plan(design, facts, BUDGET)
    return planned if planned.widest <= planned.width else plan(design, facts, planned.widest)


def _cropped(scene: Scene) -> Scene:
    """Return the drawing of a scene alone, moved to the top left."""
    kept = [group for group in scene.groups if group.kind not in SAID]
    edges = [edge for group in kept for edge in _reach(group)]
    if not edges:
        return replace(scene, groups=())
    left, top = min(edge[0] for edge in edges) - EDGE, min(edge[1] for edge in edges) - EDGE
    right, bottom = max(edge[2] for edge in edges) + EDGE, max(edge[3] for edge in edges) + EDGE
    moved = tuple(_moved(group, -left, -top) for group in kept)
    return replace(scene, groups=moved, width=right - left, height=bottom - top)


def _reach(group: Group) -> Iterator[tuple[float, float, float, float]]:
    """Yield left, top, right and bottom of each mark."""
    for mark in group.marks:
        match mark:
            case Box(x, y, width, height) | Plate(x, y, width, height):
                yield x, y, x + width, y + height
            case Line(points):
                yield (
                    min(x for x, _ in points),
                    min(y for _, y in points),
                    max(x for x, _ in points),
                    max(y for _, y in points),
                )
            case Text(x, y, text, size):
                wide = text_width(text, size)
                start = x - wide * {"middle": 0.5, "end": 1.0}.get(mark.anchor, 0.0)
                yield start, y - ascent(size), start + wide, y + descent(size)
            case Cross(x, y, size):
                yield x - size / 2, y - size / 2, x + size / 2, y + size / 2
            case Icon(x, y, size):
                yield x, y, x + size, y + size
    for inner in group.groups:
        yield from _reach(inner)


def _moved(group: Group, x: float, y: float) -> Group:
    marks = tuple(_shifted(mark, x, y) for mark in group.marks)
    return replace(group, marks=marks, groups=tuple(_moved(inner, x, y) for inner in group.groups))


def _shifted(mark: Mark, x: float, y: float) -> Mark:
    if isinstance(mark, Line):
        return replace(mark, points=_along(mark.points, x, y))
    return replace(mark, x=mark.x + x, y=mark.y + y)


def _along(points: Sequence[tuple[float, float]], x: float, y: float) -> tuple[tuple[float, float], ...]:
    return tuple((at + x, down + y) for at, down in points)
