"""The variance of a flow: what a queue needs of a service that is a network of its own."""

from __future__ import annotations

import math
from collections.abc import Sequence

from archboard.maths.distributions.variability import scv
from archboard.maths.network import (
    PLAIN,
    Attempts,
    Choice,
    Cut,
    Fork,
    Hedged,
    Hop,
    Network,
    Node,
    Outcome,
    Overlap,
    Quorum,
    Series,
    children,
)


def variance_of(network: Network) -> float:
    """Return the variance of the time of a flow whose hops are independent, seconds squared.

    Exact for series and alternatives. The slowest arm of a fork stands for all of it, and an attempt for those that
    follow it: then it is an estimate, as is all that queues make of it.
    """
    return Moments(network.nodes).of(network.root)[1]


class Moments:
    """Mean and variance of every node of an arena that is asked for, each worked out once.

    The arena may grow meanwhile. The means are those that the variances need: of more than series and alternatives,
    which are `plain`, `mean_of` knows better.
    """

    def __init__(self, nodes: Sequence[Node]) -> None:
        self.nodes = nodes
        self._known: dict[int, tuple[float, float]] = {}
        self._plain: dict[int, bool] = {}

    def of(self, root: int) -> tuple[float, float]:
        """Return mean and variance of the time of a node; seconds, seconds squared."""
        waiting = [root]
        while waiting:
            index = waiting[-1]
            if index in self._known:
                waiting.pop()
                continue
            missing = [child for child in children(self.nodes[index]) if child not in self._known]
            if missing:
                waiting += missing
            else:
                self._known[index] = self._of(self.nodes[index])
        return self._known[root]

    def plain(self, root: int) -> bool:
        """Whether a node is made of series and alternatives alone, whose means are exact here."""
        waiting = [root]
        while waiting:
            index = waiting[-1]
            if index in self._plain:
                waiting.pop()
                continue
            node, under = self.nodes[index], children(self.nodes[index])
            missing = [child for child in under if child not in self._plain]
            if missing:
                waiting += missing
            else:
                self._plain[index] = isinstance(node, PLAIN) and all(self._plain[child] for child in under)
        return self._plain[root]

    def _of(self, node: Node) -> tuple[float, float]:
        known = self._known
        match node:
            case Hop(distribution):
                mean = distribution.mean()
                return mean, scv(distribution) * mean**2 if math.isfinite(mean) else math.inf
            case Series(parts):
                return _added([known[part] for part in parts])
            case Choice(options) | Outcome(options):
                return _mixed([(p, *known[option]) for p, option in options if p > 0])
            case Fork(arms) | Overlap(arms):
                return max((known[arm] for arm in arms), default=(0.0, 0.0))
            case Attempts(part):
                return min(known[part], (node.longest, node.longest**2))
            case Cut(part, timeout, _, late):
                return (timeout, 0.0) if late else min(known[part], (timeout, timeout**2))
            case Hedged(part) | Quorum(part):
                return known[part]


def _added(parts: list[tuple[float, float]]) -> tuple[float, float]:
    return math.fsum(mean for mean, _ in parts), math.fsum(variance for _, variance in parts)


def _mixed(options: list[tuple[float, float, float]]) -> tuple[float, float]:
    """Return the mean and the variance of alternatives: E[X²] is the weighted sum of those of the options."""
    mean = math.fsum(p * each for p, each, _ in options)
    return mean, max(0.0, math.fsum(p * (variance + (each - mean) ** 2) for p, each, variance in options))
