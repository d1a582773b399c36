"""Finding the time at which something is reached, to the last bit."""

from __future__ import annotations

from collections.abc import Callable


def least(reached: Callable[[float], bool], low: float, high: float) -> float:
    """Return the least t from low to high that is reached, to the last bit; high is taken as reached."""
    if reached(low):
        return low
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high
