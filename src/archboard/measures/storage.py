"""Storage and traffic: what is kept, what goes over the arrows, and what both cost where the design gives the prices.

A store keeps its size and what grows within its retention, times its copies. What keeps what it is sent (a queue, a
log, telemetry) keeps the payload of all that arrives within its retention, times its copies; a store of which no
growth is known grows by what `~>` brings. What leaves is the payload of every arrow between the system and a
client or an external, and of every arrow from one region to another.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Arrow, ArrowKind, Component
from archboard.facts import Fact, Facts
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import ARROW_RATE, COST_EGRESS, COST_STORAGE, EGRESS, STORED, TRAFFIC
from archboard.measures.terms import A_MONTH, assumed, known, number
from archboard.units import SIZES, Dimension, show_money
from archboard.working import Term, Unknown, Working, product, total

KEEPING = ("size", "growth", "retention", "copies")
"""Settings that say how much is kept."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield bytes a second per arrow that says its payload, bytes kept per component, and dollars a month of each."""
    traffic = {fact.subject: fact for fact in _traffic(analysis, facts)}
    yield from traffic.values()
    for component in analysis.design.components.values():
        yield from _kept(analysis, component, traffic)
    for arrow in analysis.design.arrows:
        bytes_a_second = traffic.get(arrow.id)
        if bytes_a_second is not None and bytes_a_second.value and _leaves(analysis, arrow):
            leaving = Fact(EGRESS, arrow.id, bytes_a_second.working)
            yield leaving
            if analysis.design.assumptions.egress is not None:
                price = _price(analysis, "egress", "/GB")
                yield Fact(COST_EGRESS, arrow.id, product(Dimension.MONEY, known(leaving), A_MONTH, price))


def _traffic(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    for arrow in analysis.design.arrows:
        payload, rate = arrow.number_of("payload"), facts.get(ARROW_RATE, arrow.id)
        if payload is None or rate is None or rate.value is None or arrow.kind is ArrowKind.FAILURE:
            continue
        size = number(arrow, "payload", Dimension.SIZE)
        yield Fact(TRAFFIC, arrow.id, product(Dimension.BANDWIDTH, size, known(rate)))


def _price(analysis: Analysis, name: str, per: str) -> Term:
    """Return the dollars of a byte that the design assumes, as they are said of a gigabyte."""
    each = getattr(analysis.design.assumptions, name)
    return assumed(analysis.design.assumptions, name, text=f"{show_money(each * SIZES['GB'])}{per}")


def _kept(analysis: Analysis, component: Component, traffic: dict[str, Fact]) -> Iterator[Fact]:
    """Yield what a component keeps, or why that is not known, and what it costs."""
    if not (component.kind.stores or component.kind.keeps_arrivals):
        return
    if not any(setting in component.settings for setting in KEEPING):
        return
    price = analysis.design.assumptions.storage
    stored = Fact(STORED, component.name, _stored(analysis, component, traffic))
    yield stored
    if stored.value is not None and price is not None:
        month = _price(analysis, "storage", "/GB a month")
        yield Fact(COST_STORAGE, component.name, product(Dimension.MONEY, known(stored), month))


def _stored(analysis: Analysis, component: Component, traffic: dict[str, Fact]) -> Working | Unknown:
    """Return what is there and what comes within the retention, in all copies."""
    there = component.number("size") is not None
    comes = _coming(analysis, component, traffic)
    if isinstance(comes, Unknown) and not there:
        return comes
    parts: list[Working] = [number(component, "size", Dimension.SIZE)] if there else []
    note = ""
    if not isinstance(comes, Unknown):
        parts.append(comes)
    elif "growth" in component.settings or "retention" in component.settings:
        note = f"the size alone: {comes}"
    together = total(Dimension.SIZE, *parts, note=note)
    if (component.number("copies") or 1.0) > 1:
        return product(Dimension.SIZE, number(component, "copies", Dimension.COUNT, "copies"), together, note=note)
    return together


def _coming(analysis: Analysis, component: Component, traffic: dict[str, Fact]) -> Working | Unknown:
    """Return the bytes that come within the retention."""
    name = component.name
    if component.number("retention") is None:
        return Unknown(f"no `retention` says how long `{name}` keeps what comes")
    kept = number(component, "retention", Dimension.DURATION)
    if component.number("growth") is not None:
        return product(Dimension.SIZE, number(component, "growth", Dimension.BANDWIDTH), kept)
    brought = [a for a in analysis.design.arrows if a.head == name and a.kind in _bringing(component)]
    sized = [traffic[arrow.id] for arrow in brought if arrow.id in traffic]
    if not sized:
        grows = "" if component.kind.keeps_arrivals else f"`{name}` has no `growth`, and "
        return Unknown(f"{grows}no arrow says the `payload` that it brings to `{name}`")
    silent = ", ".join(f"`{arrow.id}`" for arrow in brought if arrow.id not in traffic)
    note = f"without {silent}, of which no payload is known" if silent else ""
    each = total(Dimension.BANDWIDTH, *(known(fact) for fact in sized))
    return product(Dimension.SIZE, each, kept, note=note)


def _bringing(component: Component) -> tuple[ArrowKind, ...]:
    """Return the arrows whose payload stays: all of them in a log; into a store a request may only ask."""
    return (ArrowKind.REQUEST, ArrowKind.CALL, ArrowKind.ASYNC) if component.kind.keeps_arrivals else (ArrowKind.ASYNC,)


def _leaves(analysis: Analysis, arrow: Arrow) -> bool:
    ends = [analysis.design.components[name] for name in (arrow.tail, arrow.head)]
    regions = {_region(analysis, component.name) for component in ends}
    return any(not component.kind.ours for component in ends) or (None not in regions and len(regions) > 1)


def _region(analysis: Analysis, name: str) -> str | None:
    """Return the region that a component stands in, if any."""
    frames = analysis.design.frames.items()
    return next((frame for frame, about in frames if about.region and name.startswith(f"{frame}.")), None)
