"""Replicas: how many of a component run and must be up, and how often that is so, on a usual day and in a failure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from archboard.design.model import Component
from archboard.facts import Facts
from archboard.maths.reliability.replicas import k_of_n
from archboard.measures.analysis import Analysis
from archboard.measures.cost import running_of
from archboard.measures.terms import exactly
from archboard.measures.uptime.levels import Level, variable_of
from archboard.measures.uptime.needed import by_load, must_be_up
from archboard.measures.uptime.repair import up
from archboard.records import record, replace
from archboard.units import Dimension
from archboard.working import Working


@record
class Running:
    """The replicas of a component: `count` run, `needed` of them must be up, each is up with probability `each`.

    `must` is how it came to be that so many must, `up` how often each is; `least` is how many would have to be, where
    more than run must.
    """

    component: Component
    count: int
    needed: int
    each: float
    common_cause: float
    must: Working
    up: Working
    least: int

    @property
    def together(self) -> float:
        """The availability of all of them together."""
        return k_of_n(self.count, self.needed, self.each, self.common_cause)

    def with_count(self, count: int) -> Running:
        """Return the same with another number of replicas, at most all of which must be up."""
        return replace(self, count=count, needed=min(self.least, count) if by_load(self.must) else self.needed)


def running(analysis: Analysis, facts: Facts, component: Component) -> Running:
    """Return what runs of a component; of a range of replicas, what the demand needs."""
    count = facts.running.get(component.name, component.replicas.high)
    each = up(analysis, component)
    must = must_be_up(analysis, facts, component, replace(running_of(component, facts), value=float(math.floor(count))))
    beta = analysis.design.assumptions.common_cause or 0.0
    every = must_be_up(analysis, facts, component, exactly(math.inf, Dimension.COUNT, by="as many as it takes"))
    needed = math.ceil(must.value)
    least = math.ceil(every.value) if math.isfinite(every.value) else needed
    return Running(component, math.floor(count), needed, each.value, beta, must, each, least)


def chances(levels: Sequence[Level], now: Running) -> Mapping[str, float]:
    """Return how likely each level is reached, given that the next lower one is."""
    found: dict[str, float] = {}
    before = now.together
    for level in levels:
        variable = variable_of(now.component.name, level)
        if variable not in found:
            count = max(int(level.count), now.count)
            own = k_of_n(count, int(level.needed), now.each, now.common_cause) if level.needed <= count else 0.0
            reached = min(before, own)
            found[variable] = reached / before if before > 0 else 0.0
            before = reached
    return found
