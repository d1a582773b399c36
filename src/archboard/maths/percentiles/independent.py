"""The percentile of a whole flow when its hops are slow independently, with a certified bracket.

Chooses a grid of cells to suit the flow and the percentiles asked, carries every node over it (see `timing` for the
algebra, `transforms` for the hops) and reads floor, ceiling and estimate off the root, on finer
cells until the bracket is narrow enough.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from archboard.maths.network import (
    Attempts,
    Choice,
    Cut,
    Fork,
    Hedged,
    Hop,
    Network,
    Outcome,
    Overlap,
    Quorum,
    Series,
    children,
)
from archboard.maths.percentiles.closed_form import closed_quantile, closed_share
from archboard.maths.percentiles.fourier import Cells, Grid, Transforms
from archboard.maths.percentiles.retries_and_hedges import attempted, hedged, in_time, needed, share_within
from archboard.maths.percentiles.series_and_forks import (
    Lost,
    Timing,
    curve_of,
    in_series,
    joined,
    mixed,
    overlapped,
    timing_of,
)
from archboard.maths.percentiles.sum_and_bound import bound_of, minmax

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Curve = NDArray[float64]

BRACKET = 0.004  # aimed at, of the value; 0.005 is asked
Limits = Mapping[float, tuple[float, float]]  # for each q what the answer can never be below and above
_PROBE = 1024  # cells of a first look
_AT_ONE_TIME = 2**13  # cells for the share at one time
_MOST = 2**17  # cells at most
_WORK = 2**27  # cells × distinct hops at most
_SLACK = 1e-8  # of probability: rounding, and what tilting folds back


class Answer(NamedTuple):
    """A percentile in seconds: the estimate, and the bracket it certainly lies in."""

    estimate: float
    floor: float
    ceiling: float


def independent(
    network: Network, qs: Iterable[float], transforms: Transforms | None = None, bracket: float = BRACKET
) -> dict[float, Answer]:
    """Return, for each q inside 0 < q < 1, the time that a share q of requests stays within, seconds.

    Hops independent, alternatives weighted. Exact (floor = estimate = ceiling) where `closed` has a formula.
    Otherwise the estimate is within about 0.01%; the `bracket` aims at 0.4% of the value and is wider only for
    flows of many hundreds of hops, and for an `Overlap`, whose own width it holds. `ValueError` for other q.
    """
    wanted = sorted(set(qs))
    if not all(0 < q < 1 for q in wanted):
        raise ValueError(f"quantiles lie between 0 and 1: {wanted}")
    known = transforms or Transforms()

    def work() -> list[float]:
        exact = closed_quantile(network, wanted)
        if exact is not None:
            return [exact[q] for q in wanted for _ in Answer._fields]
        found = _read(network, wanted, known, bracket)
        return [number for q in wanted for number in found[q]]

    size = len(Answer._fields)
    numbers = known.asked(network, "independent", (bracket, *wanted), (size * len(wanted),), work)
    return {q: Answer(*numbers[i * size : (i + 1) * size]) for i, q in enumerate(wanted)}


def share_later(network: Network, seconds: float, transforms: Transforms | None = None) -> float:
    """Return the share of requests that take longer than so many seconds, hops independent: about 1e-5 exact."""
    exact = closed_share(network, seconds)
    if exact is not None:
        return max(0.0, 1 - exact)
    low, high = minmax(network)
    if seconds < low or seconds >= high or seconds <= 0:
        return 0.0 if seconds >= high else 1.0
    known = transforms or Transforms()

    def work() -> tuple[float]:
        cells = Cells(2.0 ** math.ceil(math.log2(1.05 * seconds / _AT_ONE_TIME)), _AT_ONE_TIME)
        return (max(0.0, 1 - share_within(evaluate(network, cells, known), seconds, known.grid(cells))),)

    (share,) = known.asked(network, "later", (seconds,), (1,), work)
    return share


def _read(network: Network, qs: Sequence[float], transforms: Transforms, bracket: float) -> dict[float, Answer]:
    """Choose cells, evaluate, and refine until the bracket is narrow enough or the cells are spent."""
    if not qs:
        return {}
    limits = {q: (minmax(network)[0], bound_of(network, q)) for q in qs}
    horizon, value = _probe(network, limits, transforms)
    most = _most_cells(network)
    hops = hops_in_line(network)
    steps = max(min(hops, 5 * math.sqrt(hops)), 1)
    width = 2.0 ** math.floor(math.log2(bracket * value / steps if value > 0 else horizon / most))
    while True:
        while horizon / width > most:
            width *= 2
        count = _fast_length(horizon / width)
        cells = Cells(width, count)
        timing = evaluate(network, cells, transforms)
        answers = _answers(limits, timing, transforms.grid(cells))
        short = any(answer.estimate == math.inf for answer in answers.values())
        wide = [q for q, a in answers.items() if a.ceiling - a.floor > 1.25 * bracket * a.estimate]
        if _has_overlap(network):
            wide = []
        if short and horizon < 2 * limits[max(limits)][1]:
            horizon *= 2
        elif wide and 2 * horizon / width <= most:
            width /= 2
        else:
            break
    if 0 < len(wide) < len(qs):  # the highest percentiles lie so far out that the others need a grid of their own
        answers |= _read(network, wide, transforms, bracket)
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
                timings[index] = in_series((timing(i), n) for i, n in Counter(parts).items())
            case Choice(options) | Outcome(options):
                timings[index] = mixed([(p, timing(i)) for p, i in options if p > 0], grid)
            case Fork(arms):
                timings[index] = joined([(timing(i), n) for i, n in Counter(arms).items()], grid)
            case Overlap(arms):
                timings[index] = overlapped([timing(i) for i in dict.fromkeys(arms)], grid)
            case Attempts(part, timeout, waits):
                timings[index] = attempted(timing(part), timeout, waits, grid)
            case Cut(part, timeout, share, late):
                timings[index] = Timing(timeout, timeout, None, timeout, Lost()) if late else in_time(
                    timing(part), timeout, share, grid
                )
            case Hedged(part, after):
                timings[index] = hedged(timing(part), after, grid)
            case Quorum(arm, copies, least):
                all_of_them = copies == least
                made = timing(arm)
                timings[index] = joined([(made, copies)], grid) if all_of_them else needed(made, copies, least, grid)
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
            case Attempts(part) as node:
                counts[index] = counts[part] * node.count + 1
            case Fork() | Overlap() | Choice() | Hedged() | Quorum() | Outcome() | Cut() as node:
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
            break
        horizon = reach
    return reach, min(low.estimate, low.ceiling)


def _answers(limits: Limits, timing: Timing, grid: Grid) -> dict[float, Answer]:
    """Read the quantiles off a timing, never outside the limits; infinite where the horizon was too near."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if timing.spectra is None:
        return {q: Answer(timing.offset, timing.offset, timing.offset) for q in limits}
    width, count = grid.cells.width, grid.cells.count
    floors, ceilings, estimates = (curve_of(spectrum, grid) for spectrum in timing.spectra)
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
        estimate = timing.centre + width * (cell + float(into))
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
