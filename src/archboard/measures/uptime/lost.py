"""Lost: the requests that get no answer though all is up: late, turned away, or answered with an error.

An error is counted once: where an arrow that tries again leads to what errs, by that arrow, for all that an attempt
covers; and otherwise where it is brought. So is a refusal; what answers on overload answers for those of a component.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

from archboard.design.model import Arrow
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.flow.network import Activity
from archboard.measures.load.refusals import refused, relieved
from archboard.measures.uptime import lateness
from archboard.records import field, record

NONE: Mapping[str, float] = MappingProxyType({})


@record
class Lost:
    """Of one flow: the share of requests given up `late` over each arrow, and of visits that `own` errors end.

    Before that, a full queue ends the share `quick` of what comes. `over` is the share of requests over an arrow that
    tries again, of those not late, whose last attempt erred or was refused; of these, `away` were refused.
    """

    late: Mapping[str, float] = field(default_factory=lambda: NONE)
    own: Mapping[str, float] = field(default_factory=lambda: NONE)
    quick: Mapping[str, float] = field(default_factory=lambda: NONE)
    over: Mapping[str, float] = field(default_factory=lambda: NONE)
    away: Mapping[str, float] = field(default_factory=lambda: NONE)
    opened: frozenset[str] = frozenset()
    """What is not asked, because a breaker before it is open."""

    def errs(self, arrow: Arrow) -> bool:
        """Whether what comes over an arrow may be answered with an error by what it leads to."""
        return arrow.id in self.over or arrow.head in self.own or arrow.head in self.quick


NOTHING = Lost()


def lost_in(
    activity: Activity, failures: Sequence[Arrow], transforms: Transforms, opened: Collection[str] = (), *,
    full: bool = False,
) -> Lost:  # fmt: skip
    """Return what is lost of a flow in a moment, by its networks; who answers only partly does not in `full`."""
    graph = activity.graph
    late = lateness.given_up(activity, failures, transforms)
    if not graph.may_err:
        return Lost(late, opened=frozenset(opened))
    relief = relieved(graph.design, failures, full=full)
    up = [name for name in graph.design.components if name not in activity.mode.failed]
    shares = {name: refused(graph.times, name) * (1.0 - relief.get(name, 0.0)) for name in up if name in graph.bounded}
    quick = {name: share for name, share in shares.items() if share > 0}
    own = {name: graph.errors[name] for name in up if name in graph.errors}
    over, away = dict[str, float](), dict[str, float]()
    for name in graph.order:
        for arrow in graph.waited_for(name):
            guard = graph.guards.known(arrow)
            if guard is None or not (guard.waits or guard.quick > 0) or guard.erring_at_last <= 0:
                continue
            turned_away = guard.refused_at_last * (1.0 - relief.get(arrow.head, 0.0))
            erring = guard.erring_at_last - guard.refused_at_last + turned_away
            over[arrow.id] = erring / max(1.0 - guard.late_at_last, guard.erring_at_last)
            away[arrow.id] = turned_away / erring if erring > 0 else 0.0
    return Lost(late, own, quick, over, away, frozenset(opened))
