"""Availability: of the replicas of each component together, and of a request of each flow.

A flow's is the probability that its structure holds (see `measures.needs`): what is always needed multiplies, each
component once; what a cache hit, a share or a fallback spares counts only as often as it decides. A month has 730
hours, a year 365 days.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping, Sequence

from archboard.catalog import promises
from archboard.design.model import Component, Flow, Promise
from archboard.facts import Fact, Facts, Outage
from archboard.maths.reliability.decision_diagram import Answer
from archboard.maths.reliability.replicas import downtime, error_budget, k_of_n
from archboard.measures.analysis import Analysis
from archboard.measures.cost import running_of
from archboard.measures.metrics import (
    AVAILABILITY,
    CLIENT_RATE,
    DOWNTIME_MONTH,
    DOWNTIME_YEAR,
    ERROR_BUDGET,
    LOST_TO_ERRORS,
    LOST_WHEN_DOWN,
    NEEDS,
    NEEDS_FAILING,
    SERVED_IN_FULL,
    UNAVAILABILITY_SHARE,
)
from archboard.measures.terms import A_MONTH, assumed, exactly, found, known, stated
from archboard.measures.uptime import repair, switch_over, unanswered
from archboard.measures.uptime.lateness import DUST
from archboard.measures.uptime.levels import Level
from archboard.measures.uptime.more_needed import more_needed
from archboard.measures.uptime.needed import by_load
from archboard.measures.uptime.repair import states_uptime
from archboard.measures.uptime.replicas import Running, chances, running
from archboard.measures.uptime.structure import Needs
from archboard.records import replace
from archboard.units import MONTH, YEAR, Dimension, show_apart, show_duration, show_fraction, show_number, show_rate
from archboard.verdicts import Judged, Reason, Unjudged, Verdict, Why
from archboard.working import TIMES, Calculation, Operator, Term, Unknown, Working, product, quotient, rest

LISTED = 6
"""Components that a working names."""
HARDLY = 1e-9
"""A share of requests that nobody would notice: the luck of two things that hardly ever happen."""
NEARLY = 0.99
"""A part of a downtime that is nearly all of it."""
STRUCTURE = "the structure of what a request needs"
K_OF_N = Operator(
    "k of n", lambda count, needed, each, beta: k_of_n(int(count), int(needed), each, beta),
    lambda texts: ", ".join(texts),
)  # fmt: skip


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield availability and downtime of components and flows that state or promise one, and who is to blame."""
    yield from repair.measure(analysis)
    analysis.levels = more_needed(analysis)
    runs = {name: running(analysis, facts, component) for name, component in analysis.design.components.items()}
    up = {name: replicas.together for name, replicas in runs.items()}
    spoken = [n for n, c in analysis.design.components.items() if up[n] < 1 or states_uptime(c) or n in analysis.levels]
    for name in spoken:
        yield from _of_component(analysis, facts, runs[name])
    shares: dict[str, Fact] = {}
    losses: dict[str, Fact] = {}
    for flow in analysis.design.flows:
        if not analysis.weights(flow):
            continue
        needs, full = analysis.needs(flow), analysis.needs(flow, full=True)
        for structure in (needs, full):
            switch_over.set_luck(analysis, flow, structure, runs)
            for name, levels in analysis.levels.items():
                structure.luck.update(chances(levels, runs[name]))
        answer = needs.diagram.answer({**needs.luck, **up})
        lost = tuple(unanswered.measure(facts, flow, needs, answer))
        yield from lost
        yield from switch_over.measure(analysis, flow, needs, answer, runs)
        if _promises_any(flow) or lost or any(name in spoken for name in answer.slopes):
            yield from _both(Fact(AVAILABILITY, flow.name, _working(needs, answer, up)))
            whole = answer if full is needs else full.diagram.answer({**full.luck, **up})
            yield Fact(SERVED_IN_FULL, flow.name, _working(full, whole, up))
            yield from _budget(facts, flow, answer.value)
        for outage in _outages(needs, flow, up, answer):
            blame = _blame(flow, outage, up, answer, needs.levels)
            _keep_larger(shares, Fact(UNAVAILABILITY_SHARE, outage.component, blame))
            alone = f"of the requests of `{flow.name}`, all else being up"
            gone = found(outage.lost, Dimension.FRACTION, STRUCTURE, alone=alone)
            _keep_larger(losses, Fact(LOST_WHEN_DOWN, outage.component, gone))
    for kept in (shares, losses):
        yield from (kept[name] for name in analysis.design.components if name in kept)


def _of_component(analysis: Analysis, facts: Facts, replicas: Running) -> Iterator[Fact]:
    """Yield how many replicas of a component must be up, on a usual day and at most, and how often they are."""
    name = replicas.component.name
    yield Fact(NEEDS, name, replicas.must)
    if name in analysis.levels:
        yield _needs_failing(name, analysis.levels[name][-1])
    yield from _both(Fact(AVAILABILITY, name, _own_working(analysis, facts, replicas.component, replicas)))


def _keep_larger(kept: dict[str, Fact], fact: Fact) -> None:
    """Keep of each component the fact of the flow that it concerns most."""
    before = kept.get(fact.subject)
    if (fact.value or 0.0) > (0.0 if before is None else before.value or 0.0):
        kept[fact.subject] = fact


def _blame(
    flow: Flow, outage: Outage, up: Mapping[str, float], answer: Answer, levels: Collection[str]
) -> Working:
    """Return a component's part of a flow's downtime."""
    name, down = outage.component, 1.0 - answer.value
    if down <= 0:
        return found(outage.share, Dimension.FRACTION, STRUCTURE, alone="nothing fails")
    if name in levels:
        alone = "of what fails would be answered were there always as many up as each moment needs"
        return found(outage.share, Dimension.FRACTION, STRUCTURE, alone=alone)
    own = rest(Term(up[name], Dimension.FRACTION, fact=(AVAILABILITY.name, name)))
    off = Term(own.value, Dimension.FRACTION, of=own, text=f"down {own.shown}")
    fail = f"of requests of `{flow.name}` that then fail"
    deciding = found(answer.slopes[name], Dimension.FRACTION, STRUCTURE, fail)
    whole = rest(Term(answer.value, Dimension.FRACTION, fact=(AVAILABILITY.name, flow.name)))
    failing = Term(down, Dimension.FRACTION, "that fail", of=whole)
    return quotient(Dimension.FRACTION, product(Dimension.FRACTION, off, deciding), failing)


def _both(availability: Fact) -> Iterator[Fact]:
    """Yield an availability and the downtimes it comes to."""
    yield availability
    up = known(availability)
    down = Term(1.0 - up.value, Dimension.FRACTION, of=rest(up))
    for metric, window, text in ((DOWNTIME_MONTH, MONTH, "730 h"), (DOWNTIME_YEAR, YEAR, "365 days")):
        of = exactly(window, Dimension.DURATION, text)
        yield Fact(metric, availability.subject, product(Dimension.DURATION, down, of))


def _own_working(analysis: Analysis, facts: Facts, component: Component, replicas: Running) -> Working:
    if component.flag("down"):
        return stated(component, "down", 0.0, Dimension.FRACTION, alone=f"`{component.name}` is down")
    count, needed = replicas.count, replicas.needed
    words = _needed(component, replicas, analysis.levels.get(component.name, ()))
    if count == needed == 1:
        return replace(replicas.up, alone=words) if isinstance(replicas.up, Term) else replicas.up
    parts = (
        replace(running_of(component, facts), value=float(count)),
        Term(float(needed), Dimension.COUNT, fact=(NEEDS.name, component.name)),
        replicas.up,
        assumed(analysis.design.assumptions, "common_cause", value=replicas.common_cause),
    )
    return Calculation(K_OF_N, parts, Dimension.FRACTION, text=words, value=replicas.together)


def _needs_failing(name: str, level: Level) -> Fact:
    """Return how many replicas of a component must be up in the moment that needs most."""
    if not math.isfinite(level.needed):
        return Fact(NEEDS_FAILING, name, Unknown(f"{_while_down(level)} no number of them carries what comes"))
    come = f"{show_rate(level.demand)} come {_while_down(level)}"
    return Fact(NEEDS_FAILING, name, found(level.needed, Dimension.COUNT, "the loads of that moment", alone=come))


def _while_down(level: Level) -> str:
    """Return when so many are needed, in words."""
    return "while " + " and ".join(f"`{group[0]}`" for group in level.while_down) + " is down"


def _needed(component: Component, replicas: Running, levels: Sequence[Level] = ()) -> str:
    """Return how many of a component's replicas must be up, in words, on a usual day and when most of them must."""
    usual = _needed_usually(component, replicas)
    if not levels:
        return usual
    most, when = levels[-1], _while_down(levels[-1])
    if most.needed > max(most.count, replicas.count):
        return f"{usual}; {when} it carries nothing of the {show_rate(most.demand)} that come"
    return f"{usual}; {when} {most.needed:,.0f} must"


def _needed_usually(component: Component, replicas: Running) -> str:
    """Return how many of a component's replicas must be up, in words."""
    count, needed = replicas.count, replicas.needed
    each = show_fraction(replicas.each)
    ranged = component.replicas.low != component.replicas.high
    why = f", what the demand needs of {component.replicas.low:,.0f}..{component.replicas.high:,.0f}" if ranged else ""
    if needed > count:
        return f"{needed:,} must be up and only {count:,} run{'s' if count == 1 else ''}{why}"
    if count == 1:
        return f"one replica of {each}{why}"
    together = f"all {count:,}" if needed == count else f"{needed:,} of {count:,}"
    load = f" to carry what comes ({replicas.must})" if by_load(replicas.must) and needed > 1 else ""
    none = ", and none is spare" if needed == count else ""
    beta = replicas.common_cause
    alike = f"; {show_fraction(beta)} of what fails takes all at once" if beta else ""
    return f"{together} replicas of {each} must be up{load}{none}{why}{alike}"


def _working(needs: Needs, answer: Answer, up: Mapping[str, float]) -> Working:
    """Return what is always needed as a product, the worst first, and what the rest comes to."""
    always = sorted((name for name in needs.diagram.always if up.get(name, 1.0) < 1), key=up.__getitem__)
    deciding = (name for name in needs.diagram.others if up.get(name, 1.0) < 1 and answer.slopes.get(name))
    others = sorted(dict.fromkeys(deciding), key=lambda name: -(1 - up[name]) * answer.slopes[name])
    punctual = ((name, subject) for name, subject in needs.punctual.items() if name in needs.diagram.always)
    kept = {(subject, name in needs.faults, name in needs.refusals): name for name, subject in punctual}
    factors = [_in_time(needs, name) for name in kept.values()][:LISTED]
    factors += [_up(name, up[name]) for name in always[:LISTED]]
    if len(always) > LISTED:
        more = product(Dimension.FRACTION, *(_up(name, up[name]) for name in always[LISTED:]))
        text = f"{len(always) - LISTED} more {more.shown}"
        factors.append(found(more.value, Dimension.FRACTION, "", of=more, text=text))
    known_part = math.prod((*(up[name] for name in always), *(needs.luck[n] for n in (*kept.values(),)[:LISTED])))
    if others or not math.isclose(known_part, answer.value, rel_tol=1e-14):
        factors.append(_spared(answer.value, known_part, others))
    if not factors:
        none, how = "nothing that a request needs states less than 100%", "availability"
        return found(1.0, Dimension.FRACTION, "", alone=none, assumption=how)
    exact = answer.exact and not needs.unlucky
    note, how = ("", "apart") if exact else ("at least: what is shared is counted from below", "shared")
    if len(factors) == 1 and exact:
        return factors[0]
    return Calculation(TIMES, tuple(factors), Dimension.FRACTION, note, assumption=how)


def _up(name: str, value: float) -> Term:
    """Return a component's availability as a factor."""
    key = (AVAILABILITY.name, name)
    return Term(value, Dimension.FRACTION, fact=key, text=f"{name} {show_fraction(value)}")


def _in_time(needs: Needs, outcome: str) -> Term:
    """Return the share of requests that an outcome spares as a factor: let in, without an error, or in time."""
    value, subject = needs.luck[outcome], needs.punctual[outcome]
    by, lost, kept = "the time of its attempts", "given up", "in time over"
    if outcome in needs.refusals:
        by, lost, kept = "the queue that it leads to", "refused", "let in over"
    elif outcome in needs.faults:
        by, lost, kept = "the errors of what answers", "errors", "without an error of"
    share = found(1.0 - value, Dimension.FRACTION, by, lost)
    text = f"{show_fraction(value)} {kept} {subject}"
    return found(value, Dimension.FRACTION, "", of=rest(share), text=text)


def _spared(value: float, known_part: float, others: list[str]) -> Term:
    """Return what those come to that only some requests need, or that something else can answer for."""
    named = ", ".join(others[:LISTED]) + (f" and {len(others) - LISTED} more" if len(others) > LISTED else "")
    words = f"for what only some requests need or something else can answer ({named})" if named else ""
    left = value / known_part if known_part > 0 else 0.0
    return found(left, Dimension.FRACTION, STRUCTURE, words, assumption="apart")


def _budget(facts: Facts, flow: Flow, available: float) -> Iterator[Fact]:
    """Yield how many requests a month may fail under the promise, or do fail where nothing is promised."""
    rate = facts.get(CLIENT_RATE, flow.name)
    if rate is None or not rate.value:
        return
    promise = max(availability_promises(flow), key=lambda promise: promise.limit, default=None)
    if promise is None:
        own = Term(available, Dimension.FRACTION, fact=(AVAILABILITY.name, flow.name))
        note = "nothing is promised, and so many do fail"
    else:
        own = Term(promise.limit, Dimension.FRACTION, owner=flow.name, setting="sla", span=promise.span)
        failing = show_number(error_budget(available, (rate.value or 0.0) * MONTH))
        note = f"that many may fail under the promise of {show_fraction(promise.limit)}, {failing} do"
    part = Term(1.0 - own.value, Dimension.FRACTION, of=rest(own))
    yield Fact(ERROR_BUDGET, flow.name, product(Dimension.COUNT, part, known(rate), A_MONTH, note=note))


def _promises_any(flow: Flow) -> bool:
    """Whether a flow promises how many of its requests are answered, or answered in full."""
    return any(promise.kind in (promises.AVAILABILITY, promises.SERVED_IN_FULL) for promise in flow.promises)


def availability_promises(flow: Flow) -> tuple[Promise, ...]:
    """Return what a flow promises of its availability."""
    return tuple(promise for promise in flow.promises if promise.kind is promises.AVAILABILITY)


def known_availabilities(analysis: Analysis, facts: Facts) -> dict[str, float]:
    """Return the availability of every component; 1 where it states none."""
    values = {name: facts.value(AVAILABILITY, name) for name in analysis.design.components}
    return {name: 1.0 if value is None else value for name, value in values.items()}


def outages(analysis: Analysis, facts: Facts) -> Iterator[Outage]:
    """Yield what each component does to the availability of each flow, the largest part of its downtime first."""
    up = known_availabilities(analysis, facts)
    for flow in analysis.design.flows:
        if analysis.weights(flow):
            needs = analysis.needs(flow)
            answer = needs.diagram.answer({**needs.luck, **up})
            yield from sorted(_outages(needs, flow, up, answer), key=lambda outage: -outage.seconds)


def _outages(needs: Needs, flow: Flow, up: Mapping[str, float], answer: Answer) -> Iterator[Outage]:
    """Yield what each component does to a flow; what takes over is taken to be as many as can be, and as must be."""
    well = {**needs.luck, **dict.fromkeys(needs.punctual, 1.0), **dict.fromkeys(up, 1.0)}
    able = {**well, **{variable: float(needs.luck[variable] > 0) for variable in needs.further}}
    decides = needs.diagram.answer(able).slopes
    alone = needs.diagram.answer({**well, **dict.fromkeys(needs.further, 1.0)}).slopes if needs.further else decides
    down = 1.0 - answer.value
    for name, slope in answer.slopes.items():
        component = needs.graph.design.components.get(name)
        if component is not None and (not component.kind.asks or states_uptime(component)):
            gained = max(0.0, (1.0 - up[name]) * slope)
            if name in needs.levels:
                enough = needs.diagram.answer({**needs.luck, **up, **needs.always_up(name)})
                gained = max(0.0, enough.value - answer.value)
            lost = decides.get(name, 0.0)
            if gained > 0 or lost > HARDLY:
                share = gained / down if down > 0 else 0.0
                yield Outage(flow.name, name, gained * MONTH, share, lost, alone.get(name, 0.0))


def judged(analysis: Analysis, facts: Facts, flow: Flow, promise: Promise) -> Verdict:
    """Hold an availability promise against the flow; not judged where only a bracket is known that holds the limit."""
    fact = facts.get(AVAILABILITY, flow.name)
    if fact is None or fact.value is None:
        return Unjudged(flow.name, promise, Reason(Why.NO_START))
    needs = analysis.needs(flow)
    answer = needs.diagram.answer({**needs.luck, **known_availabilities(analysis, facts)})
    high = 1.0 if needs.unlucky else answer.high
    low_holds, high_holds = promise.holds(answer.low * (1 + DUST)), promise.holds(high * (1 + DUST))
    if low_holds != high_holds:
        return Unjudged(flow.name, promise, Reason(Why.OPEN, flow.name, (answer.low, high)))
    allowed = "" if low_holds else f" where {show_duration(downtime(promise.limit, MONTH))} may be"
    assert not isinstance(fact.working, Unknown)
    return Judged(flow.name, promise, fact.value, low_holds, fact.working, _remark(facts, flow, answer.value, allowed))


def _remark(facts: Facts, flow: Flow, available: float, allowed: str) -> str:
    """Return what an availability means, and who is most to blame."""
    down = f"{show_duration(downtime(available, MONTH))} down a month{allowed}"
    shares = {f"by `{one.component}`": one.share for one in facts.outages if one.flow == flow.name}
    arrow, lost = unanswered.largest(facts, flow)
    if arrow and available < 1:
        shares[unanswered.told(facts, flow, arrow)] = lost / (1.0 - available)
    for fact in facts.of(LOST_TO_ERRORS):
        if any(fact.subject in (a.tail, a.head) for a in flow.arrows) and fact.value and available < 1:
            shares[f"errors of `{fact.subject}`"] = fact.value / (1.0 - available)
    name = max(shares, key=shares.__getitem__, default="")
    full = facts.value(SERVED_IN_FULL, flow.name)
    whole = ""
    if full is not None and full < available - HARDLY:
        whole = f"; {show_apart(full, available, Dimension.FRACTION)[0]} served in full"
    if available >= 1:
        return f"nothing that a request needs is ever down, as far as is stated{whole}"
    if not name:
        return f"{down}{whole}"
    part = "nearly all" if shares[name] > NEARLY else show_fraction(round(shares[name], 3))
    return f"{down}, {part} of it {name}{whole}"
