"""Step 6, then: what runs, how full it is, what fills up first; what a lost cache does; what it costs."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from archboard.catalog import promises
from archboard.design.model import Component
from archboard.facts import Facts, Surge, whole
from archboard.load import Load, exceeds, same
from archboard.measures.cost import of_a_request
from archboard.measures.metrics import (
    AVAILABILITY,
    CAPACITY,
    CLIENT_RATE,
    COST_MONTH,
    COST_REQUEST,
    DEMAND,
    DOWNTIME_MONTH,
    LIMITS_AT,
    SATURATES_AT,
    SERVED_IN_FULL,
    THROUGHPUT,
    UTILISATION,
)
from archboard.measures.uptime import unanswered
from archboard.measures.uptime.repair import states_uptime
from archboard.script import attempts, models
from archboard.script.model import MUST, Passage, Point
from archboard.script.speech import FINE, Number, cost, number, say_number
from archboard.script.telling import Telling
from archboard.units import MONTH, Dimension

_HALF = 0.5
_NEARLY = 0.95
"""The part of a downtime that is nearly all of it."""
_NOTICED = 1e-3
"""A share of requests, answered by fallbacks, that is worth a sentence."""
_ROOMY = 0.25
"""Beside the fullest, what is not this part as full needs no line of its own."""


def passages(told: Telling) -> Iterator[Passage]:
    """Yield capacity, the loss of caches, and cost."""
    points = (*_pods(told), *_over(told), *attempts.points(told), *_first(told))
    if points:
        yield Passage(6, "capacity", {}, points)
    yield from models.passages(told)
    surges = (*_losses(told), *_limits(told))
    if surges:
        caches = told.names(surge.source for surge in told.facts.surges if surge.cause == "loss")
        yield Passage(6, "loss", {"labels": [name.label for name in caches]}, surges)
    running = (*_availability(told), *_cost(told), *models.aged(told))
    if running:
        yield Passage(6, "running", {}, running)


def _pods(told: Telling) -> Iterator[Point]:
    """Core boxes of one size and load share a line; those far from full share the last one.

    What nothing waits for is left out while it has room.
    """
    groups: dict[tuple[object, ...], list[Component]] = {}
    for box in (one for one in told.ordered if one.kind.works):
        capacity, each = told.facts.value(CAPACITY, box.name), box.number("throughput")
        if capacity is not None:
            load = full_of(told, box)
            fullness, target = told.facts.load(box.name), told.design.assumptions.utilisation
            if told.only_fed(box.name) and not (fullness and fullness.beyond(target)):
                continue
            key = (
                box.kind.third_party,
                box.replicas,
                each,
                *(alike(value) for value in (capacity, load, told.facts.value(DEMAND, box.name))),
            )
            groups.setdefault(key, []).append(box)
    fullest = max((_load(told, boxes) for boxes in groups.values()), default=0.0)
    bar = min(_ROOMY * fullest, _HALF)
    roomy = [boxes for boxes in groups.values() if _load(told, boxes) < bar]
    before: tuple[object, ...] = ()
    for size, boxes in ((key[:3], boxes) for key, boxes in groups.items()):
        if boxes not in roomy or len(roomy) == 1:
            yield _sized(told, boxes, before == size)
            before = size
    if len(roomy) > 1:
        most = number(max(_load(told, boxes) for boxes in roomy), Dimension.FRACTION, 2)
        about = tuple(box.name for boxes in roomy for box in boxes)
        yield Point("capacity.roomy", {"names": told.names(about), "most": most}, about, (UTILISATION.name,), 50)


def _load(told: Telling, boxes: Sequence[Component]) -> float:
    return full_of(told, boxes[0]) or 0.0


def full_of(told: Telling, box: Component) -> float | None:
    """Return how full a box is of all that it may run: what is said beside the most that it carries."""
    load = told.facts.load(box.name)
    return None if load is None or told.facts.value(UTILISATION, box.name) is None else load.utilisation


def alike(value: float | None) -> str:
    """Return what two values share that differ only in the dust of their arithmetic."""
    return "" if value is None else f"{value:.6g}"


def _sized(told: Telling, boxes: Sequence[Component], same: bool) -> Point:
    """Tell one size and load; `same` says that the boxes told just before had this size too."""
    box = boxes[0]
    each, load = box.number("throughput"), full_of(told, box)
    over = load is not None and told.facts.overloaded(box.name)
    values = {
        "names": told.names(one.name for one in boxes),
        "replicas": number(box.replicas.high, Dimension.COUNT),
        "one": box.replicas.high == 1,
        "same": same and each is not None and box.replicas.high != 1,
        "scales": number(box.replicas.low, Dimension.COUNT) if box.replicas.low != box.replicas.high else None,
        "each": None if each is None else number(each, Dimension.RATE),
        "capacity": told.number(CAPACITY, box.name),
        "demand": told.number(DEMAND, box.name),
        "full": None if load is None else number(load, Dimension.FRACTION, 2),
        "over": over,
        "external": box.kind.third_party,
    }
    about = tuple(one.name for one in boxes)
    return Point("capacity.pods", values, about, (CAPACITY.name, UTILISATION.name), MUST if over else 80)


def _over(told: Telling) -> Iterator[Point]:
    """Tell of every other box that gets more than it carries."""
    for box in told.ordered:
        load = told.facts.load(box.name)
        if not box.kind.works and load is not None and load.over:
            full = number(load.utilisation, Dimension.FRACTION, 2) if load.capacity > 0 else None
            values = {"name": told.name(box.name), "full": full, "more": load.beyond(1.0)}
            yield Point("capacity.over", values, (box.name,), (UTILISATION.name,), MUST)


def _first(told: Telling) -> Iterator[Point]:
    """Tell what fills up first, and at which rate of the clients."""
    known = [(fact.value, fact.subject) for fact in told.facts.of(SATURATES_AT) if fact.value is not None]
    known = [(value, name) for value, name in known if name in told.design.components]
    if not known:
        return
    at, name = min(known, key=lambda pair: pair[0])
    flow = next((flow for flow in told.facts.flows if flow.rate), None)
    limit = first_gate(told.facts, name, at)
    values = {
        "name": told.name(name),
        "at": number(at, Dimension.RATE),
        "over": flow is not None and flow.rate is not None and Load(flow.rate, at).over,
        "gateway": told.name(limit[1]) if limit else None,
        "limit": number(limit[0], Dimension.RATE) if limit else None,
    }
    yield Point("capacity.first", values, (name,), (SATURATES_AT.name, THROUGHPUT.name), 74)


def first_gate(facts: Facts, name: str, at: float) -> tuple[float, str] | None:
    """Return the limit that stops the clients before a component is full at a rate of theirs: that rate, and whose.

    Only one that everything passes that comes to the component: another does not protect it.
    """
    reached = [(facts.value(LIMITS_AT, gate), gate) for gate in facts.gates.get(name, ())]
    return min(((rate, gate) for rate, gate in reached if rate is not None and Load(at, rate).over), default=None)


def _losses(told: Telling) -> Iterator[Point]:
    """Tell how what is behind a cache fares when it answers nothing: enough, exactly enough, or too little."""
    groups: dict[tuple[object, ...], list[Surge]] = {}
    for surge in told.facts.surges:
        if surge.cause == "loss" and told.first.get(surge.source) == surge.source and surge.component in told.first:
            size = told.design.components[surge.component].replicas
            rates = (surge.demand, surge.capacity, surge.steady, surge.usual)
            key = (surge.source, size, *(alike(rate) for rate in rates))
            groups.setdefault(key, []).append(surge)
    closest = sorted(groups.values(), key=lambda group: group[0].demand - group[0].capacity, reverse=True)
    told_of: set[str] = set()
    for group in closest:
        if group[0].source not in told_of:
            told_of.add(group[0].source)
            yield _loss(told, group)


def _loss(told: Telling, group: Sequence[Surge]) -> Point:
    surge = group[0]
    rates = [fact.value for fact in told.facts.of(CLIENT_RATE)]
    size = told.design.components[surge.component].replicas.high
    gateway = next((box for box in told.ordered if box.number("limit") is not None), None)
    stages = [box.name for box in told.step(3) if told.facts.value(DEMAND, box.name)]
    more = exceeds(surge.demand, surge.steady)
    steady = number(surge.steady, Dimension.RATE)
    whole = any(rate is not None and same(rate, surge.steady) for rate in rates)
    values = {
        "cache": told.name(surge.source),
        "noun": told.design.components[surge.source].kind.noun,
        "names": told.names(one.component for one in group),
        "both": len(stages) == 2 and {one.component for one in group} == set(stages),
        "all": whole,
        "steady": Number(re.sub(r"^an? ", "one ", steady.spoken), steady.figure) if whole else steady,
        "capacity": number(surge.capacity, Dimension.RATE),
        "admitted": number(surge.demand, Dimension.RATE) if more else None,
        "gateway": told.name(gateway.name) if gateway and more else None,
        "overloads": surge.overloads,
        "room": surge.at(surge.steady).room,
        "away": _turned_away(told, surge.source),
        "spare": not surge.at(surge.usual).beyond(_HALF),
        "count": say_number(size) if size != 1 else "",
    }
    about = (surge.source, *(one.component for one in group))
    return Point("capacity.loss", values, about, (DEMAND.name, CAPACITY.name), 90)


def _turned_away(told: Telling, cache: str) -> dict[str, object] | None:
    """Return which gateway behind a lost cache refuses most of what then comes, and how much."""
    found = []
    for surge in told.facts.surges:
        limit = told.design.components[surge.component].number("limit")
        known = surge.cause == "loss" and surge.source == cache and told.first.get(surge.component) == surge.component
        if known and limit is not None and Load(surge.steady, limit).over:
            found.append((surge.steady - limit, surge.component))
    if not found:
        return None
    rate, gateway = max(found)
    return {"gateway": told.name(gateway), "rate": number(rate, Dimension.RATE)}


def _limits(told: Telling) -> Iterator[Point]:
    """Tell what a gateway at its limit sends on that is too much."""
    for surge in told.facts.surges:
        known = surge.source in told.first and told.first.get(surge.component) == surge.component
        if surge.cause == "limit" and surge.tips_over and known:
            values = {
                "gateway": told.name(surge.source),
                "name": told.name(surge.component),
                "demand": number(surge.demand, Dimension.RATE),
                "capacity": number(surge.capacity, Dimension.RATE),
            }
            yield Point("capacity.limit", values, (surge.source, surge.component), (DEMAND.name,), 85)


def _availability(told: Telling) -> Iterator[Point]:
    """Tell how often the first flow and those that promise something are up, and what is most to blame."""
    for at, flow in enumerate(told.design.flows):
        if at > 0 and not flow.promises:
            continue
        up = told.facts.value(AVAILABILITY, flow.name)
        promised = any(promise.kind is promises.AVAILABILITY for promise in flow.promises)
        stated = any(states_uptime(box) for box in told.design.components.values())
        if up is not None and (stated or promised):
            down = told.facts.value(DOWNTIME_MONTH, flow.name)
            worst = told.facts.largest_outage(flow.name)
            if worst is not None and worst.seconds < unanswered.largest(told.facts, flow)[1] * MONTH:
                worst = None
            full = told.facts.value(SERVED_IN_FULL, flow.name)
            values = {
                "flow": told.flow_name(flow.name),
                "up": number(up, Dimension.FRACTION, FINE),
                "down": number(down, Dimension.DURATION, 2) if down else None,
                "stated": stated,
                "worst": told.placed(worst.component) if worst is not None else None,
                "part": number(worst.share, Dimension.FRACTION, 2) if worst is not None else None,
                "all": worst is not None and worst.share > _NEARLY,
            }
            yield Point("capacity.availability", values, (flow.name,), (AVAILABILITY.name, DOWNTIME_MONTH.name), 62)
            if full is not None and up - full >= _NOTICED and stated:
                in_full = {"full": number(full, Dimension.FRACTION, FINE)}
                yield Point("capacity.in_full", in_full, (flow.name,), (SERVED_IN_FULL.name,), 20)


def _cost(told: Telling) -> Iterator[Point]:
    month = told.facts.value(COST_MONTH, whole(told.design))
    each = of_a_request(told.facts, told.design)
    if month:
        values: dict[str, Number | None] = {
            "month": number(month, Dimension.MONEY, 2),
            "request": cost(each.value) if each is not None and each.value else None,
        }
        yield Point("capacity.cost", values, (told.design.name,), (COST_MONTH.name, COST_REQUEST.name), 76)
