"""The latency of one hop, from what a design says of it to a distribution.

Nine forms, a closed union. Every form answers `quantile`, `cdf`, `cdf_at` (arrays), `mean`,
`support`, `is_random` and `scaled`; times are seconds, probabilities 0 to 1. Lognormal is the default
because two percentiles fix it and measured latencies look like it; three or more percentiles are followed
exactly (`Quantiles`) and keep the lognormal only for the tails beyond the outermost.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from archboard.maths.distributions import normal
from archboard.maths.distributions.bounded import BoundedDelay
from archboard.maths.distributions.copula import Tied
from archboard.maths.distributions.discrete import ROUNDING, Constant, Discrete
from archboard.maths.distributions.percentile_curve import Curve, curve_through
from archboard.maths.distributions.queued import Queued
from archboard.maths.distributions.waiting import Delay
from archboard.maths.search import least
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

__all__ = [
    "BoundedDelay", "Constant", "Delay", "Discrete", "Distribution", "Exponential", "Lognormal", "Mixture", "Quantiles",
    "Queued", "Uniform",
]  # fmt: skip


@record
class Lognormal:
    """The logarithm of the time in seconds is normal with mean `mu` and deviation `sigma` > 0."""

    mu: float
    sigma: float

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return 0.0, math.inf

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""
        return _exp(self.mu + self.sigma * normal.quantile(q))

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return normal.cdf((math.log(t) - self.mu) / self.sigma) if t > 0 else 0.0

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        return normal.cdf_array((_log(times) - self.mu) / self.sigma)

    def mean(self) -> float:
        """Return the mean, seconds: exp(mu + sigma²/2)."""
        return _exp(self.mu + self.sigma**2 / 2)

    def mean_beyond(self, t: float) -> float:
        """Return what times above t > 0 contribute to the mean, seconds."""
        return self.mean() * normal.upper((math.log(t) - self.mu) / self.sigma - self.sigma)

    def scaled(self, factor: float) -> Distribution:
        """Return the same with every time multiplied."""
        return Lognormal(self.mu + math.log(factor), self.sigma) if factor > 0 else Constant(0.0)


@record
class Quantiles:
    """Three or more measured percentiles, (q, seconds) ascending in both, followed exactly.

    Between them a monotone cubic of the normal quantile in the log latency (Fritsch and Carlson 1980);
    beyond them the lognormal through the two outermost.
    """

    points: tuple[tuple[float, float], ...]

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return 0.0, math.inf

    @property
    def _curve(self) -> Curve:
        return curve_through(self.points)

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""
        return _exp(self._curve.log_at(normal.quantile(q)))

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return normal.cdf(self._curve.z_at(math.log(t))) if t > 0 else 0.0

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        return normal.cdf_array(self._curve.z_at_each(_log(times)))

    def mean(self) -> float:
        """Return the mean, seconds, to about 1e-9 relative."""
        return self._curve.mean

    def mean_beyond(self, t: float) -> float:
        """Return what times above t, from the last percentile on, contribute to the mean, seconds."""
        return self._curve.mean_beyond(math.log(t))

    def scaled(self, factor: float) -> Distribution:
        """Return the same with every time multiplied."""
        if factor <= 0:
            return Constant(0.0)
        return Quantiles(tuple((q, seconds * factor) for q, seconds in self.points))


@record
class Uniform:
    """Any time from `low` to `high` seconds, equally likely; low < high."""

    low: float
    high: float

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return self.low, self.high

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""
        return self.low + (self.high - self.low) * min(max(q, 0.0), 1.0)

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return min(max((t - self.low) / (self.high - self.low), 0.0), 1.0)

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        return ((times - self.low) / (self.high - self.low)).clip(0.0, 1.0)

    def mean(self) -> float:
        """Return the mean, seconds."""
        return (self.low + self.high) / 2

    def mean_beyond(self, t: float) -> float:
        """Return what times above t contribute to the mean, seconds."""
        above = min(max(t, self.low), self.high)
        return (self.high - above) * (self.high + above) / 2 / (self.high - self.low)

    def scaled(self, factor: float) -> Distribution:
        """Return the same with every time multiplied."""
        return Uniform(self.low * factor, self.high * factor) if factor > 0 else Constant(0.0)


@record
class Exponential:
    """Memoryless with a mean > 0 in seconds: an M/M/1 sojourn, a published example."""

    mean_seconds: float

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        return 0.0, math.inf

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""
        return -self.mean_seconds * math.log1p(-q) if q < 1 else math.inf

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return -math.expm1(-t / self.mean_seconds) if t > 0 else 0.0

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        shares: NDArray[float64] = -np.expm1(-np.maximum(times, 0.0) / self.mean_seconds)
        return shares

    def mean(self) -> float:
        """Return the mean, seconds."""
        return self.mean_seconds

    def mean_beyond(self, t: float) -> float:
        """Return what times above t > 0 contribute to the mean, seconds."""
        return (t + self.mean_seconds) * math.exp(-t / self.mean_seconds)

    def scaled(self, factor: float) -> Distribution:
        """Return the same with every time multiplied."""
        return Exponential(self.mean_seconds * factor) if factor > 0 else Constant(0.0)


@record
class Mixture:
    """One of several distributions, by chance: (probability, distribution), summing to 1.

    Its percentiles are read from the mixed curve; averaging the parts' percentiles would be wrong.
    """

    parts: tuple[tuple[float, Distribution], ...]

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        low, high = self.support
        return low < high

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        ranges = [part.support for probability, part in self.parts if probability > 0]
        return min(low for low, _ in ranges), max(high for _, high in ranges)

    def quantile(self, q: float) -> float:
        """Return the least time that a share q of requests stays within, seconds."""
        times = [part.quantile(q) for probability, part in self.parts if probability > 0]
        return least(lambda t: self.cdf(t) >= q - ROUNDING * (1 - q), min(times), max(times))

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return min(math.fsum(probability * part.cdf(t) for probability, part in self.parts), 1.0)

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        shares = 0.0 * times
        for probability, part in self.parts:
            shares += probability * part.cdf_at(times)
        return shares.clip(0.0, 1.0)

    def mean(self) -> float:
        """Return the mean, seconds."""
        return math.fsum(probability * part.mean() for probability, part in self.parts)

    def scaled(self, factor: float) -> Mixture:
        """Return the same with every time multiplied."""
        return Mixture(tuple((probability, part.scaled(factor)) for probability, part in self.parts))


Distribution = (
    Constant | Lognormal | Quantiles | Uniform | Exponential | Discrete | Mixture | Queued | Delay | BoundedDelay | Tied
)


def _exp(x: float) -> float:
    return math.exp(x) if x < 709.78 else math.inf


def _log(times: NDArray[float64]) -> NDArray[float64]:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    with np.errstate(divide="ignore"):
        logs: NDArray[float64] = np.log(np.maximum(times, 0.0))
    return logs
