"""Verdicts in words: the number, what stands beside it, and why there is none."""

from __future__ import annotations

import math

from archboard.design.model import Promise
from archboard.units import Dimension, show_apart, show_duration, show_fraction
from archboard.verdicts import Reason, Unjudged, Verdict, Why
from archboard.working import Calculation


def shown_value(verdict: Verdict) -> str:
    """Return a verdict's number as people read it, told apart from what is promised."""
    return "not judged" if verdict.value is None else both(verdict.promise, verdict.value)[0]


def both(promise: Promise, value: float) -> tuple[str, str]:
    """Return a number and what is promised, with as many digits as it takes until they differ."""
    return show_apart(value, promise.limit, promise.kind.dimension)


def per(promise: Promise) -> str:
    """Return what a promise is per: `/request`, or nothing."""
    return f"/{promise.per}" if promise.per else ""


def shown_limit(promise: Promise) -> str:
    """Return what is promised as people read it, with what it is per: `$0.0005/request`."""
    return f"{promise.kind.shown(promise.limit)}{per(promise)}"


def held_against(promise: Promise, value: float) -> str:
    """Return a number that misses and what it misses: `66 ms, and 50 ms is promised`."""
    found, limit = both(promise, value)
    return f"{found}{per(promise)}, and {limit}{per(promise)} is promised"


def told(verdict: Verdict) -> str:
    """Return how a verdict's number came to be, or that there is none and why."""
    if isinstance(verdict, Unjudged):
        return f"not judged: {reason(verdict)}"
    if verdict.promise.kind.of_times and isinstance(verdict.working, Calculation):
        return f"{shown_value(verdict)} = {verdict.working}"
    return verdict.remark or str(verdict.working)


def remark(verdict: Verdict) -> str:
    """Return what stands beside a verdict's number: the other answers, or the working; without one, why."""
    if isinstance(verdict, Unjudged):
        return reason(verdict)
    if verdict.sum is not None and verdict.independent is not None and verdict.bound is not None:
        others = [
            ("sum", verdict.sum), ("independent", verdict.independent), ("correlated", verdict.correlated),
            ("worst case", verdict.worst_case), ("bound", verdict.bound),
        ]  # fmt: skip
        policy = verdict.promise.policy
        named = ((name, value) for name, value in others if value is not None and name != policy)
        beside = ", ".join(f"{name} {show_duration(value)}" for name, value in named)
        return f"by {policy} ({beside})"
    return verdict.remark or str(verdict.working)


def reason(verdict: Unjudged) -> str:
    """Return why a promise is not judged."""
    match verdict.reason:
        case Reason(Why.NO_START):
            return "nothing starts this flow"
        case Reason(Why.NO_PERIOD, name):
            return f"no `every` says how often each of `{name}` reports"
        case Reason(Why.NO_NUMBER):
            return verdict.promise.kind.against(verdict.promise.per).unknown
        case Reason(Why.OVER, name, (full,)) if not math.isfinite(full):
            return f"`{name}` carries nothing, and its latency has no end"
        case Reason(Why.REFUSES, name, (full,)) if not math.isfinite(full):
            return f"the limit of `{name}` turns all of what comes away"
        case Reason(Why.OVER, name, (full,)):
            return f"`{name}` is {show_apart(full, 1.0, Dimension.FRACTION)[0]} full, and its latency has no end"
        case Reason(Why.REFUSES, name, (full,)):
            return f"the limit of `{name}` turns {show_fraction(1 - 1 / full)} of what comes away"
        case Reason(Why.FILLS, name):
            return f"`{name}` fills while what it calls gets more than it carries, and its latency has no end"
        case Reason(Why.FULL, name, (full,)):
            return f"`{name}` is {show_fraction(full)} full, and its queue has no end"
        case Reason(Why.STORM, name):
            return f"`{name}` is in a retry storm, and its queue has no end"
        case Reason(Why.CIRCLE, arrow):
            return f"`{arrow}` closes a circle that feeds itself without end"
        case Reason(Why.DOWN, name):
            return f"`{name}` is down"
        case Reason(Why.NO_LATENCY, name):
            return f"`{name}` has no latency"
        case Reason(Why.NO_WORST_CASE, name):
            return f"`{name}` has no worst case; `max` needs best..worst latencies"
        case Reason(Why.NO_FIRST_TOKEN):
            return "no model on this flow has a `ttft`, or a shape, a `gpu` and `prompt_tokens` that give one"
        case Reason(Why.NO_DEMAND, name):
            return f"no client gives a rate, and `{name}` is paid by what it is asked"
        case Reason(Why.NO_TOKENS, name):
            return f"`{name}` is paid by the token, and neither `prompt_tokens` nor `output_tokens` says how many"
        case Reason(Why.OPEN, _, (low, high)):
            return f"somewhere from {show_fraction(low)} to {show_fraction(high)}: too many parts are shared"
    raise AssertionError(verdict.reason)
