"""The sharp worst case: the longest that a flow's percentile can be, however its hops depend on each other.

Hops that are never slow together and never fast together can make a percentile worse than hops that move together:
the tail of each is spent where the others' is not. For two hops the worst is a minimum over how the late requests
are split between them (Makarov 1981, Rüschendorf 1982). For more it is bracketed (Embrechts, Puccetti and Rüschendorf
2013): each hop's tail beyond q is cut into equally likely steps, and the steps are rearranged until no hop's could
be matched better with the sum of the others. An arrangement is a dependence, so with every step at its lower end the
least sum is reached by one; with every step at its upper end it is hardly ever exceeded. Never exceeded is the
sum of the hops' means beyond q, which long chains come close to.

Like `sum_of` and `bound_of` it is about the worst way: of alternatives the slowest, whatever their chance. A series
is a list of times that add. The arms of a fork are matched time by time, the longest with the longest: the slower of
two is late when either is, so its chance is the sum of theirs. That is sharp for arms of one hop, a bound for others.
A hedge does not help where both copies are slow, and a quorum is late when enough of its copies are (Markov).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache, reduce
from itertools import zip_longest
from typing import TYPE_CHECKING, NamedTuple

from archboard.maths.distributions import normal
from archboard.maths.distributions.distribution import Exponential, Lognormal, Uniform
from archboard.maths.network import Choice, Fork, Hedged, Hop, Network, Overlap, Quorum, Series, children
from archboard.maths.percentiles.fourier import Transforms
from archboard.maths.percentiles.independent import Answer
from archboard.maths.percentiles.sum_and_bound import bound_of, sum_of
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]

_NARROW = 0.005  # of the value: how wide the bracket may be
_STEPS = (256, 512, 1024, 2048)  # of a tail, until the bracket is narrow
_COLUMNS = 64  # that are rearranged; of more, some move together
_STABLE = 1e-4  # of the least sum: less than this is not worth a further round
_ROUNDS = 40
_HALVINGS = 50
_SPLITS = 128  # of the late requests between two hops, and of the best of these again
_ZOOMS = 6
_PIECES = 256  # of a mean
_END = 45.0  # e^−45 of the late requests: the end of a mean
_RAREST = 1e-15  # a share that is as good as none
_DEEPEST = 8  # forks in alternatives in forks
_LARGEST = 48  # times that differ that what is added up is made of, written out
_MATCHED = 20_000  # times that are held against each other at once, or added up
_ALTERNATIVES = 256  # that are held against each other, each with all before it


@record
class Slowest:
    """The slowest of times: of arms, whose chances of being late add, or of alternatives, one of which is met.

    `parts` are the times that differ, each with how many there are of it.
    """

    parts: tuple[tuple[Time, int], ...]
    adds: bool
    depth: int
    size: int
    """How many times it is made of, written out."""


Time = Hop | Slowest


class Times(NamedTuple):
    """A node's time as a sum: seconds that never vary, and how often each time that does."""

    constant: float
    random: Counter[Time]


def worst_case(network: Network, q: float, transforms: Transforms | None = None) -> Answer | None:
    """Return the q-quantile, seconds, under the worst dependence of the hops, and its bracket; 0 < q < 1.

    At least `sum_of`, at most `bound_of`. Two random hops are exact to 1e-9, more are bracketed to about 0.5%. Nothing
    where something is cut at a timeout, or where forks and alternatives are nested too deep or come to too much.
    """
    known = (transforms or Transforms()).answers
    numbers = known.of(network, "worst case", (q,), (0, len(Answer._fields)), lambda: _worst_case(network, q) or ())
    return Answer(*numbers) if numbers else None


def _worst_case(network: Network, q: float) -> Answer | None:
    times = _times(network, q)
    if times is None:
        return None
    late, count = 1 - q, times.random.total()
    size = sum(int(_size(time)) for time in times.random if not isinstance(time, Hop))
    if count > _MATCHED or size > _LARGEST:
        return None
    least, most = sum_of(network, q), bound_of(network, q)
    if not math.isfinite(most):
        return None
    if count > 2:
        floor, ceiling = _of_many(times.random, late)
    elif count == 2:
        floor = ceiling = _of_two(tuple(times.random.elements()), late)
    else:
        floor = ceiling = math.fsum(_sizes(times.random, late))
    floor, ceiling = (min(max(times.constant + each, least), max(most, least)) for each in (floor, ceiling))
    return Answer((floor + ceiling) / 2, floor, ceiling)


def _times(network: Network, q: float) -> Times | None:
    """Return the times that the worst way through a network adds up."""
    sizes: dict[Time, float] = {}

    def size(time: Time) -> float:
        if time not in sizes:
            (sizes[time],) = _sizes((time,), 1 - q)
        return sizes[time]

    found: dict[int, Times] = {}
    for index in network.order:
        node = network.nodes[index]
        match node:
            case Hop(distribution):
                steady = not distribution.is_random
                found[index] = Times(distribution.support[0], Counter()) if steady else Times(0.0, Counter((node,)))
            case Series(parts):
                random: Counter[Time] = Counter()
                for part in parts:
                    random.update(found[part].random)
                found[index] = Times(math.fsum(found[part].constant for part in parts), random)
            case Fork() | Overlap() | Choice():
                together = _slowest([found[child] for child in children(node)], node, size)
                if together is None:
                    return None
                found[index] = together
            case Hedged(part):
                found[index] = found[part]  # the second copy is as slow as the first
            case Quorum(arm, copies, needed):
                late = math.ceil(copies / (copies - needed + 1))  # P(at least m of n are late) is at most n/m of one's
                slow = Counter({_of_alike(time, late): count for time, count in found[arm].random.items()})
                if any(_too_large(time) for time in slow):
                    return None
                found[index] = Times(found[arm].constant, slow)
            case _:
                return None
    return found[network.root]


def _slowest(arms: list[Times], node: Fork | Overlap | Choice, size: Callable[[Time], float]) -> Times | None:
    """Match the times of arms or alternatives, the longest with the longest; what all share is the same draw."""
    constant = max(arm.constant for arm in arms)
    if len(arms) > _ALTERNATIVES or math.fsum(arm.random.total() for arm in arms) > _MATCHED:
        return None
    each = sorted((arm.random for arm in arms), key=Counter.total, reverse=True)
    if isinstance(node, Choice):
        each = [times for i, times in enumerate(each) if not any(times <= other for other in each[:i])]
    shared: Counter[Time] = Counter() if isinstance(node, Fork) else reduce(Counter.__and__, each)
    rest = [sorted((times - shared).elements(), key=size, reverse=True) for times in each]
    together = Counter(shared)
    for matched in zip_longest(*rest):
        parts = [time for time in matched if time is not None]
        adds = not isinstance(node, Choice)
        if not adds:
            parts = list(dict.fromkeys(parts))
        one = parts[0] if len(parts) == 1 else _of(Counter(parts), adds)
        if _too_large(one):
            return None
        together[one] += 1
    return Times(constant, together)


def _of_alike(time: Time, copies: int) -> Time:
    """Return the slowest of so many that are alike."""
    return time if copies == 1 else _of(Counter({time: copies}), adds=True)


def _of(parts: Counter[Time], adds: bool) -> Slowest:
    differing = dict.fromkeys(part if isinstance(part, Slowest) else Hop(part.distribution) for part in parts)
    size = sum(int(_size(one)) for one in differing)
    return Slowest(tuple(parts.items()), adds, 1 + max(map(_depth, parts)), size)


@lru_cache(maxsize=4096)
def _alike(time: Slowest) -> tuple[tuple[Time, int], ...]:
    """Return the parts that differ, and not by name alone, each with how many there are of it."""
    found: Counter[Time] = Counter()
    for part, count in time.parts:
        found[part if isinstance(part, Slowest) else Hop(part.distribution)] += count
    return tuple(found.items())


def _too_large(time: Time) -> bool:
    """Whether a time is made of too much: it is written out wherever it is met."""
    return _depth(time) > _DEEPEST or _size(time) > _LARGEST


def _size(time: Time) -> int:
    return time.size if isinstance(time, Slowest) else 1


def _depth(time: Time) -> int:
    return time.depth if isinstance(time, Slowest) else 0


def _sizes(times: Iterable[Time], late: float) -> list[float]:
    """Return the time that a share exceeds, for each; seconds."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    return [float(_exceeded(time, Shares(np.array([late])))[0]) for time in times]


class Shares:
    """Shares of requests, with the normal scores that they exceed: worked out once for all lognormals."""

    def __init__(self, values: Array) -> None:
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        self.values = np.maximum(values, _RAREST)

    @cached_property
    def scores(self) -> Array:
        """The normal scores that these shares exceed."""
        return -normal.quantile_array(self.values)


def _exceeded(time: Time, shares: Shares) -> Array:
    """Return the times that these shares of requests exceed, seconds."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if isinstance(time, Slowest):
        alike = _alike(time)
        if time.adds and len(alike) == 1:
            ((one, count),) = alike
            return _exceeded(one, Shares(shares.values / count))
        slowest: Array = np.maximum.reduce([_exceeded(part, shares) for part, _ in alike])
        if not time.adds:
            return slowest
        fewer = Shares(shares.values / math.fsum(count for _, count in alike))
        return _halved(time, shares, slowest, np.maximum.reduce([_exceeded(part, fewer) for part, _ in alike]))
    match time.distribution:
        case Lognormal(mu, sigma):
            lognormal: Array = np.exp(mu + sigma * shares.scores)
            return lognormal
        case Uniform(least, most):
            return most - (most - least) * shares.values
        case Exponential(mean):
            exponential: Array = -mean * np.log(shares.values)
            return exponential
        case distribution:
            low, high = (distribution.quantile(1 - float(end)) for end in (shares.values.max(), shares.values.min()))
            return _halved(time, shares, np.full_like(shares.values, low), np.full_like(shares.values, high))


def _halved(time: Time, shares: Shares, low: Array, high: Array) -> Array:
    """Return the times that these shares exceed, by halving what they lie between."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        later = _later(time, middle) > shares.values
        low, high = np.where(later, middle, low), np.where(later, high, middle)
    return high


def _later(time: Time, seconds: Array) -> Array:
    """Return the shares of requests that exceed these times."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if isinstance(time, Hop):
        return 1 - time.distribution.cdf_at(seconds)
    parts = [count * _later(part, seconds) for part, count in _alike(time)]
    together: Array = np.add.reduce(parts) if time.adds else np.maximum.reduce(parts)
    return together


def _of_two(times: Sequence[Time], late: float) -> float:
    """Return the worst sum of two: the least over how late requests are split between them (Makarov)."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    one, other = times
    low, high, best = 0.0, late, math.inf
    for _ in range(_ZOOMS):
        shares = np.linspace(low, high, _SPLITS + 1)
        sums = _exceeded(one, Shares(shares)) + _exceeded(other, Shares(late - shares))
        at = int(np.argmin(sums))
        best = min(best, float(sums[at]))
        low, high = float(shares[max(at - 1, 0)]), float(shares[min(at + 1, _SPLITS)])
    return best


def _of_many(times: Counter[Time], late: float) -> tuple[float, float]:
    """Return floor and ceiling of the worst sum, in steps that are made finer until they are close."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    pieces = np.exp(-np.linspace(0.0, _END, _PIECES + 1))
    middles = Shares(late * (pieces[:-1] + pieces[1:]) / 2)
    means = (n * float(np.dot(pieces[:-1] - pieces[1:], _exceeded(time, middles))) for time, n in times.items())
    most = math.fsum(means)
    floor, ceiling = 0.0, math.inf
    for count in _STEPS:
        steps = np.arange(count, -1.0, -1.0) / count
        steps[-1] = 1e-3 / count  # the longest there is, where that is finite: how long does not matter
        shares = Shares(late * steps)
        ends = [end for time, n in times.items() for end in [_exceeded(time, shares)] * n]
        columns = np.array([np.sum(ends[i::_COLUMNS], axis=0) for i in range(min(_COLUMNS, len(ends)))])
        floor = max(floor, _rearranged(columns[:, :-1]))
        ceiling = min(most, _rearranged(columns[:, 1:]))
        if ceiling - floor <= _NARROW * ceiling:
            break
    return floor, max(floor, ceiling)


def _rearranged(columns: Array) -> float:
    """Return the least sum of a row once every column, ascending at first, runs against the sum of the others."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    placed, descending = columns.copy(), columns[:, ::-1]
    total = placed.sum(axis=0)
    least = float(total.min())
    for _ in range(_ROUNDS):
        for column, steps in zip(placed, descending, strict=True):
            total = total - column
            column[np.argsort(total, kind="stable")] = steps
            total = total + column
        before, least = least, float(total.min())
        if least - before <= _STABLE * least:
            break
    return least
