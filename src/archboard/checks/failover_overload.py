"""A failover overloads the component that the traffic is sent to.

Two regions that are each two thirds full are one region that is one third over on the day the other fails. What takes
over must carry its own requests and those of what failed, and so must all that stands behind it. Only capacity is
judged; the latency of an overloaded survivor has no end anyway.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.at_limit import capacity_notes, surging, told
from archboard.checks.scope import all_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB604", "failover overloads what takes over", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every failover that sends a survivor, or what stands behind it, more than it carries."""
    if not all_sound(design):
        return
    arrows = {arrow.id: arrow for arrow in design.arrows}
    modes = dict.fromkeys((surge.source, surge.arrow) for surge in facts.surges if surge.cause == "failover")
    for source, taken in modes:
        over = [surge for surge in surging(facts, "failover", source) if surge.arrow == taken]
        if over:
            message = told(f"`{source}` failing", f"while `{source}` fails", over)
            remedy = facts.remedy(Gap(RULE.code, source, None, taken))
            help = sentence(remedy, design) if remedy else "let what takes over carry it"
            notes, cures = capacity_notes(design, over), settings_of(remedy, design)
            yield RULE.at(arrows[taken].span, message, help, *notes, subject=source, cures=cures)
