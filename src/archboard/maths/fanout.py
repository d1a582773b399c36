"""Fan-out: what one request that asks many at once sees of how slow each is.

Probabilities are fractions in 0..1; `slow` is the chance that one answer is late. Answers are independent unless a
function says otherwise.
"""

from __future__ import annotations

import math
from functools import lru_cache

from archboard.maths.reliability.replicas import k_of_n
from archboard.maths.search import least

NEARLY_ALL = math.nextafter(1.0, 0.0)
"""The largest share that is not all."""


def any_slow(n: int, slow: float) -> float:
    """Return the chance that at least one of `n` answers is late: 1 − (1 − slow)^n (Dean and Barroso 2013)."""
    return 1.0 if slow >= 1 and n else -math.expm1(n * math.log1p(-slow))


def needed_share(within: float, n: int, k: int) -> float:
    """Return the chance that at least `k` of `n` answers are there, each with chance `within` (order statistics)."""
    return k_of_n(n, k, within)


@lru_cache(maxsize=4096)
def needed_quantile(q: float, n: int, k: int) -> float:
    """Return the quantile of one answer that is the q-quantile of the k-th of `n`: the inverse of `needed_share`.

    Of the slowest it is q^(1/n): the p99 of the slowest of a hundred is the p99.99 of one. Below 1 it stays below 1, as
    far as a float can tell: of more copies the slowest takes no longer here.
    """
    if q <= 0 or q >= 1:
        return q
    if k == n:
        return min(math.pow(q, 1 / n), NEARLY_ALL)
    return min(least(lambda within: needed_share(within, n, k) >= q, 0.0, 1.0), NEARLY_ALL)
