"""Waiting: what load adds to a latency that is declared as bare service time.

A component is so many servers, each busy with one request at a time, and one queue in front of them, first come
first served; requests arrive at random (Poisson). The share that waits is Erlang's C; how long they do follows from all
that is known of the service (`maths.distributions.waiting`), or is without memory where the design does not say how
the service is spread.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

from archboard.catalog.settings import LEAST_LOADED, ROUND_ROBIN, SHARED
from archboard.design.model import Component, Latency
from archboard.load import Load
from archboard.maths.distributions.distribution import Constant, Delay, Distribution, Exponential, Lognormal, Queued
from archboard.maths.distributions.variability import scv
from archboard.maths.distributions.waiting import Service
from archboard.maths.queues import erlang_c, evener_arrivals
from archboard.measures.moment import Moment, Stay
from archboard.records import record

NO_CALLS = Stay(0.0, 0.0)
NOW = Moment()
_FREE = 0.19  # see `joined_share`
_NONE = 1e-12
"""Shares of waiting requests below this are none."""


class Line(NamedTuple):
    """Queues of so many replicas with so many servers each; where they share one it is that of a single replica."""

    replicas: int
    servers: int
    balance: str


@record
class Queue:
    """The queue of one component: its servers, how busy they are, the share that waits, and how long those do.

    Where each of its `replicas` has a queue of its own, `servers` are those of one, and `balance` says which one a
    request joins; where all share one queue they are all servers, of a single replica.
    `occupied` is how long a server is taken by a request on average, seconds: for the service, and for calls that it
    waits for.
    """

    replicas: int
    servers: int
    balance: str
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

    @property
    def mean_wait(self) -> float:
        """The mean time in the queue over all requests, seconds."""
        return self.share * self.wait

    def before(self, service: Distribution) -> Distribution:
        """Return the time in the queue and the service after it."""
        return service if self.share <= _NONE else Queued(service, self.share, self.delay)


def queue_at(
    line: Line, busy: float, service: Distribution, occupied: float, variation: float | None
) -> Queue:
    """Return the queue before servers that are `busy` in 0..1, each taken for so long by a request."""
    replicas, servers, balance = line
    varies = 1.0 if variation is None else variation
    time = Exponential(occupied) if variation is None else _taken(service, occupied, variation)
    taken, share = cast(Service, time), erlang_c(servers, busy * servers)
    delay: Exponential | Delay = Delay(taken, servers, busy, varies)
    if balance == LEAST_LOADED:
        share = erlang_c(replicas * servers, busy * replicas * servers) * joined_share(replicas, busy)
        delay = Delay(taken, replicas * servers, busy, varies, servers)
    elif balance == ROUND_ROBIN:
        fewer, less = evener_arrivals(busy, 1 / replicas, varies)
        share *= fewer
        delay = Delay(taken, servers, max(0.0, 1 - (1 - busy) * fewer / less), varies)
    elif variation is None:
        delay = Exponential(occupied / (servers * (1 - busy)))
    return Queue(replicas, servers, balance, busy, share, delay, occupied, variation)


def joined_share(replicas: int, busy: float) -> float:
    """Return what the shortest of several queues leaves of those that would wait in one before all servers.

    Who waits stays where it is when another server gets free, which the next one then finds. Fitted to simulations.
    """
    return 1 / (1 + _FREE * (replicas - 1) * busy * (1 - busy))


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
    replicas = moment.running.get(component.name, component.replicas.high)
    line = _line(component.text("balance") or SHARED, replicas, at_once)
    occupied = at_once / throughput if throughput is not None else mean
    if calls.mean > 0:
        occupied = max(occupied, mean)
    load, servers = rate * occupied, line.replicas * line.servers
    if servers < 1 or Load(load, servers).full:
        return None
    variation = None if latency.assumed else (scv(service) * service.mean() ** 2 + calls.variance) / mean**2
    return queue_at(line, load / servers, service, occupied, variation)


def _line(balance: str, replicas: float, at_once: float) -> Line:
    if balance == SHARED or replicas < 2:
        return Line(1, int(replicas * at_once), SHARED)
    return Line(int(replicas), max(1, int(at_once)), balance)
