"""Lengths that are spread: percentiles of a count of tokens, as a latency has percentiles of seconds."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from archboard.design.refusal import Refusal, spread
from archboard.records import record
from archboard.units import percentile_name, show_number


@record
class Lengths:
    """Percentiles of a count, as (fraction, count) in order."""

    percentiles: tuple[tuple[float, float], ...]

    @property
    def longest(self) -> float:
        """The highest percentile that is given."""
        return self.percentiles[-1][1]


def lengths_of(name: str, points: Mapping[float, float]) -> Lengths:
    """Return lengths of two percentiles or more, each no less than those below it."""
    ordered = tuple(sorted(points.items()))
    if len(ordered) < 2:
        raise Refusal(f"`{name}` gives one percentile, which says nothing of its spread", "write `p50 150, p99 900`")
    for (lower, less), (higher, more) in pairwise(ordered):
        if more < less:
            low, high = percentile_name(lower), percentile_name(higher)
            raise Refusal(
                f"`{name}` {high} {show_number(more)} is below {low} {show_number(less)}",
                "a higher percentile is never less: swap them",
            )
    spread(name, ordered)
    return Lengths(ordered)
