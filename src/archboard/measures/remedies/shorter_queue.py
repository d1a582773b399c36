"""Remedies for a wait: the replicas at which a latency promise holds, where most of it is a queue.

No setting is the time that a request waits. What is tried is the whole design at the load that it then settles at, in
the same failure as the one in which the promise is missed.
"""

from __future__ import annotations

from archboard.design.model import Flow, Promise
from archboard.facts import Change
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_replicas
from archboard.measures.latency import answers, network_for
from archboard.measures.load.fixed_point import settled
from archboard.measures.moment import Moment
from archboard.measures.remedies.more_replicas import at_least

WAITS = 0.25
"""The part of a mean time that is a wait, from which on fewer in the queue is what to look for first."""
_STEPS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)


def replicas_that_hold(analysis: Analysis, flow: Flow, promise: Promise, name: str) -> Change | None:
    """Return the fewest replicas of a component at which a promise holds, None where its queue is not what it takes."""
    component = analysis.design.components[name]
    queue = analysis.times.queue(component)
    if queue is None or queue.mean_wait < WAITS * analysis.times.of(component).mean():
        return None
    before = analysis.times.replicas(component)
    tried = 0
    for step in _STEPS:
        if _holds(analysis, flow, promise, name, before + step):
            enough = (n for n in range(tried + 1, step + 1) if _holds(analysis, flow, promise, name, before + n))
            return at_least(component, before + next(enough))
        tried = step
    return None


def _holds(analysis: Analysis, flow: Flow, promise: Promise, name: str, replicas: float) -> bool:
    """Whether a promise holds with so many replicas of a component, everything else as it is at the moment."""
    ran = {other: count for other, count in analysis.moment.ran.items() if other != name}
    given = Moment(failed=analysis.moment.failed, hung=analysis.moment.hung, ran=ran)
    tried = settled(with_replicas(analysis.design, name, replicas), analysis.transforms, given)
    network = network_for(tried, flow, promise)
    if network is None or tried.storms:
        return False
    value = answers(network, promise, tried.transforms, full=False).by(promise.policy)
    return value is not None and promise.holds(value) and _is_served(tried, name)


def _is_served(analysis: Analysis, name: str) -> bool:
    return analysis.times.queue(analysis.design.components[name]) is not None
