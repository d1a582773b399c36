"""How often one request passes each named hop of an activity network: what demand is made of.

Parts of a series and arms of a fork are all passed, an option of a choice with its probability, what is tried again
as often as it is tried. Arms of an overlap share hops, which are passed once however many arms lead there.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.maths.network import Attempts, Choice, Cut, Fork, Hedged, Hop, Network, Outcome, Overlap, Quorum, Series
from archboard.maths.retries import expected_attempts


def expected_visits(network: Network) -> dict[str, float]:
    """Return the expected number of passes per hop name, for one request through the network.

    Exact for series-parallel networks. Where arms overlap, a shared hop is passed when any arm passes it, the
    arms' chances taken as independent; exact when no chance is involved.
    """
    return _visits(network, network.root, {})


def _visits(network: Network, root: int, known: dict[int, Mapping[str, float]]) -> dict[str, float]:
    weights = {root: 1.0}
    totals: dict[str, float] = {}
    for index in range(root, -1, -1):
        weight = weights.pop(index, 0.0)
        if weight <= 0:
            continue
        match network.nodes[index]:
            case Hop(name=name, waits=waits):
                if not waits:
                    totals[name] = totals.get(name, 0.0) + weight
            case Series(parts) | Fork(parts):
                for part in parts:
                    weights[part] = weights.get(part, 0.0) + weight
            case Choice(options) | Outcome(options):
                for chance, option in options:
                    weights[option] = weights.get(option, 0.0) + weight * chance
            case Cut(part):
                weights[part] = weights.get(part, 0.0) + weight
            case Attempts() as node:
                more = expected_attempts(node.failing, node.count)
                weights[node.part] = weights.get(node.part, 0.0) + weight * more
            case Hedged(part, _, sent):
                weights[part] = weights.get(part, 0.0) + weight * (1 + sent)
            case Quorum(arm, copies, _):
                weights[arm] = weights.get(arm, 0.0) + weight * copies
            case Overlap(arms):
                if index not in known:
                    known[index] = _once([_visits(network, arm, known) for arm in arms])
                for name, count in known[index].items():
                    totals[name] = totals.get(name, 0.0) + weight * count
    return totals


def _once(arms: list[dict[str, float]]) -> dict[str, float]:
    """Return passes of hops that several arms share, each counted once."""
    counts: dict[str, list[float]] = {}
    for arm in arms:
        for name, count in arm.items():
            counts.setdefault(name, []).append(count)
    merged = {}
    for name, found in counts.items():
        missed = 1.0
        for count in found:
            missed *= 1.0 - min(count, 1.0)
        merged[name] = found[0] if len(found) == 1 else max(1.0 - missed, *found)
    return merged
