"""A staleness promise is missed: what a flow delivers gets older than promised.

The age is the time until the next run (1 ÷ the rate of the flow, or of the job that starts it) and the time that a run
takes to be delivered, along its longest chain; an arrow `~>` with a rate of its own adds the wait for its next turn.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import STALENESS
from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.units import show_duration
from archboard.words.remedies import sentence, settings_of
from archboard.words.verdicts import held_against

RULE = Rule("AB703", "staleness promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every flow that delivers what is older than promised."""
    for verdict in facts.missed:
        promise = verdict.promise
        if promise.kind is not STALENESS or not is_sound(design, verdict.flow):
            continue
        excess = verdict.value - promise.limit
        over = f"{show_duration(excess)} over" if excess > 0 else "not under it"
        where = "" if verdict.flow == "main" else f" of `{verdict.flow}`"
        held, age = held_against(promise, verdict.value), show_duration(verdict.value)
        message = f"staleness{where} is {held}: {over}; {age} = {verdict.working}"
        remedy = facts.remedy(Gap(RULE.code, verdict.flow, promise))
        help = sentence(remedy, design) if remedy else "run it more often, or make its steps shorter"
        cures = settings_of(remedy, design)
        yield RULE.at(promise.span, message, help, cures=cures, subject=verdict.flow, aspect=promise.metric)
