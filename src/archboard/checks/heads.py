"""The heads of a model cannot be spread over its GPUs.

Each GPU of a replica has an equal part of the attention heads: their number must divide by the number of GPUs. So
must that of the KV heads, or the GPUs by it: where there are fewer KV heads than GPUs, each is copied as often. An
engine refuses anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB705", "heads do not divide", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every model whose heads or KV heads cannot be spread over its GPUs."""
    for fact in facts.of("heads_gpu"):
        component, remedy = design.components[fact.subject], facts.remedy(Gap(RULE.code, fact.subject))
        if remedy is None or component.name in design.touched:
            continue
        kv_heads = facts.get("kv_heads_gpu", component.name)
        whole = fact.value is not None and fact.value.is_integer()
        told = kv_heads if whole and kv_heads is not None else fact
        message = f"`{component.name}` cannot be spread evenly: {told.working} is no whole number"
        cures = settings_of(remedy, design)
        yield RULE.at(
            component.place_of("gpus"), message, sentence(remedy, design), cures=cures, subject=component.name
        )
