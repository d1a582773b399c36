"""Stage directions: which box and which arrows appear, as they are labelled on the board."""

from __future__ import annotations

from collections.abc import Sequence

from archboard.design.model import Arrow, ArrowKind, Component
from archboard.script.model import Passage, Point
from archboard.script.telling import Telling

_SIGNS = {ArrowKind.REQUEST: "→", ArrowKind.CALL: "↔", ArrowKind.ASYNC: "⇢", ArrowKind.FAILURE: "→"}
_SHOWN = 4


def drawn(told: Telling, component: Component, points: tuple[Point, ...]) -> Passage:
    """Return the passage in which a component is drawn, with the arrows that appear with it."""
    arrows = told.drawn_with(component)
    values = {
        "label": told.name(component.name).label,
        "place": component.place,
        "arrows": [*_past_caches(told, component, arrows), *strokes(told, arrows)][:_SHOWN],
    }
    return Passage(component.step, "component", values, points)


def strokes(told: Telling, arrows: Sequence[Arrow]) -> list[str]:
    """Write arrows as labels and signs, chained where one goes on where the last ended: `A → B → C`."""
    found: list[str] = []
    last = ""
    for arrow in _chained(arrows):
        head = told.name(arrow.head).label
        if found and last == arrow.tail:
            found[-1] += f" {_SIGNS[arrow.kind]} {head}"
        else:
            found.append(f"{told.name(arrow.tail).label} {_SIGNS[arrow.kind]} {head}")
        last = arrow.head
    return found


def _past_caches(told: Telling, component: Component, arrows: Sequence[Arrow]) -> list[str]:
    """Write the way that the board shows until something is put above it, a cache: from before that to behind it."""
    if any(arrow.head == component.name for arrow in arrows):
        return []
    before = [told.design.components[arrow.tail] for arrow in told.entering(component.name, ArrowKind.REQUEST)]
    later = [one.name for one in before if one.place == "above" and one.step > component.step]
    tails = [arrow.tail for one in later for arrow in told.entering(one, ArrowKind.REQUEST)]
    stands = [tail for tail in tails if told.design.components[tail].step <= component.step]
    return [f"{told.name(tail).label} → {told.name(component.name).label}" for tail in stands]


def rows(told: Telling, arrows: Sequence[Arrow]) -> list[str]:
    """Write arrows from one box to many as one stroke: `A ⇢ B, C, D`."""
    found: dict[tuple[str, str], list[str]] = {}
    for arrow in arrows:
        heads = found.setdefault((told.name(arrow.tail).label, _SIGNS[arrow.kind]), [])
        heads.append(told.name(arrow.head).label)
    return [f"{tail} {sign} {', '.join(heads)}" for (tail, sign), heads in found.items()]


def _chained(arrows: Sequence[Arrow]) -> list[Arrow]:
    """Bring an arrow that goes on where another ended right behind it."""
    left = {arrow.number: arrow for arrow in arrows}
    order: list[Arrow] = []
    while left:
        heads = {arrow.head for arrow in left.values()}
        goes_on = next((arrow for arrow in left.values() if order and arrow.tail == order[-1].head), None)
        starts = next((arrow for arrow in left.values() if arrow.tail not in heads), None)
        order.append(goes_on or starts or next(iter(left.values())))
        del left[order[-1].number]
    return order
