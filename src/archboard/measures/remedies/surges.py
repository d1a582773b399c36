"""Remedies for what comes suddenly: the replicas, or the limit, at which a surge overloads nothing any more.

Who fills only because he waits for something overloaded needs no replicas of his own: the callee is given them first,
and what is still overloaded then is looked at again, until nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from archboard.design.edits import with_value
from archboard.design.model import Component, Design, Replicas, SettingValue
from archboard.design.targets import component_setting
from archboard.facts import Change, Cure, Facts, Gap, Hopeless, Remedy, Surge, indexed
from archboard.measures.analysis import Analysis
from archboard.measures.load import cache_loss, capacity, demand, failover, limits
from archboard.measures.load.fixed_point import settled
from archboard.measures.load.modes import slow_to_scale
from archboard.measures.moment import Moment
from archboard.measures.remedies.more_replicas import at_once, carrying, is_absurd
from archboard.measures.terms import found
from archboard.records import record, replace
from archboard.units import Dimension, rounded

CAUSES: Mapping[str, tuple[str, Callable[[Analysis, Facts], Iterator[Surge]]]] = {
    "limit": ("AB503", limits.measure),
    "loss": ("AB603", cache_loss.measure),
    "failover": ("AB604", failover.measure),
}
"""Of each cause of a surge the check that tells of it, and the measure that finds it."""
ROUNDS = 8
"""Times that what is still overloaded is given more."""

Mode = tuple[str, str, str]
"""A cause, what gives way, and the failure arrow that is then taken."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Cure]:
    """Yield the remedy of each limit, lost cache and failover that overloads something, and of what fills waiting."""
    modes: dict[Mode, list[Surge]] = {}
    for surge in facts.surges:
        if surge.tips_over:
            modes.setdefault((surge.cause, surge.source, surge.arrow), []).append(surge)
    for mode, over in modes.items():
        cause, source, arrow = mode
        code, measured = CAUSES[cause]
        search = _Search(analysis, facts, _Surging(mode, measured), sudden=cause != "limit")
        changes, gap = search.replicas(over), Gap(code, source, None, arrow)
        lower = search.limit(source, over) if cause == "limit" else None
        if lower is not None:
            yield Remedy(gap, (lower,), (changes,) if changes else ())
        elif changes:
            component = analysis.design.components[changes[0].target.owner]
            yield Remedy(gap, changes, at_once(component, changes[0]) if len(changes) == 1 else ())
        else:
            yield Hopeless(gap)
    for name in facts.waits_for:
        if facts.overloaded(name):
            filling = _Filling(name)
            changes = _Search(analysis, facts, filling, sudden=False).replicas(filling(analysis, facts))
            gap = Gap("AB501", name)
            yield Remedy(gap, changes) if changes else Hopeless(gap)


@record
class _Surging:
    """What is overloaded in a mode, by the measure that finds it."""

    mode: Mode
    measured: Callable[[Analysis, Facts], Iterator[Surge]]

    def __call__(self, analysis: Analysis, facts: Facts) -> list[Surge]:
        surges = self.measured(analysis, facts)
        return [s for s in surges if (s.cause, s.source, s.arrow) == self.mode and s.tips_over]


@record
class _Filling:
    """What is overloaded of a component that fills while it waits, and of what it waits for, as far as that goes."""

    name: str

    def __call__(self, analysis: Analysis, facts: Facts) -> list[Surge]:
        names = {self.name: None}
        while (head := analysis.waits_for(next(reversed(names)))) and head not in names:
            names[head] = None
        over = [(name, load) for name in names if (load := facts.load(name)) is not None and load.over]
        return [
            Surge(
                "load", self.name, name, load.demand, load.capacity, 0.0, load.demand,
                found(load.demand, Dimension.RATE, "the loads"), queued=load.queued,
                waits_for=analysis.waits_for(name),
            )
            for name, load in over
        ]  # fmt: skip


class _Search:
    """Looks for what carries a surge, by measuring the changed design again; `sudden` ones meet what ran before."""

    def __init__(
        self, analysis: Analysis, facts: Facts, again: Callable[[Analysis, Facts], list[Surge]], sudden: bool
    ) -> None:
        self.analysis, self.facts, self.again, self.sudden = analysis, facts, again, sudden

    def replicas(self, over: list[Surge]) -> tuple[Change, ...]:
        """Return the changes after which nothing is overloaded; none where none were found."""
        analysis, facts, changes = self.analysis, self.facts, dict[str, Change]()
        for _ in range(ROUNDS):
            design = analysis.design
            for surge in [surge for surge in over if not surge.waits_for] or over:
                component = design.components[surge.component]
                ran = slow_to_scale(design, facts.running) if self.sudden else facts.ran
                change = _carrying(component, surge, ran)
                if change.target.name == "replicas" and is_absurd(analysis, surge.component, _count(change)):
                    return ()
                first = changes.get(change.target.path, change)
                changes[change.target.path] = replace(change, before=first.before)
                design = with_value(design, change.target, _value(change))
            analysis, facts = self._measured(design)
            over = self.again(analysis, facts)
            if not over:
                return tuple(changes.values())
        return ()

    def limit(self, gateway: str, over: list[Surge]) -> Change | None:
        """Return the limit at which what stands behind a gateway carries what it lets in; what else comes stays."""
        component = self.analysis.design.components[gateway]
        target = component_setting(gateway, component.kind.name, "limit")
        now = component.number("limit") or 0.0
        low = 0.0
        for _ in range(ROUNDS):
            tried = min(_safe(surge, now, low) for surge in over)
            after = rounded(tried, Dimension.RATE, up=False)
            if after <= 0:
                return None
            over_then = self.again(*self._measured(with_value(self.analysis.design, target, after)))
            if not over_then:
                return Change(target, now, after)
            low = max(low, max(_beside(one, over, now, after) for one in over_then))
        return None

    def _measured(self, design: Design) -> tuple[Analysis, Facts]:
        """Return a changed design and what the measures of surges ask for: demands, capacities, and what runs."""
        ran = {name: _within(design.components[name], count) for name, count in self.facts.ran.items()}
        analysis = settled(design, self.analysis.transforms, Moment(ran=ran))
        queued = frozenset(name for name in design.components if analysis.times.is_endless(name))
        facts = Facts(queued=queued, running=analysis.moment.running, ran=ran)
        for each in (demand.measure, capacity.measure):
            facts = replace(facts, scalars=indexed(each(analysis, facts), facts.scalars))
        return analysis, facts


def _safe(surge: Surge, limit: float, beside: float) -> float:
    """Return the limit at which a demand is what is carried, where so much of the demand comes whatever the limit."""
    follows = surge.demand - beside
    return limit * (surge.capacity - beside) / follows if follows > 0 else 0.0


def _beside(then: Surge, before: list[Surge], limit: float, lower: float) -> float:
    """Return what of a demand does not follow a limit, of the demands at two limits."""
    first = next((surge.demand for surge in before if surge.component == then.component), then.demand)
    slope = (first - then.demand) / (limit - lower)
    return then.demand - slope * lower


def _count(change: Change) -> float:
    after = change.after
    assert not isinstance(after, str), change
    return after.high if isinstance(after, Replicas) else after


def _value(change: Change) -> SettingValue:
    after = change.after
    return Replicas(after, after) if change.target.name == "replicas" and isinstance(after, float) else after


def _carrying(component: Component, surge: Surge, ran: Mapping[str, float]) -> Change:
    """Return what carries a surge: replicas, or where it is a limit that turns it away a higher one."""
    limit = component.number("limit")
    if limit == surge.capacity:
        target = component_setting(component.name, component.kind.name, "limit")
        return Change(target, limit, rounded(surge.demand, Dimension.RATE, up=True))
    return carrying(component, surge.load, ran)


def _within(component: Component, count: float) -> float:
    return min(max(count, component.replicas.low), component.replicas.high)
