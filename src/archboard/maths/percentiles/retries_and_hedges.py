"""The algebra of what is done more than once: attempts cut at a timeout, hedged requests, quorums.

Like `timing`, on a grid and three times over: what finishes later when its parts do keeps floor ≤ truth ≤ ceiling.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING

from archboard.maths.percentiles.fourier import Grid
from archboard.maths.percentiles.series_and_forks import Lost, Timing, curve_of, curves_of, spectra_of

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Curve = NDArray[float64]

_UNKNOWN = Lost(squares=math.inf)  # what rounding takes off is not followed through


def attempted(timing: Timing, timeout: float, waits: tuple[float, ...], grid: Grid) -> Timing:
    """Cut a time at a timeout, and try again after each wait: a mixture of shifted copies, the last one cut for good.

    Attempts are independent. What is later than the timeout is moved to the end of the attempt and followed by
    the wait and the next attempt; after the last one it stays there, an atom.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    end = (len(waits) + 1) * timeout + math.fsum(waits)
    cut = timeout - timing.offset
    if cut < 0:
        return Timing(end, end, None, end, Lost())
    curves = curves_of(timing, timing.offset, grid)
    places = np.arange(grid.cells.count)
    cells = cut / grid.cells.width
    whole = places <= cells + 1e-9
    partly = np.clip(cells + 0.5 - places, 0.0, 1.0)
    spectra = []
    for curve, kept, up in zip(curves, (whole, whole, partly), (0.0, 1.0, None), strict=True):
        masses = np.diff(curve, prepend=0.0) * kept
        failing = max(0.0, 1.0 - float(masses.sum()))
        once = grid.spectrum_of(masses)
        tried = once + failing * grid.delayed(0 * grid.step + 1, cut, up)
        for wait in reversed(waits):
            tried = once + failing * grid.delayed(tried, timeout + wait, up)
        spectra.append(tried)
    mean = _mean_of_attempts(np.diff(curves[2], prepend=0.0) * partly, timing.offset, timeout, waits, grid)
    return Timing(timing.offset, timing.offset, (spectra[0], spectra[1], spectra[2]), mean, _UNKNOWN)


def _mean_of_attempts(masses: Curve, offset: float, timeout: float, waits: tuple[float, ...], grid: Grid) -> float:
    """Return the mean of attempts; `masses` are those in time, each spread evenly around its cell."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    width = grid.cells.width
    into = (timeout - offset) / width
    last = min(math.floor(into + 0.5), len(masses) - 1)
    centres = np.arange(len(masses), dtype=float)
    centres[last] = (min(into, last + 0.5) + last - 0.5) / 2
    failing = max(0.0, 1.0 - float(masses.sum()))
    within = offset * (1 - failing) + width * float(np.sum(masses * centres))
    mean = within + failing * timeout
    for wait in reversed(waits):
        mean = within + failing * (timeout + wait + mean)
    return mean


def in_time(timing: Timing, timeout: float, share: float, grid: Grid) -> Timing:
    """Keep of a time what is within a timeout, which is a share of it: what is left makes up all of it."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    cells = (timeout - timing.offset) / grid.cells.width
    if cells <= 0 or share <= 0:
        return Timing(timeout, timeout, None, timeout, Lost())
    floor, ceiling, estimate = curves_of(timing, timing.offset, grid)
    places = np.arange(grid.cells.count)
    partly = np.diff(estimate, prepend=0.0) * np.clip(cells + 0.5 - places, 0.0, 1.0)
    whole = float(partly.sum())
    partly = partly / (whole if cells + 0.5 <= grid.cells.count and whole > 0 else share)
    curves = (
        np.where(places >= math.floor(cells + 1e-9), 1.0, np.minimum(floor / share, 1.0)),
        np.where(places >= math.ceil(cells - 1e-9), 1.0, np.minimum(ceiling / share, 1.0)),
        np.minimum(np.cumsum(partly), 1.0),
    )
    mean = _mean_of_attempts(partly, timing.offset, timeout, (), grid)
    return Timing(timing.offset, timing.offset, spectra_of(*curves, grid), mean, _UNKNOWN)


def hedged(timing: Timing, after: float, grid: Grid) -> Timing:
    """Send a second copy after some seconds and take the first answer: survivals multiply, one of them later."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    cells = after / grid.cells.width

    def first(curve: Curve, delay: float) -> Curve:
        by = math.floor(min(delay, len(curve)))
        part = min(delay, float(len(curve))) - by
        late = np.concatenate((np.zeros(min(by + 1, len(curve) + 1)), curve))
        shifted: Curve = (1 - part) * late[1 : len(curve) + 1] + part * late[: len(curve)]
        earliest: Curve = 1 - (1 - curve) * (1 - shifted)
        return earliest

    floor, ceiling, estimate = curves_of(timing, timing.offset, grid)
    curves = first(floor, math.floor(cells + 1e-9)), first(ceiling, math.ceil(cells - 1e-9)), first(estimate, cells)
    return _of(curves, timing, grid)


def needed(timing: Timing, copies: int, least: int, grid: Grid) -> Timing:
    """Wait for so many of some copies: the binomial chance that enough of them are there."""
    floor, ceiling, estimate = curves_of(timing, timing.offset, grid)
    share = _enough(copies, least)
    return _of((share(floor), share(ceiling), share(estimate)), timing, grid)


def _of(curves: tuple[Curve, Curve, Curve], timing: Timing, grid: Grid) -> Timing:
    """Return the timing of distribution functions that count from a timing's offset."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    mean = timing.offset + grid.cells.width * float(np.sum(1 - curves[2]))
    return Timing(timing.offset, timing.offset, spectra_of(*curves, grid), mean, _UNKNOWN)


def _enough(copies: int, least: int) -> Callable[[Curve], Curve]:
    """Return the chance that at least so many of `copies` are there, for each chance of one: a binomial tail.

    Summed from the end that is nearer, downwards from its largest term, until what is left does not count.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    def tail(u: Curve, first: int) -> Curve:
        """Return P(X ≥ first) where that is the smaller side: u below first ÷ copies."""
        with np.errstate(divide="ignore", invalid="ignore"):
            log = (
                math.lgamma(copies + 1) - math.lgamma(first + 1) - math.lgamma(copies - first + 1)
                + first * np.log(u) + (copies - first) * np.log1p(-u)
            )  # fmt: skip
            term = np.where(u > 0, np.exp(log), 0.0)
            total = term.copy()
            for k in range(first, copies):
                term = term * ((copies - k) / (k + 1) * (u / (1 - u)))
                total += term
                if not np.any(term > total * 1e-17):
                    break
        return total

    def share(curve: Curve) -> Curve:
        u = np.clip(curve, 0.0, 1.0)
        low = u < least / copies
        enough = np.ones_like(u)
        enough[low] = tail(u[low], least)
        enough[~low] = 1 - tail(1 - u[~low], copies - least + 1)
        clipped: Curve = np.maximum.accumulate(np.clip(enough, 0.0, 1.0))
        return clipped

    return share


def share_within(timing: Timing, seconds: float, grid: Grid) -> float:
    """Return the share of requests that a timing's estimate has within so many seconds."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if timing.spectra is None:
        return 1.0 if timing.offset <= seconds else 0.0
    curve = curve_of(timing.spectra[2], grid)
    place = (seconds - timing.centre) / grid.cells.width + 0.5
    return float(np.interp(place, np.arange(len(curve) + 1), np.concatenate(([0.0], curve))))
