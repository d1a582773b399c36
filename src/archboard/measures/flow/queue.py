"""Waiting: what load adds to a latency that is declared as bare service time.

A component is so many servers, each busy with one request at a time, and one queue in front of them, first come
first served; requests arrive at random (Poisson). The share that waits is Erlang's C; how long they do follows from all
that is known of the service (`maths.distributions.waiting`), or is without memory where the design does not say how
the service is spread.
"""

from __future__ import annotations

import math
from typing import cast

from archboard.design.model import Component, Latency
from archboard.load import Load
from archboard.maths.distributions.distribution import Constant, Delay, Distribution, Exponential, Lognormal, Queued
from archboard.maths.distributions.variability import scv
from archboard.maths.distributions.waiting import Service
from archboard.maths.queues import erlang_c
from archboard.measures.moment import Moment, Stay
from archboard.records import record

NO_CALLS = Stay(0.0, 0.0)
NOW = Moment()
_NONE = 1e-12
"""Shares of waiting requests below this are none."""


@record
class Queue:
    """The queue of one component: its servers, how busy they are, the share that waits, and how long those do.

    `occupied` is how long a server is taken by a request on average, seconds: for the service, and for calls that it
    waits for.
    """

    servers: int
    busy: float
    share: float
    delay: Exponential | Delay
    occupied: float
    variation: float | None
    """The squared coefficient of variation of that time; None where the design does not say, and 1 is taken."""

    @property
    def wait(self) -> float:
        """The mean wait of those that wait, seconds."""
        return self.delay.mean()

    def before(self, service: Distribution) -> Distribution:
        """Return the time in the queue and the service after it."""
        return service if self.share <= _NONE else Queued(service, self.share, self.delay)


def queue_at(servers: int, busy: float, service: Distribution, occupied: float, variation: float | None) -> Queue:
    """Return the queue before so many servers that are `busy` in 0..1, each taken for so long by a request."""
    share = erlang_c(servers, busy * servers)
    if variation is None:
        return Queue(servers, busy, share, Exponential(occupied / (servers * (1 - busy))), occupied, None)
    delay = Delay(cast(Service, _taken(service, occupied, variation)), servers, busy, variation)
    return Queue(servers, busy, share, delay, occupied, variation)


def _taken(service: Distribution, mean: float, variation: float) -> Distribution:
    """Return how long a server is taken: for the service, or, where it waits for calls too, a lognormal so spread."""
    own = service.mean()
    if own > 0 and math.isclose(scv(service), variation, rel_tol=1e-9, abs_tol=1e-15):
        return service.scaled(mean / own)
    if variation <= _NONE:
        return Constant(mean)
    spread = math.log1p(variation)
    return Lognormal(math.log(mean) - spread / 2, math.sqrt(spread))


def concurrency_of(component: Component) -> float | None:
    """Return how many requests a replica serves at once: as stated, and one where latency is service time."""
    stated = component.number("concurrency")
    serves = component.latency is not None and component.latency.service
    return 1.0 if stated is None and serves and component.number("throughput") is None else stated


def queue_of(
    component: Component, latency: Latency, service: Distribution, rate: float, moment: Moment = NOW
) -> Queue | None:
    """Return the queue of a component at a rate of arrivals per second, None where it has no end or no servers.

    A server is taken for the service and for the calls that it waits for.
    """
    calls = moment.calling.get(component.name, NO_CALLS)
    mean = service.mean() + calls.mean
    if not 0 < mean < math.inf or rate <= 0 or component.flag("down"):
        return None
    concurrency, throughput = concurrency_of(component), component.number("throughput")
    at_once = concurrency if concurrency is not None else max(1.0, float(round((throughput or 0.0) * mean)))
    servers = int(moment.running.get(component.name, component.replicas.high) * at_once)
    occupied = at_once / throughput if throughput is not None else mean
    if calls.mean > 0:
        occupied = max(occupied, mean)
    load = rate * occupied
    if servers < 1 or Load(load, servers).full:
        return None
    variation = None if latency.assumed else (scv(service) * service.mean() ** 2 + calls.variance) / mean**2
    return queue_at(servers, load / servers, service, occupied, variation)
