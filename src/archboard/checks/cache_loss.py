"""Losing a cache overloads what is behind it.

A cache that answers four of five requests hides four fifths of the load. On the day it is lost all of it arrives,
and the gateway lets in as much as its limit allows. What stands behind a cache is insurance for that day: hold
it against that load, not against the average one. Where something answers while the cache is down, the day is
that on which it starts empty: then it is up, and answers nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.at_limit import capacity_notes, surging, told
from archboard.checks.scope import all_sound
from archboard.design.model import Condition, Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB603", "cache loss overloads what is behind it", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every cache whose loss is more than what stands behind it carries."""
    if not all_sound(design):
        return
    limited = {surge.component for surge in facts.surges if surge.cause == "limit"}
    lower = ", or a lower limit at the gateway"
    for source in dict.fromkeys(surge.source for surge in facts.surges if surge.cause == "loss"):
        over = surging(facts, "loss", source)
        if not over:
            continue
        cache, remedy = design.components[source], facts.remedy(Gap(RULE.code, source))
        stood_in = any(arrow.tail == source and arrow.condition == Condition("down") for arrow in design.arrows)
        day = f"`{source}`, starting empty," if stood_in else f"losing `{source}`"
        meanwhile = f"while `{source}` fills again," if stood_in else f"without `{source}`,"
        help = sentence(remedy, design) if remedy else "add replicas behind it"
        help += lower if limited.issuperset(surge.component for surge in over) else ""
        yield RULE.at(
            cache.place_of("hit"), told(day, meanwhile, over), help,
            *capacity_notes(design, over), subject=source, cures=settings_of(remedy, design),
        )  # fmt: skip
