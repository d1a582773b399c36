"""Time, servers and queues: the part of the simulation that knows nothing of designs.

A clock is a heap of what is still to happen. A station works on what reaches it, each for a time drawn at random: on as
many at once as it has places, the rest waiting first come first served, or, without places, on all that come.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from heapq import heappop, heappush
from statistics import NormalDist

import numpy as np

from archboard.design.model import Latency

Action = Callable[[], None]
Draw = Callable[[], float]
Distribution = Callable[[np.random.Generator, int], np.ndarray]
"""Draws so many times in seconds at once."""

BLOCK = 4096


class Clock:
    """What happens next happens now; of two things at one moment the first planned comes first."""

    def __init__(self) -> None:
        self.now = 0.0
        self._planned: list[tuple[float, int, Action]] = []
        self._count = 0
        self._stopped = False

    def after(self, seconds: float, action: Action) -> None:
        """Plan something for so many seconds from now."""
        self._count += 1
        heappush(self._planned, (self.now + seconds, self._count, action))

    def stop(self) -> None:
        """Let nothing more happen, whatever is planned."""
        self._stopped = True

    def run(self) -> None:
        """Let everything happen until nothing is planned any more."""
        planned = self._planned
        while planned and not self._stopped:
            self.now, _, action = heappop(planned)
            action()


Worked = Callable[[Action], None]
"""What goes on once something is worked on: it is given what leaves the place that was taken."""


class Station:
    """A component at work, or a hop. Counts its visits and seconds of work, each for the batch of its request.

    Of those that find no place free at most `room` wait; the others are refused, and counted.
    """

    def __init__(
        self, clock: Clock, draw: Draw | None, places: int | None, batches: int, room: float = math.inf
    ) -> None:
        self.visits = [0] * batches
        self.refused = [0] * batches
        self._room = room
        self.seconds = [0.0] * batches
        self._clock = clock
        self._draw = draw
        self._free = math.inf if places is None else places
        self._working = 0
        self._queue: deque[tuple[int, Worked]] = deque()

    def work(self, batch: int, done: Action, refused: Action = lambda: None) -> None:
        """Work on a request as soon as a place is free, then leave the place and go on."""

        def leave(free: Action) -> None:
            free()
            done()

        self.hold(batch, leave, refused)

    def hold(self, batch: int, worked: Worked, refused: Action = lambda: None) -> None:
        """Work on a request as soon as a place is free; `worked` is given what leaves the place."""
        self.visits[batch] += 1
        if self._draw is None:
            worked(lambda: None)
        elif self._free > 0:
            self._begin(batch, worked)
        elif len(self._queue) < self._room:
            self._queue.append((batch, worked))
        else:
            self.refused[batch] += 1
            refused()

    @property
    def inside(self) -> int:
        """How many requests are at work or waiting."""
        return self._working + len(self._queue)

    def _begin(self, batch: int, worked: Worked) -> None:
        assert self._draw is not None
        begun = self._clock.now
        self._free -= 1
        self._working += 1
        self._clock.after(self._draw(), lambda: worked(lambda: self._leave(batch, begun)))

    def _leave(self, batch: int, begun: float) -> None:
        self.seconds[batch] += self._clock.now - begun
        self._free += 1
        self._working -= 1
        if self._queue:
            self._begin(*self._queue.popleft())


class Balanced:
    """Replicas with a queue each: a request joins one at random, in turn or where the fewest are, and stays there."""

    def __init__(self, replicas: Sequence[Station], way: str, chance: Draw) -> None:
        self._replicas = replicas
        self._way = way
        self._chance = chance
        self._turn = -1

    @property
    def visits(self) -> list[int]:
        """Visits of all replicas, by batch."""
        return [sum(each) for each in zip(*(replica.visits for replica in self._replicas), strict=True)]

    @property
    def seconds(self) -> list[float]:
        """Seconds of work of all replicas, by batch."""
        return [sum(each) for each in zip(*(replica.seconds for replica in self._replicas), strict=True)]

    @property
    def refused(self) -> list[int]:
        """Requests that any of the replicas refused, by batch."""
        return [sum(each) for each in zip(*(replica.refused for replica in self._replicas), strict=True)]

    def work(self, batch: int, done: Action, refused: Action = lambda: None) -> None:
        """Work on a request at one of the replicas, then go on."""
        self._joined().work(batch, done, refused)

    def hold(self, batch: int, worked: Worked, refused: Action = lambda: None) -> None:
        """Work on a request at one of the replicas; `worked` is given what leaves its place."""
        self._joined().hold(batch, worked, refused)

    def _joined(self) -> Station:
        replicas = self._replicas
        if self._way == "round robin":
            self._turn = (self._turn + 1) % len(replicas)
            return replicas[self._turn]
        if self._way == "least loaded":
            fewest = min(replica.inside for replica in replicas)
            replicas = [replica for replica in replicas if replica.inside == fewest]
        return replicas[int(self._chance() * len(replicas))]


def one_by_one(distribution: Distribution, dice: np.random.Generator) -> Draw:
    """Return a function that gives the next of the times drawn."""

    def times() -> Iterator[float]:
        while True:
            yield from distribution(dice, BLOCK).tolist()

    return times().__next__


def chances(dice: np.random.Generator) -> Draw:
    """Return a function that gives the next of numbers drawn evenly from 0 to 1."""
    return one_by_one(lambda dice, count: dice.random(count), dice)


def pick(thrown: float, weights: Sequence[float]) -> int:
    """Return which of several alternatives a number from 0 to 1 falls on."""
    left = thrown * sum(weights)
    for at, weight in enumerate(weights):
        left -= weight
        if left < 0:
            return at
    return len(weights) - 1


def exponential(mean: float) -> Distribution:
    """Return the times of a process without memory, `mean` in seconds."""
    return lambda dice, count: dice.exponential(mean, count)


def distribution_of(latency: Latency | None, tail: float) -> Distribution | None:
    """Return what a latency says is drawn: evenly from a range, else lognormal; None where it takes no time.

    Two percentiles fix a lognormal; a single one does with an assumed p99 of `tail` medians.
    """
    if latency is None:
        return None
    if latency.is_range:
        return lambda dice, count: dice.uniform(latency.low, latency.high, count)
    if latency.percentiles[0][1] <= 0:
        return None
    assert len(latency.percentiles) <= 2, "how three percentiles are joined is a choice, not a fact to be simulated"
    mu, sigma = lognormal(latency, tail)
    return lambda dice, count: dice.lognormal(mu, sigma, count)


def lognormal(latency: Latency, tail: float) -> tuple[float, float]:
    """Return the mean and deviation of the logarithm of a latency in seconds."""
    z = NormalDist().inv_cdf
    q, seconds = latency.percentiles[-1]
    if latency.assumed:
        sigma = math.log(tail) / z(0.99)
    else:
        below, less = latency.percentiles[0]
        sigma = math.log(seconds / less) / (z(q) - z(below))
    return math.log(seconds) - sigma * z(q), sigma


def mean_of(latency: Latency, tail: float) -> float:
    """Return the mean of a latency in seconds."""
    if latency.is_range:
        return (latency.low + latency.high) / 2
    mu, sigma = lognormal(latency, tail)
    return math.exp(mu + sigma**2 / 2)
