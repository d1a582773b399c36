"""A throughput is more than Little's law allows for its concurrency and latency.

So many requests at once, each taking so long, finish at most concurrency ÷ mean latency a second. A declared
throughput more than 5% above that cannot have been measured together with the other two: one of the three
is wrong, or the latency was measured at another load.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import sound_components
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts
from archboard.units import show_number, show_rates

RULE = Rule("AB504", "more than Little's law allows", Severity.ERROR, __doc__ or "")
SLACK = 1.05


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every throughput that its concurrency and latency cannot give."""
    for component in sound_components(design):
        throughput, allowed = component.number("throughput"), facts.get("little_limit", component.name)
        if throughput is None or allowed is None or allowed.value is None or throughput <= SLACK * allowed.value:
            continue
        needed = facts.value("little_concurrency", component.name) or 0.0
        declared, possible = show_rates(throughput, allowed.value)
        yield RULE.at(
            component.place_of("throughput"),
            f"`{component.name}` declares {declared} a replica, and Little's law allows {possible} = {allowed.working}",
            f"`{component.name}.concurrency` {show_number(component.number('concurrency') or 0.0)} → "
            f"{show_number(needed)} would allow it, or write "
            f"`throughput: {show_number(allowed.value).replace(',', '')} rps`",
            Note(component.place_of("concurrency"), "so many at once"),
            Note(component.place_of("latency"), "each takes this long"),
            subject=component.name,
            aspect="throughput",
        )
