"""Attempts and waits: what retries, hedges and queues do to the requests, as facts of arrows and components."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Arrow
from archboard.facts import Fact, Facts
from archboard.measures.guards import Guard
from archboard.measures.metrics import ATTEMPTS, GIVEN_UP, HEDGED, LATE, MEAN_WAIT, WAITING
from archboard.measures.study import Study
from archboard.units import show_duration, show_fraction, show_number


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield what the guard of each arrow does, and the queue of each component whose latency is service time."""
    for arrow in study.design.arrows:
        guard = study.guards.known(arrow)
        if guard is not None:
            yield from _guarded(arrow, guard)
    for name, component in study.design.components.items():
        queue = study.times.queue(component)
        if queue is None:
            continue
        at = f"{show_number(queue.servers)} server{'' if queue.servers == 1 else 's'}, {show_fraction(queue.busy)} busy"
        yield Fact(WAITING, name, queue.share, f"Erlang C of {at}")
        varies = "exponential service" if queue.variation is None else f"cs² {show_number(queue.variation, 3)}"
        working = f"{show_fraction(queue.share)} × {show_duration(queue.wait)} mean wait of those that wait ({varies})"
        yield Fact(MEAN_WAIT, name, queue.share * queue.wait, working)


def _guarded(arrow: Arrow, guard: Guard) -> Iterator[Fact]:
    if guard.timeout is not None:
        count = len(guard.waits) + 1
        working = f"attempts longer than {show_duration(guard.timeout)}"
        yield Fact(LATE, arrow.id, guard.late, working)
        shown = show_fraction(guard.late)
        working = f"(1 − {shown}^{count}) ÷ (1 − {shown})" if count > 1 else "one, and no retry"
        yield Fact(ATTEMPTS, arrow.id, guard.attempts, working)
        working = f"{shown}{f'^{count}' if count > 1 else ''}: every attempt is late"
        yield Fact(GIVEN_UP, arrow.id, guard.given_up, working)
    if guard.after is not None:
        yield Fact(HEDGED, arrow.id, guard.sent, f"attempts with no answer after {show_duration(guard.after)}")
