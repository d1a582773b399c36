"""Finding where something begins to hold: the time at which it is reached, and the stretches of a setting that hold.

`stretches` assumes of each *reason* to fail that it comes or goes once as the setting rises; the whole may then still
hold in the middle only (too few replicas cannot carry the load, too many cost too much). A coarse scan says where to
look, and bisection finds the ends.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable
from itertools import groupby, pairwise

from archboard.records import record

CLOSE = 1e-9
"""How close, as a part of the number, two ends lie that are taken for one."""
Reasons = frozenset[Hashable]


def least(reached: Callable[[float], bool], low: float, high: float) -> float:
    """Return the least t from low to high that is reached, to the last bit; high is taken as reached."""
    if reached(low):
        return low
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if reached(middle) else (middle, high)
    return high


@record
class Stretch:
    """Numbers that hold, from `low` to `high`; `below` and `above` are the nearest that fail, None where none was."""

    low: float
    high: float
    below: float | None
    above: float | None


def stretches(
    reasons: Callable[[float], Reasons], points: Iterable[float], *, whole: bool = False
) -> tuple[Stretch, ...]:
    """Return where nothing fails, in rising order; `reasons` says why a number fails, and is empty where it holds.

    `points` are the coarse scan, rising. Between two of them that fail for reasons that have nothing in common, the
    place is sought where the first reasons have gone: if none has come by then, it holds there.
    """
    scanned = list(points)
    windows = [_window(reasons, low, high, whole) for low, high in pairwise(scanned)]
    scanned = sorted((*scanned, *(window for window in windows if window is not None)))
    found = []
    for holds, places in groupby(range(len(scanned)), key=lambda place: not reasons(scanned[place])):
        first, *rest = places
        last = rest[-1] if rest else first
        if not holds:
            continue
        below, low, above, high = None, scanned[first], None, scanned[last]
        if first > 0:
            below, low = _edge(reasons, scanned[first - 1], low, whole)
        if last < len(scanned) - 1:
            above, high = _edge(reasons, scanned[last + 1], high, whole)
        found.append(Stretch(low, high, below, above))
    return tuple(found)


def _window(reasons: Callable[[float], Reasons], low: float, high: float, whole: bool) -> float | None:
    """Return a number between two that fail for different reasons at which neither does, if there is one."""
    first, last = reasons(low), reasons(high)
    if not first or not last or first & last:
        return None
    while (middle := _between(low, high, whole)) is not None:
        there = reasons(middle)
        if not there:
            return middle
        low, high = (middle, high) if there & first else (low, middle)
    return None


def _edge(reasons: Callable[[float], Reasons], bad: float, good: float, whole: bool) -> tuple[float, float]:
    """Return the last number that fails and the first that holds, on the way from one to the other."""
    while (middle := _between(min(bad, good), max(bad, good), whole)) is not None:
        bad, good = (middle, good) if reasons(middle) else (bad, middle)
    return bad, good


def _between(low: float, high: float, whole: bool) -> float | None:
    """Return the middle of two numbers, None where they are one; a large ratio is halved, not the difference."""
    if whole:
        return float((low + high) // 2) if high - low > 1 else None
    if high - low <= CLOSE * min(max(abs(low), abs(high)), 1 - low if 0.5 < low < high < 1 else high):
        return None
    if low == 0:
        return high / 1024 if high > 1e-12 else None
    return (low * high) ** 0.5 if high > 4 * low > 0 else (low + high) / 2
