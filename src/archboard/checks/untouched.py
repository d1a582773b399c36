"""A component that no arrow touches, or a group or a flow with nothing in it.

The component is drawn, but nothing reaches it and it reaches nothing: no number of the design knows it. Either an arrow
was forgotten, or the component. A group without components has no frame, and a flow without arrows no way: neither is
on the board.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import sound_components
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Phase, Rule, Severity
from archboard.facts import Facts

RULE = Rule("AB303", "component without arrows", Severity.WARNING, __doc__ or "", Phase.MEANING)


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component without an arrow, every group without components and every flow without arrows."""
    reached = {name for arrow in design.arrows for name in (arrow.tail, arrow.head)}
    for component in sound_components(design):
        if component.name not in reached:
            yield RULE.at(
                component.span, f"`{component.name}` is touched by no arrow",
                f"draw one to it, such as `… -> {component.plain}`, or remove it",
                subject=component.name,
            )  # fmt: skip
    yield from _empty(design)


def _empty(design: Design) -> Iterator[Diagnostic]:
    told: list[str] = []
    for name, frame in design.frames.items():
        inside = any(component.startswith(f"{name}.") for component in design.components)
        if not inside and not any(name.startswith(f"{outer}.") for outer in told):
            told.append(name)
            what = "region" if frame.region else "group"
            yield RULE.at(
                frame.span, f"`{name}` is a {what} with nothing in it, and is not drawn",
                f"put its components between its braces, or remove it: `{what} {name} {{ service … }}`", subject=name,
            )  # fmt: skip
    for flow in design.flows:
        if flow.name != "main" and not flow.arrows and not flow.failures and not flow.promises:
            yield RULE.at(
                flow.span, f"`{flow.name}` is a flow without arrows, and nothing of it is drawn",
                f"draw its way between its braces, or remove it: `flow {flow.name} {{ a -> b }}`", subject=flow.name,
            )  # fmt: skip
