"""A setting that is accepted does something, and what is said of it is what was meant: designs whose tick was false."""

from __future__ import annotations

import pytest

from tests.measures.test_arrivals import case, codes


def about(found: object, code: str) -> list[str]:
    """Return the sentences of the findings of one code."""
    return [d.message for d in found.diagnostics if d.rule.code == code]  # type: ignore[attr-defined]


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
