"""Promises that are not about latency, held against their facts."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Promise
from archboard.facts import Fact, Facts, Verdict
from archboard.load import same
from archboard.measures import availability
from archboard.measures.metrics import COST_MONTH, COST_REQUEST, STALENESS, THROUGHPUT
from archboard.measures.study import Study


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
                yield Verdict(flow.name, promise, None, None, f"not judged: {_reason(promise)}")
                continue
            if promise.metric == "throughput":
                ok = promise.holds(fact.value) or same(fact.value, promise.limit)
            else:
                slack = availability.DUST if promise.operator in (">", ">=") else -availability.DUST
                ok = promise.holds(fact.value * (1 + slack))
            yield Verdict(flow.name, promise, fact.value, ok, fact.told)


def _reason(promise: Promise) -> str:
    match promise.metric:
        case "throughput":
            return "no client gives a rate"
        case "cost":
            return "no component has a price" if promise.per == "month" else "no price, or no rate of a client"
        case "staleness":
            return "no step of the flow takes any time"
        case _:
            return f"{promise.metric} is not computed by this version"
