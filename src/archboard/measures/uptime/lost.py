"""Lost: the requests that get no answer though all is up: late, turned away, or answered with an error.

An error is counted once: where an arrow that tries again leads to what errs, by that arrow, for all that an attempt
covers; and otherwise where it is brought.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from types import MappingProxyType

from archboard.design.model import Arrow
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.flow.network import Activity
from archboard.measures.load.refusals import refused_share
from archboard.measures.uptime import lateness
from archboard.records import field, record

NONE: Mapping[str, float] = MappingProxyType({})


@record
class Lost:
    """Of one flow: the share of requests given up `late` over each arrow, and of visits that `own` errors end.

    `over` is the share of requests over an arrow that tries again, of those not late, whose last attempt erred.
    """

    late: Mapping[str, float] = field(default_factory=lambda: NONE)
    own: Mapping[str, float] = field(default_factory=lambda: NONE)
    over: Mapping[str, float] = field(default_factory=lambda: NONE)
    opened: frozenset[str] = frozenset()
    """What is not asked, because a breaker before it is open."""

    def errs(self, arrow: Arrow) -> bool:
        """Whether what comes over an arrow may be answered with an error by what it leads to."""
        return arrow.id in self.over or arrow.head in self.own


NOTHING = Lost()


def lost_in(
    activity: Activity, failures: Iterable[Arrow], transforms: Transforms, opened: Collection[str]
) -> Lost:
    """Return what is lost of a flow in a moment, by its networks."""
    graph = activity.graph
    late = lateness.given_up(activity, failures, transforms)
    if not graph.may_err:
        return Lost(late, opened=frozenset(opened))
    own, over = dict[str, float](), dict[str, float]()
    for name in graph.design.components:
        quick = refused_share(graph.times, graph.design.components[name])
        chance = quick + (1.0 - quick) * graph.errors.get(name, 0.0)
        if chance > 0 and name not in activity.mode.failed:
            own[name] = chance
    for name in graph.order:
        for arrow in graph.waited_for(name):
            guard = graph.guards.known(arrow)
            if guard is not None and guard.waits and guard.erring_at_last > 0:
                over[arrow.id] = guard.erring_at_last / max(1.0 - guard.late_at_last, guard.erring_at_last)
    return Lost(late, own, over, frozenset(opened))
