"""A latency promise is missed when something fails.

A failure arrow says what answers instead. Until it does, the request waits: for the timeout, or for the failed
component's own time. That wait takes the component's place in the budget, and the promise is held against the sum
again. A promise that holds only while nothing fails is not one.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.units import show_duration
from archboard.verdicts import Judged
from archboard.words.remedies import sentence, settings_of
from archboard.words.verdicts import held_against

RULE = Rule("AB402", "latency promise missed in a failure", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every failure mode in which a latency promise does not hold."""
    missed = {(v.flow, v.promise.text) for v in facts.missed}
    for failure in facts.failures:
        for verdict in failure.verdicts:
            promise = verdict.promise
            if not isinstance(verdict, Judged) or verdict.ok or not is_sound(design, failure.flow):
                continue
            if (verdict.flow, promise.text) in missed:
                continue
            wait = f" after {show_duration(failure.detection)}" if failure.detection else ""
            held = held_against(promise, verdict.value)
            message = f"`{failure.component}` failing ({failure.on}{wait}) makes {promise.metric} {held}"
            remedy = facts.remedy(Gap(RULE.code, failure.flow, promise, failure.arrow.id))
            help = sentence(remedy, design) if remedy else "let it fail faster"
            yield RULE.at(
                failure.arrow.place_of("on"), message, help, Note(promise.span, "promised here"),
                cures=settings_of(remedy, design), subject=failure.arrow.id, aspect=promise.metric,
            )  # fmt: skip
