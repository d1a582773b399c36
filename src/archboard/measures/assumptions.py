"""Assumptions: what the numbers took for granted because the design does not say, listed so that none is hidden.

The rows of the table are in the catalogue; here is found whom of a design each concerns. What the design states is
taken for granted no longer, be it the default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from archboard.catalog.promises import COST
from archboard.conditions import Taken
from archboard.design.model import Arrow, ArrowKind, Component
from archboard.facts import Facts
from archboard.maths.percentiles.correlated import MOST_HOPS
from archboard.measures.analysis import Analysis
from archboard.measures.load.attempts import BALANCED
from archboard.measures.metrics import COST_MONTH, EGRESS, REPLICAS_NEEDED, STORED
from archboard.measures.models import assumptions as model_assumptions
from archboard.measures.uptime import switch_over
from archboard.measures.uptime.repair import states_uptime
from archboard.units import show_duration, show_fraction, show_number


def measure(analysis: Analysis, facts: Facts) -> Iterator[Taken]:
    """Yield each assumption that a number of this design rests on, with those whom it concerns."""
    yield from _latencies(analysis, facts)
    yield from _queues(analysis)
    yield from _attempts(analysis)
    yield from _answers(analysis, facts)
    yield from _availability(analysis, facts)
    yield from _bills(analysis, facts)
    assumed = analysis.design.assumptions
    loaded = [c for c in analysis.design.components.values() if c.number("throughput") is not None]
    if loaded and not assumed.states("utilisation"):
        scaling = (c.name for c in loaded if c.replicas.low != c.replicas.high)
        yield Taken("utilisation", show_fraction(assumed.utilisation), tuple(scaling))
    yield from model_assumptions.measure(analysis)
    yield from _kept(facts)


def _of(name: str, subjects: Iterable[str], value: str = "") -> Iterator[Taken]:
    """Yield an assumption where it concerns anyone."""
    named = tuple(subjects)
    if named:
        yield Taken(name, value, named)


def _latencies(analysis: Analysis, facts: Facts) -> Iterator[Taken]:
    """Yield what is taken of times that are not stated whole, or not at all."""
    design, assumed = analysis.design, analysis.design.assumptions
    every: list[tuple[str, Component | Arrow]] = [*design.components.items(), *((a.id, a) for a in design.arrows)]
    known = [(name, analysis.times.latency(subject)) for name, subject in every]
    stated = [(name, latency) for name, latency in known if latency is not None and not latency.computed]
    if not assumed.states("tail"):
        single = (name for name, latency in stated if latency.assumed and latency.percentiles[0][1] > 0)
        yield from _of("tail", single, show_number(assumed.tail))
    yield from _of("uniform", (n for n, latency in stated if n in design.components and latency.is_range))
    timed = [flow for flow in design.flows if any(promise.is_timed for promise in flow.promises)]
    waited = (ArrowKind.REQUEST, ArrowKind.CALL)
    if not assumed.states("hop"):
        silent = (a.id for flow in timed for a in flow.arrows if a.kind in waited and a.latency is None)
        yield from _of("hop", dict.fromkeys(silent))
    failing = (a for flow in timed for a in flow.failures if a.condition is not None and not a.condition.sheds)
    heads = [design.components[arrow.head] for arrow in failing]
    yield from _of("fallback time", dict.fromkeys(c.name for c in heads if c.kind.stands_in and c.latency is None))


def _queues(analysis: Analysis) -> Iterator[Taken]:
    """Yield what is taken of those that wait for a server."""
    design = analysis.design
    found = ((name, analysis.times.queue(component)) for name, component in design.components.items())
    queues = {name: queue for name, queue in found if queue is not None}
    yield from _of("arrivals", queues)
    yield from _of("full queue", (f"{n} ({q.places:,})" for n, q in queues.items() if q.places is not None))
    yield from _of("copies at once", (f"{name} ({q.batch:,})" for name, q in queues.items() if q.batch > 1))
    yield from _of("hedge", (a.id for a in design.arrows if a.hedge is not None and a.head in queues))
    for balance, how in BALANCED.items():
        yield from _of("balanced", (name for name, queue in queues.items() if queue.balance == balance), how)
    if not design.assumptions.states("balance"):
        several = (design.components[n] for n in queues if design.components[n].replicas.high > 1)
        yield from _of("balance", (c.name for c in several if not c.text("balance")))
    measured = (n for n, c in design.components.items() if c.text("balance") and not analysis.times.serves(n))
    yield from _of("measured", measured)
    yield from _of("memoryless", (name for name, queue in queues.items() if queue.variation is None))
    yield from _of("concurrency", (n for n in queues if design.components[n].number("concurrency") is None))


def _attempts(analysis: Analysis) -> Iterator[Taken]:
    """Yield what is taken of what is tried again."""
    arrows, partial = analysis.design.arrows, analysis.guards.partial
    yield from _of("attempts", (a.id for a in arrows if analysis.guards.known(a) is not None and a.waits))
    for what in dict.fromkeys(partial.values()):
        yield from _of("attempt", (name for name, covers in partial.items() if covers == what), what)
    yield from _of("errors", (name for name, c in analysis.design.components.items() if c.number("errors")))
    plain = (a for a in arrows if a.number_of("retries") and a.number_of("timeout") is None)
    yield from _of("untried", (a.id for a in plain if (g := analysis.guards.known(a)) is None or g.erring <= 0))


def _answers(analysis: Analysis, facts: Facts) -> Iterator[Taken]:
    """Yield what the answers beside the sum take of how hops hang together."""
    independent = any(verdict.independent is not None for verdict in facts.judged)
    if independent:
        yield Taken("independence")
    correlation = analysis.design.assumptions.correlation
    if correlation is not None and any(verdict.correlated is not None for verdict in facts.judged):
        yield Taken("copula", show_number(correlation))
    elif correlation is not None and independent:
        yield Taken("tied", str(MOST_HOPS))


def _availability(analysis: Analysis, facts: Facts) -> Iterator[Taken]:
    """Yield what is taken of what is up."""
    design, assumed = analysis.design, analysis.design.assumptions
    met: dict[str, None] = {}
    for flow in design.flows:
        if analysis.weights(flow):
            diagram = analysis.needs(flow).diagram
            met.update(dict.fromkeys(name for name in (*diagram.always, *diagram.others) if name in design.components))
    needed = [design.components[name] for name in met if not design.components[name].kind.starts]
    if not assumed.states("availability"):
        yield from _of("availability", (c.name for c in needed if not states_uptime(c) and not c.flag("down")))
    stated = [c for c in needed if states_uptime(c)]
    several = [c.name for c in stated if c.replicas.high > 1 and "needs" not in c.settings]
    carrying = [name for name in several if facts.value(REPLICAS_NEEDED, name) is not None]
    yield from _of("needs by load", carrying)
    yield from _of("needs", (name for name in several if name not in carrying))
    if not assumed.states("mttr"):
        repaired = dict.fromkeys(switch_over.assuming(analysis, facts))
        repaired.update((c.name, None) for c in stated if "mttr" not in c.settings and _is_half_said(c))
        yield from _of("mttr", repaired, show_duration(assumed.mttr))
    if stated and assumed.common_cause:
        yield Taken("failures", show_fraction(assumed.common_cause))
    elif stated and not assumed.states("common_cause"):
        yield Taken("common cause", subjects=tuple(c.name for c in stated if c.replicas.high > 1))


def _is_half_said(component: Component) -> bool:
    """Whether a component says how often it fails, and neither how long that lasts nor how often it is up."""
    said = component.settings
    return "availability" not in said and ("failures" in said) != ("mtbf" in said)


def _bills(analysis: Analysis, facts: Facts) -> Iterator[Taken]:
    """Yield what costs nothing because nobody says its price, where a cost is promised."""
    design = analysis.design
    if not any(promise.kind is COST for flow in design.flows for promise in flow.promises):
        return
    if design.assumptions.storage is None:
        yield from _of("storage", (fact.subject for fact in facts.of(STORED) if fact.value))
    if design.assumptions.egress is None:
        yield from _of("egress", (fact.subject for fact in facts.of(EGRESS) if fact.value))
    paid = {fact.subject for fact in facts.of(COST_MONTH)}
    ours = [c for c in design.components.values() if not c.kind.starts and "price" not in c.settings]
    yield from _of("price", (c.name for c in ours if c.name not in paid and facts.value("demand", c.name)))


def _kept(facts: Facts) -> Iterator[Taken]:
    for fact in facts.of(STORED):
        if fact.value is None:
            yield Taken("kept", fact.told, (fact.subject,))
