"""A component on the path has no replica and no failure arrow: a single point of failure.

When it is down, so is everything that waits for it. Run a second one, or say with a failure arrow what answers
in its place.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import ArrowKind, Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts

RULE = Rule("AB602", "single point of failure", Severity.WARNING, __doc__ or "")
EXEMPT = ("client", "job", "fallback", "telemetry")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every lone component that a client waits for."""
    covered = {arrow.tail for arrow in design.arrows if arrow.kind is ArrowKind.FAILURE}
    told: set[str] = set()
    for flow in facts.flows:
        if not _has_client(design, flow.flow):
            continue
        for name in flow.components:
            component = design.components[name]
            alone = component.replicas.high <= 1 and (component.number("copies") or 1) <= 1
            if name in told or name in covered or name in design.touched or not alone:
                continue
            if component.kind.name in EXEMPT:
                continue
            told.add(name)
            yield RULE.at(
                component.place_of("replicas"), f"`{name}` runs once, and nothing answers in its place",
                f"add `replicas: 2`, or a fallback: `{component.plain} -x> … {{ on: down }}`",
            )  # fmt: skip


def _has_client(design: Design, flow: str) -> bool:
    found = design.flow(flow)
    return found is not None and any(design.components[n].kind.name == "client" for n in found.starts)
