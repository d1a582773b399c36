"""What is said to the person beside the answer: on stderr, if there is one, and never an answer's business."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO

BACK = "\r\033[K"
"""What clears a line of a terminal."""


def say(text: str, *, nl: bool = True) -> None:
    """Say something on stderr; where that is closed or full, nobody hears it, and the work goes on."""
    if sys.stderr is None:
        return
    import click  # late: most runs say nothing  # noqa: PLC0415

    with suppress(OSError, ValueError):
        click.echo(text, err=True, nl=nl)


def steerable(stream: IO[str] | None) -> bool:
    """Whether something is a terminal that takes control sequences; a closed one, or a dumb one, is not."""
    try:
        return stream is not None and stream.isatty() and os.environ.get("TERM") != "dumb"
    except ValueError:
        return False


def open_streams() -> None:
    """Give the three standard places something that is open, and characters that they can carry.

    A process may be started with any of them closed; the next file that is opened would then get its number, and be
    written into by whoever means the terminal. What a place cannot carry in its encoding is written as an escape.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, OSError, ValueError):
            stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
