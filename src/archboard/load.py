"""A load: a demand and a capacity into whether the one fits the other, and how many replicas it takes.

The only place that compares the two. Both come out of long products, so that 300/s of 3 × 100/s may be the last bit
more than all of it; one tolerance decides, and checks, script, questions and pictures agree on what is too much. What
carries need not be replicas: the limit of a gateway and the memory of a GPU are capacities too.
"""

from __future__ import annotations

import math

from archboard.records import record

TOLERANCE = 1e-6
"""How much one rate may exceed another, relative, and count as no more."""


def exceeds(rate: float, other: float) -> bool:
    """Whether one rate is more than another by more than rounding."""
    return rate > other * (1 + TOLERANCE)


def same(rate: float, other: float) -> bool:
    """Whether two rates are one but for rounding."""
    return not exceeds(rate, other) and not exceeds(other, rate)


def whole(rate: float) -> int:
    """Return the whole rate at or under one; a hair under a whole one is that, and never more than rounding beyond."""
    return math.floor(rate * (1 + TOLERANCE / 2))


@record
class Load:
    """What is asked of something and what it carries, both per second, or both in bytes.

    `queued` says that what waits in front is worked out (its latency is service time): then it is too much already
    where nothing is left, for such a queue has no end.
    """

    demand: float
    capacity: float
    queued: bool = False

    @property
    def utilisation(self) -> float:
        """Demand ÷ capacity; infinite where something is asked and nothing carried, 0 of nothing."""
        if self.capacity > 0:
            return self.demand / self.capacity
        return math.inf if self.demand > 0 else 0.0

    @property
    def over(self) -> bool:
        """Whether more is asked than it carries."""
        return self.full if self.queued else exceeds(self.demand, self.capacity)

    @property
    def full(self) -> bool:
        """Whether nothing is left: something is asked, and it is all that it carries, or more."""
        return self.demand > 0 and not exceeds(self.capacity, self.demand)

    @property
    def room(self) -> str:
        """How it fares: `short` of capacity, `exact` where it is full and not over, `enough` otherwise."""
        return "short" if self.over else "exact" if self.full else "enough"

    def beyond(self, target: float) -> bool:
        """Whether it is fuller than a target, a fraction of the capacity."""
        return exceeds(self.demand, self.capacity * target)

    def replicas(self, target: float = 1.0, running: float = 1.0) -> float:
        """Return the fewest replicas that carry it at a target, at least 1, where `running` of them are the capacity.

        Infinite where no number does. A hair over a whole number is rounding, and buys no further one.
        """
        if self.demand <= 0:
            return 1.0
        if self.capacity <= 0 or target <= 0:
            return math.inf
        exact = self.demand / self.capacity * running
        least = max(exact / target / (1 + TOLERANCE), exact * (1 + TOLERANCE) if self.queued else 1.0)
        if not math.isfinite(least):
            return math.inf
        count = float(math.ceil(least))
        if not self._fits(count, target, running):
            return count + 1
        return count - 1 if count > 1 and self._fits(count - 1, target, running) else count

    def fitted(self, rate: float) -> float:
        """Return what a rate that the demand follows may be for the demand to be the capacity."""
        return rate * self.capacity / self.demand

    def _fits(self, count: float, target: float, running: float) -> bool:
        other = Load(self.demand, self.capacity * (count / running), self.queued)
        return not other.over and not other.beyond(target)
