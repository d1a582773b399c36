"""Circles of arrows that nobody waits for, and in which every request makes another one."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Circle, Facts
from archboard.measures.analysis import Analysis


def measure(analysis: Analysis, facts: Facts) -> Iterator[Circle]:
    """Yield every circle that feeds itself without end, as the loads found it."""
    for circle in analysis.loads.endless:
        yield Circle(tuple(analysis.arrows[arrow] for arrow in circle), analysis.closing(circle))
