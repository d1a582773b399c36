"""One moment, one system: a failure mode, a burst and a lost cache meet their own load, and what ran before them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.compilation import Compilation
from archboard.facts import FailureFact
from archboard.verdicts import Judged, Unjudged
from tests.measures.test_arrivals import case, codes, compiled
from tests.measures.test_slots import lognormal_mean
from tests.strategies import examples


def mode(compilation: Compilation, component: str) -> FailureFact:
    return next(failure for failure in compilation.facts.failures if failure.component == component)


def warned(compilation: Compilation) -> set[str]:
    return {d.rule.code for d in compilation.diagnostics if d.scenario is None}


def test_one_of_two_waits_as_long_in_a_failover_as_in_the_scenario_that_says_the_same() -> None:
    found = case("failover_waits")
    (verdict,) = mode(found, "us").verdicts
    assert isinstance(verdict, Judged) and verdict.value == pytest.approx(1.09, rel=0.05) and not verdict.ok
    (said,) = [v for outcome in found.scenarios for v in outcome.facts.judged if v.promise.metric == "p99"]
    assert verdict.value == pytest.approx(said.value, rel=1e-4)
    assert codes(found) == {"AB402"}


def test_a_hanging_dependency_fills_its_caller() -> None:
    found = case("slots_in_failure")
    failure = mode(found, "bank")
    assert failure.ok is False and failure.overloads == ("api",)
    assert isinstance(failure.verdicts[0], Unjudged) and "AB604" in warned(found)
    assert not found.facts.missed and not codes(found)


@pytest.mark.parametrize(("change", "over"), [
    (("concurrency: 20", "concurrency: 60"), ()), (("rate: 50 rps", "rate: 15 rps"), ()),
    (("timeout: 2s", "timeout: 700ms"), ()), (("timeout: 2s", "timeout: 850ms"), ("api",)),
    (("concurrency: 20;", "concurrency: 20, free while calling;"), ()),
])  # fmt: skip
def test_a_caller_fills_as_its_slots_and_the_timeout_say(change: tuple[str, str], over: tuple[str, ...]) -> None:
    failure = mode(case("slots_in_failure", change), "bank")
    assert failure.overloads == over and failure.ok is not bool(over)


TIERS = """\
design d {{ sla: p99 < 9s }}
client u {{ rate: 50 rps }}
service web {{ latency: 2ms; concurrency: 60; replicas: 2 }}
service api {{ latency: p50 4ms, p99 10ms; concurrency: 20; replicas: 2 }}
external bank {{ latency: p50 40ms, p99 200ms; replicas: 2 }}
fallback later {{ latency: 1ms }}
u -> web
web <-> api {{ {guard} }}
api <-> bank {{ timeout: 2s }}
bank -x> later {{ on: timeout 2s }}
"""


def test_the_overload_goes_up_to_who_waits_and_stops_at_who_gives_up_in_time() -> None:
    found = compiled(TIERS.format(guard="latency: 1ms"))
    assert set(mode(found, "bank").overloads) == {"api", "web"}
    (told,) = [d for d in found.diagnostics if d.rule.code == "AB604"]
    assert "`web` fills while it waits for `api`" in told.message
    assert mode(compiled(TIERS.format(guard="timeout: 500ms")), "bank").overloads == ("api",)


RANGED = """\
design d {{ sla: throughput >= 10 rps }}
client u {{ rate: 100 rps; burst: 400 rps }}
service s {{ throughput: 50 rps; replicas: 1..20{scale} }}
cache k {{ hit: 90%; throughput: 1k rps }}
store db {{ throughput: 10 rps; replicas: 1..30{scale} }}
u -> s <-> k
k <-> db
"""


def test_a_burst_and_a_lost_cache_meet_the_replicas_that_ran_before_them() -> None:
    found = compiled(RANGED.format(scale=""))
    (burst,) = found.scenarios
    assert not codes(found) and not burst.ok
    assert burst.facts.value("capacity", "s") == 150  # three run at 100/s and 70%
    assert {d.rule.code for d in burst.diagnostics} >= {"AB501"} and "AB603" in warned(found)


def test_what_scales_at_once_carries_a_burst() -> None:
    found = compiled(RANGED.format(scale="; scale: 0s"))
    (burst,) = found.scenarios
    assert burst.ok and burst.facts.value("capacity", "s") == 1000 and "AB603" not in warned(found)


def test_a_scenario_that_lasts_has_what_its_demand_needs() -> None:
    text = RANGED.format(scale="").replace("; burst: 400 rps", "") + 'scenario "four times" { u.rate: 400 rps }\n'
    (lasting,) = compiled(text).scenarios
    assert lasting.ok and lasting.facts.value("utilisation", "s") == pytest.approx(400 / 600)


SHARED = """\
design d {{ sla: p99 < 900ms by independent, mean < 900ms }}
client w {{ rate: {rate} rps }}
router r {{ latency: 0.1ms }}
service us {{ latency: p50 20ms, p99 60ms, service; replicas: {us} }}
service eu {{ latency: p50 15ms, p99 70ms, service; replicas: {eu} }}
store db {{ latency: p50 5ms, p99 20ms, service; replicas: 2 }}
w -> r
r -> us {{ share: {share}% }}
r -> eu
us <-> db {{ timeout: 80ms; retries: 1 }}
us -x> eu {{ on: down }}
scenario "gone" {{ us.down: yes }}
"""


@given(st.integers(5, 120), st.integers(1, 4), st.integers(1, 4), st.integers(10, 90))
@settings(max_examples=examples(40, quick=10))
def test_a_failure_mode_is_the_scenario_that_says_the_same(rate: int, us: int, eu: int, share: int) -> None:
    found = compiled(SHARED.format(rate=rate, us=us, eu=eu, share=share))
    failure, (gone,) = mode(found, "us"), found.scenarios
    over = {name for name in found.design.components if gone.facts.overloaded(name) and name != "us"}
    usual = {name for name in found.design.components if found.facts.overloaded(name)}
    assert set(failure.overloads) == over - usual
    for verdict in failure.verdicts:
        said = next(v for v in gone.facts.verdicts if v.promise.text == verdict.promise.text)
        if said.value is None:
            assert verdict.value is None
        else:
            assert verdict.value == pytest.approx(said.value, rel=1e-3)


STUCK = """\
design d {{ sla: p99 < 9s }}
client u {{ rate: 50 rps }}
client v {{ rate: 20 rps }}
service web {{ latency: 2ms; concurrency: 60; replicas: 2 }}
service api {{ latency: p50 4ms, p99 10ms; concurrency: 20; replicas: 2 }}
service mid {{ latency: 1ms }}
external bank {{ latency: p50 40ms, p99 200ms; throughput: {bank} rps }}
u -> web <-> api
api <-> mid
mid -> bank {{ {guard} }}
flow status {{ sla: p99 < 1s, throughput >= 20 rps
  v -> web }}
"""


def test_what_waits_for_an_overload_fills_and_so_do_the_other_flows_through_it() -> None:
    found = compiled(STUCK.format(bank=30, guard="latency: 1ms"))
    told = {d.subject: d for d in found.diagnostics if d.rule.code == "AB501"}
    assert set(told) == {"bank", "api", "web"}
    assert "`api` fills while it waits for `bank`" in told["api"].message
    assert "`web` fills while it waits for `api`" in told["web"].message
    assert "`bank.replicas` 1 → 2" in told["web"].help
    assert not [v for v in found.facts.verdicts if v.ok]
    assert not codes(compiled(STUCK.format(bank=80, guard="latency: 1ms")))


def test_who_gives_up_in_time_does_not_fill() -> None:
    found = compiled(STUCK.format(bank=30, guard="timeout: 400ms"))
    told = {d.subject for d in found.diagnostics if d.rule.code == "AB501"}
    assert told == {"bank"}
    held = 0.4 + lognormal_mean(0.004, 0.010)  # of 40 slots, 50 a second: half full
    assert found.facts.value("capacity", "api") == pytest.approx(40 / held, rel=0.01)


BY_LIMIT = """\
design r {{ sla: p99 < 100ms, throughput >= 300 rps }}
client u {{ rate: 300 rps }}
service app {{ throughput: 500 rps; latency: 10ms{slots} }}
gateway alt {{ limit: {limit} rps; throughput: 1k rps; replicas: 2; latency: 1ms }}
service lite {{ throughput: 500 rps; replicas: 2; latency: 10ms }}
u -> app
app -x> alt {{ on: down }}
alt -> lite
"""


@pytest.mark.parametrize("slots", ["", ", service; concurrency: 9"])
def test_a_limit_that_turns_a_failover_away_is_no_failover_that_holds(slots: str) -> None:
    found = compiled(BY_LIMIT.format(limit=100, slots=slots))
    assert mode(found, "app").overloads == ("alt",) and mode(found, "app").ok is False
    (told,) = [d for d in found.diagnostics if d.rule.code == "AB604"]
    assert told.help == "`alt.limit` 100/s → 300/s would carry it"
    assert mode(compiled(BY_LIMIT.format(limit=300, slots=slots)), "app").ok


SCALED = """\
design rf {{ sla: p99 < 200ms }}
client u {{ rate: 800 rps }}
router r {{ latency: 1ms; throughput: 10k rps; replicas: 2 }}
service us {{ latency: 20ms; throughput: 100 rps; replicas: 2..20{scale} }}
service eu {{ latency: 20ms; throughput: 100 rps; replicas: 2..20{scale} }}
cache k {{ hit: 90%; latency: 1ms; throughput: 10k rps }}
store db {{ latency: 5ms; throughput: 10 rps; replicas: 2..90{scale} }}
u -> r
r -> us {{ share: 60% }}
r -> eu
us <-> k
k <-> db
us -x> eu {{ on: down }}
scenario "what is lost" {{ {said} }}
"""


@pytest.mark.parametrize("scale", ["", "; scale: 0s"])
@pytest.mark.parametrize("said", ["us.down: yes", "k.hit: 0%", "u.rate: 880 rps; us.down: yes"])
def test_what_a_scenario_loses_meets_the_replicas_that_ran_before(said: str, scale: str) -> None:
    found = compiled(SCALED.format(scale=scale, said=said))
    (lost,) = found.scenarios
    assert lost.ok is bool(scale)
    assert mode(found, "us").ok is bool(scale)


def test_a_scenario_that_sends_more_and_loses_something_scales_for_what_is_more() -> None:
    (lost,) = compiled(SCALED.format(scale="", said="u.rate: 1600 rps; us.down: yes")).scenarios
    assert lost.facts.value("capacity", "eu") == 1000  # 640/s at 70%, before the 960/s of us come on top
