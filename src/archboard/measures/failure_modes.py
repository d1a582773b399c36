"""Failure modes: each failure arrow once, with the latency promises of its flow judged again.

The failed component's time and calls become the detection time and the fallback's. All modes of a flow share the
transforms of their hops.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from archboard.design.model import Arrow, Condition, Flow, Promise
from archboard.facts import Facts, FailureFact, Surge, tidy
from archboard.maths.network import Attempts, Cut, Hedged, Hop, Network, Outcome, Quorum, Series, children
from archboard.maths.percentiles.sum_and_bound import longest_through, worst_way
from archboard.maths.retries import worst_time
from archboard.measures.analysis import Analysis
from archboard.measures.flow.guards import is_guarded, tried_again
from archboard.measures.flow.mode import Mode
from archboard.measures.flow.network import Activity
from archboard.measures.latency import judge, metrics_of, promised, usual_network
from archboard.measures.load.failover import ladder_above, modes_of
from archboard.measures.load.modes import follows_load, in_mode
from archboard.measures.metrics import LATENCY_P99
from archboard.measures.terms import found
from archboard.measures.ways import Ways
from archboard.records import replace
from archboard.units import Dimension, show_duration
from archboard.verdicts import Judged, Reason, Unjudged, Verdict, Why


def measure(analysis: Analysis, facts: Facts) -> Iterator[FailureFact]:
    """Yield one fact per failure arrow and flow it applies to."""
    for flow in analysis.design.flows:
        usual = _Usual(analysis, facts, flow)
        for arrow in flow.failures:
            if arrow.condition is not None:
                yield _mode(analysis, facts, flow, arrow, arrow.condition, usual)


def _mode(
    analysis: Analysis, facts: Facts, flow: Flow, arrow: Arrow, condition: Condition, usual: _Usual
) -> FailureFact:
    once = detection_time(arrow, condition, facts)
    entry = _entry(analysis, flow, arrow.tail)
    attempts = 1 if entry is None else _attempts(entry, facts)
    detection = once if entry is None or once is None else worst_time(once, attempts, entry.waits)
    if entry is not None and condition.kind == "timeout" and not once:
        detection = worst_time(entry.number_of("timeout") or 0.0, attempts, entry.waits)
    working = _working(arrow, condition, detection, entry, attempts)
    fact = FailureFact(arrow, flow.name, arrow.tail, arrow.head, condition.kind, detection, (), None, working)
    if condition.sheds:
        return fact
    surges = [surge for surge in facts.surges if surge.arrow == usual.mode(arrow) and surge.tips_over]
    over = tuple(surge.component for surge in surges)
    if usual.follows_load:
        mode = in_mode(analysis, failed_by(analysis, flow, arrow))
        analysis, facts = mode.analysis, mode.facts()
        over = tuple(dict.fromkeys((*over, *(one.component for one in mode.overloads))))
    fact = replace(fact, overloads=over)
    if not analysis.weights(flow) or not promised(flow):
        return fact
    quick = None if over or usual.follows_load else usual.verdicts(arrow, condition)
    if quick is not None and all(verdict.ok for verdict in quick):
        return replace(fact, verdicts=quick)
    return _judged(analysis, facts, flow, fact, surges)


def _judged(analysis: Analysis, facts: Facts, flow: Flow, fact: FailureFact, surges: Sequence[Surge]) -> FailureFact:
    """Return a failure mode with the latency promises of its flow judged, and the worst way where one is missed."""
    network = failed_network(analysis, flow, fact.arrow)
    networks = (
        (promise, failed_network(analysis, flow, fact.arrow, promise) if promise.is_first_token else network)
        for promise in promised(flow)
    )
    verdicts = tuple(
        _overloaded(analysis, flow, promise, own, surges)
        or judge(analysis, facts, flow, own, promise, full=False, failed=fact.component)
        for promise, own in networks
    )
    path = None
    if any(verdict.ok is False and verdict.promise.is_latency for verdict in verdicts):
        metrics = metrics_of(flow)
        way = worst_way(network, next(iter(metrics.values())) or 0.99)
        path = Ways(analysis, flow, network, metrics).path(way, waterfall=True)
    return replace(fact, verdicts=verdicts, path=path)


def failed_by(analysis: Analysis, flow: Flow, arrow: Arrow) -> dict[str, Arrow]:
    """Return all that has failed where a failure arrow is taken: where a fallback fails, so has what it stands for."""
    above = {} if arrow.tail in analysis.graphs[flow.name].joins else ladder_above(flow, arrow.tail)
    return {**above, arrow.tail: arrow}


def _overloaded(
    analysis: Analysis, flow: Flow, promise: Promise, network: Network, surges: Sequence[Surge]
) -> Unjudged | None:
    """Return that a promise is not judged in a mode, where something that a request passes gets too much in it."""
    passed = {node.name for node in network.nodes if isinstance(node, Hop)}
    over = next((surge for surge in surges if surge.component in passed), None)
    if over is None:
        return None
    limit = analysis.design.components[over.component].number("limit")
    why = Why.REFUSES if limit == over.capacity else Why.OVER
    return Unjudged(flow.name, promise, Reason(why, over.component, (over.load.utilisation,)))


def failed_network(analysis: Analysis, flow: Flow, arrow: Arrow, promise: Promise | None = None) -> Network:
    """Return a flow's network in the mode of one failure arrow, up to the first token for a promise about that."""
    failed = {**analysis.failed_in(flow.name), **failed_by(analysis, flow, arrow)}
    streams = promise is not None and promise.is_first_token
    graph = analysis.first_token(flow.name, failed) if streams else analysis.graphs[flow.name]
    return Activity(graph, Mode(failed=failed)).network(analysis.weights(flow))


class _Usual:
    """What a flow's usual network says of failure modes, so that most need no network of their own.

    By sum a mode takes the longest way through the failed component with its stay replaced, or the usual worst
    way, whichever is longer: exact when the component is passed once and its stay grows, or is not on the worst way.
    """

    def __init__(self, analysis: Analysis, facts: Facts, flow: Flow) -> None:
        self.analysis = analysis
        self.flow = flow
        self.follows_load = follows_load(analysis)
        self._modes = {arrow.id: mode[0].id for mode in modes_of(analysis) for arrow in mode}
        self.judged = {v.promise.text: v for v in facts.verdicts if v.flow == flow.name}
        self._longest: dict[float, tuple[dict[int, float], dict[int, float]]] = {}

    def mode(self, arrow: Arrow) -> str:
        """Return the arrow by which the failures that an arrow is taken with are called."""
        return self._modes.get(arrow.id, "")

    @cached_property
    def network(self) -> Network | None:
        """The usual network."""
        return usual_network(self.analysis, self.flow)

    @cached_property
    def repeats(self) -> bool:
        """Whether anything on the way is tried more than once: then a longer stay is not just added."""
        nodes = () if self.network is None else self.network.nodes
        return any(isinstance(node, Attempts | Hedged | Quorum | Outcome | Cut) for node in nodes)

    @cached_property
    def stays(self) -> dict[str, int]:
        """The node of each component's own time and calls, where a request passes it at most once."""
        if self.network is None:
            return {}
        nodes, calls = self.network.nodes, self.analysis.graphs[self.flow.name].calls
        passes = dict.fromkeys(self.network.order, 0)
        passes[self.network.root] = 1
        for index in reversed(self.network.order):
            for child in children(nodes[index]):
                passes[child] += passes[index]
        found: dict[str, int] = {}
        for index in self.network.order:
            node = nodes[index]
            first = nodes[node.parts[0]] if isinstance(node, Series) and node.parts else node
            if isinstance(first, Hop) and passes[index] == 1 and isinstance(node, Series) == (first.name in calls):
                found.setdefault(first.name, index)
        return found

    def verdicts(self, arrow: Arrow, condition: Condition) -> tuple[Verdict, ...] | None:
        """Return the mode's verdicts, or None where they need a network of their own."""
        graph, index = self.analysis.graphs[self.flow.name], self.stays.get(arrow.tail)
        other = self.analysis.design.components[arrow.head]
        plain = not graph.ways.get(arrow.head) and not graph.calls.get(arrow.head) and not other.flag("ends")
        cached = self.analysis.design.components[arrow.tail].kind.caches
        if index is None or not plain or cached or self.analysis.down or self.network is None or self.repeats:
            return None
        verdicts: list[Verdict] = []
        for promise in promised(self.flow):
            usual = self.judged.get(promise.text)
            unknown = usual is None or usual.value is None or promise.is_first_token
            if promise.policy != "sum" or promise.fraction is None or unknown:
                return None
            value = self._value(index, promise.fraction, arrow, condition)
            if value is None:
                return None
            working = found(value, Dimension.DURATION, "the usual way, the failed stay replaced")
            verdicts.append(Judged(self.flow.name, promise, value, promise.holds(value), working, sum=value))
        return tuple(verdicts)

    def _value(self, index: int, q: float, arrow: Arrow, condition: Condition) -> float | None:
        assert self.network is not None
        if q not in self._longest:
            self._longest[q] = longest_through(self.network, q)
        times, through = self._longest[q]
        graph, worst = self.analysis.graphs[self.flow.name], times[self.network.root]
        own = graph.time_of(arrow.tail).quantile(q) if condition.kind == "error" else 0.0
        wait = (condition.seconds or 0.0) if condition.kind == "timeout" else own
        stay = wait + graph.time_on(arrow).quantile(q) + graph.time_of(arrow.head).quantile(q)
        if stay < times[index] and through[index] >= worst * (1 - 1e-12):
            return None
        return tidy(max(worst, through[index] - times[index] + stay))


def _entry(analysis: Analysis, flow: Flow, name: str) -> Arrow | None:
    """Return the guarded arrow by which a component is reached, where there is one."""
    return next((arrow for arrow in flow.arrows if arrow.head == name and is_guarded(arrow)), None)


def _attempts(entry: Arrow, facts: Facts) -> int:
    """Return how many attempts are made where all fail; by a budget, as many as the percentile shown still sees."""
    again, beyond = tried_again(entry, 1.0), 1.0 - float(facts.percentile.removeprefix("p")) / 100
    return 1 + sum(again**further > beyond for further in range(1, len(entry.waits) + 1))


def detection_time(arrow: Arrow, condition: Condition, facts: Facts) -> float | None:
    """Return how long a failure takes to notice: the timeout, the own p99 for an error, nothing behind a breaker."""
    match condition.kind:
        case "timeout":
            return condition.seconds
        case "error":
            return facts.value(LATENCY_P99, arrow.tail)
        case _:
            return 0.0


def _working(
    arrow: Arrow, condition: Condition, detection: float | None, entry: Arrow | None, attempts: int
) -> str:
    if condition.sheds:
        return f"`{arrow.tail}` sheds to `{arrow.head}`: nothing is waited for"
    if detection is None:
        return f"`{arrow.tail}` and its calls become its own time and `{arrow.head}`"
    tries = "" if entry is None or not entry.waits else f", {attempts} attempts,"
    return f"`{arrow.tail}` and its calls become {show_duration(detection)} to notice{tries} and `{arrow.head}`"
