"""Waiting: what load adds to a latency that is declared as bare service time.

A component is so many servers, each busy with one request at a time, and one queue in front of them, first come
first served; requests arrive at random (Poisson). The share that waits is Erlang's C; the wait of those that do is
exponential, its mean scaled by how much the service varies (Allen–Cunneen), where the design says how much.
"""

from __future__ import annotations

import math

from archboard.design.model import Component, Latency
from archboard.load import Load
from archboard.maths.distributions.distribution import Distribution, Queued
from archboard.maths.distributions.variability import scv
from archboard.maths.queues import erlang_c
from archboard.measures.moment import Moment, Stay
from archboard.records import record

NO_CALLS = Stay(0.0, 0.0)
_NONE = 1e-12
"""Shares of waiting requests below this are none."""


@record
class Queue:
    """The queue of one component: its servers, how busy they are, the share that waits and its mean wait, seconds."""

    servers: int
    busy: float
    share: float
    wait: float
    variation: float | None
    """The squared coefficient of variation of the service; None where the design does not say, and 1 is taken."""

    @property
    def mean_wait(self) -> float:
        """The mean time in the queue over all requests, seconds."""
        return self.share * self.wait

    def before(self, service: Distribution) -> Distribution:
        """Return the time in the queue and the service after it."""
        return service if self.share <= _NONE else Queued(service, self.share, self.wait)


def concurrency_of(component: Component) -> float | None:
    """Return how many requests a replica serves at once: as stated, and one where latency is service time."""
    stated = component.number("concurrency")
    serves = component.latency is not None and component.latency.service
    return 1.0 if stated is None and serves and component.number("throughput") is None else stated


def queue_of(
    component: Component, latency: Latency, service: Distribution, rate: float, moment: Moment
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
    share = erlang_c(servers, load)
    wait = occupied / (servers - load) * (1.0 + (1.0 if variation is None else variation)) / 2
    return Queue(servers, load / servers, share, wait, variation)
