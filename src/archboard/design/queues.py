"""Queues with an end: where `queue` would do nothing, because no wait before the component is worked out."""

from __future__ import annotations

from archboard.catalog.settings import QUEUE
from archboard.design.model import Latency, Settings
from archboard.design.refusal import Refusal

BARE = "say that the latency is bare service time, to which the wait is added: `latency: p50 3ms, p99 10ms, service`"


def idle_queue(settings: Settings) -> Refusal | None:
    """Return why how many may wait at a component changes nothing; None where it does, or nothing is said of it."""
    if QUEUE not in settings:
        return None
    latency = settings.get("latency")
    stated = latency.value if latency is not None else None
    if not isinstance(stated, Latency):
        return Refusal("`queue` is how many may wait, and without a `latency` no wait is worked out", BARE)
    if not stated.service:
        return Refusal("`queue` does nothing beside a measured latency, which holds its wait already", BARE)
    if "limit" in settings:
        help = "leave out one of them, or say `queue` of what stands behind"
        return Refusal("`queue` does nothing beside a `limit`, which refuses before anything waits", help)
    return None
