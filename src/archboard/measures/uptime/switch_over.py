"""Switch-over: what is lost of each failure until it is noticed, and somebody else answers.

While a component is down, the first `detect` of each failure nobody answers: that is failures × detection of the time,
and never more than it is down at all. What an arrow answers for fails as one: the component and its calls, or from one
region into another all that stands behind it.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Arrow, Flow
from archboard.facts import Fact, Facts
from archboard.maths.reliability.decision_diagram import Answer
from archboard.maths.reliability.replicas import failure_rate
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import UNNOTICED
from archboard.measures.terms import found
from archboard.measures.uptime.lateness import DUST
from archboard.measures.uptime.repair import failures_of
from archboard.measures.uptime.replicas import Running
from archboard.measures.uptime.standing_in import crosses
from archboard.measures.uptime.structure import Needs
from archboard.units import MONTH, Dimension, show_duration, show_number


def set_luck(analysis: Analysis, flow: Flow, needs: Needs, running: Mapping[str, Running]) -> None:
    """Set how often each failure is noticed already when a request comes, in the luck of a structure."""
    for name, arrow in needs.noticed.items():
        down, failures = _failing(analysis, flow, arrow, running)
        unseen = failures * (arrow.number_of("detect") or 0.0)
        needs.luck[name] = 1.0 if down <= 0 else 1.0 - min(1.0, unseen / down)


def covered(analysis: Analysis, flow: Flow, arrow: Arrow) -> tuple[str, ...]:
    """Return what an arrow answers for: its tail and its calls, between regions all that is behind it."""
    graph = analysis.graphs[flow.name]
    if crosses(analysis.design, arrow):
        found = graph.led_to((arrow.tail,))
    else:
        calls = (call.head for stage in graph.calls.get(arrow.tail, ()) for call in stage)
        found = {arrow.tail, *graph.led_to(calls)}
    return tuple(name for name in analysis.design.components if name in found)


def _failing(analysis: Analysis, flow: Flow, arrow: Arrow, running: Mapping[str, Running]) -> tuple[float, float]:
    """Return how much of the time what an arrow answers for is down, and how often a second it fails."""
    parts = [running[name] for name in covered(analysis, flow, arrow)]
    together = [part.together for part in parts]
    if any(value <= 0 for value in together):
        return 0.0, 0.0  # down for good: that has been noticed
    up = math.prod(together)
    rates = [up / value * rate_of(analysis, part) for value, part in zip(together, parts, strict=True)]
    return 1.0 - up, math.fsum(rates)


def rate_of(analysis: Analysis, part: Running) -> float:
    """Return how often a second too few replicas of a component are left."""
    rate = failures_of(analysis, part.component, part.each).rate
    return failure_rate(part.count, part.needed, part.each, rate, part.common_cause)


def measure(
    analysis: Analysis, flow: Flow, needs: Needs, answer: Answer, running: Mapping[str, Running]
) -> Iterator[Fact]:
    """Yield what each failover loses of a flow before it is noticed, where that is anything."""
    for name, arrow in needs.noticed.items():
        lost = (1.0 - needs.luck[name]) * answer.slopes.get(name, 0.0)
        if lost > DUST:
            _, failures = _failing(analysis, flow, arrow, running)
            monthly, detect = show_number(failures * MONTH), show_duration(arrow.number_of("detect") or 0.0)
            alone = f"{monthly} failures a month of `{arrow.tail}`, each noticed after {detect}"
            yield Fact(UNNOTICED, arrow.id, found(lost, Dimension.FRACTION, "failures × detection", alone=alone))


def assuming(analysis: Analysis, facts: Facts) -> Iterator[str]:
    """Yield the components whose failures are counted with a repair time that nobody stated."""
    told: dict[str, None] = {}
    for flow in analysis.design.flows:
        for arrow in flow.failures:
            if arrow.number_of("detect") and analysis.weights(flow):
                told.update(dict.fromkeys(covered(analysis, flow, arrow)))
    for name in told:
        each, said = facts.value("availability", name), analysis.design.components[name].settings
        if each is not None and each < 1 and not {"mttr", "failures", "mtbf"} & set(said):
            yield name
