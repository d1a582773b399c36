"""Tokens in and out: a number, or percentiles that rise."""

from __future__ import annotations

import pytest

from archboard.compiler import compile_source
from archboard.design.lengths import Lengths
from archboard.source import Source


def written(value: str) -> tuple[object, list[str]]:
    model = f'runs: "Llama-3.1-8B"; output_tokens: {value}; latency: 1s'
    text = f"client c {{ rate: 1 rps }}\nmodel m {{ {model} }}\nc -> m\n"
    made = compile_source(Source("x.arch", text))
    given = made.design.components["m"].settings.get("output_tokens")
    return given.value if given is not None else None, [d.message for d in made.diagnostics if d.is_error]


def test_a_number_is_that_number_and_percentiles_are_kept_in_order() -> None:
    assert written("200") == (200.0, [])
    assert written("p99 900, p50 150") == (Lengths(((0.5, 150.0), (0.99, 900.0))), [])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("p99 900", "`output_tokens` gives one percentile, which says nothing of its spread"),
        ("p50 900, p99 150", "`output_tokens` p99 150 is below p50 900"),
        ("p50 150, 900", "`900` does not go on `output_tokens`"),
        ("p50 10ms, p99 20ms", "`output_tokens` wants a count, and `10ms` is a duration"),
    ],
)
def test_what_says_no_spread_is_refused(value: str, message: str) -> None:
    assert written(value)[1] == [message]
