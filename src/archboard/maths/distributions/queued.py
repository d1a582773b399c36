"""A wait in a queue and the service after it, as one time."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from archboard.maths.distributions import normal
from archboard.maths.distributions.discrete import Constant
from archboard.maths.distributions.percentile_curve import unit_nodes
from archboard.maths.percentiles.kept_answers import of_times
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]

_PANELS = 16  # of each part of the integral over waits
_PAST = 40.0  # means of an exponential beyond which nothing of it is left
_KNOTS = 256  # of the curve that many times are read off
_RARE = 1e-12  # the share beyond the last knot
_FEW = 48  # times that are worked out one by one


class Service(Protocol):
    """What is asked of the time of service: any distribution but a `Queued` answers it."""

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
class Queued:
    """A wait in a queue and then a service: a share of the requests waits, exponentially, with a mean in seconds."""

    service: Service
    share: float
    wait: float

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return self.service.support[0], math.inf

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds, to about 1e-9."""
        return _quantile(self, q)

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds: those that do not wait, and those whose wait leaves time.

        The second is an integral over the waits, to about 1e-9, cut where the wait's and the service's scales end.
        """
        least = self.service.support[0]
        if t < least:
            return 0.0
        if not self.service.is_random:
            return 1 - self.share * math.exp(-(t - least) / self.wait)
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        nodes, weights = (np.array(each) for each in unit_nodes(_PANELS))
        first = min(t / 2, _PAST * self.wait)
        cuts = (0.0, first, max(first, t - 2 * self.service.quantile(0.9999)), t)
        waited = np.concatenate([low + (high - low) * nodes for low, high in pairwise(cuts)])
        density = np.concatenate([(high - low) * weights for low, high in pairwise(cuts)])
        density *= np.exp(-waited / self.wait) / self.wait
        within = float(np.dot(density, self.service.cdf_at(t - waited)))
        return (1 - self.share) * self.service.cdf(t) + self.share * within

    def cdf_at(self, times: Array) -> Array:
        """Return the share of requests within each of these times, seconds; of many to about 1e-5."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        if times.size <= _FEW or not self.service.is_random:
            each: Array = np.array([self.cdf(float(t)) for t in times.flat]).reshape(times.shape)
            return each
        logs, scores = _curve(self)
        with np.errstate(divide="ignore"):
            places = np.log(np.maximum(times, 0.0))
        shares = normal.cdf_array(np.interp(places, logs, scores))
        inside: Array = np.where(places < logs[0], 0.0, np.where(places > logs[-1], 1.0, shares))
        return inside

    def mean(self) -> float:
        """Return the mean, seconds."""
        return self.service.mean() + self.share * self.wait

    def scaled(self, factor: float) -> Queued | Constant:
        """Return the same with every time multiplied, the wait too: as many servers are as busy as before."""
        return Queued(self.service.scaled(factor), self.share, self.wait * factor) if factor > 0 else Constant(0.0)


@lru_cache(maxsize=4096)
def _quantile(time: Queued, q: float) -> float:
    if q >= 1:
        return math.inf
    (found,) = of_times().of(time, "quantile", (q,), (1,), lambda: (_solved(time, q),))
    return found


def _solved(time: Queued, q: float) -> float:
    """Return a quantile: bisection between the service's own and where service and wait each exceed half of 1 − q."""
    low = time.service.quantile(q)
    high = _beyond(time, 1 - q)
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if time.cdf(middle) >= q else (middle, high)
    return high


def _beyond(time: Queued, share: float) -> float:
    """Return a time that at most this share of requests exceeds: service and wait each exceed half of it."""
    return time.service.quantile(1 - share / 2) + time.wait * max(0.0, math.log(2 * time.share / share))


@lru_cache(maxsize=256)
def _curve(time: Queued) -> tuple[Array, Array]:
    """Return knots of the distribution function: logarithms of times, and normal scores."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    low, high = max(time.service.quantile(1e-9), 1e-300), _beyond(time, _RARE)
    logs: Array = np.linspace(math.log(low), math.log(high), _KNOTS)
    shares = (min(max(time.cdf(math.exp(log)), 1e-15), 1 - 1e-15) for log in logs)
    scores: Array = np.array([normal.quantile(share) for share in shares])
    return logs, scores
