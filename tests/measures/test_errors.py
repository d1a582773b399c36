"""Errors: what a failed attempt does to load, times and availability, against what can be worked out by hand."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.overrides import read_changes
from archboard.source import Source

FOUR = 1e-9


def compiled(text: str) -> Compilation:
    """Compile a design that must say what it means."""
    found = compile_source(Source("errors.arch", f"design d {{ sla: mean < 10s, availability >= 1% }}\n{text}"))
    assert found.understood, [(d.rule.code, d.message) for d in found.diagnostics if d.is_error]
    return found


def value(text: str, subject: str, metric: str) -> float:
    """Return a number of a design."""
    number = compiled(text).facts.value(metric, subject)
    assert number is not None, (subject, metric)
    return number


def mean(text: str) -> float:
    """Return the mean time of a design's requests, seconds."""
    (found,) = (v.value for v in compiled(text).facts.judged if v.promise.metric == "mean")
    return found


CHAIN = """client web {{ rate: 100 rps }}
service a {{ latency: 2ms..2ms; errors: {errors} }}
service b {{ latency: 3ms..3ms; errors: {errors} }}
service c {{ latency: 5ms..5ms; errors: {errors} }}
web -> a -> b -> c {{ retries: {retries}; backoff: 4ms }}"""


@pytest.mark.parametrize(("retries", "expected"), [(0, 0.999**3), (1, (1 - 1e-6) ** 3), (2, (1 - 1e-9) ** 3)])
def test_a_chain_is_answered_where_none_of_three_errs_in_every_attempt(retries: int, expected: float) -> None:
    text = CHAIN.format(errors="0.1%", retries=retries)
    assert value(text, "main", "availability") == pytest.approx(expected, rel=1e-12)
    assert value(text, "main", "errors") == pytest.approx(1 - expected, rel=1e-4)


def test_each_attempt_is_load_and_takes_its_own_time_and_the_wait() -> None:
    text = CHAIN.format(errors="10%", retries=2)
    assert value(text, "b", "demand") == pytest.approx(100 * 1.11)
    assert mean(text) == pytest.approx(1.11 * 0.010 + 3 * 0.11 * 0.004)


def test_attempts_fail_by_being_late_or_by_an_error() -> None:
    """Of 0 to 10 ms a fifth is over 8 ms; of four fifths in time a tenth errs: 0.28 fail."""
    text = """client web { rate: 100 rps }
    service s { latency: 0ms..10ms; errors: 10% }
    web -> s { timeout: 8ms; retries: 1; backoff: 1ms }"""
    assert value(text, "s", "demand") == pytest.approx(128, rel=1e-6)
    assert value(text, "web->s", "given_up") == pytest.approx(0.28**2, rel=1e-6)
    assert value(text, "main", "availability") == pytest.approx(1 - 0.28**2, rel=1e-6)
    assert value(text, "main", "errors") == pytest.approx(0.28 * 0.08 / (1 - 0.28 * 0.2), rel=1e-6)
    one = 0.8 * 0.004 + 0.2 * 0.008
    assert mean(text) == pytest.approx(one * 1.28 + 0.28 * 0.001, rel=1e-4)


def test_a_retry_above_covers_what_errs_below_and_it_is_counted_once() -> None:
    text = """client web { rate: 100 rps }
    service a { latency: 1ms..1ms }
    service b { latency: 1ms..1ms; errors: 10% }
    store c { latency: 1ms..1ms; errors: 20% }
    web -> a
    a <-> b { retries: 1 }
    b <-> c { retries: 1 }"""
    attempt = 1 - 0.9 * (1 - 0.2**2)
    assert value(text, "main", "availability") == pytest.approx(1 - attempt**2)
    assert value(text, "b", "demand") == pytest.approx(100 * (1 + attempt))
    assert value(text, "c", "demand") == pytest.approx(100 * (1 + attempt) * 1.2)


@pytest.mark.parametrize(
    ("condition", "answered", "full"),
    [("error", 1 - 0.04 * 0.5, 0.96), ("down", 0.96, 0.96), ("timeout 1s", 0.96, 0.96)],
)
def test_an_error_is_caught_by_a_failure_arrow_on_an_error_alone(condition: str, answered: float, full: float) -> None:
    text = f"""client web {{ rate: 100 rps }}
    service a {{ latency: 1ms..1ms }}
    store c {{ latency: 1ms..1ms; errors: 20% }}
    fallback f {{ latency: 7ms..7ms; errors: 50% }}
    web -> a
    a <-> c {{ retries: 1 }}
    c -x> f {{ on: {condition} }}"""
    assert value(text, "main", "availability") == pytest.approx(answered)
    assert value(text, "main", "served_in_full") == pytest.approx(full)
    came = compiled(text).facts.value("demand", "f") or 0.0
    assert came == pytest.approx(4.0 if condition == "error" else 0.0)
    assert mean(text) == pytest.approx(0.001 + 1.2 * 0.001 + came / 100 * 0.007)


def test_a_call_that_errs_is_caught_where_it_goes_up_to() -> None:
    text = """client web { rate: 100 rps }
    gateway edge { latency: 1ms..1ms; errors: 5% }
    service a { latency: 1ms..1ms }
    store c { latency: 1ms..1ms; errors: 20% }
    service after { latency: 1ms..1ms }
    fallback f { latency: 7ms..7ms; ends: yes }
    web -> edge -> a -> after
    a <-> c
    a -x> f { on: error }"""
    assert value(text, "main", "availability") == pytest.approx(0.95)
    assert value(text, "main", "served_in_full") == pytest.approx(0.95 * 0.8)
    assert value(text, "f", "demand") == pytest.approx(20)
    assert value(text, "after", "demand") == pytest.approx(80)


def test_what_is_down_is_not_helped_by_a_retry_and_counts_once() -> None:
    text = """client web { rate: 100 rps }
    store c { latency: 1ms..1ms; errors: 20%; availability: 90% }
    web -> c { retries: 1 }"""
    assert value(text, "main", "availability") == pytest.approx(0.9 * 0.96)


def test_arms_that_meet_err_once_where_they_meet() -> None:
    text = """client web { rate: 100 rps }
    service a { latency: 1ms..1ms }
    service b { latency: 1ms..1ms; errors: 10% }
    service c { latency: 1ms..1ms; errors: 10% }
    service merge { latency: 1ms..1ms; errors: 10% }
    web -> a -> b & c -> merge"""
    assert value(text, "main", "availability") == pytest.approx(0.9**3)


def test_copies_err_each_for_itself_and_a_quorum_can_do_without() -> None:
    text = """client web { rate: 100 rps }
    service a { latency: 1ms..1ms }
    store s { latency: 1ms..1ms; errors: 10% }
    web -> a
    a <-> s { fanout: 3; quorum: 2 }"""
    assert value(text, "main", "availability") == pytest.approx(0.9**3 + 3 * 0.9**2 * 0.1)


def test_an_error_of_what_is_behind_a_cache_meets_the_misses_alone() -> None:
    text = """client web { rate: 100 rps }
    cache near { latency: 1ms..1ms; hit: 80%; errors: 1% }
    store s { latency: 1ms..1ms; errors: 10% }
    web -> near -> s"""
    assert value(text, "main", "availability") == pytest.approx(0.99 * (1 - 0.2 * 0.1))


@pytest.mark.parametrize("errors", ["0%", "100%"])
@pytest.mark.parametrize("retries", [0, 1, 3])
@pytest.mark.parametrize("more", ["", "; timeout: 4ms", "; hedge: 2ms; timeout: 4ms"])
def test_none_and_all_are_shares_like_any_other(errors: str, retries: int, more: str) -> None:
    found = compiled(
        f"""client web {{ rate: 100 rps }}
        service a {{ latency: 1ms..2ms }}
        store c {{ latency: 1ms..9ms; errors: {errors} }}
        fallback f {{ latency: 1ms }}
        web -> a
        a <-> c {{ retries: {retries}{more} }}
        c -x> f {{ on: error }}"""
    )
    numbers = [fact.value for fact in found.facts.scalars.values() if fact.value is not None]
    assert not any(math.isnan(number) for number in numbers)
    full = found.facts.value("served_in_full", "main") or 0.0
    assert full == pytest.approx(0) if errors == "100%" else full > 0.3


DRAWN = """client web {{ rate: 50 rps }}
gateway edge {{ latency: 1ms..2ms; errors: {edge}% }}
service a {{ latency: 1ms..3ms; errors: {a}% }}
store c {{ latency: 1ms..9ms; errors: {c}%; availability: {up}% }}
fallback f {{ latency: 1ms..1ms; errors: 1% }}
web -> edge -> a {{ retries: {outer} }}
a <-> c {{ retries: {inner}{timeout} }}
{failure}"""
SHARES = st.floats(0, 100).map(lambda share: round(share, 3))
TRIES = st.integers(0, 3)
FAILURES = st.sampled_from(("", "c -x> f { on: error }", "a -x> f { on: error }", "c -x> f { on: down }"))
FAILURES_OF_C = "c -x> f { on: error }"
TIMEOUTS = st.sampled_from(("", "; timeout: 6ms"))


def drawn(**given: object) -> str:
    """Return a small design."""
    return DRAWN.format(**given)


@given(SHARES, SHARES, SHARES, SHARES, SHARES, TRIES, TRIES, FAILURES, TIMEOUTS)
def test_more_errors_never_raise_availability(
    edge: float, a: float, c: float, more: float, up: float, outer: int, inner: int, failure: str, timeout: str
) -> None:
    said = {"edge": edge, "a": a, "up": up, "outer": outer, "inner": inner, "failure": failure, "timeout": timeout}
    less, worse = (
        value(drawn(c=share, **said), "main", "availability") for share in (min(c, more), max(c, more))
    )
    assert worse <= less + FOUR


@given(SHARES, SHARES, SHARES, SHARES, TRIES, TRIES, FAILURES, TIMEOUTS)
def test_a_retry_never_lowers_availability(
    edge: float, a: float, c: float, up: float, outer: int, inner: int, failure: str, timeout: str
) -> None:
    said = {"edge": edge, "a": a, "c": c, "up": up, "failure": failure, "timeout": timeout}
    before = value(drawn(outer=outer, inner=inner, **said), "main", "availability")
    for again in ({"outer": outer + 1, "inner": inner}, {"outer": outer, "inner": inner + 1}):
        assert value(drawn(**again, **said), "main", "availability") >= before - FOUR


@given(TRIES, TRIES, FAILURES, TIMEOUTS)
def test_no_errors_change_nothing(outer: int, inner: int, failure: str, timeout: str) -> None:
    text = drawn(edge=0, a=0, c=0, up=99, outer=outer, inner=inner, failure=failure, timeout=timeout)
    text = text.replace("errors: 1%", "")
    none = text.replace("errors: 0%", "")
    assert text != none
    with_zero, without = compiled(text).facts, compiled(none).facts
    assert {k: f.value for k, f in with_zero.scalars.items()} == {k: f.value for k, f in without.scalars.items()}
    assert [v.value for v in with_zero.judged] == [v.value for v in without.judged]


BUDGET = """client web {{ rate: 100 rps }}
service a {{ latency: 1ms..1ms }}
store c {{ latency: 1ms..9ms; errors: {errors}; throughput: 500 rps }}
fallback f {{ latency: 1ms..1ms }}
web -> a
a <-> c {{ retries: 3; backoff: {backoff}{more} }}
c -x> f {{ on: error }}"""


@pytest.mark.parametrize("more", ["", "; timeout: 6ms"])
@pytest.mark.parametrize(("budget", "most"), [("0%", 100.0), ("10%", 110.0), ("50%", 150.0), ("100%", 200.0)])
def test_a_budget_holds_the_load_of_retries_whatever_fails(budget: str, most: float, more: str) -> None:
    text = BUDGET.format(errors="100%", backoff="1ms", more=f"; retry_budget: {budget}{more}")
    assert value(text, "c", "demand") == pytest.approx(most)
    assert value(text, "main", "served_in_full") == pytest.approx(0, abs=1e-12)


def test_a_budget_binds_nothing_while_little_fails() -> None:
    with_it = BUDGET.format(errors="5%", backoff="1ms", more="; retry_budget: 10%")
    assert value(with_it, "c", "demand") == value(with_it.replace("; retry_budget: 10%", ""), "c", "demand")


def test_beyond_a_budget_failed_attempts_are_not_tried_again() -> None:
    """Half of the attempts fail: b/2 + (b/2)² + (b/2)³ = 0.1, and 1 − (b/2) are given up after the first."""
    text = BUDGET.format(errors="50%", backoff="1ms", more="; retry_budget: 10%")
    further = 0.0909713
    assert further + further**2 + further**3 == pytest.approx(0.1, abs=1e-6)
    left = (0.5 - further) * (1 + further + further**2) + 0.5 * further**3
    assert value(text, "main", "served_in_full") == pytest.approx(1 - left, abs=1e-6)
    assert value(text, "f", "demand") == pytest.approx(100 * left, abs=1e-4)


@pytest.mark.parametrize("down", ["c.down=yes", "c.errors=100%"])
def test_what_is_down_or_errs_always_is_asked_as_often_as_the_budget_says(down: str) -> None:
    text = BUDGET.format(errors="1%", backoff="1ms", more="; retry_budget: 10%")
    made = compile_source(Source("errors.arch", f"design d\n{text}"), read_changes([down]))
    assert made.facts.value("demand", "c") == pytest.approx(110)
    without = text.replace("; retry_budget: 10%", "")
    made = compile_source(Source("errors.arch", f"design d\n{without}"), read_changes([down]))
    assert made.facts.value("demand", "c") == pytest.approx(400)


def test_jitter_halves_a_wait_on_average_and_leaves_it_whole_at_most() -> None:
    doubling = "8ms exponential"
    plain, jitter = (BUDGET.format(errors="50%", backoff=b, more="") for b in (doubling, f"{doubling} jitter"))
    assert value(plain, "c", "demand") == value(jitter, "c", "demand")
    waits = 0.5 * 0.008 + 0.25 * 0.016 + 0.125 * 0.032
    assert mean(plain) - mean(jitter) == pytest.approx(waits / 2)


@pytest.mark.parametrize("backoff", ["2ms", "2ms jitter", "2ms, 4ms exponential jitter", "0ms jitter"])
@pytest.mark.parametrize("more", ["", "; timeout: 6ms", "; timeout: 6ms; retry_budget: 20%"])
def test_a_sum_names_the_attempts_and_waits_that_it_is_of(backoff: str, more: str) -> None:
    text = BUDGET.format(errors="20%", backoff=backoff, more=more)
    promised = "p50 < 1s, p99 < 1s, p99.9 < 1s, max < 1s"
    found = compile_source(Source("errors.arch", f"design d {{ sla: {promised} }}\n{text}"))
    for verdict in found.facts.judged:
        assert verdict.value == pytest.approx(verdict.working.value, rel=1e-9)
        path = found.facts.flows[0].paths[0]
        if verdict.promise.metric != "max":
            assert verdict.value <= (verdict.bound or 0.0)
        assert path.sums


@given(SHARES, SHARES, TRIES, st.integers(0, 100), TIMEOUTS)
def test_a_budget_never_raises_a_demand(c: float, up: float, inner: int, budget: int, timeout: str) -> None:
    said = {"edge": 1, "a": 1, "c": c, "up": up, "outer": 0, "failure": FAILURES_OF_C}
    without = drawn(inner=f"{inner + 1}", timeout=timeout, **said)
    within = drawn(inner=f"{inner + 1}; retry_budget: {budget}%", timeout=timeout, **said)
    for name in ("a", "c", "f"):
        least, most = (compiled(text).facts.value("demand", name) or 0.0 for text in (within, without))
        if name != "f":  # what is not tried again, something else answers
            assert least <= most * (1 + FOUR)


BREAKER = """client web {{ rate: 100 rps }}
service a {{ latency: 1ms..1ms }}
store c {{ latency: 2ms..2ms; errors: {errors}; throughput: 500 rps }}
fallback f {{ latency: 5ms..5ms }}
web -> a
a <-> c {{ retries: 1 }}
c -x> f {{ on: error > 50% }}"""


@pytest.mark.parametrize(
    ("errors", "asked", "answered", "full"), [("10%", 110, 0.99, 0.99), ("50%", 150, 0.75, 0.75), ("51%", 0, 1, 0)]
)
def test_a_breaker_opens_above_its_share_of_failed_attempts(
    errors: str, asked: float, answered: float, full: float
) -> None:
    text = BREAKER.format(errors=errors)
    found = compiled(text).facts
    assert (found.value("demand", "c") or 0.0) == pytest.approx(asked)
    assert found.value("availability", "main") == pytest.approx(answered)
    assert found.value("served_in_full", "main") == pytest.approx(full)
    assert found.value("failing", "c-x>f") == pytest.approx(float(errors[:-1]) / 100)
    assert mean(text) == pytest.approx(0.001 + 0.002 * asked / 100 if asked else 0.006)


def test_a_breaker_hears_of_what_its_component_calls_and_of_what_is_late() -> None:
    text = """client web { rate: 100 rps }
    service a { latency: 0ms..10ms }
    store c { latency: 1ms..1ms; errors: 40% }
    fallback f { latency: 5ms..5ms }
    web -> a { timeout: 9ms }
    a <-> c
    a -x> f { on: error > 51% }"""
    assert value(text, "a-x>f", "failing") == pytest.approx(1 - 0.8 * 0.6, rel=1e-4)
    assert value(text, "f", "demand") == pytest.approx(100)
    closed = text.replace("51%", "53%")
    assert value(closed, "web->a", "errors") == pytest.approx(0.4)
    assert compiled(closed).facts.value("demand", "f") is None


def test_a_breaker_is_open_before_what_is_down() -> None:
    text = BREAKER.format(errors="1%")
    made = compile_source(Source("errors.arch", f"design d {{ sla: mean < 1s }}\n{text}"), read_changes(["c.down=yes"]))
    assert not made.facts.value("demand", "c")
    assert made.facts.value("demand", "f") == pytest.approx(100)
    (mode,) = compiled(text).facts.failures
    assert mode.detection == 0
    assert [v.value for v in mode.verdicts] == [pytest.approx(0.006)]


@pytest.mark.parametrize("share", ["150%", "100%", "-1%", "5ms", "x"])
def test_a_breaker_opens_at_a_share_of_what_is_asked(share: str) -> None:
    found = compile_source(Source("errors.arch", BREAKER.format(errors="1%").replace("50%", share)))
    assert [d.rule.code for d in found.diagnostics if d.is_error] == ["AB205"] or share == "-1%"
    assert any(d.is_error for d in found.diagnostics)


def test_a_breaker_leaves_no_second_point_for_a_burst() -> None:
    text = """client web { rate: 50 rps }
    service a { latency: 1ms..1ms }
    store c { latency: p50 10ms, p99 30ms, service; concurrency: 1 }
    fallback f { latency: 5ms..5ms }
    web -> a
    a <-> c { timeout: 100ms; retries: 1 }
    c -x> f { on: timeout 100ms }"""
    assert [d.rule.code for d in compiled(text).diagnostics if d.rule.code == "AB507"] == ["AB507"]
    breaker = compiled(text.replace("on: timeout 100ms", "on: error > 50%"))
    assert not [d for d in breaker.diagnostics if d.rule.code == "AB507"]
    budget = compiled(text.replace("retries: 1", "retries: 1; retry_budget: 10%"))
    assert not [d for d in budget.diagnostics if d.rule.code == "AB507"]
