"""A latency promise is missed.

The message holds the number against the limit, says by how much it is over and names the largest contributor.
`sum` adds the hops' own percentiles on the worst path: the budget on the whiteboard, conservative as a rule.
Promise `by independent` to judge by the percentile of the whole flow, `by bound` to be safe under any dependence.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap, Item
from archboard.units import show_duration
from archboard.verdicts import Verdict
from archboard.words.remedies import sentence, settings_of
from archboard.words.verdicts import both

RULE = Rule("AB401", "latency promise missed", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every latency promise that its flow does not keep."""
    for verdict in facts.missed:
        promise = verdict.promise
        if not promise.is_timed or not is_sound(design, verdict.flow):
            continue
        excess = verdict.value - promise.limit
        over = f"{show_duration(excess)} over" if excess > 0 else "not under it"
        item = largest(facts, verdict)
        where = "" if verdict.flow == "main" else f" of `{verdict.flow}`"
        value, limit = both(promise, verdict.value)
        message = f"{promise.metric}{where} is {value} by {promise.policy}, and {limit} is promised: {over}"
        notes: tuple[Note, ...] = ()
        if item is not None:
            seconds = item.seconds[promise.metric]
            message += f"; `{item.subject}` takes {show_duration(seconds)} of it"
            message += f", the {item.among}" if item.among else ""
            component = design.components.get(item.subject)
            if component is not None:
                notes = (Note(component.place_of("latency"), "the largest contributor"),)
        remedy = facts.remedy(Gap(RULE.code, verdict.flow, promise))
        help = sentence(remedy, design) if remedy else "make the worst path faster"
        cures = settings_of(remedy, design)
        yield RULE.at(promise.span, message, help, *notes, cures=cures, subject=verdict.flow, aspect=promise.metric)


def largest(facts: Facts, verdict: Verdict) -> Item | None:
    """Return the largest contributor of the worst path."""
    flow = facts.flow(verdict.flow)
    if flow is None or flow.worst is None or not flow.worst.items:
        return None
    metric = verdict.promise.metric
    known = [item for item in flow.worst.items if metric in item.seconds]
    return max(known, key=lambda item: item.seconds[metric], default=None)
