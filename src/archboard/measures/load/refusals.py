"""Refusals: the share of what comes to a component that is turned away at once, because its queue is full.

The one place that says how many: attempts, demand behind it, slots of who calls it, availability and facts all ask
here. A refusal is an attempt that failed at once: whoever asked tries again, as after an error, or has no answer.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from archboard.design.model import Arrow, Component, Condition, Design
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


def relieved(design: Design, failures: Iterable[Arrow], *, full: bool = False) -> Mapping[str, float]:
    """Return the share of what each component refuses that is answered all the same, by who answers on overload.

    That one does as often as it is up; where it is asked what is served in `full`, only if it answers fully.
    """
    relief = {a.tail: design.components[a.head] for a in failures if a.condition and _relieves(a.condition)}
    shares = ((name, _answering(other, full=full)) for name, other in relief.items())
    return {name: share for name, share in shares if share > 0}


def _relieves(condition: Condition) -> bool:
    return condition.kind == "overload"


def _answering(other: Component, *, full: bool) -> float:
    """Return how often what stands in on overload answers, as far as that is stated."""
    if other.answers == "no" or (full and other.answers != "fully"):
        return 0.0
    stated = other.number("availability")
    return 1.0 if stated is None else stated
