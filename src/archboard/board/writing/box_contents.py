"""What stands in a box, line by line, and the size it needs.

The lines of step 6 are measured with the rest, so their room is reserved from step 1 on and no box ever
changes its size.
"""

from __future__ import annotations

import math

from archboard.board.marks import Role
from archboard.board.writing.icons import icon_for
from archboard.board.writing.numbers import box_numbers
from archboard.board.writing.text_widths import ascent, balanced, clean, descent, text_width
from archboard.design.model import Component
from archboard.facts import Facts
from archboard.records import record

TITLE = 19.0
TECHNOLOGY = 15.0
NOTE = 14.5
NUMBER = 14.0
PAD = 12.0
ICON = 32.0
ICON_GAP = 10.0
MINIMUM = 118.0
WIDTHS = (158.0, 200.0, 270.0, 380.0, 560.0)
MOST_LINES = 7
NUMBERS_GAP = 3.0
LOWER = 3.0
"""How far text stands below the middle, for the number lines under it come last."""
NUMBERS_STEP = 6


@record
class Line:
    """One line of text and the step it appears at."""

    text: str
    size: float
    role: Role
    step: int
    bold: bool = False

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return text_width(self.text, self.size, self.bold)

    @property
    def height(self) -> float:
        """Its height in pixels, from the tallest letter to the deepest."""
        return ascent(self.size) + descent(self.size)


@record
class Content:
    """A box's lines and icon, and the least width and height that hold them."""

    lines: tuple[Line, ...]
    numbers: tuple[Line, ...]
    icon: str | None
    width: float
    height: float

    @property
    def text_height(self) -> float:
        """The height of all its lines together."""
        gap = NUMBERS_GAP if self.numbers else 0.0
        return math.fsum(line.height for line in (*self.lines, *self.numbers)) + gap


def content(component: Component, facts: Facts) -> Content:
    """Return what stands in the box of a component."""
    icon = icon_for(_icon_words(component))
    numbers = tuple(
        Line(clean(number.text), NUMBER, number.role, NUMBERS_STEP) for number in box_numbers(component, facts)
    )
    lines = _lines(component, WIDTHS[0])
    for width in WIDTHS[1:]:
        if len(lines) <= MOST_LINES:
            break
        lines = _lines(component, width)
    inner = max(line.width for line in (*lines, *numbers))
    width = max(MINIMUM, inner + 2 * PAD + (ICON + ICON_GAP if icon else 0.0))
    made = Content(lines, numbers, icon, width, 0.0)
    height = max(made.text_height, ICON if icon else 0.0) + 2 * (PAD - 3)
    return Content(lines, numbers, icon, float(round(width)), float(round(height)))


def _icon_words(component: Component) -> str:
    named = component.text("icon")
    return named or " ".join((*component.texts("runs"), component.title))


def _lines(component: Component, width: float) -> tuple[Line, ...]:
    role, step = Role(component.kind.role), component.step
    shown = component.title or component.plain
    found = [Line(text, TITLE, Role.INK, step, bold=True) for text in balanced(shown, TITLE, width)]
    technology = (*component.texts("runs"), *filter(None, (component.text("hardware"),)))
    found += [Line(line, TECHNOLOGY, role, step) for text in technology for line in balanced(text, TECHNOLOGY, width)]
    notes = (*component.texts("holds"), *component.texts("does"))
    if notes:
        text = " · ".join(notes)
        # a dot between two notes stands for the break where there is one
        broken = (line.removeprefix("· ").removesuffix(" ·") for line in balanced(text, NOTE, width))
        found += [Line(line, NOTE, Role.MUTED, step) for line in broken]
    return tuple(line for line in found if line.text) or (Line(component.plain, TITLE, Role.INK, step, bold=True),)
