"""Tables as text: aligned for a terminal, piped for Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from archboard.columns import columns, padded
from archboard.renderers.report.diagnostics import Paint


def aligned(title: str, rows: Sequence[tuple[str, ...]], paint: Paint) -> str:
    """Return rows under a title, their columns aligned by what a terminal shows; nothing where there are none."""
    if not rows:
        return ""
    count = max(len(row) for row in rows)
    widths = [max((columns(row[i]) for row in rows if len(row) > i), default=0) for i in range(count)]
    lines = [paint(title, "bold")] if title else []
    for row in rows:
        cells = [padded(cell, widths[i]) for i, cell in enumerate(row)]
        lines.append(("  " + "  ".join(cells)).rstrip())
    return "\n".join(lines)


def piped(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """Return rows under their heads as a Markdown table; nothing where there are none."""
    listed = list(rows)
    if not listed:
        return ""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}", *(f"| {' | '.join(row)} |" for row in listed)]
    return "\n".join(lines)
