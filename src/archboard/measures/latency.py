"""Latency: of each hop, of each way through a flow, and each latency promise held against all three answers."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator

from archboard.design.model import Arrow, Component, Design, Flow, Promise
from archboard.facts import Fact, Facts, FlowFact, Item, PathFact, tidy
from archboard.maths.network import Fork, Hop, Network, Overlap
from archboard.maths.percentiles.correlated import correlated
from archboard.maths.percentiles.fourier import Transforms
from archboard.maths.percentiles.independent import BRACKET, independent
from archboard.maths.percentiles.mean import mean_of
from archboard.maths.percentiles.sum_and_bound import bound_of, likeliest_paths, minmax, paths_total, sum_of, worst_way
from archboard.maths.percentiles.worst_case import worst_case
from archboard.measures.analysis import Analysis
from archboard.measures.flow.first_token import FirstToken
from archboard.measures.flow.mode import Mode
from archboard.measures.flow.network import Activity
from archboard.measures.flow.percentiles import mean, percentile
from archboard.measures.flow.times import Times
from archboard.measures.metrics import CLIENT_RATE, LATENCY_MEAN, LATENCY_P50, LATENCY_P99, latency_at
from archboard.measures.terms import found
from archboard.measures.ways import Ways, asked_of_one
from archboard.records import record
from archboard.units import Dimension, digits_apart, show_duration
from archboard.verdicts import Judged, Reason, Unjudged, Verdict, Why
from archboard.working import ADDED, Calculation, Term, Working, total

_COARSE = 0.012
"""The bracket aimed at where only a verdict is wanted, of the value; the estimate is within about 0.05%."""
POLICIES = {"independent": "hops as independent", "bound": "under any dependence", "sum": "the worst path"}
"""What each policy takes of how hops hang together."""
IN_A_SUM = 12
"""Components that a sum names one by one."""
LISTED = 50
"""Ways through a flow that are listed; all of them are counted."""


def hops(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield median, p99, the percentile shown and the mean of every component and arrow whose latency is known."""
    wanted = {LATENCY_P50: 0.5, LATENCY_P99: 0.99}
    wanted.setdefault(latency_at(facts.percentile), float(facts.percentile[1:]) / 100)
    subjects: list[tuple[str, Component | Arrow]] = list(analysis.design.components.items())
    subjects += [(arrow.id, arrow) for arrow in analysis.design.arrows]
    for name, subject in subjects:
        if analysis.times.latency(subject) is None or endless(analysis, facts, name):
            continue
        for metric, fraction in wanted.items():
            yield Fact(metric, name, percentile(analysis, subject, fraction))
        yield Fact(LATENCY_MEAN, name, mean(analysis, subject))


@record
class Answers:
    """The three answers to one promise, seconds, the bracket of the independent one, and what hops that are tied do."""

    sum: float | None
    independent: float | None
    bound: float | None
    bracket: tuple[float, float] | None
    correlated: float | None = None
    worst_case: float | None = None

    def by(self, policy: str) -> float | None:
        """Return the answer that a policy is judged by."""
        return {"sum": self.sum, "independent": self.independent, "bound": self.bound}[policy]


def answers(
    network: Network, promise: Promise, transforms: Transforms, *, full: bool = True, correlation: float | None = None
) -> Answers:
    """Return what a network says to a latency promise; without `full`, only what its policy needs.

    Then a percentile is read off coarser cells, as long as the verdict is certain.
    """
    question = (network, promise.metric, promise.policy, promise.operator, promise.limit, full, correlation)
    return transforms.remembered(question, lambda: _answers(network, promise, transforms, full, correlation))


def _answers(
    network: Network, promise: Promise, transforms: Transforms, full: bool, correlation: float | None
) -> Answers:
    if promise.metric == "mean":
        usual = tidy(mean_of(network, transforms))
        return Answers(usual, usual, usual, None)
    if promise.metric == "max":
        longest = tidy(minmax(network)[1])
        return Answers(longest, longest, longest, None)
    q = promise.fraction
    assert q is not None, promise.metric
    estimate, bracket = None, None
    if full or promise.policy == "independent":
        answer = independent(network, (q,), transforms, BRACKET if full else _COARSE)[q]
        if not full and promise.holds(answer.floor) != promise.holds(answer.ceiling):
            answer = independent(network, (q,), transforms)[q]
        estimate, bracket = tidy(answer.estimate), (tidy(answer.floor), tidy(answer.ceiling))
    total = tidy(sum_of(network, q)) if full or promise.policy == "sum" else None
    bound = tidy(bound_of(network, q)) if full or promise.policy == "bound" else None
    if not full:
        return Answers(total, estimate, bound, bracket)
    tied = correlated(network, q, correlation, transforms) if correlation is not None else None
    worst = worst_case(network, q, transforms)
    return Answers(total, estimate, bound, bracket, _tidy(tied), _tidy(worst.estimate if worst is not None else None))


def foremost(network: Network, promise: Promise, transforms: Transforms) -> tuple[float | None, float | None]:
    """Return the sum and the independent answer alone, as `answers` has them."""
    q = promise.fraction
    if q is None:
        both = answers(network, promise, transforms)
        return both.sum, both.independent
    return tidy(sum_of(network, q)), tidy(independent(network, (q,), transforms)[q].estimate)


def _tidy(seconds: float | None) -> float | None:
    return None if seconds is None else tidy(seconds)


def shown_percentile(design: Design) -> str:
    """Return the percentile that boxes and hops are shown at: the first that is promised, p99 where none is."""
    flows = sorted(design.flows, key=lambda flow: flow.name != "main")
    return next((p.metric for flow in flows for p in flow.promises if p.is_latency and p.fraction is not None), "p99")


def promised(flow: Flow) -> tuple[Promise, ...]:
    """Return the promises of a flow on how long its requests take."""
    return tuple(promise for promise in flow.promises if promise.is_timed)


def usual_network(analysis: Analysis, flow: Flow) -> Network | None:
    """Return a flow's network on a usual day, None where nothing starts it."""
    weights = analysis.weights(flow)
    return analysis.activity(flow.name).network(weights) if weights else None


def network_for(analysis: Analysis, flow: Flow, promise: Promise) -> Network | None:
    """Return the network that a promise is judged on: up to the first token where it is about that."""
    weights = analysis.weights(flow)
    if not promise.is_first_token or not weights:
        return usual_network(analysis, flow)
    return Activity(analysis.first_token(flow.name), Mode(failed=analysis.failed_in(flow.name))).network(weights)


def flows(analysis: Analysis, facts: Facts) -> Iterator[FlowFact]:
    """Yield each flow's ways: the worst first, then the likeliest."""
    for flow in analysis.design.flows:
        network = usual_network(analysis, flow)
        if network is None:
            continue
        metrics = metrics_of(flow, network)
        first = next(iter(metrics.values())) or 0.99
        found = [worst_way(network, first)]
        found += [way for way in likeliest_paths(network, LISTED) if way[1] != found[0][1]][: LISTED - 1]
        ways = Ways(analysis, flow, network, metrics)
        paths: tuple[PathFact, ...] = (ways.path(found[0], waterfall=True), *(ways.path(way) for way in found[1:]))
        rate, names = facts.value(CLIENT_RATE, flow.name), tuple(visited(analysis, network))
        if any(endless(analysis, facts, name) for name in names):
            paths = ()
        yield FlowFact(flow.name, rate, paths_total(network), paths, names)


def metrics_of(flow: Flow, network: Network) -> dict[str, float | None]:
    """Return the promised latency metrics with their fractions (None for mean and max); p99 where none is.

    Of the longest time nothing is told where something has no worst case.
    """
    found = {p.metric: p.fraction for p in flow.promises if p.is_latency and _unbounded(network, p) is None}
    return found or {"p99": 0.99}


def verdicts(analysis: Analysis, facts: Facts, *, brief: bool = False) -> Iterator[Verdict]:
    """Yield every latency promise held against its flow; a `brief` sum stands without the other answers."""
    for flow in analysis.design.flows:
        for promise in promised(flow):
            network = network_for(analysis, flow, promise)
            if network is None:
                yield Unjudged(flow.name, promise, Reason(Why.NO_START))
                continue
            full = not brief or promise.policy == "independent"
            yield judge(analysis, facts, flow, network, promise, full=full)


def judge(
    analysis: Analysis, facts: Facts, flow: Flow, network: Network, promise: Promise, *, full: bool = True,
    failed: str = "",
) -> Verdict:  # fmt: skip
    """Hold one promise against a network; not judged where a hop is overloaded or has no latency.

    What is said of the `failed` component does not matter: its time is the detection time.
    """
    times = analysis.first_token(flow.name).times if promise.is_first_token else analysis.times
    reason = unjudged(analysis, facts, network, times, failed) or _unbounded(network, promise)
    reason = reason or _wordless(times)
    if reason is not None:
        return Unjudged(flow.name, promise, reason)
    correlation = analysis.design.assumptions.correlation
    answer = answers(network, promise, analysis.transforms, full=full, correlation=correlation)
    value = answer.by(promise.policy)
    assert value is not None
    added = _added_up(analysis, flow, network, promise) if full and promise.policy == "sum" else None
    working = _working(promise, value, added, _approximation(promise, network))
    return Judged(
        flow.name, promise, value, promise.holds(value), working, "", answer.sum, answer.independent, answer.bound,
        answer.bracket, answer.correlated, answer.worst_case,
    )  # fmt: skip


def unjudged(analysis: Analysis, facts: Facts, network: Network, times: Times, failed: str = "") -> Reason | None:
    """Return why a network's latency means nothing, if so: an overloaded component, or one without latency."""
    for name in sorted(visited(analysis, network), key=lambda name: bool(analysis.waits_for(name))):
        if name == failed:
            continue
        down, load = analysis.design.components[name].flag("down"), facts.load(name)
        if load is not None and load.beyond(1.0) and not down and not analysis.times.is_bounded(name):
            fills = bool(analysis.waits_for(name))
            return Reason(Why.FILLS, name) if fills else Reason(Why.OVER, name, (load.utilisation,))
        if endless(analysis, facts, name):
            return analysis.unknown.get(name, Reason(Why.FULL, name, (load.utilisation if load else 1.0,)))
        if down and name not in analysis.caught:
            return Reason(Why.DOWN, name)
    missing = [name for name in missing_latencies(analysis, network, times) if name != failed]
    return Reason(Why.NO_LATENCY, missing[0]) if missing else None


def endless(analysis: Analysis, facts: Facts, name: str) -> bool:
    """Whether a component's latency has no end: a retry storm, or service time at a load that is not served."""
    if name in analysis.unknown:
        return True
    load, component = facts.load(name), analysis.design.components.get(name)
    return load is not None and load.queued and load.over and component is not None and not component.flag("down")


def visited(analysis: Analysis, network: Network) -> Iterable[str]:
    """Return the components on a network, each once."""
    names = dict.fromkeys(node.name for node in network.nodes if isinstance(node, Hop))
    return (name for name in names if name in analysis.design.components)


def _wordless(times: Times) -> Reason | None:
    """Return why a first token is not known: no model of the flow says when it comes."""
    if not isinstance(times, FirstToken) or times.last:
        return None
    return Reason(Why.NO_FIRST_TOKEN)


def missing_latencies(analysis: Analysis, network: Network, times: Times) -> tuple[str, ...]:
    """Return the components on a network that have no latency and would need one."""
    components = analysis.design.components
    return tuple(
        name
        for name in visited(analysis, network)
        if times.latency(components[name]) is None and components[name].kind.takes_time and name not in analysis.down
    )


def _unbounded(network: Network, promise: Promise) -> Reason | None:
    if promise.metric != "max":
        return None
    for node in network.nodes:
        if isinstance(node, Hop) and not math.isfinite(node.distribution.support[1]):
            return Reason(Why.NO_WORST_CASE, node.name)
    return None


def _approximation(promise: Promise, network: Network) -> str:
    """Return the approximation by which a promise's number is found, by its name; a bound and a longest are none."""
    if promise.policy == "bound" or promise.metric.rpartition(" ")[2] == "max":
        return ""
    if promise.policy == "sum" and promise.fraction is not None:
        return "sum"
    if any(isinstance(node, Overlap) for node in network.nodes):
        return "network"
    if promise.fraction is not None:
        return "independence"
    return "arms" if any(isinstance(node, Fork) for node in network.nodes) else ""


def _working(promise: Promise, value: float, added: Working | None, how: str) -> Working:
    """Return the sum along the worst path where it is the number, or the name of the policy that found it."""
    if added is not None and math.isclose(added.value, value, rel_tol=1e-9):
        return added
    by = POLICIES[promise.policy]
    named = promise.metric if promise.fraction is None else f"{promise.metric}, {by}"
    return found(value, Dimension.DURATION, by, alone=f"{show_duration(value)}, {named}", assumption=how)


def _added_up(analysis: Analysis, flow: Flow, network: Network, promise: Promise) -> Working | None:
    """Return the components of the worst path and its hops, added up; of a mean or the longest there is no sum."""
    if promise.fraction is None:
        return None
    way = worst_way(network, promise.fraction)
    path = Ways(analysis, flow, network, {promise.metric: promise.fraction}).path(way)
    whole = math.fsum(item.seconds[promise.metric] for item in path.items)
    digits = digits_apart(whole, promise.limit, Dimension.DURATION)
    boxes = [_taken(analysis, item, promise, digits) for item in path.items if not item.is_hop]
    hops = [_taken(analysis, item, promise, digits) for item in path.items if item.is_hop]
    if not boxes:
        return None
    if len(boxes) > IN_A_SUM:
        more = total(Dimension.DURATION, *boxes[IN_A_SUM:])
        text = f"{len(boxes) - IN_A_SUM} more {show_duration(more.value, digits)}"
        rest = Term(more.value, Dimension.DURATION, of=more, text=text)
        boxes = [*boxes[:IN_A_SUM], rest]
    if hops:
        both = total(Dimension.DURATION, *hops)
        text = f"{len(hops)} hop{'' if len(hops) == 1 else 's'} {show_duration(both.value, digits)}"
        boxes.append(Term(both.value, Dimension.DURATION, of=both, text=text))
    return boxes[0] if len(boxes) == 1 else Calculation(ADDED, tuple(boxes), Dimension.DURATION, assumption="sum")


def _taken(analysis: Analysis, item: Item, promise: Promise, digits: int) -> Term:
    """Return what one contributor takes, as a term: where its latency was written, or that every attempt is late."""
    seconds = item.seconds[promise.metric]
    by = f"{item.attempts} attempts, each late" if item.attempts > 1 else "an attempt, late" if item.attempts else ""
    by = "the wait before a further attempt" if item.waits else by
    text = f"{item.subject} {show_duration(seconds, digits)}"
    if item.copies and not by:
        return _of_copies(analysis, item, promise, text)
    subject = _subject(analysis, item)
    given = subject.settings.get("latency") if subject is not None and not by else None
    if isinstance(subject, Component) and given is None and not by:
        return _worked_out(analysis, subject, item, promise, text)
    hop = "" if by or given is not None or not isinstance(subject, Arrow) else "assume: hop"
    return Term(
        seconds, Dimension.DURATION, owner=item.subject, setting="" if by else "latency",
        span=given.span if given is not None else analysis.design.assumptions.spans.get("hop") if hop else None,
        by=by or hop, text=text,
    )  # fmt: skip


def _worked_out(analysis: Analysis, component: Component, item: Item, promise: Promise, text: str) -> Term:
    """Return what something takes that states no latency: what its times come to, or nothing."""
    seconds, of = item.seconds[promise.metric], None
    known = analysis.times.latency(component) is not None and not promise.is_first_token
    if known and promise.fraction is not None:
        of = percentile(analysis, component, promise.fraction)
    same = of is not None and math.isclose(of.value, seconds, rel_tol=1e-9)
    by = "" if same else "the time to its first token" if promise.is_first_token else "what its times come to"
    return found(seconds, Dimension.DURATION, by, of=of if same else None, text=text)


def _subject(analysis: Analysis, item: Item) -> Component | Arrow | None:
    """Return the component or the arrow that a contributor is."""
    return analysis.design.components.get(item.subject) or analysis.arrows.get(item.subject)


def _of_copies(analysis: Analysis, item: Item, promise: Promise, text: str) -> Term:
    """Return what the last copy that is waited for takes: a higher percentile of one of them."""
    seconds = item.seconds[promise.metric]
    subject, of = _subject(analysis, item), None
    if subject is not None and promise.fraction is not None and not promise.is_first_token:
        of = percentile(analysis, subject, asked_of_one(promise.fraction, item.copies))
    same = of is not None and math.isclose(of.value, seconds, rel_tol=1e-9)
    by = f"the {item.among}, each for itself"
    return found(seconds, Dimension.DURATION, by, of=of if same else None, text=f"{text} ({item.among})")
