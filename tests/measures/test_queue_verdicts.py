"""Designs about queues and the slowest of many whose promises seemed kept and are not; each with numbers of its own.

The files stand in tests/verdicts; a comment at the top of each says what is right.
"""

from __future__ import annotations

import math
from pathlib import Path
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.compiler import Compilation, compile_source
from archboard.script import narrate
from archboard.source import Source
from archboard.verdicts import Judged
from archboard.words.remedies import sentence
from tests.simulation.world import simulate
from tests.strategies import examples

VERDICTS = Path(__file__).parent.parent / "verdicts"
Z = NormalDist().inv_cdf


def compiled(text: str) -> Compilation:
    return compile_source(Source("queues.arch", text))


def verdict_case(name: str) -> Compilation:
    return compiled((VERDICTS / f"{name}.arch").read_text("utf-8"))


def judged(compilation: Compilation, at: int = 0) -> Judged:
    verdict = compilation.facts.verdicts[at]
    assert isinstance(verdict, Judged)
    return verdict


def codes(compilation: Compilation) -> set[str]:
    return {diagnostic.rule.code for diagnostic in compilation.diagnostics}


def leaf_at(q: float) -> float:
    """Return a quantile beyond p95 of the leaf of fan_out, lognormal there through p95 5 ms and p99 10 ms."""
    return 0.005 * 2 ** ((Z(q) - Z(0.95)) / (Z(0.99) - Z(0.95)))


# The slowest of many.


def test_the_slowest_of_a_hundred_is_what_the_request_waits_for() -> None:
    compilation = verdict_case("fan_out")
    verdict = judged(compilation)
    assert not verdict.ok and "AB401" in codes(compilation)
    expected = leaf_at(0.99 ** (1 / 100)) + 1e-6
    assert verdict.sum == pytest.approx(expected, rel=1e-9)
    assert verdict.value == pytest.approx(0.0412, abs=0.00005)
    assert verdict.independent == pytest.approx(expected, rel=1e-3)
    assert verdict.bound is not None and expected < verdict.bound < 1.01 * expected


def test_every_text_tells_the_slowest_of_them() -> None:
    compilation = verdict_case("fan_out")
    (error,) = [d for d in compilation.diagnostics if d.rule.code == "AB401"]
    assert "`leaf` takes 41.17 ms of it, the slowest of 100" in error.message
    worst = compilation.facts.flows[0].worst
    assert worst is not None
    assert [(item.subject, item.among) for item in worst.items] == [("root", ""), ("leaf", "slowest of 100")]
    assert str(judged(compilation).working) == "root 1 µs + leaf 41.17 ms (slowest of 100)"
    script = narrate(compilation.design, compilation.facts, compilation.scenarios)
    said = " ".join(line.text for step in script.steps for cue in step.cues for line in cue.sentences)
    assert "the slowest of one hundred" in said or "the slowest of a hundred" in said


def test_a_remedy_makes_the_leaf_faster_until_the_slowest_is_fast_enough() -> None:
    compilation = verdict_case("fan_out")
    (cure,) = compilation.facts.remedies
    assert sentence(cure, compilation.design) == "`leaf` p99 10 ms → 3.6 ms would hold it"
    assert 0.36 * leaf_at(0.99 ** (1 / 100)) < 0.015 < 0.37 * leaf_at(0.99 ** (1 / 100))


@pytest.mark.parametrize(
    ("arrow", "within"),
    [
        ("{ fanout: 20 }", 0.95 ** (1 / 20)),
        ("{ fanout: 3; quorum: 1 }", 1 - 0.05 ** (1 / 3)),  # the fastest of three: all three are slow
        ("{ fanout: 2; quorum: 1 }", 1 - 0.05 ** (1 / 2)),
        ("{ fanout: 1000 }", 0.95 ** (1 / 1000)),
    ],
)
def test_a_promise_at_another_percentile_reads_the_order_statistic_there(arrow: str, within: float) -> None:
    verdict = judged(
        compiled(f"""design d {{ sla: p95 < 1s }}
client w {{ rate: 1 rps }}
service root {{ latency: p50 0.001ms, p99 0.001ms }}
store leaf {{ latency: p50 2ms, p99 9ms }}
w -> root
root <-> leaf {arrow}
""")
    )
    sigma = (9 / 2) ** (1 / Z(0.99))
    assert verdict.sum == pytest.approx(0.002 * sigma ** Z(within) + 1e-6, rel=1e-9)
    assert verdict.independent == pytest.approx(verdict.sum, rel=1e-3)


def test_the_mean_is_that_of_the_slowest() -> None:
    compilation = compiled("""design d { sla: mean < 1s }
client w { rate: 1 rps }
service root { latency: p50 0.001ms, p99 0.001ms }
store leaf { latency: 0ms..10ms }
w -> root
root <-> leaf { fanout: 9 }
""")
    worst = compilation.facts.flows[0].worst
    assert worst is not None
    assert worst.sums["mean"] == pytest.approx(0.009 + 1e-6, rel=1e-4)  # n ÷ (n + 1) of a uniform
    assert judged(compilation).value == pytest.approx(0.009 + 1e-6, rel=1e-4)


def test_copies_in_copies_multiply_and_a_failure_mode_waits_for_the_slowest_too() -> None:
    compilation = compiled("""design d { sla: p99 < 60ms }
client w { rate: 1 rps }
service root { latency: p50 1ms, p99 1ms }
service middle { latency: p50 1ms, p99 1ms }
store leaf { latency: p50 2ms, p99 9ms }
cache near { latency: p50 1ms, p99 1ms; hit: 50% }
fallback far { latency: p50 20ms, p99 20ms }
w -> root
root <-> near
root <-> middle { fanout: 10 }
middle <-> leaf { fanout: 10 }
near -x> far { on: down }
""")
    sigma = (9 / 2) ** (1 / Z(0.99))
    expected = 0.003 + 0.002 * sigma ** Z(0.99 ** (1 / 100))
    assert judged(compilation).sum == pytest.approx(expected, rel=1e-9)
    (mode,) = compilation.facts.failures
    assert mode.verdicts[0].value == pytest.approx(expected + 0.019, rel=1e-9)
    worst = compilation.facts.flows[0].worst
    assert worst is not None and worst.items[-1].among == "slowest of 10 in the slowest of 10"


# Two stable points.

CALLED = """design d
client w {{ rate: {rate} rps }}
service a {{ latency: 1us; replicas: 2 }}
store s {{ latency: p50 10ms, p99 40ms, service; concurrency: 1 }}
w -> a {{ {outer} }}
a <-> s {{ {inner} }}
"""
MEAN = 0.010 * math.exp((math.log(4) / Z(0.99)) ** 2 / 2)


def called(rate: float, inner: str = "timeout: 100ms; retries: 1", outer: str = "latency: 0ms") -> Compilation:
    return compiled(CALLED.format(rate=rate, inner=inner, outer=outer))


def test_what_a_burst_can_leave_overloaded_is_a_finding_with_the_load_from_which_it_is() -> None:
    compilation = verdict_case("two_stable_points")
    (found,) = [d for d in compilation.diagnostics if d.rule.code == "AB507"]
    (points,) = compilation.facts.two_points
    assert points.capacity == pytest.approx(1 / MEAN, rel=1e-9)
    assert points.late == pytest.approx(100.0, rel=1e-9)
    assert points.since == pytest.approx(1 / MEAN / 2, rel=1e-9)
    assert "with every attempt late it then gets 100/s and carries 83.73/s, from 41.87/s of clients on" in found.message
    help = "`s.replicas` 1 → 2 would carry every attempt, or no retry instead of 1 over `a<->s`"
    assert found.help == f"{help}, or `retry_budget: 20%` over `a<->s`"
    assert not any("burst" in taken.sentence for taken in compilation.facts.assumptions)
    script = narrate(compilation.design, compilation.facts, compilation.scenarios)
    said = " ".join(line.text for step in script.steps for cue in step.cues for line in cue.sentences)
    assert "That second point exists from" in said


@pytest.mark.parametrize(
    ("rate", "inner", "outer", "since"),
    [
        (41.0, "timeout: 100ms; retries: 1", "latency: 0ms", None),  # twice 41 is carried
        (42.5, "timeout: 100ms; retries: 1", "latency: 0ms", 1 / MEAN / 2),
        (30.0, "timeout: 150ms; retries: 3", "latency: 0ms", 1 / MEAN / 4),
        (30.0, "timeout: 150ms; retries: 0", "latency: 0ms", None),
        (30.0, "timeout: 150ms", "latency: 0ms", None),
        (15.0, "timeout: 100ms; retries: 3", "timeout: 250ms; retries: 2", 1 / MEAN / 12),  # 4 attempts in each of 3
        (60.0, "hedge: 100ms", "latency: 0ms", 1 / MEAN / 2),  # every one sends a second copy
    ],
)
def test_it_exists_from_where_every_attempt_is_more_than_is_carried(
    rate: float, inner: str, outer: str, since: float | None
) -> None:
    facts = called(rate, inner, outer).facts
    assert facts.storms == ()
    assert [points.since for points in facts.two_points] == ([] if since is None else [pytest.approx(since, rel=1e-6)])


def test_measured_latencies_and_storms_have_no_second_point() -> None:
    measured = CALLED.replace(", service", "").format(rate=50, inner="timeout: 100ms; retries: 1", outer="latency: 0ms")
    assert compiled(measured).facts.two_points == ()
    assert "AB505" in codes(called(75.0)) and "AB507" not in codes(called(75.0))


def test_a_remedy_leaves_no_second_point() -> None:
    text = CALLED.format(rate=40, inner="timeout: 120ms; retries: 3", outer="latency: 0ms")
    assert "AB507" in codes(compiled(text))
    assert "AB507" not in codes(compiled(text.replace("concurrency: 1", "concurrency: 1; replicas: 2")))
    assert "AB507" not in codes(compiled(text.replace("retries: 3", "retries: 1")))
    (cure,) = compiled(text).facts.remedies
    assert sentence(cure, compiled(text).design).startswith("`s.replicas` 1 → 2 would carry every attempt, or 1 retry")


@given(st.integers(1, 4), st.floats(5, 60), st.integers(1, 4))
@settings(max_examples=examples(15, quick=5), deadline=None)
def test_one_that_is_carried_when_every_attempt_is_late_has_one_point(retries: int, rate: float, replicas: int) -> None:
    text = CALLED.format(rate=rate, inner=f"timeout: 200ms; retries: {retries}", outer="latency: 0ms")
    facts = compiled(text.replace("concurrency: 1", f"concurrency: 1; replicas: {replicas}")).facts
    over = rate * (retries + 1) > replicas / MEAN
    assert bool(facts.two_points or facts.storms) == over
    for points in facts.two_points:
        assert points.since * (retries + 1) == pytest.approx(replicas / MEAN, rel=1e-6)
        assert points.since < rate


@pytest.mark.slow
def test_a_simulation_of_the_case_ends_at_the_second_point() -> None:
    compilation = verdict_case("two_stable_points")
    for seed in (1, 2, 3):
        run = simulate(compilation.design, 40_000, seed=seed)
        assert run.visits["s"][-1] == 100
    below = compiled((VERDICTS / "two_stable_points.arch").read_text("utf-8").replace("rate: 50", "rate: 35"))
    assert simulate(below.design, 40_000).visits["s"][-1] < 40
