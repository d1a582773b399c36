"""The board in words: its description for those who do not see it, and what each part says when pointed at."""

from __future__ import annotations

from archboard.catalog import STEPS
from archboard.design.model import ArrowKind, Design
from archboard.facts import Facts

VERBS = {
    ArrowKind.REQUEST: "goes on to",
    ArrowKind.CALL: "calls",
    ArrowKind.ASYNC: "sends without waiting to",
    ArrowKind.FAILURE: "falls back to",
}
MOST = 80
"""Sentences after which a description says how many more arrows there are."""


def describe(design: Design) -> str:
    """Return the design and its flow in words."""
    if not design.components:
        return f"{design.title or design.name or 'An empty design'}: no components yet."
    names = {name: component.title or component.plain for name, component in design.components.items()}
    parts = [f"{design.title or design.name}." if design.title or design.name else ""]
    for step, name in enumerate(STEPS[:5], start=1):
        found = [names[component.name] for component in design.components.values() if component.step == step]
        if found:
            more = f" and {len(found) - MOST} more" if len(found) > MOST else ""
            parts.append(f"{name}: {', '.join(found[:MOST])}{more}.")
    arrows = [arrow for arrow in design.arrows if arrow.tail in names and arrow.head in names]
    for arrow in arrows[:MOST]:
        label = f" ({arrow.label})" if arrow.label else ""
        parts.append(f"{names[arrow.tail]} {VERBS[arrow.kind]} {names[arrow.head]}{label}.")
    if len(arrows) > MOST:
        parts.append(f"And {len(arrows) - MOST} more arrows.")
    return " ".join(part for part in parts if part)


def hover(subject: str, words: str, facts: Facts) -> str:
    """Return what a component or arrow says when pointed at: its facts, each with its working."""
    lines = [words or subject]
    for fact in facts.about(subject):
        working = f" = {fact.working}" if fact.working else ""
        lines.append(f"{fact.metric.name.replace('_', ' ')}: {fact.shown}{working}")
    return "\n".join(lines)
