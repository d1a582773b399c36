"""Waiting: what load adds to a latency that is declared as bare service time.

A component is so many servers, each busy with one request at a time, and one queue in front of them, first come
first served; requests arrive at random (Poisson). The share that waits is Erlang's C; how long they do follows from all
that is known of the service (`maths.distributions.waiting`), or is without memory where the design does not say how
the service is spread. Where only so many may wait, what finds the queue full is refused at once, and what is said of a
wait is said of those admitted (`maths.distributions.bounded`): at any load.
"""

from __future__ import annotations

import math
from typing import NamedTuple, cast

from archboard.catalog.settings import LEAST_LOADED, QUEUE, ROUND_ROBIN, SHARED
from archboard.design.model import Component, Latency
from archboard.load import Load
from archboard.maths.distributions.distribution import (
    BoundedDelay,
    Constant,
    Delay,
    Distribution,
    Exponential,
    Lognormal,
    Mixture,
    Queued,
)
from archboard.maths.distributions.occupancy import Filling, occupancy
from archboard.maths.distributions.variability import scv
from archboard.maths.distributions.waiting import Service
from archboard.maths.queues import erlang_c, evener_arrivals, in_batches
from archboard.measures.moment import Moment, Stay
from archboard.records import record, replace

NO_CALLS = Stay(0.0, 0.0)
NOW = Moment()
_FREE = 0.19  # see `joined_share`
_PLACES = 48  # in a batch that are told apart
_NONE = 1e-12
"""Shares of waiting requests below this are none."""


class Line(NamedTuple):
    """Queues of so many replicas with so many servers each; where they share one it is that of a single replica.

    Requests come one by one, or `batch` at once. `places` are those in which one queue lets others wait, None where
    it has no end.
    """

    replicas: int
    servers: int
    balance: str
    batch: int = 1
    places: int | None = None


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
    delay: Exponential | Delay | BoundedDelay
    occupied: float
    variation: float | None
    """The squared coefficient of variation of that time; None where the design does not say, and 1 is taken."""
    batch: int = 1
    first: tuple[float, Delay] | None = None
    """Of requests that come at once: the share of batches of which all wait, and until the first is served."""
    behind: tuple[float, Delay] | None = None
    """The share of them that others go before, and how long those take from then on."""
    places: int | None = None
    """How many may wait in one queue, None where it has no end; the waits are then those of the requests admitted."""
    refused: float = 0.0
    """The share of requests that find the queue full."""

    @property
    def together(self) -> Distribution:
        """The wait that requests share which come at once; a copy sent later joins the same queue, and shares it."""
        share, delay = self.first or (self.share, self.delay)
        if share <= _NONE:  # where nobody may wait there is no wait, not even of nobody
            return Constant(0.0)
        return Mixture(((1 - share, Constant(0.0)), (share, delay)))

    def apart(self, service: Distribution) -> Distribution:
        """Return what each of them takes from then on."""
        if self.behind is None or self.behind[0] <= _NONE:
            return service
        return Queued(service, *self.behind)

    @property
    def wait(self) -> float:
        """The mean wait of those that wait, seconds; 0 where nobody may."""
        return 0.0 if self.places == 0 and self.share <= _NONE else self.delay.mean()

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
    replicas, servers, balance, batch, places = line
    varies = 1.0 if variation is None else variation
    time = Exponential(occupied) if variation is None else _taken(service, occupied, variation)
    if places is not None:
        return _with_an_end(line, busy, cast(Service, time), occupied, variation)
    taken, share = cast(Service, time), erlang_c(servers, busy * servers)
    if batch > 1:
        return _of_batches(line, busy, taken, occupied, variation)
    delay: Exponential | Delay = Delay(taken, servers, busy, varies)
    if balance == LEAST_LOADED:
        share = erlang_c(replicas * servers, busy * replicas * servers) * joined_share(replicas, busy)
        delay = Delay(taken, replicas * servers, busy, varies, servers)
    elif balance == ROUND_ROBIN:
        fewer, less = evener_arrivals(busy, 1 / replicas, varies)
        share *= fewer
        delay = Delay(taken, servers, max(0.0, 1 - (1 - busy) * fewer / less) if less > 0 else 0.0, varies)
    elif variation is None:
        delay = Exponential(occupied / (servers * (1 - busy)))
    return Queue(replicas, servers, balance, busy, share, delay, occupied, variation)


def _with_an_end(line: Line, busy: float, taken: Service, occupied: float, variation: float | None) -> Queue:
    """Return a queue in which only so many may wait.

    The shortest of several is full when all are: then it is as if all places were one queue's. In turn arrivals are
    evener, as if there were so many more places, and the wait is that of the load at which it is as short. An end that
    is never met is none.
    """
    replicas, servers, balance, batch, places = line
    assert places is not None
    varies, plain = 1.0 if variation is None else variation, variation is None
    filling, own, fewer = Filling(taken, servers, busy, places, batch, plain), 0, 1.0
    seen = filling
    if balance == LEAST_LOADED:
        filling = seen = replace(filling, servers=replicas * servers, places=replicas * places)
        own, fewer = servers, joined_share(replicas, min(busy, 1.0))
    elif balance == ROUND_ROBIN:
        filling = replace(filling, places=round(places * (1 + varies) / (1 / replicas + varies)))
        at_most = min(busy, 1.0)
        fewer, less = evener_arrivals(at_most, 1 / replicas, varies)
        seen = replace(seen, busy=max(_NONE, 1 - (1 - busy) * fewer / less) if busy < 1 and less > 0 else busy)
    found = occupancy(filling)
    if busy < 1 and found.refused <= _NONE:
        endless = queue_at(line._replace(places=None), busy, cast(Distribution, taken), occupied, variation)
        return replace(endless, places=places, refused=found.refused)
    delay = BoundedDelay(seen, varies, own)
    return Queue(
        replicas, servers, balance, busy, found.waits * fewer, delay, occupied, variation, batch,
        places=places, refused=found.refused,
    )  # fmt: skip


def _of_batches(line: Line, busy: float, taken: Service, occupied: float, variation: float | None) -> Queue:
    """Return the queue of one line of servers that requests come to so many at once."""
    _, servers, balance, batch, _ = line
    varies = 1.0 if variation is None else variation
    full, places = in_batches(servers, busy, batch)
    ahead = _binned(places)
    some, none = max(0.0, 1 - ahead[0][1]), ahead[0][1] - full / batch
    first = behind = Delay(taken, servers, busy, varies, batch=batch)
    if some > _NONE:
        behind = Delay(taken, servers, busy, varies, ahead=tuple((n, chance / some) for n, chance in ahead[1:]))
    either = first if 1 - none <= _NONE else Delay(taken, servers, busy, varies, batch=batch, ahead=ahead, full=full)
    return Queue(
        1, servers, balance, busy, 1 - none, either, occupied, variation, batch, (full, first), (some, behind)
    )  # fmt: skip


def _binned(places: dict[int, float]) -> tuple[tuple[int, float], ...]:
    """Return how many go before and how likely it is, neighbours together where they are many; none first."""
    behind = [(n, chance) for n, chance in sorted(places.items()) if n > 0]
    step, found = max(1, math.ceil(len(behind) / _PLACES)), [(0, places[0])]
    for at in range(0, len(behind), step):
        chance = math.fsum(chance for _, chance in behind[at : at + step])
        if chance > 0:
            found.append((round(math.fsum(n * each for n, each in behind[at : at + step]) / chance), chance))
    return tuple(found)


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
    component: Component, latency: Latency, service: Distribution, rate: float, moment: Moment = NOW,
    balance: str = SHARED,
) -> Queue | None:  # fmt: skip
    """Return the queue of a component at a rate of arrivals per second; None where it grows without end.

    A server is taken for the service and for the calls that it waits for; where there is none, there is no queue.
    """
    calls = moment.calling.get(component.name, NO_CALLS)
    mean = service.mean() + calls.mean
    if not 0 < mean < math.inf or rate <= 0 or component.flag("down"):
        return None
    concurrency, throughput = concurrency_of(component), component.number("throughput")
    at_once = concurrency if concurrency is not None else max(1.0, float(round((throughput or 0.0) * mean)))
    replicas = moment.running.get(component.name, component.replicas.high)
    places = component.number(QUEUE)
    line = _line(balance, replicas, at_once, moment.batches.get(component.name, 1), places)
    occupied = at_once / throughput if throughput is not None else mean
    if calls.mean > 0:
        occupied = max(occupied, mean)
    load, servers = rate * occupied, line.replicas * line.servers
    if servers < 1 or (places is None and Load(load, servers).full):
        return None
    variation = None if latency.assumed else (scv(service) * service.mean() ** 2 + calls.variance) / mean**2
    return queue_at(line, load / servers, service, occupied, variation)


def _line(balance: str, replicas: float, at_once: float, batch: int, places: float | None) -> Line:
    """Return the queues of a component; a balancer takes a batch apart, and its requests come as one by one."""
    most = None if places is None else int(places)
    if balance == SHARED or replicas < 2:
        return Line(1, int(replicas * at_once), SHARED, batch, most)
    return Line(int(replicas), max(1, int(at_once)), balance, 1, most)
