"""Cache loss: what comes to all that stands behind a cache that answers nothing, its gateway at its limit.

The pods behind a cache are not for the average day; these facts say what they are for.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archboard.design.edits import with_value
from archboard.design.targets import component_setting
from archboard.facts import Facts, Surge
from archboard.load import Load, exceeds
from archboard.measures.analysis import Analysis
from archboard.measures.flow.mode import hit_ratio
from archboard.measures.load.bounds import at_most_without
from archboard.measures.load.capacity import capacity_of
from archboard.measures.load.fixed_point import settled
from archboard.measures.load.limits import gateways, limit_of, scale_to
from archboard.measures.load.modes import carried_at_once, slow_to_scale
from archboard.measures.metrics import CAPACITY, DEMAND
from archboard.measures.terms import found
from archboard.records import replace
from archboard.units import Dimension, show_fraction, show_rate
from archboard.working import Unknown, Working

LOOKED_INTO = 8
"""Caches whose loss is always worked out in full; further ones where a bound says that it may overload something."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Surge]:
    """Yield what every component with a capacity gets behind each lost cache."""
    before: dict[str, list[str]] = {}
    for gateway in gateways(analysis, facts):
        for name in analysis.behind(gateway):
            before.setdefault(name, []).append(gateway)
    caches = [n for n, c in analysis.design.components.items() if hit_ratio(c) > 0 and facts.value(DEMAND, n)]
    for index, cache in enumerate(caches):
        fronts = before.get(cache, [])
        if index < LOOKED_INTO or _may_overload(analysis, facts, cache, fronts):
            yield from _lost(analysis, facts, cache, fronts)


def _may_overload(analysis: Analysis, facts: Facts, cache: str, fronts: list[str]) -> bool:
    """Whether a bound on what a lost cache sends on exceeds any capacity behind it."""
    extra = at_most_without(analysis, cache, hit_ratio(analysis.design.components[cache]))
    scale = max([1.0, *(scale_to(analysis, facts, g, limit_of(analysis, g)) for g in fronts)])
    for name, rate in extra.items():
        capacity = carried_at_once(analysis, facts, name)
        usual = analysis.unlimited.demand.get(name, 0.0)
        if capacity and name != cache and Load((usual + rate) * scale, capacity, analysis.times.is_endless(name)).over:
            return True
    return False


def _lost(analysis: Analysis, facts: Facts, cache: str, fronts: list[str]) -> Iterator[Surge]:
    steady = analysis.demand_when(cache, {}, frozenset((cache,)))
    more = {gate: scale for gate in fronts if (scale := scale_to(analysis, facts, gate, limit_of(analysis, gate))) > 1}
    surged = analysis.demand_when(cache, more, frozenset((cache,))) if more else steady
    kept = analysis.demand_when(cache, more) if more else {}
    gateway = fronts[0] if fronts else None
    for name in analysis.behind(cache):
        capacity = carried_at_once(analysis, facts, name)
        demand = surged.get(name, analysis.loads.demand.get(name, 0.0))
        usual = facts.value(DEMAND, name) or 0.0
        if not capacity or not exceeds(demand, usual) or name == cache:
            continue
        queued, then = analysis.times.is_endless(name), steady.get(name, analysis.loads.demand.get(name, 0.0))
        if Load(kept.get(name, 0.0), capacity, queued).over and not Load(then, capacity, queued).over:
            continue  # the limit lets too much in with the cache as well: it is not the loss that does
        yield Surge(
            "loss", cache, name, demand, capacity, usual, then, _loss_working(analysis, cache, gateway, demand),
            queued=queued,
        )  # fmt: skip
    yield from _holding(analysis, facts, cache, gateway, surged)


def _holding(
    analysis: Analysis, facts: Facts, cache: str, gateway: str | None, surged: Mapping[str, float]
) -> Iterator[Surge]:
    """Yield whose slots are held for what a lost cache would have answered: they carry less than on a usual day."""
    before = {name: facts.value(CAPACITY, name) for name, heads in analysis.held_for.items() if cache in heads}
    if not before:
        return
    hits = component_setting(cache, analysis.design.components[cache].kind.name, "hit")
    given = replace(analysis.moment, ran=slow_to_scale(analysis.design, analysis.moment.running), stuck=frozenset())
    lost = settled(with_value(analysis.design, hits, 0.0), analysis.transforms, given)
    for name, usual_capacity in before.items():
        capacity = capacity_of(lost, analysis.design.components[name])
        if capacity is None or capacity.value is None or usual_capacity is None:
            continue
        usual, then = facts.value(DEMAND, name) or 0.0, lost.loads.demand.get(name, 0.0)
        demand = max(then, surged.get(name, then))
        if exceeds(usual_capacity, capacity.value):
            working = _loss_working(analysis, cache, gateway, demand)
            yield Surge(
                "loss", cache, name, demand, capacity.value, usual, then, working,
                queued=analysis.times.is_endless(name), before=usual_capacity, waits_for=lost.waits_for(name),
                carries=None if isinstance(capacity.working, Unknown) else capacity.working,
            )  # fmt: skip


def _loss_working(analysis: Analysis, cache: str, gateway: str | None, demand: float) -> Working:
    hit = show_fraction(hit_ratio(analysis.design.components[cache]))
    through = ""
    if gateway is not None:
        limit = limit_of(analysis, gateway)
        through = f", with `{gateway}` at its limit of {show_rate(limit)}"
    told = f"{show_rate(demand)} without the {hit} that `{cache}` answers{through}"
    return found(demand, Dimension.RATE, "the loads without it", alone=told)
