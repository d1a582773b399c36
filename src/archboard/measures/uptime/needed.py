"""Needed: how many replicas of a component must be up: so many as it states, or else as carry what it gets.

The demand of the moment decides, of the base, a scenario or a question alike. What gets more than all of its replicas
carry needs all of them; that it does not carry it either is told apart, and no availability.
"""

from __future__ import annotations

from archboard.design.model import Component
from archboard.facts import Facts
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import REPLICAS_NEEDED
from archboard.measures.terms import exactly, found, stated
from archboard.units import Dimension
from archboard.working import LEAST, Calculation, Working


def must_be_up(analysis: Analysis, facts: Facts, component: Component, running: Working) -> Working:
    """Return how many replicas of a component must be up, of so many that run."""
    if "needs" in component.settings:
        return stated(component, "needs", component.number("needs") or 1.0, Dimension.COUNT)
    if component.name in analysis.unknown:
        alone = "all of them, in a retry storm"
        return found(running.value, Dimension.COUNT, "", of=running, alone=alone)
    sized = facts.get(REPLICAS_NEEDED, component.name)
    if sized is None or not isinstance(sized.working, Calculation):
        return stated(component, "needs", 1.0, Dimension.COUNT)
    demand, one, _ = sized.working.parts
    full = exactly(1.0, Dimension.FRACTION, "all of it")
    text = f"{demand.shown} ÷ {one.shown}, rounded up"
    carrying = Calculation(sized.working.operator, (demand, one, full), Dimension.COUNT, text=text)
    if carrying.value <= running.value:
        return carrying
    return Calculation(LEAST, (carrying, running), Dimension.COUNT, text="all that there are")


def by_load(working: Working) -> bool:
    """Whether it is what the demand needs, not what is stated or taken for granted."""
    return isinstance(working, Calculation)
