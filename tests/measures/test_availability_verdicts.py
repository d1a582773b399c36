"""What a tick of an availability must mean: the designs whose tick was false, and more worked out by hand."""

from __future__ import annotations

import math
from pathlib import Path
from random import Random
from statistics import NormalDist

import pytest

from archboard import Source, compile_source
from archboard.compilation import Compilation
from archboard.compiler import read_source
from archboard.maths.reliability.replicas import failure_rate
from archboard.questions import interview
from archboard.renderers.report.text import render_text
from archboard.units import show_fraction, show_number

VERDICTS = Path(__file__).parents[1] / "verdicts"


def compiled(text: str) -> Compilation:
    made = compile_source(Source("x.arch", text))
    assert made.understood, [d.message for d in made.diagnostics]
    return made


def case(name: str) -> Compilation:
    return compiled((VERDICTS / f"{name}.arch").read_text("utf-8"))


def up(text: str, metric: str = "availability", subject: str = "main") -> float:
    value = compiled(text).facts.value(metric, subject)
    return 1.0 if value is None else value


def k_of_n(n: int, k: int, each: float) -> float:
    """Return how likely so many of n are up."""
    return math.fsum(math.comb(n, m) * each**m * (1 - each) ** (n - m) for m in range(k, n + 1))


def codes(made: Compilation) -> list[str]:
    return [d.rule.code for d in made.diagnostics]


def later(p50: float, p99: float, timeout: float) -> float:
    """Return how often a lognormal time is longer than a timeout."""
    return 1 - NormalDist().cdf(math.log(timeout / p50) / (math.log(p99 / p50) / NormalDist().inv_cdf(0.99)))


# Given up is not answered.


def test_what_is_given_up_is_not_answered() -> None:
    made = case("given_up")
    lost, pair = later(10, 40, 42), 1 - 0.0001**2
    assert lost == pytest.approx(0.008, abs=5e-5)
    assert made.facts.value("availability", "main") == pytest.approx((1 - lost) * pair**2, rel=1e-5)
    assert made.facts.value("given_up", "a<->b") == pytest.approx(lost, rel=1e-3)
    assert made.facts.value("unanswered", "a<->b") == pytest.approx(lost * pair**2, rel=1e-3)
    told = [d for d in made.diagnostics if d.rule.code == "AB601"]
    assert len(told) == 1
    assert "nearly all of it given up over `a<->b`" in told[0].message
    assert told[0].help == "something that answers in its place would hold it: `b -x> … { on: timeout }`"


SLOW = """design d
client w { rate: 10 rps }
service a { latency: 1ms }
store b { latency: p50 10ms, p99 40ms }
service c { latency: 1ms }
fallback f { availability: 90% }
w -> a
"""
LATE = later(10, 40, 30)


@pytest.mark.parametrize(
    ("arrows", "expected"),
    [
        ("a <-> b { timeout: 30ms }", 1 - LATE),
        ("a <-> b { timeout: 30ms; retries: 2 }", 1 - LATE**3),
        ("a <-> b { timeout: 30ms; share: 25% }", 1 - LATE / 4),
        ("a -> b { timeout: 30ms }\nb -> c", 1 - LATE),
        ("a <-> b { timeout: 30ms; fanout: 3 }", (1 - LATE) ** 3),
        ("a <-> b { timeout: 30ms; fanout: 3; quorum: 2 }", (1 - LATE) ** 3 + 3 * LATE * (1 - LATE) ** 2),
        (
            "a <-> b { timeout: 30ms; fanout: 200; quorum: 190 }",
            math.fsum(math.comb(200, n) * LATE**n * (1 - LATE) ** (200 - n) for n in range(11)),
        ),
        ("a <-> b { timeout: 30ms }\na <-> b { timeout: 30ms }", (1 - LATE) ** 2),
        ("a <-> b & c { timeout: 30ms }", 1 - LATE),
    ],
)
def test_a_request_is_answered_as_often_as_it_is_not_given_up(arrows: str, expected: float) -> None:
    assert up(SLOW + arrows) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize(
    ("arrow", "expected"),
    [
        ("b -x> f { on: timeout 30ms }", 1 - LATE / 10),
        ("b -x> f { on: error }", 1 - LATE / 10),
        ("b -x> f { on: down }", 1 - LATE),
        ("b -x> f { on: overload }", 1 - LATE),
        ("a -x> f { on: error }", 1 - LATE / 10),
        ("a -x> f { on: down }", 1 - LATE),
    ],
)
def test_what_is_given_up_is_answered_by_what_stands_in_on_a_timeout_or_an_error(arrow: str, expected: float) -> None:
    assert up(f"{SLOW}a <-> b {{ timeout: 30ms }}\n{arrow}") == pytest.approx(expected, rel=1e-4)


def test_what_a_fallback_waits_no_longer_for_is_answered_by_it() -> None:
    assert up(f"{SLOW}a <-> b\nb -x> f {{ on: timeout 30ms }}") == pytest.approx(1 - LATE / 10, rel=1e-4)


def test_a_call_behind_a_cache_is_given_up_by_the_misses_alone() -> None:
    text = SLOW + "cache k { hit: 80%; latency: 1ms }\na <-> k\nk <-> b { timeout: 30ms }"
    assert up(text) == pytest.approx(1 - 0.2 * LATE, rel=1e-4)
    assert compiled(text).facts.value("unanswered", "k<->b") == pytest.approx(0.2 * LATE, rel=1e-3)


def test_a_hedge_gives_up_only_where_both_copies_are_late() -> None:
    text = SLOW + "a <-> b { timeout: 30ms; hedge: 10ms }"
    assert up(text) == pytest.approx(1 - LATE * later(10, 40, 20), rel=1e-3)


def test_a_region_takes_over_what_is_down_and_not_what_is_late() -> None:
    text = """design d
client w {{ rate: 10 rps }}
region us, eu {{
  service a {{ latency: 1ms; availability: 99% }}
  store b {{ latency: p50 10ms, p99 40ms; availability: 98% }}
  a <-> b {{ timeout: 30ms }}
}}
w -> us.a
us -x> eu {{ on: {0} }}
"""
    one, late = 0.99 * 0.98, LATE
    assert up(text.format("down")) == pytest.approx(one * (1 - late) + (1 - one) * one * (1 - late), rel=1e-5)
    assert up(text.format("error")) == pytest.approx(1 - (1 - one * (1 - late)) ** 2, rel=1e-5)


def test_a_longer_timeout_or_another_retry_never_gives_up_more() -> None:
    found = [up(f"{SLOW}a <-> b {{ timeout: {ms}ms }}") for ms in (5, 10, 20, 40, 80)]
    assert found == sorted(found)
    assert up(SLOW + "a <-> b { timeout: 20ms; retries: 1 }") > up(SLOW + "a <-> b { timeout: 20ms }")


QUEUED = """design d
client w {{ rate: {rate} rps }}
service a {{ latency: 1ms }}
store b {{ latency: p50 7.0711ms, p99 49.05ms, service; concurrency: 1; replicas: {servers} }}
w -> a
a <-> b {{ timeout: 40ms; retries: 1 }}
"""


def test_attempts_that_find_one_busy_server_are_late_together() -> None:
    facts = compiled(QUEUED.format(rate=35, servers=1)).facts
    assert facts.value("given_up", "a<->b") == pytest.approx(facts.value("late", "a<->b"))
    assert facts.value("availability", "main") == pytest.approx(1 - (facts.value("late", "a<->b") or 0.0))


def test_attempts_that_find_a_free_server_are_late_by_themselves() -> None:
    """Eight servers that are hardly busy: the late ones are slow, not waiting."""
    facts = compiled(QUEUED.format(rate=35, servers=8)).facts
    late, waits = facts.value("late", "a<->b") or 0.0, facts.value("waiting", "b") or 0.0
    assert waits < 1e-5
    assert facts.value("given_up", "a<->b") == pytest.approx(late**2, rel=1e-2)
    busy = compiled(QUEUED.format(rate=500, servers=8)).facts
    again, late, waits = (busy.value(metric, "a<->b") or 0.0 for metric in ("given_up", "late", "attempts"))
    assert late**2 < again < late
    assert waits == pytest.approx(1 + late)


# What answers in a cache's place.

CACHED = """design d
client w {{ rate: 1k rps }}
service s {{ latency: 10ms }}
cache k {{ hit: 90%; latency: 5ms; availability: 98% }}
store d {{ latency: 100ms; throughput: 100 rps; replicas: 2; availability: 95% }}
fallback f {{ latency: 1ms; availability: 90% }}
w -> s
s <-> k
k {0} d
k -x> f {{ on: down }}
"""


def test_what_answers_in_the_place_of_a_cache_asks_nothing_behind_it() -> None:
    made = case("cache_fallback")
    [mode] = made.facts.failures
    assert [(v.value, v.ok) for v in mode.verdicts] == [(pytest.approx(0.011), True)]
    assert not [surge for surge in made.facts.surges if surge.cause == "failover"]
    scenario = compiled((VERDICTS / "cache_fallback.arch").read_text("utf-8") + '\nscenario "down" { k.down: yes }')
    assert scenario.scenarios[0].facts.value("demand", "d") in (None, 0.0)
    assert scenario.ok
    assert [
        d.message for d in made.diagnostics if d.rule.code == "AB603"
    ] == ["`k`, starting empty, sends 1,000/s to `d`, which carries 200/s"]


@pytest.mark.parametrize(("arrow", "misses"), [("->", 0.9975), ("<->", 0.9975 + 0.0025 * 0.9)])
def test_a_fallback_of_a_cache_is_as_available_as_it_is_itself(arrow: str, misses: float) -> None:
    """It answers for the cache and for what the cache calls, and not for what a miss goes on to."""
    assert up(CACHED.format(arrow)) == pytest.approx(0.98 * (0.9 + 0.1 * misses) + 0.02 * 0.9, rel=1e-12)


def test_a_fallback_of_a_cache_that_leads_to_the_store_asks_the_store() -> None:
    text = CACHED.format("->") + "f -> d"
    assert up(text) == pytest.approx(0.98 * (0.9 + 0.1 * 0.9975), rel=1e-12)  # 1,000/s then come to what carries 200
    many = text.replace("replicas: 2", "replicas: 12")
    assert up(many) == pytest.approx(0.98 * (1 - 0.1 * 0.05**12) + 0.02 * 0.9 * k_of_n(12, 10, 0.95), rel=1e-12)
    down = compiled(text + '\nscenario "down" { k.down: yes }').scenarios[0]
    assert down.facts.value("demand", "d") == pytest.approx(1000)
    assert [s.component for s in compiled(text).facts.surges if s.cause == "failover" and s.overloads] == ["d"]


def test_a_store_that_answers_in_the_place_of_its_cache_is_asked_once() -> None:
    text = CACHED.format("->").replace("k -x> f", "k -x> d")
    down = compiled(text + '\nscenario "down" { k.down: yes }').scenarios[0]
    assert down.facts.value("demand", "d") == pytest.approx(1000)
    assert up(text) == pytest.approx(0.98 * (0.9 + 0.1 * 0.9975), rel=1e-12)  # and cannot carry that
    many = text.replace("replicas: 2", "replicas: 11")
    assert up(many) == pytest.approx(0.98 * (1 - 0.1 * 0.05**11) + 0.02 * k_of_n(11, 10, 0.95), rel=1e-12)


# As many must be up as carry what comes.


def of(n: int, k: int, a: float) -> float:
    return math.fsum(math.comb(n, m) * a**m * (1 - a) ** (n - m) for m in range(k, n + 1))


def test_as_many_replicas_must_be_up_as_carry_the_load() -> None:
    facts = case("needs_by_load").facts
    needs = {name: facts.value("needs", name) for name in ("edge", "redis", "app")}
    assert needs == {"edge": 10, "redis": 2, "app": 20}
    redis, edge, app = of(3, 2, 0.999), of(15, 10, 0.999), of(72, 20, 0.995)
    assert facts.value("availability", "redis") == pytest.approx(redis, rel=1e-12)
    assert facts.value("availability", "main") == pytest.approx(redis * edge * (0.6 + 0.4 * app), rel=1e-12)
    assert facts.value("downtime_month", "main") == pytest.approx(7.9, abs=0.05)


SIZED = """design d {{ sla: availability >= 99% }}
client w {{ rate: {rate} rps }}
service a {{ throughput: 100 rps; replicas: {replicas}; availability: 90%{more} }}
w -> a
scenario "twice" {{ w.rate: {twice} rps }}
"""


def sized(rate: float, replicas: str = "5", more: str = "") -> Compilation:
    return compiled(SIZED.format(rate=rate, twice=2 * rate, replicas=replicas, more=more))


@pytest.mark.parametrize(
    ("rate", "replicas", "more", "expected"),
    [
        (200, "5", "", of(5, 2, 0.9)), (200.1, "5", "", of(5, 3, 0.9)), (499, "5", "", 0.9**5),
        (10, "5", "", 1 - 0.1**5), (900, "5", "", 0.9**5), (450, "5", "; needs: 2", of(5, 2, 0.9)),
        (100, "1", "", 0.9), (250, "2..9", "", of(4, 3, 0.9)), (1500, "2..9", "", 0.9**9),
    ],
)  # fmt: skip
def test_the_demand_decides_unless_needs_is_stated(rate: float, replicas: str, more: str, expected: float) -> None:
    assert sized(rate, replicas, more).facts.value("availability", "a") == pytest.approx(expected, rel=1e-12)


def test_a_scenario_needs_what_its_own_demand_needs() -> None:
    made = sized(200)
    assert made.facts.value("needs", "a") == 2
    assert made.scenarios[0].facts.value("availability", "main") == pytest.approx(of(5, 4, 0.9), rel=1e-12)


def test_replicas_of_which_all_are_needed_are_no_redundancy() -> None:
    told = [d.message for d in sized(450).diagnostics if d.rule.code == "AB602" and d.scenario is None]
    assert told == [
        "`a` needs all 5 of its replicas (450/s ÷ 100/s, rounded up), and nothing answers in its place"
    ]
    assert not [d for d in sized(350).diagnostics if d.rule.code == "AB602" and d.scenario is None]
    assert "AB501" in codes(sized(900)), "an overload is still one"


def test_a_question_about_half_the_replicas_scales_what_must_be_up() -> None:
    text = SIZED.format(rate=200, twice=400, replicas="8", more="; needs: 6")
    found = interview(read_source(Source("x.arch", text)))
    assert found is not None
    asked = [what for question in found.questions for what in question.what_ifs if "a.replicas=4" in what]
    assert asked == [("a.replicas=4", "a.needs=3")]


# Served in full, and what only compensates.

WAYS = """design d {{ sla: availability >= 90%, served in full >= 90% }}
client w {{ rate: 10 rps }}
service a {{ latency: 1ms; availability: 99% }}
store b {{ latency: p50 10ms, p99 40ms; availability: 98% }}
fallback f {{ availability: 90%{0} }}
service c {{ availability: 97%{1} }}
w -> a
a <-> b {{ timeout: 30ms }}
"""
WHOLE = 0.99 * 0.98 * (1 - LATE)


def in_full(text: str) -> float:
    return up(text, "served_in_full")


def test_what_a_fallback_answers_is_not_served_in_full() -> None:
    text = WAYS.format("", "") + "b -x> f { on: error }"
    assert up(text) == pytest.approx(0.99 * (1 - (1 - 0.98 * (1 - LATE)) / 10), rel=1e-5)
    assert in_full(text) == pytest.approx(WHOLE, rel=1e-5)
    verdicts = {v.promise.metric: (v.value, v.ok) for v in compiled(text).facts.judged}
    assert verdicts["served in full"] == (pytest.approx(WHOLE, rel=1e-5), True)


def test_what_takes_over_as_well_serves_in_full_unless_it_says_otherwise() -> None:
    text = WAYS.format("", "") + "b -x> c { on: error }"
    assert in_full(text) == up(text) == pytest.approx(0.99 * (1 - (1 - 0.98 * (1 - LATE)) * 0.03), rel=1e-5)
    assert in_full(WAYS.format("", "; answers: partly") + "b -x> c { on: error }") == pytest.approx(WHOLE, rel=1e-5)
    full = WAYS.format("; answers: fully", "") + "b -x> f { on: error }"
    assert in_full(full) == up(full)
    yes = full.replace("answers: fully", "answers: yes")
    assert in_full(yes) == pytest.approx(WHOLE, rel=1e-5), "as a fallback does"


def test_who_answers_first_decides_whether_it_is_in_full() -> None:
    """The fallback on an error comes before the service on a timeout: only where it is down too is that asked."""
    text = WAYS.format("", "") + "b -x> f { on: error }\nb -x> c { on: timeout 30ms }"
    failing = 1 - 0.98 * (1 - LATE)
    assert in_full(text) == pytest.approx(0.99 * (1 - failing + failing * 0.1 * 0.97), rel=1e-5)


@pytest.mark.parametrize("on", ["down", "error", "timeout 30ms"])
def test_what_only_compensates_leaves_the_request_failed(on: str) -> None:
    text = WAYS.format("; answers: no", "") + f"b -x> f {{ on: {on} }}"
    assert up(text) == pytest.approx(WHOLE, rel=1e-5)
    assert in_full(text) == up(text)
    assert {d.subject for d in compiled(text).diagnostics if d.rule.code == "AB602"} == {"a", "b"}


def test_what_only_compensates_sends_the_request_no_further() -> None:
    text = """design d
client w {{ rate: 10 rps }}
service a {{ latency: 1ms; throughput: 99 rps }}
service b {{ latency: 1ms; throughput: 99 rps }}
fallback undo {{ latency: 1ms; throughput: 99 rps{0} }}
w -> a -> b
a -x> undo {{ on: down }}
scenario "a is down" {{ a.down: yes }}
"""
    kept, failed = (compiled(text.format(more)).scenarios[0].facts for more in ("", "; answers: no"))
    assert (kept.value("demand", "b"), failed.value("demand", "b")) == (10, None)
    assert failed.value("demand", "undo") == 10


# Near misses.


def test_two_numbers_of_one_sentence_differ() -> None:
    made = case("near_misses")
    [full] = [d.message for d in made.diagnostics if d.rule.code == "AB501"]
    assert full == "`a` gets 1,000.4/s and carries 1,000/s = 2 × 500/s"
    assert "1,000.4/s of 1,000/s" in render_text(made)


@pytest.mark.parametrize(
    ("stated", "sentence"),
    [
        ("99.9899%", "availability of `main` is 99.9899%, and 99.99% is promised"),
        ("99.98999%", "availability of `main` is 99.98999%, and 99.99% is promised"),
        ("99.9%", "availability of `main` is 99.9%, and 99.99% is promised"),
    ],
)
def test_an_availability_that_nearly_holds_shows_that_it_does_not(stated: str, sentence: str) -> None:
    head = "design d { sla: availability >= 99.99% }\nclient w { rate: 1 rps }"
    made = compiled(f"{head}\nservice a {{ availability: {stated} }}\nw -> a")
    [message] = [d.message for d in made.diagnostics if d.rule.code == "AB601"]
    assert message.startswith(sentence)
    assert f"✗  availability >= 99.99%  {stated}" in render_text(made)


def test_a_latency_that_is_exactly_the_limit_is_told_as_not_under_it() -> None:
    text = "design d { sla: p99 < 50ms }\nclient w { rate: 1 rps }\nservice a { latency: 50ms }\nw -> a"
    [message] = [d.message for d in compiled(text).diagnostics if d.rule.code == "AB401"]
    assert message.startswith("p99 is 50 ms by sum, and 50 ms is promised: not under it")
    nearly = compiled(text.replace("50ms }\nw", "50.00004ms }\nw"))
    [near] = [d.message for d in nearly.diagnostics if d.rule.code == "AB401"]
    assert near.startswith("p99 is 50.00004 ms by sum, and 50 ms is promised: 40 ns over")


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0.9, "90%"), (0.9912345, "99.12%"), (0.995, "99.5%"), (0.9995, "99.95%"), (0.99999, "99.999%"),
        (0.9999967432, "99.99967%"), (0.99989501, "99.9895%"), (0.9998, "99.98%"), (0.999999, "99.9999%"),
        (1 - 1.234e-9, "99.99999988%"), (0.998999, "99.8999%"), (0.5555555, "55.56%"),
    ],
)  # fmt: skip
def test_an_availability_keeps_its_nines_and_two_digits_of_what_is_missing(value: float, shown: str) -> None:
    assert show_fraction(value) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [(33333.33, "33,330"), (12345.0, "12,345"), (128491.3, "128,500"), (10.12345, "10.12")]
)
def test_what_is_no_whole_number_has_four_digits(value: float, shown: str) -> None:
    assert show_number(value) == shown


# Failures, repairs, and what is lost until somebody notices.

MONTH = 730 * 60


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("failures: 2/month; mttr: 30min", 1 - 2 * 30 / MONTH),
        ("mtbf: 30 days; mttr: 2h", 720 / 722),
        ("mtbf: 30 days", 720 / 720.5),
        ("failures: 1/month", 1 - 30 / MONTH),
        ("failures: 1/month; mtbf: 729h", 729 / 730),
        ("availability: 99.5%; mttr: 10min", 0.995),
        ("mttr: 10min", 1.0),
    ],
)
def test_failures_and_repairs_come_to_an_availability(said: str, expected: float) -> None:
    text = f"design d\nclient w {{ rate: 1 rps }}\nservice a {{ {said} }}\nw -> a"
    assert up(text) == pytest.approx(expected, rel=1e-9)


def test_statements_that_contradict_each_other_are_told_and_those_that_agree_are_not() -> None:
    def told(said: str) -> list[str]:
        text = f"design d\nclient w {{ rate: 1 rps }}\nservice a {{ {said} }}\nw -> a"
        return [d.message for d in compiled(text).diagnostics if d.rule.code == "AB606"]

    assert told("availability: 99.99%; failures: 2/month; mttr: 30min") == [
        "`a` is up 99.99% of the time, and 99.86% = 1 − 2/month × 30 min to repair"
    ]
    assert told("availability: 99.86%; failures: 2/month; mttr: 30min") == []
    assert told("failures: 2/month; mttr: 30min; mtbf: 30 days") != []
    assert told("failures: 2/month; mttr: 30min; mtbf: 364.5h") == []


SWITCH = """design d
client w {{ rate: 1 rps }}
service a {{ {0} }}
service b {{ availability: 99% }}
w -> a
a -x> b {{ on: down{1} }}
"""


@pytest.mark.parametrize(
    ("said", "down", "failures"),
    [
        ("failures: 2/month; mttr: 30min", 60 / MONTH, 2),
        ("availability: 99%; mttr: 1h", 0.01, 0.01 * MONTH / 60),
        ("availability: 99%", 0.01, 0.01 * MONTH / 30),
        ("availability: 99%; mttr: 1h; replicas: 2", 0.0001, 2 * 0.01 * 0.01 * MONTH / 60),
        ("availability: 99%; mttr: 1h; replicas: 2; needs: 2", 1 - 0.99**2, 2 * 0.99 * 0.01 * MONTH / 60),
    ],
)
def test_until_a_failure_is_noticed_its_requests_are_lost(said: str, down: float, failures: float) -> None:
    usual = up(SWITCH.format(said, ""))
    assert usual == pytest.approx(1 - down * 0.01, rel=1e-9)
    lost = failures * 1 / MONTH
    assert up(SWITCH.format(said, "; detect: 60s")) == pytest.approx(usual - lost * 0.99, rel=1e-9)
    assert up(SWITCH.format(said, "; detect: 60s"), "unnoticed", "a-x>b") == pytest.approx(lost * 0.99, rel=1e-6)
    assert up(SWITCH.format(said, "; detect: 30 days")) == pytest.approx(1 - down, rel=1e-9), "no more than it is down"


def test_a_repair_time_that_nobody_stated_is_listed() -> None:
    facts = compiled(SWITCH.format("availability: 99%", "; detect: 60s")).facts
    assumed = [taken.sentence for taken in facts.assumptions]
    assert "a repair takes 30 min where no `mttr` is stated: a" in assumed
    shorter = SWITCH.format("availability: 99%", "; detect: 60s").replace("design d", "design d { assume: mttr 10min }")
    assert up(shorter) == pytest.approx(1 - 0.01 * 0.01 - 0.01 / 10 * 0.99, rel=1e-9)


def test_a_region_that_switches_over_is_noticed_late_whatever_of_it_fails() -> None:
    text = """design d
client w {{ rate: 1 rps }}
region us, eu {{
  service a {{ failures: 1/month; mttr: 1h }}
  store b {{ failures: 3/month; mttr: 1h }}
  a -> b
}}
w -> us.a
us -x> eu {{ on: down{0} }}
"""
    a, b = 1 - 1 / 730, 1 - 3 / 730
    one, failures = a * b, 1 * b + 3 * a
    assert up(text.format("")) == pytest.approx(1 - (1 - one) ** 2, rel=1e-9)
    assert up(text.format("; detect: 2min")) == pytest.approx(1 - (1 - one) ** 2 - failures * 2 / MONTH * one, rel=1e-9)


def test_what_is_detected_is_what_is_down() -> None:
    text = SWITCH.format("availability: 99%", "; detect: 60s").replace("down", "error")
    made = compile_source(Source("x.arch", text))
    assert [d.rule.code for d in made.diagnostics if d.is_error] == ["AB205"]


def test_replicas_fail_together_as_often_as_a_simulation_says() -> None:
    """Two of three, each 90% and failing every 10 units: up and down by turns, without memory."""
    dice = Random(7)
    ends = [(dice.expovariate(1 / 9), at) for at in range(3)]
    is_up, failed, horizon = [True] * 3, 0, 200_000.0
    while (now := min(ends))[0] < horizon:
        time, at = now
        before = sum(is_up)
        is_up[at] = not is_up[at]
        failed += before == 2 and not is_up[at]
        ends[at] = (time + dice.expovariate(1 / (9 if is_up[at] else 1)), at)
    assert failure_rate(3, 2, 0.9, 0.1) == pytest.approx(3 * 2 * 0.9 * 0.1 * 0.1)
    assert failed / horizon == pytest.approx(failure_rate(3, 2, 0.9, 0.1), rel=0.03)
