"""How far a simulation can be trusted: intervals by batch means.

A run is cut into batches that are each long beside whatever one request leaves to the next, so that their means are
nearly independent and nearly normal (Law & Kelton, *Simulation Modeling and Analysis*, on batch means).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

BATCHES = 20
ROUNDING = 1e-9
STUDENT = 3.883
"""Student's t with 19 degrees of freedom, exceeded on either side by one run in two thousand: 99.9% intervals."""
UNSEEN = 7.6
"""Of what never happened in n requests at most so many are to be expected in n others: ln 2000, for the same 99.9%."""


@dataclass(frozen=True, slots=True)
class Interval:
    """Where a number lies, as far as the run can tell."""

    low: float
    high: float

    def __contains__(self, value: float) -> bool:
        return self.low <= value <= self.high

    def __str__(self) -> str:
        return f"{self.low:.6g} … {self.high:.6g}"

    @property
    def middle(self) -> float:
        """The number itself."""
        return (self.low + self.high) / 2

    def widened(self, fraction: float) -> Interval:
        """Return it with room for something known to be approximate, a fraction of its middle on either side."""
        room = fraction * abs(self.middle)
        return Interval(self.low - room, self.high + room)


def of_batches(values: Sequence[float]) -> Interval:
    """Return where the mean of equally long batches lies; of what never varied, but for rounding, it is certain."""
    assert len(values) == BATCHES
    mean = float(np.mean(values))
    half = STUDENT * float(np.std(values, ddof=1)) / math.sqrt(BATCHES)
    return Interval(mean - half, mean + half).widened(ROUNDING)


def of_mean(times: np.ndarray) -> Interval:
    """Return where the mean of times in the order of their requests lies."""
    return of_batches([float(batch.mean()) for batch in np.array_split(times, BATCHES)])


def of_percentile(times: np.ndarray, q: float) -> Interval:
    """Return where a percentile lies: between those as much more and less likely as the share below it is in doubt."""
    below = of_batches([float(np.mean(batch <= np.quantile(times, q))) for batch in np.array_split(times, BATCHES)])
    doubt = (below.high - below.low) / 2
    low, high = np.quantile(times, [max(q - doubt, 0.0), min(q + doubt, 1.0)])
    return Interval(float(low), float(high)).widened(ROUNDING)
