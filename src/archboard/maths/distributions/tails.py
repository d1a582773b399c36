"""Tails from a mean and a standard deviation: what "mean + 3σ" is worth, and what a percentile is instead.

Times in seconds, quantiles fractions. A standard deviation says nothing of a tail's shape: normal and lognormal are the
two that people mean.
"""

from __future__ import annotations

import math

from archboard.maths.distributions import normal


def mean_plus(mean: float, deviation: float, sigmas: float = 3.0) -> float:
    """Return mean + so many standard deviations: the rule of thumb."""
    return mean + sigmas * deviation


def normal_quantile(q: float, mean: float, deviation: float) -> float:
    """Return the quantile of a normal of this mean and standard deviation: mean + z(q) × σ. 0 < q < 1."""
    return mean + normal.quantile(q) * deviation


def lognormal_quantile(q: float, mean: float, deviation: float) -> float:
    """Return the quantile of the lognormal with this mean (> 0) and standard deviation: e^(µ + s z(q)).

    By moments: s² = ln(1 + (deviation ÷ mean)²), µ = ln mean − s²/2 (Johnson, Kotz and Balakrishnan 1994, §14).
    """
    location, scale = _lognormal(mean, deviation)
    return math.exp(location + scale * normal.quantile(q)) if scale > 0 else mean


def lognormal_reach(sigmas: float, mean: float, deviation: float) -> float:
    """Return the share of the lognormal with this mean and standard deviation that lies below mean + so many σ.

    98.1% at 3σ where the deviation is the mean; never above 99.87% for 3σ.
    """
    location, scale = _lognormal(mean, deviation)
    return normal.cdf((math.log(mean_plus(mean, deviation, sigmas)) - location) / scale) if scale > 0 else 1.0


def _lognormal(mean: float, deviation: float) -> tuple[float, float]:
    if mean <= 0 or deviation < 0:
        raise ValueError(f"no lognormal of mean {mean:g} and standard deviation {deviation:g}")
    variance = math.log1p((deviation / mean) ** 2)
    return math.log(mean) - variance / 2, math.sqrt(variance)
