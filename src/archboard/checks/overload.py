"""A component gets more than it can carry, or a gateway more than its limit.

Queues only postpone this: when arrivals outrun service, waiting grows without end. Add replicas, raise what each
carries, or keep requests from arriving. What a gateway refuses is a number too: somebody sees it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archboard.catalog.settings import QUEUE
from archboard.checks.scope import rate_notes, sound_components
from archboard.design.model import ArrowKind, Component, Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.units import show_rate, show_rates
from archboard.words.remedies import sentence, settings_of
from archboard.working import Calculation

RULE = Rule("AB501", "overload", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component that is more than full, and every gateway that refuses requests."""
    sent: Mapping[str, tuple[Note, ...]] | None = None
    storms = {storm.component for storm in facts.storms}
    for component in sound_components(design):
        demand, load = facts.get("demand", component.name), facts.load(component.name)
        refused = facts.get("refused", component.name)
        if demand is None or demand.value is None or component.name in storms:
            continue
        full = load is not None and load.over
        turned_away = component.number("limit") is not None and refused is not None
        if not full and not turned_away:
            continue
        sent = rate_notes(design) if sent is None else sent
        notes = sent.get(component.name, ())
        if full and component.name in facts.waits_for:
            yield _filled(design, facts, component, demand.value, notes)
        elif turned_away and refused is not None and refused.value is not None:
            yield _refusing(design, facts, component, demand.value, refused.value, full, notes)
        else:
            yield _full(design, facts, component, notes)


def _full(design: Design, facts: Facts, component: Component, notes: tuple[Note, ...]) -> Diagnostic:
    name = component.name
    demand, capacity = facts.get("demand", name), facts.get("capacity", name)
    assert demand is not None and capacity is not None
    remedy = facts.remedy(Gap(RULE.code, name))
    if component.flag("down"):
        message = f"`{name}` is down, and {demand.shown} still go to it"
        return RULE.at(component.place_of("down"), message, _way_around(design, name), subject=name)
    where = "replicas" if "replicas" in component.settings else "throughput"
    gets, carries = show_rates(demand.value or 0.0, capacity.value or 0.0)
    message = f"`{name}` gets {gets} and carries {carries} = {capacity.working}"
    refused = facts.get("refused", name)
    if refused is not None and refused.value:
        share, places = facts.get("refused_share", name), component.number(QUEUE) or 0.0
        full = f"its queue of {places:,.0f} is full for {share.shown if share else 'some'} of them"
        message += f"; {full}: {refused.shown} are refused"
    if isinstance(demand.working, Calculation) and demand.working.is_told:
        message += f"; demand = {demand.working}"
    help = sentence(remedy, design) if remedy else "add replicas"
    cures = settings_of(remedy, design)
    return RULE.at(component.place_of(where), message, help, *notes, subject=name, cures=cures)


def _filled(design: Design, facts: Facts, component: Component, demand: float, notes: tuple[Note, ...]) -> Diagnostic:
    """Return that the slots of a component fill because what it waits for gets more than it carries."""
    name, silent = component.name, facts.waits_for[component.name]
    capacity = facts.get("capacity", name)
    assert capacity is not None
    gets, carries = show_rates(demand, capacity.value or 0.0)
    message = f"`{name}` fills while it waits for `{silent}`, which gets more than it carries: {gets} come"
    message += f", and it carries {carries} = {capacity.working}" if capacity.value else f", and {capacity.working}"
    remedy = facts.remedy(Gap(RULE.code, name))
    help = sentence(remedy, design) if remedy else f"let `{silent}` carry what comes"
    place = component.place_of("concurrency")
    help, cures = f"{help}, or give up sooner: a `timeout`", settings_of(remedy, design)
    return RULE.at(place, message, help, *notes, subject=name, cures=cures)


def _way_around(design: Design, name: str) -> str:
    """Return what would keep requests away from a component that is down."""
    waits = [a for a in design.arrows if a.kind is ArrowKind.FAILURE and a.tail == name and a.condition]
    patient = next((a for a in waits if a.condition and not a.condition.sheds), None)
    if patient is None or patient.condition is None:
        return "draw a failure arrow from it: `-x>`"
    kind = patient.condition.kind
    return f"`{name} -x> {patient.head}` answers on {kind}, when each has asked; `on: down` would keep them away"


def _refusing(
    design: Design, facts: Facts, component: Component, demand: float, refused: float, full: bool,
    notes: tuple[Note, ...],
) -> Diagnostic:  # fmt: skip
    limit = component.number("limit") or 0.0
    gets, lets = show_rates(demand, limit)
    message = f"`{component.name}` gets {gets}, and its limit lets {lets} through: {show_rate(refused)} are refused"
    remedy = facts.remedy(Gap(RULE.code, component.name))
    if full:
        message += f"; it carries {show_rate(facts.value('capacity', component.name) or 0.0)} at most"
    help = sentence(remedy, design) if remedy else "raise the limit"
    place, cures = component.place_of("limit"), settings_of(remedy, design)
    return RULE.at(place, message, help, *notes, subject=component.name, cures=cures)
