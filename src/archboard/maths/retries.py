"""Timeouts and retries: how many attempts a request makes, how long it waits, and what that does to the load.

`failing` is the share of attempts that fail, independently of each other; times are seconds, rates per second.
`attempts` counts the first one: two retries are three attempts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from archboard.load import Load
from archboard.maths.curve import integral
from archboard.maths.distribution import Distribution

_STEPS = 100_000
_STILL = 1e-13  # relative change at which a rate stands still


class RetryStorm(ArithmeticError):  # noqa: N818 - the field's own word
    """Retries feed themselves: no rate below the capacity reproduces itself."""

    def __init__(self, rate: float, capacity: float) -> None:
        super().__init__(f"the rate grows past {capacity:.6g}, with no stable point")
        self.rate = rate
        self.capacity = capacity


def expected_attempts(failing: float, attempts: int) -> float:
    """Return the mean number of attempts: (1 − p^n) ÷ (1 − p)."""
    if failing >= 1:
        return float(attempts)
    return (1 - math.pow(failing, attempts)) / (1 - failing)


def success(failing: float, attempts: int) -> float:
    """Return the chance that one of the attempts succeeds: 1 − p^n."""
    return 1 - math.pow(failing, attempts)


def amplification(layers: int, attempts: int) -> int:
    """Return how many requests reach the bottom for one at the top when everything there fails: attempts^layers.

    Every layer retries what the one below has given up (Beyer et al., Site Reliability Engineering, ch. 22).
    """
    return int(attempts**layers)


def budgeted_load(budget: float) -> float:
    """Return the most load, as a multiple, that a retry budget lets through: 1 + budget."""
    return 1 + budget


def worst_time(timeout: float, attempts: int, backoffs: Sequence[float] = ()) -> float:
    """Return the time until the last attempt has timed out: all timeouts, and the waits between them.

    `backoffs` are the waits before the second attempt, the third and so on; the last one repeats.
    """
    return attempts * timeout + math.fsum(waits_before(attempts, backoffs))


def waits_before(attempts: int, backoffs: Sequence[float]) -> tuple[float, ...]:
    """Return the wait before each attempt but the first; the last of `backoffs` repeats, none waits for nothing."""
    last = len(backoffs) - 1
    return tuple(backoffs[min(i, last)] if backoffs else 0.0 for i in range(attempts - 1))


def truncated_mean(time: Distribution, timeout: float) -> float:
    """Return the mean of one attempt that is cut at its timeout, E min(X, T): the integral of 1 − F up to T."""
    low = min(time.support[0], timeout)
    return low + integral(lambda t: 1 - time.cdf(t), low, timeout)


def stable_rate(offered: float, failing: Callable[[float], float], attempts: int, capacity: float) -> float:
    """Return the rate at which retries and the failures they cause hold each other in balance.

    The least rate above `offered` with rate = offered × expected attempts, `failing` being the share of attempts
    that fail at a rate below `capacity`, and not falling in it. Followed upwards from `offered`, as a system would
    go; `RetryStorm` when there is no such rate.
    """
    rate = offered
    for _ in range(_STEPS):
        if Load(rate, capacity).full:
            raise RetryStorm(rate, capacity)
        grown = offered * expected_attempts(failing(rate), attempts)
        if abs(grown - rate) <= _STILL * grown:
            return grown
        rate = grown
    return rate
