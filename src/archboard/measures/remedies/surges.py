"""Remedies for what comes suddenly: the replicas, or the limit, at which a surge overloads nothing any more.

Who fills only because he waits for something overloaded needs no replicas of his own: the callee is given them first,
and what is still overloaded then is looked at again, until nothing is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from archboard.design.edits import with_value
from archboard.design.model import Component, Replicas, SettingValue
from archboard.design.targets import component_setting
from archboard.facts import Change, Facts, Gap, Remedy, Surge, indexed
from archboard.measures.analysis import Analysis
from archboard.measures.load import cache_loss, capacity, demand, failover, limits
from archboard.measures.load.fixed_point import settled
from archboard.measures.load.modes import slow_to_scale
from archboard.measures.moment import Moment
from archboard.measures.remedies.more_replicas import at_once, carrying
from archboard.records import replace
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


def measure(analysis: Analysis, facts: Facts) -> Iterator[Remedy]:
    """Yield the remedy of each gateway at its limit, lost cache and failover that overloads something."""
    modes: dict[Mode, list[Surge]] = {}
    for surge in facts.surges:
        if surge.tips_over:
            modes.setdefault((surge.cause, surge.source, surge.arrow), []).append(surge)
    for mode, over in modes.items():
        cause, source, arrow = mode
        code, _ = CAUSES[cause]
        changes = _found(analysis, facts, mode, over)
        gap, components = Gap(code, source, None, arrow), analysis.design.components
        if cause == "limit":
            others = (changes,) if changes else ()
            yield Remedy(gap, (_lower(components[source], over),), others)
        elif changes:
            scaled = at_once(components[changes[0].target.owner], changes[0]) if len(changes) == 1 else ()
            yield Remedy(gap, changes, scaled)


def _lower(gateway: Component, over: list[Surge]) -> Change:
    """Return the limit at which what stands behind a gateway carries what it lets in."""
    limit = gateway.number("limit") or 0.0
    safe = min(surge.load.fitted(limit) for surge in over)
    target = component_setting(gateway.name, gateway.kind.name, "limit")
    return Change(target, limit, rounded(safe, Dimension.RATE, up=False))


def _found(analysis: Analysis, facts: Facts, mode: Mode, over: list[Surge]) -> tuple[Change, ...]:
    """Return the changes after which nothing is overloaded; none where none were found."""
    design, ran, changes = analysis.design, facts.ran, dict[str, Change]()
    sudden = mode[0] != "limit"
    for _ in range(ROUNDS):
        for surge in [surge for surge in over if not surge.waits_for] or over:
            component = design.components[surge.component]
            running = slow_to_scale(design, facts.running) if sudden else ran
            change = _carrying(component, surge, running)
            first = changes.get(change.target.path, change)
            changes[change.target.path] = replace(change, before=first.before)
            design = with_value(design, change.target, _value(change))
        ran = {name: _within(design.components[name], count) for name, count in facts.ran.items()}
        again = settled(design, analysis.transforms, Moment(ran=ran))
        facts = _loads(again, ran)
        _, measured = CAUSES[mode[0]]
        over = [s for s in measured(again, facts) if (s.cause, s.source, s.arrow) == mode and s.tips_over]
        if not over:
            return tuple(changes.values())
    return ()


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


def _loads(analysis: Analysis, ran: Mapping[str, float]) -> Facts:
    """Return what the measures of surges ask for: demands and capacities, and what runs."""
    design = analysis.design
    queued = frozenset(name for name in design.components if analysis.times.serves(name))
    facts = Facts(queued=queued, running=analysis.moment.running, ran=ran)
    for found in (demand.measure, capacity.measure):
        facts = replace(facts, scalars=indexed(found(analysis, facts), facts.scalars))
    return facts
