"""Failover: what the survivors get while a failure arrow is taken.

The requests of what fails go to where its failure arrow leads, and to all that stands behind that. The arrows of one
statement that lead out of one frame (`us -x> eu`) are taken together: the whole region is down. Only modes that may
bring anything with a capacity more than it carries are worked out in full.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Arrow, Flow
from archboard.facts import Facts, Surge
from archboard.load import Load, exceeds
from archboard.measures.analysis import Analysis
from archboard.measures.load.bounds import at_most_with
from archboard.measures.load.modes import carried_by, follows_load, in_mode
from archboard.measures.terms import found
from archboard.units import Dimension, show_rate
from archboard.working import Term, Unknown

Mode = tuple[Arrow, ...]
"""Failure arrows that are taken together, each from a component of its own."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Surge]:
    """Yield what every component with a capacity gets of each failover that sends it more than usual."""
    up = (component for component in analysis.design.components.values() if not component.flag("down"))
    carried = {component.name: carried_by(analysis, component) for component in up}
    capacities = {name: fact.value for name, fact in carried.items() if fact is not None and fact.value}
    moving = follows_load(analysis)
    for mode in modes_of(analysis) if capacities else ():
        if moving:
            yield from _settled(analysis, capacities, mode)
        elif _may_overload(analysis, capacities, mode):
            yield from _failing(analysis, capacities, mode)


def modes_of(analysis: Analysis) -> Iterator[Mode]:
    """Yield the failure arrows that are taken together: those of one statement from one frame to one other.

    Shedding sends nothing elsewhere, and is no such mode.
    """
    usable = {arrow.id for flow in analysis.design.flows for arrow in flow.failures}
    modes: dict[tuple[object, ...], list[Arrow]] = {}
    for arrow in analysis.design.arrows:
        if arrow.id in usable and arrow.condition is not None and not arrow.condition.sheds:
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


def ladder_above(flow: Flow, fallback: str) -> dict[str, Arrow]:
    """Return the failures that must have happened before a fallback can fail: the ladder above it."""
    ladder: dict[str, Arrow] = {}
    current = fallback
    while (above := next((a for a in flow.failures if a.head == current), None)) is not None:
        if above.tail in ladder:
            break
        ladder[above.tail] = above
        current = above.tail
    return ladder


def _failed(analysis: Analysis, mode: Mode) -> dict[str, Arrow]:
    """Return all that has failed in a mode: where a fallback fails, so has what it stands in for."""
    failed: dict[str, Arrow] = {}
    for arrow in mode:
        for flow in analysis.design.flows:
            if arrow in flow.failures and not analysis.loads.demand.get(arrow.tail):
                failed.update(ladder_above(flow, arrow.tail))
    return failed | {arrow.tail: arrow for arrow in mode}


def _may_overload(analysis: Analysis, capacities: Mapping[str, float], mode: Mode) -> bool:
    """Whether a bound on what a mode sends elsewhere exceeds any capacity there."""
    more: dict[str, float] = {}
    usual = analysis.loads.demand
    moving = max(math.fsum(usual.get(name, 0.0) for name in _failed(analysis, mode)), 0.0)
    for arrow in mode:
        for name, rate in at_most_with(analysis, arrow.head, moving).items():
            more[name] = more.get(name, 0.0) + rate
    return any(
        Load(usual.get(name, 0.0) + rate, capacities[name], analysis.times.is_endless(name)).over
        for name, rate in more.items()
        if name in capacities
    )


def _settled(analysis: Analysis, capacities: Mapping[str, float], mode: Mode) -> Iterator[Surge]:
    """Yield what a mode brings to whom, once waits and slots have settled in it."""
    failing, what = in_mode(analysis, _failed(analysis, mode)), _named(analysis, mode)
    overloads = {one.component: one for one in failing.overloads}
    for name, usual_capacity in capacities.items():
        usual = analysis.loads.demand.get(name, 0.0)
        demand, over = failing.analysis.loads.demand.get(name, 0.0), overloads.get(name)
        if over is not None:
            demand = over.demand
        if over is None and not exceeds(demand, usual):
            continue
        capacity = usual_capacity if over is None else over.capacity.value or 0.0
        less = over is not None and exceeds(usual_capacity, capacity)
        carries = over.capacity.working if over is not None and less else None
        yield Surge(
            "failover", what, name, demand, capacity, usual, usual, _told(what, demand, usual), mode[0].id,
            analysis.times.is_endless(name), usual_capacity, None if isinstance(carries, Unknown) else carries,
            over.waits_for if over is not None else "",
        )  # fmt: skip


def _named(analysis: Analysis, mode: Mode) -> str:
    """Return what fails in a mode: the frame that all of it stands in, or the one component."""
    left = _outermost(analysis, mode[0].tail, mode[0].head)
    return left if left and len(mode) > 1 else mode[0].tail


def _told(what: str, demand: float, usual: float) -> Term:
    told = f"{show_rate(demand)} while `{what}` fails, {show_rate(usual)} on a usual day"
    return found(demand, Dimension.RATE, "the loads while it fails", alone=told)


def _failing(analysis: Analysis, capacities: Mapping[str, float], mode: Mode) -> Iterator[Surge]:
    demands = analysis.demand_failing(_failed(analysis, mode))
    what = _named(analysis, mode)
    for name in analysis.behind(*(arrow.head for arrow in mode)):
        usual = analysis.loads.demand.get(name, 0.0)
        demand = demands.get(name, usual)
        if name in capacities and exceeds(demand, usual):
            working, queued = _told(what, demand, usual), analysis.times.is_endless(name)
            yield Surge("failover", what, name, demand, capacities[name], usual, usual, working, mode[0].id, queued)
