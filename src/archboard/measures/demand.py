"""Demand: the requests that reach each component and take each arrow, with the factors that made them so many."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.design.model import Arrow, ArrowKind
from archboard.facts import Fact, Facts
from archboard.measures.activity import hit_ratio
from archboard.measures.metrics import ADMITTED, ARROW_RATE, CLIENT_RATE, DEMAND, REFUSED
from archboard.measures.study import TOLERANCE, Study
from archboard.units import show_fraction, show_number, show_rate

_SHOWN = 1.0005
"""Factors nearer to one are not worth a word."""


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield client rates per flow, demand per component, admissions per gateway and rates per arrow."""
    for flow in study.design.flows:
        rates = {name: rate for name, rate in study.sources(flow).items() if rate > 0}
        starts = {name: rate for name, rate in rates.items() if name in study.graphs[flow.name].starts}
        if starts:
            working = " + ".join(f"{show_rate(rate)} (`{name}`)" for name, rate in starts.items())
            yield Fact(CLIENT_RATE, flow.name, math.fsum(starts.values()), working)
    loads = study.loads
    incoming, origins = _incoming(study), dict[str, Origin]()
    for name in study.design.components:
        if name in study.unknown:
            yield Fact(DEMAND, name, None, f"no rate is stable: retries over `{study.unknown[name]}` feed themselves")
        elif name in loads.demand:
            rate = loads.demand[name]
            yield Fact(DEMAND, name, rate, _working(study, name, rate, incoming, origins))
    for name, component in study.design.components.items():
        limit = component.number("limit")
        arriving = loads.demand.get(name)
        if limit is None or arriving is None:
            continue
        admitted = min(arriving, limit)
        yield Fact(ADMITTED, name, admitted, f"the lesser of {show_rate(arriving)} and its limit of {show_rate(limit)}")
        if arriving > limit * (1 + TOLERANCE):
            working = f"{show_rate(arriving)} arrive − {show_rate(limit)} limit"
            yield Fact(REFUSED, name, arriving - limit, working)
    for arrow in study.design.arrows:
        if arrow.id in loads.arrows and arrow.head not in study.unknown:
            yield Fact(ARROW_RATE, arrow.id, loads.arrows[arrow.id], _arrow_working(study, arrow))


def _incoming(study: Study) -> dict[str, list[Arrow]]:
    incoming: dict[str, list[Arrow]] = {}
    for arrow in study.design.arrows:
        if arrow.id in study.loads.arrows and arrow.kind is not ArrowKind.FAILURE:
            incoming.setdefault(arrow.head, []).append(arrow)
    return incoming


Origin = tuple[str, float, tuple[str, ...]]
"""Where a demand comes from: the component it was last whole at, its rate there, and the factors since."""


def _working(study: Study, name: str, rate: float, incoming: dict[str, list[Arrow]], origins: dict[str, Origin]) -> str:
    """Return how a demand came to be: one chain of factors, or a sum over the arrows that lead there."""
    arrows = _dominant(study, incoming.get(name, []))
    if not arrows:
        return f"sent by `{name}` itself"
    if len(arrows) > 1:
        parts = [(arrow.tail, study.loads.arrows[arrow.id]) for arrow in arrows]
        shown = " + ".join(f"{show_rate(part)} (from `{tail}`)" for tail, part in parts[:6])
        more = f" + {len(parts) - 6} more" if len(parts) > 6 else ""
        total = math.fsum(part for _, part in parts)
        once = ", parallel arms counted once" if total > rate * (1 + TOLERANCE) else ""
        return f"{shown}{more}{once}"
    source, first, factors = _origin(study, name, incoming, origins)
    if not factors:
        if source not in study.design.components:
            return f"{show_rate(first)} (`{source}`)"
        return f"all that `{source}` gets" if source != name else f"sent by `{name}` itself"
    last = factors if len(factors) <= 8 else (f"{len(factors) - 7} more factors", *factors[-7:])
    return " × ".join([f"{show_rate(first)} (`{source}`)", *last])


def _origin(study: Study, name: str, incoming: dict[str, list[Arrow]], origins: dict[str, Origin]) -> Origin:
    """Follow the one arrow that leads to a component, and the one before it, as far as there is only one."""
    trail: list[Arrow] = []
    current = name
    while current not in origins:
        found = _dominant(study, incoming.get(current, []))
        if len(found) != 1:
            origins[current] = (current, study.loads.demand.get(current, 0.0), ())
        elif found[0].number_of("rate") is not None:
            origins[current] = (found[0].tail, study.loads.arrows[found[0].id], ())
        elif (own := _own_rate(study, found[0])) is not None:
            origins[current] = (found[0].flow or "main", own, tuple(_factors(study, found[0])))
        else:
            trail.append(found[0])
            current = found[0].tail
    for arrow in reversed(trail):
        source, rate, factors = origins[arrow.tail]
        origins[arrow.head] = (source, rate, (*factors, *_factors(study, arrow)))
    return origins[name]


def _own_rate(study: Study, arrow: Arrow) -> float | None:
    """Return the rate of an arrow's flow, where its tail starts the flow and gets more from another."""
    flow = study.design.flow(arrow.flow or "main")
    rate = study.sources(flow).get(arrow.tail) if flow is not None else None
    more = rate is not None and study.loads.demand.get(arrow.tail, 0.0) > rate * (1 + TOLERANCE)
    return rate if more else None


def _dominant(study: Study, arrows: list[Arrow]) -> list[Arrow]:
    """Return the one arrow that brings all but a thousandth, if there is one; else all of them."""
    total = math.fsum(study.loads.arrows[arrow.id] for arrow in arrows)
    main = [arrow for arrow in arrows if study.loads.arrows[arrow.id] > 0.999 * total]
    return main if len(main) == 1 else arrows


def _factors(study: Study, arrow: Arrow) -> list[str]:
    """Return what the way over one arrow multiplies a rate with, in words."""
    tail = study.design.components[arrow.tail]
    factors = []
    admitted = study.loads.admitted.get(arrow.tail, 1.0)
    if admitted < 1 - 1e-12:
        factors.append(f"{show_fraction(admitted)} (limit of `{arrow.tail}`)")
    hit = hit_ratio(tail)
    if hit > 0 and arrow.kind in (ArrowKind.REQUEST, ArrowKind.CALL):
        factors.append(f"{show_fraction(1 - hit)} (misses of `{arrow.tail}`)")
    share = _share(study, arrow)
    if share < 1 - 1e-12:
        factors.append(f"{show_fraction(share)} (share)")
    fanout = arrow.number_of("fanout")
    if fanout is not None and fanout != 1:
        factors.append(f"{show_number(fanout)} (fan-out)")
    guard = study.guards.known(arrow)
    if guard is not None and guard.attempts > _SHOWN:
        factors.append(f"{show_number(guard.attempts)} (attempts)")
    if guard is not None and guard.sent > _SHOWN - 1:
        factors.append(f"{show_number(1 + guard.sent)} (hedged)")
    return factors


def _share(study: Study, arrow: Arrow) -> float:
    if arrow.share is not None or arrow.kind is not ArrowKind.REQUEST:
        return 1.0 if arrow.share is None else arrow.share
    for graph in study.graphs.values():
        if arrow.id in graph.arrows:
            ways = graph.ways.get(arrow.tail, ())
            return next((p for p, arrows in ways if any(a.id == arrow.id for a in arrows)), 1.0)
    return 1.0


def _arrow_working(study: Study, arrow: Arrow) -> str:
    own = arrow.number_of("rate")
    if own is not None:
        return "its own rate"
    factors = _factors(study, arrow)
    first = f"{show_rate(study.loads.demand.get(arrow.tail, 0.0))} (`{arrow.tail}`)"
    return " × ".join([first, *factors])
