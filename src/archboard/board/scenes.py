"""The six steps of the board: one layout, revealed.

Every scene holds the groups of its step and of those before it, at the same place to the pixel. A group with parts
of a later step (numbers in a box) nests them, so that its own box never changes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import pairwise

from archboard.board.charts.budget_bar import budget, plan
from archboard.board.layout import Layout, arrow_step, lay_out
from archboard.board.marks import Box, Cross, Group, Icon, Mark, Pen, Plate, Point, Role, Scene, Text
from archboard.board.marks import Line as Stroke
from archboard.board.placing.frames import PAD as FRAME_PAD
from archboard.board.placing.geometry import Rect
from archboard.board.writing.arrow_words import ROLES, Inscription
from archboard.board.writing.box_contents import ICON, ICON_GAP, LOWER, PAD, Content, Line
from archboard.board.writing.descriptions import describe, hover
from archboard.board.writing.text_widths import ascent
from archboard.board.writing.title_and_legend import MARGIN, Sheet, captions, furnish, inner_width, legend, title
from archboard.catalog import STEPS
from archboard.design.model import Arrow, ArrowKind, Component, Design
from archboard.facts import Facts
from archboard.records import replace

PENS = {ArrowKind.ASYNC: Pen.DASHED, ArrowKind.FAILURE: Pen.DOTTED}
CROSS = 13.0


def stage(design: Design, facts: Facts) -> tuple[Scene, ...]:
    """Return the six scenes of a design, the last with every number."""
    layout = lay_out(design, facts)
    planned = plan(design, facts, inner_width(design, layout))
    if planned.widest > planned.width:
        planned = plan(design, facts, planned.widest)
    sheet = furnish(design, layout, planned.width, planned.height)
    groups = [
        title(design, sheet),
        *_frames(design, layout, sheet),
        *_spines(design, layout, sheet),
        *(_arrow(arrow, design, layout, sheet, facts) for arrow in design.arrows if arrow.number in layout.lines),
        *(_component(component, layout, sheet, facts) for component in design.components.values()),
        *budget(planned, MARGIN, sheet.budget_y),
        *legend(design, sheet),
    ]
    shown = design.title or design.name
    description = describe(design)
    scenes = []
    for step, (name, caption) in enumerate(zip(STEPS, captions(design, sheet), strict=True), start=1):
        kept = tuple(found for group in (*groups, caption) if (found := _until(group, step)) is not None)
        scene_title = f"{shown} — {step} · {name}" if shown else f"{step} · {name}"
        scenes.append(Scene(f"step-{step}", step, sheet.width, sheet.height, scene_title, description, kept))
    return tuple(scenes)


def _until(group: Group, step: int) -> Group | None:
    """Return a group without what comes later, None if all of it does."""
    if group.step > step:
        return None
    inner = tuple(found for each in group.groups if (found := _until(each, step)) is not None)
    return replace(group, groups=inner)


def _frames(design: Design, layout: Layout, sheet: Sheet) -> Iterator[Group]:
    outer_first = sorted(layout.frames, key=lambda name: (name.count("."), name))
    for name in outer_first:
        rect = sheet.moved(layout.frames[name])
        inside = [c.step for c in design.components.values() if c.name.startswith(f"{name}.")]
        headed = layout.frame_titles[name]
        place = sheet.moved(headed.place)
        yield Group(
            "frame",
            min(inside, default=1),
            (
                _border(rect, name),
                *_ranged(headed.lines, place.x, place.y),
            ),
            id=f"f-{name}",
            attributes=(("data-name", name),),
        )


def _border(rect: Rect, name: str) -> Box:
    seed = f"frame {name}"
    return Box(rect.x, rect.y, rect.width, rect.height, Role.FRAME, seed, Pen.DASHED, "none", FRAME_PAD)


def _ranged(lines: tuple[Line, ...], x: float, y: float) -> Iterator[Text]:
    for line in lines:
        yield Text(x, y + ascent(line.size), line.text, line.size, line.role)
        y += line.height


def _spines(design: Design, layout: Layout, sheet: Sheet) -> Iterator[Group]:
    """Yield the core row where a cache stands above it: what the requests that miss go on along."""
    for (tail, head), points in sorted(layout.spines.items()):
        step = max(design.components[tail].step, design.components[head].step)
        line = Stroke(sheet.shifted(points), Role.INK, f"spine {tail} {head}", head=True)
        yield Group("spine", step, (line,), attributes=(("data-from", tail), ("data-to", head)))


def _arrow(arrow: Arrow, design: Design, layout: Layout, sheet: Sheet, facts: Facts) -> Group:
    step = arrow_step(arrow, design)
    points = sheet.shifted(layout.lines[arrow.number])
    both = arrow.kind is ArrowKind.CALL
    failure = arrow.kind is ArrowKind.FAILURE
    role = ROLES[arrow.kind]
    seed = f"{arrow.tail} {arrow.head} {arrow.kind.value}"
    pen = PENS.get(arrow.kind, Pen.SOLID)
    line = Stroke(points, role, seed, pen, True, both, 2.2 if failure else 1.6, route=True)
    marks: list[Mark] = [line]
    place = layout.labels.get(arrow.number)
    if failure:
        x, y = _cross_at(points, sheet.moved(place) if place else None)
        marks.append(Cross(x, y, CROSS, Role.FAILURE, f"{seed} cross"))
    labels = tuple(_labels(layout.inscriptions[arrow.number], sheet.moved(place), step)) if place else ()
    attributes = (
        ("data-from", arrow.tail), ("data-to", arrow.head), ("data-kind", arrow.kind.value), ("data-step", str(step)),
    )  # fmt: skip
    return Group(
        "arrow", step, tuple(marks), labels, f"a-{arrow.number}", hover(arrow.id, arrow.label, facts), attributes
    )


def _labels(words: Inscription, place: Rect, step: int) -> Iterator[Group]:
    y = place.y + 1
    for lines, at in ((words.words, step), (words.numbers, 6)):
        if not lines:
            continue
        width = max(line.width for line in lines) + 8
        height = math.fsum(line.height for line in lines)
        middle = place.x + place.width / 2
        plate = Plate(middle - width / 2, y, width, height)
        yield Group("label", max(at, step), (plate, *_stacked(lines, middle, y)))
        y += height


def _stacked(lines: tuple[Line, ...], middle: float, y: float) -> Iterator[Text]:
    for line in lines:
        yield Text(middle, y + ascent(line.size), line.text, line.size, line.role, "middle", line.bold)
        y += line.height


def _component(component: Component, layout: Layout, sheet: Sheet, facts: Facts) -> Group:
    box = sheet.moved(layout.boxes[component.name])
    found = layout.contents[component.name]
    role = Role(component.kind.role)
    pen = Pen.DASHED if component.kind.third_party else Pen.SOLID
    marks: list[Mark] = [Box(box.x, box.y, box.width, box.height, role, f"box {component.name}", pen)]
    marks += _inside(found, box)
    attributes = (
        ("data-name", component.name), ("data-kind", component.kind.name), ("data-step", str(component.step)),
    )  # fmt: skip
    owner = component.text("owner")
    words = f"{component.title or component.plain}{f' (looked after by {owner})' if owner else ''}"
    hovered = hover(component.name, words, facts)
    numbers = tuple(_numbers(found, box))
    return Group("component", component.step, tuple(marks), numbers, f"c-{component.name}", hovered, attributes)


def _middle(found: Content, box: Rect) -> float:
    return box.x + box.width / 2 + ((ICON + ICON_GAP) / 2 if found.icon else 0.0)


def _inside(found: Content, box: Rect) -> Iterator[Mark]:
    y = box.y + (box.height - found.text_height) / 2 + (LOWER if found.numbers else 0.0)
    if found.icon:
        inner = max(line.width for line in (*found.lines, *found.numbers))
        x = max(box.x + PAD, _middle(found, box) - inner / 2 - ICON_GAP - ICON)
        yield Icon(min(x, box.x + PAD + 6), box.y + (box.height - ICON) / 2, ICON, found.icon)
    yield from _stacked(found.lines, _middle(found, box), y)


def _numbers(found: Content, box: Rect) -> Iterator[Group]:
    if found.numbers:
        y = box.y + (box.height + found.text_height) / 2 + LOWER - math.fsum(line.height for line in found.numbers)
        yield Group("number", 6, tuple(_stacked(found.numbers, _middle(found, box), y)))


def _cross_at(points: tuple[Point, ...], label: Rect | None) -> Point:
    """Return where the cross stands: on the longest free part of the line, near its middle."""
    best: tuple[float, Point] | None = None
    for (x, y), (to_x, to_y) in pairwise(points):
        length = abs(to_x - x) + abs(to_y - y)
        for part in (0.5, 0.3, 0.7, 0.2, 0.8, 0.12, 0.88):
            at = (x + (to_x - x) * part, y + (to_y - y) * part)
            room = min(part, 1 - part) * length
            around = Rect(at[0] - CROSS / 2, at[1] - CROSS / 2, CROSS, CROSS)
            covered = label is not None and around.grown(2).meets(label)
            score = min(room, 60.0) - (1000.0 if covered else 0.0)
            if best is None or score > best[0]:
                best = (score, at)
    assert best is not None
    return best[1]
