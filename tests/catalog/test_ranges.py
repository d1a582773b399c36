"""What a number may be at all: the least, the most, and a sentence that says so."""

from __future__ import annotations

import pytest

from archboard.catalog.ranges import SPANS, outside
from archboard.compiler import compile_source
from archboard.source import Source
from archboard.units import Dimension

DESIGN = """design d {{ sla: {sla} }}
client web {{ rate: {rate} }}
service api {{ latency: {latency}; throughput: {throughput}; replicas: 2; price: {price} }}
web -> api {{ {arrow} }}
"""
USUAL = {
    "sla": "p99 < 1s", "rate": "10 rps", "latency": "p50 5ms, p99 15ms", "throughput": "100 rps", "price": "$1/h",
    "arrow": "timeout: 100ms; retries: 1",
}  # fmt: skip


def told(**changed: str) -> list[str]:
    compilation = compile_source(Source("x.arch", DESIGN.format(**{**USUAL, **changed})))
    found = [d for d in compilation.diagnostics if d.is_unclear]
    assert all(d.rule.code == "AB205" and d.help for d in found), found
    return [d.message for d in found]


@pytest.mark.parametrize("dimension", list(Dimension))
def test_the_ends_of_a_span_are_inside_and_what_is_beyond_is_not(dimension: Dimension) -> None:
    least, most = SPANS[dimension]
    assert not any(outside(value, dimension) for value in (0.0, least, most, -most, -least))
    assert all(outside(value, dimension) for value in (least / 2, most * 2, -2 * most, 1e-320, float("inf")))


def test_the_usual_is_understood() -> None:
    assert told() == []


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"throughput": "1e-308 rps"}, "less than the least there is, 0.001/year"),
        ({"throughput": "1e20 rps"}, "more than the most there is"),
        ({"rate": "1e18 rps"}, "more than the most there is"),
        ({"arrow": "timeout: 0.0001ns"}, "less than the least there is, 0.001 ns"),
        ({"arrow": "timeout: 1e12s"}, "more than the most there is, 365,000 days"),
        ({"arrow": "hedge: 0ms"}, "sends two copies at once"),
        ({"arrow": "hedge: p0"}, "a percentile from p0.0001 to p99.999999"),
        ({"latency": "p99.9999999999 5ms"}, "a percentile from p0.0001 to p99.999999"),
        ({"latency": "p0 5ms, p99 9ms"}, "a percentile from p0.0001 to p99.999999"),
        ({"latency": "p50 1ns, p50.1 1h"}, "so steep a tail has no mean"),
        ({"sla": "p99.9999999999 < 1s"}, "a percentile from p0.0001 to p99.999999"),
        ({"sla": "p99 < 1e12s"}, "more than the most there is"),
        ({"price": "$1e16/h"}, "more than the most there is"),
    ],
)
def test_what_is_outside_is_refused_with_what_is_allowed(changed: dict[str, str], says: str) -> None:
    (message,) = told(**changed)
    assert says in message


def test_a_quorum_of_more_than_its_copies_is_left_out() -> None:
    compilation = compile_source(Source("x.arch", DESIGN.format(**{**USUAL, "arrow": "fanout: 2; quorum: 3"})))
    assert [d.rule.code for d in compilation.diagnostics if d.is_error] == ["AB205"]
    assert compilation.design.arrows[0].number_of("quorum") is None
