"""Drift: how far a distribution over bins has moved from the one a model was trained on. Natural logarithms, so nats.

Every function takes counts or shares, bin by bin, and scales each side to 1. `ValueError` unless both have the same
bins, at least one of them, none negative, and something in each.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

FLOOR = 1e-4
"""The share that an empty bin is given for PSI, which would else be infinite; a common convention."""


def psi(actual: Sequence[float], expected: Sequence[float], floor: float = FLOOR) -> float:
    """Return the Population Stability Index: Σ (a − e) × ln(a ÷ e), symmetric, 0 for no change.

    Shares under `floor` count as `floor`: an empty bin adds about (share of the other side) × 8 or so, not infinity.
    With `floor` 0 an empty bin makes it infinite. (Lewis 1994; Siddiqi 2006.)
    """
    pairs = [(max(a, floor), max(e, floor)) for a, e in _shares(actual, expected)]
    if any((a == 0) != (e == 0) for a, e in pairs):
        return math.inf
    return math.fsum((a - e) * math.log(a / e) for a, e in pairs if a > 0)


def kl(p: Sequence[float], q: Sequence[float]) -> float:
    """Return the Kullback–Leibler divergence of p from q in nats: Σ p × ln(p ÷ q) (Kullback and Leibler 1951).

    A bin that is empty in p adds nothing; one that is empty in q alone makes it infinite. Not symmetric.
    """
    return _kl(_shares(p, q))


def jensen_shannon(p: Sequence[float], q: Sequence[float]) -> float:
    """Return the Jensen–Shannon divergence in nats: ½ KL(p, m) + ½ KL(q, m), m = (p + q) ÷ 2 (Lin 1991).

    Symmetric, finite whatever is empty, and at most ln 2 = 0.693. The distance of the same name is its square root.
    """
    pairs = _shares(p, q)
    return (_kl([(a, (a + b) / 2) for a, b in pairs]) + _kl([(b, (a + b) / 2) for a, b in pairs])) / 2


def _kl(pairs: Sequence[tuple[float, float]]) -> float:
    if any(a > 0 and b == 0 for a, b in pairs):
        return math.inf
    return max(0.0, math.fsum(a * math.log(a / b) for a, b in pairs if a > 0))


def _shares(first: Sequence[float], second: Sequence[float]) -> list[tuple[float, float]]:
    if len(first) != len(second) or not first:
        raise ValueError(f"two distributions over the same bins are compared, not {len(first)} bins and {len(second)}")
    sums = math.fsum(first), math.fsum(second)
    if min(*first, *second) < 0 or min(sums) <= 0:
        raise ValueError("a distribution has no negative bins, and something in one of them")
    return [(a / sums[0], b / sums[1]) for a, b in zip(first, second, strict=True)]
