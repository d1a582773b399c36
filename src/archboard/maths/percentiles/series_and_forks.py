"""How long a node takes, as `grid` carries it, and the algebra of series, alternatives and forks.

Every time is carried three times: as a floor that is never later than the truth, as a ceiling that is never
earlier, and as an estimate that keeps the mean. In series transforms multiply (convolution), alternatives add
by weight, a fork goes back to time and multiplies distribution functions; all keep floor ≤ truth ≤ ceiling.

A new kind of node is one function here and one line in `grid.evaluate`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, cast

from archboard.maths.distributions.distribution import (
    Constant,
    Discrete,
    Distribution,
    Mixture,
    Queued,
    Uniform,
)
from archboard.maths.percentiles.fourier import Cells, Continuous, Grid, Transforms
from archboard.records import record

if TYPE_CHECKING:
    from numpy import complex128, float64
    from numpy.typing import NDArray

    Spectrum = NDArray[complex128]
    Spectra = tuple[Spectrum, Spectrum, Spectrum]  # floor, ceiling, estimate
    Curve = NDArray[float64]


@record
class Lost:
    """What rounding down takes off, in cells: a sum of independent bounded losses along any one way through.

    Their means sum to between `low` and `high` on every way, the squares of their ranges to at most
    `squares`, and there are exp(`ways`) ways at most that a request travels at once. Hoeffding (1963) makes a
    bracket of it that grows with the root of the number of hops, where the ceiling's grows with the number.
    """

    low: float = 0.0
    high: float = 0.0
    squares: float = 0.0
    ways: float = 0.0

    def plus(self, other: Lost, times: int) -> Lost:
        """Return what is lost in a series."""
        low, high = self.low + other.low * times, self.high + other.high * times
        return Lost(low, high, self.squares + other.squares * times, self.ways + other.ways * times)

    def margin(self, chance: float) -> float:
        """Return how far from its mean the loss can be, in cells, but for this chance on either side."""
        return math.sqrt(self.squares * (self.ways - math.log(chance)) / 2) if self.squares else 0.0


@record(eq=False)
class Timing:
    """An exact offset in seconds plus a random rest on the grid.

    `spectra` are the tilted transforms of the rest (floor, ceiling, estimate), none when there is no rest: the
    floor and the ceiling count from `offset`, the estimate from `centre`. `mean` is exact but for what forks
    contribute. `lost` is how far the floor is from the truth.
    """

    offset: float
    centre: float
    spectra: Spectra | None
    mean: float
    lost: Lost


def timing_of(distribution: Distribution, cells: Cells, transforms: Transforms) -> Timing:
    """Return a hop's timing. Constants are exact offsets; one of several parts may be delayed by one."""
    if isinstance(distribution, Queued):
        delay = cast(Distribution, distribution.wait)
        wait = Mixture(((1 - distribution.share, Constant(0.0)), (distribution.share, delay)))
        service = cast(Distribution, distribution.service)  # any but another `Queued`
        return in_series((timing_of(part, cells, transforms), 1) for part in (wait, service))
    parts = _flat(distribution)
    if len(parts) == 1:
        return _single(parts[0][1], parts[0][2], cells, transforms)
    grid = transforms.grid(cells)
    options = [(p, _single(shift, rest, cells, transforms)) for p, shift, rest in parts]
    whole = mixed(options, grid)
    lost = [(p, _moved(timing, whole.offset, grid)) for p, timing in options]
    low, high = math.fsum(p * each.low for p, each in lost), math.fsum(p * each.high for p, each in lost)
    reach = 2 if any(rest is not None for _, _, rest in parts) else 1  # cells: the rest's and the delay's
    return Timing(whole.offset, whole.centre, whole.spectra, whole.mean, Lost(low, high, reach**2))


def in_series(timings: Iterable[tuple[Timing, int]]) -> Timing:
    """Add times: offsets and means add, transforms multiply, n equal parts to the n-th power."""
    offset = centre = mean = 0.0
    lost = Lost()
    product: list[Spectrum] = []
    for timing, times in timings:
        offset, centre = offset + timing.offset * times, centre + timing.centre * times
        mean, lost = mean + timing.mean * times, lost.plus(timing.lost, times)
        if timing.spectra is not None:
            product = _multiplied(product, timing.spectra, times)
    spectra = (product[0], product[1], product[2 if len(product) == 3 else 0]) if product else None
    return Timing(offset, centre, spectra, mean, lost)


def mixed(options: Sequence[tuple[float, Timing]], grid: Grid) -> Timing:
    """Take one of several: transforms add by probability, over the earliest offset."""
    offset = min(timing.offset for _, timing in options)
    centre = min(timing.centre for _, timing in options)
    shifted = [(p, _shifted(timing, offset, centre, grid)) for p, timing in options]
    floor, ceiling, estimate = (reduce(add, (p * each[side] for p, each in shifted)) for side in range(3))
    mean = math.fsum(probability * timing.mean for probability, timing in options)
    lost = [_moved(timing, offset, grid) for _, timing in options]
    worst = _worst(lost, max(each.ways for each in lost))
    return Timing(offset, centre, (floor, ceiling, estimate), mean, worst)


def joined(arms: Sequence[tuple[Timing, int]], grid: Grid) -> Timing:
    """Wait for all arms: their distribution functions multiply, n equal arms to the n-th power."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    offset = min(timing.offset for timing, _ in arms)
    curves = [curves_of(timing, offset, grid) for timing, _ in arms]
    floor, ceiling = np.ones(grid.cells.count), np.ones(grid.cells.count)
    for arm, (_, times) in zip(curves, arms, strict=True):
        floor, ceiling = floor * arm[0] ** times, ceiling * arm[1] ** times
    drawn = ((t.mean - offset, arm[2], times) for arm, (t, times) in zip(curves, arms, strict=True))
    mean, estimate = _slowest(drawn, grid)
    lost = [_moved(timing, offset, grid) for timing, _ in arms]
    worst = _worst(lost, max(each.ways for each in lost) + math.log(sum(times for _, times in arms)))
    return Timing(offset, offset, spectra_of(floor, ceiling, estimate, grid), offset + mean, worst)


def overlapped(arms: Sequence[Timing], grid: Grid) -> Timing:
    """Wait for arms that share hops: from arms that move together to arms that are independent.

    Shared hops make arms positively dependent (associated; Esary, Proschan and Walkup 1967), so the truth
    lies between the least of the distribution functions and their product. The estimate is half way.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    offset = min(timing.offset for timing in arms)
    curves = [curves_of(timing, offset, grid) for timing in arms]
    floor = np.minimum.reduce([arm[0] for arm in curves])
    ceiling = np.multiply.reduce([arm[1] for arm in curves])
    together = np.minimum.reduce([arm[2] for arm in curves])
    mean, apart = _slowest(((t.mean - offset, arm[2], 1) for arm, t in zip(curves, arms, strict=True)), grid)
    mean = (mean + grid.cells.width * float(np.sum(1 - together))) / 2
    spectra = spectra_of(floor, ceiling, (together + apart) / 2, grid)
    return Timing(offset, offset, spectra, offset + mean, Lost(squares=math.inf))


def curve_of(spectrum: Spectrum, grid: Grid) -> Curve:
    """Return the distribution function at each cell that a tilted transform stands for."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    return np.minimum(np.cumsum(grid.masses_of(spectrum)), 1.0)


def _flat(distribution: Distribution) -> list[tuple[float, float, Continuous | None]]:
    """Return (probability, delay in seconds, the continuous rest) for each part that can happen."""
    match distribution:
        case Constant(seconds):
            return [(1.0, seconds, None)]
        case Discrete(masses):
            return [(probability, seconds, None) for probability, seconds in masses if probability > 0]
        case Uniform(low, high):
            return [(1.0, low, Uniform(0.0, high - low))]
        case Mixture(parts):
            return [(p * q, delay, rest) for p, part in parts if p > 0 for q, delay, rest in _flat(part)]
        case Queued():
            raise TypeError("a wait and a service are two hops in a row")
        case _:
            return [(1.0, 0.0, distribution)]


def _single(delay: float, rest: Continuous | None, cells: Cells, transforms: Transforms) -> Timing:
    """Return the timing of a delay and a continuous rest: one transform is floor, ceiling and estimate."""
    if rest is None:
        return Timing(delay, delay, None, delay, Lost())
    made = transforms.of(rest, cells)
    spectra = (made.floor, made.floor * transforms.grid(cells).step, made.floor)
    lost = Lost(made.lost - made.beyond, made.lost + made.beyond, 1.0)
    return Timing(delay, delay + made.lost * cells.width, spectra, delay + rest.mean(), lost)


def _multiplied(product: list[Spectrum], spectra: Spectra, times: int) -> list[Spectrum]:
    """Return a product of floors, ceilings and, once they differ from the floors, estimates."""
    if len(product) == 2 and spectra[2] is not spectra[0]:
        product.append(product[0].copy())
    count = 3 if len(product) == 3 or spectra[2] is not spectra[0] else 2
    factors = [_power(spectrum, times) for spectrum in spectra[:count]]
    if not product:
        return [factor.copy() for factor in factors]
    if len(product) == 3 and count == 2:
        factors.append(factors[0])
    for total, factor in zip(product, factors, strict=True):
        total *= factor
    return product


def _power(spectrum: Spectrum, times: int) -> Spectrum:
    """Return a transform times itself so often, by squaring; numpy's own power goes through logarithms."""
    result: Spectrum | None = None
    while times:
        if times % 2:
            result = spectrum if result is None else result * spectrum
        times //= 2
        if times:
            spectrum = spectrum * spectrum
    assert result is not None
    return result


def _slowest(arms: Iterable[tuple[float, Curve, int]], grid: Grid) -> tuple[float, Curve]:
    """Return the mean and the distribution function of the slowest of independent arms, each times over.

    E max(A, B) = E A + E B − E min(A, B): the least of two has hardly a tail, so no horizon cuts it off.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    def slower(a: tuple[float, Curve], b: tuple[float, Curve]) -> tuple[float, Curve]:
        least = grid.cells.width * float(np.sum((1 - a[1]) * (1 - b[1])))
        return a[0] + b[0] - least, a[1] * b[1]

    slowest = (0.0, np.ones(grid.cells.count))
    for mean, curve, times in arms:
        arm = (mean, curve)
        while times:
            if times % 2:
                slowest = slower(slowest, arm)
            arm, times = slower(arm, arm), times // 2
    return slowest


def _shifted(timing: Timing, offset: float, centre: float, grid: Grid) -> Spectra:
    """Return a timing's transforms counted from an earlier offset and an earlier centre."""
    one = grid.step * 0 + 1
    floor, ceiling, estimate = timing.spectra or (one, one, one)
    later = timing.offset - offset
    return (
        grid.delayed(floor, later, up=0.0),
        grid.delayed(ceiling, later, up=1.0),
        grid.delayed(estimate, timing.centre - centre),
    )


def curves_of(timing: Timing, offset: float, grid: Grid) -> tuple[Curve, Curve, Curve]:
    """Return the distribution functions of floor, ceiling and estimate, counted from an earlier offset."""
    floor, ceiling, estimate = _shifted(timing, offset, offset, grid)
    return curve_of(floor, grid), curve_of(ceiling, grid), curve_of(estimate, grid)


def spectra_of(floor: Curve, ceiling: Curve, estimate: Curve, grid: Grid) -> Spectra:
    """Return the transforms of three distribution functions."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    def spectrum(curve: Curve) -> Spectrum:
        return grid.spectrum_of(np.diff(curve, prepend=0.0))

    return spectrum(floor), spectrum(ceiling), spectrum(estimate)


def _moved(timing: Timing, offset: float, grid: Grid) -> Lost:
    """Return what is lost when a timing is counted from an earlier offset: the delay is rounded down too."""
    _, into = grid.place(timing.offset - offset)
    lost = timing.lost
    return Lost(lost.low + into, lost.high + into, lost.squares, lost.ways)


def _worst(each: Sequence[Lost], ways: float) -> Lost:
    low, high = min(lost.low for lost in each), max(lost.high for lost in each)
    return Lost(low, high, max(lost.squares for lost in each), ways)
