"""Repair: how often one replica of a component is up, as stated or as its failures come to, and how often it fails.

An availability, the time between failures (`mtbf`), failures a month and the time of a repair (`mttr`) say the same
thing in four ways: of failures × repair time, any two give the rest. Where only one half is stated, a repair takes what
the design assumes.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component
from archboard.facts import Fact
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import BY_REPAIR, EACH_UP
from archboard.measures.terms import assumed, number, stated
from archboard.records import record
from archboard.units import Dimension
from archboard.working import OVER, Calculation, Operator, Term, Working, product, total

KEPT = Operator(
    "1 − failures × repair", lambda rate, repair: max(0.0, 1.0 - rate * repair),
    lambda texts: f"1 − {texts[0]} × {texts[1]}", 1, (2, 3),
)  # fmt: skip


@record
class Failures:
    """How often one replica fails, a second, and how long a repair takes, seconds; or is `assumed` to take."""

    rate: float
    repair: float
    assumed: bool


def states_uptime(component: Component) -> bool:
    """Whether a component says how often it is up, in any way."""
    return any(name in component.settings for name in ("availability", "failures", "mtbf"))


def up(analysis: Analysis, component: Component) -> Working:
    """Return how often one replica is up: as stated, or as its failures come to; always where nothing is said."""
    if component.flag("down"):
        return stated(component, "down", 0.0, Dimension.FRACTION, alone=f"`{component.name}` is down")
    if component.number("availability") is not None:
        return number(component, "availability", Dimension.FRACTION)
    return next(_by_failures(analysis, component), _unsaid(analysis, component))


def _unsaid(analysis: Analysis, component: Component) -> Term:
    """Return how often what says nothing is up: as the design takes for granted; who asks is there where it asks."""
    each = 1.0 if component.kind.starts else analysis.design.assumptions.availability
    if analysis.design.assumptions.states("availability") and not component.kind.starts:
        return assumed(analysis.design.assumptions, "availability")
    return stated(component, "availability", each, Dimension.FRACTION)


def _by_failures(analysis: Analysis, component: Component) -> Iterator[Working]:
    """Yield how often it is up by its failures and repairs, in each way that is stated."""
    repair, cycle = _repair(analysis, component), Dimension.DURATION
    between = number(component, "mtbf", cycle, "between failures") if "mtbf" in component.settings else None
    if "failures" in component.settings:
        often = number(component, "failures", Dimension.RATE)
        if "mttr" in component.settings or between is None:
            yield Calculation(KEPT, (often, repair), Dimension.FRACTION)
        else:
            yield product(Dimension.FRACTION, often, between)
    if between is not None and ("mttr" in component.settings or "failures" not in component.settings):
        yield Calculation(OVER, (between, total(cycle, between, repair)), Dimension.FRACTION)


def _repair(analysis: Analysis, component: Component) -> Term:
    if "mttr" in component.settings:
        return number(component, "mttr", Dimension.DURATION, "to repair")
    return assumed(analysis.design.assumptions, "mttr", "to repair")


def measure(analysis: Analysis) -> Iterator[Fact]:
    """Yield how often a replica is up by its failures, and where a component says that twice, the other number."""
    for component in analysis.design.components.values():
        if {"failures", "mtbf"} & set(component.settings):
            yield Fact(EACH_UP, component.name, up(analysis, component))
        several = sum(name in component.settings for name in ("availability", "failures", "mtbf", "mttr"))
        found = [*_by_failures(analysis, component)] if several > 2 else []
        if "availability" in component.settings and found:
            yield Fact(BY_REPAIR, component.name, found[0])
        elif len(found) > 1:
            yield Fact(BY_REPAIR, component.name, found[1])


def failures_of(analysis: Analysis, component: Component, each: float) -> Failures:
    """Return how often one replica fails that is up so much of the time, and how long it then takes to repair."""
    rate, repair = component.number("failures"), component.number("mttr")
    between, assumption = component.number("mtbf"), analysis.design.assumptions.mttr
    down = 1.0 - each
    if rate is not None:
        return Failures(rate, down / rate if rate > 0 and repair is None else repair or assumption, assumed=False)
    if between is not None:
        return Failures(each / between, repair or (down / each * between if each > 0 else assumption), assumed=False)
    taken = repair or assumption
    return Failures(down / taken, taken, assumed=repair is None and down > 0)

