"""A queue that is stable, and would not come back from a burst.

Load makes latency, latency makes timeouts, timeouts make retries, and retries make load. On a usual day that circle
stands still at a load which is carried. But if something makes the queue long (a burst, a pause, a cold cache), every
attempt is late and every one of them is made; where they are more than is carried the queue stays long when the burst
is over, and nothing ends it but less load. Two stable points: a metastable failure. Fewer retries, a budget for them
or replicas that carry every attempt leave only the first one; a longer timeout makes the second harder to reach.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.checks.scope import sound_components
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts, Gap
from archboard.units import show_rate
from archboard.words.remedies import sentence, settings_of

RULE = Rule("AB507", "stable until a burst", Severity.WARNING, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every queue that retries would keep overloaded."""
    found = {points.component: points for points in facts.two_points}
    for component in sound_components(design):
        points = found.get(component.name)
        if points is None:
            continue
        arrow = next((a for a in design.arrows if a.id == points.arrow), None)
        setting = next((s for s in ("retries", "hedge", "timeout") if arrow is not None and s in arrow.settings), "")
        message = (
            f"`{component.name}` is stable at {show_rate(points.demand)}, but a burst can leave it overloaded: "
            f"with every attempt late it then gets {show_rate(points.late)} and carries {show_rate(points.capacity)}, "
            f"from {show_rate(points.since)} of clients on"
        )
        remedy = facts.remedy(Gap(RULE.code, component.name))
        help = sentence(remedy, design) if remedy else "retry less often"
        span = component.span if arrow is None else arrow.place_of(setting)
        notes = (Note(component.place_of("replicas"), f"it carries {show_rate(points.capacity)}"),)
        yield RULE.at(span, message, help, *notes, cures=settings_of(remedy, design), subject=component.name)
