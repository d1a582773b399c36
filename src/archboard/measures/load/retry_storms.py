"""Retry storms: the components that retries take past their capacity, as the analysis found them when it settled."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Facts, Storm
from archboard.measures.analysis import Analysis


def measure(analysis: Analysis, facts: Facts) -> Iterator[Storm]:
    """Yield every component that carries what is asked of it and not what is asked again."""
    yield from analysis.storms.values()
