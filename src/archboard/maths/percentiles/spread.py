"""The variance of a flow: what a queue needs of a service that is a network of its own."""

from __future__ import annotations

import math

from archboard.maths.distributions.variability import scv
from archboard.maths.network import Attempts, Choice, Cut, Fork, Hedged, Hop, Network, Outcome, Overlap, Quorum, Series


def variance_of(network: Network) -> float:
    """Return the variance of the time of a flow whose hops are independent, seconds squared.

    Exact for series and alternatives. The slowest arm of a fork stands for all of it, and an attempt for those that
    follow it: then it is an estimate, as is all that queues make of it.
    """
    known: dict[int, tuple[float, float]] = {}
    for index in network.order:
        match network.nodes[index]:
            case Hop(distribution):
                mean = distribution.mean()
                known[index] = (mean, scv(distribution) * mean**2 if math.isfinite(mean) else math.inf)
            case Series(parts):
                known[index] = _added([known[part] for part in parts])
            case Choice(options) | Outcome(options):
                known[index] = _mixed([(p, *known[option]) for p, option in options if p > 0])
            case Fork(arms) | Overlap(arms):
                known[index] = max((known[arm] for arm in arms), default=(0.0, 0.0))
            case Attempts(part) as node:
                known[index] = min(known[part], (node.longest, node.longest**2))
            case Cut(part, timeout, _, late):
                known[index] = (timeout, 0.0) if late else min(known[part], (timeout, timeout**2))
            case Hedged(part) | Quorum(part):
                known[index] = known[part]
    return known[network.root][1]


def _added(parts: list[tuple[float, float]]) -> tuple[float, float]:
    return math.fsum(mean for mean, _ in parts), math.fsum(variance for _, variance in parts)


def _mixed(options: list[tuple[float, float, float]]) -> tuple[float, float]:
    """Return the mean and the variance of alternatives: E[X²] is the weighted sum of those of the options."""
    mean = math.fsum(p * each for p, each, _ in options)
    return mean, max(0.0, math.fsum(p * (variance + (each - mean) ** 2) for p, each, variance in options))
