"""Utilisation above the target.

A component at 90% has little left for a bad minute: waiting grows steeply as it fills. The target is 70% unless
the design says `assume: utilisation 80%`.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import sound_components
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts
from archboard.units import Dimension, show_apart, show_fraction

RULE = Rule("AB502", "utilisation above the target", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component that is fuller than its target, but not over."""
    target = design.assumptions.utilisation
    for component in sound_components(design):
        full, load = facts.get("utilisation", component.name), facts.load(component.name)
        if full is None or load is None or load.over or not load.beyond(target):
            continue
        if facts.get("refused", component.name) is not None:
            continue
        needed = facts.value("replicas_needed", component.name)
        name, running = component.plain, component.replicas.high
        help = f"`{name}.replicas` {running:,.0f} → {needed:,.0f} would bring it under {show_fraction(target)}"
        where = "replicas" if "replicas" in component.settings else "throughput"
        filled, aim = show_apart(full.value or 0.0, target, Dimension.FRACTION)
        message = f"`{component.name}` is {filled} full, above the target of {aim}"
        yield RULE.at(component.place_of(where), f"{message}: {full.working}", help, subject=component.name)
