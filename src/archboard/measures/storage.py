"""Storage and egress: what stores keep, what leaves the system, and what both cost where the design gives the prices.

A store keeps its size and what grows within its retention, times its copies. What leaves is the payload of every
arrow between the system and a client or an external, and of every arrow from one region to another.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Arrow, ArrowKind, Component
from archboard.facts import Fact, Facts
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import ARROW_RATE, COST_EGRESS, COST_STORAGE, EGRESS, STORED
from archboard.measures.terms import A_MONTH, assumed, known, number
from archboard.units import SIZES, Dimension, show_money
from archboard.working import Term, Working, product, total


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield bytes stored per store and bytes a second per arrow that leaves, and dollars a month of each."""
    assumptions = analysis.design.assumptions
    for component in analysis.design.components.values():
        stored = _stored(component)
        if stored is None:
            continue
        yield stored
        if assumptions.storage is not None:
            price = _price(assumptions.storage, "/GB a month")
            yield Fact(COST_STORAGE, component.name, product(Dimension.MONEY, known(stored), price))
    for arrow in analysis.design.arrows:
        leaving = _leaving(analysis, facts, arrow)
        if leaving is None:
            continue
        yield leaving
        if assumptions.egress is not None:
            price = _price(assumptions.egress, "/GB")
            yield Fact(COST_EGRESS, arrow.id, product(Dimension.MONEY, known(leaving), A_MONTH, price))


def _price(each: float, per: str) -> Term:
    """Return the dollars of a byte that the design assumes, as they are said of a gigabyte."""
    return assumed(each, Dimension.MONEY, "assumed", text=f"{show_money(each * SIZES['GB'])}{per}")


def _stored(component: Component) -> Fact | None:
    size, growth = component.number("size"), component.number("growth")
    retention, copies = component.number("retention"), component.number("copies") or 1.0
    kept = (growth or 0.0) * (retention or 0.0)
    if size is None and not kept:
        return None
    parts: list[Working] = [] if size is None else [number(component, "size", Dimension.SIZE)]
    if kept:
        grows = number(component, "growth", Dimension.BANDWIDTH)
        parts.append(product(Dimension.SIZE, grows, number(component, "retention", Dimension.DURATION)))
    together = total(Dimension.SIZE, *parts)
    if copies > 1:
        together = product(Dimension.SIZE, number(component, "copies", Dimension.COUNT, "copies"), together)
    return Fact(STORED, component.name, together)


def _leaving(analysis: Analysis, facts: Facts, arrow: Arrow) -> Fact | None:
    payload, rate = arrow.number_of("payload"), facts.get(ARROW_RATE, arrow.id)
    if payload is None or rate is None or not rate.value:
        return None
    if arrow.kind is ArrowKind.FAILURE or not _leaves(analysis, arrow):
        return None
    return Fact(EGRESS, arrow.id, product(Dimension.BANDWIDTH, number(arrow, "payload", Dimension.SIZE), known(rate)))


def _leaves(analysis: Analysis, arrow: Arrow) -> bool:
    ends = [analysis.design.components[name] for name in (arrow.tail, arrow.head)]
    regions = {_region(analysis, component.name) for component in ends}
    return any(not component.kind.ours for component in ends) or (None not in regions and len(regions) > 1)


def _region(analysis: Analysis, name: str) -> str | None:
    """Return the region that a component stands in, if any."""
    frames = analysis.design.frames.items()
    return next((frame for frame, about in frames if about.region and name.startswith(f"{frame}.")), None)
