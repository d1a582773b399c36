"""Failure modes: each failure arrow once, with the latency promises of its flow judged again.

The failed component's time and calls become the detection time and the fallback's. All modes of a flow share the
transforms of their hops.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Arrow, Condition, Flow
from archboard.facts import FailureFact, Facts, Verdict
from archboard.maths.budget import worst_way
from archboard.measures.activity import Activity, Mode
from archboard.measures.latency import judge, metrics_of, path_fact, promised
from archboard.measures.metrics import LATENCY_P99
from archboard.measures.study import Study
from archboard.units import show_duration


def measure(study: Study, facts: Facts) -> Iterator[FailureFact]:
    """Yield one fact per failure arrow and flow it applies to."""
    for flow in study.design.flows:
        on_path = set(study.graphs[flow.name].joins)
        for arrow in flow.failures:
            if arrow.condition is not None and (arrow.tail in on_path or arrow.tail in study.design.components):
                yield _mode(study, facts, flow, arrow, arrow.condition)


def _mode(study: Study, facts: Facts, flow: Flow, arrow: Arrow, condition: Condition) -> FailureFact:
    failed = {**study.down, arrow.tail: arrow}
    if arrow.tail not in study.graphs[flow.name].joins:
        failed.update(_leading_to(flow, arrow.tail))
    activity = Activity(study.graphs[flow.name], Mode(failed=failed))
    weights = study.weights(flow)
    detection = detection_time(study, arrow, condition, facts)
    if not weights:
        return FailureFact(arrow, flow.name, arrow.tail, arrow.head, condition.kind, detection, (), None, "")
    network = activity.network(weights)
    metrics = metrics_of(flow)
    way = worst_way(network, next(iter(metrics.values())) or 0.99)
    path = path_fact(study, flow, network, way, metrics)
    verdicts: tuple[Verdict, ...] = ()
    if not condition.sheds:
        verdicts = tuple(
            judge(study, facts, flow, network, promise, full=False, failed=arrow.tail)
            for promise in promised(flow)
        )
    working = _working(arrow, condition, detection)
    return FailureFact(arrow, flow.name, arrow.tail, arrow.head, condition.kind, detection, verdicts, path, working)


def _leading_to(flow: Flow, fallback: str) -> dict[str, Arrow]:
    """Return the failures that must have happened before a fallback can fail: the ladder above it."""
    ladder: dict[str, Arrow] = {}
    current = fallback
    while (above := next((a for a in flow.failures if a.head == current), None)) is not None:
        if above.tail in ladder:
            break
        ladder[above.tail] = above
        current = above.tail
    return ladder


def detection_time(study: Study, arrow: Arrow, condition: Condition, facts: Facts) -> float | None:
    """Return how long it takes to notice: the timeout, the component's own p99 for an error, nothing behind a breaker."""
    match condition.kind:
        case "timeout":
            return condition.seconds
        case "error":
            return facts.value(LATENCY_P99, arrow.tail)
        case _:
            return 0.0


def _working(arrow: Arrow, condition: Condition, detection: float | None) -> str:
    if condition.sheds:
        return f"`{arrow.tail}` sheds to `{arrow.head}`: nothing is waited for"
    if detection is None:
        return f"`{arrow.tail}` and its calls become its own time and `{arrow.head}`"
    return f"`{arrow.tail}` and its calls become {show_duration(detection)} to notice and `{arrow.head}`"
