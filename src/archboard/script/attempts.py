"""Step 6, what load does: what waits in a queue, what is tried again, and where retries become a storm."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import ArrowKind
from archboard.facts import Storm, TwoPoints
from archboard.measures.metrics import ATTEMPTS, DEMAND, GIVEN_UP, HEDGED, LATE, MEAN_WAIT, UTILISATION, WAITING
from archboard.script.model import MUST, Point
from archboard.script.speech import number
from archboard.script.telling import Telling
from archboard.units import Dimension

_WAITS = 0.001
"""The part of the requests that have to wait, below which nobody wants to hear of it."""
_RARE = 1e-9
"""Shares below this are not spoken of."""


def points(told: Telling) -> Iterator[Point]:
    """Yield the storms first and those to come, then what waits, then what is tried again."""
    for storm in told.facts.storms:
        if storm.component in told.first:
            yield _storm(told, storm)
    for points in told.facts.two_points:
        if points.component in told.first:
            yield _second(told, points)
    yield from _waits(told)
    yield from _tried(told)


def _storm(told: Telling, storm: Storm) -> Point:
    arrow = next((arrow for arrow in told.design.arrows if arrow.id == storm.arrow), None)
    values = {
        "name": told.name(storm.component),
        "caller": None if arrow is None else told.name(told.first.get(arrow.tail, arrow.tail)),
        "offered": number(storm.offered, Dimension.RATE),
        "capacity": number(storm.capacity, Dimension.RATE),
        "demand": None if storm.demand is None else number(storm.demand, Dimension.RATE),
    }
    return Point("attempts.storm", values, (storm.component,), (DEMAND.name,), MUST)


def _second(told: Telling, points: TwoPoints) -> Point:
    values = {
        "name": told.name(points.component),
        "late": number(points.late, Dimension.RATE),
        "capacity": number(points.capacity, Dimension.RATE),
        "since": number(points.since, Dimension.RATE, 2),
    }
    return Point("attempts.second", values, (points.component,), (DEMAND.name,), 90)


def _waits(told: Telling) -> Iterator[Point]:
    for box in told.ordered:
        share, wait = told.facts.value(WAITING, box.name), told.facts.value(MEAN_WAIT, box.name)
        if share is None or wait is None or share <= _WAITS:
            continue
        values = {
            "name": told.name(box.name),
            "share": number(share, Dimension.FRACTION, 2),
            "wait": number(wait, Dimension.DURATION, 2),
        }
        yield Point("attempts.waits", values, (box.name,), (WAITING.name, MEAN_WAIT.name, UTILISATION.name), 56)


def _tried(told: Telling) -> Iterator[Point]:
    for arrow in told.arrows(ArrowKind.REQUEST, ArrowKind.CALL):
        late, hedged = told.facts.value(LATE, arrow.id), told.facts.value(HEDGED, arrow.id)
        if (late is None or late <= _RARE) and not hedged:
            continue
        given_up, attempts = told.facts.value(GIVEN_UP, arrow.id), told.facts.value(ATTEMPTS, arrow.id)
        retried = attempts is not None and attempts > 1
        values = {
            "to": told.name(arrow.head),
            "late": number(late, Dimension.FRACTION, 2) if late else None,
            "retried": retried,
            "given_up": number(given_up, Dimension.FRACTION, 2) if given_up and given_up > _RARE and retried else None,
            "hedged": number(hedged, Dimension.FRACTION, 2) if hedged else None,
        }
        about = (arrow.tail, arrow.head)
        yield Point("attempts.tried", values, about, (LATE.name, ATTEMPTS.name, GIVEN_UP.name, HEDGED.name), 54)
