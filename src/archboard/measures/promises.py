"""Promises that are not about latency, held against their facts."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Fact, Facts, Judged, Reason, Unjudged, Verdict, Why
from archboard.measures import availability
from archboard.measures.metrics import COST_MONTH, COST_REQUEST, STALENESS, THROUGHPUT
from archboard.measures.study import TOLERANCE, Study


def measure(study: Study, facts: Facts) -> Iterator[Verdict]:
    """Yield a verdict for every throughput, availability, cost and staleness promise of every flow."""
    for flow in study.design.flows:
        for promise in flow.promises:
            if promise.is_timed:
                continue
            if promise.metric == "availability":
                yield availability.judged(study, facts, flow, promise)
                continue
            fact: Fact | None = None
            match promise.metric:
                case "throughput":
                    fact = facts.get(THROUGHPUT, flow.name)
                case "cost" if promise.per == "request":
                    fact = facts.get(COST_REQUEST, flow.name)
                case "cost":
                    fact = facts.get(COST_MONTH, study.design.name)
                case "staleness":
                    fact = facts.get(STALENESS, flow.name)
            if fact is None or fact.value is None:
                yield Unjudged(flow.name, promise, Reason(Why.NO_NUMBER))
                continue
            slack = TOLERANCE if promise.metric == "throughput" else 1e-12
            allowed = fact.value * (1 + slack) if promise.operator in (">", ">=") else fact.value * (1 - slack)
            yield Judged(flow.name, promise, fact.value, promise.holds(allowed), fact.working)
