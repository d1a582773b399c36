"""Utilisation above the target.

A component at 90% has little left for a bad minute: waiting grows steeply as it fills. The target is 70% unless
the design says `assume: utilisation 80%`.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import sound_components
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.units import Dimension, show_apart
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB502", "utilisation above the target", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component that is fuller than its target, but not over."""
    target = design.assumptions.utilisation
    for component in sound_components(design):
        full, load = facts.get("utilisation", component.name), facts.load(component.name)
        if full is None or load is None or load.over or not load.beyond(target):
            continue
        if component.number("limit") is not None and facts.get("refused", component.name) is not None:
            continue
        remedy = facts.remedy(Gap(RULE.code, component.name))
        help = sentence(remedy, design) if remedy else "add replicas"
        where = "replicas" if "replicas" in component.settings else "throughput"
        filled, aim = show_apart(full.value or 0.0, target, Dimension.FRACTION)
        message = f"`{component.name}` is {filled} full, above the target of {aim}"
        where_it_stands, cures = component.place_of(where), settings_of(remedy, design)
        yield RULE.at(where_it_stands, f"{message}: {full.working}", help, subject=component.name, cures=cures)
