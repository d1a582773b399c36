"""A component that no arrow touches.

It is drawn, but nothing reaches it and it reaches nothing: no number of the design knows it. Either an arrow was
forgotten, or the component.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import sound_components
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Phase, Rule, Severity
from archboard.facts import Facts

RULE = Rule("AB303", "component without arrows", Severity.WARNING, __doc__ or "", Phase.MEANING)


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component without an arrow."""
    reached = {name for arrow in design.arrows for name in (arrow.tail, arrow.head)}
    for component in sound_components(design):
        if component.name not in reached:
            yield RULE.at(
                component.span, f"`{component.name}` is touched by no arrow",
                f"draw one to it, such as `… -> {component.plain}`, or remove it",
                subject=component.name,
            )  # fmt: skip
