"""Lateness: the share of requests over each arrow to which no attempt is answered in time.

That is what its guard gives up (`given_up`), or, where a failure arrow of its head has a timeout of its own, what takes
longer than that. Read off the network of a usual day.

Attempts that find the same queue are not late independently of each other: who had to wait waits again, behind the
attempt that was not called off; and where there is one server, that attempt alone keeps it busy. So of those that wait,
or have but one server, every attempt is taken to be late if the first is, and of those that find a free server
among several each by itself. Where every replica has a queue of its own, the next attempt finds another one.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from archboard.design.model import Arrow, ArrowKind
from archboard.maths.percentiles.fourier import Transforms
from archboard.maths.percentiles.independent import share_later
from archboard.maths.trying import given_up as all_fail
from archboard.measures.flow.guards import Guard, is_guarded, tried_again
from archboard.measures.flow.mode import hit_ratio
from archboard.measures.flow.network import Activity
from archboard.measures.flow.queue import Queue
from archboard.measures.flow.times import Times
from archboard.records import replace

_EMPTIED = 2.0
"""How often a full queue has been served until nothing hangs on how it was."""
DUST = 1e-12
"""A share of requests too small to be more than rounding."""


def given_up(activity: Activity, failures: Iterable[Arrow], transforms: Transforms) -> dict[str, float]:
    """Return, for each arrow over which any are, the share of requests that are given up."""
    graph = activity.graph
    waits = {arrow.tail: arrow.condition.seconds for arrow in failures if (arrow.condition and _times_out(arrow))}
    longer = {
        name: _share_later(activity, name, seconds, transforms)
        for name, seconds in waits.items()
        if seconds is not None and name not in activity.mode.failed and name in graph.place
    }
    found: dict[str, float] = {}
    for name in graph.order:
        for arrow in graph.waited_for(name):
            beyond = longer.get(arrow.head, 0.0)
            beyond = all_fail(beyond, len(arrow.waits) + 1, tried_again(arrow, beyond))
            share = max(_guarded(activity, arrow, transforms), beyond)
            if share > DUST:
                found[arrow.id] = share
    return found


def _times_out(arrow: Arrow) -> bool:
    return arrow.condition is not None and arrow.condition.kind == "timeout"


def _guarded(activity: Activity, arrow: Arrow, transforms: Transforms) -> float:
    """Return what the guard of an arrow gives up; where only a fallback leads to it, its network is made first."""
    guards, failed = activity.graph.guards, activity.mode.failed
    if is_guarded(arrow) and guards.known(arrow) is None and not {arrow.tail, arrow.head} & failed.keys():
        activity.whole(arrow.tail)
    _together(activity, arrow, transforms)
    guard = guards.known(arrow)
    return 0.0 if guard is None or guard.timeout is None else guard.late_at_last


def _together(activity: Activity, arrow: Arrow, transforms: Transforms) -> None:
    """Work out how many requests are given up over an arrow whose attempts find the same queue, or queues."""
    graph, failed = activity.graph, activity.mode.failed
    guard = graph.guards.known(arrow)
    if guard is None or guard.timeout is None or not guard.waits or guard.together is not None or failed:
        return
    inside = {arrow.head, *graph.led_to(call.head for stage in graph.calls.get(arrow.head, ()) for call in stage)}
    met = [graph.times.queue(graph.design.components[name]) for name in graph.order if name in inside]
    queues = [queue for queue in met if queue is not None and queue.replicas == 1 and not _forgets(queue, guard)]
    if not queues or arrow.id in graph.guards.partial:
        return
    free = math.prod(1.0 - queue.share if queue.servers > 1 else 0.0 for queue in queues)
    if free <= 0:
        graph.guards.are_late_together(arrow, guard.late * (1.0 - guard.quick))  # who is refused is not late
        return
    idle = Activity(replace(graph, times=Times(graph.design)), activity.mode)
    stay = idle.whole(arrow.head) if arrow.kind is ArrowKind.CALL else idle.stay(arrow.head)
    hop = idle.build.hop(graph.time_on(arrow), arrow.id)
    slow = share_later(idle.build.network(idle.build.series((hop, stay))), guard.timeout, transforms)
    slow = min(slow, guard.late / free)
    share = guard.late - free * (slow - all_fail(slow, len(guard.waits) + 1, guard.again))
    share = min(guard.late, max(guard.late_at_last, share))
    graph.guards.are_late_together(arrow, share * (1.0 - guard.quick))


def _forgets(queue: Queue, guard: Guard) -> bool:
    """Whether an attempt finds nothing any more of the queue that the late one before it found.

    That one waited behind as many as have a place at most: they have all left well before the next comes.
    """
    if queue.places is None or guard.timeout is None:
        return False
    wait = min(guard.waits) * (0.5 if guard.partly else 1.0)
    full = (queue.places + queue.servers) * queue.occupied / queue.servers
    return guard.timeout + wait > _EMPTIED * full


def _share_later(activity: Activity, name: str, seconds: float, transforms: Transforms) -> float:
    """Return how many requests a component keeps longer than so many seconds, its calls included."""
    hit = hit_ratio(activity.graph.design.components[name])
    own = activity.build.hop(activity.graph.time_of(name), name)
    stay = activity.build.choice(((hit, own), (1.0 - hit, activity.stay(name))))
    return share_later(activity.build.network(stay), seconds, transforms)
