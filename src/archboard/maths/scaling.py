"""Scaling: what a speed-up of a part is worth, and what growing a batch does. Factors are ratios."""

from __future__ import annotations

import math


def amdahl(part: float, factor: float) -> float:
    """Return how much faster the whole is when a part of its time runs `factor` (> 0) times as fast (Amdahl 1967).

    1 ÷ (1 − part + part ÷ factor), `part` in 0..1: at most 1 ÷ (1 − part).
    """
    return 1 / (1 - part + part / factor)


def grown(value: float, per_doubling: float, times: float) -> float:
    """Return a value that changes by a factor at each doubling, after growing `times` (> 0) in size."""
    return value * math.pow(per_doubling, math.log2(times))


def batch_gain(batch: float, latency: float) -> float:
    """Return how much throughput grows when a batch grows by one factor and its latency by another: batch ÷ latency.

    What is served at once over how long it takes (Little): a doubled batch that takes 1.2 times as long gives 1.67.
    """
    return batch / latency
