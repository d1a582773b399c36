"""Refusals: the share of what comes to a component that is turned away at once, because its queue is full.

The one place that says how many: demand behind it, slots of who calls it, availability and facts all ask here.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.design.model import ArrowKind, Component, Condition, Flow
from archboard.measures.flow.times import Times


def refused(times: Times, name: str) -> float:
    """Return the share of requests that come to a component and find its queue full, at the moment of the times.

    0 where its queue has no end, where it is down or failed, and before anything is known of its load.
    """
    queue = times.queue(times.design.components[name])
    return 0.0 if queue is None else queue.refused


def refusing(times: Times) -> bool:
    """Whether anything of a design refuses what finds its queue full."""
    return any(times.is_bounded(name) for name in times.design.components)


def unanswered(flow: Flow, times: Times, *, full: bool = False) -> Mapping[str, float]:
    """Return the share of requests over each arrow of a flow that a full queue turns away and nothing answers.

    By the component, too, of what starts a flow there. Who answers on overload does as often as it is up; where it is
    asked what is served in `full`, only if it answers fully.
    """
    relief = {a.tail: times.design.components[a.head] for a in flow.failures if a.condition and _relieves(a.condition)}
    found: dict[str, float] = {}
    heads = {arrow.id: arrow.head for arrow in flow.arrows if arrow.kind in (ArrowKind.REQUEST, ArrowKind.CALL)}
    for subject, name in (*heads.items(), *((name, name) for name in flow.starts)):
        share = refused(times, name) * (1 - _answering(relief.get(name), full=full))
        if share > 0:
            found[subject] = share
    return found


def _relieves(condition: Condition) -> bool:
    return condition.kind == "overload"


def _answering(other: Component | None, *, full: bool) -> float:
    """Return how often what stands in on overload answers, as far as that is stated."""
    if other is None or other.answers == "no" or (full and other.answers != "fully"):
        return 0.0
    stated = other.number("availability")
    return 1.0 if stated is None else stated
