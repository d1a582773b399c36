"""The wait in a queue, from how long service takes and how busy the servers are.

Of one server it is exact (Pollaczek and Khinchine): who waits, waits for a geometric number of residual services, and
the transform of that is a fraction of the transform of one. Of several, all of them busy are taken for one that is so
many times as fast, after the first of their residual services has ended (Tijms, van Hoorn and Federgruen 1981). Two
things that leaves out are put right by constants fitted to simulations of 2 to 40 servers, 30 to 95% busy, with
lognormal services of a p99 of 2 to 30 medians; both vanish where they must, at one server and without memory:

- A long service blocks the server it runs on, not all of them. A residual counts for no more than the work that one
  server does in a few times the wait in question (`_reach`).
- Where services vary much, those that find all servers busy find longer ones: the first of the residuals ends later
  than that of so many at random (`_first`), and earlier where they vary little.

The distribution function is found at some fifty times, each with a transform of its own whose cells end there, and
joined by a monotone curve through (log time, normal score).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Protocol

from archboard.maths.distributions import normal
from archboard.maths.distributions.discrete import Constant
from archboard.maths.distributions.percentile_curve import Curve, joined
from archboard.maths.percentiles.kept_answers import of_times
from archboard.records import record, replace

if TYPE_CHECKING:
    from numpy import complex128, float64
    from numpy.typing import NDArray

    Array = NDArray[float64]
    Spectra = NDArray[complex128]

_TABLE = 8192  # times at which survivals are listed, over
_SPAN = 18.4  # logarithms either side of the mean
_CELLS = 512  # of each transform
_TILT = 14.0  # as in `percentiles.fourier`: what lies beyond the last cell folds back by 8e-7
_FIRST_CELL = 48  # points of the mean within the first cell
_REACH, _GROWTH, _FULLER = 1.3, 0.4, 0.35  # see `_reach`
_LATER = 0.75  # see `_first`
_JOINED, _MORE, _UNEVEN = 0.6, 1.2, 0.3  # see `_until_first`
_FEW = 2  # servers: of a single one and of a pair residuals count in full
_LONGEST, _FAR = 700.0, 10.0  # logarithms of seconds, and beyond the last time, that count
_RAREST = 2e-9  # survivals below this are rounding
_DENSE, _SPARSE = 4, 1  # times an octave: where it matters, and before
_MOST = 120  # times of a wait that runs over dozens of octaves
SHARES = (1e-3, 0.01, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.99, 0.999)


class Service(Protocol):
    """What is asked of the time of service."""

    def __hash__(self) -> int:
        """Return the same for the same time."""

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""

    def cdf_at(self, times: Array) -> Array:
        """Return the share of requests within each of these times, seconds."""

    def mean(self) -> float:
        """Return the mean, seconds."""

    def scaled(self, factor: float) -> Service:
        """Return the same with every time multiplied."""


@record
class Delay:
    """The wait of those that wait, before so many servers that are `busy` in 0..1; requests arrive at random.

    `variation` is the squared coefficient of variation of the service. Where each request joins the shortest of several
    queues, `own` is how many of the servers one of those has. Where `batch` come at once, it is the wait of the first
    of them to be served; with `ahead` that of the others from then on: how many go before, and how likely each is. With
    both, that of any one of them, where all of a batch wait with a chance `full`.
    """

    service: Service
    servers: int
    busy: float
    variation: float
    own: int = 0
    batch: int = 1
    ahead: tuple[tuple[int, float], ...] = ()
    full: float = 0.0

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return 0.0, math.inf

    def quantile(self, q: float) -> float:
        """Return the time that a share q of those that wait stays within, seconds."""
        return math.exp(min(waits_of(self).log_at(normal.quantile(q)), _LONGEST)) if q < 1 else math.inf

    def cdf(self, t: float) -> float:
        """Return the share within t seconds."""
        return normal.cdf(waits_of(self).z_at(math.log(t))) if t > 0 else 0.0

    def cdf_at(self, times: Array) -> Array:
        """Return the share within each of these times, seconds."""
        return within(waits_of(self), times)

    def mean(self) -> float:
        """Return the mean, seconds: exact for one server, to about 1e-3 for several."""
        if self.ahead:
            behind = self.service.mean() / self.servers * math.fsum(count * chance for count, chance in self.ahead)
            if self.batch == 1 or self._none >= 1:
                return behind
            return (behind + self.full * self._first.mean()) / (1 - self._none)
        if self.servers == 1:
            return self.service.mean() * (self.variation + self.batch) / 2 / (1 - self.busy)
        return of_times().of(self, "mean", (), (1,), lambda: (waits_of(self).mean,))[0]

    def mean_beyond(self, t: float) -> float:
        """Return what waits above t contribute to the mean, seconds."""
        return t * (1 - self.cdf(t)) + mean_later(waits_of(self), t)

    def scaled(self, factor: float) -> Delay | Constant:
        """Return the same with every time multiplied: as many servers are as busy as before."""
        if factor <= 0:
            return Constant(0.0)
        service = self.service.scaled(factor)
        return replace(self, service=service)

    @property
    def _first(self) -> Delay:
        """Of a batch the wait of the first to be served."""
        return replace(self, ahead=(), full=0.0)

    @property
    def _none(self) -> float:
        """The chance of one of a batch to be served at once."""
        return math.fsum(chance for count, chance in self.ahead if count == 0) - self.full / self.batch


def within(curve: Curve, times: Array) -> Array:
    """Return the shares within these times that a curve stands for."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    with np.errstate(divide="ignore"):
        logs = np.log(np.maximum(times, 0.0))
    return normal.cdf_array(curve.z_at_each(logs))


@lru_cache(maxsize=1024)
def waits_of(delay: Delay) -> Curve:
    """Return the curve of a wait, with its mean."""
    times = _times(delay)
    curve = curve_of(times, survivals(_of_waiting(delay, times)))
    return Curve(curve.logs, curve.zs, curve.slopes, mean_later(curve, 0.0))


@lru_cache(maxsize=1024)
def waited(service: Service, delay: Delay, share: float) -> Curve:
    """Return the curve of wait and service together where a share of the requests waits; service varies."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    times = np.unique(np.concatenate((_times(delay), [service.quantile(q) for q in SHARES])))
    tables, served, curve = tables_of(delay.service), tables_of(service), waits_of(delay)
    later = 1 - within(curve, tables.times)
    alone = spectra_of(lambda at: served.read(at, served.later), times)
    wait = spectra_of(lambda at: tables.read(at, later), times)
    return curve_of(times, survivals(alone * (1 - share + share * wait)))


def later_than(service: Service, delay: Delay, share: float, t: float) -> float:
    """Return the share of requests whose wait and service take longer than t > 0, without the curve where it can.

    Timeouts ask for one time only, at each load that is tried.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if delay.servers > _FEW:
        return normal.upper(waited(service, delay, share).z_at(math.log(t)))
    times, tables = np.array([t]), tables_of(service)
    alone = spectra_of(lambda at: tables.read(at, tables.later), times)
    (later,) = survivals(alone * (1 - share + share * _of_waiting(delay, times)))
    return min(max(float(later), 0.0), 1.0)


class Tables:
    """The survivals of a service, and of what is left of one under way, at times in equal steps of the logarithm."""

    def __init__(self, service: Service) -> None:
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        self.mean = service.mean()
        logs = np.linspace(-_SPAN, _SPAN, _TABLE) + math.log(self.mean)
        self.times: Array = np.exp(logs)
        self.later: Array = 1 - service.cdf_at(self.times)
        step = logs[1] - logs[0]
        left = np.append(_tail_sums(self.later * self.times) * step, 0.0)
        self.left: Array = left / (left[0] + self.times[0])

    def residual(self, times: Array) -> Array:
        """Return the share of services under way that last longer than these times from now on."""
        return self.read(times, self.left)

    def read(self, times: Array, listed: Array) -> Array:
        """Return what is listed for the table's times, at other times."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        read: Array = np.interp(times, self.times, listed, left=1.0, right=0.0)
        return read


@lru_cache(maxsize=256)
def tables_of(service: Service) -> Tables:
    """Return the survivors of a service, listed once."""
    return Tables(service)


def _tail_sums(heights: Array) -> Array:
    """Return the sums of the trapezia from each point on, of unit width."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    sums: Array = np.cumsum(((heights[1:] + heights[:-1]) / 2)[::-1])[::-1]
    return sums


def _times(delay: Delay) -> Array:
    """Return the times at which a wait is worked out: from far below the first end of a service to the rarest wait."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    tables, servers = tables_of(delay.service), delay.servers
    usual = tables.mean * (delay.batch + delay.variation) / 2 / (servers * (1 - delay.busy))
    usual = max(usual, tables.mean / servers * max((count for count, _ in delay.ahead), default=0) / 10)
    rare = float(np.interp(-1e-9, -tables.left, tables.times))
    reached = rare if delay.own else rare / servers if servers <= _FEW else 0.0
    first, last = tables.mean / servers / 30, max(25 * usual, reached, tables.mean)
    early = np.geomspace(first / 300, first, 10 * _SPARSE, endpoint=False)
    octaves = math.log2(last / first)
    times: Array = np.concatenate((early, np.geomspace(first, last, math.ceil(min(_DENSE * octaves, _MOST)) + 1)))
    return times


def _of_waiting(delay: Delay, times: Array) -> Spectra:
    """Return the transforms of the wait of those that wait, one a time.

    Of a batch that is under way as many are still to come as not; all servers together take them one after the other.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    tables = tables_of(delay.service)
    reach = _reach(delay)

    def residual(at: Array) -> Array:
        left = tables.residual(delay.servers * at)
        capped: Array = np.where(at > reach * times[:, None], 0.0, left)
        return capped

    if delay.ahead or delay.batch > 1:
        one = spectra_of(lambda at: tables.read(delay.servers * at, tables.later), times)
    if delay.ahead:
        behind: Spectra = np.sum([chance * one**count for count, chance in delay.ahead], axis=0)
        if delay.batch > 1:
            places = (1 - one**delay.batch) / (1 - one) / delay.batch
            waited = delay.full * places * (_of_waiting(delay._first, times) - 1)
            behind = (behind + waited - delay._none) / (1 - delay._none)
        return behind
    first = spectra_of(lambda at: _until_first(delay, tables.residual(at)), times)
    left = spectra_of(residual, times)
    if delay.batch > 1:
        rest = (1 - one**delay.batch) / (1 - one) / delay.batch
        first, left = first * rest, left * rest
    found: Spectra = first * (1 - delay.busy) / (1 - delay.busy * left)
    return found


def _reach(delay: Delay) -> float:
    """Return what a residual service counts for at most, over the wait in question."""
    varied = _varied(delay)
    if delay.servers <= _FEW or varied <= 0:
        return math.inf
    grown = delay.servers**_GROWTH * (0.2 / (1 - delay.busy)) ** _FULLER
    return float(_REACH * grown / varied / delay.servers)


def _until_first(delay: Delay, left: Array) -> Array:
    """Return the shares of waits for the first of the services under way to end, from those of a service that is left.

    Who has joined the shortest queue waits for one of its own servers; some, as if for any of all.
    """
    if not delay.own:
        first: Array = left ** first_of(delay)
        return first
    any_of_all = _JOINED * delay.busy**_MORE * (1 + _UNEVEN * _varied(delay))
    first = (1 - any_of_all) * left**delay.own + any_of_all * left**delay.servers
    return first


def first_of(delay: Delay) -> float:
    """Return of how many residual services at random the first one ends when one of the servers does."""
    others = delay.servers - 1
    return 1 + others * (1 - _LATER * others / delay.servers * _varied(delay))


def _varied(delay: Delay) -> float:
    """Return how much more a service varies than one without memory: (cs² − 1) ÷ (cs² + 1), −1 to 1."""
    return (delay.variation - 1) / (delay.variation + 1)


def spectra_of(survival: Callable[[Array], Array], times: Array) -> Spectra:
    """Return the tilted transforms of a time on grids that end half a cell beyond each of the times.

    What falls in a cell is put on its two edges so that its mean is kept: in the first one that of the survivals,
    in others that of a density which is a straight line.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    widths = times[:, None] / (_CELLS - 0.5)
    edges = survival(widths * np.arange(_CELLS + 1))
    cells = edges[:, :-1] - edges[:, 1:]
    parts = np.concatenate(([0.0], np.geomspace(1e-6, 1.0, _FIRST_CELL)))
    heights = survival(widths * parts) - edges[:, 1:2]
    area = np.sum((heights[:, 1:] + heights[:, :-1]) / 2 * np.diff(parts), axis=1)
    up = cells / 2
    up[:, 0] = np.clip(area, 0.0, cells[:, 0])
    up[:, 1:-1] += np.clip((cells[:, 2:] - cells[:, :-2]) / 24, -cells[:, 1:-1] / 4, cells[:, 1:-1] / 4)
    masses = cells - up
    masses[:, 1:] += up[:, :-1]
    found: Spectra = np.fft.rfft(masses * _tilts(), axis=1)
    return found


def survivals(spectra: Spectra) -> Array:
    """Return the shares beyond the times that transforms end at."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    shares: Array = 1 - np.sum(np.fft.irfft(spectra, _CELLS, axis=1) / _tilts(), axis=1)
    return shares


_ENDS, _NARROW, _WIDE = 2, 1e-6, 8.0
"""Points that a curve has at least; of one that has no width, its ends: in logarithms of seconds, and as scores."""


@lru_cache(maxsize=1)
def _tilts() -> Array:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    tilts: Array = np.exp(-_TILT / _CELLS * np.arange(_CELLS))
    return tilts


def curve_of(times: Array, later: Array) -> Curve:
    """Return the monotone curve through survivals at times; those that are rounding are left out."""
    points: list[tuple[float, float]] = []
    for time, share in zip(times.tolist(), later.tolist(), strict=True):
        if _RAREST < share < 1 - _RAREST:
            score = -normal.quantile(share)
            if not points or score > points[-1][1] + 1e-9:
                points.append((math.log(time), score))
    if len(points) < _ENDS:  # nothing in between to be seen: all that there is of it lies at one time
        at = points[0][0] if points else math.log(times[0])
        points = [(at - _NARROW, -_WIDE), (at + _NARROW, _WIDE)]
    return joined(tuple(log for log, _ in points), tuple(score for _, score in points))


def mean_later(curve: Curve, t: float) -> float:
    """Return ∫ (1 − F) from t on, by the trapezoidal rule in log time."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    first, last = math.exp(curve.logs[0] - 10), math.exp(min(curve.log_at(8.0), curve.logs[-1] + _FAR))
    first = max(first, t)
    if first >= last:
        return 0.0
    times = np.geomspace(first, last, _TABLE)
    later = 1 - within(curve, times)
    return first - t + float(np.dot(np.diff(times), later[1:] + later[:-1])) / 2
