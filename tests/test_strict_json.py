"""JSON that every reader takes."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.compiler import compile_bytes
from archboard.renderers.report.json_form import as_data, render_json
from archboard.strict_json import dumps

NUMBERS = st.one_of(st.floats(), st.integers(), st.text(), st.none(), st.booleans())
VALUES = st.recursive(NUMBERS, lambda inside: st.one_of(st.lists(inside), st.dictionaries(st.text(), inside)))


def strictly(text: str) -> object:
    """Read JSON as its standard has it."""

    def refuse(word: str) -> object:
        raise AssertionError(f"{word} is no JSON")

    return json.loads(text, parse_constant=refuse)


@given(VALUES)
def test_what_is_no_number_is_null(value: object) -> None:
    def same(was: object, is_now: object) -> bool:
        if isinstance(was, float):
            return is_now == was if math.isfinite(was) else is_now is None
        if isinstance(was, dict):
            return isinstance(is_now, dict) and all(same(each, is_now[name]) for name, each in was.items())
        if isinstance(was, list):
            return isinstance(is_now, list) and all(map(same, was, is_now))
        return is_now == was

    assert same(value, strictly(dumps(value)))


@pytest.mark.parametrize("promise", ["max < 1s", "max < 1s, p99 < 20ms", "p99 < 20ms, max < 1s"])
def test_a_longest_time_that_has_no_end_is_no_number(promise: str) -> None:
    text = f"""design d {{ sla: {promise} }}
client web {{ rate: 10 rps }}
service api {{ latency: p50 5ms, p99 15ms; throughput: 100 rps; replicas: 2 }}
fallback old {{ latency: 1ms }}
web -> api
api -x> old {{ on: timeout 10ms }}
"""
    compilation = compile_bytes("x.arch", text.encode())
    report = render_json([as_data(compilation)])
    assert "Infinity" not in report
    (design,) = strictly(report)["designs"]  # type: ignore[index]
    (longest,) = (one for one in design["promises"] if one["metric"] == "max" and one["scenario"] is None)
    assert longest["value"] is None
    assert [one["code"] for one in design["diagnostics"] if one["severity"] == "error"] == ["AB403"]
