"""A setting that is accepted does something, and what is said of it is what was meant: designs whose tick was false."""

from __future__ import annotations

import pytest

from archboard.compilation import Compilation
from tests.measures.test_arrivals import case, codes, compiled


def about(found: Compilation, code: str) -> list[str]:
    """Return the sentences of the findings of one code."""
    return [d.message for d in found.diagnostics if d.rule.code == code]


def test_a_timeout_is_not_held_against_a_mean() -> None:
    found = case("timeout_and_mean")
    assert "AB404" not in codes(found)


@pytest.mark.parametrize(("promised", "told"), [
    ("p99 < 2s", False), ("p99 < 900ms", True), ("mean < 100ms", False), ("mean < 100ms, p50 < 900ms", True),
    ("max < 900ms", True), ("max < 1s", False),
])  # fmt: skip
def test_percentiles_and_the_worst_case_say_how_long_one_request_may_take(promised: str, told: bool) -> None:
    found = case("timeout_and_mean", ("mean < 100ms, p99 < 2s", promised))
    assert bool([m for m in about(found, "AB404") if "promised" in m]) == told


WEEK = 7 * 24 * 3600.0


def test_a_log_keeps_what_it_is_given_in_every_copy() -> None:
    found = case("queue_keeps")
    assert not codes(found)
    assert found.facts.value("stored", "log") == pytest.approx(10_000 * 1_000 * WEEK * 3)  # 18.14 TB
    assert found.facts.value("traffic", "p~>log") == pytest.approx(1e7)


def test_what_is_kept_is_paid_where_the_design_gives_the_price() -> None:
    found = case("queue_keeps", ("client p", "design d { assume: storage $0.02/GB }\nclient p"))
    assert found.facts.value("cost_storage", "log") == pytest.approx(10_000 * 1_000 * WEEK * 3 / 1e9 * 0.02)
    assert found.facts.value("cost_month", "log") == found.facts.value("cost_month", "d")


def test_a_queue_that_no_one_says_the_size_of_a_message_to_says_so() -> None:
    found = case("queue_keeps", (" { payload: 1 KB }", ""))
    assert found.facts.value("stored", "log") is None
    reason = "no arrow says the `payload` that it brings to `log`"
    assert f"what is kept in log is not worked out: {reason}" in found.facts.assumptions


@pytest.mark.parametrize(("arrows", "bytes_a_second"), [
    ("a -> q { payload: 2 KB }\nb ~> q { payload: 500 B }", 30 * 2000 + 50 * 500),
    ("a -> q { payload: 2 KB; share: 100% }\nb ~> q { share: 10%; payload: 1 MB }", 30 * 2000 + 5 * 1e6),
    ("a -> q { payload: 2 KB }\nb ~> q { payload: 3 KB; rate: 1/min }", 30 * 2000 + 3000 / 60),
    ("a -> q { payload: 2 KB }\nb ~> q", 30 * 2000),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["queue", "telemetry"])
def test_what_arrives_is_kept_by_whatever_arrow_it_comes(kind: str, arrows: str, bytes_a_second: float) -> None:
    found = compiled(
        "client a { rate: 30 rps }\nclient b { rate: 50 rps }\n"
        f"{kind} q {{ retention: 2 days; copies: 2; throughput: 1k rps }}\n{arrows}\n"
    )
    assert found.facts.value("stored", "q") == pytest.approx(bytes_a_second * 2 * 86400 * 2)


@pytest.mark.parametrize(("settings", "kept"), [
    ("retention: 10 days; copies: 3", 3 * 864e6 * 10),  # 10/s of 1 KB, written and not asked
    ("size: 1 GB; retention: 10 days", 1e9 + 864e6 * 10),
    ("growth: 1 GB/day; retention: 10 days", 10e9),
    ("size: 1 GB; copies: 2", 2e9),
    ("size: 1 GB; growth: 1 GB/day", 1e9),
    ("copies: 3", None),
    ("growth: 1 GB/day", None),
])  # fmt: skip
def test_a_store_of_which_no_growth_is_known_keeps_what_is_written_to_it(settings: str, kept: float | None) -> None:
    found = compiled(
        f"client a {{ rate: 10 rps }}\nstore s {{ {settings}; throughput: 1k rps }}\n"
        "a -> s { payload: 9 KB }\na ~> s { payload: 1 KB }\n"
    )
    value = found.facts.value("stored", "s")
    assert value == (None if kept is None else pytest.approx(kept))
