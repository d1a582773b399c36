"""A circle of `~>` in which every request makes another: told as the circle that it is, for its rate has no end."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Design
from archboard.design.rules import CYCLE
from archboard.diagnostics import Diagnostic, Note
from archboard.facts import Facts

RULE = CYCLE


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every circle at the arrow that closes it."""
    for circle in facts.circles:
        last = circle.last
        name = f"{last.tail} ~> {last.head}"
        message = f"`{name}` closes a circle that feeds itself without end: each request over it brings another"
        help = f"let it carry a part, `{name} {{ share: 20% }}`, or a rate of its own, `{{ rate: 100/s }}`"
        others = [arrow for arrow in circle.arrows if arrow is not last][:2]
        notes = (Note(arrow.span, "part of the circle") for arrow in others)
        yield RULE.at(last.span, message, help, *notes, subject=last.id)
