"""What would calm retries: the fewest replicas, the most retries or the largest budget at which there is no storm.

Found by settling the design again with one setting changed, like every remedy.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archboard.design.model import Design
from archboard.design.targets import arrow_setting
from archboard.facts import Change, Facts, Gap, Remedy
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_budget, with_replicas, with_retries
from archboard.measures.load.fixed_point import capacity_at, settled
from archboard.measures.load.two_points import demand_late
from archboard.measures.remedies.fewest import fewest
from archboard.measures.remedies.more_replicas import at_least

Calm = Callable[[Design], bool]
"""Whether a design is calm."""
_MOST = 4096.0
BUDGETS = (0.2, 0.1, 0.05, 0.01)
"""Retry budgets that are tried: from that of gRPC and Finagle, a fifth, down."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Remedy]:
    """Yield the remedy of each retry storm, and of each queue that a burst could keep overloaded."""
    for storm in facts.storms:
        yield from _remedy(analysis, "AB505", storm.component, storm.arrow, _without_storm(analysis, storm.component))
    for points in facts.two_points:
        calm = _without_second_point(analysis, points.component)
        yield from _remedy(analysis, "AB507", points.component, points.arrow, calm)


def _without_storm(analysis: Analysis, name: str) -> Calm:
    return lambda design: name not in settled(design, analysis.transforms).storms


def _without_second_point(analysis: Analysis, name: str) -> Calm:
    def calm(design: Design) -> bool:
        tried = Analysis(design, analysis.transforms)
        load = Load(demand_late(design, analysis.transforms, name), capacity_at(tried, name), queued=True)
        return not load.over

    return calm


def _remedy(analysis: Analysis, code: str, name: str, arrow: str, calm: Calm) -> Iterator[Remedy]:
    now = analysis.design.components[name].replicas.high
    enough = fewest(now, _MOST, lambda count: calm(with_replicas(analysis.design, name, count)))
    retries = _most_retries(analysis, arrow, calm)
    changes = []
    if enough is not None:
        changes.append(at_least(analysis.design.components[name], enough))
    if retries is not None:
        few, many = retries
        changes.append(Change(arrow_setting(arrow, "retries"), many, few))
    budget = _largest_budget(analysis, arrow, calm)
    if budget is not None:
        stated, share = budget
        changes.append(Change(arrow_setting(arrow, "retry_budget"), stated, share))
    if changes:
        yield Remedy(Gap(code, name), (changes[0],), tuple((change,) for change in changes[1:]))


def _largest_budget(analysis: Analysis, arrow_id: str, calm: Calm) -> tuple[float, float] | None:
    """Return the largest of the usual budgets that calms what an arrow tries again, and the one that it has."""
    arrow = next((arrow for arrow in analysis.design.arrows if arrow.id == arrow_id), None)
    if arrow is None or not arrow.waits:
        return None
    stated = arrow.number_of("retry_budget")
    now = 1.0 if stated is None else stated
    smaller = (share for share in BUDGETS if share < now)
    share = next((share for share in smaller if calm(with_budget(analysis.design, arrow_id, share))), None)
    return None if share is None else (now, share)


def _most_retries(analysis: Analysis, arrow_id: str, calm: Calm) -> tuple[float, float] | None:
    arrow = next((arrow for arrow in analysis.design.arrows if arrow.id == arrow_id), None)
    many = arrow.number_of("retries") if arrow is not None else None
    if not many:
        return None
    for few in range(int(many) - 1, -1, -1):
        if calm(with_retries(analysis.design, arrow_id, float(few))):
            return float(few), many
    return None
