"""A model does not fit the memory of its GPUs.

What it needs is its weights (parameters × bytes of their format), the KV cache of a full batch (2 × layers × kv_heads
× head_dim × bytes, for each token of each request), the activations of the largest step and what the engine takes for
itself. What it has is 90% of `gpu_memory` × `gpus`, which is what engines take (`assume: gpu use 95%`). Shrink the
batch, the context or the bits, or add GPUs.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component, Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.units import Dimension, show, show_apart
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB701", "model does not fit its GPU", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every model that needs more memory than its GPUs have."""
    for fact in facts.of("gpu_usable"):
        component, remedy = design.components[fact.subject], facts.remedy(Gap(RULE.code, fact.subject))
        if remedy is None or component.name in design.touched:
            continue
        where = next((name for name in ("gpu", "gpu_memory", "batch") if name in component.settings), "gpu")
        has = f"{fact.shown} = {fact.working}"
        message = f"`{component.name}` {_needs(facts, component.name)}{has}{_fits(facts, component)}"
        cures = settings_of(remedy, design)
        yield RULE.at(component.place_of(where), message, sentence(remedy, design), cures=cures, subject=component.name)


def _needs(facts: Facts, name: str) -> str:
    memory, weights = facts.get("memory", name), facts.get("weights", name)
    if memory is not None and memory.value is not None:
        has = facts.value("gpu_memory", name) or 0.0
        return f"needs {show_apart(memory.value, has, Dimension.SIZE)[0]} = {memory.working}, and has "
    assert weights is not None
    return f"has {weights.shown} of weights, which with the activations alone are more than "


def _fits(facts: Facts, component: Component) -> str:
    """Return the largest batch and the longest context that fit, where any does."""
    batch = facts.value("largest_batch", component.name)
    context = facts.value("longest_context", component.name)
    parts = []
    if batch is not None:
        parts.append(f"a batch of {show(batch, Dimension.COUNT)}" if batch else "not even one request")
    if context:
        together = component.number("batch") or component.number("concurrency") or 1.0
        at = "" if together == 1 else f" for each of {show(together, Dimension.COUNT)}"
        parts.append(f"{show(context, Dimension.COUNT)} tokens{at}")
    return f"; {' or '.join(parts)} would fit" if batch else f"; {parts[0]} fits" if parts else ""
