"""The percentile of a whole flow when its hops tend to be slow together: a one-factor Gaussian copula.

Every hop's normal score is √ρ·z + √(1 − ρ)·x, with z common to all hops of a request and x each draw's own, so that
any two hops' scores are correlated by ρ. Chance (hits, shares) stays independent of both. Given z the hops are
independent again (Vasicek 1987), so the grid answers what share of requests is then later than t, and that share is
averaged over z. As a function of z its normal score is nearly a straight line; it is drawn through a few z, more of
them where it is steep, and integrated in closed steps.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import TYPE_CHECKING

from archboard.maths.distributions import normal
from archboard.maths.distributions.copula import Tied
from archboard.maths.distributions.distribution import Constant, Discrete, Distribution, Lognormal
from archboard.maths.network import Choice, Cut, Hop, Network, Outcome, Quorum
from archboard.maths.percentiles.fourier import Cells, Transforms
from archboard.maths.percentiles.independent import evaluate, independent
from archboard.maths.percentiles.series_and_forks import curve_of
from archboard.maths.percentiles.sum_and_bound import bound_of, minmax, sum_of
from archboard.records import record, replace

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

MOST_HOPS = 500
_FIRST = 512  # cells of a first look
_CELLS = 2048
_SURE = 1e-3  # of 1 − q, and of q: z more rarely high, or low, than this is not looked at
_CLEAR = 7.0  # a normal score beyond which a share is 0 or 1
_STEEP = 1.5  # a change of the score from one z to the next within which anything may happen
_MATTERS = 5e-4  # of 1 − q: an interval of z that can change the answer by less is left as it is
_ROUNDS = 40
_BETWEEN = 8  # closed steps from one z to the next
_SETTLED = 1e-5  # of the time: finer than the rest
_ROUNDING = 1e-9


def correlated(network: Network, q: float, correlation: float, transforms: Transforms | None = None) -> float | None:
    """Return the time that a share q, 0 < q < 1, of requests stays within, hops tied by `correlation` in 0..1; seconds.

    0 is the `independent` answer. 1 is what hops that are all slow together come to: `sum_of`, where there are neither
    alternatives nor copies, which a sum takes to be slow each for itself.
    Between them within about 0.1%, 0.4% where hits end and misses begin. The work is that of some twenty independent
    answers: None for flows of more than `MOST_HOPS` hops that vary.
    """
    if correlation <= 0:
        return independent(network, (q,), transforms)[q].estimate
    nodes = [network.nodes[index] for index in network.order]
    if correlation >= 1 and not any(isinstance(node, Choice | Outcome | Quorum) for node in nodes):
        return sum_of(network, q)
    if sum(isinstance(node, Hop) and node.distribution.is_random for node in nodes) > MOST_HOPS:
        return None
    if any(isinstance(node, Cut) for node in nodes):
        return None  # how many are late would hang on the factor
    low, high = minmax(network)[0], bound_of(network, q)
    if not low < high < math.inf:
        return high
    known = (transforms or Transforms()).answers
    (time,) = known.of(network, "correlated", (q, correlation), (1,), lambda: (_solved(network, q, correlation),))
    return time


def _solved(network: Network, q: float, correlation: float) -> float:
    low, high = minmax(network)[0], bound_of(network, q)
    look = _Tail(network, correlation, Cells(high / _FIRST, _FIRST))
    reach = 1.5 * look.quantile(q, low, high, rounds=1)
    while True:
        time = _Tail(network, correlation, Cells(reach / _CELLS, _CELLS)).quantile(q, low, min(high, reach))
        if reach >= high or time < 0.95 * reach:
            return time
        reach *= 2


def given(distribution: Distribution, factor: float, correlation: float) -> Distribution:
    """Return a hop's time once the common factor z is known."""
    if not distribution.is_random:
        return distribution
    if correlation >= 1:
        return Constant(distribution.quantile(normal.cdf(factor)))
    common, own = math.sqrt(correlation) * factor, math.sqrt(1 - correlation)
    match distribution:
        case Lognormal(mu, sigma):
            return Lognormal(mu + sigma * common, sigma * own)
        case Discrete(masses):
            times = sorted({seconds for probability, seconds in masses if probability > 0})
            shares = [normal.cdf((normal.quantile(distribution.cdf(t)) - common) / own) for t in times[:-1]]
            steps = pairwise((0.0, *shares, 1.0))
            return Discrete(tuple((b - a, t) for (a, b), t in zip(steps, times, strict=True)))
        case Constant():
            return distribution
        case _:
            return Tied(distribution, factor, correlation)


def _given(network: Network, factor: float, correlation: float) -> Network:
    known: dict[Distribution, Distribution] = {}
    nodes = []
    for node in network.nodes:
        if isinstance(node, Hop):
            if node.distribution not in known:
                known[node.distribution] = given(node.distribution, factor, correlation)
            node = replace(node, distribution=known[node.distribution])
        nodes.append(node)
    return Network(tuple(nodes), network.root)


@record(eq=False)
class _Times:
    """How a flow's time is distributed given z: the share within each cell, counted from `centre`."""

    centre: float
    shares: NDArray[float64] | None

    def later(self, t: float, width: float) -> float:
        """Return the share of requests that take longer than t."""
        if self.shares is None:
            return float(t < self.centre * (1 - _ROUNDING))
        cells = (t - self.centre) / width + 0.5
        cell = min(max(math.floor(cells), 0), len(self.shares) - 1)
        before = float(self.shares[cell - 1]) if cell else 0.0
        within = before + min(max(cells - cell, 0.0), 1.0) * (float(self.shares[cell]) - before)
        return 1 - within


class _Tail:
    """The share of requests later than a time, over all z, on one grid of cells for all of them."""

    def __init__(self, network: Network, correlation: float, cells: Cells) -> None:
        self.network = network
        self.correlation = correlation
        self.cells = cells
        self.transforms = Transforms()
        self._known: dict[float, _Times] = {}

    def quantile(self, q: float, low: float, high: float, rounds: int = _ROUNDS) -> float:
        """Return the time that a share q stays within, looking at more z until it settles."""
        first, last = normal.quantile(_SURE * q), -normal.quantile(_SURE * (1 - q))
        count = math.ceil(last - first)
        factors = [first + (last - first) * i / count for i in range(count + 1)]
        for _ in range(rounds):
            time = self._solved(factors, q, low, high)
            halves = self._unclear(factors, time, q)
            if not halves:
                break
            factors = sorted((*factors, *halves))
        return time

    def _at(self, factor: float) -> _Times:
        if factor not in self._known:
            timing = evaluate(_given(self.network, factor, self.correlation), self.cells, self.transforms)
            grid = self.transforms.grid(self.cells)
            shares = None if timing.spectra is None else curve_of(timing.spectra[2], grid)
            self._known[factor] = _Times(timing.centre, shares)
        return self._known[factor]

    def _scores(self, factors: list[float], time: float) -> list[float]:
        late = (normal.quantile(self._at(factor).later(time, self.cells.width)) for factor in factors)
        return [min(max(score, -_CLEAR), _CLEAR) for score in late]

    def _solved(self, factors: list[float], q: float, low: float, high: float) -> float:
        """Return the time that a share 1 − q is later than, by bisection."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        steps = [a + (b - a) * i / _BETWEEN for a, b in pairwise(factors) for i in range(_BETWEEN)] + [factors[-1]]
        below = [normal.cdf(z) for z in steps]
        weights = np.diff([0.0, *below, 1.0])
        middles = np.array([steps[0], *((a + b) / 2 for a, b in pairwise(steps)), steps[-1]])
        while high - low > _SETTLED * high:
            time = (low + high) / 2
            scores = np.interp(middles, factors, self._scores(factors, time))
            late = float(np.dot(weights, normal.cdf_array(scores)))
            low, high = (low, time) if late <= 1 - q else (time, high)
        return high

    def _unclear(self, factors: list[float], time: float, q: float) -> list[float]:
        """Return the middles of the intervals of z where the score is too bent or too steep for a straight line."""
        scores = self._scores(factors, time)
        slopes = [(b - a) / (y - x) for (x, y), (a, b) in zip(pairwise(factors), pairwise(scores), strict=True)]
        halves = []
        for i, ((x, y), (a, b)) in enumerate(zip(pairwise(factors), pairwise(scores), strict=True)):
            beside = (slopes[max(i - 1, 0)], slopes[min(i + 1, len(slopes) - 1)])
            bend = max(abs(slopes[i] - slope) for slope in beside) * (y - x) / 6
            wrong = normal.density((a + b) / 2) * bend if b - a < _STEEP else normal.cdf(b) - normal.cdf(a)
            if (normal.cdf(y) - normal.cdf(x)) * wrong > _MATTERS * (1 - q):
                halves.append((x + y) / 2)
        return halves
