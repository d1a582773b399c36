"""A throughput promise is missed.

The throughput of a flow is the highest client rate that exceeds no capacity and no limit on it, everything else
staying as it is. The message names what gives way first.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts
from archboard.units import show_rate

RULE = Rule("AB506", "throughput promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every throughput promise that a capacity or a limit breaks."""
    for verdict in facts.missed:
        promise = verdict.promise
        if promise.metric != "throughput" or not is_sound(design, verdict.flow):
            continue
        remedy = facts.remedy("AB506", f"{verdict.flow}/{promise.text}")
        narrow, _, setting = remedy.path.rpartition(".") if remedy else ("", "", "")
        component = design.components.get(narrow)
        notes = (Note(component.place_of(setting), "this gives way first"),) if component is not None else ()
        yield RULE.at(
            promise.span,
            f"throughput of `{verdict.flow}` is {show_rate(verdict.value)}, "
            f"and {show_rate(promise.limit)} is promised: {verdict.working}",
            remedy.text if remedy else "raise what gives way first",
            *notes,
            subject=verdict.flow,
            aspect=promise.metric,
        )
