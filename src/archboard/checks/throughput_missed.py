"""A throughput promise is missed.

The throughput of a flow is the highest client rate that exceeds no capacity and no limit on it, everything else
staying as it is. The message names what gives way first.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import THROUGHPUT
from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap, Remedy
from archboard.words.remedies import sentence, settings_of
from archboard.words.verdicts import held_against

RULE = Rule("AB506", "throughput promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every throughput promise that a capacity or a limit breaks."""
    for verdict in facts.missed:
        promise = verdict.promise
        if promise.kind is not THROUGHPUT or not is_sound(design, verdict.flow):
            continue
        remedy = facts.remedy(Gap(RULE.code, verdict.flow, promise))
        first = remedy.change if isinstance(remedy, Remedy) else None
        narrow = design.components[first.target.owner].place_of(first.target.name) if first is not None else None
        notes = (Note(narrow, "this gives way first"),) if narrow is not None else ()
        yield RULE.at(
            promise.span,
            f"throughput of `{verdict.flow}` is {held_against(promise, verdict.value)}: {verdict.working}",
            sentence(remedy, design) if remedy else "raise what gives way first",
            *notes,
            cures=settings_of(remedy, design), subject=verdict.flow,
            aspect=promise.metric,
        )
