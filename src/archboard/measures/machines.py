"""Machines: the cores and the main memory of all replicas that run, of each component that says its own."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Fact, Facts, Metric, whole
from archboard.measures.analysis import Analysis
from archboard.measures.cost import running_of
from archboard.measures.metrics import CORES, MAIN_MEMORY
from archboard.measures.terms import known, number
from archboard.units import Dimension
from archboard.working import product, total

SETTINGS: tuple[tuple[str, Metric, Dimension], ...] = (
    ("cpu", CORES, Dimension.COUNT),
    ("memory", MAIN_MEMORY, Dimension.SIZE),
)


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield cores and bytes per component that says them, and of the design."""
    for setting, metric, dimension in SETTINGS:
        each: list[Fact] = []
        for component in analysis.design.components.values():
            if component.number(setting) is not None:
                own = number(component, setting, dimension)
                each.append(Fact(metric, component.name, product(dimension, running_of(component, facts), own)))
        yield from each
        if each:
            parts = [known(fact, text=f"{fact.subject} {fact.shown}") for fact in each]
            yield Fact(metric, whole(analysis.design), total(dimension, *parts))
