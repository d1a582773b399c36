"""Times that take finitely many values: always the same one, or one of a few."""

from __future__ import annotations

import math
from itertools import accumulate
from typing import TYPE_CHECKING

from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

ROUNDING = 1e-12  # sums of probabilities are equal up to this


@record
class Constant:
    """Always the same time."""

    seconds: float

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        return False

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds; the longest may be infinite."""
        return self.seconds, self.seconds

    def quantile(self, q: float) -> float:
        """Return the time that a share q of requests stays within, seconds."""
        return self.seconds

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return 1.0 if t >= self.seconds else 0.0

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        return (times >= self.seconds).astype(float)

    def mean(self) -> float:
        """Return the mean, seconds."""
        return self.seconds

    def scaled(self, factor: float) -> Constant:
        """Return the same with every time multiplied."""
        return Constant(self.seconds * factor)


@record
class Discrete:
    """Finitely many times: (probability, seconds), the probabilities summing to 1."""

    masses: tuple[tuple[float, float], ...]

    @property
    def is_random(self) -> bool:
        """Whether it varies at all."""
        low, high = self.support
        return low < high

    @property
    def support(self) -> tuple[float, float]:
        """The shortest and the longest time, seconds."""
        times = [seconds for probability, seconds in self.masses if probability > 0]
        return min(times), max(times)

    def quantile(self, q: float) -> float:
        """Return the least time that a share q of requests stays within, seconds."""
        ascending = sorted((seconds, probability) for probability, seconds in self.masses if probability > 0)
        totals = accumulate(probability for _, probability in ascending)
        reached = (s for (s, _), total in zip(ascending, totals, strict=True) if total >= q - ROUNDING)
        return next(reached, ascending[-1][0])

    def cdf(self, t: float) -> float:
        """Return the share of requests within t seconds."""
        return min(math.fsum(probability for probability, seconds in self.masses if seconds <= t), 1.0)

    def cdf_at(self, times: NDArray[float64]) -> NDArray[float64]:
        """Return the share of requests within each of these times, seconds."""
        shares = 0.0 * times
        for probability, seconds in self.masses:
            shares += probability * (times >= seconds)
        return shares.clip(0.0, 1.0)

    def mean(self) -> float:
        """Return the mean, seconds."""
        return math.fsum(probability * seconds for probability, seconds in self.masses)

    def scaled(self, factor: float) -> Discrete:
        """Return the same with every time multiplied."""
        return Discrete(tuple((probability, seconds * factor) for probability, seconds in self.masses))
