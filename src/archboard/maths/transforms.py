"""One hop on a grid of cells, and its transform: what `grid` multiplies.

A hop's probability is cut into cells of equal width and placed three times: at the floor of each cell, at its
ceiling, and so that the mean stays exact. The first is never later than the hop and the second never
earlier, so the true answer lies between theirs; the third is the estimate, accurate to the second order.

Masses are tilted, cell k by exp(−θk), before the transform (Grübel and Hermesmeier 1999). A plain cyclic
convolution would fold what lies beyond the last cell back onto the first; tilted, what is folded back shrinks
by exp(−θ·count) = 8e-7, so no room is wasted on padding. Mass beyond the last cell is dropped: nothing before
the horizon depends on it, and a quantile that falls there is reported as not reached.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from archboard.maths.distribution import (
    Constant,
    Discrete,
    Distribution,
    Exponential,
    Lognormal,
    Mixture,
    Quantiles,
    Uniform,
)

if TYPE_CHECKING:
    from numpy import complex128, float64
    from numpy.typing import NDArray

    Spectrum = NDArray[complex128]
    Spectra = tuple[Spectrum, Spectrum, Spectrum]  # floor, ceiling, estimate
    Masses = NDArray[float64]

Continuous = Lognormal | Quantiles | Uniform | Exponential

_TILT = 14.0  # θ × count: 8e-7 of what lies beyond the horizon folds back, rounding grows to 1e-10
_BEYOND = 1 - 2**-53  # the last quantile a double can name: no cell above it holds anything
_ON_GRID = 1e-9  # an atom this close to a cell boundary, in cells, is on it


@dataclass(frozen=True, slots=True)
class Cells:
    """A grid: `count` cells of `width` seconds from zero. Powers of two let networks share transforms."""

    width: float
    count: int

    @property
    def horizon(self) -> float:
        """Where the grid ends, seconds."""
        return self.width * self.count


@dataclass(frozen=True, slots=True, eq=False)
class Timing:
    """How long something takes: an exact offset in seconds plus a random rest on the grid.

    `spectra` are the tilted transforms of the rest (floor, ceiling, estimate); none when there is no rest.
    `mean` is exact but for what forks contribute. `lost` is how far the floor is from the truth.
    """

    offset: float
    spectra: Spectra | None
    mean: float
    lost: Lost


@dataclass(frozen=True, slots=True)
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

    def margin(self, chance: float) -> float:
        """Return how far from its mean the loss can be, in cells, but for this chance on either side."""
        return math.sqrt(self.squares * (self.ways - math.log(chance)) / 2) if self.squares else 0.0


@dataclass(frozen=True, slots=True, eq=False)
class Transform:
    """A hop's floor transform, and the mean that rounding down took off, in cells, give or take `beyond`."""

    floor: Spectrum
    lost: float
    beyond: float


class Grid:
    """The arrays that depend on nothing but the cells."""

    def __init__(self, cells: Cells) -> None:
        self.cells = cells
        self.tilt = _TILT / cells.count

    @cached_property
    def edges(self) -> Masses:
        """The cells' lower edges and the horizon, seconds."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        edges: Masses = np.multiply(np.arange(self.cells.count + 1), self.cells.width)
        return edges

    @cached_property
    def tilts(self) -> Masses:
        """The factor of each cell's mass."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        tilts: Masses = np.exp(-self.tilt * np.arange(self.cells.count))
        return tilts

    @cached_property
    def exponents(self) -> Spectrum:
        """The logarithm of `step`."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        count = self.cells.count
        turn = complex(0, -2 * math.pi / count)
        exponents: Spectrum = np.add(-self.tilt, np.multiply(turn, np.arange(count // 2 + 1)))
        return exponents

    @cached_property
    def step(self) -> Spectrum:
        """The transform of a delay of one cell."""
        return self.delay(1)

    def delay(self, by: int) -> Spectrum:
        """Return the transform of a delay of so many cells; nothing is left of one beyond the horizon."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        spectrum: Spectrum = np.exp(by * self.exponents) if by < self.cells.count else 0 * self.exponents
        return spectrum

    def place(self, seconds: float) -> tuple[int, float]:
        """Return the cell that a time falls in, and how far into it, 0 to 1."""
        cells = min(seconds / self.cells.width, float(self.cells.count))
        cell = math.floor(cells + _ON_GRID)
        into = cells - cell
        return cell, into if into > _ON_GRID else 0.0

    def delays(self, seconds: float) -> Spectra:
        """Return the transforms of a constant delay: floor, ceiling, and split to keep the mean."""
        cell, into = self.place(seconds)
        floor = self.delay(cell)
        if not into:
            return floor, floor, floor
        ceiling = self.delay(cell + 1)
        return floor, ceiling, (1 - into) * floor + into * ceiling

    def masses_of(self, spectrum: Spectrum) -> Masses:
        """Return the masses per cell that a tilted transform stands for, never negative."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        masses: Masses = np.maximum(np.fft.irfft(spectrum, self.cells.count), 0.0)
        return masses / self.tilts

    def spectrum_of(self, masses: Masses) -> Spectrum:
        """Return the tilted transform of masses per cell, the first cells if there are fewer."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        return np.fft.rfft(masses * self.tilts[: len(masses)], self.cells.count)


class Transforms:
    """Transforms of hops already made, least recently used out first.

    Hand one to several calls, the base and every failure mode, and each hop is transformed once per grid.
    """

    def __init__(self, capacity: int = 64 * 2**20) -> None:
        self.capacity = capacity
        self._bytes = 0
        self._grids: dict[Cells, Grid] = {}
        self._hops: OrderedDict[tuple[Distribution, Cells], Transform] = OrderedDict()

    def grid(self, cells: Cells) -> Grid:
        """Return the arrays of a grid."""
        return self._grids.setdefault(cells, Grid(cells))

    def of(self, distribution: Continuous, cells: Cells) -> Transform:
        """Return the transform of a hop without atoms."""
        key = (distribution, cells)
        if key in self._hops:
            self._hops.move_to_end(key)
            return self._hops[key]
        made = _transform(distribution, self.grid(cells))
        self._bytes += made.floor.nbytes
        self._hops[key] = made
        while self._bytes > self.capacity:
            self._bytes -= self._hops.popitem(last=False)[1].floor.nbytes
        return made


def timing_of(distribution: Distribution, cells: Cells, transforms: Transforms) -> Timing:
    """Return a hop's timing. Constant parts become offsets, or atoms where they are one of several."""
    parts = tuple(_flat(distribution))
    offset = min(shift for _, shift, _ in parts)
    if len(parts) == 1 and parts[0][2] is None:
        return Timing(offset, None, offset, Lost())
    grid = transforms.grid(cells)
    totals: list[Any] = [0.0, 0.0, 0.0]
    lost = beyond = reach = 0.0
    for probability, shift, rest in parts:
        _, into = grid.place(shift - offset)
        placed: tuple[Any, ...] = (1.0, 1.0, 1.0) if shift == offset else grid.delays(shift - offset)
        if rest is not None:
            made = transforms.of(rest, cells)
            raised = grid.step * made.floor
            whole = (made.floor, raised, made.floor + made.lost * (raised - made.floor))
            placed = tuple(a * b for a, b in zip(placed, whole, strict=True))
            lost, beyond = lost + probability * made.lost, beyond + probability * made.beyond
        lost, reach = lost + probability * into, max(reach, (into > 0) + (rest is not None))
        totals = [total + probability * spectrum for total, spectrum in zip(totals, placed, strict=True)]
    spectra = (totals[0], totals[1], totals[2])
    return Timing(offset, spectra, distribution.mean(), Lost(lost - beyond, lost + beyond, reach**2))


def _flat(distribution: Distribution) -> list[tuple[float, float, Continuous | None]]:
    """Return (probability, shift in seconds, the continuous rest) for each part that can happen."""
    match distribution:
        case Constant(seconds):
            return [(1.0, seconds, None)]
        case Discrete(masses):
            return [(probability, seconds, None) for probability, seconds in masses if probability > 0]
        case Uniform(low, high):
            return [(1.0, low, Uniform(0.0, high - low))]
        case Mixture(parts):
            return [(p * q, s, rest) for p, part in parts if p > 0 for q, s, rest in _flat(part)]
        case _:
            return [(1.0, 0.0, distribution)]


def _transform(distribution: Continuous, grid: Grid) -> Transform:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    cells = grid.cells
    last = distribution.quantile(_BEYOND)
    used = math.ceil(last / cells.width) + 1 if last < cells.horizon else cells.count
    used = min(used, cells.count)
    shares = distribution.cdf_at(grid.edges[: used + 1])
    masses = np.diff(shares)
    beyond = float(1 - shares[-1])
    inside = distribution.mean() - distribution.mean_beyond(cells.width * used)
    lost = (inside - float(np.sum(masses * grid.edges[:used]))) / cells.width
    if isinstance(distribution, Quantiles) and cells.horizon < distribution.points[-1][1]:
        lost, beyond = 0.5, 0.5  # the horizon cuts through the percentiles: nothing is known of the loss
    return Transform(grid.spectrum_of(masses), min(max(lost, 0.0), 1.0), beyond)
