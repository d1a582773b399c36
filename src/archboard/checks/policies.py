"""Sum and independent give different verdicts on one promise.

The sum of p99s is the budget on the whiteboard; the p99 of the whole flow is another number, mostly smaller. When the
verdict hangs on which of them is meant, say so: `by sum`, `by independent` or `by bound`.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts
from archboard.units import show_duration

RULE = Rule("AB405", "the verdict depends on the policy", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every promise that one policy keeps and the other does not."""
    for verdict in facts.verdicts:
        promise = verdict.promise
        if verdict.sum is None or verdict.independent is None or not is_sound(design, verdict.flow):
            continue
        by_sum, by_independent = promise.holds(verdict.sum), promise.holds(verdict.independent)
        if by_sum == by_independent:
            continue
        holds, misses = ("sum", "independent") if by_sum else ("independent", "sum")
        other = "independent" if promise.policy == "sum" else "sum"
        numbers = {"sum": verdict.sum, "independent": verdict.independent}
        yield RULE.at(
            promise.span,
            f"`{promise.text}` holds by {holds} ({show_duration(numbers[holds])}) and not by {misses} "
            f"({show_duration(numbers[misses])})",
            f"it is judged `by {promise.policy}`; if that is not what is meant, write `by {other}`",
        )
