"""Caches: what passes through to the origin, and what an answer takes on average. Hit ratios 0..1, rates per second."""

from __future__ import annotations


def origin_load(rate: float, hit: float) -> float:
    """Return the requests a second that the origin gets: rate × (1 − hit)."""
    return rate * (1 - hit)


def hit_needed(rate: float, capacity: float) -> float:
    """Return the least hit ratio that spares an origin of this capacity: 1 − capacity ÷ rate, or 0. `rate` > 0."""
    return max(0.0, 1 - capacity / rate)


def mean_latency(hit: float, hit_time: float, miss_time: float) -> float:
    """Return the mean time of an answer, seconds; `miss_time` is the whole way of a miss, the look-up included.

    Means may be weighted like this, percentiles may not: a p99 with misses above 1% lies among the misses.
    """
    return hit * hit_time + (1 - hit) * miss_time
