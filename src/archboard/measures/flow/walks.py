"""Walks: what becomes of a request on a stretch of a flow, and what is different from every day while it goes there."""

from __future__ import annotations

from collections.abc import Mapping

from archboard.design.model import Arrow
from archboard.records import field, record

End = tuple[float, int]
"""Probability and node of requests that got so far."""


@record
class Walk:
    """What becomes of requests on a stretch: those that ended on it, and those that reached its end."""

    ended: tuple[End, ...]
    reached: End | None


@record
class Mode:
    """What is different from every day: failed components and the failure arrow each takes, lost caches, admissions.

    `lost` caches answer nothing; `admitted` is the fraction that a gateway lets through, where that is not all.
    """

    failed: Mapping[str, Arrow] = field(default_factory=dict)
    admitted: Mapping[str, float] = field(default_factory=dict)
    lost: frozenset[str] = frozenset()


USUAL = Mode()
