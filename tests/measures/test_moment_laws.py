"""Laws of load, slots, queues, failures and bills, held against whole designs drawn at random.

A drawn design is a line of tiers, each with slots, a queue, a rate or nothing to fill, that calls stores and sends to
queues which send on to each other; what starts it, and what answers when a tier is down, is drawn as well.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading, read_source
from archboard.design.overrides import read_changes
from archboard.facts import Facts
from archboard.measures.cost import of_a_request
from archboard.source import Source
from archboard.verdicts import Verdict
from tests.strategies import examples

ROOM = 1e-9


@st.composite
def times(draw: DrawFn) -> tuple[int, float]:
    """Draw a median in milliseconds and the ratio of the p99 to it."""
    return draw(st.integers(1, 60)), draw(st.sampled_from([1.5, 3.0, 8.0]))


def latency(drawn: tuple[int, float]) -> str:
    """Return how two percentiles are written."""
    return f"latency: p50 {drawn[0]}ms, p99 {drawn[0] * drawn[1]:g}ms"


@st.composite
def working(draw: DrawFn, kind: str, name: str, free: bool = False) -> str:
    """Draw a component that works: on slots, from a queue, at a rate, or on all that comes."""
    sort = draw(st.sampled_from(["slots", "queue", "rate", "nothing"]))
    replicas = draw(st.integers(1, 6))
    said = [latency(draw(times())), f"replicas: {replicas}"]
    if sort == "slots":
        said.append(f"concurrency: {draw(st.integers(2, 60))}{', free while calling' if free else ''}")
    elif sort == "queue":
        said[0] += ", service"
        said.append(f"concurrency: {draw(st.integers(1, 12))}")
    elif sort == "rate":
        said.append(f"throughput: {draw(st.sampled_from([40, 150, 600]))} rps")
    if draw(st.booleans()):
        said.append(draw(st.sampled_from(["price: $0.20/h", "price: $0.002/request", "availability: 99.5%"])))
    return f"{kind} {name} {{ {'; '.join(said)} }}"


@st.composite
def tiers(draw: DrawFn) -> str:
    """Draw a whole design: clients, tiers, their stores, a cache, queues nobody waits for, and what stands in."""
    deep = draw(st.integers(1, 3))
    names = [f"s{i}" for i in range(deep)]
    lines = [
        "design drawn { sla: p99 < 1s by independent, mean < 1s, availability >= 90% }",
        f"client web {{ rate: {draw(st.integers(2, 120))} rps }}",
        *(draw(working("service", name)) for name in names),
        draw(working("store", "db")),
        f"cache near {{ hit: {draw(st.integers(0, 99))}%; latency: p50 1ms, p99 3ms }}",
    ]
    guard = draw(st.sampled_from(["", " { latency: 1ms }", " { timeout: 300ms }", " { timeout: 150ms; retries: 1 }"]))
    joint = draw(st.sampled_from(["->", "<->"]))
    lines.append(f"web -> {names[0]}")
    lines += [f"{a} {joint} {b}{guard}" for a, b in pairwise(names)]
    lines.append(f"{names[-1]} <-> db" if draw(st.booleans()) else f"{names[-1]} <-> near\nnear <-> db")
    if draw(st.booleans()):
        lines += [f"client app {{ rate: {draw(st.integers(1, 60))} rps }}", f"flow other {{ app -> {names[-1]} }}"]
    if draw(st.booleans()):
        share = draw(st.integers(1, 80))
        lines += ["queue bus { throughput: 50k rps }", "queue again { throughput: 50k rps }"]
        lines += [f"{names[0]} ~> bus", "bus ~> again", f"again ~> bus {{ share: {share}% }}"]
    if draw(st.booleans()):
        lines += [draw(working("service", "spare")), f"{draw(st.sampled_from(names))} -x> spare {{ on: down }}"]
    return "\n".join(lines)


@lru_cache(maxsize=1)
def read(text: str) -> Reading:
    """Return a drawn design read, which is then compiled with changes."""
    return read_source(Source("drawn.arch", text))


def compiled(text: str, *changes: str) -> Compilation:
    found = compile_reading(read(text), read_changes(changes))
    assert found.understood, [d.message for d in found.diagnostics if d.is_error]
    return found


def capacities(facts: Facts, names: list[str]) -> dict[str, float]:
    return {name: value for name in names if (value := facts.value("capacity", name)) is not None}


def key(verdict: Verdict) -> tuple[str, str]:
    return verdict.flow, verdict.promise.text


def took(found: Compilation) -> dict[tuple[str, str, str], float]:
    """Return every latency that is a number, by flow, promise and answer."""
    each = ((v, answer) for v in found.facts.judged if v.promise.is_latency for answer in ("value", "independent"))
    return {(v.flow, v.promise.text, a): n for v, a in each if (n := getattr(v, a)) is not None}


@settings(max_examples=examples(60, quick=10))
@given(tiers(), st.integers(0, 9))
def test_a_slot_more_never_lowers_any_capacity(text: str, at: int) -> None:
    slots = re.findall(r"(\w+) \{[^}]*concurrency: (\d+)", text)
    assume(slots)
    name, count = slots[at % len(slots)]
    names = re.findall(r"^(?:service|store) (\w+)", text, re.MULTILINE)
    before = capacities(compiled(text).facts, names)
    after = capacities(compiled(text, f"{name}.concurrency={int(count) + 1}").facts, names)
    assert after.keys() >= before.keys()
    assert {n: after[n] for n in before if after[n] < before[n] * (1 - 1e-6)} == {}
    assert name not in before or after[name] > before[name]


@settings(max_examples=examples(60, quick=10))
@given(tiers(), st.sampled_from([1.3, 3.0]))
def test_a_slower_store_never_raises_the_capacity_of_who_calls_it(text: str, factor: float) -> None:
    p50, p99 = (float(x) for x in re.findall(r"store db \{ latency: p50 ([\d.]+)ms, p99 ([\d.]+)ms", text)[0])
    service = ", service" if re.search(r"store db \{[^}]*, service", text) else ""
    names = re.findall(r"^service (\w+)", text, re.MULTILINE)
    before = capacities(compiled(text).facts, names)
    after = capacities(compiled(text, f"db.latency=p50 {p50 * factor}ms, p99 {p99 * factor}ms{service}").facts, names)
    assert {n: (before[n], after[n]) for n in before if n in after and after[n] > before[n] * (1 + 1e-6)} == {}


@settings(max_examples=examples(60, quick=10))
@given(tiers(), st.sampled_from([1.02, 1.5, 4.0]))
def test_more_load_makes_nothing_faster(text: str, factor: float) -> None:
    rate = float(re.findall(r"client web \{ rate: ([\d.]+)", text)[0])
    before, after = compiled(text), compiled(text, f"web.rate={rate * factor!r} rps")
    was, now = took(before), took(after)
    assert {key: (was[key], now[key]) for key in was if key in now and now[key] < was[key] * (1 - 1e-3)} == {}
    assert set(now) <= set(was)  # what has no number with less load has none with more
    for name in before.design.components:
        full = before.facts.value("utilisation", name), after.facts.value("utilisation", name)
        assert full[0] is None or full[1] is None or full[1] >= full[0] * (1 - 1e-6)


@settings(max_examples=examples(60, quick=10))
@given(tiers())
def test_what_comes_to_a_component_is_what_is_sent_to_it(text: str) -> None:
    found = compiled(text)
    assume(not found.facts.storms)
    facts = found.facts
    for name, component in found.design.components.items():
        into = [arrow for arrow in found.design.arrows if arrow.head == name]
        if component.kind.name == "client" or any(arrow.condition for arrow in into):
            continue
        sent = sum(facts.value("arrow_rate", arrow.id) or 0.0 for arrow in into)
        assert (facts.value("demand", name) or 0.0) == pytest.approx(sent, rel=1e-6), name


@settings(max_examples=examples(60, quick=10))
@given(tiers())
def test_a_failover_is_the_scenario_that_says_the_same(text: str) -> None:
    gone = re.findall(r"^(\w+) -x> spare", text, re.MULTILINE)
    assume(gone)
    found = compiled(f'{text}\nscenario "gone" {{ {gone[0]}.down: yes }}')
    (scenario,) = found.scenarios
    usual = {name for name in found.design.components if found.facts.overloaded(name)}
    over = {name for name in found.design.components if scenario.facts.overloaded(name)} - {gone[0]}
    for failure in (one for one in found.facts.failures if one.component == gone[0]):
        assert set(failure.overloads) == over - usual
        for verdict in failure.verdicts:
            (said,) = [v for v in scenario.facts.verdicts if key(v) == key(verdict)]
            assert verdict.value == (said.value if said.value is None else pytest.approx(said.value, rel=1e-3))


@settings(max_examples=examples(60, quick=10))
@given(tiers())
def test_the_months_bill_divided_by_the_months_requests_is_what_a_request_costs(text: str) -> None:
    priced = text if "price:" in text else text.replace("store db { ", "store db { price: $0.30/h; ")
    found = compiled(priced)
    month = found.facts.value("cost_month", found.design.name)
    request = of_a_request(found.facts, found.design)
    assert month and request is not None and request.value
    sent = sum(c.number("rate") or 0.0 for c in found.design.components.values() if c.kind.name == "client")
    assert request.value * sent * 730 * 3600 == pytest.approx(month, rel=1e-9)
