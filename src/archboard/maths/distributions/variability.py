"""How much a time varies: its squared coefficient of variation, which queues grow with."""

from __future__ import annotations

import math
from functools import lru_cache

from archboard.maths.distributions import normal
from archboard.maths.distributions.distribution import Constant, Distribution, Exponential, Lognormal, Uniform
from archboard.maths.distributions.percentile_curve import integral

_FAR = 8.0  # deviations of a normal beyond which nothing counts


@lru_cache(maxsize=4096)
def scv(time: Distribution) -> float:
    """Return variance ÷ mean²: 0 for a constant, 1 for an exponential, exp(σ²) − 1 for a lognormal.

    Where no formula is known, of the quantiles integrated: to about 1e-6 for what percentiles describe.
    """
    match time:
        case Constant():
            return 0.0
        case Exponential():
            return 1.0
        case Lognormal(sigma=sigma):
            return math.expm1(sigma**2)
        case Uniform(low, high):
            return ((high - low) ** 2 / 12) / ((high + low) / 2) ** 2
    mean = time.mean()
    if not 0 < mean < math.inf:
        return 0.0
    squares = integral(lambda z: (time.quantile(normal.cdf(z)) / mean) ** 2 * normal.density(z), -_FAR, _FAR)
    return max(0.0, squares - 1)
