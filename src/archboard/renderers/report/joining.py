"""The reports of many designs as one: apart from what makes each of them, which a report that is known does without."""

from __future__ import annotations

from collections.abc import Sequence


def under_each_other(reports: Sequence[str]) -> str:
    """Return reports with a blank line between them."""
    return "\n".join(reports)


def line_after_line(parts: Sequence[str]) -> str:
    """Return the lines of many designs."""
    return "".join(parts)
