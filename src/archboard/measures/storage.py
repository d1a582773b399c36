"""Storage and egress: what stores keep, what leaves the system, and what both cost where the design gives the prices.

A store keeps its size and what grows within its retention, times its copies. What leaves is the payload of every
arrow between the system and a client or an external, and of every arrow from one region to another.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Arrow, ArrowKind, Component
from archboard.facts import Fact, Facts
from archboard.measures.metrics import ARROW_RATE, COST_EGRESS, COST_STORAGE, EGRESS, STORED
from archboard.measures.study import Study
from archboard.units import MONTH, SIZES, Dimension, show, show_duration, show_money, show_number, show_rate


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield bytes stored per store and bytes a second per arrow that leaves, and dollars a month of each."""
    assumed = study.design.assumptions
    for component in study.design.components.values():
        stored = _stored(component)
        if stored is None:
            continue
        yield stored
        if assumed.storage is not None:
            working = f"{stored.shown} × {show_money(assumed.storage * SIZES['GB'])}/GB a month"
            yield Fact(COST_STORAGE, component.name, (stored.value or 0.0) * assumed.storage, working)
    for arrow in study.design.arrows:
        leaving = _leaving(study, facts, arrow)
        if leaving is None:
            continue
        yield leaving
        if assumed.egress is not None:
            working = f"{leaving.shown} × 730 h × {show_money(assumed.egress * SIZES['GB'])}/GB"
            yield Fact(COST_EGRESS, arrow.id, (leaving.value or 0.0) * MONTH * assumed.egress, working)


def _stored(component: Component) -> Fact | None:
    size, growth = component.number("size"), component.number("growth")
    retention, copies = component.number("retention"), component.number("copies") or 1.0
    kept = (growth or 0.0) * (retention or 0.0)
    if size is None and not kept:
        return None
    parts = [] if size is None else [show(size, Dimension.SIZE)]
    if kept:
        parts.append(f"{show(growth or 0.0, Dimension.BANDWIDTH)} × {show_duration(retention or 0.0)}")
    together = " + ".join(parts)
    if copies > 1:
        together = f"{show_number(copies)} copies × {together if len(parts) == 1 else f'({together})'}"
    return Fact(STORED, component.name, ((size or 0.0) + kept) * copies, together)


def _leaving(study: Study, facts: Facts, arrow: Arrow) -> Fact | None:
    payload, rate = arrow.number_of("payload"), facts.value(ARROW_RATE, arrow.id)
    if payload is None or not rate or arrow.kind is ArrowKind.FAILURE or not _leaves(study, arrow):
        return None
    return Fact(EGRESS, arrow.id, payload * rate, f"{show(payload, Dimension.SIZE)} × {show_rate(rate)}")


def _leaves(study: Study, arrow: Arrow) -> bool:
    ends = [study.design.components[name] for name in (arrow.tail, arrow.head)]
    regions = {_region(study, component.name) for component in ends}
    return any(not component.kind.ours for component in ends) or (None not in regions and len(regions) > 1)


def _region(study: Study, name: str) -> str | None:
    """Return the region that a component stands in, if any."""
    frames = study.design.frames.items()
    return next((frame for frame, about in frames if about.region and name.startswith(f"{frame}.")), None)
