"""A timeout that cannot help.

One longer than the promise lets the request miss it before anything is done. One shorter than the callee's own p99
gives up on more than one request in a hundred that would have been answered. A promise of a mean is none that a single
request can miss: a timeout is held against percentiles and `max` alone.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Arrow, Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts
from archboard.source import Span
from archboard.units import show_duration, show_fraction

_OFTEN = 0.01
RULE = Rule("AB404", "timeout that cannot help", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every timeout longer than a promise or shorter than its callee."""
    for arrow in design.arrows:
        if arrow.tail in design.touched or arrow.head in design.touched:
            continue
        condition = arrow.condition
        if condition is not None and condition.kind == "timeout" and condition.seconds is not None:
            yield from _judge(design, facts, arrow, arrow.tail, condition.seconds, arrow.place_of("on"))
        timeout = arrow.number_of("timeout")
        if timeout is not None and condition is None:
            late = facts.value("late", arrow.id)
            yield from _judge(design, facts, arrow, arrow.head, timeout, arrow.place_of("timeout"), late)


def _judge(
    design: Design, facts: Facts, arrow: Arrow, callee: str, timeout: float, span: Span, late: float | None = None
) -> Iterator[Diagnostic]:
    own = facts.value("latency_p99", callee)
    gives_up = "" if late is None else f": {show_fraction(late)} of attempts run into it"
    if own is not None and timeout < own:
        yield RULE.at(
            span, f"`{callee}` is given {show_duration(timeout)}, and its own p99 is {show_duration(own)}{gives_up}",
            f"wait at least {show_duration(own)}, or make `{callee}` faster",
            Note(design.components[callee].place_of("latency"), "its latency"), subject=arrow.id,
        )  # fmt: skip
        return
    if late is not None and late > _OFTEN:
        yield RULE.at(
            span,
            f"`{callee}` is given {show_duration(timeout)}, and {show_fraction(late)} of attempts take longer, with "
            "the way there and what it calls",
            f"wait longer, or make what is behind `{arrow.id}` faster",
            Note(design.components[callee].place_of("latency"), "its own latency"), subject=arrow.id,
        )  # fmt: skip
        return
    limits = [
        promise
        for flow in design.flows
        if any(callee in (a.tail, a.head) for a in flow.arrows)
        for promise in flow.promises
        if promise.is_latency and promise.bounds_one
    ]
    tightest = min(limits, key=lambda promise: promise.limit, default=None)
    if tightest is not None and timeout > tightest.limit:
        limit = show_duration(tightest.limit)
        yield RULE.at(
            span, f"`{callee}` is given {show_duration(timeout)}, longer than the {limit} promised",
            f"wait less than {show_duration(tightest.limit)}", Note(tightest.span, "promised here"),
            subject=arrow.id,
        )  # fmt: skip
