"""Surges: what stands behind a gateway at its limit, and behind a cache that is lost.

The pods behind a cache are not for the average day; these facts say what they are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archboard.facts import Facts, Surge
from archboard.load import Load, exceeds
from archboard.measures.analysis import Analysis
from archboard.measures.flow.network import hit_ratio
from archboard.measures.metrics import CAPACITY, DEMAND
from archboard.units import show_fraction, show_rate

LOOKED_INTO = 8
"""Caches whose loss is always worked out in full; further ones where a bound says that it may overload something."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Surge]:
    """Yield what every component with a capacity gets behind each gateway at its limit and each lost cache."""
    components = analysis.design.components
    gateways = [n for n, c in components.items() if c.number("limit") is not None and facts.value(DEMAND, n)]
    before: dict[str, list[str]] = {}
    for gateway in gateways:
        behind = analysis.behind(gateway)
        for name in behind:
            before.setdefault(name, []).append(gateway)
        yield from _at_limit(analysis, facts, gateway, behind)
    caches = [n for n, c in components.items() if hit_ratio(c) > 0 and facts.value(DEMAND, n)]
    for index, cache in enumerate(caches):
        fronts = before.get(cache, [])
        if index < LOOKED_INTO or _may_overload(analysis, facts, cache, fronts):
            yield from _lost(analysis, facts, cache, fronts)


def _may_overload(analysis: Analysis, facts: Facts, cache: str, fronts: list[str]) -> bool:
    """Whether a bound on what a lost cache sends on exceeds any capacity behind it."""
    extra = analysis.at_most_without(cache, hit_ratio(analysis.design.components[cache]))
    scale = max([1.0, *(_scale(analysis, facts, g, _limit(analysis, g)) for g in fronts)])
    for name, rate in extra.items():
        capacity = facts.value(CAPACITY, name)
        usual = analysis.unlimited.demand.get(name, 0.0)
        if capacity and name != cache and Load((usual + rate) * scale, capacity, analysis.times.serves(name)).over:
            return True
    return False


def _at_limit(analysis: Analysis, facts: Facts, gateway: str, behind: Mapping[str, None]) -> Iterator[Surge]:
    limit = _limit(analysis, gateway)
    scale = _scale(analysis, facts, gateway, limit)
    changed = {} if scale <= 1 else analysis.demand_when(gateway, scale=scale)
    for name in behind:
        demand, capacity = changed.get(name, analysis.loads.demand.get(name, 0.0)), facts.value(CAPACITY, name)
        if not capacity or demand <= 0 or name == gateway:
            continue
        usual = facts.value(DEMAND, name) or 0.0
        arriving = show_rate(facts.value(DEMAND, gateway) or 0.0)
        working = f"{show_rate(usual)} × {show_rate(limit)} limit of `{gateway}` ÷ {arriving}"
        yield Surge(
            "limit", gateway, name, demand, capacity, usual, usual, f"{show_rate(demand)} = {working}",
            queued=analysis.times.serves(name),
        )  # fmt: skip


def _scale(analysis: Analysis, facts: Facts, gateway: str, limit: float) -> float:
    """Return how many times the usual client rate fills a gateway to its limit."""
    demand = facts.value(DEMAND, gateway) or 0.0
    return limit / demand if demand > 0 else 1.0


def _lost(analysis: Analysis, facts: Facts, cache: str, fronts: list[str]) -> Iterator[Surge]:
    steady = analysis.demand_when(cache, lost=frozenset((cache,)))
    scale = max([1.0, *(_scale(analysis, facts, g, _limit(analysis, g)) for g in fronts)])
    surged = analysis.demand_when(cache, scale, frozenset((cache,))) if scale > 1 else steady
    gateway = fronts[0] if fronts else None
    for name in analysis.behind(cache):
        capacity, demand = facts.value(CAPACITY, name), surged.get(name, analysis.loads.demand.get(name, 0.0))
        usual = facts.value(DEMAND, name) or 0.0
        if not capacity or not exceeds(demand, usual) or name == cache:
            continue
        yield Surge(
            "loss", cache, name, demand, capacity, usual, steady.get(name, analysis.loads.demand.get(name, 0.0)),
            _loss_working(analysis, cache, gateway, demand), queued=analysis.times.serves(name),
        )  # fmt: skip


def _loss_working(analysis: Analysis, cache: str, gateway: str | None, demand: float) -> str:
    hit = show_fraction(hit_ratio(analysis.design.components[cache]))
    through = ""
    if gateway is not None:
        limit = _limit(analysis, gateway)
        through = f", with `{gateway}` at its limit of {show_rate(limit)}"
    return f"{show_rate(demand)} without the {hit} that `{cache}` answers{through}"


def _limit(analysis: Analysis, gateway: str) -> float:
    return analysis.design.components[gateway].number("limit") or 0.0
