"""Failure modes as moments: the same design, with something failed, at the load that it then settles at.

What waits, what runs and how long slots are held are those of the mode. Replicas that scale are those that ran before:
scaling takes its time. Where something gets more than it carries, what calls it waits, and holds its slots as long:
the overload goes up from callee to caller, until it meets one that gives up soon enough.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.design.model import Arrow, Component, Design
from archboard.facts import Fact, Facts, indexed
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.flow.failing import at_once
from archboard.measures.load.capacity import capacity_of
from archboard.measures.load.fixed_point import settled
from archboard.measures.metrics import CAPACITY, DEMAND
from archboard.measures.moment import Moment
from archboard.measures.terms import found, known, number
from archboard.records import record
from archboard.units import Dimension
from archboard.working import LEAST, Calculation


@record
class Overload:
    """What gets more than it carries in a mode; `waits_for` is the overloaded callee that fills its slots, if any."""

    component: str
    demand: float
    capacity: Fact
    waits_for: str = ""


@record
class FailureMode:
    """A design in a failure mode: its analysis, and what is overloaded there that is not on a usual day."""

    analysis: Analysis
    overloads: tuple[Overload, ...]

    def facts(self) -> Facts:
        """Return the demands and capacities of the mode: what a verdict needs to know of the load."""
        analysis = self.analysis
        demands = (Fact(DEMAND, n, found(r, Dimension.RATE, "the mode")) for n, r in analysis.loads.demand.items())
        capacities = (capacity_of(analysis, component) for component in analysis.design.components.values())
        queued = frozenset(name for name in analysis.design.components if analysis.times.is_endless(name))
        scalars = indexed([*demands, *(each for each in capacities if each is not None)])
        return Facts(scalars=scalars, queued=queued, caught=at_once(analysis.caught, analysis.down))


def follows_load(analysis: Analysis) -> bool:
    """Whether anything of a design waits, fills or scales with its load, so that a mode is a moment of its own."""
    design = analysis.design
    return design.scales or bool(analysis.calls_held) or any(map(analysis.times.serves, design.components))


def in_mode(analysis: Analysis, failed: Mapping[str, Arrow]) -> FailureMode:
    """Return a design while some of its components fail and their failure arrows are taken; worked out once."""
    key = frozenset(arrow.id for arrow in failed.values())
    if key not in analysis.modes:
        analysis.modes[key] = _followed(analysis, failed)
    mode: FailureMode = analysis.modes[key]
    return mode


def _followed(analysis: Analysis, failed: Mapping[str, Arrow]) -> FailureMode:
    """Return a mode, with the overloads as far as they have gone up."""
    moment = Moment(failed=failed, ran=slow_to_scale(analysis.design, analysis.moment.running))
    mode = settled(analysis.design, analysis.transforms, moment)
    return FailureMode(mode, tuple(_over(analysis, mode, failed)))


def slow_to_scale(design: Design, running: Mapping[str, float]) -> Mapping[str, float]:
    """Return the replicas that run of what scales, and does not do so at once."""
    return {name: count for name, count in running.items() if design.components[name].number("scale") != 0}


def carried_at_once(analysis: Analysis, facts: Facts, name: str) -> float | None:
    """Return what a component carries of what comes suddenly: with the replicas that run, or all where those scale."""
    capacity, component = facts.value(CAPACITY, name), analysis.design.components[name]
    ran = slow_to_scale(analysis.design, analysis.moment.running).get(name)
    return capacity if capacity is None or ran is None else capacity * (ran / component.replicas.high)


def carried_by(analysis: Analysis, component: Component) -> Fact | None:
    """Return what a component carries, or what it lets through where that is less."""
    capacity = capacity_of(analysis, component)
    if component.number("limit") is None:
        return capacity
    limit = number(component, "limit", Dimension.RATE, "its limit")
    if capacity is None or capacity.value is None:
        return Fact(CAPACITY, component.name, limit)
    return Fact(CAPACITY, component.name, Calculation(LEAST, (known(capacity), limit), Dimension.RATE))


def _over(usual: Analysis, mode: Analysis, failed: Mapping[str, Arrow]) -> list[Overload]:
    """Return what gets more than it carries in a mode, and not on a usual day."""
    found_over = []
    for name, component in mode.design.components.items():
        demand, capacity = mode.loads.demand.get(name, 0.0), carried_by(mode, component)
        if name in failed or component.flag("down") or capacity is None or capacity.value is None:
            continue
        stormed = name in mode.storms and name not in usual.storms
        over = stormed or Load(demand, capacity.value, mode.times.is_endless(name)).over
        if over:
            before = carried_by(usual, component)
            carried = 0.0 if before is None else before.value or 0.0
            if not Load(usual.loads.demand.get(name, 0.0), carried, usual.times.is_endless(name)).over:
                found_over.append(Overload(name, demand, capacity, mode.waits_for(name)))
    return found_over
