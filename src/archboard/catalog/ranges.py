"""What a number of a dimension may be at all: wide enough for every system there is, and what can be worked with.

A setting may have a narrower range of its own. A number outside is refused where it is read: no measure need ask what
the reciprocal of 1e-308 requests a second is, or the mean of a latency that grows from a nanosecond to a day within one
percentile.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from archboard.units import DAY, YEAR, Dimension

SPANS: Mapping[Dimension, tuple[float, float]] = MappingProxyType(
    {
        Dimension.DURATION: (1e-12, 365_000 * DAY),
        Dimension.RATE: (1e-3 / YEAR, 1e15),
        Dimension.SIZE: (1e-3, 1e21),
        Dimension.FRACTION: (1e-12, 1e12),
        Dimension.MONEY: (1e-24, 1e15),
        Dimension.COUNT: (1e-6, 1e15),
        Dimension.BANDWIDTH: (1e-6, 1e18),
        Dimension.COMPUTE: (1.0, 1e24),
        Dimension.RATIO: (1e-6, 1e9),
    }
)
"""The least and the most that a number of a dimension may be, in its SI unit; zero and what is negative apart."""
PERCENTILES = (1e-6, 1 - 1e-8)
"""The lowest and the highest percentile that is told from the best and the worst case."""
LARGEST_MEAN = 320.0
"""The logarithm beyond which the mean of a time or a length is no number any more, nor its square."""


def outside(value: float, dimension: Dimension) -> bool:
    """Whether a number other than zero is smaller or larger than anything of its dimension.

    >>> outside(1e-308, Dimension.RATE), outside(0.0, Dimension.RATE), outside(2.0, Dimension.RATE)
    (True, False, False)
    """
    least, most = SPANS[dimension]
    return 0 < value < least or value > most or value < -most
