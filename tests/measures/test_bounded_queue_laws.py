"""Laws of queues with an end, held against whole designs drawn at random; and what each answer says of one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.overrides import read_changes
from archboard.measures.analysis import Analysis
from archboard.measures.load.refusals import refused
from archboard.renderers.report.json_form import as_data
from archboard.source import Source
from tests.strategies import examples

ROOM = 1e-9
BALANCES = ("shared", "random", "round robin", "least loaded")


@st.composite
def rows(draw: DrawFn) -> str:
    """Draw a row of tiers of which some have a queue that ends, each with a store that it may call."""
    deep = draw(st.integers(1, 3))
    lines = [
        "design drawn { sla: p99 < 5s by independent, mean < 5s, availability >= 90% }",
        f"client web {{ rate: {draw(st.integers(5, 200))} rps }}",
        "store db { latency: p50 1ms, p99 4ms; throughput: 100k rps }",
    ]
    for at in range(deep):
        median, ratio = draw(st.integers(2, 40)), draw(st.sampled_from([2, 4, 8]))
        latency = draw(st.sampled_from([f"p50 {median}ms, p99 {median * ratio}ms", f"{median}ms"]))
        said = [f"latency: {latency}, service", f"concurrency: {draw(st.integers(1, 6))}"]
        said.append(f"replicas: {draw(st.integers(1, 5))}")
        said.append(f"balance: {draw(st.sampled_from(BALANCES))}")
        if at == 0 or draw(st.booleans()):
            said.append(f"queue: {draw(st.integers(0, 60))}")
        lines.append(f"service s{at} {{ {'; '.join(said)} }}")
        if draw(st.booleans()):
            lines.append(f"s{at} <-> db")
    lines.append(" -> ".join(["web", *(f"s{at}" for at in range(deep))]))
    lines += [f"telemetry logs {{ throughput: 1M rps }}\ns{deep - 1} ~> logs"] if draw(st.booleans()) else []
    return "\n".join(lines)


def compiled(text: str, *changes: str) -> Compilation:
    read = read_changes(changes)
    found = compile_source(Source("drawn.arch", text), read)
    assert found.understood, [d.message for d in found.diagnostics]
    return found


def shares(found: Compilation) -> dict[str, float]:
    return {fact.subject: fact.value or 0.0 for fact in found.facts.of("refused_share")}


def number_of(found: Compilation, setting: str) -> float:
    return found.design.components["s0"].number(setting) or 0.0


@given(text=rows(), more=st.integers(1, 40))
@settings(max_examples=examples(60, 8), deadline=None)
def test_a_longer_queue_refuses_no_more(text: str, more: int) -> None:
    before = compiled(text)
    after = compiled(text, f"s0.queue={number_of(before, 'queue') + more:.0f}")
    assert shares(after)["s0"] <= shares(before)["s0"] * (1 + ROOM) + ROOM


@given(text=rows(), more=st.integers(1, 4))
@settings(max_examples=examples(60, 8), deadline=None)
def test_more_replicas_refuse_no_more(text: str, more: int) -> None:
    before = compiled(text)
    after = compiled(text, f"s0.replicas={before.design.components['s0'].replicas.high + more:.0f}")
    assert shares(after)["s0"] <= shares(before)["s0"] * (1 + ROOM) + ROOM


@given(text=rows(), times=st.floats(1.01, 3))
@settings(max_examples=examples(60, 8), deadline=None)
def test_more_load_is_refused_no_less(text: str, times: float) -> None:
    before = compiled(text)
    rate = before.design.components["web"].number("rate") or 0.0
    after = compiled(text, f"web.rate={rate * times:.6g}/s")
    for name, share in shares(before).items():
        assert shares(after)[name] >= share * (1 - ROOM) - ROOM, name


@given(text=rows())
@settings(max_examples=examples(60, 8), deadline=None)
def test_what_comes_is_refused_or_let_in_and_goes_on(text: str) -> None:
    found = compiled(text)
    facts, analysis = found.facts, Analysis(found.design)
    assert refused(analysis.times, "s0") == 0  # before anything is known of its load
    for name in shares(found):
        demand, away, admitted = (facts.value(metric, name) or 0.0 for metric in ("demand", "refused", "admitted"))
        assert away + admitted == pytest.approx(demand, rel=1e-9)
        capacity = facts.value("capacity", name) or 0.0
        assert admitted <= capacity * (1 + 1e-6)
    last = max(name for name in found.design.components if name.startswith("s"))
    let_in = facts.value("admitted", last)
    let_in = facts.value("demand", last) if let_in is None else let_in
    if "logs" in found.design.components and facts.value("demand", "logs") is not None:
        assert facts.value("demand", "logs") == pytest.approx(let_in, rel=1e-9)
    lost = 1.0
    for share in shares(found).values():
        lost *= 1 - share
    availability = facts.value("availability", "main")
    assert (1.0 if availability is None else availability) == pytest.approx(lost, rel=1e-9)


@given(text=rows())
@settings(max_examples=examples(40, 6), deadline=None)
def test_with_places_without_end_it_is_the_queue_without_one(text: str) -> None:
    ending = [line for line in text.splitlines() if "queue:" in line]
    endless = text
    for line in ending:
        endless = endless.replace(line, f"{line.partition('; queue:')[0]} }}")
    whole = compiled(endless)
    if any(load is not None and load.beyond(0.97) for load in map(whole.facts.load, whole.design.components)):
        return
    names = [line.split()[1] for line in ending]
    found = compiled(text, *(f"{name}.queue=1000000" for name in names))
    assert max(shares(found).values()) < 1e-12
    for one, other in zip(found.facts.judged, whole.facts.judged, strict=True):
        assert one.value == pytest.approx(other.value, rel=5e-3), one.promise.text


SHOP = """design shop {{ sla: p99 < {limit}, availability >= {up} }}
client web {{ rate: {rate} rps }}
service work {{ latency: p50 8ms, p99 29.3ms, service; throughput: 100 rps; queue: {queue}; replicas: 1 }}
store db {{ latency: 1ms; throughput: 500 rps; replicas: 2 }}
web -> work -> db
{more}"""


def shop(*, limit: str = "500ms", up: str = "99.9%", rate: int = 80, queue: int = 10, more: str = "") -> Compilation:
    return compiled(SHOP.format(limit=limit, up=up, rate=rate, queue=queue, more=more))


def told(found: Compilation, code: str) -> str:
    return next(f"{d.message} / {d.help}" for d in found.diagnostics if d.rule.code == code)


def test_an_overload_has_numbers_and_is_an_error() -> None:
    found = shop(rate=120)
    assert found.facts.judged[0].ok
    assert "its queue of 10 is full for 17.46% of them: 20.96/s are refused" in told(found, "AB501")
    assert (found.facts.value("demand", "db") or 0.0) < 100


def test_a_promise_that_refusals_break_names_the_queue_and_a_length_that_holds() -> None:
    found = shop()
    assert "refused by the full queue of `work`" in told(found, "AB601")
    cures = next(d.cures for d in found.diagnostics if d.rule.code == "AB601")
    assert cures and cures[0][0].startswith("work.queue=")
    cured = compiled(SHOP.format(limit="500ms", up="99.9%", rate=80, queue=10, more=""), *cures[0])
    assert all(d.rule.code != "AB601" for d in cured.diagnostics)


def test_where_a_longer_queue_breaks_a_latency_more_replicas_are_named() -> None:
    found = shop(limit="150ms")
    assert found.facts.judged[0].ok
    assert "`work.replicas` 1 → 2 would hold it" in told(found, "AB601")


@pytest.mark.parametrize(
    ("arrow", "caught"),
    [("work -x> spare { on: error }", True), ("work -x> spare { on: overload }", True),
     ("work -x> spare { on: down }", False)],
)  # fmt: skip
def test_what_answers_for_an_error_or_an_overload_answers_the_refused(arrow: str, caught: bool) -> None:
    found = shop(more=f"fallback spare {{ latency: 1ms }}\n{arrow}")
    assert (found.facts.value("availability", "main") == 1.0) is caught


def test_a_burst_is_refused_and_does_not_wait_without_end() -> None:
    text = SHOP.format(limit="500ms", up="50%", rate=60, queue=10, more="").replace("60 rps", "60 rps; burst: 150 rps")
    (burst,) = [result for result in compiled(text).scenarios if "burst" in result.scenario.title]
    assert burst.facts.value("refused", "work") == pytest.approx(150 - 100, rel=0.05)
    assert burst.facts.judged[0].value is not None


def test_a_pool_that_waits_for_a_full_queue_is_not_stuck() -> None:
    text = """design d
    client web { rate: 150 rps }
    client app { rate: 10 rps }
    service pool { latency: 1ms; concurrency: 40 }
    service work { latency: p50 8ms, p99 29.3ms, service; throughput: 100 rps%s }
    web -> pool
    pool <-> work
    flow other { sla: p99 < 2s
      app -> pool }"""
    bounded, endless = compiled(text % "; queue: 10"), compiled(text % "")
    assert [d.subject for d in bounded.diagnostics if d.rule.code == "AB501"] == ["work"]
    assert {d.subject for d in endless.diagnostics if d.rule.code == "AB501"} == {"work", "pool"}
    assert bounded.facts.judged[0].ok


def test_every_number_of_it_is_its_own_working() -> None:
    facts = {(fact["metric"], fact["subject"]): fact for fact in as_data(shop())["facts"]}
    share = facts["refused_share", "work"]
    assert "queue full" in json.dumps(share["tree"])
    assert facts["refused", "work"]["value"] == pytest.approx(80 * share["value"], rel=1e-9)


@pytest.mark.parametrize("arrow", ["->", "<->"])
@pytest.mark.parametrize("sent", ["hedge: p90", "fanout: 5; hedge: p90", "fanout: 5; quorum: 3; hedge: 5ms"])
def test_where_nobody_may_wait_copies_share_no_wait(arrow: str, sent: str) -> None:
    text = f"""design d {{ sla: p99 < 9s }}
client web {{ rate: 50 rps }}
service api {{ latency: 5ms }}
store db {{ latency: p50 10ms, p99 30ms, service; replicas: 12; queue: 0 }}
web -> api
api {arrow} db {{ {sent} }}
"""
    found = compiled(text)
    assert found.facts.value("mean_wait", "db") in (None, 0.0)
    assert [verdict.ok for verdict in found.facts.verdicts] == [True]
