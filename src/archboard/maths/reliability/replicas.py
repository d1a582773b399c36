"""Reliability: replicas, series, repair, and what an availability allows in downtime and requests.

Availabilities are fractions in 0..1, durations seconds. Failures are independent unless a function says otherwise.
"""

from __future__ import annotations

import math
from collections.abc import Iterable


def k_of_n(n: int, k: int, a: float, common_cause: float = 0.0) -> float:
    """Return the availability of `n` replicas of availability `a` of which `k` must be up.

    `common_cause` is the fraction β of a replica's unavailability u = 1 − a that takes all replicas at once:
    1 − (βu + P(more than n − k of n fail)), each failing alone with (1 − β)u (beta-factor model, IEC 61508-6 and
    NUREG/CR-4780). Raises ValueError unless 0 <= a, common_cause <= 1 and n, k >= 0.
    """
    if n < 0 or k < 0 or not 0 <= a <= 1 or not 0 <= common_cause <= 1:
        raise ValueError(f"no availability of {k} of {n} replicas at {a}, common cause {common_cause}")
    if k == 0:
        return 1.0
    u = 1.0 - a
    return max(0.0, 1.0 - (common_cause * u + _more_fail(n, k, (1.0 - common_cause) * u)))


def _more_fail(n: int, k: int, u: float) -> float:
    """Return the probability that fewer than `k` of `n` stay up, each down with probability `u`."""
    if k > n or u >= 1:
        return 1.0
    if u <= 0:
        return 0.0
    first = n - k + 1
    if first > n * u:
        return min(1.0, _tail(n, first, u))
    return max(0.0, 1.0 - _tail(n, k, 1.0 - u))


def _tail(n: int, first: int, u: float) -> float:
    """Return the probability of `first` or more of `n`, each with probability `u`; its terms fall from the first on."""
    if n <= 60:
        term = math.comb(n, first) * u**first * (1 - u) ** (n - first)
    else:
        log = math.lgamma(n + 1) + first * math.log(u) + (n - first) * math.log1p(-u)
        term = math.exp(log - math.lgamma(first + 1) - math.lgamma(n - first + 1))
    total, odds = 0.0, u / (1 - u)
    for found in range(first, n + 1):
        total += term
        term *= odds * (n - found) / (found + 1)
        if term <= total * 1e-17:
            break
    return total


def series(availabilities: Iterable[float]) -> float:
    """Return the availability of parts that are all needed: their product."""
    return math.prod(availabilities)


def repaired(mtbf: float, mttr: float) -> float:
    """Return MTBF ÷ (MTBF + MTTR), both in one unit: the availability of what fails and is repaired.

    Raises ValueError unless mtbf > 0 and mttr >= 0.
    """
    if mtbf <= 0 or mttr < 0:
        raise ValueError(f"no availability of mtbf {mtbf}, mttr {mttr}")
    return mtbf / (mtbf + mttr)


def downtime(availability: float, window: float) -> float:
    """Return the time down within a window, in the window's unit."""
    return (1.0 - availability) * window


def error_budget(availability: float, requests: float) -> float:
    """Return how many of so many requests may fail under a promised availability."""
    return (1.0 - availability) * requests


def failure_rate(n: int, k: int, a: float, rate: float, common_cause: float = 0.0) -> float:
    """Return how often `n` replicas of which `k` must be up fail together, each failing so often, in the rate's unit.

    They do when one of exactly k that are up fails: n C(n − 1, k − 1) a^(k − 1) u^(n − k) rate (Barlow and Proschan
    1975, on repairable k-of-n); a part `common_cause` of each replica's failures takes all at once.
    Raises ValueError unless 0 <= a, common_cause <= 1 and rate >= 0.
    """
    if not 0 <= a <= 1 or not 0 <= common_cause <= 1 or rate < 0:
        raise ValueError(f"no failures of {k} of {n} replicas at {a}, {rate}, common cause {common_cause}")
    if k == 0 or k > n:
        return 0.0
    u = (1.0 - common_cause) * (1.0 - a)
    common = common_cause * rate
    if u <= 0:
        return common + ((1.0 - common_cause) * rate * n if k == n else 0.0)
    if u >= 1:
        return common + ((1.0 - common_cause) * rate * n if k == 1 else 0.0)
    log = math.lgamma(n + 1) - math.lgamma(k) - math.lgamma(n - k + 1)
    log += (k - 1) * math.log1p(-u) + (n - k) * math.log(u)
    return common + math.exp(log) * (1.0 - common_cause) * rate
