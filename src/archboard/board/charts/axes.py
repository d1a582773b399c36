"""Numbers onto paper: where a value lies between two ends, and the round numbers at which an axis is marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import pairwise

from archboard.board.writing.text_widths import text_width
from archboard.records import record
from archboard.units import DAY, HOUR, SIZES, Dimension, OwnDimension

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_UNITS: dict[Dimension | OwnDimension, tuple[float, ...]] = {
    Dimension.DURATION: (1e-9, 1e-6, 1e-3, 1.0, 60.0, HOUR, DAY),
    Dimension.SIZE: (1.0, SIZES["KB"], SIZES["MB"], SIZES["GB"], SIZES["TB"]),
    Dimension.FRACTION: (0.01,),
}


@record
class Scale:
    """A stretch of numbers laid along a stretch of paper, evenly or by ratio; paper may run either way."""

    low: float
    high: float
    start: float
    end: float
    logarithmic: bool = False

    def place(self, value: float) -> float:
        """Return where a value lies, kept between the ends."""
        if self.high <= self.low:
            return (self.start + self.end) / 2
        inside = min(max(value, self.low), self.high)
        if self.logarithmic:
            part = math.log(inside / self.low) / math.log(self.high / self.low)
        else:
            part = (inside - self.low) / (self.high - self.low)
        return self.start + part * (self.end - self.start)

    def ticks(self, count: int, dimension: Dimension | OwnDimension) -> tuple[float, ...]:
        """Return about so many round numbers between the ends, round in the unit that people read them in."""
        if self.high <= self.low:
            return (self.low,)
        if self.logarithmic and self.high / self.low >= 8:
            return self._ratios(count)
        units = _UNITS.get(dimension, (1.0,))
        unit = max((u for u in units if u <= max(abs(self.high), abs(self.low))), default=units[0])
        rough = (self.high - self.low) / unit / max(1, count)
        magnitude = 10.0 ** math.floor(math.log10(rough))
        step = next(s for s in _STEPS if s * magnitude >= rough * (1 - 1e-9)) * magnitude
        first = math.ceil(self.low / unit / step - 1e-9)
        last = math.floor(self.high / unit / step + 1e-9)
        return tuple(float(f"{n * step * unit:.12g}") for n in range(first, last + 1))

    def _ratios(self, count: int) -> tuple[float, ...]:
        first, last = math.floor(math.log10(self.low)), math.ceil(math.log10(self.high))
        for parts in ((1.0, 2.0, 5.0), (1.0, 3.0), (1.0,)):
            found = [p * 10.0**e for e in range(first, last + 1) for p in parts]
            inside = [n for n in found if self.low * (1 - 1e-9) <= n <= self.high * (1 + 1e-9)]
            if len(inside) <= max(3, count * 1.5):
                break
        stride = -(-len(inside) // max(1, count + 2))
        return tuple(float(f"{n:.12g}") for n in inside[::stride])


def fitting(
    scale: Scale, dimension: Dimension | OwnDimension, show: Callable[[float], str], size: float
) -> tuple[float, ...]:
    """Return the most ticks of a level axis whose labels stand clear of each other."""
    ticks: tuple[float, ...] = (scale.low,)
    for count in range(10, 0, -1):
        ticks = scale.ticks(count, dimension)
        ends = [(scale.place(t), text_width(show(t), size) / 2 + 9) for t in ticks]
        if all(right - left >= a + b for (left, a), (right, b) in pairwise(ends)):
            break
    return ticks


def apart(places: Sequence[float], gap: float, low: float, high: float) -> tuple[float, ...]:
    """Return places moved a little, in their order, so that each is a gap from the next and lies between two ends."""
    order = sorted(range(len(places)), key=lambda i: places[i])
    moved = [places[i] for i in order]
    for i in range(1, len(moved)):
        moved[i] = max(moved[i], moved[i - 1] + gap)
    if moved:
        moved[-1] = min(moved[-1], high)
    for i in range(len(moved) - 2, -1, -1):
        moved[i] = min(moved[i], moved[i + 1] - gap)
    if moved and moved[0] < low:
        moved = [max(place, low + i * gap) for i, place in enumerate(moved)]
    found = [0.0] * len(places)
    for i, place in zip(order, moved, strict=True):
        found[i] = place
    return tuple(found)
