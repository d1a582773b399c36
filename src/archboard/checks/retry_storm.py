"""Retries multiply the load past capacity: a retry storm.

A component that answers late is asked again, which makes it later still. Where latencies are measured, the
retries alone bring more than it carries; where they are service times, load and timeouts feed each other and
no rate is stable. Once begun it does not end by itself: the load must fall below what even the retries leave.
Fewer retries, a budget for them, a longer timeout or more replicas prevent it; backoff only spreads it out.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import sound_components
from archboard.design.model import Arrow, ArrowKind, Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap, Storm
from archboard.units import show_rate
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB505", "retry storm", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component that carries its requests, and not their retries."""
    storms = {storm.component: storm for storm in facts.storms}
    for component in sound_components(design):
        storm = storms.get(component.name)
        if storm is None:
            continue
        arrow = next((a for a in design.arrows if a.id == storm.arrow), None)
        remedy = facts.remedy(Gap(RULE.code, component.name))
        setting = "retries" if arrow is not None and "retries" in arrow.settings else "timeout"
        span = component.span if arrow is None else arrow.place_of(setting)
        notes = (Note(component.place_of("replicas"), f"it carries {show_rate(storm.capacity)}"),)
        help = sentence(remedy, design) if remedy else "retry less often"
        cures = settings_of(remedy, design)
        yield RULE.at(span, _message(storm, arrow), help, *notes, cures=cures, subject=component.name)


def _message(storm: Storm, arrow: Arrow | None) -> str:
    name = f"`{storm.component}`"
    head = f"{name} carries {show_rate(storm.capacity)} and is asked {show_rate(storm.offered)}"
    over = "retries" if arrow is None or arrow.kind is ArrowKind.FAILURE else f"the retries of `{arrow.id}`"
    if storm.demand is None:
        return f"{head}, but {over} feed themselves: load makes timeouts, timeouts make load, and no rate is stable"
    return f"{head}, but {over} make it {show_rate(storm.demand)}"
