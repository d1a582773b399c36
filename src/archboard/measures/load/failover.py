"""Failover: what the survivors get while a failure arrow is taken.

The requests of what fails go to where its failure arrow leads, and to all that stands behind that. The arrows of one
statement that lead out of one frame (`us -x> eu`) are taken together: the whole region is down. Only modes that may
bring anything with a capacity more than it carries are worked out in full.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Arrow
from archboard.facts import Facts, Surge
from archboard.load import Load, exceeds
from archboard.measures.analysis import Analysis
from archboard.measures.failure_modes import leading_to
from archboard.measures.metrics import CAPACITY
from archboard.measures.terms import found
from archboard.measures.uptime.standing_in import GAINING
from archboard.units import Dimension, show_rate

Mode = tuple[Arrow, ...]
"""Failure arrows that are taken together, each from a component of its own."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Surge]:
    """Yield what every component with a capacity gets of each failover that sends it more than usual."""
    components = analysis.design.components
    capacities = {f.subject: f.value for f in facts.of(CAPACITY) if f.value and not components[f.subject].flag("down")}
    for mode in _modes(analysis) if capacities else ():
        if _may_overload(analysis, capacities, mode):
            yield from _failing(analysis, capacities, mode)


def _modes(analysis: Analysis) -> Iterator[Mode]:
    """Yield the failure arrows that are taken together: those of one statement from one frame to one other."""
    usable = {arrow.id for flow in analysis.design.flows for arrow in flow.failures}
    modes: dict[tuple[object, ...], list[Arrow]] = {}
    for arrow in analysis.design.arrows:
        if arrow.id in usable and arrow.condition is not None and arrow.condition.kind in GAINING:
            left, entered = _outermost(analysis, arrow.tail, arrow.head), _outermost(analysis, arrow.head, arrow.tail)
            mode = modes.setdefault((arrow.fork, left, entered) if left else (arrow.id,), [])
            if all(arrow.tail != other.tail for other in mode):
                mode.append(arrow)
            else:
                modes[(arrow.id,)] = [arrow]
    return (tuple(mode) for mode in modes.values())


def _outermost(analysis: Analysis, name: str, other: str) -> str | None:
    """Return the outermost frame that holds a component and not the other, if any."""
    outside = set(_frames(analysis, other))
    return next((frame for frame in reversed(_frames(analysis, name)) if frame not in outside), None)


def _frames(analysis: Analysis, name: str) -> list[str]:
    """Return the frames around a component, the innermost first."""
    found = []
    frame = analysis.design.components[name].group
    while frame is not None and frame in analysis.design.frames:
        found.append(frame)
        frame = analysis.design.frames[frame].parent
    return found


def _failed(analysis: Analysis, mode: Mode) -> dict[str, Arrow]:
    """Return all that has failed in a mode: where a fallback fails, so has what it stands in for."""
    failed: dict[str, Arrow] = {}
    for arrow in mode:
        for flow in analysis.design.flows:
            if arrow in flow.failures and not analysis.loads.demand.get(arrow.tail):
                failed.update(leading_to(flow, arrow.tail))
    return failed | {arrow.tail: arrow for arrow in mode}


def _may_overload(analysis: Analysis, capacities: Mapping[str, float], mode: Mode) -> bool:
    """Whether a bound on what a mode sends elsewhere exceeds any capacity there."""
    more: dict[str, float] = {}
    usual = analysis.loads.demand
    moving = max(math.fsum(usual.get(name, 0.0) for name in _failed(analysis, mode)), 0.0)
    for arrow in mode:
        for name, rate in analysis.at_most_with(arrow.head, moving).items():
            more[name] = more.get(name, 0.0) + rate
    return any(
        Load(usual.get(name, 0.0) + rate, capacities[name], analysis.times.serves(name)).over
        for name, rate in more.items()
        if name in capacities
    )


def _failing(analysis: Analysis, capacities: Mapping[str, float], mode: Mode) -> Iterator[Surge]:
    demands = analysis.demand_failing(_failed(analysis, mode))
    left = _outermost(analysis, mode[0].tail, mode[0].head)
    what = left if left and len(mode) > 1 else mode[0].tail
    for name in analysis.behind(*(arrow.head for arrow in mode)):
        usual = analysis.loads.demand.get(name, 0.0)
        demand = demands.get(name, usual)
        if name in capacities and exceeds(demand, usual):
            told = f"{show_rate(demand)} while `{what}` fails, {show_rate(usual)} on a usual day"
            working = found(demand, Dimension.RATE, "the loads while it fails", alone=told)
            queued = analysis.times.serves(name)
            yield Surge("failover", what, name, demand, capacities[name], usual, usual, working, mode[0].id, queued)
