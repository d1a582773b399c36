"""The time of a hop once it is known how slow the day is: a distribution seen through a Gaussian copula.

The hop's normal score is √ρ·z + √(1 − ρ)·x, with z common to all hops and x its own; given z, F becomes
Φ((Φ⁻¹(F(t)) − √ρ·z)/√(1 − ρ)). A lognormal stays one (see `correlation`); this is for those that do not.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Protocol

from archboard.maths.distributions import normal
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

_FARTHEST = 1e-12  # of probability: what lies farther out adds nothing to a mean
_POINTS = 400  # of a mean, evenly spaced in the logarithm of the time: about 1e-4


class Whole(Protocol):
    """What is asked of the distribution that is seen through: any in `distribution` answers it."""

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""


@record
class Tied:
    """A time given the common factor z; `correlation` ρ lies inside 0 < ρ < 1."""

    whole: Whole
    factor: float
    correlation: float
    scale: float = 1.0

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return True

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        low, high = self.whole.support
        return low * self.scale, high * self.scale

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""
        score = self._common + self._own * normal.quantile(q)
        return self.scale * self.whole.quantile(normal.cdf(score))

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return normal.cdf((normal.quantile(self.whole.cdf(t / self.scale)) - self._common) / self._own)

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        scores = normal.quantile_array(self.whole.cdf_at(times / self.scale))
        return normal.cdf_array((scores - self._common) / self._own)

    def mean(self) -> float:
        """Return the mean, seconds, to about 1e-4."""
        least = self.quantile(_FARTHEST)
        return least + self._later_than(least)

    def mean_beyond(self, t: float) -> float:
        """Return what times above t contribute to the mean, seconds."""
        return t * (1 - self.cdf(t)) + self._later_than(t)

    def scaled(self, factor: float) -> Tied:
        """Return the same with every time multiplied by a factor > 0."""
        return Tied(self.whole, self.factor, self.correlation, self.scale * factor)

    @property
    def _common(self) -> float:
        return math.sqrt(self.correlation) * self.factor

    @property
    def _own(self) -> float:
        return math.sqrt(1 - self.correlation)

    def _later_than(self, t: float) -> float:
        """Return ∫ (1 − F) from t on, by the trapezoidal rule in log time."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        last = self.quantile(1 - _FARTHEST)
        first = max(t, last * _FARTHEST)
        if first >= last:
            return 0.0
        times = np.geomspace(first, last, _POINTS)
        shares = 1 - self.cdf_at(times)
        return first - t + float(np.dot(np.diff(times), shares[1:] + shares[:-1])) / 2
