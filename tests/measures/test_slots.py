"""A slot is held until the request is answered, calls included; what a range runs holds for every number."""

from __future__ import annotations

import heapq
import math
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.measures.test_arrivals import case, codes, compiled


def lognormal_mean(p50: float, p99: float) -> float:
    sigma = math.log(p99 / p50) / 2.3263478740408408
    return p50 * math.exp(sigma**2 / 2)


def test_ten_slots_carry_what_their_service_and_their_calls_leave() -> None:
    found = case("slots")
    mean = lognormal_mean(0.005, 0.010) + lognormal_mean(0.045, 0.090)
    assert found.facts.value("capacity", "api") == pytest.approx(10 / mean)
    assert codes(found) == {"AB501", "AB506"} and not [v for v in found.facts.judged if v.ok]


def test_a_pool_of_threads_is_full_of_a_slow_dependency() -> None:
    found = case("thread_pool")
    mean = lognormal_mean(0.010 / 3, 0.010) + lognormal_mean(1.0, 5.0)
    assert found.facts.value("capacity", "api") == pytest.approx(20 / mean)
    assert codes(found) == {"AB501", "AB506"}


def test_a_worker_that_is_free_while_it_waits_holds_no_slot() -> None:
    found = case("slots", ("concurrency: 10", "concurrency: 10, free while calling"))
    assert found.facts.value("capacity", "api") == pytest.approx(10 / lognormal_mean(0.005, 0.010))
    assert not codes(found)


def test_words_that_a_concurrency_does_not_know_are_refused() -> None:
    found = case("slots", ("concurrency: 10", "concurrency: 10, free while sleeping"))
    assert codes(found) == {"AB205"}


SHARED = """\
client a {{ rate: {a} rps }}
client b {{ rate: {b} rps }}
service api {{ latency: 10ms..10ms; concurrency: 4; replicas: 5 }}
cache k {{ hit: 75%; latency: 20ms..20ms; concurrency: 50 }}
store db {{ latency: 100ms..100ms; throughput: 9k rps }}
a -> api <-> k
k <-> db
flow other {{ b -> api <-> db }}
"""


def test_flows_that_hold_a_slot_for_different_times_are_weighed_by_what_they_bring() -> None:
    facts = compiled(SHARED.format(a=30, b=10)).facts
    held = 0.010 + (30 * (0.020 + 0.25 * 0.100) + 10 * 0.100) / 40
    assert facts.value("capacity", "api") == pytest.approx(20 / held)
    assert facts.value("capacity", "k") == pytest.approx(50 / (0.020 + 0.25 * 0.100))
    assert facts.value("in_flight", "k") == pytest.approx(30 * 0.045)


def test_a_throughput_beside_slots_counts_where_it_is_the_lesser() -> None:
    text = SHARED.format(a=30, b=10).replace("concurrency: 4;", "concurrency: 4; throughput: @ rps;")
    assert compiled(text.replace("@", "100")).facts.value("capacity", "api") == pytest.approx(20 / 0.06875)
    assert compiled(text.replace("@", "20")).facts.value("capacity", "api") == 100


@given(st.integers(1, 40), st.integers(1, 400), st.integers(1, 400))
@settings(max_examples=60)
def test_a_slot_more_never_lowers_capacity_and_a_slower_callee_never_raises_it(slots: int, own: int, call: int) -> None:
    text = (
        "client w {{ rate: 1 rps }}\nservice a {{ latency: {own}ms; concurrency: {slots} }}\n"
        "store d {{ latency: {call}ms }}\nw -> a\na <-> d {{ timeout: 350ms; retries: 1 }}\n"
    )

    def capacity(slots: int, call: int) -> float:
        return compiled(text.format(slots=slots, own=own, call=call)).facts.value("capacity", "a") or 0.0

    usual = capacity(slots, call)
    assert capacity(slots + 1, call) > usual
    assert capacity(slots, call + 25) <= usual * (1 + 1e-9)


def simulated(rate: float, slots: int, own: tuple[float, float], call: tuple[float, float], count: int) -> list[float]:
    """Return how long requests take where each holds one of so many slots for two lognormal times, one by one."""
    random = Random(11)
    free, now, taken = [0.0] * slots, 0.0, []
    for _ in range(count):
        now += random.expovariate(rate)
        start = max(now, heapq.heappop(free))
        stay = sum(random.lognormvariate(math.log(p50), math.log(p99 / p50) / 2.326348) for p50, p99 in (own, call))
        heapq.heappush(free, start + stay)
        taken.append(start + stay - now)
    return sorted(taken[count // 10 :])


@pytest.mark.parametrize("full", [0.3, 0.6, 0.8, 0.9])
def test_what_waits_for_a_slot_waits_as_long_as_in_a_simulation(full: float) -> None:
    rate = full * 10 / (lognormal_mean(0.005, 0.010) + lognormal_mean(0.045, 0.090))
    text = ("rate: 600 rps", f"rate: {rate} rps"), ("throughput >= 600 rps", "mean < 1s")
    found = case("slots", *text)
    took = simulated(rate, 10, (0.005, 0.010), (0.045, 0.090), 200_000)
    p99, mean = (verdict.value for verdict in found.facts.judged[:2])
    assert mean == pytest.approx(math.fsum(took) / len(took), rel=0.02)
    assert p99 == pytest.approx(took[int(len(took) * 0.99)], rel=0.1)
    slower = simulated(rate, 10, (0.005, 0.010), (0.055, 0.110), 20_000)
    assert mean != pytest.approx(math.fsum(slower) / len(slower), rel=0.1)


def test_a_range_runs_one_number_of_replicas_for_every_number() -> None:
    found = case("range")
    p99 = next(v for v in found.facts.judged if v.promise.metric == "p99")
    assert p99.value == pytest.approx(0.49, rel=0.05) and codes(found) == {"AB401"}
    assert found.facts.value("utilisation", "work") == pytest.approx(14 * lognormal_mean(0.040, 0.160))
    assert found.facts.value("cost_month", "range") == 365
    assert found.facts.value("capacity", "work") == pytest.approx(10 / lognormal_mean(0.040, 0.160))


def test_a_range_that_needs_two_runs_and_costs_two() -> None:
    found = case("range", ("rate: 14 rps", "rate: 20 rps"))
    assert found.facts.value("cost_month", "range") == 730 and "AB702" in codes(found)
    assert next(v for v in found.facts.judged if v.promise.metric == "p99").value < 0.25


MIXED = """\
design mix {{ sla: throughput >= 20 rps }}
client u {{ rate: {u} rps }}
client v {{ rate: {v} rps }}
service pool {{ latency: 10ms..10ms; concurrency: 10 }}
store fast {{ latency: 20ms..20ms; throughput: 2k rps }}
store slow {{ latency: 300ms..300ms; throughput: 2k rps }}
u -> pool
pool <-> slow
flow two "two" {{ v -> pool <-> fast }}
"""


@pytest.mark.parametrize(("u", "v"), [(10, 90), (1, 90), (20, 90), (5, 200), (30, 5)])
def test_the_throughput_of_a_flow_follows_what_it_holds_a_shared_slot_for(u: int, v: int) -> None:
    facts = compiled(MIXED.format(u=u, v=v)).facts
    assert facts.value("throughput", "main") == pytest.approx((10 - v * 0.030) / 0.310, rel=1e-3)
    assert facts.value("throughput", "two") == pytest.approx((10 - u * 0.310) / 0.030, rel=1e-3)


LOST = """\
design cl {{ sla: p99 < 1s }}
client u {{ rate: {rate} rps }}
service a {{ latency: 1ms..1ms; concurrency: 4; replicas: 2 }}
cache k {{ hit: 80%; latency: 2ms..2ms; replicas: 2 }}
store d {{ latency: 200ms..200ms; replicas: 2; throughput: {store} rps }}
u -> a
a <-> k -> d
"""


def test_a_lost_cache_holds_the_slots_of_who_asks_it_for_as_long_as_what_is_behind_takes() -> None:
    def lost(rate: int, store: int) -> str:
        found = compiled(LOST.format(rate=rate, store=store))
        return "".join(d.message for d in found.diagnostics if d.rule.code == "AB603")

    assert lost(38, 100) == ""  # 8 slots for 203 ms
    assert lost(50, 100).startswith("without `k`, `a` gets 50/s and carries 39.41/s = ")
    assert lost(38, 15).endswith("`a` fills while it waits for `d`")
