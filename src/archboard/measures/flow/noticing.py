"""Noticing: what passes until a component that has failed is given up, and something else answers in its place."""

from __future__ import annotations

from typing import Protocol

from archboard.design.model import Arrow, Condition
from archboard.maths.distributions.distribution import Constant
from archboard.maths.network import NetworkBuilder
from archboard.maths.trying import Attempt, tried
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.guards import tried_again, wait_of
from archboard.measures.flow.mode import Mode


class Walking(Protocol):
    """What of the networks of a flow is asked here."""

    graph: FlowGraph
    build: NetworkBuilder
    timed: bool
    mode: Mode

    def hop(self, arrow: Arrow) -> int:
        """Return the node of an arrow's own time."""

    def own(self, name: str, *, apart: bool = False) -> int:
        """Return the node of a component's own time."""

    def calls(self, name: str) -> list[int]:
        """Return the nodes of a component's calls."""

    def has_arrows(self, name: str) -> bool:
        """Whether a component leads anywhere."""


def fallback(on: Walking, name: str, parts: list[int], via: Arrow | None) -> tuple[str, str, bool]:
    """Add the detection of a failure, and of those of its fallbacks that fail too.

    Returns what answers, whose ways on are then taken if it has none itself, and whether the request ends there:
    what answers in a cache's place spares what is behind the cache, unless it leads there itself.
    """
    onward, seen, sheds = name, set[str](), False
    while name in on.mode.failed and name not in seen:
        seen.add(name)
        onward = name if on.has_arrows(name) else onward
        failure = on.mode.failed[name]
        condition = failure.condition or Condition("down")
        parts += noticed(on, name, condition, via)
        parts.append(on.hop(failure))
        via = None
        name, sheds = failure.head, condition.sheds
    components = on.graph.design.components
    spares = not on.has_arrows(name) and components[onward].kind.caches
    stays_failed = components[name].answers == "no"
    return name, onward, sheds or spares or stays_failed or components[name].flag("ends")


def noticed(on: Walking, name: str, condition: Condition, via: Arrow | None) -> list[int]:
    """Return the hop to what failed and what passes until it is given up: every attempt, one of what is up."""
    asking = name in on.graph.asking
    hop = [] if via is None else [on.hop(via)]
    timeout = None if via is None else via.number_of("timeout")
    match condition.kind:
        case "error":
            attempt = [*hop, on.own(name), *(on.calls(name) if asking else ())]
        case "timeout" if condition.seconds is not None:
            attempt = [*hop, on.build.hop(Constant(condition.seconds), name)]
        case "timeout":
            attempt = [on.build.hop(Constant(timeout or 0.0), name)]
        case _:
            return hop
    if via is None or asking:
        return attempt
    nodes = [once := on.build.series(attempt)]
    if timeout is not None and on.timed:
        nodes = [once := on.build.attempts(once, timeout, name=via.id)]
    if via.number_of("retry_budget") is not None or via.jitters:
        times = [wait_of(wait, via.jitters) if on.timed else Constant(0.0) for wait in via.waits]
        waits = [on.build.hop(time, via.id, waits=True) for time in times]
        return [tried(on.build, Attempt(once, errors=1.0), waits, tried_again(via, 1.0)).in_error(on.build)]
    for wait in via.waits:
        nodes += [on.build.hop(Constant(wait if on.timed else 0.0)), once]
    return nodes
