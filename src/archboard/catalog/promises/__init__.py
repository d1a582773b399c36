"""The table of what can be promised, in the order in which it is offered."""

from __future__ import annotations

from archboard.catalog.promises.kinds import (
    AVAILABILITY,
    COST,
    FIRST_TOKEN,
    LATENCY,
    SERVED_IN_FULL,
    STALENESS,
    THROUGHPUT,
    Held,
    PromiseKind,
    Reading,
    Run,
    Running,
)

__all__ = [
    "AVAILABILITY",
    "COST",
    "FIRST_TOKEN",
    "LATENCY",
    "PROMISES",
    "SERVED_IN_FULL",
    "STALENESS",
    "THROUGHPUT",
    "Held",
    "PromiseKind",
    "Reading",
    "Run",
    "Running",
]

PROMISES: tuple[PromiseKind, ...] = (
    LATENCY,
    FIRST_TOKEN,
    THROUGHPUT,
    AVAILABILITY,
    SERVED_IN_FULL,
    COST,
    STALENESS,
)
