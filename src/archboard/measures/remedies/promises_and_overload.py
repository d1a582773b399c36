"""Remedies: for each gap the change that would close it, found by solving on the same arithmetic, not by guessing."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from archboard.catalog import promises
from archboard.design.edits import target_of, with_value
from archboard.design.model import Component, Flow, Promise
from archboard.design.targets import arrow_setting, component_setting
from archboard.facts import Change, Cure, Facts, FailureFact, Gap, Hopeless, Item, PathFact, Remedy, Shrinking
from archboard.load import Load
from archboard.maths.network import Hop, Network
from archboard.maths.percentiles.sum_and_bound import worst_way
from archboard.measures.analysis import Analysis
from archboard.measures.failure_modes import detection_time, failed_by, failed_network
from archboard.measures.latency import answers, network_for
from archboard.measures.load.fixed_point import capacity_at
from archboard.measures.load.modes import follows_load, in_mode
from archboard.measures.metrics import CAPACITY, REFUSED, REPLICAS_NEEDED, THROUGHPUT
from archboard.measures.remedies.model_replicas import enough_replicas
from archboard.measures.remedies.more_replicas import at_least, at_once, carrying, is_absurd, running
from archboard.measures.remedies.shorter_queue import replicas_that_hold
from archboard.measures.ways import Ways
from archboard.units import Dimension, rounded
from archboard.verdicts import Judged


def measure(analysis: Analysis, facts: Facts) -> Iterator[Cure]:
    """Yield a remedy for each latency promise missed, each failure mode over it, each overload and throughput."""
    for verdict in facts.missed:
        if verdict.promise.is_timed:
            yield from _latency(analysis, facts, verdict)
    for failure in facts.failures:
        for mode in failure.verdicts:
            if isinstance(mode, Judged) and not mode.ok:
                yield from _failure(analysis, facts, failure, mode)
    for component in analysis.design.components.values():
        yield from _overload(analysis, facts, component)
    for verdict in facts.missed:
        if verdict.promise.kind is promises.THROUGHPUT:
            yield from _throughput(analysis, facts, verdict)


def _latency(analysis: Analysis, facts: Facts, verdict: Judged) -> Iterator[Cure]:
    flow = analysis.design.flow(verdict.flow)
    network = network_for(analysis, flow, verdict.promise) if flow is not None else None
    ways = facts.flow(verdict.flow)
    if flow is None or network is None or ways is None or ways.worst is None:
        return
    path = ways.worst
    if verdict.promise.is_first_token:
        path = _worst_of(analysis, flow, network, verdict.promise)
    gap = Gap(verdict.promise.kind.code, verdict.flow, verdict.promise)
    yield _solved(analysis, flow, network, path, gap, verdict.promise)


def _worst_of(analysis: Analysis, flow: Flow, network: Network, promise: Promise) -> PathFact:
    """Return the worst way of a network of its own, at one promise's percentile."""
    way = worst_way(network, promise.fraction or 0.99)
    return Ways(analysis, flow, network, {promise.metric: promise.fraction}).path(way)


def _solved(analysis: Analysis, flow: Flow, network: Network, path: PathFact, gap: Gap, promise: Promise) -> Cure:
    """Return the smallest single change that holds a promise: the largest contributors first."""
    metric = promise.metric if promise.metric in path.sums else next(iter(path.sums))
    items = sorted((i for i in path.items if not i.is_hop), key=lambda i: -i.seconds[metric])
    for item in items[:6]:
        more = replicas_that_hold(analysis, flow, promise, item.subject)
        if more is not None:
            return Remedy(gap, (more,))
        streams = promise.is_first_token and item.subject in analysis.streaming(gap.subject)
        model = analysis.times.inferences.get(item.subject)
        if model is not None and model.waits:
            count = enough_replicas(model, network, promise, analysis.transforms, first=streams)
            if count is not None:
                return Remedy(gap, (at_least(model.component, count),))
            continue
        before = _own(analysis, item, promise, metric)
        factor = _largest(lambda f, name=item.subject: _holds(analysis, network, promise, (name,), f))  # type: ignore[misc]
        after = _rounded_down(before * factor) if factor is not None else 0.0
        if factor is not None and after > 0 and _holds(analysis, network, promise, (item.subject,), after / before):
            kind = analysis.design.components[item.subject].kind.name
            target = component_setting(item.subject, kind, "ttft" if streams else "latency")
            return Remedy(gap, (Change(target, before, after),))
    everything = tuple(item.subject for item in path.items)
    factor = _largest(lambda f: _holds(analysis, network, promise, everything, f))
    if factor is None or factor <= 0:
        return Hopeless(gap)
    largest = target_of(analysis.design, (items[0] if items else path.items[0]).subject, "latency")
    return Hopeless(gap) if largest is None else Shrinking(gap, factor, largest)


def _own(analysis: Analysis, item: Item, promise: Promise, metric: str) -> float:
    """Return what a contributor takes itself: one attempt left to finish, where all are late, and one copy of many."""
    if not item.attempts and not item.copies:
        return item.seconds[metric]
    time = analysis.times.of(analysis.design.components[item.subject])
    return time.mean() if promise.fraction is None else time.quantile(promise.fraction)


def _holds(analysis: Analysis, network: Network, promise: Promise, names: tuple[str, ...], factor: float) -> bool:
    """Whether a promise holds when some hops take so many times as long."""
    nodes = tuple(
        Hop(node.distribution.scaled(factor), node.name) if isinstance(node, Hop) and node.name in names else node
        for node in network.nodes
    )
    value = answers(Network(nodes, network.root), promise, analysis.transforms, full=False).by(promise.policy)
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


def _failure(analysis: Analysis, facts: Facts, failure: FailureFact, verdict: Judged) -> Iterator[Cure]:
    flow = analysis.design.flow(failure.flow)
    gap = Gap("AB402", failure.flow, verdict.promise, failure.arrow.id)
    if flow is None:
        return
    if follows_load(analysis):
        analysis = in_mode(analysis, failed_by(analysis, flow, failure.arrow)).analysis
    network = failed_network(analysis, flow, failure.arrow, verdict.promise)
    path = _worst_of(analysis, flow, network, verdict.promise) if verdict.promise.is_first_token else failure.path
    if path is None:
        return
    condition = failure.arrow.condition
    if condition is not None and condition.kind == "timeout" and condition.seconds:
        before = condition.seconds
        factor = _largest(lambda f: _holds(analysis, network, verdict.promise, (failure.component,), f))
        after = _rounded_down(before * factor) if factor is not None else 0.0
        if after > 0:
            own = detection_time(failure.arrow, type(condition)("error"), facts)
            change = Change(arrow_setting(failure.arrow.id, "on"), before, after)
            yield Remedy(gap, (change,), least=own if own is not None and after < own else None)
            return
    yield _solved(analysis, flow, network, path, gap, verdict.promise)


def _overload(analysis: Analysis, facts: Facts, component: Component) -> Iterator[Cure]:
    """Yield what carries an overload, makes room where it is fuller than its target, and lets in what is refused."""
    name, load = component.name, facts.load(component.name)
    if component.number("limit") is not None and facts.get(REFUSED, name) is not None:
        yield _let_in(analysis, component, full=load is not None and load.over)
    elif load is not None and load.capacity > 0 and name not in facts.waits_for:
        code, target = ("AB501", 1.0) if load.over else ("AB502", analysis.design.assumptions.utilisation)
        if not load.beyond(target) and not load.over:
            return
        least, comfortable = load.replicas(target, running(component, facts.ran)), facts.value(REPLICAS_NEEDED, name)
        if is_absurd(analysis, name, least):
            yield Hopeless(Gap(code, name))
            return
        change = carrying(component, load, facts.ran, target)
        roomy = comfortable if comfortable and comfortable > least else None
        yield Remedy(Gap(code, name), (change,), at_once(component, change), roomy)


def _let_in(analysis: Analysis, component: Component, *, full: bool) -> Cure:
    """Return the limit that lets in all that comes then, and where it is full the replicas that carry it."""
    kind, name = component.kind.name, component.name
    limit = component_setting(name, kind, "limit")
    before, comes = component.number("limit") or 0.0, analysis.loads.demand[name]
    if name in analysis.behind(*analysis.outgoing.get(name, ())):
        open_gate = with_value(analysis.design, limit, math.inf)
        comes = Analysis(open_gate, analysis.transforms, analysis.moment).loads.demand[name]
    load = Load(comes, capacity_at(analysis, name), analysis.times.is_endless(name))
    more: tuple[Change, ...] = ()
    if full or load.over:
        if is_absurd(analysis, name, load.replicas(1.0, running(component, analysis.moment.ran))):
            return Hopeless(Gap("AB501", name))
        more = (carrying(component, load, analysis.moment.ran),)
    return Remedy(Gap("AB501", name), (Change(limit, before, rounded(comes, Dimension.RATE, up=True)), *more))


def _throughput(analysis: Analysis, facts: Facts, verdict: Judged) -> Iterator[Cure]:
    fact = facts.get(THROUGHPUT, verdict.flow)
    if fact is None or fact.value is None or fact.value <= 0:
        return
    wanted, found = verdict.promise.limit, fact.value
    flow = analysis.design.flow(verdict.flow)
    rate = math.fsum(analysis.weights(flow).values()) if flow is not None else 0.0
    changes = []
    for name in analysis.unlimited.per_flow.get(verdict.flow, {}):
        own = analysis.unlimited.following(verdict.flow, name)
        component = analysis.design.components[name]
        others = analysis.loads.demand.get(name, 0.0) - analysis.loads.following(verdict.flow, name)
        needed = max(0.0, others) + own * wanted / rate
        capacity, limit = facts.value(CAPACITY, name), component.number("limit")
        if limit is not None and Load(needed, limit).over:
            after = rounded(needed, Dimension.RATE, up=True)
            changes.append(Change(component_setting(name, component.kind.name, "limit"), limit, after))
        if capacity and Load(needed, capacity).over:
            if is_absurd(analysis, name, Load(needed, capacity).replicas(1.0, running(component, facts.ran))):
                return
            changes.append(carrying(component, Load(needed, capacity), facts.ran))
    if changes and found < wanted:
        yield Remedy(Gap(verdict.promise.kind.code, verdict.flow, verdict.promise), tuple(changes))
