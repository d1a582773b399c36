"""What is written of a latency into its distribution: percentiles, a single p99 with its assumed tail, or a range."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

from archboard.maths.distributions import normal
from archboard.maths.distributions.discrete import Constant
from archboard.maths.distributions.distribution import Distribution, Lognormal, Quantiles, Uniform


def from_percentiles(points: Sequence[tuple[float, float]], tail: float = 3.0) -> Distribution:
    """Return the distribution that a latency's percentiles, (q, seconds) ascending, describe.

    One point leaves the shape open: `tail` is the ratio of p99 to p50 then assumed. Two fix a lognormal,
    three or more a `Quantiles`; percentiles that are all equal are a `Constant`. A percentile of 0 below
    a larger one cannot be lognormal and is read as a thousandth of the largest. `ValueError` when the
    points are none, out of order, negative or not inside 0 < q < 1.
    """
    known = tuple(points)
    rising = all(a[0] < b[0] and a[1] <= b[1] for a, b in pairwise(known))
    if not known or not rising or known[0][1] < 0 or not all(0 < q < 1 for q, _ in known) or tail < 1:
        raise ValueError(f"not the percentiles of a latency: {known}, tail {tail}")
    longest = known[-1][1]
    if known[0][1] == longest and (len(known) > 1 or longest == 0 or tail == 1):
        return Constant(longest)
    known = tuple((q, seconds or longest / 1000) for q, seconds in known)
    if len(known) > 2:
        return Quantiles(known)
    z = [normal.quantile(q) for q, _ in known]
    logs = [math.log(seconds) for _, seconds in known]
    rise, run = (math.log(tail), normal.quantile(0.99)) if len(known) == 1 else (logs[1] - logs[0], z[1] - z[0])
    sigma = rise / run
    return Lognormal(logs[0] - sigma * z[0], sigma)


def from_range(low: float, high: float) -> Distribution:
    """Return the distribution of `low..high`, best to worst, seconds; `ValueError` when high < low or < 0."""
    if not 0 <= low <= high:
        raise ValueError(f"not a range of latencies: {low}..{high}")
    return Uniform(low, high) if low < high else Constant(low)
