"""How much a time varies: its squared coefficient of variation, which queues grow with."""

from __future__ import annotations

import math
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from archboard.maths.distributions import normal
from archboard.maths.distributions.distribution import Constant, Distribution, Exponential, Lognormal, Uniform
from archboard.maths.distributions.percentile_curve import PANELS, Curve, integral, unit_nodes
from archboard.maths.distributions.queued import Queued

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

_FAR = 8.0  # deviations of a normal beyond which nothing counts
_WILD = 1e13  # times its mean that a time counts for at most
_MOST = math.log(_WILD**2)


@lru_cache(maxsize=4096)
def scv(time: Distribution) -> float:
    """Return variance ÷ mean²: 0 for a constant, 1 for an exponential, exp(σ²) − 1 for a lognormal; at most 1e26.

    Where no formula is known, of the quantiles integrated: to about 1e-6 for what percentiles describe.
    """
    match time:
        case Constant():
            return 0.0
        case Exponential():
            return 1.0
        case Lognormal(sigma=sigma):
            return math.expm1(min(sigma**2, _MOST))
        case Uniform(low, high):
            return ((high - low) ** 2 / 12) / ((high + low) / 2) ** 2
    mean = time.mean()
    if not 0 < mean < math.inf:
        return 0.0
    curve = time.curve if isinstance(time, Queued) else None
    if curve is None:
        ratios = (lambda z: min(time.quantile(normal.cdf(z)) / mean, _WILD) ** 2 * normal.density(z), -_FAR, _FAR)
        squares = integral(*ratios)
    else:
        squares = _squares(curve, mean)
    return max(0.0, squares - 1)


def _squares(curve: Curve, mean: float) -> float:
    """Return the same integral of a curve: a wait is another at every load, and settling asks for it each time."""
    scores, weights = _scores()
    times = (math.exp(min(log, 700.0)) for log in curve.log_at_each(scores).tolist())
    return 2 * _FAR * math.fsum(w * (min(t / mean, _WILD) ** 2 * d) for t, (w, d) in zip(times, weights, strict=True))


@cache
def _scores() -> tuple[NDArray[float64], list[tuple[float, float]]]:
    """Return the scores at which a curve is read for the integral; of each its weight, and the density there."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    nodes, weights = unit_nodes(PANELS)
    places = [-_FAR + 2 * _FAR * node for node in nodes]
    scores = np.array([normal.quantile(normal.cdf(z)) for z in places])
    return scores, [(w, normal.density(z)) for z, w in zip(places, weights, strict=True)]
