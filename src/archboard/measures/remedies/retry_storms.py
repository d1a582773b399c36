"""What would calm a retry storm: the fewest replicas, or the most retries, at which a stable rate exists.

Found by settling the design again with one setting changed, like every remedy.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Design
from archboard.design.targets import arrow_setting, component_setting
from archboard.facts import Change, Facts, Gap, Remedy, Storm
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_replicas, with_retries
from archboard.measures.load.fixed_point import settled

_MOST = 4096.0


def measure(analysis: Analysis, facts: Facts) -> Iterator[Remedy]:
    """Yield the remedy of each retry storm."""
    for storm in facts.storms:
        yield from _remedy(analysis, storm)


def _remedy(analysis: Analysis, storm: Storm) -> Iterator[Remedy]:
    name = storm.component
    now = analysis.design.components[name].replicas.high
    enough = _fewest_replicas(analysis, storm, now)
    retries = _most_retries(analysis, storm)
    changes = []
    if enough is not None:
        kind = analysis.design.components[name].kind.name
        changes.append(Change(component_setting(name, kind, "replicas"), now, enough))
    if retries is not None:
        few, many = retries
        changes.append(Change(arrow_setting(storm.arrow, "retries"), many, few))
    if changes:
        yield Remedy(Gap("AB505", name), (changes[0],), tuple(changes[1:]))


def _fewest_replicas(analysis: Analysis, storm: Storm, now: float) -> float | None:
    def calm(count: float) -> bool:
        return _is_calm(analysis, storm, with_replicas(analysis.design, storm.component, count))

    low, high = now, now
    while high <= _MOST and not calm(high := 2 * high):
        low = high
    if high > _MOST:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if calm(middle) else (middle, high)
    return high


def _most_retries(analysis: Analysis, storm: Storm) -> tuple[float, float] | None:
    arrow = next((arrow for arrow in analysis.design.arrows if arrow.id == storm.arrow), None)
    many = arrow.number_of("retries") if arrow is not None else None
    if not many:
        return None
    for few in range(int(many) - 1, -1, -1):
        if _is_calm(analysis, storm, with_retries(analysis.design, storm.arrow, float(few))):
            return float(few), many
    return None


def _is_calm(analysis: Analysis, storm: Storm, design: Design) -> bool:
    return storm.component not in settled(design, analysis.transforms).storms
