"""The fewest replicas at which something holds that holds with more of them."""

from __future__ import annotations

from collections.abc import Callable


def fewest(now: float, most: float, enough: Callable[[float], bool]) -> float | None:
    """Return the fewest above those there are `now`, up to `most`; None where `enough` says that of none of them."""
    low, high = now, 2 * now
    while high <= most and not enough(high):
        low, high = high, 2 * high
    if high > most:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return float(high)
