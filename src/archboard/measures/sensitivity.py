"""Sensitivities: what a little more effort buys where. Worked out when asked for, not at every check.

For each latency promise, what each of its hops 10% faster would take off the sum and off the independent answer; for
each cache, what a point of its hit ratio is to the demand behind it; and what fills up first as the clients send more.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.edits import with_value
from archboard.design.model import Design, Flow, Promise
from archboard.design.targets import component_setting
from archboard.facts import Fact, Facts, tidy
from archboard.load import same
from archboard.maths.network import Hop, Network
from archboard.measures.analysis import Analysis
from archboard.measures.latency import foremost, network_for, promised
from archboard.measures.metrics import SATURATES_AT, UTILISATION
from archboard.records import record
from archboard.verdicts import Judged, Unjudged

FASTER = 0.9
"""What is left of a hop's time where it is 10% faster."""
POINT = 0.01
MOST = 60
"""Hops of a flow that are tried, those with the longest times first."""


Foremost = tuple[float | None, float | None]
"""A sum and an independent answer."""


@record
class Gain:
    """What one component or hop 10% faster takes off one promise's answers, seconds."""

    subject: str
    is_hop: bool
    seconds: float
    sum: float
    independent: float


@record
class PromiseGains:
    """One latency promise with what its hops would buy, the most first; `unjudged` says why there is none."""

    flow: str
    promise: Promise
    sum: float | None
    independent: float | None
    gains: tuple[Gain, ...]
    left_out: int = 0
    unjudged: Unjudged | None = None


@record
class HitPoint:
    """What one point of a cache's hit ratio is to what is behind it, the fullest first: rates before and after.

    The ratio falls from `before` to `after`; a cache that hits less than a point rises instead.
    """

    cache: str
    before: float
    after: float
    demands: tuple[tuple[str, float, float], ...]


@record
class Sensitivities:
    """What a design's numbers hang on; `saturation` is the client rate at which each component is full, least first."""

    promises: tuple[PromiseGains, ...]
    hits: tuple[HitPoint, ...]
    saturation: tuple[Fact, ...]


def sensitivities(design: Design, facts: Facts) -> Sensitivities:
    """Return what the numbers of a design hang on."""
    analysis = Analysis(design)
    found = [fact for fact in facts.of(SATURATES_AT) if fact.value is not None]
    return Sensitivities(
        tuple(_gains(analysis, facts, flow, promise) for flow in design.flows for promise in promised(flow)),
        tuple(_hits(analysis, facts)),
        tuple(sorted(found, key=lambda fact: fact.value or 0.0)),
    )


def _gains(analysis: Analysis, facts: Facts, flow: Flow, promise: Promise) -> PromiseGains:
    verdict = next(v for v in facts.verdicts if v.flow == flow.name and v.promise is promise)
    network = network_for(analysis, flow, promise)
    if network is None or not isinstance(verdict, Judged):
        unjudged = verdict if isinstance(verdict, Unjudged) else None
        return PromiseGains(flow.name, promise, None, None, (), unjudged=unjudged)
    usual = foremost(network, promise, analysis.transforms)
    names = _longest(network, promise)
    found = [
        Gain(name, name not in analysis.design.components, seconds, *_saved(analysis, network, promise, name, usual))
        for name, seconds in names[:MOST]
    ]
    found.sort(key=lambda gain: (-gain.sum, -gain.independent))
    return PromiseGains(
        flow.name, promise, *usual, tuple(found), left_out=max(0, len(names) - MOST)
    )


def _longest(network: Network, promise: Promise) -> list[tuple[str, float]]:
    """Return the components and hops that take time, with their seconds at the promised percentile, longest first."""
    q = promise.fraction
    found: dict[str, float] = {}
    for node in network.nodes:
        if isinstance(node, Hop):
            time = node.distribution
            longest = time.support[1] if promise.metric == "max" else time.mean() if q is None else time.quantile(q)
            found[node.name] = max(found.get(node.name, 0.0), tidy(longest))
    return sorted(((name, seconds) for name, seconds in found.items() if seconds > 0), key=lambda pair: -pair[1])


def _saved(analysis: Analysis, network: Network, promise: Promise, name: str, usual: Foremost) -> tuple[float, float]:
    nodes = tuple(
        Hop(node.distribution.scaled(FASTER), node.name) if isinstance(node, Hop) and node.name == name else node
        for node in network.nodes
    )
    faster = foremost(Network(nodes, network.root), promise, analysis.transforms)
    pairs = zip(usual, faster, strict=True)
    saved = [tidy(before - after) if before is not None and after is not None else 0.0 for before, after in pairs]
    return max(0.0, saved[0]), max(0.0, saved[1])


def _hits(analysis: Analysis, facts: Facts) -> Iterator[HitPoint]:
    usual = analysis.loads.demand
    for name, component in analysis.design.components.items():
        hit = component.number("hit")
        if hit is None or usual.get(name, 0.0) <= 0:
            continue
        other = tidy(hit - POINT if hit >= POINT else hit + POINT)
        ratio = component_setting(name, component.kind.name, "hit")
        demand = Analysis(with_value(analysis.design, ratio, other)).loads.demand
        changed = [
            (subject, rate, demand.get(subject, 0.0))
            for subject, rate in usual.items()
            if not same(demand.get(subject, 0.0), rate)
        ]
        changed.sort(key=lambda move: -(facts.value(UTILISATION, move[0]) or 0.0))
        yield HitPoint(name, hit, other, tuple(changed))
