"""Availability: of the replicas of each component together, and of a request of each flow.

A flow's is the probability that its structure holds (see `measures.needs`): what is always needed multiplies, each
component once; what a cache hit, a share or a fallback spares counts only as often as it decides. A month has 730
hours, a year 365 days.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from archboard.design.model import Component, Flow, Promise
from archboard.facts import Fact, Facts, Outage, Verdict
from archboard.maths.diagram import Answer
from archboard.maths.reliability import downtime, error_budget, k_of_n
from archboard.measures.cost import replicas_running
from archboard.measures.metrics import (
    AVAILABILITY,
    CLIENT_RATE,
    DOWNTIME_MONTH,
    DOWNTIME_YEAR,
    ERROR_BUDGET,
    LOST_WHEN_DOWN,
    REPLICAS_NEEDED,
    UNAVAILABILITY_SHARE,
)
from archboard.measures.needs import Needs
from archboard.measures.study import Study
from archboard.units import MONTH, YEAR, show_duration, show_fraction, show_number, show_rate

LISTED = 6
"""Components that a working names."""
NEARLY = 0.99
"""A part of a downtime that is nearly all of it."""
DUST = 1e-12
"""A share of requests too small to be more than rounding."""


@dataclass(frozen=True, slots=True)
class Running:
    """The replicas of a component: `count` run, `needed` of them must be up, each is up with probability `each`."""

    count: int
    needed: int
    each: float
    common_cause: float

    @property
    def together(self) -> float:
        """The availability of all of them together."""
        return k_of_n(self.count, self.needed, self.each, self.common_cause)


def running(study: Study, facts: Facts, component: Component) -> Running:
    """Return what runs of a component; of a range of replicas, what the demand needs."""
    count = replicas_running(component, facts.value(REPLICAS_NEEDED, component.name))
    stated = component.number("availability")
    each = 0.0 if component.flag("down") else 1.0 if stated is None else stated
    needed = component.number("needs") or 1.0
    return Running(math.floor(count), math.ceil(needed), each, study.design.assumptions.common_cause or 0.0)


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield availability and downtime of components and flows that state or promise one, and who is to blame."""
    known: dict[str, float] = {}
    stated: set[str] = set()
    for name, component in study.design.components.items():
        replicas = running(study, facts, component)
        known[name] = replicas.together
        if known[name] < 1 or "availability" in component.settings:
            stated.add(name)
            yield from _both(name, known[name], _own_working(study, facts, component, replicas))
    shares: dict[str, Fact] = {}
    losses: dict[str, Fact] = {}
    for flow in study.design.flows:
        if not study.weights(flow):
            continue
        needs = study.needs(flow)
        answer = needs.diagram.answer({**needs.luck, **known})
        if availability_promises(flow) or any(name in stated for name in answer.slopes):
            yield from _both(flow.name, answer.value, _working(needs, answer, known))
            yield from _budget(facts, flow, answer.value)
        for outage in _outages(needs, flow, known, answer):
            name = outage.component
            down, needed = show_fraction(1.0 - known[name]), show_fraction(answer.slopes[name])
            working = f"down {down} × {needed} of requests of `{flow.name}` that then fail ÷ {_down(answer)} that fail"
            _keep_larger(shares, Fact(UNAVAILABILITY_SHARE, name, outage.share, working))
            working = f"of the requests of `{flow.name}`, all else being up"
            _keep_larger(losses, Fact(LOST_WHEN_DOWN, name, outage.lost, working))
    for found in (shares, losses):
        yield from (found[name] for name in study.design.components if name in found)


def _keep_larger(found: dict[str, Fact], fact: Fact) -> None:
    """Keep of each component the fact of the flow that it concerns most."""
    kept = found.get(fact.subject)
    if (fact.value or 0.0) > (DUST if kept is None else kept.value or 0.0):
        found[fact.subject] = fact


def _down(answer: Answer) -> str:
    return show_fraction(1.0 - answer.value)


def _both(subject: str, available: float, working: str) -> Iterator[Fact]:
    """Yield an availability and the downtimes it comes to."""
    yield Fact(AVAILABILITY, subject, available, working)
    down = show_fraction(1.0 - available)
    yield Fact(DOWNTIME_MONTH, subject, downtime(available, MONTH), f"{down} of 730 h")
    yield Fact(DOWNTIME_YEAR, subject, downtime(available, YEAR), f"{down} of 365 days")


def _own_working(study: Study, facts: Facts, component: Component, replicas: Running) -> str:
    if component.flag("down"):
        return f"`{component.name}` is down"
    count, needed = replicas.count, replicas.needed
    each = show_fraction(replicas.each)
    ranged = component.replicas.low != component.replicas.high
    why = f", what the demand needs of {component.replicas.low:,.0f}..{component.replicas.high:,.0f}" if ranged else ""
    if needed > count:
        return f"{needed:,} must be up and only {count:,} run{'s' if count == 1 else ''}{why}"
    if count == 1:
        return f"one replica of {each}{why}"
    together = f"all {count:,}" if needed == count else f"{needed:,} of {count:,}"
    beta = replicas.common_cause
    alike = f"; {show_fraction(beta)} of what fails takes all at once" if beta else ""
    return f"{together} replicas of {each} must be up{why}{alike}"


def _working(needs: Needs, answer: Answer, known: Mapping[str, float]) -> str:
    """Return what is always needed as a product, the worst first, and what the rest comes to."""
    always = sorted((name for name in needs.diagram.always if known.get(name, 1.0) < 1), key=known.__getitem__)
    deciding = (name for name in needs.diagram.others if known.get(name, 1.0) < 1 and answer.slopes.get(name))
    others = sorted(dict.fromkeys(deciding), key=lambda name: -(1 - known[name]) * answer.slopes[name])
    factors = [f"{name} {show_fraction(known[name])}" for name in always[:LISTED]]
    if len(always) > LISTED:
        rest = math.prod(known[name] for name in always[LISTED:])
        factors.append(f"{len(always) - LISTED} more {show_fraction(rest)}")
    product = math.prod(known[name] for name in always)
    if others:
        named = ", ".join(others[:LISTED]) + (f" and {len(others) - LISTED} more" if len(others) > LISTED else "")
        left = show_fraction(answer.value / product) if product > 0 else "the rest"
        factors.append(f"{left} for what only some requests need or something else can answer ({named})")
    if not factors:
        return "nothing that a request needs states less than 100%"
    least = "" if answer.exact and not needs.unlucky else "at least "
    return f"{least}{show_fraction(answer.value)} = {' × '.join(factors)}"


def _budget(facts: Facts, flow: Flow, available: float) -> Iterator[Fact]:
    """Yield how many requests a month may fail under the promise, or do fail where nothing is promised."""
    rate = facts.value(CLIENT_RATE, flow.name)
    if not rate:
        return
    requests = rate * MONTH
    failing = show_number(error_budget(available, requests))
    promised = max((promise.limit for promise in availability_promises(flow)), default=None)
    per_month = f"{show_rate(rate)} × 730 h"
    if promised is None:
        working = f"nothing is promised; {show_fraction(1 - available)} of {per_month} do fail"
        yield Fact(ERROR_BUDGET, flow.name, error_budget(available, requests), working)
        return
    working = f"{show_fraction(1 - promised)} of {per_month} may fail under the promise of {show_fraction(promised)}"
    yield Fact(ERROR_BUDGET, flow.name, error_budget(promised, requests), f"{working}; {failing} do")


def availability_promises(flow: Flow) -> tuple[Promise, ...]:
    """Return what a flow promises of its availability."""
    return tuple(promise for promise in flow.promises if promise.metric == "availability")


def known_availabilities(study: Study, facts: Facts) -> dict[str, float]:
    """Return the availability of every component; 1 where it states none."""
    found = {name: facts.value(AVAILABILITY, name) for name in study.design.components}
    return {name: 1.0 if value is None else value for name, value in found.items()}


def outages(study: Study, facts: Facts) -> Iterator[Outage]:
    """Yield what each component does to the availability of each flow, the largest part of its downtime first."""
    known = known_availabilities(study, facts)
    for flow in study.design.flows:
        if study.weights(flow):
            needs = study.needs(flow)
            answer = needs.diagram.answer({**needs.luck, **known})
            yield from sorted(_outages(needs, flow, known, answer), key=lambda outage: -outage.seconds)


def _outages(needs: Needs, flow: Flow, known: Mapping[str, float], answer: Answer) -> Iterator[Outage]:
    decides = needs.diagram.answer({**needs.luck, **dict.fromkeys(known, 1.0)}).slopes
    down = 1.0 - answer.value
    for name, slope in answer.slopes.items():
        component = needs.graph.design.components.get(name)
        if component is not None and (not component.kind.asks or "availability" in component.settings):
            gained = max(0.0, (1.0 - known[name]) * slope)
            lost = decides.get(name, 0.0)
            if gained > 0 or lost > DUST:
                yield Outage(flow.name, name, gained * MONTH, gained / down if down > 0 else 0.0, lost)


def judged(study: Study, facts: Facts, flow: Flow, promise: Promise) -> Verdict:
    """Hold an availability promise against the flow; not judged where only a bracket is known that holds the limit."""
    fact = facts.get(AVAILABILITY, flow.name)
    if fact is None or fact.value is None:
        return Verdict(flow.name, promise, None, None, "not judged: nothing starts this flow")
    needs = study.needs(flow)
    answer = needs.diagram.answer({**needs.luck, **known_availabilities(study, facts)})
    high = 1.0 if needs.unlucky else answer.high
    low_holds, high_holds = promise.holds(answer.low * (1 + 1e-12)), promise.holds(high * (1 + 1e-12))
    if low_holds != high_holds:
        reason = f"somewhere from {show_fraction(answer.low)} to {show_fraction(high)}: too many parts are shared"
        return Verdict(flow.name, promise, None, None, f"not judged: {reason}", bracket=(answer.low, high))
    allowed = "" if low_holds else f" where {show_duration(downtime(promise.limit, MONTH))} may be"
    return Verdict(flow.name, promise, fact.value, low_holds, _remark(facts, flow, answer.value, allowed))


def _remark(facts: Facts, flow: Flow, available: float, allowed: str) -> str:
    """Return what an availability means, and who is most to blame."""
    down = f"{show_duration(downtime(available, MONTH))} down a month{allowed}"
    shares = {outage.component: outage.share for outage in facts.outages if outage.flow == flow.name}
    name = max(shares, key=shares.__getitem__, default="")
    if available >= 1:
        return "nothing that a request needs is ever down, as far as is stated"
    if not name:
        return down
    part = "nearly all" if shares[name] > NEARLY else show_fraction(round(shares[name], 3))
    return f"{down}, {part} of it by `{name}`"
