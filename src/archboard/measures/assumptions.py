"""Assumptions: what the numbers took for granted because the design does not say, listed so that none is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component
from archboard.facts import Facts
from archboard.maths.percentiles.correlated import MOST_HOPS
from archboard.measures.analysis import Analysis
from archboard.measures.load.attempts import BALANCED
from archboard.measures.metrics import REPLICAS_NEEDED, STORED
from archboard.measures.models import assumptions as model_assumptions
from archboard.measures.uptime import switch_over
from archboard.measures.uptime.repair import states_uptime
from archboard.units import show_duration, show_fraction, show_number


def measure(analysis: Analysis, facts: Facts) -> Iterator[str]:
    """Yield one sentence per assumption that a number of this design rests on."""
    yield from _latencies(analysis)
    yield from _attempts(analysis)
    yield from _answers(analysis, facts)
    yield from _availability(analysis, facts)
    loaded = [n for n, c in analysis.design.components.items() if c.number("throughput") is not None]
    if loaded:
        yield f"utilisation above {show_fraction(analysis.design.assumptions.utilisation)} is a warning"
    yield from model_assumptions.measure(analysis)
    for fact in facts.of(STORED):
        if fact.value is None:
            yield f"what is kept in {fact.subject} is not worked out: {fact.told}"


def _latencies(analysis: Analysis) -> Iterator[str]:
    """Yield what is taken of times that are not stated whole, and of what waits for them."""
    design = analysis.design
    known = [(name, analysis.times.latency(component)) for name, component in design.components.items()]
    known += [(arrow.id, analysis.times.latency(arrow)) for arrow in design.arrows]
    known = [(name, latency) for name, latency in known if latency is not None and not latency.computed]
    single = [name for name, latency in known if latency is not None and latency.assumed]
    if single:
        yield f"a single latency is its p99, and p99 = {show_number(design.assumptions.tail)} × p50: {_listed(single)}"
    ranges = [n for n, latency in known if n in design.components and latency is not None and latency.is_range]
    if ranges:
        yield f"best..worst latencies are uniform: {_listed(ranges)}"
    served = [n for n, component in design.components.items() if analysis.times.queue(component) is not None]
    if served:
        yield f"requests arrive at random and wait for a free server, first come first served: {_listed(served)}"
    queues = {name: analysis.times.queue(design.components[name]) for name in served}
    at_once = [f"{name} ({queue.batch:,})" for name, queue in queues.items() if queue is not None and queue.batch > 1]
    if at_once:
        yield f"copies come to a queue at once, and share the wait of the first: {_listed(at_once)}"
    hedged = [a.id for a in design.arrows if a.hedge is not None and queues.get(a.head) is not None]
    if hedged:
        yield f"a hedge joins the queue of what it hedges, and waits as long: {_listed(hedged)}"
    for balance, how in BALANCED.items():
        named = [name for name, queue in queues.items() if queue is not None and queue.balance == balance]
        if named:
            yield f"{how}, and nobody changes queues: {_listed(named)}"
    idle = [n for n, c in design.components.items() if c.text("balance") and not analysis.times.serves(n)]
    if idle:
        yield f"a measured latency holds its queue, whatever `balance` says: {_listed(idle)}"
    alike = [name for name, queue in queues.items() if queue is not None and queue.variation is None]
    if alike:
        yield f"a single service time has no stated spread, and its queue is that of exponential ones: {_listed(alike)}"
    single_file = [n for n in served if design.components[n].number("concurrency") is None]
    if single_file:
        yield f"without `concurrency` a replica serves as many at once as its throughput asks: {_listed(single_file)}"


def _attempts(analysis: Analysis) -> Iterator[str]:
    """Yield what is taken of what is tried again."""
    design = analysis.design
    retried = [arrow.id for arrow in design.arrows if analysis.guards.known(arrow) is not None and arrow.waits]
    if retried:
        yield f"attempts are late independently of each other, and a late one is not called off: {_listed(retried)}"
    partial = analysis.guards.partial
    for what in dict.fromkeys(partial.values()):
        yield f"an attempt is {what}: {_listed([name for name, covers in partial.items() if covers == what])}"
    idle = [a.id for a in design.arrows if a.number_of("retries") and a.number_of("timeout") is None]
    if idle:
        yield f"without a timeout nothing is retried on a usual day: {_listed(idle)}"


def _answers(analysis: Analysis, facts: Facts) -> Iterator[str]:
    """Yield what the answers beside the sum take of how hops hang together."""
    if any(verdict.independent is not None for verdict in facts.judged):
        yield "the independent answer takes hops to be slow independently of each other"
    correlation = analysis.design.assumptions.correlation
    if correlation is not None and any(verdict.correlated is not None for verdict in facts.judged):
        tied = f"tied with a correlation of {show_number(correlation)} (Gaussian copula)"
        yield f"hops are {tied} in the correlated answer"
    elif correlation is not None and any(verdict.independent is not None for verdict in facts.judged):
        yield f"the correlated answer is not worked out for more than {MOST_HOPS} hops"


def _availability(analysis: Analysis, facts: Facts) -> Iterator[str]:
    """Yield what is taken of what is up."""
    design = analysis.design
    met: dict[str, None] = {}
    for flow in design.flows:
        if analysis.weights(flow):
            diagram = analysis.needs(flow).diagram
            met.update(dict.fromkeys(name for name in (*diagram.always, *diagram.others) if name in design.components))
    needed = [design.components[name] for name in met if not design.components[name].kind.starts]
    silent = [c.name for c in needed if not states_uptime(c) and not c.flag("down")]
    stated = [c for c in needed if states_uptime(c)]
    if silent:
        yield f"availability is 100% where none is stated: {_listed(silent)}"
    several = [c.name for c in stated if c.replicas.high > 1 and "needs" not in c.settings]
    carrying = [name for name in several if facts.value(REPLICAS_NEEDED, name) is not None]
    if carrying:
        yield f"as many replicas must be up as carry the demand where `needs` is not stated: {_listed(carrying)}"
    if enough := [name for name in several if name not in carrying]:
        yield f"one replica of several is enough where neither `needs` nor a capacity is stated: {_listed(enough)}"
    repaired = dict.fromkeys(switch_over.assuming(analysis, facts))
    repaired.update((c.name, None) for c in stated if "mttr" not in c.settings and _is_half_said(c))
    if repaired:
        takes = show_duration(design.assumptions.mttr)
        yield f"a repair takes {takes} where no `mttr` is stated: {_listed([*repaired])}"
    if stated:
        beta = design.assumptions.common_cause
        alike = f", but {show_fraction(beta)} of a replica's failures take all of its kind at once" if beta else ""
        yield f"components and their replicas fail independently of each other{alike}"


def _is_half_said(component: Component) -> bool:
    """Whether a component says how often it fails, and neither how long that lasts nor how often it is up."""
    said = component.settings
    return "availability" not in said and ("failures" in said) != ("mtbf" in said)


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
