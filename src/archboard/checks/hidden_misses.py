"""A percentile hides the misses of a cache.

With 99.5% hits, one request in two hundred misses, and a p99 never sees it: it says how fast hits are. Promise a
higher percentile if the misses matter.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts
from archboard.units import percentile_name, show_fraction

RULE = Rule("AB406", "percentile that hides the misses", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every promised percentile that is blind to the misses of a cache on its flow."""
    for flow in design.flows:
        ways = facts.flow(flow.name)
        if ways is None or not is_sound(design, flow.name):
            continue
        for promise in flow.promises:
            if promise.fraction is None or not promise.is_latency:
                continue
            for name in ways.components:
                component = design.components[name]
                hit = component.number("hit")
                if hit is None or not promise.fraction < hit < 1:
                    continue
                nines = percentile_name(1 - (1 - hit) / 10)
                yield RULE.at(
                    promise.span,
                    f"{promise.metric} never sees a miss of `{name}`: only {show_fraction(1 - hit)} of requests miss",
                    f"promise {nines} as well, or lower the hit ratio you count on",
                    Note(component.place_of("hit"), f"{show_fraction(hit)} hits"),
                    subject=name,
                    aspect=promise.metric,
                )
