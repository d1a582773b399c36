"""How full a queue with an end is: M/G/c/K, for services of any kind.

All busy servers together are one that is so many times as fast, after the first of the services under way has ended
(Tijms, van Hoorn and Federgruen 1981): each state follows from those below it by what arrives during one service.
Of one server that is exact, and so it is of any number where services have no memory, or where nothing can wait
(Erlang's B, whatever the service). A million places are followed as far as the states are told apart; from there on
each is as likely as the one before times the same ratio.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from archboard.maths import bounded_queues as memoryless
from archboard.maths.distributions.waiting import Service, Tables, tables_of
from archboard.maths.queues import erlang_b
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]

_FOLLOWED = 1500  # states with all servers busy that are worked out one by one
_BINS = 400  # into which further ones are put
_GONE = 45.0  # logarithms from the likeliest state on that count
_GROWN, _NOTHING = 1e200, 1e-200
_ROUNDING = 1e-13  # shares refused below this are what is left of larger numbers
_LITTLE = 0.1
_SWAMPED = 1e-9  # chances of no arrival during a service below which every kind of service is as full
_HARDLY = 1e-9  # shares that wait below this are too small for their mean to be told by a difference
_PARTS = 1500  # of an integral over a service
_RAREST = 1e-12  # of services, that count
_DEVIATIONS = 10  # of a Poisson number


@record
class Filling:
    """What comes to so many servers, how much of their time it would take, and how many others may wait.

    `busy` may be more than one. Where `batch` come at once, each takes the place that is left when its turn comes.
    """

    service: Service
    servers: int
    busy: float
    places: int
    batch: int = 1
    without_memory: bool = False


@record(eq=False)
class Occupancy:
    """The share of requests refused, that of the admitted that waits, and how many others those find waiting.

    `counts` lists numbers with their `chances`; `mean_wait` is that of those that wait, by Little's law, seconds: 0
    where hardly any do.
    """

    refused: float
    waits: float
    counts: Array
    chances: Array
    mean_wait: float


@lru_cache(maxsize=1024)
def occupancy(filling: Filling) -> Occupancy:
    """Return how full a queue with an end is."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if filling.places == 0 and filling.batch == 1:
        refused = erlang_b(filling.servers, filling.busy * filling.servers)
        return Occupancy(refused, 0.0, np.zeros(0), np.zeros(0), 0.0)
    if filling.batch > 1:
        return _in_batches(filling)
    if filling.without_memory or _arrivals_during(filling.service, filling.servers, filling.busy)[2] < _SWAMPED:
        return _without_memory(filling)
    return _general(filling)


def _without_memory(filling: Filling) -> Occupancy:
    """Return how full M/M/c/K is."""
    servers, load, places = filling.servers, filling.busy * filling.servers, filling.places
    counts, sums, _ = _geometric(filling.busy, places)
    return Occupancy(
        memoryless.refused_share(servers, load, places), memoryless.waiting_share(servers, load, places),
        counts, sums / sums.sum(), memoryless.mean_wait_of_waiting(load, filling.service.mean(), servers, places),
    )  # fmt: skip


def _general(filling: Filling) -> Occupancy:
    """Return how full M/G/c/K is, by the states with all servers busy over the one with one of them free."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    servers, busy, places = filling.servers, filling.busy, filling.places
    load = busy * servers
    counts, sums, scale = _waiting_states(filling)
    total = float(sums.sum())
    if total <= 0:  # so little comes that nobody is ever found waiting
        return Occupancy(0.0, 0.0, np.zeros(1), np.ones(1), 0.0)
    inverse = math.exp(-scale) / total
    free = 1.0 if servers == 1 else erlang_b(servers - 1, load)
    lacking = load * inverse - (servers - load)
    refused = max(0.0, free * lacking / (servers * inverse + load * free * (inverse + 1)), 1 - 1 / busy)
    refused = refused if refused > _ROUNDING else 0.0
    waits, chances = free / (inverse + free), sums / total
    rate = load / filling.service.mean()
    ahead, full = float(counts @ chances), refused * places
    admitted = (1 - refused) * waits
    mean = 0.0 if admitted <= _HARDLY else (ahead + full / admitted) / rate
    return Occupancy(refused, waits, counts, chances, mean)


def _waiting_states(filling: Filling) -> tuple[Array, Array, float]:
    """Return how many wait, how likely that is over the last state with a server free, and the logarithm of its unit.

    Numbers that are not told apart are put together.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    first, then, none = _arrivals_during(filling.service, filling.servers, filling.busy)
    followed = min(filling.places, _FOLLOWED)
    states, scale = np.zeros(followed), 0.0
    for n in range(followed):
        begun = max(0, n - then.size + 1)
        flow = float(np.dot(then[n - begun : 0 : -1], states[begun:n]))
        if n < first.size:
            flow += float(first[n]) * math.exp(-scale)
        states[n] = flow / none
        if states[n] > _GROWN:
            scale += math.log(states[n])
            states[: n + 1] /= states[n]
        if states[n] < _NOTHING:
            return np.arange(n, dtype=float), states[:n], scale
    counts = np.arange(followed, dtype=float)
    if followed == filling.places:
        return counts, states, scale
    ratio = float(states[-1] / states[-2])
    more, sums, grown = _geometric(ratio, filling.places - followed)
    down = math.exp(-grown)
    after = np.concatenate((states * down, sums * states[-1] * ratio))
    return np.concatenate((counts, followed + more)), after, scale + grown


def _geometric(ratio: float, count: int) -> tuple[Array, Array, float]:
    """Return the numbers 0 … count − 1 in bins, the sums of the ratio's powers in them, and the sums' logarithmic unit.

    Only those near the likeliest end count.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    log = math.log(ratio)
    counted = count if log == 0 else min(count, math.ceil(_GONE / abs(log)))
    edges = np.unique(np.round(np.linspace(0, counted, min(counted, _FOLLOWED if counted == count else _BINS) + 1)))
    sizes = np.diff(edges)
    falls = -abs(log)
    each = sizes if log == 0 else np.expm1(sizes * falls) / math.expm1(falls)
    sums = np.exp(edges[:-1] * falls) * each
    middles = (edges[:-1] + edges[1:] - 1) / 2
    if log <= 0:
        return middles, sums, 0.0
    return (count - 1 - middles)[::-1], sums[::-1], (count - 1) * log


@lru_cache(maxsize=1024)
def _arrivals_during(service: Service, servers: int, busy: float) -> tuple[Array, Array, float]:
    """Return the rates at which so many arrive, 0, 1, …: until the first service ends, and during one of all servers.

    The first of those under way when the last free server begins; the other of a server so many times as fast. Both
    sum up to how busy the servers would be. With them how likely none arrives during the other.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    tables, rate = tables_of(service), busy * servers / service.mean()
    longest = float(np.interp(-_RAREST, -tables.later, tables.times))
    times = np.geomspace(tables.mean * _RAREST, longest, _PARTS)
    later = tables.read(times, tables.later)
    until = later * tables.residual(times) ** (servers - 1)
    found = [_numbers(rate, at, height, busy) for at, height in ((times, until), (times / servers, later))]
    ending, middles = -np.diff(later, prepend=1.0), np.concatenate((times[:1], np.sqrt(times[1:] * times[:-1])))
    none = 1 - float(found[1][0])  # exact beside the others; where little is left, by what is left
    none = none if none > _LITTLE else float(ending @ np.exp(-rate / servers * middles))
    return found[0], found[1], none


def _numbers(rate: float, times: Array, height: Array, whole: float) -> Array:
    """Return rate × ∫ height × (chance of so many arrivals by then), for 0, 1, … arrivals; all are the whole."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    most = rate * float(times[-1])
    most = min(_FOLLOWED, math.ceil(most + _DEVIATIONS * math.sqrt(most) + _DEVIATIONS))
    counts = np.arange(most)[:, None]
    logs = np.concatenate(([0.0], np.cumsum(np.log(np.arange(1, most)))))[:, None]
    expected = rate * times
    chances = np.exp(counts * np.log(expected) - expected - logs) * (height * times)
    sums: Array = (chances[:, 1:] + chances[:, :-1]) @ np.diff(np.log(times)) / 2
    sums[0] += float(times[0])
    every = float(times[0] + (height[1:] * times[1:] + height[:-1] * times[:-1]) @ np.diff(np.log(times)) / 2)
    scaled: Array = sums * (whole / (float(sums.sum()) if most < _FOLLOWED else every))
    return scaled


def _in_batches(filling: Filling) -> Occupancy:
    """Return how full M^X/M/c/K is, by the balance of rates across each cut.

    Of a batch as many come in as there is room; a service that varies otherwise is taken for one without memory.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    servers, batch, room = filling.servers, filling.batch, filling.servers + filling.places
    load = filling.busy * servers
    states, recent = np.zeros(room + 1), 1.0
    states[0] = 1.0
    for n in range(1, room + 1):
        states[n] = load / batch * recent / min(n, servers)
        recent += states[n] - (states[n - batch] if n >= batch else 0.0)
        if recent > _GROWN:
            states[: n + 1] /= recent
            recent = 1.0
    states /= states.sum()
    before = np.concatenate((np.zeros(batch - 1), states))
    placed = np.convolve(before, np.ones(batch) / batch, mode="valid")[:room]  # who finds so many, its batch included
    admitted, waiting = float(placed.sum()), placed[servers:]
    waits = float(waiting.sum())
    if waits <= 0:
        return Occupancy(max(0.0, 1 - admitted), 0.0, np.zeros(0), np.zeros(0), 0.0)
    counts, chances = np.arange(waiting.size, dtype=float), waiting / waits
    mean = (float(counts @ chances) + 1) * filling.service.mean() / servers
    return Occupancy(max(0.0, 1 - admitted), waits / admitted, counts, chances, mean)


def served_by(tables: Tables, share: Array) -> tuple[float, float]:
    """Return the mean of a time and its variance, from the share that lasts longer than each of the tables' times."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    steps, times = np.diff(np.log(tables.times)), tables.times
    mean = float(times[0] + (share[1:] * times[1:] + share[:-1] * times[:-1]) @ steps / 2)
    square = float((share[1:] * times[1:] ** 2 + share[:-1] * times[:-1] ** 2) @ steps)
    return mean, max(0.0, square - mean**2)
