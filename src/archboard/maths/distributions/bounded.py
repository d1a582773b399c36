"""The wait of those that a queue with an end admits, and that wait.

Without memory it is exact: who finds so many others waiting, waits for as many services and one more. Otherwise two
answers are weighed:

- That of the queue without an end, less those that it would have refused: of who waits so long, the part that leaves no
  more than the places behind it. In M/M/c that is the very number it had found before it.
- So many services one after the other, with what is left of those under way before them, each number of them a
  lognormal with their mean and variance, and all of it drawn out to the mean that Little's law gives.

The first is right where the end is hardly ever met, and the whole truth without one; the second where the queue is
full most of the time, and at any load. How far the end is met weighs them.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import TYPE_CHECKING

from archboard.maths.bounded_queues import wait_exceeds
from archboard.maths.distributions import normal
from archboard.maths.distributions.discrete import Constant
from archboard.maths.distributions.occupancy import Filling, Occupancy, occupancy, served_by
from archboard.maths.distributions.percentile_curve import Curve
from archboard.maths.distributions.waiting import (
    SHARES,
    Delay,
    Service,
    curve_of,
    first_of,
    mean_later,
    spectra_of,
    survivals,
    tables_of,
    waits_of,
    within,
)
from archboard.records import record, replace

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]

_WEIGHT = 8  # the power of the share that never meets the end: what it counts for
_LOG_TIMES, _EVEN_TIMES = 120, 100  # at which a wait is worked out: in equal steps of its logarithm, and about its mean
_EARLY, _SIDES = 1e-4, (-7.0, 9.0)  # of the shortest mean, and in deviations about the whole one
_HIGHEST = 6.3  # the score of the rarest wait
_APART, _BINS = 60, 120  # numbers of others that are told apart, and into which further ones are put
_LIKELY = 1e-11  # of a number of others, that counts
_FINE = 1000  # times at which the queue without an end is thinned
_FEW = 200  # places up to which arrivals are counted one by one
_LONGEST = 700.0
_UNITED = 1e-9  # of the next: times that are one


@record
class BoundedDelay:
    """The wait of those that wait where only so many may; `busy` may be more than one.

    `variation` is the squared coefficient of variation of the service. Where each request joins the shortest of several
    queues, `own` is how many of the servers one of those has.
    """

    filling: Filling
    variation: float
    own: int = 0

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return 0.0, math.inf

    @property
    def curve(self) -> Curve:
        """The distribution function, with the mean."""
        return _waits(self)

    def quantile(self, q: float) -> float:
        """Return the time that a share q of those that wait stays within, seconds."""
        return math.exp(min(self.curve.log_at(normal.quantile(q)), _LONGEST)) if q < 1 else math.inf

    def cdf(self, t: float) -> float:
        """Return the share within t seconds."""
        return normal.cdf(self.curve.z_at(math.log(t))) if t > 0 else 0.0

    def cdf_at(self, times: Array) -> Array:
        """Return the share within each of these times, seconds."""
        return within(self.curve, times)

    def mean(self) -> float:
        """Return the mean, seconds."""
        return self.curve.mean

    def mean_beyond(self, t: float) -> float:
        """Return what waits above t contribute to the mean, seconds."""
        return t * (1 - self.cdf(t)) + mean_later(self.curve, t)

    def scaled(self, factor: float) -> BoundedDelay | Constant:
        """Return the same with every time multiplied: as many servers are as busy as before."""
        if factor <= 0:
            return Constant(0.0)
        return replace(self, filling=replace(self.filling, service=self.filling.service.scaled(factor)))


@lru_cache(maxsize=1024)
def _waits(delay: BoundedDelay) -> Curve:
    filling, found = delay.filling, occupancy(delay.filling)
    if filling.without_memory and filling.batch == 1:
        load, mean = filling.busy * filling.servers, filling.service.mean()
        waits = _Turns(found, mean / filling.servers, mean / filling.servers, 1.0)
        times = waits.times()
        exact = [wait_exceeds(float(t), load, mean, filling.servers, filling.places) for t in times]
        return _with_mean(curve_of(times, _array(exact)), found.mean_wait)
    return _weighed(delay, found)


def _array(values: list[float]) -> Array:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    return np.array(values)


def _apart(times: Array) -> Array:
    """Return ascending times without those that are as good as the one before."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    kept: Array = times[np.append(True, np.diff(times) > _UNITED * times[1:])]
    return kept


def _with_mean(curve: Curve, mean: float) -> Curve:
    return Curve(curve.logs, curve.zs, curve.slopes, mean)


def _together(found: Occupancy) -> tuple[Array, Array]:
    """Return how many others are found waiting, and how likely that is, neighbours together where they are many."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    likely = found.chances > _LIKELY * float(found.chances.max())
    counts, chances = found.counts[likely], found.chances[likely]
    first = np.concatenate((np.arange(min(_APART, counts.size)), np.linspace(0, counts.size, _BINS)[:-1]))
    starts = np.unique(first.astype(np.intp))
    sums: Array = np.add.reduceat(chances, starts)
    means: Array = np.add.reduceat(chances * counts, starts) / sums
    return means, sums


class _Turns:
    """Waits for what is left of the services under way, and then for so many more, each a lognormal by its moments.

    `first` is the mean of the former and `spread` its variance, `one` the mean of a service of all servers together and
    `varied` its squared coefficient of variation. Those found waiting may stand in several `queues`: then fewer of them
    go before, and each takes the longer.
    """

    def __init__(self, found: Occupancy, first: float, one: float, varied: float, *, spread: float | None = None,
                 servers: int = 1, queues: int = 1) -> None:  # fmt: skip
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        counts, chances = _together(found)
        before = counts / queues
        own = queues * (1 + (varied - 1) * before / np.maximum(before + servers / queues - 1, 1.0))
        self.chances: Array = chances / chances.sum()
        self.means: Array = first + counts * one
        variances = (first**2 if spread is None else spread) + counts * own * one**2
        self.logs: Array = np.log1p(variances / self.means**2)
        self.mean = float(self.chances @ self.means)
        self.deviation = math.sqrt(float(self.chances @ (variances + (self.means - self.mean) ** 2)))

    def times(self) -> Array:
        """Return the times at which these waits are worth a look: from the earliest to the rarest."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        last = float(np.max(self.means * np.exp(_HIGHEST * np.sqrt(self.logs))))
        about = self.mean + self.deviation * np.linspace(*_SIDES, _EVEN_TIMES)
        apart = np.geomspace(float(self.means.min()) * _EARLY, last, _LOG_TIMES)
        times = np.unique(np.concatenate((apart, about[(about > apart[0]) & (about < last)])))
        return _apart(times)

    def later(self, times: Array) -> Array:
        """Return the share that waits longer than each of these times."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        spreads = np.sqrt(self.logs)
        scores = (np.log(times)[:, None] - np.log(self.means) + self.logs / 2) / spreads
        shares: Array = normal.cdf_array(-scores) @ self.chances
        return shares


def _weighed(delay: BoundedDelay, found: Occupancy) -> Curve:
    """Return the wait where services are of any kind."""
    filling = delay.filling
    tables, servers = tables_of(filling.service), filling.servers
    usual = Delay(filling.service, servers, min(filling.busy, 0.5), delay.variation)
    first, spread = served_by(tables, tables.left ** (delay.own or first_of(usual)))
    queues = servers // delay.own if delay.own else 1
    turns = _Turns(found, first, tables.mean / servers, delay.variation, spread=spread, servers=servers, queues=queues)
    drawn = found.mean_wait / turns.mean if found.mean_wait > 0 else 1.0
    times = turns.times() * drawn
    later, mean = turns.later(times / drawn), turns.mean * drawn
    never, thinned = _thinned(delay) if filling.busy < 1 and filling.batch == 1 else (0.0, None)
    weight = never**_WEIGHT
    if thinned is not None:
        later = weight * (1 - within(thinned, times)) + (1 - weight) * later
        mean = weight * thinned.mean + (1 - weight) * mean
    return _with_mean(curve_of(times, later), mean)


def _thinned(delay: BoundedDelay) -> tuple[float, Curve | None]:
    """Return the share of waits in the queue without an end that leave no more behind than the places, and these.

    None where these are so few that they do not count.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    filling = delay.filling
    endless = Delay(filling.service, filling.servers, filling.busy, delay.variation, delay.own)
    curve = waits_of(endless)
    logs = np.linspace(curve.logs[0] - 3, min(curve.log_at(_HIGHEST), _LONGEST), _FINE)
    shares = within(curve, np.exp(logs))
    shares[0] = 0.0
    rate = filling.busy * filling.servers / filling.service.mean()
    middles = np.exp((logs[1:] + logs[:-1]) / 2)
    kept = np.diff(shares) * arrivals_below(filling.places, rate * middles)
    never = float(kept.sum())
    if never**_WEIGHT < _LIKELY:
        return 0.0, None
    if never >= 1 - _LIKELY:
        return 1.0, _with_mean(curve, endless.mean())
    thinned = curve_of(np.exp(logs[1:]), 1 - np.cumsum(kept) / never)
    return min(1.0, never / float(shares[-1])), _with_mean(thinned, mean_later(thinned, 0.0))


def arrivals_below(places: int, expected: Array) -> Array:
    """Return how likely fewer than so many arrive, for each expected number (Poisson); of very many by their cube root.

    That is Wilson and Hilferty's (1931), within 1e-4 from two hundred on.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if places > _FEW:
        by = 1 / (9 * places)
        scores = (np.cbrt(expected / places) - 1 + by) / math.sqrt(by)
        found: Array = normal.cdf_array(-scores)
        return found
    log, logs = -expected, np.log(expected)
    total: Array = np.exp(log)
    for count in range(1, places):
        log = log + logs - math.log(count)
        total = total + np.exp(log)
    return total


@lru_cache(maxsize=1024)
def waited_bounded(service: Service, delay: BoundedDelay, share: float) -> Curve:
    """Return the curve of wait and service together where a share of the requests waits; service varies."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    curve, served = delay.curve, tables_of(service)
    waits, works = ([each.quantile(q) for q in SHARES[::2]] for each in (delay, service))
    both = np.add.outer(np.array(waits), np.array(works)).ravel()
    times = np.unique(np.concatenate((np.exp(np.array(curve.logs[:: len(curve.logs) // 60 + 1])), works, both)))
    times = _apart(times)
    alone = spectra_of(lambda at: served.read(at, served.later), times)
    wait = spectra_of(lambda at: 1 - within(curve, at), times)
    return curve_of(times, survivals(alone * (1 - share + share * wait)))
