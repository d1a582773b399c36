"""The fixed point: load makes latency, latency makes timeouts, timeouts make retries, and retries make load.

Where latencies are service times, a design is analysed at the load of the last analysis until the load stands still.
It is followed upwards from the load without retries, as a system would go: the first stable point is the one it stays
at. Where there is none below the capacity, that is a retry storm, and no number.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Mapping
from types import MappingProxyType

from archboard.design.model import Arrow, Design
from archboard.facts import Storm
from archboard.load import Load, exceeds
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.analysis import Analysis
from archboard.measures.flow.graph import copies_of
from archboard.measures.flow.guards import is_guarded
from archboard.measures.flow.times import USUAL, Times
from archboard.measures.load.breakers import failing_share, opening
from archboard.measures.load.capacity import capacity_of
from archboard.measures.moment import Moment
from archboard.records import replace

_ROUNDS = 120
NO_BURST: Mapping[str, float] = MappingProxyType({})
_STILL = 1e-10
_MOST_AT_ONCE = 2000
"""Copies that are followed to their places in a queue; of more, so many."""
_STEEP = 0.98
"""Slopes from here on are too near to one to be followed further than one answer."""


def settled(design: Design, transforms: Transforms, given: Moment = USUAL, rounds: int = _ROUNDS) -> Analysis:
    """Return the analysis of a design at a load that reproduces itself, with the storms where there is none.

    What has failed or hangs is `given`; the loads, the calls that hold slots and the replicas that run are found. What
    gets more than it carries keeps who calls it waiting, and fills their slots, and those of who calls them. Breakers
    open before that of which too much fails. A climb that has not come to rest after so many `rounds` is where it then
    is.
    """
    analysis, failing = _standing(design, transforms, given, rounds), dict[str, float]()
    while True:
        if fresh := _stuck(analysis):
            given = replace(given, stuck=given.stuck | fresh)
        elif opened := opening(analysis):
            failing.update((arrow.id, failing_share(analysis, name)) for name, arrow in opened.items())
            given = replace(given, opened={**given.opened, **opened})
        else:
            analysis.opened_at = failing
            return analysis
        analysis = _standing(design, transforms, given, rounds)


def _stuck(analysis: Analysis) -> frozenset[str]:
    """Return what gets more than it carries while others hold slots for it, and is not known to be stuck.

    Who refuses what finds the queue full answers at once, or as late as a full queue is: nobody waits without end.
    """
    known = analysis.moment.hung | analysis.moment.stuck
    demand, endless = analysis.loads.demand, analysis.times.is_endless
    loads = ((name, Load(rate, capacity_at(analysis, name), endless(name))) for name, rate in demand.items())
    waited = {name for names in analysis.held_for.values() for name in names} - known
    over = (name for name, load in loads if name in waited and load.over and not _is_down(analysis, name))
    return frozenset(name for name in over if not analysis.times.is_bounded(name))


def _is_down(analysis: Analysis, name: str) -> bool:
    """Whether a component is down, and says so at once."""
    return analysis.design.components[name].flag("down")


def _standing(design: Design, transforms: Transforms, given: Moment, rounds: int) -> Analysis:
    """Return the analysis of a design at a load that reproduces itself, whatever it overloads."""
    served = _served(design)
    ranged = [name for name, c in design.components.items() if c.replicas.low < c.replicas.high]
    guarded = frozenset(arrow.id for flow in design.flows for arrow in flow.arrows if is_guarded(arrow))
    if not guarded:
        analysis = Analysis(design, transforms, given)
        return _at_rest(analysis) if served or ranged else analysis
    calm = Analysis(design, transforms, replace(given, still=guarded))
    offered = calm.loads.demand
    storms: dict[str, Storm] = {}
    still: frozenset[str] = frozenset()
    waiting = served or ranged
    analysis, burst = Analysis(design, transforms, given), NO_BURST
    if waiting:
        analysis, burst = _climbed(calm, offered, still, served, rounds)
    while burst:
        for name, limit in burst.items():
            storms[name] = Storm(name, retrying(analysis, name), offered.get(name, 0.0), limit, None)
        more = still | _leading_to(analysis, burst)
        if more == still:
            break
        still = more
        analysis, burst = _climbed(calm, offered, still, [name for name in served if name not in storms], rounds)
    analysis.storms = {**_overloads(analysis, offered), **storms}
    return analysis


def _served(design: Design) -> list[str]:
    """Return the components at which what waits is worked out from the load."""
    times = Times(design)
    return [name for name in design.components if times.serves(name)]


def _at_rest(analysis: Analysis) -> Analysis:
    """Return an analysis whose loads depend on no latency, once its calls and its replicas are those it waits for."""
    for _ in range(_ROUNDS):
        moment = _seen(analysis, analysis.loads.demand)
        if moment.is_close(analysis.moment, _STILL):
            break
        analysis = Analysis(analysis.design, analysis.transforms, moment)
    return analysis


def _seen(analysis: Analysis, arriving: Mapping[str, float]) -> Moment:
    """Return the moment that an analysis shows, at a load: what its calls take, and what runs of its ranges."""
    held, copies = analysis.calls_held, batches(analysis)
    return replace(analysis.moment, arriving=arriving, calling=held, running=running(analysis), batches=copies)


def batches(analysis: Analysis) -> Mapping[str, int]:
    """Return how many requests come to a queue at once, on average over them, where that is more than one."""
    sums: dict[str, list[tuple[float, int]]] = {}
    for flow in analysis.design.flows:
        for arrow in flow.arrows:
            rate = analysis.loads.taken.get(flow.name, {}).get(arrow.id, 0.0)
            if rate > 0 and analysis.times.serves(arrow.head):
                sums.setdefault(arrow.head, []).append((rate, copies_of(arrow)))
    means = {n: math.fsum(rate * c for rate, c in each) / math.fsum(r for r, _ in each) for n, each in sums.items()}
    return {name: min(round(mean), _MOST_AT_ONCE) for name, mean in means.items() if round(mean) > 1}


def running(analysis: Analysis) -> Mapping[str, float]:
    """Return how many replicas run of each component that scales: as many as its demand needs at the target."""
    found = {}
    for name, component in analysis.design.components.items():
        replicas = component.replicas
        if replicas.low < replicas.high:
            demand, endless = analysis.loads.demand.get(name, 0.0), analysis.times.is_endless(name)
            load = Load(demand, capacity_at(analysis, name), endless)
            needed = load.replicas(analysis.design.assumptions.utilisation, replicas.high)
            found[name] = analysis.moment.ran.get(name, min(max(replicas.low, needed), replicas.high))
    return found


def _climbed(
    calm: Analysis, offered: Mapping[str, float], still: frozenset[str], served: list[str], rounds: int
) -> tuple[Analysis, Mapping[str, float]]:
    """Return the analysis at the first load that stands still, and what had burst its capacity on the way."""
    design, transforms = calm.design, calm.transforms
    first = replace(_seen(calm, offered), still=still)
    analysis = Analysis(design, transforms, first)
    arriving, before, last = offered, offered, offered
    for _ in range(rounds):
        transforms.rounds += 1
        grown = analysis.loads.demand
        limits = {name: capacity_at(analysis, name) for name in served if analysis.times.is_endless(name)}
        full = {n: limit for n, limit in limits.items() if Load(grown.get(n, 0.0), limit).full}
        burst = {n: limit for n, limit in full.items() if not Load(offered.get(n, 0.0), limit).full}
        if burst or _seen(analysis, grown).is_close(analysis.moment, _STILL):
            return analysis, burst
        before, last, arriving = arriving, grown, _further(before, last, arriving, grown)
        analysis = Analysis(design, transforms, _seen(analysis, arriving))
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


def capacity_at(analysis: Analysis, name: str) -> float:
    """Return what a component carries per second; infinite where nothing is known of it."""
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


def retrying(analysis: Analysis, name: str) -> str:
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
        limit, first = capacity_at(analysis, name), offered.get(name, 0.0)
        if Load(demand, limit).over and not Load(first, limit).over and exceeds(demand, first):
            found[name] = Storm(name, retrying(analysis, name), first, limit, demand)
    return found
