"""Promises that are not about time, held against the facts that their rows name; and the facts that some rows bring."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import AVAILABILITY, COST, PROMISES, STALENESS, THROUGHPUT, Run, Running
from archboard.design.model import Flow, Promise
from archboard.facts import Fact, Facts, whole
from archboard.load import same
from archboard.measures import cost
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import CLIENT_RATE, OWN
from archboard.measures.staleness import unsaid
from archboard.measures.uptime import availability
from archboard.verdicts import Judged, Reason, Unjudged, Verdict, Why
from archboard.working import Unknown


def own(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield what the measures find that promises bring along, where they are promised."""
    wanted = [promise.kind for flow in analysis.design.flows for promise in flow.promises]
    for kind in PROMISES:
        if kind.measure is not None and kind in wanted:
            for reading in kind.measure(_running(analysis, facts)):
                yield Fact(OWN[reading.metric], reading.subject, reading.working)


def _running(analysis: Analysis, facts: Facts) -> Running:
    runs = []
    for name, component in analysis.design.components.items():
        numbers = {setting: component.number(setting) for setting in component.settings}
        known = {setting: number for setting, number in numbers.items() if number is not None}
        replicas = facts.running.get(name, component.replicas.high)
        runs.append(Run(name, component.kind.name, replicas, known))
    rates = {fact.subject: fact.value for fact in facts.of(CLIENT_RATE) if fact.value}
    return Running(whole(analysis.design), tuple(runs), rates)


def _unknown(analysis: Analysis, facts: Facts, flow: Flow, promise: Promise) -> Reason:
    """Return why there is no number that a promise could be held against."""
    silent = unsaid(analysis.design, flow) if promise.kind is STALENESS else ()
    unpriced = cost.unpriced(analysis, facts) if promise.kind is COST else None
    if unpriced is not None:
        return unpriced
    return Reason(Why.NO_PERIOD, silent[0]) if silent else Reason(Why.NO_NUMBER)


def measure(analysis: Analysis, facts: Facts) -> Iterator[Verdict]:
    """Yield a verdict for every promise of every flow that is not of how long its requests take."""
    for flow in analysis.design.flows:
        for promise in flow.promises:
            kind = promise.kind
            if kind.of_times:
                continue
            if kind is AVAILABILITY:
                yield availability.judged(analysis, facts, flow, promise)
                continue
            held = kind.against(promise.per)
            fact = (
                cost.bill_of(facts, analysis.design, flow.name, held.metric)
                if kind is COST
                else facts.get(held.metric, whole(analysis.design) if held.whole else flow.name)
            )
            if fact is None or fact.value is None:
                yield Unjudged(flow.name, promise, _unknown(analysis, facts, flow, promise))
                continue
            if kind is THROUGHPUT:
                ok = promise.holds(fact.value) or same(fact.value, promise.limit)
            else:
                slack = kind.slack if promise.operator in (">", ">=") else -kind.slack
                ok = promise.holds(fact.value * (1 + slack))
            assert not isinstance(fact.working, Unknown)
            yield Judged(flow.name, promise, fact.value, ok, fact.working)
