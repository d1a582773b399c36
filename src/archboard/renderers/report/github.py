"""Diagnostics as workflow commands, which a pull request shows beside the lines they are about."""

from __future__ import annotations

from archboard.compilation import Compilation


def render_github(compilation: Compilation) -> str:
    """Return one `::error` or `::warning` line per diagnostic."""
    lines = []
    for d in compilation.diagnostics:
        where = ",".join(
            f"{name}={_property(str(value))}"
            for name, value in (
                ("file", d.span.source.path),
                ("line", d.span.line),
                ("col", d.span.column),
                ("endLine", d.span.end_line),
                ("endColumn", d.span.end_column),
                ("title", f"{d.rule.code} {d.rule.name}"),
            )
        )
        message = d.message if d.scenario is None else f"{d.scenario}: {d.message}"
        help = f"\nhelp: {d.help}" if d.help else ""
        lines.append(f"::{d.severity.value} {where}::{_text(message + help)}\n")
    return "".join(lines)


def _text(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _text(text).replace(":", "%3A").replace(",", "%2C")
