"""Attempts and waits: what retries, hedges and queues do to the requests, as facts of arrows and components."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Arrow, Component
from archboard.facts import Fact, Facts
from archboard.maths.queues import erlang_c
from archboard.maths.retries import expected_attempts
from archboard.measures.analysis import Analysis
from archboard.measures.flow.guards import Guard
from archboard.measures.flow.queue import Queue
from archboard.measures.metrics import ATTEMPTS, GIVEN_UP, HEDGED, LATE, MEAN_WAIT, WAITING
from archboard.measures.terms import exactly, found, known, stated
from archboard.units import Dimension, show_duration, show_fraction, show_number
from archboard.working import POWER, Calculation, Operator, product, total

SERIES = Operator(
    "attempts", lambda late, count: expected_attempts(late, int(count)),
    lambda texts: f"(1 − {texts[0]}^{texts[1]}) ÷ (1 − {texts[0]})", 2,
)  # fmt: skip
ERLANG_C = Operator(
    "Erlang C", lambda servers, busy: erlang_c(int(servers), busy * servers),
    lambda texts: f"Erlang C of {texts[0]}, {texts[1]}",
)  # fmt: skip


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield what the guard of each arrow does, and the queue of each component whose latency is service time."""
    for flow in analysis.design.flows:
        if analysis.weights(flow) and any(arrow.waits for arrow in flow.arrows):
            analysis.late(flow)  # whether attempts find the same queue is known then
    for arrow in analysis.design.arrows:
        guard = analysis.guards.known(arrow)
        if guard is not None:
            yield from _guarded(arrow, guard)
    for component in analysis.design.components.values():
        queue = analysis.times.queue(component)
        if queue is not None:
            yield from _queued(component, queue)


def _queued(component: Component, queue: Queue) -> Iterator[Fact]:
    name = component.name
    count = f"{show_number(queue.servers)} server{'' if queue.servers == 1 else 's'}"
    servers = found(float(queue.servers), Dimension.COUNT, "replicas × concurrency", text=count)
    busy = found(queue.busy, Dimension.FRACTION, "the load that settled, over the servers", "busy")
    waiting = Fact(WAITING, name, Calculation(ERLANG_C, (servers, busy), Dimension.FRACTION))
    yield waiting
    varies = "exponential service" if queue.variation is None else f"cs² {show_number(queue.variation, 3)}"
    by = "mean occupation ÷ free servers, scaled by how much the service varies (Allen–Cunneen)"
    wait = found(queue.wait, Dimension.DURATION, by, f"mean wait of those that wait ({varies})")
    yield Fact(MEAN_WAIT, name, product(Dimension.DURATION, known(waiting), wait))


def _guarded(arrow: Arrow, guard: Guard) -> Iterator[Fact]:
    if guard.timeout is not None:
        count = len(guard.waits) + 1
        by = "the time of an attempt"
        longer = f"attempts longer than {show_duration(guard.timeout)}"
        late = Fact(LATE, arrow.id, found(guard.late, Dimension.FRACTION, by, alone=longer))
        yield late
        further = stated(arrow, "retries", float(count - 1), Dimension.COUNT)
        first = exactly(1.0, Dimension.COUNT)
        tries = found(float(count), Dimension.COUNT, "", of=total(Dimension.COUNT, first, further))
        if count > 1:
            yield Fact(ATTEMPTS, arrow.id, Calculation(SERIES, (known(late), tries), Dimension.COUNT))
        else:
            yield Fact(ATTEMPTS, arrow.id, exactly(1.0, Dimension.COUNT, "one, and no retry"))
        note = "every attempt is late"
        if guard.together is not None:
            by = "attempts that find the same queue are late together"
            yield Fact(GIVEN_UP, arrow.id, found(guard.given_up, Dimension.FRACTION, by, alone=by))
        elif count > 1:
            yield Fact(GIVEN_UP, arrow.id, Calculation(POWER, (known(late), tries), Dimension.FRACTION, note))
        else:
            shown = f"{show_fraction(guard.late)}: {note}"
            yield Fact(GIVEN_UP, arrow.id, known(late, text=shown))
    if guard.after is not None:
        slow = f"attempts with no answer after {show_duration(guard.after)}"
        yield Fact(HEDGED, arrow.id, found(guard.sent, Dimension.FRACTION, "the time of an attempt", alone=slow))
