"""The mean of a flow. Means add whatever the dependence: only forks and attempts ask for more than arithmetic."""

from __future__ import annotations

import math

from archboard.maths.network import PLAIN, Attempts, Choice, Cut, Hop, Network, Outcome, Series
from archboard.maths.percentiles.fourier import Cells, Transforms
from archboard.maths.percentiles.independent import evaluate
from archboard.maths.percentiles.sum_and_bound import bound_of

_CELLS = 2**14
_REACH = 1 - 1e-4  # of the least of two arms, 1e-8 lies beyond


def mean_of(network: Network, transforms: Transforms | None = None) -> float:
    """Return the mean time of the flow, seconds; infinite when a hop's is.

    Exact for series and alternatives. A fork's is E max of its arms as independent, from two grids, one twice
    as fine, whose errors fall with the square of the width and so cancel (Richardson): about 1e-5 relative, and
    about 1e-4 where something is cut at a timeout. An
    overlap's is half way between arms that move together and independent ones.
    """
    nodes = [network.nodes[index] for index in network.order]
    if all(isinstance(node, PLAIN) for node in nodes):
        return _sum_of_means(network)
    cut = [node.timeout for node in nodes if isinstance(node, Cut)]
    longest = (node.longest for node in nodes if isinstance(node, Attempts))
    horizon = max([bound_of(network, _REACH), *longest, *cut]) * 1.01
    if not 0 < horizon < math.inf:
        return horizon
    known = transforms or Transforms(0)

    def extrapolated() -> tuple[float]:
        coarse, fine = (evaluate(network, Cells(horizon / n, n), known).mean for n in (_CELLS, 2 * _CELLS))
        return (fine + (fine - coarse) / 3,)

    return known.remembered(("mean", network), lambda: known.answers.of(network, "mean", (), (1,), extrapolated)[0])


def _sum_of_means(network: Network) -> float:
    means: dict[int, float] = {}
    for index in network.order:
        match network.nodes[index]:
            case Hop(distribution):
                means[index] = distribution.mean()
            case Series(parts):
                means[index] = math.fsum(means[part] for part in parts)
            case Choice(options) | Outcome(options):
                means[index] = math.fsum(p * means[option] for p, option in options if p > 0)
    return means[network.root]
