"""A wait in a queue and the service after it, as one time."""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING, Protocol

from archboard.maths.distributions import normal
from archboard.maths.distributions.bounded import BoundedDelay, waited_bounded
from archboard.maths.distributions.discrete import Constant
from archboard.maths.distributions.percentile_curve import Curve, unit_nodes
from archboard.maths.distributions.waiting import Delay, Service, later_than, waited, within
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


class Waiting(Protocol):
    """What is asked of the wait of those that wait."""

    def __hash__(self) -> int:
        """Return the same for the same wait."""

    def quantile(self, q: float) -> float:
        """Return the time that a share q of them stays within, seconds."""

    def cdf(self, t: float) -> float:
        """Return the share of them within t seconds."""

    def mean(self) -> float:
        """Return their mean, seconds."""

    def scaled(self, factor: float) -> Waiting:
        """Return the same with every time multiplied."""


@record
class Queued:
    """A wait in a queue and then a service: a share of the requests waits.

    A `Delay` and a service that varies are one curve, to about 1e-3; a wait without memory is an integral, to 1e-9.
    """

    service: Service
    share: float
    wait: Waiting

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return self.service.support[0], math.inf

    @property
    def curve(self) -> Curve | None:
        """The curve of the whole, where it has one."""
        if not self.service.is_random:
            return None
        if isinstance(self.wait, BoundedDelay):
            return waited_bounded(self.service, self.wait, self.share)
        return waited(self.service, self.wait, self.share) if isinstance(self.wait, Delay) else None

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""
        return _quantile(self, q)

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds: those that do not wait, and those whose wait leaves time.

        The second is an integral over the waits, cut where the wait's and the service's scales end.
        """
        least = self.service.support[0]
        if t < least:
            return 0.0
        if not self.service.is_random:
            return 1 - self.share * (1 - self.wait.cdf(t - least))
        if isinstance(self.wait, Delay):
            return 1 - later_than(self.service, self.wait, self.share, t) if t > 0 else 0.0
        if self.curve is not None:
            return normal.cdf(self.curve.z_at(math.log(t))) if t > 0 else 0.0
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        wait = self.wait.mean()
        nodes, weights = (np.array(each) for each in unit_nodes(_PANELS))
        first = min(t / 2, _PAST * wait)
        cuts = (0.0, first, max(first, t - 2 * self.service.quantile(0.9999)), t)
        passed = np.concatenate([low + (high - low) * nodes for low, high in pairwise(cuts)])
        density = np.concatenate([(high - low) * weights for low, high in pairwise(cuts)])
        density *= np.exp(-passed / wait) / wait
        inside = float(np.dot(density, self.service.cdf_at(t - passed)))
        return (1 - self.share) * self.service.cdf(t) + self.share * inside

    def cdf_at(self, times: Array) -> Array:
        """Return the share of requests within each of these times, seconds; of many to about 1e-5."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        curve = self.curve
        if curve is not None:
            return within(curve, times)
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
        return self.service.mean() + self.share * self.wait.mean()

    def scaled(self, factor: float) -> Queued | Constant:
        """Return the same with every time multiplied, the wait too: as many servers are as busy as before."""
        if factor <= 0:
            return Constant(0.0)
        return Queued(self.service.scaled(factor), self.share, self.wait.scaled(factor))


@lru_cache(maxsize=4096)
def _quantile(time: Queued, q: float) -> float:
    if q >= 1:
        return math.inf
    (found,) = of_times().of(time, "quantile", (q,), (1,), lambda: (_solved(time, q),))
    return found


def _solved(time: Queued, q: float) -> float:
    """Return a quantile: bisection between the service's own and where service and wait each exceed half of 1 − q."""
    curve = time.curve
    if curve is not None:
        return math.exp(min(curve.log_at(normal.quantile(q)), 700.0))
    if not time.service.is_random:
        waits = (q - (1 - time.share)) / time.share
        return time.service.support[0] + (time.wait.quantile(waits) if waits > 0 else 0.0)
    low = time.service.quantile(q)
    high = _beyond(time, 1 - q)
    while high - low > 1e-10 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if time.cdf(middle) >= q else (middle, high)
    return high


def _beyond(time: Queued, share: float) -> float:
    """Return a time that at most this share of requests exceeds: service and wait each exceed half of it."""
    waits = time.wait.mean() * max(0.0, math.log(2 * time.share / share))
    return time.service.quantile(1 - share / 2) + waits


@lru_cache(maxsize=256)
def _curve(time: Queued) -> tuple[Array, Array]:
    """Return knots of the distribution function: logarithms of times, and normal scores."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    low, high = max(time.service.quantile(1e-9), 1e-300), _beyond(time, _RARE)
    logs: Array = np.linspace(math.log(low), math.log(high), _KNOTS)
    shares = (min(max(time.cdf(math.exp(log)), 1e-15), 1 - 1e-15) for log in logs)
    scores: Array = np.array([normal.quantile(share) for share in shares])
    return logs, scores
