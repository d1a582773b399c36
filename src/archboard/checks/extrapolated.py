"""A promised percentile lies beyond those that its hops declare.

A p99.9 worked out from hops that state p50 and p99 is an extrapolation along a lognormal tail: a guess with good
manners. Measure the percentile that is promised, and declare it.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import is_sound, listed
from archboard.design.model import Design, Promise
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts
from archboard.units import percentile_name

RULE = Rule("AB407", "extrapolated percentile", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every promise that its hops' percentiles do not reach."""
    for flow in design.flows:
        ways = facts.flow(flow.name)
        if ways is None or not is_sound(design, flow.name):
            continue
        for promise in flow.promises:
            short = _short(design, promise, ways.components)
            if not short:
                continue
            highest = max(q for name in short for q in _declared(design, name))
            names = listed(short[:3]) + (f" and {len(short) - 3} more" if len(short) > 3 else "")
            verb = "declares" if len(short) == 1 else "declare"
            above = percentile_name(highest)
            yield RULE.at(
                promise.span, f"{promise.metric} is extrapolated: {names} {verb} nothing above {above}",
                f"measure it and add `{promise.metric} …` to {'its latency' if len(short) == 1 else 'their latencies'}",
                Note(design.components[short[0]].place_of("latency"), "declared here"),
                subject=flow.name, aspect=promise.metric,
            )  # fmt: skip


def _short(design: Design, promise: Promise, names: tuple[str, ...]) -> list[str]:
    fraction = promise.fraction
    if fraction is None or not promise.is_latency:
        return []
    return [n for n in names if (declared := _declared(design, n)) and max(declared) < fraction - 1e-12]


def _declared(design: Design, name: str) -> tuple[float, ...]:
    latency = design.components[name].latency
    return tuple(q for q, _ in latency.percentiles) if latency is not None else ()
