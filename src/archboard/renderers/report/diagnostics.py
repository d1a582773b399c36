"""Diagnostics as text: the code, one sentence, the line with the words underlined, and what to do.

error[AB401]: p99 is 74 ms by sum, and 50 ms is promised
  --> designs/recsys.arch:6:8
  6 |   sla: p99 < 50ms
    |        ^^^^^^^^^^
  help: …
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from archboard.columns import columns, cut
from archboard.diagnostics import Diagnostic, Severity
from archboard.source import Span

Paint = Callable[[str, str], str]
"""Colours a text: (text, "red" | "yellow" | "cyan" | "green" | "bold" | "dim") → text."""

_WIDE = 160
_JOINER = re.compile("(?<=[^\0-\x7f\u200c\u200d])[\u200c\u200d](?=[^\0-\x7f\u200c\u200d])")
"""What joins two letters or emoji to one, or keeps them apart; anywhere else it only hides."""
_SHOWN = 200
"""Diagnostics shown of one file; the rest are counted."""


def plain(text: str, _: str) -> str:
    """Return text without colour."""
    return text


def render(diagnostics: Iterable[Diagnostic], paint: Paint = plain) -> str:
    """Return diagnostics as people read them, one blank line after each."""
    listed = tuple(diagnostics)
    shown = "\n".join(_one(diagnostic, paint) for diagnostic in listed[:_SHOWN])
    if len(listed) > _SHOWN:
        shown += f"\n… and {len(listed) - _SHOWN:,} more\n"
    return shown


def _one(diagnostic: Diagnostic, paint: Paint) -> str:
    hue = "red" if diagnostic.severity is Severity.ERROR else "yellow"
    where = f"{diagnostic.scenario}: " if diagnostic.scenario is not None else ""
    head = paint(f"{diagnostic.severity.value}[{diagnostic.rule.code}]", hue)
    lines = [f"{head}: {paint(clean(where + diagnostic.message), 'bold')}"]
    lines += _excerpt(diagnostic.span, "^", hue, paint)
    for note in diagnostic.notes:
        lines += _excerpt(note.span, "-", "cyan", paint, note.message)
    if diagnostic.help:
        lines.append(f"  {paint('help', 'cyan')}: {clean(diagnostic.help)}")
    return "\n".join(lines) + "\n"


def clean(text: str) -> str:
    """Return text of the same length that cannot steer a terminal: control characters become visible spaces."""
    if text.isprintable():
        return text
    joiners = {found.start() for found in _JOINER.finditer(text)}
    return "".join(c if c.isprintable() or at in joiners else "\u2423" for at, c in enumerate(text))


def _excerpt(span: Span, mark: str, hue: str, paint: Paint, message: str = "") -> list[str]:
    line, column = span.line, span.column
    text = clean(span.source.line(line).replace("\t", " "))
    until = span.end_column - 1 if span.end_line == line else len(text)
    text, start, stop = _window(text, column - 1, max(until, column))
    number = str(line)
    gutter = " " * len(number)
    before = columns(text[:start])
    under = " " * before + mark * max(1, columns(text[:stop]) - before)
    lead = "-->" if mark == "^" else ":::"
    return [
        f"  {paint(lead, 'dim')} {clean(span.source.path)}:{line}:{column}",
        f"  {paint(f'{number} |', 'dim')} {text}".rstrip(),
        f"  {paint(f'{gutter} |', 'dim')} {paint(under, hue)}" + (f" {clean(message)}" if message else ""),
    ]


def _window(text: str, start: int, stop: int) -> tuple[str, int, int]:
    """Return the part of a long line that shows what is marked, and from where to where that stands in it."""
    if columns(text) <= _WIDE:
        return text, start, stop
    left = max(0, start - 40)
    while left < start and columns(text[left]) == 0:
        left += 1
    shown = cut(text[left:], _WIDE)
    return shown, start - left, min(stop - left, len(shown))
