"""Colour on a terminal, and when there is none."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable

from archboard.faces.messages import steerable


def paint(text: str, hue: str) -> str:
    """Return a text in a colour, bold or dim."""
    import click  # late: most runs are no terminal's  # noqa: PLC0415

    if hue in ("bold", "dim"):
        return click.style(text, bold=hue == "bold", dim=hue == "dim")
    return click.style(text, fg=hue, bold=hue == "red")


def colour() -> Callable[[str, str], str] | None:
    """Return what colours a text, None where colour is off: NO_COLOR, a pipe, a dumb terminal."""
    off = bool(os.environ.get("NO_COLOR")) or not steerable(sys.stdout)
    return None if off else paint
