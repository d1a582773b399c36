"""The monotone curve through measured percentiles: normal quantile as a function of log latency.

A lognormal is a straight line in these coordinates, so a lognormal's own percentiles give back the lognormal.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from archboard.maths.distributions import normal
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

_TIE = 1e-9  # equal percentiles are drawn this far apart in log latency: a curve cannot jump
_NODES = (  # Gauss–Legendre on −1..1, ten points: half of them, the rest by symmetry
    (0.1488743389816312, 0.2955242247147529),
    (0.4333953941292472, 0.2692667193099963),
    (0.6794095682990244, 0.2190863625159820),
    (0.8650633666889845, 0.1494513491505806),
    (0.9739065285171717, 0.0666713443086881),
)
_PANELS = 8  # of each interval, for the mean
PANELS = 64  # of an integral that is not told otherwise


@record
class Curve:
    """Cubic pieces between the knots, straight lines beyond the first and the last."""

    logs: tuple[float, ...]
    zs: tuple[float, ...]
    slopes: tuple[float, ...]
    mean: float

    def z_at(self, log: float) -> float:
        """Return the normal quantile at a log latency."""
        i = bisect_right(self.logs, log) - 1
        if i < 0:
            return self.zs[0] + (log - self.logs[0]) * self.slopes[0]
        if i >= len(self.logs) - 1:
            return self.zs[-1] + (log - self.logs[-1]) * self.slopes[-1]
        a, b, c, d = self._cubic(i)
        x = log - self.logs[i]
        return ((d * x + c) * x + b) * x + a

    def z_at_each(self, logs: NDArray[float64]) -> NDArray[float64]:
        """Return the normal quantile at each log latency."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        last = len(self.logs) - 1
        pieces = [(self.zs[0], self.slopes[0], 0.0, 0.0)]
        pieces += [self._cubic(i) for i in range(last)]
        pieces.append((self.zs[-1], self.slopes[-1], 0.0, 0.0))
        index = np.searchsorted(self.logs, logs, side="right")
        a, b, c, d = np.array(pieces).T[:, index]
        x = np.maximum(logs, -1e3) - np.array((self.logs[0], *self.logs))[index]
        z: NDArray[float64] = ((d * x + c) * x + b) * x + a
        return z

    def log_at(self, z: float) -> float:
        """Return the log latency at a normal quantile; the inverse of `z_at`."""
        if z <= self.zs[0]:
            return self.logs[0] + (z - self.zs[0]) / self.slopes[0]
        if z >= self.zs[-1]:
            return self.logs[-1] + (z - self.zs[-1]) / self.slopes[-1]
        i = bisect_right(self.zs, z) - 1
        a, b, c, d = self._cubic(i)
        low, high = 0.0, self.logs[i + 1] - self.logs[i]
        while low < (x := (low + high) / 2) < high:
            low, high = (x, high) if ((d * x + c) * x + b) * x + a <= z else (low, x)
        return self.logs[i] + low

    def log_at_each(self, zs: NDArray[float64]) -> NDArray[float64]:
        """Return the log latency at each normal quantile: that of `log_at` to the last digit, all halved at once."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        last = len(self.logs) - 1
        pieces = np.array([self._cubic(i) for i in range(last)])
        piece = np.clip(np.searchsorted(self.zs, zs, side="right") - 1, 0, last - 1)
        (a, b, c, d), logs = pieces.T[:, piece], np.array(self.logs)
        inside = (self.zs[0] < zs) & (zs < self.zs[-1])
        low, high = np.zeros(len(zs)), np.where(inside, (logs[1:] - logs[:-1])[piece], 0.0)
        while (between := (low < (x := (low + high) / 2)) & (x < high)).any():
            within = ((d * x + c) * x + b) * x + a <= zs
            low, high = np.where(between & within, x, low), np.where(between & ~within, x, high)
        before = self.logs[0] + (zs - self.zs[0]) / self.slopes[0]
        beyond = self.logs[-1] + (zs - self.zs[-1]) / self.slopes[-1]
        found: NDArray[float64] = np.where(inside, logs[piece] + low, np.where(zs <= self.zs[0], before, beyond))
        return found

    def mean_beyond(self, log: float) -> float:
        """Return what latencies above this log, not before the last knot, contribute to the mean."""
        deviation = 1 / self.slopes[-1]
        power = self.logs[-1] - self.zs[-1] * deviation + deviation**2 / 2
        share = normal.upper(self.z_at(max(log, self.logs[-1])) - deviation)
        return math.exp(power) * share if power < 700 else math.inf

    def _cubic(self, i: int) -> tuple[float, float, float, float]:
        width = self.logs[i + 1] - self.logs[i]
        secant = (self.zs[i + 1] - self.zs[i]) / width
        start, end = self.slopes[i], self.slopes[i + 1]
        curve = (3 * secant - 2 * start - end) / width
        return self.zs[i], start, curve, (start + end - 2 * secant) / width**2


@lru_cache(maxsize=8)
def unit_nodes(panels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return nodes and weights of an integral from 0 to 1 (Gauss–Legendre, ten points a panel)."""
    half = 0.5 / panels
    pairs = [
        (half * (2 * panel + 1 + side * node), half * weight)
        for panel in range(panels)
        for node, weight in _NODES
        for side in (-1, 1)
    ]
    return tuple(node for node, _ in pairs), tuple(weight for _, weight in pairs)


def integral(height: Callable[[float], float], low: float, high: float, panels: int = PANELS) -> float:
    """Return the integral of a smooth function from low to high."""
    nodes, weights = unit_nodes(panels)
    reach = high - low
    return reach * math.fsum(w * height(low + reach * node) for node, w in zip(nodes, weights, strict=True))


@lru_cache(maxsize=4096)
def curve_through(points: tuple[tuple[float, float], ...]) -> Curve:
    """Return the curve through (q, seconds > 0), ascending; slopes are Fritsch and Carlson's."""
    zs = tuple(normal.quantile(q) for q, _ in points)
    logs = [math.log(points[0][1])]
    for _, seconds in points[1:]:
        logs.append(max(math.log(seconds), logs[-1] + _TIE))
    bare = joined(tuple(logs), zs)
    return Curve(bare.logs, bare.zs, bare.slopes, math.fsum(_means(bare)))


def joined(logs: tuple[float, ...], zs: tuple[float, ...]) -> Curve:
    """Return the curve through log latencies and normal quantiles, ascending, without its mean."""
    gaps = [b - a for a, b in pairwise(logs)]
    secants = [(b - a) / gap for (a, b), gap in zip(pairwise(zs), gaps, strict=True)]
    slopes = [secants[0]]
    for (g, h), (s, t) in zip(pairwise(gaps), pairwise(secants), strict=True):
        slopes.append(3 * (g + h) / ((2 * h + g) / s + (h + 2 * g) / t))
    slopes.append(secants[-1])
    return Curve(logs, zs, tuple(slopes), math.nan)


def _means(curve: Curve) -> Iterator[float]:
    """Yield the parts of the mean: the lower tail, each interval, the upper tail."""
    deviation = 1 / curve.slopes[0]
    middle = curve.logs[0] - curve.zs[0] * deviation
    yield math.exp(middle + deviation**2 / 2) * normal.cdf(curve.zs[0] - deviation)
    for i, (start, end) in enumerate(pairwise(curve.logs)):
        _, b, c, d = curve._cubic(i)
        half = (end - start) / _PANELS / 2
        for panel in range(_PANELS):
            for node, weight in _NODES:
                for x in (half * (2 * panel + 1 - node), half * (2 * panel + 1 + node)):
                    z = ((d * x + c) * x + b) * x + curve.zs[i]
                    steepness = (3 * d * x + 2 * c) * x + b
                    yield half * weight * math.exp(start + x) * normal.density(z) * steepness
    yield curve.mean_beyond(curve.logs[-1])
