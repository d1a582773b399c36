"""Queues with an end against simulations of them, from a third of what they carry to a fifth more than that.

Times are those of the requests that were refused nowhere. Percentiles and means have the room that those of several
servers have without an end; what is refused has none but chance where there is one server, and there it is exact.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.source import Source
from tests.simulation.statistics import UNSEEN, Interval, of_batches, of_mean, of_percentile
from tests.simulation.world import Run, simulate

pytestmark = pytest.mark.slow

REQUESTS, WARM_UP = 60_000, 3_000
SLA = "sla: mean < 10s, p50 < 10s by independent, p99 < 10s by independent"
ONE = "concurrency: 1"
FOUR = "concurrency: 2; replicas: 2"
CAPACITY = {ONE: 100.0, FOUR: 400.0}
BUSY = (0.3, 0.6, 0.8, 0.9, 0.95, 1.2)
LATENCY = "latency: p50 7.0711ms, p99 49.05ms"
SLOWER = "latency: p50 7.8489ms, p99 54.45ms"


def written(servers: str, busy: float, latency: str = LATENCY, queue: int = 8) -> str:
    """Return a design with one queue that ends, called by what waits for it and passing on what it lets in."""
    return f"""design d {{ {SLA} }}
    client web {{ rate: {busy * CAPACITY[servers]:.6g} rps }}
    gateway edge {{ latency: p50 0.5ms, p99 1ms; throughput: 5k rps }}
    service work {{ {latency}, service; {servers}; queue: {queue} }}
    store db {{ latency: p50 1ms, p99 3ms; throughput: 5k rps }}
    telemetry logs {{ throughput: 10k rps }}
    web -> edge -> work -> db
    work ~> logs"""


def compiled(text: str) -> Compilation:
    compilation = compile_source(Source("simulated.arch", text))
    assert compilation.understood, [d.message for d in compilation.diagnostics]
    return compilation


def rare(share: Interval) -> Interval:
    """Return where a share lies of which nothing may have been seen."""
    return Interval(share.low - UNSEEN / REQUESTS, share.high + UNSEEN / REQUESTS)


@cache
def simulated(servers: str, busy: float) -> Run:
    return simulate(compiled(written(servers, busy)).design, REQUESTS, warm_up=WARM_UP)


def differences(compilation: Compilation, run: Run, *, exact: bool) -> list[str]:
    """Return every number of a design that a simulation does not bear out."""
    kept = run.answered["main"] > 0
    times, facts = run.times["main"][kept], compilation.facts
    room = 0.0 if exact else 0.06
    found: list[tuple[str, float | None, Interval]] = [
        ("refused", facts.value("refused_share", "work"), rare(of_batches(run.refused["work"]).widened(room))),
        ("unanswered", 1 - (facts.value("availability", "main") or 1.0), rare(of_mean(1.0 - kept).widened(room))),
        ("demand of db", facts.value("demand", "db"), run.demand("db").widened(room)),
        ("demand of logs", facts.value("demand", "logs"), run.demand("logs").widened(room)),
    ]
    for verdict in facts.judged:
        if verdict.promise.metric == "mean":
            found.append(("mean", verdict.value, of_mean(times).widened(0.03)))
        else:
            there = of_percentile(times, verdict.promise.fraction or 0.0)
            found.append((verdict.promise.metric, verdict.independent, there.widened(0.05)))
    return [f"{what}: {value}, not {there}" for what, value, there in found if value is None or value not in there]


@pytest.mark.parametrize("busy", BUSY)
@pytest.mark.parametrize("servers", [ONE, FOUR])
def test_what_is_refused_and_how_long_the_others_take_is_what_the_simulation_sees(servers: str, busy: float) -> None:
    found = differences(compiled(written(servers, busy)), simulated(servers, busy), exact=servers == ONE)
    assert found == []


@pytest.mark.parametrize("busy", BUSY)
@pytest.mark.parametrize("servers", [ONE, FOUR])
def test_the_simulation_notices_a_service_that_is_slower(servers: str, busy: float) -> None:
    slower = compiled(written(servers, busy, SLOWER))
    assert differences(slower, simulated(servers, busy), exact=servers == ONE) != []


@pytest.mark.parametrize("busy", [0.8, 0.9, 0.95, 1.2])
def test_the_simulation_notices_two_places_more(busy: float) -> None:
    assert differences(compiled(written(ONE, busy, queue=10)), simulated(ONE, busy), exact=True) != []


def test_a_caller_holds_its_slots_shorter_for_what_is_refused() -> None:
    text = f"""design d
    client web {{ rate: 120 rps }}
    service api {{ latency: 1ms..3ms; concurrency: 200 }}
    service work {{ {LATENCY}, service; {ONE}; queue: 8 }}
    store db {{ latency: 1ms; throughput: 1k rps }}
    web -> api
    api <-> work
    work <-> db"""
    compilation = compiled(text)
    run = simulate(compilation.design, 40_000, warm_up=3_000)
    in_flight = compilation.facts.value("in_flight", "api")
    assert in_flight in of_batches(run.busy["api"]).widened(0.03)
    assert compilation.facts.value("availability", "main") in of_mean(run.answered["main"]).widened(0.002)
    assert compilation.facts.value("demand", "db") in run.demand("db").widened(0.01)


@pytest.mark.parametrize("balance", ["random", "round robin", "least loaded"])
@pytest.mark.parametrize("rate", [320, 480])
def test_a_queue_a_replica_refuses_what_it_does_when_it_is_simulated(balance: str, rate: int) -> None:
    text = f"""design d {{ {SLA} }}
    client web {{ rate: {rate} rps }}
    service work {{ {LATENCY}, service; replicas: 4; balance: {balance}; queue: 6 }}
    web -> work"""
    compilation = compiled(text)
    run = simulate(compilation.design, 60_000, warm_up=4_000)
    kept = run.answered["main"] > 0
    share, there = compilation.facts.value("refused_share", "work"), of_batches(run.refused["work"])
    room = 0.0 if balance == "random" else 0.25
    assert share in Interval(there.low - UNSEEN / 60_000, there.high + UNSEEN / 60_000).widened(room)
    for verdict in compilation.facts.judged:
        times = run.times["main"][kept]
        there = of_mean(times) if verdict.promise.metric == "mean" else of_percentile(times, verdict.promise.fraction)
        assert verdict.independent in there.widened(0.1), verdict.promise.metric


def test_who_is_refused_is_told_apart_from_who_is_slow() -> None:
    run = simulated(ONE, 1.2)
    refused = run.answered["main"] == 0
    assert 0.15 < float(np.mean(refused)) < 0.25
    assert float(run.times["main"][refused].max()) < 0.01
