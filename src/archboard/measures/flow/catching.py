"""Catching: what becomes of requests that a component answers with an error, or turns away at once.

The arrow by which they came tries again first. What still errs after the last attempt is answered by the component's
failure arrow `on: error`, if it has one; otherwise whoever asked has no answer either. An error of what follows
(`->`) is not one of the component, and goes up to whoever called.
"""

from __future__ import annotations

from typing import Protocol

from archboard.design.model import Arrow
from archboard.maths.errors import share_in_error
from archboard.maths.network import NetworkBuilder
from archboard.maths.trying import Tried
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.guards import Turned, is_guarded, unheard
from archboard.measures.flow.queue import Queue
from archboard.measures.flow.times import NO_TIME
from archboard.measures.load.refusals import refused
from archboard.records import record


@record
class Around:
    """An attempt over an arrow, none where a request starts or ways meet, and what is to be known of it.

    `turned` is the refusal in its place, `partial` what it covers where that is not all, `rest` what a second copy
    takes once both have waited.
    """

    arrow: Arrow | None
    attempt: int
    turned: Turned | None
    partial: str = ""
    rest: int | None = None


@record
class Instead:
    """Requests of which some are answered by something else: the share that `ended` by that, and its node.

    `node` is the time of the others, or of all of them where none ended.
    """

    node: int
    ended: float = 0.0
    instead: int = -1


class Walking(Protocol):
    """What of the networks of a flow is asked here."""

    graph: FlowGraph
    build: NetworkBuilder
    timed: bool
    counted: bool
    outside: frozenset[str]

    def hop(self, arrow: Arrow) -> int:
        """Return the node of an arrow's own time."""

    def inside(self, name: str) -> Walking:
        """Return the same where what becomes of an error of a component is told outside."""

    def whole(self, name: str) -> int:
        """Return the node of everything from a component to its answer."""

    def catcher(self, name: str) -> Arrow | None:
        """Return the failure arrow that answers an error of a component."""

    def queue(self, name: str) -> Queue | None:
        """Return the queue before a component, where there is one."""

    def has_arrows(self, name: str) -> bool:
        """Whether a component leads anywhere."""


def split(on: Walking, around: Around) -> tuple[int, int] | None:
    """Return what both copies of a hedged attempt wait for, and what each then takes, where there is a queue."""
    arrow, rest = around.arrow, around.rest
    if arrow is None or rest is None or arrow.hedge is None or (queue := on.queue(arrow.head)) is None:
        return None
    shared = on.build.hop(queue.together, arrow.head, waits=True)
    return shared, on.build.series((on.hop(arrow), rest))


def turned(on: Walking, name: str, via: Arrow | None) -> Turned | None:
    """Return the refusal of a request that comes to a component, None where it turns none away."""
    chance = 0.0 if name in on.outside else refused(on.graph.times, name)
    if chance <= 0:
        return None
    visit = on.build.hop(NO_TIME, name)
    node = visit if via is None else on.build.series((on.hop(via), visit))
    return Turned(chance, node, on.counted, 1.0 - on.graph.relief.get(name, 0.0))


def let_in(on: Walking, around: Around) -> tuple[int, float, int]:
    """Return the time of attempts that go on, the share that is refused at last and so ends here, and its node.

    Where the refused are not counted none ends here; whoever tries again above hears of them all the same.
    """
    turn, build = around.turned, on.build
    assert turn is not None
    if around.arrow is None or not is_guarded(around.arrow):
        if turn.counted:
            return around.attempt, turn.chance, build.refusal(turn.node, turn.lost)
        heard = (around.attempt, unheard(build, turn)) if on.graph.hears else (around.attempt,)
        return build.series(heard), 0.0, -1
    tries = tries_of(on, around)
    away = tries.turned_away
    if turn.counted and away > 0:
        return tries.let_in(build), away, tries.refusals(build, turn.lost)
    return tries.let_in(build, away * turn.lost), 0.0, -1


def tries_of(on: Walking, around: Around) -> Tried:
    """Return what becomes of an attempt and of those that follow it."""
    return on.graph.guards.tries(
        around.arrow, around.attempt, on.build, timed=on.timed, partial=around.partial, split=split(on, around),
        turned=around.turned,
    )  # fmt: skip


def answered_instead(on: Walking, name: str, around: Around, *, ends: bool = True) -> Instead | None:
    """Return what becomes of requests where something answers a component's errors, None where nothing does.

    With `ends` those may end that are answered so: where what answers says so, or has arrows of its own.
    """
    arrow = on.catcher(name)
    if arrow is None:
        return None
    tries = tries_of(on, around)
    if tries.errors <= 0:
        return None
    other = on.graph.design.components[arrow.head]
    instead = on.build.series((on.hop(arrow), on.inside(name).whole(arrow.head)))
    if other.answers == "no":
        instead = on.build.refusal(instead)
    spares = on.has_arrows(arrow.head) or on.graph.design.components[name].kind.caches or other.answers == "no"
    if ends and (spares or other.flag("ends")):
        return _ending(on, tries, instead)
    return Instead(tries.whole(on.build, instead, share_in_error(on.build.network(instead), on.graph.errors)))


def _ending(on: Walking, tries: Tried, instead: int) -> Instead:
    """Return requests of which those end that erred."""
    others = -1 if tries.errors >= 1 else tries.without_error(on.build)
    return Instead(others, tries.errors, on.build.series((tries.in_error(on.build), instead)))
