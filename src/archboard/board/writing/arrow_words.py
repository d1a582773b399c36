"""What is written on arrows: their words from the start, their numbers at step 6, stacked on one plate."""

from __future__ import annotations

import math

from archboard.board.marks import Role
from archboard.board.writing.box_contents import Line
from archboard.board.writing.numbers import arrow_numbers
from archboard.board.writing.text_widths import balanced, clean
from archboard.design.model import Arrow, ArrowKind, Condition
from archboard.facts import Facts
from archboard.records import record
from archboard.units import Dimension, show, show_fraction

WORDS = 15.0
NUMBERS = 14.0
PLATE_PAD = 4.0
WIDTHS = (150.0, 190.0, 250.0, 340.0, 520.0)
MOST_LINES = 3
ROLES = {
    ArrowKind.REQUEST: Role.INK,
    ArrowKind.CALL: Role.INK,
    ArrowKind.ASYNC: Role.MUTED,
    ArrowKind.FAILURE: Role.FAILURE,
}


@record
class Inscription:
    """The words and the numbers of one arrow, and the size of the plate that holds both."""

    words: tuple[Line, ...]
    numbers: tuple[Line, ...]
    width: float
    height: float


def inscription(arrow: Arrow, step: int, facts: Facts) -> Inscription | None:
    """Return what is written on an arrow, or None."""
    role = ROLES[arrow.kind]
    words = tuple(Line(text, WORDS, role, step) for text in _wrapped(_words(arrow)))
    found = arrow_numbers(arrow, facts)
    numbers = tuple(Line(clean(number.text), NUMBERS, Role.BAD if number.bad else role, 6) for number in found)
    if not words and not numbers:
        return None
    width = max(line.width for line in (*words, *numbers)) + 2 * PLATE_PAD
    height = math.fsum(line.height for line in (*words, *numbers)) + 2
    return Inscription(words, numbers, float(round(width + 0.5)), float(round(height + 0.5)))


def _words(arrow: Arrow) -> str:
    parts = [arrow.label] if arrow.label else []
    condition = arrow.condition
    if arrow.kind is ArrowKind.FAILURE and not arrow.label and condition is not None:
        parts.append(condition_words(condition))
    if arrow.share is not None:
        parts.append(show_fraction(arrow.share))
    fanout = arrow.number_of("fanout")
    if fanout is not None and fanout > 1:
        quorum = arrow.number_of("quorum")
        enough = f", {show(quorum, Dimension.COUNT)} needed" if quorum is not None and quorum < fanout else ""
        parts.append(f"× {show(fanout, Dimension.COUNT)}{enough}")
    return clean(" · ".join(parts))


def condition_words(condition: Condition) -> str:
    """Return when a failure arrow is taken, in words."""
    if condition.share is not None:
        return f"error > {show_fraction(condition.share)}"
    if condition.seconds is None:
        return condition.kind
    shown = show(condition.seconds, Dimension.DURATION)
    return f"latency > {shown}" if condition.kind == "latency" else f"{condition.kind} {shown}"


def _wrapped(text: str) -> tuple[str, ...]:
    if not text.strip():
        return ()
    lines: tuple[str, ...] = ()
    for width in WIDTHS:
        lines = balanced(text, WORDS, width)
        if len(lines) <= MOST_LINES:
            break
    return tuple(line for line in lines if line)
