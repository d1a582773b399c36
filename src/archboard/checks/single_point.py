"""A component on the path has no replica and no failure arrow: a single point of failure.

When it is down, so is everything that waits for it. Run a second one, or say with a failure arrow what answers
in its place. A fallback of its caller covers it as well, and so does a region that takes over; shedding does not.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts
from archboard.units import show_fraction

RULE = Rule("AB602", "single point of failure", Severity.WARNING, __doc__ or "")
DUST = 1e-9
"""A share of requests that is only rounding."""


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every lone component without which requests of a client fail."""
    lost = {(outage.flow, outage.component): outage.lost for outage in facts.outages}
    told: set[str] = set()
    for flow in facts.flows:
        if not _has_client(design, flow.flow):
            continue
        for name in flow.components:
            component = design.components[name]
            kind = component.kind
            alone = component.replicas.high <= 1 and (component.number("copies") or 1) <= 1
            failing = lost.get((flow.flow, name), 0.0)
            if name in told or failing <= DUST or name in design.touched or not alone:
                continue
            if kind.starts or kind.stands_in or kind.watches:
                continue
            told.add(name)
            without = "" if failing >= 1 - DUST else f": without it {show_fraction(failing)} of the requests fail"
            yield RULE.at(
                component.place_of("replicas"), f"`{name}` runs once, and nothing answers in its place{without}",
                f"add `replicas: 2`, or a fallback: `{component.plain} -x> … {{ on: down }}`", subject=name,
            )  # fmt: skip


def _has_client(design: Design, flow: str) -> bool:
    found = design.flow(flow)
    return found is not None and any(design.components[n].kind.asks for n in found.starts)
