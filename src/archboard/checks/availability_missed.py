"""An availability promise is missed.

What a request needs one after the other multiplies: ten components of 99.9% are 99% together. The message gives the
downtime of a month, and what adds most to it. A replica helps where one of several is enough, a failure arrow where
something else can answer; a faster repair helps everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import AVAILABILITY
from archboard.catalog.settings import QUEUE
from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.measures.uptime import unanswered
from archboard.units import MONTH
from archboard.words.remedies import sentence, settings_of
from archboard.words.verdicts import held_against

RULE = Rule("AB601", "availability promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every availability promise that the parts of a flow do not keep."""
    for verdict in facts.missed:
        promise = verdict.promise
        if promise.kind is not AVAILABILITY or not is_sound(design, verdict.flow):
            continue
        message = f"availability of `{verdict.flow}` is {held_against(promise, verdict.value)}: {verdict.remark}"
        notes = _most(design, facts, verdict.flow)
        remedy = facts.remedy(Gap(RULE.code, verdict.flow, promise))
        help = sentence(remedy, design) if remedy else "add a replica or a failure arrow"
        cures = settings_of(remedy, design)
        yield RULE.at(promise.span, message, help, *notes, cures=cures, subject=verdict.flow, aspect=promise.metric)


def _most(design: Design, facts: Facts, flow: str) -> tuple[Note, ...]:
    """Return a note at what adds most to the downtime: an arrow that gives up, or a component that is down."""
    largest, shares = facts.largest_outage(flow), {a.id: facts.value("unanswered", a.id) or 0.0 for a in design.arrows}
    own = [a for a in design.arrows if shares[a.id] > 0 and (a.flow or "main") == flow]
    arrow = max(own, key=lambda a: shares[a.id], default=None)
    arrow = arrow if arrow and (largest is None or shares[arrow.id] * MONTH > largest.seconds) else None
    full = None if arrow is None else facts.get("refused_share", arrow.head)
    if arrow is not None and full is not None and unanswered.by_queue(facts, arrow.id, arrow.head):
        place = design.components[arrow.head].place_of(QUEUE)
        return (Note(place, f"adds most to what fails: {full.shown} of what comes finds this queue full"),)
    if arrow is not None:
        fact = facts.get("given_up", arrow.id)
        share = f"{fact.shown} of its requests are given up" if fact is not None else "what takes longer is given up"
        return (Note(arrow.place_of("timeout"), f"adds most to what fails: {share}"),)
    erring = max(design.components, key=lambda name: facts.value("lost_to_errors", name) or 0.0)
    lost = facts.get("lost_to_errors", erring)
    if lost is not None and lost.value and (largest is None or lost.value * MONTH > largest.seconds):
        note = f"adds most to what fails: {lost.shown} of all requests end in its errors"
        return (Note(design.components[erring].place_of("errors"), note),)
    if largest is None:
        return ()
    component = design.components[largest.component]
    setting = next((name for name in ("down", "availability", "needs") if name in component.settings), "needs")
    up = facts.get("availability", component.name)
    why = f": {up.working}" if up is not None else ""
    return (Note(component.place_of(setting), f"adds most to the downtime{why}"),)
