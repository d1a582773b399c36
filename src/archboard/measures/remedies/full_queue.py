"""Remedies for a full queue: how many must be able to wait, or run, for a flow to be answered as often as is promised.

What is tried is the whole design at the load that it then settles at. A longer queue is a longer wait: one that breaks
a promise of a latency which is kept now is no help, and then more replicas are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archboard.catalog.settings import QUEUE
from archboard.design.edits import with_value
from archboard.design.model import Design, Flow, Promise
from archboard.design.targets import component_setting
from archboard.facts import Change, Facts
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_replicas
from archboard.measures.latency import answers, network_for
from archboard.measures.load.fixed_point import settled
from archboard.measures.load.refusals import refused
from archboard.measures.moment import Moment
from archboard.measures.remedies.more_replicas import at_least
from archboard.measures.uptime.lateness import DUST

MOST = 100_000
"""Places of a queue that are tried; who waits behind so many has given up long since."""
_TRIED = 3
"""Full queues that are looked at, those that lose most first."""
_STEPS = 6
"""Replicas that are tried beyond those that run."""


def letting_in(
    analysis: Analysis, facts: Facts, flow: Flow, promise: Promise, known: Mapping[str, float], heads: list[str]
) -> Change | None:
    """Return what holds an availability promise that full queues break: a longer queue, or more replicas behind it."""
    kept = [verdict for verdict in facts.judged if verdict.ok and verdict.promise.is_timed]

    def holds(design: Design) -> bool:
        then = settled(design, analysis.transforms, Moment(ran=analysis.moment.ran))
        then.levels = analysis.levels
        needs, before = then.needs(flow), analysis.needs(flow).luck
        luck = {name: before[name] for name in (*needs.noticed, *needs.further) if name in before}
        value = needs.diagram.answer({**needs.luck, **luck, **known}).value
        return promise.holds(value * (1 + DUST)) and all(_keeps(then, each.flow, each.promise) for each in kept)

    for name in [name for name in dict.fromkeys(heads) if refused(analysis.times, name) > 0][:_TRIED]:
        found = _longer(analysis, name, holds) or _more(analysis, name, holds)
        if found is not None:
            return found
    return None


def _keeps(analysis: Analysis, name: str, promise: Promise) -> bool:
    """Whether a latency promise is kept."""
    flow = analysis.design.flow(name)
    network = None if flow is None else network_for(analysis, flow, promise)
    value = None if network is None else answers(network, promise, analysis.transforms, full=False).by(promise.policy)
    return value is not None and promise.holds(value)


def _longer(analysis: Analysis, name: str, holds: Callable[[Design], bool]) -> Change | None:
    """Return the shortest queue of a component that lets in enough."""
    component = analysis.design.components[name]
    target, before = component_setting(name, component.kind.name, QUEUE), int(component.number(QUEUE) or 0)

    def enough(places: int) -> bool:
        return holds(with_value(analysis.design, target, float(places)))

    low, high = before, max(1, 2 * before)
    while not enough(high):
        low, high = high, 2 * high
        if high > MOST:
            return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return Change(target, float(before), float(high))


def _more(analysis: Analysis, name: str, holds: Callable[[Design], bool]) -> Change | None:
    """Return the fewest replicas of a component that leave enough room in its queue."""
    component = analysis.design.components[name]
    if not component.kind.ours:
        return None
    runs = analysis.times.replicas(component)
    counts = (runs + step for step in range(1, _STEPS + 1))
    count = next((count for count in counts if holds(with_replicas(analysis.design, name, count))), None)
    return None if count is None else at_least(component, count)
