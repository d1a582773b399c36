"""Percentiles of one component or hop as workings: as stated, or read off the distribution that its words describe."""

from __future__ import annotations

import math

from archboard.catalog.settings import BALANCES, LEAST_LOADED, QUEUE, SHARED
from archboard.design.model import Arrow, Component, Latency
from archboard.maths.distributions.distribution import Distribution
from archboard.maths.distributions.from_percentiles import from_percentiles, from_range
from archboard.measures.analysis import Analysis
from archboard.measures.flow.queue import Line, Queue, queue_at
from archboard.measures.models.answers import answer_at
from archboard.measures.terms import assumed, exactly, found, stated
from archboard.units import Dimension, percentile_name, show_fraction, show_number
from archboard.working import Calculation, Operator, Term, Working

SECONDS = Dimension.DURATION


def _described(kind: float, *numbers: float) -> Distribution:
    """Return the distribution of a latency from what was written of it: a range, or a tail and percentiles."""
    if kind == RANGE:
        return from_range(*numbers)
    tail, *points = numbers
    return from_percentiles(tuple(zip(points[::2], points[1::2], strict=True)), tail)


def _queue_of(
    places: int | None, replicas: float, servers: float, balance: float, batch: float, busy: float, occupied: float,
    variation: float, *numbers: float,
) -> tuple[Queue, Distribution]:  # fmt: skip
    """Return a queue and the service behind it."""
    service = _described(*numbers)
    line = Line(int(replicas), int(servers), BALANCES[int(balance)], int(batch), places)
    return queue_at(line, busy, service, occupied, None if variation == UNKNOWN else variation), service


def _waited(*numbers: float) -> Distribution:
    """Return the time of a queue and of the service behind it."""
    queue, service = _queue_of(None, *numbers)
    return queue.before(service)


def _admitted(places: float, *numbers: float) -> Distribution:
    """Return the time of a queue in which so many may wait, and of the service behind it, of those admitted."""
    queue, service = _queue_of(int(places), *numbers)
    return queue.before(service)


def _joined(texts: tuple[str, ...]) -> str:
    return ", ".join(texts)


RANGE, POINTS = 0.0, 1.0
UNKNOWN = -1.0
FEW = 3
"""Percentiles that are named one by one where something was worked out of them."""
QUANTILE = Operator("quantile", lambda q, *numbers: _described(*numbers).quantile(q), _joined)
MEAN = Operator("mean", lambda *numbers: _described(*numbers).mean(), _joined)
WAITED = Operator(
    "quantile with a queue",
    lambda q, *numbers: _waited(*numbers).quantile(q), _joined,
)  # fmt: skip
MEAN_WAITED = Operator("mean with a queue", lambda *numbers: _waited(*numbers).mean(), _joined)
ADMITTED = Operator(
    "quantile with a queue that ends", lambda q, *numbers: _admitted(*numbers).quantile(q), _joined,
)  # fmt: skip
MEAN_ADMITTED = Operator(
    "mean with a queue that ends", lambda *numbers: _admitted(*numbers).mean(), _joined,
)  # fmt: skip
FULL = Operator(
    "queue full", lambda places, *numbers: _queue_of(int(places), *numbers)[0].refused, _joined,
)  # fmt: skip
WAITS = Operator(
    "waits where a queue ends", lambda places, *numbers: _queue_of(int(places), *numbers)[0].share, _joined,
)  # fmt: skip


def percentile(analysis: Analysis, subject: Component | Arrow, fraction: float) -> Working:
    """Return how a percentile of a component or a hop whose latency is known came to be, its queue included."""
    latency, value = _latency(analysis, subject), analysis.times.of(subject).quantile(fraction)
    queue = analysis.times.queue(subject) if isinstance(subject, Component) else None
    at = Term(fraction, Dimension.FRACTION, by="the percentile asked for")
    if queue is not None:
        served = percentile_of(analysis, subject, latency, fraction)
        text = f"{served.shown} of service ({served}), and the queue before it"
        waits = (at, *_queue(analysis, subject, queue), *_numbers(analysis, subject, latency))
        operator = WAITED if queue.places is None else ADMITTED
        return Calculation(operator, waits, SECONDS, text=text, value=value, assumption=waiting(queue))
    return percentile_of(analysis, subject, latency, fraction)


def percentile_of(analysis: Analysis, subject: Component | Arrow, latency: Latency, fraction: float) -> Working:
    """Return how a percentile of a latency as it is stated came to be, without what waits in front."""
    value = analysis.times.served(subject).quantile(fraction)
    if isinstance(subject, Component) and subject.latency is None:
        made = answer_at(analysis.times.inferences[subject.name], fraction)
        if latency.is_range or latency.at(fraction) is not None:
            return made
    elif latency.at(fraction) is not None:
        return stated(subject, "latency", value, SECONDS, alone="as stated")
    at = Term(fraction, Dimension.FRACTION, by="the percentile asked for")
    parts, how = (at, *_numbers(analysis, subject, latency)), _curve(latency)
    return Calculation(QUANTILE, parts, SECONDS, text=_shape(analysis, latency), value=value, assumption=how)


def mean(analysis: Analysis, subject: Component | Arrow) -> Working:
    """Return how the mean of a component or a hop whose latency is known came to be, its queue included."""
    latency, value = _latency(analysis, subject), analysis.times.of(subject).mean()
    queue = analysis.times.queue(subject) if isinstance(subject, Component) else None
    numbers = _numbers(analysis, subject, latency)
    if queue is not None:
        waits, how = (*_queue(analysis, subject, queue), *numbers), waiting(queue)
        operator = MEAN_WAITED if queue.places is None else MEAN_ADMITTED
        return Calculation(operator, waits, SECONDS, text="of the same distribution", value=value, assumption=how)
    how = _curve(latency)
    return Calculation(MEAN, numbers, SECONDS, text="of the same distribution", value=value, assumption=how)


def mean_stated(analysis: Analysis, component: Component) -> Working:
    """Return how the mean of a latency as it is stated came to be, without what waits in front."""
    numbers = _numbers(analysis, component, _latency(analysis, component))
    value = analysis.times.served(component).mean()
    text, how = "of the distribution that is stated", _curve(_latency(analysis, component))
    return Calculation(MEAN, numbers, SECONDS, text=text, value=value, assumption=how)


def _curve(latency: Latency) -> str:
    """Return the approximation by which what is written of a latency becomes a distribution, by its name."""
    if latency.is_range:
        return "" if latency.low == latency.high else "uniform"
    return "curve" if len(latency.percentiles) > 2 else "lognormal"


def waiting(queue: Queue) -> str:
    """Return the approximation by which a wait is worked out, by its name; that of one server is exact."""
    if queue.places is not None:
        return "full queue"
    if queue.batch > 1:
        return "copies at once"
    if queue.balance != SHARED:
        return "balanced"
    if queue.variation is None:
        return "memoryless"
    return "servers" if queue.servers > 1 else "arrivals"


def _latency(analysis: Analysis, subject: Component | Arrow) -> Latency:
    latency = analysis.times.latency(subject)
    assert latency is not None, subject
    return latency


def _queue(analysis: Analysis, subject: Component | Arrow, queue: Queue) -> tuple[Term, ...]:
    """Return what a queue is worked out from, as `_waited` reads it; where it ends, as `_admitted` does."""
    spread = found(UNKNOWN, Dimension.COUNT, "service without memory", assumption="memoryless")
    if queue.variation is not None:
        by = "its squared coefficient of variation"
        spread = found(queue.variation, Dimension.COUNT, by, text=f"cs² {show_number(queue.variation, 3)}")
    places = () if queue.places is None else (places_of(subject, queue.places),)
    return (
        *places,
        found(float(queue.replicas), Dimension.COUNT, "those that have a queue of their own", "queues"),
        servers_of(subject, float(queue.servers)),
        _balance(analysis, subject, queue),
        found(float(queue.batch), Dimension.COUNT, "the copies of a fan-out", "at once"),
        busy_of(analysis, subject, queue),
        found(queue.occupied, SECONDS, "what a server is taken by a request, calls included", "of a server"),
        spread,
    )


def filled(analysis: Analysis, component: Component, queue: Queue) -> tuple[Working, Working]:
    """Return how the share that finds a queue full came to be, and that of the admitted which waits."""
    parts = (*_queue(analysis, component, queue), *_numbers(analysis, component, _latency(analysis, component)))
    together = queue.servers * (queue.replicas if queue.balance == LEAST_LOADED else 1)
    servers = f"{show_number(together)} server{'' if together == 1 else 's'}"
    kind = "M/M/c/K" if queue.variation is None else "M/G/c/K"
    text = f"{kind} of {servers}, {show_fraction(queue.busy)} asked of them, {queue.places:,} may wait"
    refused, share = (
        Calculation(operator, parts, Dimension.FRACTION, text=text, value=value, assumption=waiting(queue))
        for operator, value in ((FULL, queue.refused), (WAITS, queue.share))
    )
    return refused, share


def places_of(subject: Component | Arrow, count: int) -> Term:
    """Return how many may wait in one queue, as it is stated."""
    return stated(subject, QUEUE, float(count), Dimension.COUNT, "may wait")


def servers_of(subject: Component | Arrow, count: float, text: str = "") -> Term:
    """Return how many servers there are, and whether it was said how many requests each replica serves."""
    said = "concurrency" in subject.settings
    by, words = "replicas × concurrency", "" if text else "servers"
    return found(count, Dimension.COUNT, by, words, text=text, assumption="" if said else "concurrency")


def busy_of(analysis: Analysis, subject: Component | Arrow, queue: Queue) -> Term:
    """Return how busy the servers are, and whether what is tried again feeds back on that."""
    fed = isinstance(subject, Component) and subject.name in analysis.coupled
    by, how = "the load that settled, over the servers", "settled" if fed else ""
    return found(queue.busy, Dimension.FRACTION, by, "busy", assumption=how)


def _balance(analysis: Analysis, subject: Component | Arrow, queue: Queue) -> Term:
    """Return which queue a request joins, as `_waited` reads it: as stated, or the one that all replicas share."""
    which = float(BALANCES.index(queue.balance))
    if "balance" in subject.settings:
        return stated(subject, "balance", which, Dimension.COUNT, queue.balance)
    if queue.replicas == 1 and subject.replicas.high < 2 if isinstance(subject, Component) else True:
        return exactly(which, Dimension.COUNT, words=queue.balance)
    return assumed(analysis.design.assumptions, "balance", queue.balance, value=which)


def _numbers(analysis: Analysis, subject: Component | Arrow, latency: Latency) -> tuple[Term, ...]:
    """Return what was written of a latency, or worked out, as `_described` reads it."""
    if latency.is_range:
        ends = [_written(analysis, subject, end) for end in (latency.low, latency.high)]
        if latency.computed:
            ends = [_computed(analysis, subject, end, 0.5, "") for end in (latency.low, latency.high)]
        return (exactly(RANGE, Dimension.COUNT, by="a range"), *ends)
    tail = assumed(analysis.design.assumptions, "tail")
    if not latency.assumed:
        tail = exactly(tail.value, Dimension.RATIO, "no tail, which two percentiles do without")
    points: list[Term] = []
    for q, seconds in latency.percentiles:
        name = percentile_name(q)
        at = stated(subject, "latency", seconds, SECONDS, f"at {name}")
        at = _computed(analysis, subject, seconds, q, f"at {name}") if latency.computed else at
        points += (exactly(q, Dimension.FRACTION, name), at)
    return (exactly(POINTS, Dimension.COUNT, by="percentiles"), tail, *points)


def _written(analysis: Analysis, subject: Component | Arrow, seconds: float) -> Term:
    """Return an end of a range: as it is stated, or of an arrow that states none as the design takes for granted."""
    if isinstance(subject, Arrow) and subject.latency is None:
        return assumed(analysis.design.assumptions, "hop", value=seconds)
    return stated(subject, "latency", seconds, SECONDS)


def _computed(analysis: Analysis, subject: Component | Arrow, seconds: float, q: float, words: str) -> Term:
    """Return a time that a model's answer was worked out to take."""
    made = answer_at(analysis.times.inferences[subject.name], q) if isinstance(subject, Component) else None
    same = made is not None and math.isclose(made.value, seconds, rel_tol=1e-9)
    return found(seconds, SECONDS, "" if same else "what its times come to", words, of=made if same else None)


def _shape(analysis: Analysis, latency: Latency) -> str:
    """Return the distribution that a latency's words describe, in words."""
    if latency.is_range:
        low, high = (Term(end, SECONDS).shown for end in (latency.low, latency.high))
        return f"uniform from {low} to {high}"
    if latency.computed and len(latency.percentiles) > FEW:
        return "read off the percentiles that were worked out"
    points = ", ".join(f"{percentile_name(q)} {Term(seconds, SECONDS).shown}" for q, seconds in latency.percentiles)
    return f"lognormal through {points}" + (f", tail {analysis.design.assumptions.tail:g}×" if latency.assumed else "")
