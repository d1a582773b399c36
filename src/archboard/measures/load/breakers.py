"""Breakers: which are open in a moment, because more of the attempts before them fails than they say.

What fails is refused, late, or an error, of all that is asked of a component. An open breaker asks it nothing: what its
failure arrow leads to answers at once. It is taken to stay open, and what would fail were it asked no longer shows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from archboard.design.model import Arrow
from archboard.load import exceeds
from archboard.maths.errors import share_in_error
from archboard.measures.analysis import Analysis
from archboard.measures.load.refusals import refused


def breakers(analysis: Analysis) -> Mapping[str, Arrow]:
    """Return the failure arrow with a breaker of each component that has one, by the component's name."""
    arrows = (arrow for flow in analysis.design.flows for arrow in reversed(flow.failures))
    return {a.tail: a for a in arrows if a.condition is not None and a.condition.share is not None}


def opening(analysis: Analysis) -> Mapping[str, Arrow]:
    """Return what is asked as yet, and of which more fails than its breaker allows."""
    found = {}
    for name, arrow in breakers(analysis).items():
        allowed = 0.0 if arrow.condition is None else arrow.condition.share or 0.0
        if name not in analysis.moment.opened and exceeds(failing_share(analysis, name), allowed):
            found[name] = arrow
    return found


def failing_share(analysis: Analysis, name: str) -> float:
    """Return the share of attempts to reach a component that fail, over all arrows that lead there."""
    shares: list[tuple[float, float]] = []
    for flow, graph in analysis.graphs.items():
        if name not in graph.place or name in analysis.failed_in(flow):
            continue
        for arrow in graph.flow.arrows:
            rate = analysis.loads.taken.get(flow, {}).get(arrow.id, 0.0)
            if arrow.head == name and rate > 0:
                guard = analysis.guards.known(arrow)
                shares.append((rate, _erring(analysis, flow, name) if guard is None else guard.failing))
    total = math.fsum(rate for rate, _ in shares)
    return math.fsum(rate * share for rate, share in shares) / total if total > 0 else 0.0


def _erring(analysis: Analysis, flow: str, name: str) -> float:
    """Return the share of visits that a component and its calls end in an error, where nobody tries again."""
    inside = analysis.activity(flow).inside(name)
    quick = refused(analysis.times, name)
    return quick + (1.0 - quick) * share_in_error(inside.build.network(inside.stay(name)), analysis.guards.errors)
