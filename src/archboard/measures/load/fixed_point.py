"""The fixed point: load makes latency, latency makes timeouts, timeouts make retries, and retries make load.

Where latencies are service times, a design is analysed at the load of the last analysis until the load stands still.
It is followed upwards from the load without retries, as a system would go: the first stable point is the one it stays
at. Where there is none below the capacity, that is a retry storm, and no number.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping

from archboard.design.model import Arrow, Design
from archboard.facts import Storm
from archboard.load import Load, exceeds
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.analysis import Analysis
from archboard.measures.flow.guards import is_guarded
from archboard.measures.flow.times import Times
from archboard.measures.load.capacity import capacity_of

_ROUNDS = 400
_STILL = 1e-10
_STEEP = 0.98
"""Slopes from here on are too near to one to be followed further than one answer."""


def settled(design: Design, transforms: Transforms) -> Analysis:
    """Return the analysis of a design at a load that reproduces itself, with the storms where there is none."""
    served = _served(design)
    guarded = frozenset(arrow.id for flow in design.flows for arrow in flow.arrows if is_guarded(arrow))
    if not guarded:
        analysis = Analysis(design, transforms)
        return Analysis(design, transforms, analysis.loads.demand) if served else analysis
    calm = Analysis(design, transforms, still=guarded)
    offered = calm.loads.demand
    storms: dict[str, Storm] = {}
    still: frozenset[str] = frozenset()
    analysis, burst = _climbed(design, transforms, offered, still, served)
    while burst:
        for name, limit in burst.items():
            storms[name] = Storm(name, _retrying(analysis, name), offered.get(name, 0.0), limit, None)
        more = still | _leading_to(analysis, burst)
        if more == still:
            break
        still = more
        analysis, burst = _climbed(design, transforms, offered, still, [name for name in served if name not in storms])
    analysis.storms = {**_overloads(analysis, offered), **storms}
    return analysis


def _served(design: Design) -> list[str]:
    """Return the components at which what waits is worked out from the load."""
    times = Times(design)
    return [name for name in design.components if times.serves(name)]


def _climbed(
    design: Design, transforms: Transforms, offered: Mapping[str, float], still: frozenset[str], served: list[str]
) -> tuple[Analysis, Mapping[str, float]]:
    """Return the analysis at the first load that stands still, and what had burst its capacity on the way."""
    analysis = Analysis(design, transforms, offered, still)
    if not served:
        return analysis, {}
    arriving, before, last = offered, offered, offered
    for _ in range(_ROUNDS):
        grown = analysis.loads.demand
        limits = {name: _capacity(analysis, name) for name in served}
        full = {n: limit for n, limit in limits.items() if Load(grown.get(n, 0.0), limit).full}
        burst = {n: limit for n, limit in full.items() if not Load(offered.get(n, 0.0), limit).full}
        if burst or all(abs(rate - arriving.get(name, 0.0)) <= _STILL * rate for name, rate in grown.items()):
            return analysis, burst
        before, last, arriving = arriving, grown, _further(before, last, arriving, grown)
        analysis = Analysis(design, transforms, arriving, still)
    return analysis, {}


def _further(
    before: Mapping[str, float], answer: Mapping[str, float], arriving: Mapping[str, float], grown: Mapping[str, float]
) -> Mapping[str, float]:
    """Return a load nearer to the stable one: where the line through the last two answers meets its argument (secant).

    Demand grows faster and faster with the load, so that the line lies below it and meets its argument before the
    stable point. Where it never does, or bends the other way, the answer itself is the next load.
    """
    found = {}
    for name, rate in grown.items():
        step = arriving.get(name, 0.0) - before.get(name, 0.0)
        slope = (rate - answer.get(name, 0.0)) / step if step > 0 else 0.0
        gap = rate - arriving.get(name, 0.0)
        found[name] = rate + gap * slope / (1 - slope) if 0 < slope < _STEEP and gap > 0 else rate
    return found


def _capacity(analysis: Analysis, name: str) -> float:
    capacity = capacity_of(analysis, analysis.design.components[name])
    return math.inf if capacity is None or capacity.value is None else capacity.value


def _into(analysis: Analysis, names: Collection[str]) -> list[Arrow]:
    return [arrow for flow in analysis.design.flows for arrow in flow.arrows if arrow.head in names]


def _leading_to(analysis: Analysis, names: Collection[str]) -> frozenset[str]:
    """Return the guarded arrows on any way to some components."""
    found: set[str] = set()
    seen, waiting = set(names), set(names)
    while waiting:
        arrows = _into(analysis, waiting)
        found |= {arrow.id for arrow in arrows if is_guarded(arrow)}
        waiting = {arrow.tail for arrow in arrows} - seen
        seen |= waiting
    return frozenset(found)


def _retrying(analysis: Analysis, name: str) -> str:
    """Return the guarded arrow nearest to a component that brings it the most; "" where there is none."""
    seen, waiting = {name}, {name}
    while waiting:
        arrows = _into(analysis, waiting)
        guarded = [arrow for arrow in arrows if is_guarded(arrow)]
        if guarded:
            return max(guarded, key=lambda arrow: (analysis.loads.arrows.get(arrow.id, 0.0), -arrow.number)).id
        waiting = {arrow.tail for arrow in arrows} - seen
        seen |= waiting
    return ""


def _overloads(analysis: Analysis, offered: Mapping[str, float]) -> Mapping[str, Storm]:
    """Return the components that carry what is asked of them, and not what is asked again."""
    found = {}
    for name, demand in analysis.loads.demand.items():
        limit, first = _capacity(analysis, name), offered.get(name, 0.0)
        if Load(demand, limit).over and not Load(first, limit).over and exceeds(demand, first):
            found[name] = Storm(name, _retrying(analysis, name), first, limit, demand)
    return found
