"""Texts into columns of a terminal: how wide one is there, filled up to a width, cut to it, wrapped at it.

Ideographs and emoji take two columns, marks and joiners none; what Unicode calls ambiguous takes one, as it does in
terminals outside East Asia. No terminal and no locale is asked, so a report is the same wherever it is written. The
tables of widths take longer to load than a design to check, so what is known to be narrow is only counted.
"""

from __future__ import annotations

import re
import textwrap

_NARROW = re.compile(
    "[ -~\xa0-\xac\xae-\u02ff\u0370-\u0482\u048a-\u052f\u2010-\u2027\u2030-\u205e\u2190-\u22ff\u2423\u2500-\u257f"
    "\u25a1\u2713\u2717]*"
)
"""Latin, Greek and Cyrillic, and the signs that reports are written with: one column each."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f]")


def columns(text: str) -> int:
    """Return how many columns a text takes; a control character counts as the sign that stands for it."""
    if _NARROW.fullmatch(text):
        return len(text)
    from wcwidth import wcswidth  # late: its tables are large, and few designs need them  # noqa: PLC0415

    return wcswidth(_CONTROLS.sub(" ", text))


def padded(text: str, width: int, *, end: bool = False) -> str:
    """Return a text filled with blanks up to a width, or with `end` blanks before it; never cut."""
    blanks = " " * (width - columns(text))
    return blanks + text if end else text + blanks


def cut(text: str, width: int) -> str:
    """Return the longest beginning of a text that fits; what is read as one character is not taken apart."""
    if _NARROW.fullmatch(text):
        return text[:width]
    from wcwidth import iter_graphemes  # late: its tables are large, and few designs need them  # noqa: PLC0415

    kept, room = [], width
    for character in iter_graphemes(text):
        room -= columns(character)
        if room < 0:
            break
        kept.append(character)
    return "".join(kept)


def wrapped(text: str, width: int, first: str = "", rest: str = "") -> str:
    """Return a text in lines no wider than a width, the first and the others behind what begins them."""
    if _NARROW.fullmatch(text):
        return textwrap.fill(text, width, initial_indent=first, subsequent_indent=rest)
    from wcwidth import wrap  # late: its tables are large, and few designs need them  # noqa: PLC0415

    return "\n".join(wrap(text, width, initial_indent=first, subsequent_indent=rest))
