"""One hop on a grid of cells, and its transform: what `grid` multiplies.

A hop's probability is cut into cells of equal width, and each cell's share is placed on the cell's floor. Delayed
by a cell it would stand on the ceiling: the first is never later than the hop and the second never earlier, so
one transform serves both ends of the bracket (see `timing`).

Masses are tilted, cell k by exp(−θk), before the transform (Grübel and Hermesmeier 1999). A plain cyclic
convolution would fold what lies beyond the last cell back onto the first; tilted, what is folded back shrinks
by exp(−θ·count) = 8e-7, so no room is wasted on padding. Mass beyond the last cell is dropped: nothing before
the horizon depends on it, and a quantile that falls there is reported as not reached.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING, Any, TypeVar

from archboard.maths.distributions.copula import Tied
from archboard.maths.distributions.distribution import (
    BoundedDelay,
    Delay,
    Distribution,
    Exponential,
    Lognormal,
    Quantiles,
    Uniform,
)
from archboard.maths.network import Network
from archboard.maths.percentiles.kept_answers import LARGEST, Answers
from archboard.records import record

if TYPE_CHECKING:
    from numpy import complex128, float64
    from numpy.typing import NDArray

    Spectrum = NDArray[complex128]
    Masses = NDArray[float64]

Continuous = Lognormal | Quantiles | Uniform | Exponential | Delay | BoundedDelay | Tied

Found = TypeVar("Found")

_ANSWERS = 1024  # kept
_GRIDS = 64  # kept: each mean has a width of its own
_DELAYS = 32  # kept of each count of cells: timeouts and waits come again at every load
_TILT = 14.0  # θ × count: 8e-7 of what lies beyond the horizon folds back, rounding grows to 1e-10
_BEYOND = 1 - 2**-53  # the last quantile a double can name: no cell above it holds anything
_ON_GRID = 1e-9  # an atom this close to a cell boundary, in cells, is on it


@record
class Cells:
    """A grid: `count` cells of `width` seconds from zero. Powers of two let networks share transforms."""

    width: float
    count: int

    @property
    def horizon(self) -> float:
        """Where the grid ends, seconds."""
        return self.width * self.count


@record(eq=False)
class Transform:
    """A hop's floor transform, and the mean that rounding down took off, in cells, give or take `beyond`."""

    floor: Spectrum
    lost: float
    beyond: float


class Turns:
    """The arrays that depend on nothing but how many cells there are: grids of any width share them."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.tilt = _TILT / count
        self._delays: OrderedDict[int, Spectrum] = OrderedDict()

    @cached_property
    def tilts(self) -> Masses:
        """The factor of each cell's mass."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        tilts: Masses = np.exp(-self.tilt * np.arange(self.count))
        return tilts

    @cached_property
    def exponents(self) -> Spectrum:
        """The logarithm of the transform of a delay of one cell."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        turn = complex(0, -2 * math.pi / self.count)
        exponents: Spectrum = np.add(-self.tilt, np.multiply(turn, np.arange(self.count // 2 + 1)))
        return exponents

    def delay(self, by: int) -> Spectrum:
        """Return the transform of a delay of so many cells; nothing is left of one beyond the horizon."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        if by not in self._delays:
            self._delays[by] = np.exp(by * self.exponents) if by < self.count else 0 * self.exponents
            if len(self._delays) > _DELAYS:
                self._delays.popitem(last=False)
        self._delays.move_to_end(by)
        return self._delays[by]


class Grid:
    """The arrays that depend on nothing but the cells; `turns` are those of their count."""

    def __init__(self, cells: Cells, turns: Turns) -> None:
        self.cells = cells
        self.turns = turns

    @cached_property
    def edges(self) -> Masses:
        """The cells' lower edges and the horizon, seconds."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        edges: Masses = np.multiply(np.arange(self.cells.count + 1), self.cells.width)
        return edges

    @cached_property
    def step(self) -> Spectrum:
        """The transform of a delay of one cell."""
        return self.turns.delay(1)

    def place(self, seconds: float) -> tuple[int, float]:
        """Return the cell that a time falls in, and how far into it, 0 to 1."""
        cells = min(seconds / self.cells.width, float(self.cells.count))
        cell = math.floor(cells + _ON_GRID)
        into = cells - cell
        return cell, into if into > _ON_GRID else 0.0

    def delayed(self, spectrum: Spectrum, seconds: float, up: float | None = None) -> Spectrum:
        """Return a transform after a constant delay; what falls inside a cell goes to its edges.

        The part `up` of it to the upper edge and the rest to the lower: 0 for a floor, 1 for a ceiling, and by
        default as much as keeps the mean.
        """
        cell, into = self.place(seconds)
        up = 0.0 if not into else into if up is None else up
        if cell:
            spectrum = spectrum * self.turns.delay(cell)
        return spectrum * ((1 - up) + up * self.step) if up else spectrum

    def masses_of(self, spectrum: Spectrum) -> Masses:
        """Return the masses per cell that a tilted transform stands for, never negative."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        masses: Masses = np.maximum(np.fft.irfft(spectrum, self.cells.count), 0.0)
        return masses / self.turns.tilts

    def spectrum_of(self, masses: Masses) -> Spectrum:
        """Return the tilted transform of masses per cell, the first cells if there are fewer."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        return np.fft.rfft(masses * self.turns.tilts[: len(masses)], self.cells.count)


class Transforms:
    """Transforms of hops already made, least recently used out first.

    Hand one to several calls, the base and every failure mode, and each hop is transformed once per grid, each
    question about a network answered once; `answers` holds those of earlier runs.
    """

    def __init__(self, capacity: int = 64 * 2**20, answers: Answers | None = None) -> None:
        self.capacity = capacity
        self.answers = answers or Answers()
        self.rounds = 0
        """Rounds of settling a load that were worked out with these: what a question costs that asks what-ifs."""
        self._bytes = 0
        self._grids: OrderedDict[Cells, Grid] = OrderedDict()
        self._turns: dict[int, Turns] = {}
        self._answers: OrderedDict[Hashable, Any] = OrderedDict()
        self._hops: OrderedDict[tuple[Distribution, Cells], Transform] = OrderedDict()

    @contextmanager
    def unrecorded(self) -> Iterator[None]:
        """Ask for a while what no earlier run has answered and no later one is told."""
        before, self.answers = self.answers, Answers()
        try:
            yield
        finally:
            self.answers = before

    def remembered(self, question: Hashable, answer: Callable[[], Found]) -> Found:
        """Return the answer to a question, worked out once: what-ifs leave most networks of a design as they are."""
        if question in self._answers:
            self._answers.move_to_end(question)
        else:
            self._answers[question] = answer()
            if len(self._answers) > _ANSWERS:
                self._answers.popitem(last=False)
        found: Found = self._answers[question]
        return found

    def asked(
        self, network: Network, name: str, about: tuple[float, ...], counts: tuple[int, ...],
        work: Callable[[], Sequence[float]],
    ) -> tuple[float, ...]:  # fmt: skip
        """Return what a function finds of a network, as `Answers.of`; each question is worked out once.

        Loads that settle ask most guards of a design the same again and again. A network that is too large to be
        kept is too large to be remembered, too.
        """

        def answer() -> tuple[float, ...]:
            return self.answers.of(network, name, about, counts, work)

        small = len(network.nodes) <= LARGEST
        return self.remembered((name, about, network), answer) if small else answer()

    def grid(self, cells: Cells) -> Grid:
        """Return the arrays of a grid."""
        if cells not in self._grids:
            self._grids[cells] = Grid(cells, self._turns.setdefault(cells.count, Turns(cells.count)))
            if len(self._grids) > _GRIDS:
                self._grids.popitem(last=False)
        return self._grids[cells]

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


def _transform(distribution: Continuous, grid: Grid) -> Transform:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    cells = grid.cells
    last = distribution.quantile(_BEYOND)
    used = math.ceil(last / cells.width) + 1 if last < cells.horizon else cells.count
    used = min(used, cells.count)
    shares = distribution.cdf_at(grid.edges[: used + 1])
    masses = np.diff(shares)
    masses[0] += shares[0]  # what takes no time at all
    beyond = float(1 - shares[-1])
    inside = distribution.mean() - distribution.mean_beyond(cells.width * used)
    lost = (inside - float(np.sum(masses * grid.edges[:used]))) / cells.width
    if isinstance(distribution, Quantiles) and cells.horizon < distribution.points[-1][1]:
        lost, beyond = 0.5, 0.5  # the horizon cuts through the percentiles: nothing is known of the loss
    return Transform(grid.spectrum_of(masses), min(max(lost, 0.0), 1.0), beyond)
