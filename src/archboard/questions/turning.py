"""How a what-if is written: all clients turned up, limits with them, replicas of a box and of its copies."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.catalog import setting
from archboard.compilation import Compilation
from archboard.design.dials import written
from archboard.design.model import Component
from archboard.measures.metrics import REPLICAS_NEEDED, UTILISATION
from archboard.questions.asking import Asking, Set
from archboard.units import Dimension


def client_flows(asking: Asking) -> tuple[str, ...]:
    """Return the flows that clients start."""
    boxes = asking.design.components
    return tuple(flow.name for flow in asking.design.flows if any(boxes[name].kind.asks for name in flow.starts))


def client_rate(asking: Asking) -> float:
    """Return what all clients send together, requests/s; 0 where nothing is known of it."""
    wanted = client_flows(asking)
    return math.fsum(flow.rate or 0.0 for flow in asking.facts.flows if flow.flow in wanted)


def turned_up(asking: Asking, times: float) -> Set:
    """Return the changes that multiply what every client sends."""
    return tuple(f"{path}={written(rate * times, Dimension.RATE).strip()}" for path, rate in _rates(asking))


def _rates(asking: Asking) -> Iterator[tuple[str, float]]:
    for name, box in asking.design.components.items():
        rate = box.number("rate")
        if box.kind.asks and rate:
            yield f"{name}.rate", rate
    for flow in asking.design.flows:
        given = flow.rate.value if flow.rate is not None else None
        if isinstance(given, float) and flow.name in client_flows(asking):
            yield f"{flow.name}.rate", given


def limits_up(asking: Asking, times: float) -> Set:
    """Return the changes that multiply every gateway's limit."""
    found = ((name, box.number("limit")) for name, box in asking.design.components.items())
    return tuple(
        f"{name}.limit={written(limit * times, Dimension.RATE).strip()}" for name, limit in found if limit is not None
    )


def scalable(box: Component) -> bool:
    """Whether more of a box can be run by whoever runs the system."""
    return box.kind.ours and not box.kind.stands_in and setting(box.kind.name, "replicas") is not None


def replicated(asking: Asking, component: str, count: float) -> Set:
    """Return the changes that run a box, and its copies in other regions, so many times.

    As large a part of fewer must be up as of all, where it is said how many must.
    """
    return tuple(change for name in asking.alike(component) for change in _replicated(asking, name, count))


def _replicated(asking: Asking, name: str, count: float) -> Iterator[str]:
    dial = asking.dial(f"{name}.replicas")
    if dial is None:
        return
    yield dial.assignment(count)
    box = asking.design.components[name]
    needs = asking.dial(f"{name}.needs") if "needs" in box.settings else None
    if needs is not None and count < box.replicas.high:
        yield needs.assignment(float(math.ceil((box.number("needs") or 1.0) * count / box.replicas.high)))


def missing(asking: Asking, tried: Compilation, full: float = 1.0) -> tuple[dict[str, float], tuple[str, ...]]:
    """Return how many replicas each box needs that is fuller than `full`, and the boxes that no replica helps."""
    needed: dict[str, float] = {}
    beyond: list[str] = []
    for fact in tried.facts.of(UTILISATION):
        box = tried.design.components.get(fact.subject)
        load = tried.facts.load(fact.subject)
        if box is None or load is None or not (load.over or load.beyond(full)):
            continue
        count = tried.facts.value(REPLICAS_NEEDED, fact.subject)
        first = asking.told.first.get(fact.subject, fact.subject)
        if count is None or not scalable(box) or count <= box.replicas.high:
            beyond.append(first)
        else:
            needed[first] = max(count, needed.get(first, 0.0))
    return needed, tuple(dict.fromkeys(beyond))
