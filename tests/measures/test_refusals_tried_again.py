"""Refusals that are tried again or answered by something else, against simulations of them.

Times are those of the requests that were answered. The waits before retries are long beside the queue and spread, so
that a retry finds a queue that has forgotten what it refused: as attempts are taken to be.
"""

from __future__ import annotations

from functools import cache

import pytest

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.source import Source
from tests.simulation.statistics import UNSEEN, Interval, of_batches, of_mean, of_percentile
from tests.simulation.world import Run, simulate

pytestmark = pytest.mark.slow

REQUESTS, WARM_UP = 60_000, 3_000
QUICK = "latency: p50 0.5ms, p99 1ms; throughput: 5k rps"
HEAD = f"""design d {{ sla: mean < 10s, p50 < 10s by independent, p99 < 10s by independent }}
client web {{ rate: RATE rps }}
service api {{ {QUICK} }}
service work {{ latency: p50 7.0711ms, p99 49.05ms, service; concurrency: 1; queue: 5 }}
store db {{ {QUICK} }}
web -> api
"""
RETRIED = f"{HEAD.replace('RATE', '70')}api -> work {{ retries: 1; backoff: 2s jitter }}\nwork -> db"
CAUGHT = f"""{HEAD.replace("RATE", "90")}
fallback spare {{ latency: p50 20ms, p99 50ms; throughput: 5k rps; errors: 20% }}
api <-> work
work -x> spare {{ on: error }}
api -> db"""
CALLED = f"{HEAD.replace('RATE', '70')}api <-> work {{ retries: 1; backoff: 2s jitter }}\nwork <-> db"
LATE = f"{HEAD.replace('RATE', '95')}api -> work {{ timeout: 60ms; retries: 1; backoff: BACKOFF }}\nwork -> db"


def compiled(text: str) -> Compilation:
    found = compile_source(Source("simulated.arch", text))
    assert found.understood, [d.message for d in found.diagnostics]
    return found


@cache
def simulated(text: str) -> Run:
    return simulate(compiled(text).design, REQUESTS, warm_up=WARM_UP)


def differences(text: str, run: Run, names: tuple[str, ...]) -> list[str]:
    """Return every number of a design that a simulation does not bear out."""
    facts, kept = compiled(text).facts, run.answered["main"] > 0
    refused = of_batches(run.refused["work"])
    rare = UNSEEN / REQUESTS
    found: list[tuple[str, float | None, Interval]] = [
        ("refused", facts.value("refused_share", "work"), Interval(refused.low - rare, refused.high + rare)),
        ("availability", facts.value("availability", "main"), of_mean(run.answered["main"]).widened(rare)),
        *((f"demand of {name}", facts.value("demand", name), run.demand(name)) for name in names),
    ]
    times = run.times["main"][kept]
    for verdict in facts.judged:
        if verdict.promise.metric == "mean":
            found.append(("mean", verdict.value, of_mean(times).widened(0.03)))
        else:
            there = of_percentile(times, verdict.promise.fraction or 0.0)
            found.append((verdict.promise.metric, verdict.independent, there.widened(0.05)))
    return [f"{what}: {value}, not {there}" for what, value, there in found if value is None or value not in there]


@pytest.mark.parametrize("text", [RETRIED, CALLED], ids=["passed on", "called"])
def test_a_refusal_that_is_tried_again_is_demand_and_time_and_mostly_answered(text: str) -> None:
    assert differences(text, simulated(text), ("work", "db")) == []


@pytest.mark.parametrize("text", [RETRIED, CALLED], ids=["passed on", "called"])
@pytest.mark.parametrize(
    ("number", "other"), [("queue: 5", "queue: 6"), ("retries: 1", "retries: 2"), ("p50 7.0711ms", "p50 8ms")]
)
def test_the_simulation_notices_another_queue_other_retries_or_another_service(
    text: str, number: str, other: str
) -> None:
    assert number in text
    assert differences(text.replace(number, other), simulated(text), ("work", "db")) != []


def test_a_refusal_that_something_answers_takes_its_time_and_fails_as_often_as_that_does() -> None:
    assert differences(CAUGHT, simulated(CAUGHT), ("work", "spare", "db")) == []


@pytest.mark.parametrize(("number", "other"), [("queue: 5", "queue: 6"), ("errors: 20%", "errors: 30%")])
def test_the_simulation_notices_another_queue_or_a_fallback_that_errs_more(number: str, other: str) -> None:
    assert differences(CAUGHT.replace(number, other), simulated(CAUGHT), ("work", "spare", "db")) != []


@pytest.mark.parametrize("backoff", ["0ms", "1s jitter"])
def test_under_a_timeout_what_is_refused_and_what_is_late_are_each_lost_once(backoff: str) -> None:
    text = LATE.replace("BACKOFF", backoff)
    there = of_mean(simulated(text).answered["main"])
    assert compiled(text).facts.value("availability", "main") in there
    assert compiled(text.replace("queue: 5", "queue: 2")).facts.value("availability", "main") not in there
