"""The answers to one promise give different verdicts.

The sum of p99s is the budget on the whiteboard; the p99 of the whole flow is another number, mostly smaller. When the
verdict hangs on which of them is meant, say so: `by sum`, `by independent` or `by bound`. Where the design says how far
hops are slow together (`assume: correlation 0.3`), the correlated answer is held against the promise too: what holds
by the sum and by independent hops may not hold by it, and what hangs on the policy may be decided by it.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts
from archboard.units import show_duration, show_number
from archboard.verdicts import Judged
from archboard.words.verdicts import both

RULE = Rule("AB405", "the verdict depends on the policy", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every promise that one answer keeps and another does not."""
    for verdict in facts.judged:
        promise = verdict.promise
        if verdict.sum is None or verdict.independent is None or not is_sound(design, verdict.flow):
            continue
        by_sum, by_independent = promise.holds(verdict.sum), promise.holds(verdict.independent)
        tied = _tied(design, verdict)
        by_tied = None if verdict.correlated is None else promise.holds(verdict.correlated)
        if by_sum == by_independent and (not by_sum or by_tied is not False):
            continue
        answers = {"sum": verdict.sum, "independent": verdict.independent}
        numbers = {policy: both(promise, value)[0] for policy, value in answers.items()}
        other = "independent" if promise.policy == "sum" else "sum"
        if by_sum == by_independent:
            kept = f"by sum ({numbers['sum']}) and by independent ({numbers['independent']})"
            message = f"`{promise.text}` holds {kept}, and does not hold {tied}"
            help = "write `by bound` if it must hold however hops depend on each other"
        else:
            holds, misses = ("sum", "independent") if by_sum else ("independent", "sum")
            message = f"`{promise.text}` holds by {holds} ({numbers[holds]}) and not by {misses} ({numbers[misses]})"
            if by_tied is not None:
                message += f"; it {'holds' if by_tied else 'does not hold'} {tied}"
            help = f"it is judged `by {promise.policy}`; if that is not what is meant, write `by {other}`"
        yield RULE.at(promise.span, message, help, subject=verdict.flow, aspect=promise.metric)


def _tied(design: Design, verdict: Judged) -> str:
    correlation, value = design.assumptions.correlation, verdict.correlated
    if correlation is None or value is None:
        return ""
    return f"with hops tied by a correlation of {show_number(correlation)} ({show_duration(value)})"
