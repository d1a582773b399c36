"""Refusals: the share of what comes to a component that is turned away at once, because its queue is full.

The one place that says how many: demand behind it, slots of who calls it, availability and facts all ask here.
"""

from __future__ import annotations

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
