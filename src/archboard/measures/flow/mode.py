"""Modes: what is different from every day while a flow is read, and what becomes of requests on a stretch of it."""

from __future__ import annotations

import math
from collections.abc import Mapping

from archboard.design.model import Arrow, Component
from archboard.maths.network import NetworkBuilder
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
_ENDS = 64
"""Ends of a stretch that are told apart."""


def few(build: NetworkBuilder, ended: tuple[End, ...]) -> tuple[End, ...]:
    """Return ends as one where they are many: a mesh of shares has more ways than anything can count."""
    total = math.fsum(chance for chance, _ in ended) if len(ended) > _ENDS else 0.0
    return ((total, build.choice([(chance / total, node) for chance, node in ended])),) if total > 0 else ended


def hit_ratio(component: Component) -> float:
    """Return the share of requests that a cache answers itself; 0 for everything else."""
    return component.number("hit") or 0.0
