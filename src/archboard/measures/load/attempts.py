"""Attempts and waits: what retries, hedges and queues do to the requests, as facts of arrows and components."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from archboard.catalog.settings import LEAST_LOADED, RANDOM, ROUND_ROBIN
from archboard.design.model import Arrow, Component
from archboard.facts import Fact, Facts
from archboard.maths.queues import erlang_c, waiting_in_batches
from archboard.maths.retries import expected_attempts
from archboard.maths.trying import given_up, share_tried_again
from archboard.measures.analysis import Analysis
from archboard.measures.flow.guards import Guard
from archboard.measures.flow.percentiles import busy_of, filled, servers_of, waiting
from archboard.measures.flow.queue import Queue
from archboard.measures.load.breakers import breakers, failing_share
from archboard.measures.metrics import ATTEMPTS, ERRORS, FAILING, GIVEN_UP, HEDGED, LATE, MEAN_WAIT, REFUSALS, WAITING
from archboard.measures.terms import exactly, found, known, number, stated
from archboard.records import replace
from archboard.units import Dimension, show_duration, show_fraction, show_number
from archboard.working import POWER, Calculation, Operator, Term, Working, product, rest, total

SERIES = Operator(
    "attempts", lambda late, count: expected_attempts(late, int(count)),
    lambda texts: f"(1 − {texts[0]}^{texts[1]}) ÷ (1 − {texts[0]})", 2,
)  # fmt: skip
WITHIN = Operator(
    "within a budget", lambda failing, count, budget: share_tried_again(failing, int(count), budget),
    lambda texts: f"as many of {texts[0]} of {texts[1]} as {texts[2]} of first attempts allow",
)  # fmt: skip
LEFT = Operator(
    "given up", lambda failing, count, again: given_up(failing, int(count), again),
    lambda texts: f"no answer where {texts[0]} of {texts[1]} fail, {texts[2]}",
)  # fmt: skip
ERLANG_C = Operator(
    "Erlang C", lambda servers, busy: erlang_c(int(servers), busy * servers),
    lambda texts: f"Erlang C of {texts[0]}, {texts[1]}",
)  # fmt: skip


IN_BATCHES = Operator(
    "Erlang C of batches", lambda servers, busy, batch: waiting_in_batches(int(servers), busy, int(batch)),
    lambda texts: f"Erlang C of {texts[0]}, {texts[1]}, {texts[2]}",
)  # fmt: skip


BALANCED = {
    RANDOM: "a queue a replica, joined at random",
    ROUND_ROBIN: "a queue a replica, joined in turn",
    LEAST_LOADED: "a queue a replica, the shortest joined",
}
"""How requests get to replicas that have a queue each."""
EVENER = {
    ROUND_ROBIN: "evener arrivals (Krämer and Langenbach-Belz)",
    LEAST_LOADED: "the shortest of several queues, fitted to simulations",
}
"""Why fewer wait than where they come at random, or before one queue."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield what the guard of each arrow does, and the queue of each component whose latency is service time."""
    for flow in analysis.design.flows:
        if analysis.weights(flow) and any(arrow.waits for arrow in flow.arrows):
            analysis.lost(flow)  # whether attempts find the same queue is known then
    for component in analysis.design.components.values():
        if component.number("errors"):
            yield Fact(ERRORS, component.name, number(component, "errors", Dimension.FRACTION))
    for arrow in analysis.design.arrows:
        guard = analysis.guards.known(arrow)
        if guard is not None:
            yield from _guarded(analysis, arrow, guard)
    for name, arrow in breakers(analysis).items():
        yield Fact(FAILING, arrow.id, _breaking(analysis, name, arrow))
    for component in analysis.design.components.values():
        queue = analysis.times.queue(component)
        if queue is not None:
            yield from _queued(analysis, component, queue)


def _waiting(analysis: Analysis, component: Component, queue: Queue) -> Working:
    """Return how the share of requests that wait came to be."""
    if queue.places is not None:
        return filled(analysis, component, queue)[1]
    together = queue.servers * (queue.replicas if queue.balance == LEAST_LOADED else 1)
    count = f"{show_number(together)} server{'' if together == 1 else 's'}"
    servers, how = servers_of(component, float(together), count), waiting(queue)
    busy = busy_of(analysis, component, queue)
    note, arrivals = BALANCED.get(queue.balance, ""), "arrivals"
    if queue.batch > 1:
        at_once = found(float(queue.batch), Dimension.COUNT, "the copies of a fan-out", "at once")
        return Calculation(IN_BATCHES, (servers, busy, at_once), Dimension.FRACTION, assumption=how)
    if queue.balance in EVENER:
        random = Calculation(ERLANG_C, (servers, busy), Dimension.FRACTION, assumption=arrivals)
        why = found(queue.share / random.value, Dimension.FRACTION, EVENER[queue.balance], "of them", assumption=how)
        return product(Dimension.FRACTION, random, why, note=BALANCED[queue.balance])
    return Calculation(ERLANG_C, (servers, busy), Dimension.FRACTION, note, assumption=arrivals)


def _queued(analysis: Analysis, component: Component, queue: Queue) -> Iterator[Fact]:
    name, how = component.name, waiting(queue)
    kept = Fact(WAITING, name, _waiting(analysis, component, queue))
    yield kept
    varies = "exponential service" if queue.variation is None else f"cs² {show_number(queue.variation, 3)}"
    by = "the service that is left of those in front, of so many servers together (Tijms, van Hoorn and Federgruen)"
    if queue.variation is None:
        by = "mean occupation ÷ free servers"
    elif queue.servers == 1:
        by = "the service that is left of those in front (Pollaczek and Khinchine)"
    if queue.places is not None:
        by = "the requests that it is admitted behind, and the service that is left of those in front"
    if queue.batch > 1:
        by = f"{by}, and of the copies that come with it"
    words = f"mean wait of those that wait ({varies})"
    wait = found(queue.wait, Dimension.DURATION, EVENER.get(queue.balance, by), words, assumption=how)
    yield Fact(MEAN_WAIT, name, product(Dimension.DURATION, known(kept), wait))


def _guarded(analysis: Analysis, arrow: Arrow, guard: Guard) -> Iterator[Fact]:
    failing: list[Fact] = []
    if guard.refused > 0:
        failing.append(Fact(REFUSALS, arrow.id, found(guard.refused, Dimension.FRACTION, "what it leads to is down")))
    if guard.timeout is not None:
        longer = f"attempts longer than {show_duration(guard.timeout)}"
        late = found(guard.late, Dimension.FRACTION, "the time of an attempt", alone=longer)
        failing.append(Fact(LATE, arrow.id, late))
    if guard.erring > 0:
        failing.append(Fact(ERRORS, arrow.id, _erring(analysis, arrow, guard)))
    yield from failing
    if failing:
        yield from _tried(arrow, guard, failing)
    if guard.after is not None:
        slow = f"attempts with no answer after {show_duration(guard.after)}"
        yield Fact(HEDGED, arrow.id, found(guard.sent, Dimension.FRACTION, "the time of an attempt", alone=slow))


def _breaking(analysis: Analysis, name: str, arrow: Arrow) -> Working:
    """Return what fails of the attempts before a breaker, and whether that opens it."""
    opened, share = arrow.id in analysis.opened_at, (arrow.condition.share if arrow.condition else None) or 0.0
    failing = analysis.opened_at[arrow.id] if opened else failing_share(analysis, name)
    state = f"above {show_fraction(share)}: open" if opened else f"not above {show_fraction(share)}: closed"
    return found(failing, Dimension.FRACTION, "the attempts that lead there", alone=state)


def _again(arrow: Arrow, failing: Term, tries: Term) -> Term:
    """Return the share of failed attempts that a budget lets try again."""
    budget = number(arrow, "retry_budget", Dimension.FRACTION)
    again = Calculation(WITHIN, (failing, tries, budget), Dimension.FRACTION)
    return found(again.value, Dimension.FRACTION, "", "tried again", of=again)


def _erring(analysis: Analysis, arrow: Arrow, guard: Guard) -> Working:
    """Return the share of attempts that bring an error: of what is asked alone, or of all that it waits for."""
    head = analysis.design.components[arrow.head]
    own = head.number("errors") or 0.0
    if own > 0 and math.isclose(own, guard.erring, rel_tol=1e-12):
        return Term(guard.erring, Dimension.FRACTION, fact=(ERRORS.name, head.name))
    by, alone = "what an attempt waits for", f"attempts that `{head.name}` or what it waits for answers with an error"
    return found(guard.erring, Dimension.FRACTION, by, alone=alone)


def _tried(arrow: Arrow, guard: Guard, failing: Sequence[Fact]) -> Iterator[Fact]:
    """Yield how often a request tries, and how often it gives up, of the shares of attempts that bring no answer."""
    count = len(guard.waits) + 1
    more = stated(arrow, "retries", float(count - 1), Dimension.COUNT)
    first = exactly(1.0, Dimension.COUNT, by="the first attempt")
    tries = found(float(count), Dimension.COUNT, "", of=total(Dimension.COUNT, first, more))
    none, note = known(failing[0]), "every attempt is late"
    if guard.erring > 0:
        note = "every attempt is late or brings an error" if len(failing) > 1 else "every attempt brings an error"
    if len(failing) > 1:
        left = [rest(known(fact)) for fact in failing]
        both = rest(found(1.0 - guard.failing, Dimension.FRACTION, "", of=product(Dimension.FRACTION, *left)))
        none = found(guard.failing, Dimension.FRACTION, "", of=both)
    if guard.refused > 0:
        note = "every attempt is late or refused"
    if count > 1:
        tried = none
        if guard.again < 1:
            further = product(Dimension.FRACTION, none, _again(arrow, none, tries))
            tried = found(further.value, Dimension.FRACTION, "", of=further)
        yield Fact(ATTEMPTS, arrow.id, Calculation(SERIES, (tried, tries), Dimension.COUNT, assumption="attempts"))
    else:
        yield Fact(ATTEMPTS, arrow.id, exactly(1.0, Dimension.COUNT, "one, and no retry"))
    if guard.together is not None and guard.refused <= 0:
        by = "attempts that find the same queue are late together"
        by = f"{by}; the others err" if guard.erring > 0 else by
        yield Fact(GIVEN_UP, arrow.id, found(guard.given_up, Dimension.FRACTION, by, alone=by))
    elif count > 1 and guard.again < 1:
        parts = (none, tries, _again(arrow, none, tries))
        yield Fact(GIVEN_UP, arrow.id, Calculation(LEFT, parts, Dimension.FRACTION, assumption="attempts"))
    elif count > 1:
        every = Calculation(POWER, (none, tries), Dimension.FRACTION, note, assumption="attempts")
        yield Fact(GIVEN_UP, arrow.id, every)
    else:
        yield Fact(GIVEN_UP, arrow.id, replace(none, text=f"{show_fraction(guard.failing)}: {note}"))
