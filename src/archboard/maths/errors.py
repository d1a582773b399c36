"""Errors: the share of requests through an activity network that come out of it without an answer.

Each visit of a hop errs by its own chance, drawn anew. Whoever waits for several things errs where any of them does;
of a quorum as many must be good as are waited for, and of a hedge the first answer counts, be it an error.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from archboard.maths.network import Attempts, Choice, Cut, Fork, Hedged, Hop, Network, Outcome, Overlap, Quorum, Series
from archboard.maths.reliability.replicas import k_of_n


def share_in_error(network: Network, errors: Mapping[str, float]) -> float:
    """Return the share of requests that err; `errors` is the chance of each hop, by its name.

    Arms that share hops are taken as arms of a fork, each with hops of its own: then it is at least that share.
    """
    good: dict[int, float] = {}
    for index in network.order:
        match network.nodes[index]:
            case Hop(name=name, waits=waits):
                good[index] = 1.0 if waits else 1.0 - errors.get(name, 0.0)
            case Series(parts):
                good[index] = math.prod(good[part] for part in parts)
            case Fork(arms) | Overlap(arms):
                good[index] = math.prod(good[arm] for arm in arms)
            case Choice(options):
                good[index] = math.fsum(p * good[option] for p, option in options if p > 0)
            case Attempts(part) as node:
                good[index] = 1.0 - (1.0 - good[part]) ** node.count
            case Hedged(part) | Cut(part):
                good[index] = good[part]
            case Quorum(arm, copies, needed):
                good[index] = k_of_n(copies, needed, good[arm]) if good[arm] < 1 else 1.0
            case Outcome(errors=left):
                good[index] = 1.0 - left
    return max(0.0, 1.0 - good[network.root])
