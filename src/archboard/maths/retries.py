"""Timeouts and retries: how many attempts a request makes, how long it waits, and what that does to the load.

`failing` is the share of attempts that fail, independently of each other; times are seconds, rates per second.
`attempts` counts the first one: two retries are three attempts.
"""

from __future__ import annotations

import math
from collections.abc import Sequence


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
