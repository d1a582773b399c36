"""The independent answer without a grid, where a formula gives it to the last digits.

Three cases cover the textbooks: flows whose every time is one of a few values (all combinations are weighed),
a single random stretch between constants, and equal exponentials in a row (Erlang). Alternatives, forks, attempts,
hedges and quorums of these mix and multiply distribution functions. Everything else is `None` and goes to the grid.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate, pairwise

from archboard.maths.distributions.distribution import Constant, Discrete, Distribution, Exponential, Mixture
from archboard.maths.fanout import needed_share
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
)
from archboard.maths.percentiles.sum_and_bound import bound_of, minmax
from archboard.maths.search import least
from archboard.records import record

_ATOMS = 4096  # values that are still worth listing
_COST = 64  # evaluations of a hop's formula that are still worth one of the flow's
_ROUNDING = 1e-12  # sums of probabilities are equal up to this

Atoms = tuple[tuple[float, float], ...]  # (probability, seconds)
Cdf = Callable[[float], float]


@record(eq=False)
class Formula:
    """A distribution function; `atoms` if that is all it has; `erlang` is (stages, mean of one, offset)."""

    cdf: Cdf
    cost: int
    atoms: Atoms | None = None
    erlang: tuple[int, float, float] | None = None


def closed_quantile(network: Network, qs: Sequence[float]) -> dict[float, float] | None:
    """Return the flow's quantiles in seconds, hops independent, or nothing where no formula is known."""
    formula = _formula(network)
    if formula is None:
        return None
    if formula.atoms is not None:
        whole = Discrete(formula.atoms)
        return {q: whole.quantile(q) for q in qs}
    cdf, low = formula.cdf, minmax(network)[0]

    def quantile(q: float) -> float:
        return least(lambda t: cdf(t) >= q - _ROUNDING * (1 - q), low, bound_of(network, q))

    return {q: quantile(q) for q in qs}


def closed_share(network: Network, seconds: float) -> float | None:
    """Return the share of requests within so many seconds, hops independent, or nothing where no formula is known."""
    formula = _formula(network)
    return None if formula is None else formula.cdf(seconds)


def _formula(network: Network) -> Formula | None:
    formulas: dict[int, Formula] = {}
    for index in network.order:
        made: Formula | None
        match network.nodes[index]:
            case Hop(distribution):
                made = _of_hop(distribution)
            case Series(parts):
                made = _in_series([formulas[part] for part in parts])
            case Fork(arms):
                made = _joined([formulas[arm] for arm in arms])
            case Choice(options) | Outcome(options):
                made = _mixed([(p, formulas[option]) for p, option in options if p > 0])
            case Attempts(part) as node:
                made = _attempted(formulas[part], node)
            case Cut(part, timeout, _, late):
                made = _of_atoms(((1.0, timeout),)) if late else _in_time(formulas[part], timeout)
            case Hedged(part, after):
                made = _hedged(formulas[part], after)
            case Quorum(arm, copies, needed):
                made = _needed(formulas[arm], copies, needed)
            case Overlap():
                made = None
        if made is None or (made.atoms is None and made.cost > _COST):
            return None
        formulas[index] = made
    return formulas[network.root]


def _of_hop(distribution: Distribution) -> Formula:
    match distribution:
        case Constant(seconds):
            return _of_atoms(((1.0, seconds),))
        case Discrete(masses):
            return _of_atoms(masses)
        case Exponential(mean):
            return _erlang(1, mean, 0.0)
        case Mixture(parts):
            return Formula(distribution.cdf, len(parts))
        case _:
            return Formula(distribution.cdf, 1)


def _of_atoms(atoms: Iterable[tuple[float, float]]) -> Formula:
    masses: defaultdict[float, float] = defaultdict(float)
    for probability, seconds in atoms:
        masses[seconds] += probability
    whole = Discrete(tuple((probability, seconds) for seconds, probability in sorted(masses.items())))
    return Formula(whole.cdf, len(whole.masses), whole.masses)


def _erlang(stages: int, mean: float, offset: float) -> Formula:
    """Return the sum of equal exponentials and a constant: 1 − e^−x Σ x^k/k! over k below `stages`."""

    def cdf(t: float) -> float:
        x = (t - offset) / mean
        if x <= 0:
            return 0.0
        terms = accumulate(range(1, stages), lambda term, k: term * x / k, initial=math.exp(-x))
        return 1 - math.fsum(terms)

    return Formula(cdf, stages, erlang=(stages, mean, offset))


def _in_series(parts: Sequence[Formula]) -> Formula | None:
    discrete = _summed([part.atoms for part in parts if part.atoms is not None])
    others = [part for part in parts if part.atoms is None]
    if discrete is None or len(discrete) * sum(part.cost for part in others) > _ATOMS:
        return None
    if not others:
        return _of_atoms(discrete)
    erlangs = [part.erlang for part in others if part.erlang is not None]
    if len(discrete) == 1 and len(erlangs) == len(others) and len({mean for _, mean, _ in erlangs}) == 1:
        offset = discrete[0][1] + math.fsum(offset for _, _, offset in erlangs)
        return _erlang(sum(stages for stages, _, _ in erlangs), erlangs[0][1], offset)
    if len(others) > 1:
        return None
    cdf = others[0].cdf
    return Formula(
        lambda t: math.fsum(probability * cdf(t - seconds) for probability, seconds in discrete),
        len(discrete) * others[0].cost + 1,
    )


def _summed(parts: Sequence[Atoms]) -> Atoms | None:
    """Return every sum of one value of each part with its probability, or nothing when they are too many."""
    total: Atoms = ((1.0, math.fsum(part[0][1] for part in parts if len(part) == 1)),)
    for part in parts:
        if len(part) > 1:
            if len(total) * len(part) > 16 * _ATOMS:
                return None
            sums = _of_atoms((p * q, s + t) for p, s in total for q, t in part).atoms
            if sums is None or len(sums) > _ATOMS:
                return None
            total = sums
    return total


def _mixed(options: Sequence[tuple[float, Formula]]) -> Formula | None:
    atoms = [(p, option.atoms) for p, option in options]
    if all(part is not None for _, part in atoms):
        return _of_atoms((p * q, seconds) for p, part in atoms for q, seconds in part or ())
    cost = sum(option.cost for _, option in options) + 1
    return Formula(lambda t: math.fsum(p * option.cdf(t) for p, option in options), cost)


def _joined(arms: Sequence[Formula]) -> Formula | None:
    times = Counter(arms)
    cost = sum(arm.cost for arm in times) + 1

    def cdf(t: float) -> float:
        return math.prod(arm.cdf(t) ** n for arm, n in times.items())

    if any(arm.atoms is None for arm in times):
        return Formula(cdf, cost)
    return _stepped(cdf, {seconds for arm in times for _, seconds in arm.atoms or ()})


def _stepped(cdf: Cdf, values: set[float]) -> Formula | None:
    """Return a distribution function that rises at these values only."""
    if len(values) > _COST:
        return None
    ascending = sorted(values)
    shares = [0.0, *map(cdf, ascending)]
    return _of_atoms((b - a, seconds) for (a, b), seconds in zip(pairwise(shares), ascending, strict=True))


def _attempted(part: Formula, node: Attempts) -> Formula | None:
    """Return attempts cut at their timeout: each in turn where all before it were late, then an atom at the end."""
    starts = tuple(accumulate(node.waits, lambda start, wait: start + node.timeout + wait, initial=0.0))
    failing = 1 - part.cdf(node.timeout)

    def cdf(t: float) -> float:
        if t >= node.longest:
            return 1.0
        made = ((failing**i, t - start) for i, start in enumerate(starts) if t >= start)
        return math.fsum(chance * part.cdf(min(left, node.timeout)) for chance, left in made)

    if part.atoms is None:
        return Formula(cdf, part.cost * node.count)
    inside = {start + seconds for start in starts for _, seconds in part.atoms if seconds <= node.timeout}
    return _stepped(cdf, {*inside, node.longest})


def _in_time(part: Formula, timeout: float) -> Formula | None:
    """Return the times of an attempt that are within its timeout, where any are."""
    within = part.cdf(timeout)
    if within <= 0:
        return _of_atoms(((1.0, timeout),))
    if part.atoms is not None:
        return _of_atoms((p / within, seconds) for p, seconds in part.atoms if seconds <= timeout)
    return Formula(lambda t: min(1.0, part.cdf(min(t, timeout)) / within), part.cost + 1)


def _hedged(part: Formula, after: float) -> Formula | None:
    def cdf(t: float) -> float:
        return 1 - (1 - part.cdf(t)) * (1 - part.cdf(t - after))

    if part.atoms is None:
        return Formula(cdf, 2 * part.cost)
    return _stepped(cdf, {seconds + later for _, seconds in part.atoms for later in (0.0, after)})


def _needed(arm: Formula, copies: int, needed: int) -> Formula | None:
    def cdf(t: float) -> float:
        within = arm.cdf(t)
        return within**copies if needed == copies else needed_share(within, copies, needed)

    if arm.atoms is None:
        return Formula(cdf, arm.cost + 1)
    return _stepped(cdf, {seconds for _, seconds in arm.atoms})
