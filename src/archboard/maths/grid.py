"""The percentile of a whole flow when its hops are slow independently, with a certified bracket.

Grid algebra on a common grid: hops in series multiply their transforms (convolution), alternatives add them
by weight, a fork goes back to time and multiplies distribution functions. Every node is carried three times,
as floor, ceiling and estimate (see `transforms`); all operations keep the order floor ≤ truth ≤ ceiling.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from archboard.maths.budget import bound_of, minmax
from archboard.maths.closed import closed_quantile
from archboard.maths.network import Choice, Fork, Hop, Network, Overlap, Series, children
from archboard.maths.transforms import Cells, Grid, Lost, Timing, Transforms, timing_of

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    from archboard.maths.transforms import Spectra, Spectrum

    Curve = NDArray[float64]

BRACKET = 0.004  # aimed at, of the value; 0.005 is asked
Limits = Mapping[float, tuple[float, float]]  # for each q what the answer can never be below and above
_PROBE = 1024  # cells of a first look
_MOST = 2**17  # cells at most
_WORK = 2**27  # cells × distinct hops at most
_SLACK = 1e-8  # of probability: rounding, and what tilting folds back


class Answer(NamedTuple):
    """A percentile in seconds: the estimate, and the bracket it certainly lies in."""

    estimate: float
    floor: float
    ceiling: float


def independent(
    network: Network, qs: Iterable[float], transforms: Transforms | None = None
) -> dict[float, Answer]:
    """Return, for each q inside 0 < q < 1, the time that a share q of requests stays within, seconds.

    Hops independent, alternatives weighted. Exact (floor = estimate = ceiling) where `closed` has a formula.
    Otherwise the estimate is within about 0.01%; the bracket aims at 0.4% of the value and is wider only for
    flows of many hundreds of hops, and for an `Overlap`, whose own width it holds. `ValueError` for other q.
    """
    wanted = sorted(set(qs))
    if not all(0 < q < 1 for q in wanted):
        raise ValueError(f"quantiles lie between 0 and 1: {wanted}")
    exact = closed_quantile(network, wanted)
    if exact is not None:
        return {q: Answer(value, value, value) for q, value in exact.items()}
    return _read(network, wanted, transforms or Transforms())


def _read(network: Network, qs: Sequence[float], transforms: Transforms) -> dict[float, Answer]:
    """Choose cells, evaluate, and refine until the bracket is narrow enough or the cells are spent."""
    if not qs:
        return {}
    limits = {q: (minmax(network)[0], bound_of(network, q)) for q in qs}
    horizon, value = _probe(network, limits, transforms)
    most = _most_cells(network)
    hops = hops_in_line(network)
    steps = max(min(hops, 5 * math.sqrt(hops)), 1)
    width = 2.0 ** math.floor(math.log2(BRACKET * value / steps if value > 0 else horizon / most))
    while True:
        while horizon / width > most:
            width *= 2
        count = _fast_length(horizon / width)
        cells = Cells(width, count)
        timing = evaluate(network, cells, transforms)
        answers = _answers(limits, timing, transforms.grid(cells))
        short = any(answer.estimate == math.inf for answer in answers.values())
        wide = any(a.ceiling - a.floor > 1.25 * BRACKET * a.estimate for a in answers.values())
        if short and horizon < 2 * limits[max(limits)][1]:
            horizon *= 2
        elif wide and count < most and not _has_overlap(network):
            width /= 2
        else:
            return {q: Answer(min(a.estimate, a.ceiling), a.floor, a.ceiling) for q, a in answers.items()}


def evaluate(network: Network, cells: Cells, transforms: Transforms) -> Timing:
    """Return the timing of the whole network on a grid, in one pass that lets go of each node after use."""
    grid = transforms.grid(cells)
    timings: dict[int, Timing] = {}
    left = list(network.uses)

    def timing(index: int) -> Timing:
        node = network.nodes[index]
        return timing_of(node.distribution, cells, transforms) if isinstance(node, Hop) else timings[index]

    for index in network.order:
        match network.nodes[index]:
            case Hop():
                continue  # made when it is used, so that a long chain never holds all its transforms
            case Series(parts):
                timings[index] = _in_series(((timing(i), n) for i, n in Counter(parts).items()), grid)
            case Choice(options):
                timings[index] = _mixed([(p, timing(i)) for p, i in options if p > 0], grid)
            case Fork(arms):
                timings[index] = _joined([(timing(i), n) for i, n in Counter(arms).items()], grid)
            case Overlap(arms):
                timings[index] = _overlapped([timing(i) for i in dict.fromkeys(arms)], grid)
        for child in children(network.nodes[index]):
            left[child] -= 1
            if not left[child]:
                timings.pop(child, None)
    return timing(network.root)


def hops_in_line(network: Network) -> int:
    """Return the most random hops that any one way through adds up."""
    counts: dict[int, int] = {}
    for index in network.order:
        match network.nodes[index]:
            case Hop(distribution):
                counts[index] = int(distribution.is_random)
            case Series(parts):
                counts[index] = sum(counts[part] for part in parts)
            case Fork() | Overlap() | Choice() as node:
                counts[index] = max(counts[child] for child in children(node)) + 1
    return counts[network.root]


def _probe(network: Network, limits: Limits, transforms: Transforms) -> tuple[float, float]:
    """Return a horizon for the random part that the highest q fits in, and the lowest q's rough value."""
    horizon = max(limits[max(limits)][1] * 1.01, 1e-300)
    for _ in range(12):
        cells = Cells(horizon / _PROBE, _PROBE)
        timing = evaluate(network, cells, transforms)
        answers = _answers(limits, timing, transforms.grid(cells))
        high, low = answers[max(limits)], answers[min(limits)]
        reach = min(high.ceiling, 1.25 * high.estimate + 3 * cells.width) - timing.offset
        reach = max(reach * 1.15, 4 * cells.width)
        if reach > horizon / 8:
            return reach, low.estimate
        horizon = reach
    return horizon, low.estimate


def _answers(limits: Limits, timing: Timing, grid: Grid) -> dict[float, Answer]:
    """Read the quantiles off a timing, never outside the limits; infinite where the horizon was too near."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if timing.spectra is None:
        return {q: Answer(timing.offset, timing.offset, timing.offset) for q in limits}
    width, count = grid.cells.width, grid.cells.count
    floors, ceilings, estimates = (_curve_of(spectrum, grid) for spectrum in timing.spectra)
    answers = {}
    for q, (least, bound) in limits.items():
        floor = timing.offset + width * int(np.searchsorted(floors, q - _SLACK))
        floor = min(max(floor, least), bound)
        cell = int(np.searchsorted(ceilings, q + _SLACK))
        ceiling = min(timing.offset + width * cell, bound) if cell < count else bound
        low, high = _concentrated(floors, q, timing.lost)
        floor = max(floor, timing.offset + width * low)
        ceiling = max(min(ceiling, timing.offset + width * high), floor)
        cell = int(np.searchsorted(estimates, q))
        before = estimates[cell - 1] if cell else 0.0
        into = (q - before) / (estimates[cell] - before) - 0.5 if cell < count else math.inf
        estimate = timing.offset + width * (cell + float(into))
        answers[q] = Answer(min(max(estimate, floor), ceiling) if cell < count else math.inf, floor, ceiling)
    return answers


def _concentrated(floors: Curve, q: float, lost: Lost) -> tuple[float, float]:
    """Return a second bracket, in cells: the floor's quantile plus the mean loss, give or take its margin.

    T exceeds a sum only if its floor or its loss exceeds its part, so the floor is read that chance out.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    chance = min(q, 1 - q) / 1000
    margin = lost.margin(chance)
    low, high = np.searchsorted(floors, (q - chance - _SLACK, q + chance + _SLACK))
    far = math.inf if high == len(floors) else int(high) + lost.high + margin
    return int(low) + lost.low - margin, far


def _in_series(timings: Iterable[tuple[Timing, int]], grid: Grid) -> Timing:
    """Add times: offsets and means add, transforms multiply, n equal hops to the n-th power."""
    offset = mean = low = high = squares = ways = 0.0
    product: list[Spectrum] = []
    for timing, times in timings:
        low, high = low + timing.lost.low * times, high + timing.lost.high * times
        squares, ways = squares + timing.lost.squares * times, ways + timing.lost.ways * times
        offset += timing.offset * times
        mean += timing.mean * times
        if timing.spectra is not None:
            factors = [_power(spectrum, times) for spectrum in timing.spectra]
            if product:
                for total, factor in zip(product, factors, strict=True):
                    total *= factor
            else:
                product = [factor.copy() for factor in factors]
    spectra = (product[0], product[1], product[2]) if product else None
    return Timing(offset, spectra, mean, Lost(low, high, squares, ways))


def _mixed(options: Sequence[tuple[float, Timing]], grid: Grid) -> Timing:
    """Take one of several: transforms add by probability, over the earliest offset."""
    offset = min(timing.offset for _, timing in options)
    mean = math.fsum(probability * timing.mean for probability, timing in options)
    totals: list[Any] = [0.0, 0.0, 0.0]
    for probability, timing in options:
        shifted = _shifted(timing, offset, grid)
        totals = [total + probability * spectrum for total, spectrum in zip(totals, shifted, strict=True)]
    lost = [_shifted_loss(timing, offset, grid) for _, timing in options]
    return Timing(
        offset, (totals[0], totals[1], totals[2]), mean, _worst_loss(lost, max(each.ways for each in lost))
    )


def _joined(arms: Sequence[tuple[Timing, int]], grid: Grid) -> Timing:
    """Wait for all arms: their distribution functions multiply, n equal arms to the n-th power."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    offset = min(timing.offset for timing, _ in arms)
    curves = [[_curve_of(each, grid) for each in _shifted(timing, offset, grid)] for timing, _ in arms]
    floor, ceiling = np.ones(grid.cells.count), np.ones(grid.cells.count)
    for arm, (_, times) in zip(curves, arms, strict=True):
        floor, ceiling = floor * arm[0] ** times, ceiling * arm[1] ** times
    drawn = ((t.mean - offset, arm[2], times) for arm, (t, times) in zip(curves, arms, strict=True))
    mean, estimate = _slowest(drawn, grid)
    lost = [_shifted_loss(timing, offset, grid) for timing, _ in arms]
    ways = math.log(
        math.fsum(times * math.exp(each.ways) for each, (_, times) in zip(lost, arms, strict=True))
    )
    spectra = _spectra_of(floor, ceiling, estimate, grid)
    return Timing(offset, spectra, offset + mean, _worst_loss(lost, ways))


def _overlapped(arms: Sequence[Timing], grid: Grid) -> Timing:
    """Wait for arms that share hops: from arms that move together to arms that are independent.

    Shared hops make arms positively dependent (associated; Esary, Proschan and Walkup 1967), so the truth
    lies between the least of the distribution functions and their product. The estimate is half way.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    offset = min(timing.offset for timing in arms)
    curves = [[_curve_of(each, grid) for each in _shifted(timing, offset, grid)] for timing in arms]
    floor = np.minimum.reduce([arm[0] for arm in curves])
    ceiling = np.multiply.reduce([arm[1] for arm in curves])
    together = np.minimum.reduce([arm[2] for arm in curves])
    mean, apart = _slowest(((t.mean - offset, arm[2], 1) for arm, t in zip(curves, arms, strict=True)), grid)
    mean = (mean + grid.cells.width * float(np.sum(1 - together))) / 2
    spectra = _spectra_of(floor, ceiling, (together + apart) / 2, grid)
    return Timing(offset, spectra, offset + mean, Lost(squares=math.inf))


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


def _shifted(timing: Timing, offset: float, grid: Grid) -> Spectra:
    """Return a timing's transforms over an earlier offset."""
    if timing.spectra is None:
        return grid.delays(timing.offset - offset)
    if timing.offset == offset:
        return timing.spectra
    floor, ceiling, estimate = grid.delays(timing.offset - offset)
    return floor * timing.spectra[0], ceiling * timing.spectra[1], estimate * timing.spectra[2]


def _shifted_loss(timing: Timing, offset: float, grid: Grid) -> Lost:
    _, into = grid.place(timing.offset - offset)
    lost = timing.lost
    return Lost(lost.low + into, lost.high + into, lost.squares, lost.ways)


def _worst_loss(each: Sequence[Lost], ways: float) -> Lost:
    low, high = min(lost.low for lost in each), max(lost.high for lost in each)
    return Lost(low, high, max(lost.squares for lost in each), ways)


def _curve_of(spectrum: Spectrum, grid: Grid) -> Curve:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    return np.minimum(np.cumsum(grid.masses_of(spectrum)), 1.0)


def _spectra_of(floor: Curve, ceiling: Curve, estimate: Curve, grid: Grid) -> Spectra:
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    def spectrum(curve: Curve) -> Spectrum:
        return grid.spectrum_of(np.diff(curve, prepend=0.0))

    return spectrum(floor), spectrum(ceiling), spectrum(estimate)


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


def _most_cells(network: Network) -> int:
    """Return how many cells the work allows, a power of two."""
    hops = sum(isinstance(network.nodes[index], Hop) for index in network.order)
    return max(min(_MOST, 1 << int(math.log2(_WORK / max(hops, 1)))), 1024)


def _fast_length(least: float) -> int:
    """Return the next 2^k or 3·2^k: few enough lengths for networks to share, all quick to transform."""
    octave = 1 << max(math.ceil(math.log2(max(least, 1))), 6)
    return octave * 3 // 4 if least <= octave * 3 / 4 else octave


def _has_overlap(network: Network) -> bool:
    return any(isinstance(network.nodes[index], Overlap) for index in network.order)
