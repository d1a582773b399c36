"""A component on the path has no replica and no failure arrow: a single point of failure.

When it is down, so is everything that waits for it. Run a second one, or say with a failure arrow what answers
in its place. A fallback of its caller covers it as well, and so does a region that takes over; shedding does not.

Several replicas of which all must be up, because the load needs them or `needs` says so, are no redundancy either:
that is told where an availability is stated. What is full has worse trouble, and is told as that (AB501, AB502).
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component, Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts
from archboard.units import show_fraction
from archboard.working import Calculation

RULE = Rule("AB602", "single point of failure", Severity.WARNING, __doc__ or "")
DUST = 1e-9
"""A share of requests that is only rounding."""


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every lone component without which requests of a client fail."""
    lost = {(outage.flow, outage.component): outage.unanswered for outage in facts.outages}
    told: set[str] = set()
    for flow in facts.flows:
        if not _has_client(design, flow.flow):
            continue
        for name in flow.components:
            component = design.components[name]
            kind = component.kind
            alone = component.replicas.high <= 1 and (component.number("copies") or 1) <= 1
            spare = None if alone else _spare(facts, component)
            failing = lost.get((flow.flow, name), 0.0)
            if name in told or failing <= DUST or name in design.touched or not (alone or spare == 0):
                continue
            if kind.starts or kind.stands_in or kind.watches:
                continue
            told.add(name)
            without = "" if failing >= 1 - DUST else f": without it {show_fraction(failing)} of the requests fail"
            yield RULE.at(
                component.place_of("replicas"), f"{_is_single(facts, component, alone)}{without}",
                f"add `replicas: {component.replicas.high + 1:,.0f}`, or a fallback: "
                f"`{component.plain} -x> … {{ on: down }}`", subject=name,
            )  # fmt: skip


def _spare(facts: Facts, component: Component) -> float | None:
    """Return how many replicas of several may be down, where an availability is stated; those of a range can grow."""
    needs = facts.value("needs", component.name)
    load = facts.load(component.name)
    return None if needs is None or (load is not None and load.full) else max(0.0, component.replicas.high - needs)


def _is_single(facts: Facts, component: Component, alone: bool) -> str:
    """Return why a component is a single point of failure, in words."""
    name = component.name
    if alone:
        return f"`{name}` runs once, and nothing answers in its place"
    needs = facts.get("needs", name)
    why = f" ({needs.told})" if needs is not None and isinstance(needs.working, Calculation) else ""
    return f"`{name}` needs all {component.replicas.high:,.0f} of its replicas{why}, and nothing answers in its place"


def _has_client(design: Design, flow: str) -> bool:
    found = design.flow(flow)
    return found is not None and any(design.components[n].kind.asks for n in found.starts)
