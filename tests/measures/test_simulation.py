"""What archboard says of designs against simulations of them, and simulations against what is known in closed form.

Nothing is held against a margin of somebody's choosing: a number agrees if it lies within the interval that the
simulation gives for it, 99.9 times in a hundred. Whether that proves anything is a test of its own: each design has a
number that, changed a little, must be noticed.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
import pytest

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.source import Source
from tests.simulation.designs import ATTEMPTS, DESIGNS, ERRORS, HEAD, Subject
from tests.simulation.engine import Distribution, exponential
from tests.simulation.statistics import BATCHES, UNSEEN, Interval, of_batches, of_mean, of_percentile
from tests.simulation.world import Run, simulate

pytestmark = pytest.mark.slow

Comparison = tuple[str, float | None, Interval]
"""What is compared, what archboard says of it, and where the simulation sees it."""


def compiled(text: str) -> Compilation:
    """Compile a design that must say what it means."""
    compilation = compile_source(Source("simulated.arch", text))
    assert compilation.understood, [(d.rule.code, d.message) for d in compilation.diagnostics if d.is_error]
    return compilation


# What archboard says.


@cache
def simulated(name: str) -> Run:
    """Simulate one of the designs, once."""
    subject = DESIGNS[name]
    return simulate(compiled(subject.source()).design, subject.requests, warm_up=subject.warm_up)


def differences(subject: Subject, compilation: Compilation, run: Run) -> list[str]:
    """Return every number of a design that a simulation does not bear out."""
    found = [*latencies(subject, compilation, run), *loads(compilation, run, subject.room)]
    return differing(found)


def differing(found: list[Comparison]) -> list[str]:
    return [f"{what}: {value}, not {there}" for what, value, there in found if value is None or value not in there]


def latencies(subject: Subject, compilation: Compilation, run: Run) -> list[Comparison]:
    found: list[Comparison] = []
    for verdict in compilation.facts.judged:
        metric, times = verdict.promise.metric, run.times[verdict.flow]
        if metric == "mean" and subject.latency != "nothing":
            found.append((metric, verdict.value, of_mean(times).widened(subject.room)))
        elif verdict.promise.fraction is not None and subject.latency == "percentiles":
            there = of_percentile(times, verdict.promise.fraction)
            found.append((metric, verdict.independent, there.widened(subject.within)))
    return found


def loads(compilation: Compilation, run: Run, room: float) -> list[Comparison]:
    found: list[Comparison] = []
    for name, component in compilation.design.components.items():
        demand, utilisation = run.demand(name), run.utilisation(component)
        if demand.high > 0:
            found.append((f"demand of {name}", compilation.facts.value("demand", name), demand.widened(room)))
            if utilisation is not None:
                value = compilation.facts.value("utilisation", name)
                found.append((f"utilisation of {name}", value, utilisation.widened(room)))
    return found


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_has_the_latencies_and_loads_of_its_simulation(name: str) -> None:
    assert differences(DESIGNS[name], compiled(DESIGNS[name].source()), simulated(name)) == []


@pytest.mark.parametrize("name", DESIGNS)
def test_a_simulation_notices_one_number_that_is_another(name: str) -> None:
    subject = DESIGNS[name]
    assert differences(subject, compiled(subject.source(subject.change)), simulated(name)) != []


@pytest.mark.parametrize("name", ATTEMPTS)
def test_attempts_take_as_long_and_load_as_much_wherever_they_are_made(name: str) -> None:
    compilation = compiled(HEAD + ATTEMPTS[name])
    run = simulate(compilation.design, 15_000)
    exact = Subject(ATTEMPTS[name], ("", ""), ("", ""))
    arrows = [(a.id, compilation.facts.value("arrow_rate", a.id), run.demand(a.id)) for a in compilation.design.arrows]
    assert differences(exact, compilation, run) == []
    assert differing(arrows) == []


@pytest.mark.parametrize("name", ATTEMPTS)
def test_as_many_requests_are_answered_as_no_attempt_gives_up(name: str) -> None:
    compilation = compiled(HEAD + ATTEMPTS[name])
    run = simulate(compilation.design, 30_000)
    found = compilation.facts.value("availability", "main")
    assert (1.0 if found is None else found) in of_mean(run.answered["main"]).widened(UNSEEN / 30_000)
    for arrow, share in run.given_up.items():
        given_up = compilation.facts.value("given_up", arrow)
        if given_up is not None:
            assert given_up == pytest.approx(share, abs=4 * math.sqrt(given_up / 30_000) + UNSEEN / 30_000)


@cache
def erring(name: str, faster: int) -> Run:
    """Simulate one of the designs that err, once, with so many times the rate of its clients."""
    return simulate(compiled(ERRORS[name].source(times(ERRORS[name], faster))).design, ERRORS[name].requests)


def times(subject: Subject, faster: int) -> tuple[str, str] | None:
    """Return the change that has a design's clients send so many times as much."""
    rate = subject.text.partition("rate: ")[2].partition(" rps")[0]
    return (f"rate: {rate} rps", f"rate: {int(rate) * faster} rps") if faster > 1 else None


@pytest.mark.parametrize("faster", [1, 2])
@pytest.mark.parametrize("name", ERRORS)
def test_errors_take_as_long_load_as_much_and_lose_as_many_as_in_a_simulation(name: str, faster: int) -> None:
    subject, run = ERRORS[name], erring(name, faster)
    compilation = compiled(subject.source(times(subject, faster)))
    assert differences(subject, compilation, run) == []
    found = compilation.facts.value("availability", "main")
    assert found in of_mean(run.answered["main"]).widened(UNSEEN / subject.requests)


@pytest.mark.parametrize("name", ERRORS)
def test_a_simulation_of_errors_notices_one_number_that_is_another(name: str) -> None:
    subject, run = ERRORS[name], erring(name, 1)
    assert differences(subject, compiled(subject.source(subject.change)), run) != []
    poorer = compiled(subject.source(subject.poorer)).facts.value("availability", "main")
    assert poorer is not None and poorer < of_mean(run.answered["main"]).low


# What is known of queues and attempts without memory, in closed form.


def memoryless(text: str, requests: int, warm_up: int = 0, **means: float) -> Run:
    """Simulate a design of which some components take times without memory, by their means in seconds."""
    times: dict[str, Distribution] = {name: exponential(mean) for name, mean in means.items()}
    return simulate(compiled(f"design d\n{text}").design, requests, warm_up=warm_up, times=times)


def test_one_server_keeps_requests_as_long_as_a_queue_without_memory() -> None:
    """M/M/1: the sojourn is exponential with mean 1/(mu - lambda) (Kleinrock, *Queueing Systems* 1, 3.2)."""
    text = "client web { rate: 6 rps }\nservice s { latency: 1s, service; concurrency: 1 }\nweb -> s"
    run = memoryless(text, 80_000, 5_000, s=0.1)
    times = run.times["main"]
    assert 0.25 in of_mean(times)
    assert math.log(2) / 4 in of_percentile(times, 0.5)
    assert math.log(100) / 4 in of_percentile(times, 0.99)
    assert 0.6 in of_batches(run.busy["s"])


def test_four_servers_keep_requests_as_long_as_published() -> None:
    """M/M/4 at 80%: mean, median and p95 of the sojourn (Erlang C; also by PDQ and LINE)."""
    text = "client web { rate: 3.2 rps }\nservice s { latency: 1s, service; replicas: 4 }\nweb -> s"
    run = memoryless(text, 100_000, 5_000, s=1.0)
    times = run.times["main"]
    assert 1.7455405897342557 in of_mean(times)
    assert 1.3461990538193107 in of_percentile(times, 0.5)
    assert 4.7380194960365944 in of_percentile(times, 0.95)
    assert 1.5 not in of_mean(times)


def test_a_server_with_a_rate_alone_has_as_many_places_as_fill_it() -> None:
    run = memoryless(
        """client web { rate: 3.2 rps }
        service s { latency: 1s..1s, service; throughput: 2 rps; replicas: 2 }
        web -> s""", 60_000, 3_000, s=1.0
    )  # fmt: skip
    assert 1.7455405897342557 in of_mean(run.times["main"])


CALL = """client web { rate: 100 rps }
service api
service s { latency: 10ms }
web -> api
api <-> s """


def test_a_hedge_after_p95_shortens_the_tail_and_sends_a_twentieth_more() -> None:
    """Beyond d two exponentials race: p99 = d + mean/2 × ln(0.05/0.01)."""
    run = memoryless(CALL + "{ hedge: p95 }", 40_000, s=0.01)
    after = 0.01 * math.log(20)
    assert after + 0.005 * math.log(5) in of_percentile(run.times["main"], 0.99)
    assert 105 in run.demand("s")


def test_two_answers_of_three_come_as_their_order_statistics_say() -> None:
    """The second of three exponentials: mean (1/3 + 1/2) means, p99 where 3F² - 2F³ = 0.99."""
    run = memoryless(CALL + "{ fanout: 3; quorum: 2 }", 40_000, s=0.01)
    assert 0.01 * (1 / 3 + 1 / 2) in of_mean(run.times["main"])
    assert 0.028318609507233315 in of_percentile(run.times["main"], 0.99)
    assert 300 in run.demand("s")


def test_attempts_end_at_their_timeout_and_are_made_as_often_as_allowed() -> None:
    """Each of three attempts times out with p = exp(-T/mean), independently; waits of 5 ms go between."""
    run = memoryless(CALL + "{ timeout: 15ms; retries: 2; backoff: 5ms }", 40_000, s=0.01)
    p = math.exp(-1.5)
    times = run.times["main"]
    assert 100 * (1 + p + p**2) in run.demand("s")
    assert (1 + p + p**2) * 0.01 * (1 - p) + (p + p**2) * 0.005 in of_mean(times)
    gave_up = np.isclose(times, 3 * 0.015 + 2 * 0.005)
    assert p**3 in of_mean(gave_up.astype(float))
    assert times.max() <= 0.055 + 1e-9


def test_a_request_that_is_sent_on_is_tried_again_only_as_far_as_the_next_component() -> None:
    run = memoryless(
        """client web { rate: 100 rps }
        service s { latency: 10ms }
        service t { latency: 10ms }
        web -> s { timeout: 15ms; retries: 1 }
        s -> t""", 40_000, s=0.01, t=0.01
    )  # fmt: skip
    assert 100 * (1 + math.exp(-1.5)) in run.demand("s")
    assert 100 in run.demand("t")


def test_retries_into_a_queue_can_tip_over_what_would_be_stable() -> None:
    """At 70 of 100 a second, 100 ms and one retry, 77 a second are stable if nothing disturbs them.

    Chance does: once the queue is so long that most attempts time out, twice 70 keep it so (a metastable failure).
    """
    run = memoryless(
        """client web { rate: 70 rps }
        service s { latency: 10ms, service; concurrency: 1 }
        web -> s { timeout: 100ms; retries: 1 }""", 40_000, s=0.01
    )  # fmt: skip
    assert run.visits["s"][-1] == 140


# What the intervals are worth.


def test_intervals_hold_what_they_should_as_often_as_they_say() -> None:
    dice = np.random.default_rng(7)
    missed = {"mean": 0, "p50": 0, "p95": 0}
    for _ in range(300):
        times = dice.exponential(1.0, 100 * BATCHES)
        missed["mean"] += 1.0 not in of_mean(times)
        missed["p50"] += math.log(2) not in of_percentile(times, 0.5)
        missed["p95"] += math.log(20) not in of_percentile(times, 0.95)
    assert max(missed.values()) <= 3, missed


def test_what_never_varies_is_certain_but_for_rounding() -> None:
    interval = of_batches([0.1] * BATCHES)
    assert 0.1 in interval
    assert 0.1000001 not in interval
