"""An availability promise is missed.

What a request needs one after the other multiplies: ten components of 99.9% are 99% together. The message gives the
downtime of a month, and what adds most to it. A replica helps where one of several is enough, a failure arrow where
something else can answer; a faster repair helps everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import AVAILABILITY
from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.units import show_fraction
from archboard.words.remedies import sentence

RULE = Rule("AB601", "availability promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every availability promise that the parts of a flow do not keep."""
    for verdict in facts.missed:
        promise = verdict.promise
        if promise.kind is not AVAILABILITY or not is_sound(design, verdict.flow):
            continue
        message = (
            f"availability of `{verdict.flow}` is {show_fraction(verdict.value)}, and {show_fraction(promise.limit)} "
            f"is promised: {verdict.remark}"
        )
        notes: tuple[Note, ...] = ()
        largest = facts.largest_outage(verdict.flow)
        if largest is not None:
            component = design.components[largest.component]
            setting = next((name for name in ("down", "availability", "needs") if name in component.settings), "needs")
            own = facts.get("availability", component.name)
            why = f": {own.working}" if own is not None else ""
            notes = (Note(component.place_of(setting), f"adds most to the downtime{why}"),)
        remedy = facts.remedy(Gap(RULE.code, verdict.flow, promise))
        help = sentence(remedy, design) if remedy else "add a replica or a failure arrow"
        yield RULE.at(promise.span, message, help, *notes, subject=verdict.flow, aspect=promise.metric)
