"""What the measures say of a design against requests that are followed one by one, and against laws of such numbers.

The margins are those of the sampling: five standard errors for each number, and nothing beyond rounding for what is
counted.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from random import Random

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.model import Arrow, Design, Flow
from archboard.facts import Facts, Surge
from archboard.measures import failure_modes, measure
from archboard.measures.analysis import Analysis
from archboard.measures.latency import judge, promised
from archboard.source import Source
from archboard.verdicts import Judged
from tests.measures.oracle import Oracle, Times, Trips
from tests.strategies import designs, examples

SIGMAS = 5.0
TINY = 1e-9


def compiled(text: str) -> Compilation:
    """Compile a design that must say what it means."""
    compilation = compile_source(Source("oracle.arch", text))
    assert compilation.understood, [(d.rule.code, d.message) for d in compilation.diagnostics if d.is_error]
    return compilation


# What is held against the oracle.


def agree(compilation: Compilation, count: int = 20_000) -> None:
    """Hold every number of a design against requests followed one by one."""
    design, facts = compilation.design, compilation.facts
    oracle = Oracle(design, count)
    same_loads(oracle, design, facts)
    for flow in design.flows:
        if oracle.starts(flow):
            same_ways(oracle, flow, facts)
            same_latencies(oracle, flow, facts)
            same_failures(oracle, flow, facts)
    same_surges(oracle, design, facts)
    same_throughputs(oracle, design, facts)


def same_loads(oracle: Oracle, design: Design, facts: Facts) -> None:
    loads = oracle.loads()
    subjects = [("demand", name) for name in design.components]
    subjects += [("arrow_rate", a.id) for a in design.arrows if a.kind.value != "failure"]
    for metric, subject in subjects:
        expected = loads.get(subject)
        found = facts.value(metric, subject) or 0.0
        near(found, 0.0 if expected is None else expected.rate, 0.0 if expected is None else expected.error, subject)
    for name in design.components:
        capacity, utilisation = facts.value("capacity", name), facts.value("utilisation", name)
        if capacity and utilisation is not None and name in loads:
            replicas = design.components[name].replicas
            each, rate = capacity / replicas.high, loads[name].rate
            runs = min(max(math.ceil(rate / each / 0.7 - 1e-5), replicas.low), replicas.high)
            near(utilisation * each * runs, rate, loads[name].error, f"utilisation of {name}")


def near(found: float, expected: float, error: float, what: str) -> None:
    margin = SIGMAS * error + TINY * max(abs(found), abs(expected))
    assert abs(found - expected) <= margin, f"{what}: {found} instead of {expected} ± {margin}"


def same_ways(oracle: Oracle, flow: Flow, facts: Facts) -> None:
    """The way shown as the worst is the longest by the first promise."""
    follower, fact = oracle.flow(flow), facts.flow(flow.name)
    assert fact is not None and fact.worst is not None
    metric, total = next(iter(fact.worst.sums.items()))
    if metric not in ("mean", "max"):
        expected = max(follower.longest(name, float(metric[1:]) / 100) for name in going(oracle, flow))
        assert total == pytest.approx(expected, rel=TINY)


def going(oracle: Oracle, flow: Flow) -> list[str]:
    """Return the starts that send anything; all of them where none says how much."""
    rates = oracle.starts(flow)
    return [name for name, rate in rates.items() if rate > 0] or list(rates)


def same_latencies(oracle: Oracle, flow: Flow, facts: Facts) -> None:
    found = [v for v in facts.judged if v.flow == flow.name and v.promise.is_latency]
    if found:
        mode: dict[str, object] = {}
        same_answers(oracle, flow, found, mode)


def same_answers(oracle: Oracle, flow: Flow, verdicts: list[Judged], mode: Mapping[str, object]) -> None:
    """Hold the three answers of each promise against requests that were followed, and the longest of all ways."""
    trips: Trips | None = None
    known = all(v.bracket is None or v.bracket[1] < 1.01 * v.bracket[0] for v in verdicts)
    for verdict in verdicts:
        promise = verdict.promise
        if promise.metric == "max":
            continue
        if promise.metric == "mean" or verdict.bracket is not None:
            trips = trips or oracle.trips(flow, **mode)
        if promise.metric == "mean" and not known:
            continue
        if promise.metric == "mean":
            assert trips is not None and verdict.value is not None
            error = float(trips.times.std()) / math.sqrt(oracle.count)
            near(verdict.value, float(trips.times.mean()), error, f"mean of {flow.name}")
            continue
        q = promise.fraction
        assert q is not None
        follower = oracle.flow(flow, **mode)
        if verdict.sum is not None:
            expected = max(follower.longest(name, q) for name in going(oracle, flow))
            assert verdict.sum == pytest.approx(expected, rel=TINY), (flow.name, promise.text, mode)
        if verdict.bound is not None and known:
            hops = max(oracle.random_hops(flow, **mode), 1)
            within = 1 - (1 - q) / hops
            expected = max(follower.longest(name, within, apart=False) for name in going(oracle, flow))
            assert verdict.bound == pytest.approx(expected, rel=1e-6), (flow.name, promise.text, hops)
        if verdict.bracket is not None and trips is not None:
            early = trips if known else oracle.trips(flow, **mode, waits=False)
            holds(early.times, trips.times, q, verdict)


def holds(early: Times, late: Times, q: float, verdict: Judged) -> None:
    """Hold the bracket against the times of requests, `late` if they wait where ways cross for what ended before."""
    assert verdict.bracket is not None and verdict.independent is not None
    low, high = verdict.bracket
    assert low * (1 - TINY) <= verdict.independent <= high * (1 + TINY)
    margin = SIGMAS * math.sqrt(q * (1 - q) / len(late)) + 1 / len(late)
    within, before = float(np.mean(early <= high * (1 + TINY))), float(np.mean(late < low * (1 - TINY)))
    assert within >= q - margin, f"{verdict.promise.text}: {within} of requests within {high}, not {q} ± {margin}"
    assert before <= q + margin, f"{verdict.promise.text}: {before} of requests before {low}, not {q} ± {margin}"


def same_failures(oracle: Oracle, flow: Flow, facts: Facts) -> None:
    for fact in facts.failures:
        if fact.flow != flow.name or fact.on in ("overload", "latency"):
            continue
        mode = {"failed": ladder(flow, fact.arrow)}
        follower = oracle.flow(flow, **mode)
        for verdict in fact.verdicts:
            if not isinstance(verdict, Judged) or verdict.promise.fraction is None:
                continue
            q = verdict.promise.fraction
            if verdict.promise.policy == "sum":
                expected = max(follower.longest(name, q) for name in going(oracle, flow))
                assert verdict.value == pytest.approx(expected, rel=TINY), (fact.arrow.id, verdict.promise.text)
            else:
                same_answers(oracle, flow, [verdict], mode)


def ladder(flow: Flow, arrow: Arrow) -> dict[str, Arrow]:
    """Return the failures of a mode: that of its arrow, and those that lead to what only ever stands in."""
    failed = {arrow.tail: arrow}
    usual = {name for a in flow.arrows for name in (a.tail, a.head)}
    current = arrow.tail
    while current not in usual:
        above = next((f for f in flow.failures if f.head == current), None)
        if above is None or above.tail in failed:
            break
        failed[above.tail] = above
        current = above.tail
    return failed


def same_surges(oracle: Oracle, design: Design, facts: Facts) -> None:
    loads = oracle.loads()
    for surge in facts.surges:
        if surge.cause == "failover":
            same_failover(oracle, design, surge)
            continue
        lost = (surge.source,) if surge.cause == "loss" else ()
        behind = leads_to(design)
        gateways = {n: c.number("limit") for n, c in design.components.items() if c.number("limit")}
        before = [surge.source] if surge.cause == "limit" else [g for g in gateways if surge.source in behind(g)]
        scales = [(gateways[g] or 0.0) / loads[g].rate for g in before if g in loads and loads[g].rate]
        scale = max([1.0, *scales])
        leading = [name for name in design.components if name == surge.source or surge.source in behind(name)]
        expected = oracle.loads(scale, lost, only=leading).get(surge.component)
        assert expected is not None
        near(surge.demand, expected.rate, expected.error, f"{surge.cause} of {surge.source}: {surge.component}")


def same_failover(oracle: Oracle, design: Design, surge: Surge) -> None:
    arrow = next(arrow for arrow in design.arrows if arrow.id == surge.arrow)
    failed = {other.tail: other for other in design.arrows if other.fork == arrow.fork}
    for flow in design.flows:
        if arrow in flow.failures:
            failed = ladder(flow, arrow) | failed
    expected = oracle.loads(failed=failed)[surge.component]
    near(surge.demand, expected.rate, expected.error, f"failover of {surge.source}: {surge.component}")


def leads_to(design: Design) -> Callable[[str], set[str]]:
    def behind(name: str) -> set[str]:
        found: set[str] = set()
        waiting = [name]
        while waiting:
            current = waiting.pop()
            for flow in design.flows:
                for arrow in flow.arrows:
                    if arrow.tail == current and arrow.head not in found:
                        found.add(arrow.head)
                        waiting.append(arrow.head)
        return found

    return behind


def same_throughputs(oracle: Oracle, design: Design, facts: Facts) -> None:
    """The throughput of a flow fills something just to its brim, and nothing beyond."""
    everything = oracle.loads(limits=False)
    for flow in design.flows:
        rate = sum(oracle.starts(flow).values())
        found = facts.value("throughput", flow.name)
        if rate <= 0 or found is None or not math.isfinite(found):
            continue
        alone = Oracle(replace(design, flows=(flow,)), oracle.count).loads(limits=False)
        ratios = []
        for name, component in design.components.items():
            if name not in alone:
                continue
            own_rate = sum(a.number_of("rate") or 0.0 for a in flow.arrows if a.head == name)
            own = alone[name].rate - own_rate
            rest = everything[name].rate - own
            for most in (facts.value("capacity", name), component.number("limit")):
                if most is not None and own > 0:
                    filled = rest + own * found / rate
                    error = SIGMAS * (everything[name].error + alone[name].error * found / rate)
                    ratios.append(((filled - most) / most, error / most + TINY))
        assert ratios and all(over <= error for over, error in ratios), ratios
        assert found == 0 or any(abs(over) <= error for over, error in ratios), ratios


# Designs written by hand, one for each thing that can be said and for what they make together.

A = "latency: p50 2ms, p99 9ms"
B = "latency: p50 1ms, p99 6ms"
SLA = "sla: p99 < 1s, p90 < 1s by independent, mean < 1s, p99.9 < 2s by bound"
HEAD = f"""
design d {{ {SLA} }}
client web {{ rate: 1k rps }}
"""

WRITTEN = {
    "a chain": f"""
        service a {{ {A} }}
        service b {{ {B}; throughput: 3k rps }}
        web -> a -> b {{ latency: p50 0.2ms, p99 0.5ms }}""",
    "a cache in line": f"""
        cache redis {{ {A}; hit: 80% }}
        store db {{ {B}; throughput: 400 rps; replicas: 2 }}
        web -> redis -> db""",
    "a cache that is called and calls": f"""
        service svc {{ {A} }}
        cache redis {{ {B}; hit: 70% }}
        store db {{ {A}; throughput: 100 rps; replicas: 4 }}
        service post {{ {B} }}
        web -> svc -> post
        svc <-> redis {{ latency: 1ms }}
        redis <-> db {{ latency: p50 1ms, p99 4ms }}""",
    "a cache in an arm that meets the others again": f"""
        service a {{ {A} }}
        cache redis {{ {B}; hit: 60% }}
        service miss {{ {A} }}
        service other {{ {B} }}
        service merge {{ {B}; throughput: 2k rps }}
        web -> a -> redis & other
        redis -> miss -> merge
        other -> merge""",
    "two caches in arms that meet again": f"""
        cache one {{ {B}; hit: 60% }}
        cache two {{ {A}; hit: 30% }}
        service merge {{ {B} }}
        service last {{ {A} }}
        web -> one & two -> merge -> last""",
    "alternatives that meet again": f"""
        router split {{ {B} }}
        model small {{ {B} }}
        model large {{ {A}; throughput: 100 rps; replicas: 4 }}
        service merge {{ {B} }}
        web -> split -> small -> merge
        split -> large {{ share: 15% }}
        large -> merge""",
    "a fork as one of two alternatives": f"""
        router split {{ {B} }}
        model x {{ {A} }}
        model y {{ {B} }}
        model z {{ {A} }}
        service merge {{ {B} }}
        web -> split
        split -> x & y {{ latency: 1ms; share: 75% }}
        split -> z
        x & y & z -> merge""",
    "forks in forks": f"""
        service a {{ {A} }}
        service b {{ {B} }}
        service c {{ {A} }}
        service d {{ {B} }}
        service e {{ {A} }}
        service f {{ {B} }}
        service g {{ {A} }}
        web -> a -> b & c
        b -> d & e -> f
        f -> g {{ latency: p50 1ms, p99 3ms }}
        c -> g""",
    "calls in order, at once and by share": f"""
        service a {{ {A} }}
        store b {{ {B} }}
        store c {{ {A} }}
        store e {{ {B}; throughput: 5k rps }}
        service f {{ {A} }}
        web -> a -> f
        a <-> b & c {{ latency: p50 0.1ms, p99 0.7ms }}
        a <-> e {{ fanout: 4; latency: 0.5ms }}
        a <-> c {{ share: 30% }}
        e <-> b {{ share: 10% }}""",
    "calls whose target goes on": f"""
        service a {{ {A} }}
        service b {{ {B} }}
        cache c {{ {B}; hit: 50% }}
        store s {{ {A} }}
        web -> a
        a <-> b {{ fanout: 2 }}
        b -> c -> s""",
    "what nobody waits for": f"""
        service a {{ {A} }}
        cache q {{ {B}; hit: 40% }}
        service worker {{ {A}; throughput: 500 rps; replicas: 4 }}
        store s {{ {B} }}
        telemetry t
        job nightly
        web -> a -> q
        a ~> worker {{ share: 50%; fanout: 3 }}
        worker <-> s
        worker ~> t
        q ~> t
        nightly ~> s ~> worker {{ rate: 2/s }}""",
    "not series-parallel": f"""
        service a {{ {A} }}
        service b {{ {B} }}
        service c {{ {A} }}
        service x {{ {B} }}
        service y {{ {A} }}
        service z {{ {B} }}
        service end {{ {A}; throughput: 1100 rps }}
        web -> a -> b & c {{ latency: p50 0.2ms, p99 1ms }}
        b -> x & y
        c -> y & z
        x & y & z -> end""",
    "arms that share a cache": f"""
        service a {{ {A} }}
        service b {{ {B} }}
        service c {{ {A} }}
        cache redis {{ {B}; hit: 80% }}
        store db {{ {A}; throughput: 300 rps }}
        service m {{ {B} }}
        web -> a -> b & c -> redis -> db
        c -> m""",
    "two clients and two flows": f"""
        client app {{ rate: 3k rps }}
        gateway edge {{ {B}; limit: 5k rps; throughput: 3k rps; replicas: 2 }}
        service a {{ {A}; throughput: 2k rps; replicas: 3 }}
        store s {{ {B}; throughput: 9k rps }}
        web & app -> edge -> a <-> s
        flow write "Writes" {{
          sla: p95 < 1s by independent
          rate: 200 rps
          app -> edge -> a
          a <-> s {{ fanout: 2 }}
        }}
        flow batch {{ sla: p50 < 3s; nightly -> s }}
        job nightly {{ rate: 60/min; latency: p50 20ms, p99 50ms }}""",
    "gateways at their limits, one behind the other": f"""
        client app {{ rate: 5k rps }}
        gateway outer {{ {B}; limit: 4k rps }}
        gateway inner {{ {B}; limit: 1500 rps }}
        cache redis {{ {B}; hit: 50%; throughput: 9k rps }}
        service a {{ {A}; throughput: 100 rps; replicas: 20 }}
        store s {{ {B} }}
        web & app -> outer -> redis -> inner -> a
        app -> s
        s <-> inner {{ share: 10% }}""",
    "regions": f"""
        gateway lb {{ {B}; limit: 2k rps; throughput: 2k rps; replicas: 2 }}
        region us, eu {{
          service rank {{ {A}; throughput: 700 rps }}
          store features {{ {B} }}
          rank <-> features
        }}
        service post {{ {B} }}
        web -> lb
        lb -> us.rank {{ share: 60% }}
        lb -> eu.rank
        us.rank & eu.rank -> post
        us.features -x> eu.features {{ on: timeout 20ms; latency: 1ms }}""",
    "fallbacks of every sort": f"""
        gateway edge {{ {B} }}
        cache redis {{ {B}; hit: 80% }}
        model rank {{ {A} }}
        store features {{ {A} }}
        service post {{ {B} }}
        fallback popular {{ latency: 3ms }}
        fallback shown {{ latency: 1ms; ends: yes }}
        fallback simple
        fallback shed
        service spare {{ {A} }}
        service sparer {{ {B} }}
        web -> edge -> redis -> rank -> post {{ latency: p50 0.2ms, p99 0.5ms }}
        rank <-> features
        spare -> sparer
        rank -x> popular {{ on: timeout 25ms }}
        popular -x> simple {{ on: error; latency: 1ms }}
        redis -x> spare {{ on: error }}
        features -x> shown {{ on: timeout 5ms }}
        features -x> simple {{ on: down }}
        post -x> shown {{ on: down }}
        edge -x> shed {{ on: latency > 40ms }}""",
    "a spare in an arm": f"""
        service a {{ {A} }}
        service us {{ {B} }}
        service eu {{ {A} }}
        service b {{ {A} }}
        service merge {{ {B} }}
        service last {{ {B} }}
        web -> a -> us & b -> merge -> last
        eu -> merge
        us -x> eu {{ on: timeout 4ms }}
        b -x> eu {{ on: down }}""",
    "ranges and single values": """
        service a { latency: 2ms..5ms }
        service b { latency: 7ms }
        service c { latency: p99.9 20ms }
        service e { latency: 1ms..1ms }
        web -> a -> b & c -> e { latency: 0.1ms..0.4ms }""",
    "copies of a hop": f"""
        service a {{ {A} }}
        service shard {{ {B} }}
        store disk {{ {B} }}
        service merge {{ {A} }}
        web -> a
        a -> shard {{ fanout: 5; latency: p50 0.2ms, p99 0.9ms }}
        shard <-> disk
        shard -> merge""",
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_written_design_has_the_numbers_of_requests_followed_one_by_one(name: str) -> None:
    agree(compiled(HEAD + WRITTEN[name]), 40_000)


# Designs that chance writes.


@st.composite
def tangles(draw: DrawFn, most: int = 9) -> str:
    """Draw a flow of any shape: forks and alternatives that meet again, or cross, or do not; caches, calls, asyncs."""
    latencies = st.sampled_from([A, B, "latency: p50 4ms, p99 10ms", "latency: 2ms..5ms", "latency: 3ms"])
    percent = st.sampled_from([5, 30, 50, 80, 95])
    names = [f"c{n}" for n in range(draw(st.integers(2, most)))]
    kinds = {name: draw(st.sampled_from(["service", "service", "model", "cache"])) for name in names}
    lines = [HEAD]
    for name in names:
        hit = f"; hit: {draw(st.sampled_from([0, 20, 50, 90, 100]))}%" if kinds[name] == "cache" else ""
        room = f"; throughput: {draw(st.integers(1, 20))}00 rps" if draw(st.booleans()) else ""
        lines.append(f"{kinds[name]} {name} {{ {draw(latencies)}{hit}{room} }}")
    lines.append(f"gateway edge {{ {B}; limit: {draw(st.sampled_from(['600 rps', '2k rps']))} }}")
    lines.append(f"web -> edge -> {names[0]} {{ latency: 0.5ms }}")
    heads: dict[str, list[str]] = {name: [] for name in names}
    for at, name in enumerate(names[1:], 1):
        for tail in draw(st.lists(st.sampled_from(names[:at]), min_size=1, max_size=2, unique=True)):
            heads[tail].append(name)
    for tail, found in heads.items():
        if len(found) > 1 and draw(st.integers(0, 2)) == 0:
            share = draw(percent) / (len(found) - 1)
            lines += [f"{tail} -> {head} {{ share: {share:.2f}%; latency: 1ms }}" for head in found[1:]]
            lines.append(f"{tail} -> {found[0]}")
        elif found:
            lines.append(f"{tail} -> {' & '.join(found)}")
    if draw(st.booleans()):
        lines += [f"client app {{ rate: {draw(st.integers(1, 9))}00 rps }}", f"app -> {draw(st.sampled_from(names))}"]
    if draw(st.booleans()) and kinds[names[-1]] != "cache":
        lines += [f"service shard {{ {B} }}", f"{names[-1]} -> shard {{ fanout: 3; latency: p50 0.2ms, p99 1ms }}"]
    lines += draw(sides(names))
    return "\n".join(lines)


@st.composite
def sides(draw: DrawFn, names: list[str]) -> list[str]:
    """Draw what hangs on a flow: calls with calls of their own, asyncs, and what stands in when something fails."""
    one = st.sampled_from(names)
    lines = [f"cache redis {{ {B}; hit: 60% }}", f"store db {{ {A}; throughput: 2k rps }}"]
    lines += ["telemetry logs", "job sync"]
    if draw(st.booleans()):
        lines.append(f"{draw(one)} <-> redis & db {{ latency: p50 0.1ms, p99 0.7ms }}")
        lines.append("redis <-> db")
    if draw(st.booleans()):
        lines.append(f"{draw(one)} <-> db {{ share: 30%; fanout: {draw(st.integers(1, 3))} }}")
    if draw(st.booleans()):
        lines += [f"{draw(one)} ~> logs {{ fanout: 2 }}", f"{draw(one)} ~> redis {{ share: 20% }}"]
    if draw(st.booleans()):
        lines.append(f"sync ~> db ~> {draw(one)} {{ rate: 3/s }}")
    for at in range(draw(st.integers(0, 3))):
        when = draw(st.sampled_from(["timeout 25ms", "timeout 3ms", "error", "down"]))
        own = draw(st.sampled_from(["", "; ends: yes"]))
        lines.append(f"fallback spare{at} {{ latency: {draw(st.integers(0, 12))}ms{own} }}")
        lines.append(f"{draw(one)} -x> spare{at} {{ on: {when} }}")
    return lines


@settings(max_examples=examples(80, quick=25))
@given(tangles())
def test_a_drawn_design_has_the_numbers_of_requests_followed_one_by_one(text: str) -> None:
    agree(compiled(text), 8_000)


@settings(max_examples=examples(30, quick=12))
@given(designs(20))
def test_any_design_has_the_rates_and_the_worst_way_of_requests_followed_one_by_one(text: str) -> None:
    compilation = compiled(text.replace(", service", ""))  # queues are the simulation's
    oracle = Oracle(compilation.design, 4_000)
    same_loads(oracle, compilation.design, compilation.facts)
    for flow in compilation.design.flows:
        if oracle.starts(flow) and flow.promises:
            same_ways(oracle, flow, compilation.facts)


@settings(max_examples=examples(60, quick=20))
@given(st.one_of(tangles(), designs(16)))
def test_the_short_cut_to_a_failure_mode_says_what_its_own_network_says(text: str) -> None:
    text = text.replace("p90 < 1s by independent, mean < 1s, p99.9 < 2s by bound", "p90 < 30ms")
    design = compiled(text).design
    analysis = Analysis(design)
    facts = measure(design)
    for flow in design.flows:
        usual = failure_modes._Usual(analysis, facts, flow)
        for arrow in flow.failures:
            condition = arrow.condition
            if condition is None or condition.sheds or not analysis.weights(flow) or not promised(flow):
                continue
            quick = usual.verdicts(arrow, condition)
            network = failure_modes.failed_network(analysis, flow, arrow)
            for verdict in quick or ():
                full = judge(analysis, facts, flow, network, verdict.promise, full=False, failed=arrow.tail)
                assert full.value is not None, (arrow.id, full)
                assert verdict.value == pytest.approx(full.value, rel=TINY), (arrow.id, verdict.promise.text)
                assert verdict.ok == full.ok


# Laws.


def answers(text: str) -> dict[str, float]:
    """Return all that a design's promises are held against, by promise and policy."""
    found = {}
    for v in compiled(text).facts.judged:
        if v.promise.is_latency:
            sides = {"sum": v.sum, "bound": v.bound, "value": v.value}
            found.update({f"{v.flow} {v.promise.text} {name}": value for name, value in sides.items() if value})
    return found


def rates(text: str) -> dict[str, float]:
    """Return every demand and arrow rate of a design."""
    facts = compiled(text.replace(SLA, "")).facts
    return {f.subject: f.value or 0.0 for f in (*facts.of("demand"), *facts.of("arrow_rate"))}


def numbers(text: str, rename: Callable[[str], str] = str) -> dict[object, object]:
    """Return every number of a design, by what it is about."""
    facts = compiled(text).facts
    found: dict[object, object] = {(f.metric.name, rename(f.subject)): f.value for f in facts}
    for v in facts.verdicts:
        answered = (v.sum, v.independent, v.bound) if isinstance(v, Judged) else ()
        found[v.flow, v.promise.text] = (v.value, *answered, v.ok)
    for flow in facts.flows:
        found["ways", flow.flow] = (flow.total, sorted((p.probability, *p.sums.values()) for p in flow.paths))
    for mode in facts.failures:
        found["failure", mode.flow, rename(mode.arrow.id)] = [v.value for v in mode.verdicts]
    return found


def alike(one: dict[object, object], other: dict[object, object]) -> None:
    """Hold numbers against others, but for the rounding of sums made in another order."""
    assert one.keys() == other.keys()
    for key, value in one.items():
        flat, same = np.hstack(flattened(value)), np.hstack(flattened(other[key]))
        assert flat == pytest.approx(same, rel=1e-6, nan_ok=True), key


def flattened(value: object) -> list[float]:
    if isinstance(value, list | tuple):
        return [number for part in value for number in flattened(part)]
    return [math.nan if value is None else float(value)]  # type: ignore[arg-type]


def edited(draw_at: int, text: str, old: str, new: Callable[[str], str]) -> str | None:
    """Return a design with one of its lines that contain some words written anew, None where there is none."""
    lines = text.split("\n")
    places = [at for at, line in enumerate(lines) if old in line]
    if not places:
        return None
    at = places[draw_at % len(places)]
    lines[at] = new(lines[at])
    return "\n".join(lines)


@settings(max_examples=examples(30, quick=12))
@given(tangles(), st.integers(0, 20))
def test_a_slower_hop_never_makes_a_flow_faster(text: str, at: int) -> None:
    slower = edited(at, text, A, lambda line: line.replace(A, "latency: p50 3ms, p99 14ms"))
    assume(slower is not None)
    before, after = answers(text), answers(slower or "")
    for name, value in before.items():
        assert after[name] >= value * (1 - 1e-3 if "independent" in name else 1 - TINY), name


@settings(max_examples=examples(30, quick=12))
@given(tangles(), st.integers(0, 20))
def test_a_higher_hit_ratio_never_brings_more_demand(text: str, at: int) -> None:
    def more(line: str) -> str:
        return line.replace("hit: 60%", "hit: 75%").replace("hit: 20%", "hit: 95%").replace("hit: 0%", "hit: 10%")

    higher = edited(at, text, "hit: ", more)
    assume(higher is not None and higher != text)
    before, after = rates(text), rates(higher or "")
    for name, rate in before.items():
        assert after.get(name, 0.0) <= rate * (1 + TINY), name


SIZES = {"k": 1000, "00": 100}


@settings(max_examples=examples(30, quick=12))
@given(tangles(), st.sampled_from([0.25, 3.0]))
def test_demand_is_in_proportion_to_the_clients(text: str, scale: float) -> None:
    unlimited = text.replace("limit: 600 rps", "limit: 1M rps").replace("limit: 2k rps", "limit: 1M rps")
    base = re.sub(r"\n[^\n]*\{ rate: 3/s \}", "", unlimited)  # what does not follow the clients
    scaled = re.sub(r"rate: (\d+)(k|00) rps", lambda m: f"rate: {float(m[1]) * SIZES[m[2]] * scale:g} rps", base)
    before, after = rates(base), rates(scaled)
    assert {name: rate * scale for name, rate in before.items()} == pytest.approx(after)


@settings(max_examples=examples(30, quick=10))
@given(tangles(), st.randoms(use_true_random=False))
def test_the_order_of_things_and_of_arrows_out_of_different_boxes_is_nothing_to_the_numbers(
    text: str, random: Random
) -> None:
    lines = [line for line in text.split("\n") if line]
    things = [line for line in lines if "->" not in line and "~>" not in line and "-x>" not in line]
    things = things[:1] + random.sample(things[1:], len(things) - 1)
    by_tail: dict[str, list[str]] = {}
    for line in lines:
        if line not in things:
            by_tail.setdefault(line.split()[0], []).append(line)
    arrows = [line for tail in random.sample(list(by_tail), len(by_tail)) for line in by_tail[tail]]
    alike(numbers(text), numbers("\n".join([*arrows, *things])))


SHORT = """
design d { sla: p99 < 40ms, p95 < 30ms by independent }
let { pods: 4; quick: 2ms; some: 60% }
client web { rate: 1k rps }
gateway lb { latency: quick; throughput: 3k rps }
region us, eu {
  model rank { latency: p50 8ms, p99 12ms; throughput: 300 rps; replicas: pods }
  model rerank { like: rank; replicas: 2 }
  cache near { latency: quick; hit: some }
  rank -> rerank
  rank <-> near
}
web -> lb
lb -> us.rank { share: some }
lb -> eu.rank
us.rank -x> eu.rank { on: down }
"""
LONG = """
design d { sla: p99 < 40ms, p95 < 30ms by independent }
client web { rate: 1k rps }
gateway lb { latency: 2ms; throughput: 3k rps }
group us {
  model rank { latency: p50 8ms, p99 12ms; throughput: 300 rps; replicas: 4 }
  model rerank { latency: p50 8ms, p99 12ms; throughput: 300 rps; replicas: 2 }
  cache near { latency: 2ms; hit: 60% }
}
group eu {
  model rank { latency: p50 8ms, p99 12ms; throughput: 300 rps; replicas: 4 }
  model rerank { latency: p50 8ms, p99 12ms; throughput: 300 rps; replicas: 2 }
  cache near { latency: 2ms; hit: 60% }
}
us.rank -> us.rerank
us.rank <-> us.near
eu.rank -> eu.rerank
eu.rank <-> eu.near
web -> lb
lb -> us.rank { share: 60% }
lb -> eu.rank
us.rank -x> eu.rank { on: down }
"""


def test_let_like_and_regions_are_their_own_long_forms() -> None:
    alike(numbers(SHORT), numbers(LONG.replace("group", "region")))
    agree(compiled(SHORT), 40_000)


def test_a_group_is_nothing_to_the_numbers() -> None:
    flat = LONG.replace("us.", "us_").replace("eu.", "eu_")
    for group in ("us", "eu"):
        head, _, rest = flat.partition(f"group {group} {{\n")
        inside, _, rest = rest.partition("\n}")
        flat = head + inside.replace("model r", f"model {group}_r").replace("cache n", f"cache {group}_n") + rest
    alike(numbers(LONG, lambda name: name.replace("us.", "us_").replace("eu.", "eu_")), numbers(flat))
