"""Times as a few values with their chances: sums, percentiles, an exponential, a gamma.

A value stands for a stretch of a distribution and is its mean there, so that means stay right; stretches are finer
where they are far out, so that percentiles do.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]

FRACTIONS = (0.01, 0.05, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 0.9999)
"""The percentiles that are worked out."""
NODES = 160
"""Into how many times a distribution is gathered before two are added."""
Curve = tuple[tuple[float, float], ...]
"""Percentiles as (fraction, seconds)."""


def exponential_nodes(mean: float) -> tuple[Array, Array]:
    """Return an exponential time as a few times and their chances, with the right mean; the far tail finer."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    ends = np.concatenate([np.linspace(0, 1, 25)[:-1], 1 - np.geomspace(1, 1e-6, 40)[1:] / 25 * 1.0])
    ends = np.unique(np.concatenate([ends, [1.0]]))
    low = -np.log1p(-ends[:-1])
    left = 1 - ends
    # the mean of an exponential between two of its quantiles
    tail = np.append((low[1:] + 1) * left[1:-1], 0.0)
    means = ((low + 1) * left[:-1] - tail) / (left[:-1] - left[1:])
    return means * mean, left[:-1] - left[1:]


def gamma_nodes(shape: float) -> tuple[Array, Array]:
    """Return a gamma of mean one as a few values and their chances.

    Its cube root is nearly normal (Wilson and Hilferty 1931); where it varies more than an exponential, nothing at all
    or an exponential with the same mean and variance stands for it.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    from archboard.maths.distributions import normal  # noqa: PLC0415 - beside numpy, late

    if shape < 1:
        some = 2 / (1 + 1 / shape)
        values, chances = exponential_nodes(1 / some)
        return np.concatenate([[0.0], values]), np.concatenate([[1 - some], chances * some])
    chances = np.array([0.05] + [0.1] * 9 + [0.03, 0.01, 0.007, 0.002, 0.001])
    chances /= chances.sum()
    middles = np.cumsum(chances) - chances / 2
    scores = np.array([normal.quantile(float(q)) for q in middles])
    ninth = 1 / (9 * shape)
    values = np.maximum(0.0, 1 - ninth + scores * math.sqrt(ninth)) ** 3
    return values / float((values * chances).sum()), chances


def added_up(one: tuple[Array, Array], other: tuple[Array, Array]) -> tuple[Array, Array]:
    """Return the sum of two independent times."""
    values = (one[0][:, None] + other[0][None, :]).ravel()
    weights = (one[1][:, None] * other[1][None, :]).ravel()
    return gathered(values, weights)


def gathered(values: Array, weights: Array) -> tuple[Array, Array]:
    """Return a distribution as a few values with the same mean, each that of a stretch of it; tails finer."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if len(values) <= NODES:
        return values, weights
    order = np.argsort(values, kind="stable")
    values, weights = values[order], weights[order]
    below = np.cumsum(weights) - weights / 2
    fine = np.geomspace(1e-5, 0.05, NODES // 4)
    edges = np.concatenate([fine, np.linspace(0.05, 0.95, NODES // 2)[1:-1], 1 - fine[::-1]])
    place = np.searchsorted(edges, below)
    mass: Array = np.bincount(place, weights, len(edges) + 1).astype(float)
    moment: Array = np.bincount(place, weights * values, len(edges) + 1).astype(float)
    there = mass > 0
    found: Array = moment[there] / mass[there]
    shares: Array = mass[there]
    return found, shares


def curve(values: Array, weights: Array) -> Curve:
    """Return the percentiles of a distribution, straight between the middles of its parts."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    order = np.argsort(values, kind="stable")
    below = np.cumsum(weights[order]) - weights[order] / 2
    found = np.maximum.accumulate(np.interp(FRACTIONS, below, values[order]))
    return tuple((q, float(seconds)) for q, seconds in zip(FRACTIONS, found, strict=True))
