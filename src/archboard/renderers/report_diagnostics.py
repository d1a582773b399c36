"""Diagnostics as text: the code, one sentence, the line with the words underlined, and what to do.

error[AB401]: p99 is 74 ms by sum, and 50 ms is promised
  --> designs/recsys.arch:6:8
  6 |   sla: p99 < 50ms
    |        ^^^^^^^^^^
  help: …
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from archboard.diagnostics import Diagnostic, Severity
from archboard.source import Span

Paint = Callable[[str, str], str]
"""Colours a text: (text, "red" | "yellow" | "cyan" | "green" | "bold" | "dim") → text."""

_WIDE = 160
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
    """Return text that cannot steer a terminal: control characters become visible spaces."""
    return "".join(c if c.isprintable() or c == " " else "\u2423" for c in text)


def _excerpt(span: Span, mark: str, hue: str, paint: Paint, message: str = "") -> list[str]:
    line, column = span.line, span.column
    text = span.source.line(line).replace("\t", " ")
    until = span.end_column - 1 if span.end_line == line else len(text)
    start, stop = column - 1, max(until, column)
    if len(text) > _WIDE:
        left = max(0, start - 40)
        text, start, stop = text[left : left + _WIDE], start - left, min(stop - left, _WIDE)
    number = str(line)
    gutter = " " * len(number)
    under = " " * start + mark * max(1, stop - start)
    lead = "-->" if mark == "^" else ":::"
    return [
        f"  {paint(lead, 'dim')} {clean(span.source.path)}:{line}:{column}",
        f"  {paint(f'{number} |', 'dim')} {clean(text)}".rstrip(),
        f"  {paint(f'{gutter} |', 'dim')} {paint(under, hue)}" + (f" {clean(message)}" if message else ""),
    ]
