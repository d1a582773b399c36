"""Lateness: the share of requests over each arrow to which no attempt is answered in time.

That is what its guard gives up (`given_up`), or, where a failure arrow of its head has a timeout of its own, what takes
longer than that. Read off the network of a usual day.
"""

from __future__ import annotations

from collections.abc import Iterable

from archboard.design.model import Arrow
from archboard.maths.percentiles.fourier import Transforms
from archboard.maths.percentiles.independent import share_later
from archboard.measures.flow.guards import is_guarded
from archboard.measures.flow.network import Activity, hit_ratio

DUST = 1e-12
"""A share of requests too small to be more than rounding."""


def given_up(activity: Activity, failures: Iterable[Arrow], transforms: Transforms) -> dict[str, float]:
    """Return, for each arrow over which any are, the share of requests that are given up."""
    graph = activity.graph
    waits = {arrow.tail: arrow.condition.seconds for arrow in failures if (arrow.condition and _times_out(arrow))}
    longer = {
        name: _share_later(activity, name, seconds, transforms)
        for name, seconds in waits.items()
        if seconds is not None and name not in activity.mode.failed and name in graph.place
    }
    found: dict[str, float] = {}
    for name in graph.order:
        for arrow in graph.waited_for(name):
            share = max(_guarded(activity, arrow), longer.get(arrow.head, 0.0) ** (len(arrow.waits) + 1))
            if share > DUST:
                found[arrow.id] = share
    return found


def _times_out(arrow: Arrow) -> bool:
    return arrow.condition is not None and arrow.condition.kind == "timeout"


def _guarded(activity: Activity, arrow: Arrow) -> float:
    """Return what the guard of an arrow gives up; where only a fallback leads to it, its network is made first."""
    guards, failed = activity.graph.guards, activity.mode.failed
    if is_guarded(arrow) and guards.known(arrow) is None and not {arrow.tail, arrow.head} & failed.keys():
        activity.whole(arrow.tail)
    guard = guards.known(arrow)
    return 0.0 if guard is None or guard.timeout is None else guard.given_up


def _share_later(activity: Activity, name: str, seconds: float, transforms: Transforms) -> float:
    """Return how many requests a component keeps longer than so many seconds, its calls included."""
    hit = hit_ratio(activity.graph.design.components[name])
    own = activity.build.hop(activity.graph.time_of(name), name)
    stay = activity.build.choice(((hit, own), (1.0 - hit, activity.stay(name))))
    return share_later(activity.build.network(stay), seconds, transforms)
