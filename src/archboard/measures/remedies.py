"""Remedies: for each gap the change that would close it, found by solving on the same arithmetic, not by guessing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from archboard.design.model import Component, Flow, Promise
from archboard.facts import Facts, FailureFact, Item, PathFact, Remedy, Verdict
from archboard.maths.budget import worst_way
from archboard.maths.network import Hop, Network
from archboard.measures.failures import detection_time, failed_network
from archboard.measures.latency import Ways, answers, network_for
from archboard.measures.metrics import CAPACITY, DEMAND, REPLICAS_NEEDED, THROUGHPUT
from archboard.measures.study import TOLERANCE, Study
from archboard.units import show_duration, show_fraction, show_rate


def measure(study: Study, facts: Facts) -> Iterator[Remedy]:
    """Yield a remedy for each latency promise missed, each failure mode over it, each overload and throughput."""
    for verdict in facts.verdicts:
        if verdict.ok is False and verdict.promise.is_timed:
            yield from _latency(study, facts, verdict)
    for failure in facts.failures:
        for verdict in failure.verdicts:
            if verdict.ok is False:
                yield from _failure(study, facts, failure, verdict)
    for name, component in study.design.components.items():
        yield from _overload(study, facts, component, facts.value(DEMAND, name) or 0.0)
    for verdict in facts.verdicts:
        if verdict.ok is False and verdict.promise.metric == "throughput":
            yield from _throughput(study, facts, verdict)


def subject_of(verdict: Verdict, failure: FailureFact | None = None) -> str:
    """Return the name under which a promise's remedy is kept."""
    mode = f"/{failure.arrow.id}" if failure is not None else ""
    return f"{verdict.flow}/{verdict.promise.text}{mode}"


def _latency(study: Study, facts: Facts, verdict: Verdict) -> Iterator[Remedy]:
    flow = study.design.flow(verdict.flow)
    network = network_for(study, flow, verdict.promise) if flow is not None else None
    ways = facts.flow(verdict.flow)
    if flow is None or network is None or ways is None or ways.worst is None:
        return
    path = ways.worst
    if verdict.promise.is_first_token:
        path = _worst_of(study, flow, network, verdict.promise)
    yield _solved(study, network, verdict, path, "AB401", subject_of(verdict))


def _worst_of(study: Study, flow: Flow, network: Network, promise: Promise) -> PathFact:
    """Return the worst way of a network of its own, at one promise's percentile."""
    way = worst_way(network, promise.fraction or 0.99)
    return Ways(study, flow, network, {promise.metric: promise.fraction}).path(way)


def _solved(study: Study, network: Network, verdict: Verdict, path: PathFact, code: str, subject: str) -> Remedy:
    """Return the smallest single change that holds a promise: the largest contributors first."""
    promise = verdict.promise
    metric = promise.metric if promise.metric in path.sums else next(iter(path.sums))
    items = sorted((i for i in path.items if not i.is_hop), key=lambda i: -i.seconds[metric])
    for item in items[:6]:
        before = _own(study, item, promise, metric)
        factor = _largest(lambda f, name=item.subject: _holds(study, network, promise, (name,), f))  # type: ignore[misc]
        after = _rounded_down(before * factor) if factor is not None else 0.0
        if factor is not None and after > 0 and _holds(study, network, promise, (item.subject,), after / before):
            streams = promise.is_first_token and item.subject in study.streaming(verdict.flow)
            shown = metric if streams else metric.removeprefix("ttft ")
            text = f"`{item.subject}` {shown} {show_duration(before)} → {show_duration(after)} would hold it"
            return Remedy(code, subject, f"{item.subject}.{'ttft' if streams else 'latency'}", before, after, text)
    everything = tuple(item.subject for item in path.items)
    factor = _largest(lambda f: _holds(study, network, promise, everything, f))
    if factor is None or factor <= 0:
        text = "no faster hop holds it: the promise itself must give"
        return Remedy(code, subject, "", verdict.value or 0.0, promise.limit, text)
    faster = show_fraction(math.ceil((1 - factor) * 100) / 100)
    biggest = items[0].subject if items else path.items[0].subject
    text = f"no single hop closes it; all of them {faster} faster would, and `{biggest}` is the largest"
    return Remedy(code, subject, "", 1.0, factor, text)


def _own(study: Study, item: Item, promise: Promise, metric: str) -> float:
    """Return what a contributor takes itself: where all its attempts are late, one of them left to finish."""
    if not item.attempts:
        return item.seconds[metric]
    time = study.times.of(study.design.components[item.subject])
    return time.mean() if promise.fraction is None else time.quantile(promise.fraction)


def _holds(study: Study, network: Network, promise: Promise, names: tuple[str, ...], factor: float) -> bool:
    """Whether a promise holds when some hops take so many times as long."""
    nodes = tuple(
        Hop(node.distribution.scaled(factor), node.name) if isinstance(node, Hop) and node.name in names else node
        for node in network.nodes
    )
    value = answers(Network(nodes, network.root), promise, study.transforms, full=False).by(promise.policy)
    return value is not None and promise.holds(value)


def _largest(holds: Callable[[float], bool]) -> float | None:
    """Return the largest factor in 0..1 that holds, to a thousandth; None where even 0 does not."""
    if not holds(0.0):
        return None
    low, high = 0.0, 1.0
    for _ in range(12):
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return low


def _rounded_down(seconds: float) -> float:
    """Return a duration of two digits, or three from 10 on, that is no longer."""
    if seconds <= 0:
        return 0.0
    unit = 10.0 ** (math.floor(math.log10(seconds)) - 1)
    return float(f"{math.floor(seconds / unit + 1e-9) * unit:.12g}")


def _failure(study: Study, facts: Facts, failure: FailureFact, verdict: Verdict) -> Iterator[Remedy]:
    flow = study.design.flow(failure.flow)
    subject = subject_of(verdict, failure)
    if flow is None:
        return
    network = failed_network(study, flow, failure.arrow, verdict.promise)
    path = _worst_of(study, flow, network, verdict.promise) if verdict.promise.is_first_token else failure.path
    if path is None:
        return
    condition = failure.arrow.condition
    if condition is not None and condition.kind == "timeout" and condition.seconds:
        before = condition.seconds
        factor = _largest(lambda f: _holds(study, network, verdict.promise, (failure.component,), f))
        after = _rounded_down(before * factor) if factor is not None else 0.0
        if after > 0:
            text = f"`{failure.component}` timeout {show_duration(before)} → {show_duration(after)} would hold it"
            own = detection_time(failure.arrow, type(condition)("error"), facts)
            if own is not None and after < own:
                text += f", but `{failure.component}` itself takes {show_duration(own)} at p99"
            yield Remedy("AB402", subject, f"{failure.component}.timeout", before, after, text)
            return
    yield _solved(study, network, verdict, path, "AB402", subject)


def _overload(study: Study, facts: Facts, component: Component, demand: float) -> Iterator[Remedy]:
    capacity = facts.value(CAPACITY, component.name)
    name, replicas = component.name, component.replicas.high
    if capacity is None or capacity <= 0 or demand <= capacity * (1 + TOLERANCE):
        return
    least = math.ceil(demand / (capacity / replicas) * (1 - TOLERANCE))
    comfortable = facts.value(REPLICAS_NEEDED, name) or least
    target = show_fraction(study.design.assumptions.utilisation)
    text = f"`{name}.replicas` {replicas:,.0f} → {least:,.0f} would carry it"
    if comfortable > least:
        text += f", {comfortable:,.0f} to stay under {target}"
    yield Remedy("AB501", name, f"{name}.replicas", replicas, float(least), text)


def _throughput(study: Study, facts: Facts, verdict: Verdict) -> Iterator[Remedy]:
    fact = facts.get(THROUGHPUT, verdict.flow)
    if fact is None or fact.value is None or fact.value <= 0:
        return
    wanted, found = verdict.promise.limit, fact.value
    flow = study.design.flow(verdict.flow)
    rate = math.fsum(study.weights(flow).values()) if flow is not None else 0.0
    changes = []
    path, before, after = "", 0.0, 0.0
    for name, own in study.unlimited.per_flow.get(verdict.flow, {}).items():
        component = study.design.components[name]
        needed = study.unlimited.demand.get(name, 0.0) - own + own * wanted / rate
        capacity, limit = facts.value(CAPACITY, name), component.number("limit")
        if limit is not None and needed > limit * (1 + TOLERANCE):
            changes.append(f"`{name}.limit` {show_rate(limit)} → {show_rate(needed)}")
            path, before, after = path or f"{name}.limit", before or limit, after or needed
        if capacity and needed > capacity * (1 + TOLERANCE):
            replicas = component.replicas.high
            least = math.ceil(needed / (capacity / replicas) * (1 - TOLERANCE))
            changes.append(f"`{name}.replicas` {replicas:,.0f} → {least:,.0f}")
            path, before, after = path or f"{name}.replicas", before or replicas, after or float(least)
    if changes and found < wanted:
        more = f" and {len(changes) - 4} more" if len(changes) > 4 else ""
        text = f"{', '.join(changes[:4])}{more} would hold it"
        yield Remedy("AB506", subject_of(verdict), path, before, after, text)
