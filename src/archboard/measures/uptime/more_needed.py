"""More needed: how many replicas must be up while something else is down, where the load of that moment needs more.

What takes over gets the requests of what failed, and what stands behind a lost cache gets all of them. Each component
that may be down, with what fails with it, is such a moment: the scenario that takes it down, settled. What fails by the
same failure arrows is one moment, and so is a fallback that fails with what it stands in for. Of other moments in
which several are down, the largest need of any one of them counts: at least so many. A stated `needs` holds always.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from archboard.design.model import Arrow, Component
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_down
from archboard.measures.flow.failing import failing_in
from archboard.measures.load.bounds import at_most_with
from archboard.measures.load.capacity import most
from archboard.measures.load.fixed_point import capacity_at, settled
from archboard.measures.load.modes import follows_load
from archboard.measures.moment import Moment
from archboard.measures.uptime.levels import Level
from archboard.measures.uptime.repair import up
from archboard.measures.uptime.standing_in import answering
from archboard.records import record

DEEP = 3
"""Failures one above the other that are looked at together: a fallback, what it stands in for, and once more."""
MOMENTS = 200
"""Ladders that are looked at; of further ones each failure alone counts."""


@record
class Group:
    """What may be down, all of it with the same failure arrows taken."""

    names: tuple[str, ...]
    taken: tuple[Arrow, ...]


def more_needed(analysis: Analysis) -> Mapping[str, tuple[Level, ...]]:
    """Return, for each component that then needs more, in which moments and how many, the fewest first."""
    usual = _needs_by_load(analysis)
    if not usual or not any(answering(analysis.design, arrow) for arrow in analysis.design.arrows):
        return {}
    found: dict[str, dict[tuple[tuple[str, ...], ...], Level]] = {name: {} for name in usual}
    groups = _groups(analysis, [n for n, c in analysis.design.components.items() if up(analysis, c).value < 1])
    for group in groups:
        _add(analysis, usual, (group,), found)
    full = [name for name, levels in found.items() if levels and all(name not in group.names for group in groups)]
    for moment in _ladders((*groups, *_groups(analysis, full))):
        _add(analysis, usual, moment, found)
    return {name: tuple(sorted(kept.values(), key=lambda one: one.needed)) for name, kept in found.items() if kept}


def _add(
    analysis: Analysis, usual: Mapping[str, float], moment: Sequence[Group],
    found: Mapping[str, dict[tuple[tuple[str, ...], ...], Level]],
) -> None:  # fmt: skip
    """Note what needs more in a moment than on a usual day, and than in moments that are part of it."""
    touched = {name: usual[name] for name in _touched(analysis, moment) if name in usual}
    if not _may_need_more(analysis, moment, touched):
        return
    down = [group.names[0] for group in moment]
    then = settled(with_down(analysis.design, down), analysis.transforms, Moment(ran=analysis.moment.ran))
    for name, needed in touched.items():
        level, known = _level(then, name, moment), found[name]
        lower = max((one.needed for one in known.values() if one.within(level.while_down)), default=needed)
        if level.needed > lower:
            known[level.while_down] = level


def _needs_by_load(analysis: Analysis) -> dict[str, float]:
    """Return how many replicas the load needs of each component that does not say so itself, where all carry it."""
    needed = {}
    for name, component in analysis.design.components.items():
        if "needs" not in component.settings and not component.flag("down"):
            count = _carrying(analysis, component)
            if count <= _runs(analysis, component):
                needed[name] = count
    return needed


def _carrying(analysis: Analysis, component: Component) -> float:
    """Return how many replicas carry what comes to a component; infinite where no number does, 1 if none is known."""
    name, capacity = component.name, capacity_at(analysis, component.name)
    if name in analysis.unknown:
        return math.inf
    if math.isinf(capacity):
        return 1.0
    load = Load(analysis.loads.demand.get(name, 0.0), capacity, analysis.times.is_endless(name))
    return load.replicas(1.0, most(analysis, component).value)


def _runs(analysis: Analysis, component: Component) -> float:
    return math.floor(analysis.moment.running.get(component.name, component.replicas.high))


def _level(then: Analysis, name: str, moment: Sequence[Group]) -> Level:
    component = then.design.components[name]
    while_down = tuple(group.names for group in moment)
    return Level(_carrying(then, component), _runs(then, component), while_down, then.loads.demand.get(name, 0.0))


def _groups(analysis: Analysis, names: Iterable[str]) -> list[Group]:
    """Return what of some components moves requests while it is down, by the failure arrows that are taken."""
    found: dict[tuple[object, ...], list[str]] = {}
    arrows: dict[tuple[object, ...], tuple[Arrow, ...]] = {}
    retried = any(arrow.waits for flow in analysis.design.flows for arrow in flow.arrows)
    for name in names:
        if analysis.design.components[name].flag("down"):
            continue
        taken: dict[str, Arrow] = {}
        for flow, graph in analysis.graphs.items():
            failing = failing_in(graph, analysis.failing[flow].down | {name})
            fresh = (a for tail, a in failing.taken.items() if analysis.failing[flow].taken.get(tail) is not a)
            taken.update((arrow.id, arrow) for arrow in fresh)
        quick = not retried and all(a.condition is not None and a.condition.kind == "down" for a in taken.values())
        key = (*taken, *(() if quick else (name,)))
        if taken or retried:
            found.setdefault(key, []).append(name)
            arrows[key] = tuple(taken.values())
    return [Group(tuple(names), arrows[key]) for key, names in found.items()]


def _ladders(groups: Sequence[Group]) -> Iterator[tuple[Group, ...]]:
    """Yield what fails together with what it stands in for, the lowest first."""
    waiting: list[tuple[Group, ...]] = [(group,) for group in groups]
    for moment in waiting[:]:
        waiting += ((*moment, above) for above in _above(groups, moment))
    for moment in waiting[len(groups) : MOMENTS]:
        yield moment
        if len(moment) < DEEP:
            yield from ((*moment, above) for above in _above(groups, moment))


def _above(groups: Sequence[Group], moment: tuple[Group, ...]) -> Iterator[Group]:
    """Yield what sends its requests to the last of some groups while it is down, and is none of them."""
    last = {*moment[-1].names, *(arrow.tail for arrow in moment[-1].taken)}
    return (g for g in groups if g not in moment and any(arrow.head in last for arrow in g.taken))


def _touched(analysis: Analysis, moment: Sequence[Group]) -> list[str]:
    """Return what may get more in a moment, or hold its slots longer, of all that is not down in it."""
    heads = dict.fromkeys(arrow.head for group in moment for arrow in group.taken)
    found = dict.fromkeys(analysis.behind(*heads))
    names = {*chain(*(group.names for group in moment)), *(a.tail for group in moment for a in group.taken)}
    found.update((name, None) for name, held in analysis.held_for.items() if not names.isdisjoint(held))
    for flow in analysis.design.flows:
        for arrow in flow.arrows:
            if arrow.waits:
                behind = analysis.behind(arrow.head)
                found.update(behind if not names.isdisjoint(behind) else {})
    return [name for name in found if all(name not in group.names for group in moment)]


def _may_need_more(analysis: Analysis, moment: Sequence[Group], usual: Mapping[str, float]) -> bool:
    """Whether a bound on what a moment sends elsewhere needs more of anything; where loads feed back there is none."""
    if not usual:
        return False
    retried = any(arrow.waits for flow in analysis.design.flows for arrow in flow.arrows)
    if retried or follows_load(analysis):
        return True
    demand, more = analysis.loads.demand, dict[str, float]()
    tails = {a.tail: a.head for group in moment for a in group.taken}
    moving = math.fsum(demand.get(tail, 0.0) for tail in tails)
    for head in dict.fromkeys(tails.values()):
        for name, rate in at_most_with(analysis, head, moving).items():
            more[name] = more.get(name, 0.0) + rate
    return any(_needs_with(analysis, name, more.get(name, 0.0)) > needed for name, needed in usual.items())


def _needs_with(analysis: Analysis, name: str, more: float) -> float:
    count, capacity = most(analysis, analysis.design.components[name]).value, capacity_at(analysis, name)
    if math.isinf(capacity):
        return 0.0
    return Load(analysis.loads.demand.get(name, 0.0) + more, capacity).replicas(1.0, count)
