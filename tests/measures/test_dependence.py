"""What a design is told of hops that are slow together: in the JSON, in words, aloud, and where it breaks a promise."""

from dataclasses import replace

import pytest

from archboard.checks import policies
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.renderers.report.json_form import as_data
from archboard.script.walkthrough import narrate
from archboard.source import Source
from archboard.words.verdicts import remark

ROW = """design row {{ sla: p99 < 50ms by independent, mean < 1s{assume} }}
client web {{ rate: 500 rps }}
gateway edge {{ latency: p50 5ms, p99 15ms }}
service parse {{ latency: p50 5ms, p99 15ms }}
service rank {{ latency: p50 5ms, p99 15ms }}
service render {{ latency: p50 5ms, p99 15ms }}
web -> edge -> parse -> rank -> render
"""


def row(assume: str = "") -> Compilation:
    return compile_source(Source("row.arch", ROW.format(assume=f"; assume: {assume}" if assume else "")))


def test_the_worst_case_stands_beside_the_answers_and_the_correlated_one_where_a_correlation_is_assumed() -> None:
    plain, tied = (as_data(row(assume))["promises"] for assume in ("", "correlation 0.3"))

    assert [(p["metric"], p["correlated"]) for p in plain] == [("p99", None), ("mean", None)]
    assert [(p["metric"], p["worst_case"]) for p in tied] == [("p99", pytest.approx(0.0708, rel=5e-3)), ("mean", None)]
    assert tied[0]["correlated"] == pytest.approx(0.0456, rel=5e-3)
    assert remark(row("correlation 0.3").facts.verdicts[0]) == (
        "by independent (sum 60 ms, correlated 45.58 ms, worst case 70.83 ms, bound 75.29 ms)"
    )


def test_an_assumed_correlation_is_listed_and_said() -> None:
    compilation = row("correlation 0.3")
    script = narrate(compilation.design, compilation.facts)
    said = [s.spoken for step in script.steps for cue in step.cues for s in cue.sentences]

    assert "hops are tied with a correlation of 0.3 (Gaussian copula) in the correlated answer" in [
        taken.sentence for taken in compilation.facts.assumptions
    ]
    assert [s for s in said if "tied" in s] == [
        "With hops tied by a correlation of zero point three, it comes to about forty-five point six milliseconds."
    ]


def test_a_promise_that_only_hops_that_are_slow_together_break_is_told() -> None:
    compilation = row("correlation 0.3")
    first, *others = compilation.facts.judged
    kept = replace(first, sum=0.045, independent=0.04, correlated=0.055)
    facts = replace(compilation.facts, verdicts=(kept, *others))
    (found,) = policies.check(compilation.design, facts)

    assert found.message == (
        "`p99 < 50ms by independent` holds by sum (45 ms) and by independent (40 ms), and does not hold with hops tied "
        "by a correlation of 0.3 (55 ms)"
    )
    assert found.help == "write `by bound` if it must hold however hops depend on each other"


def test_more_hops_than_a_correlation_is_worked_out_for_are_told() -> None:
    names = [f"s{number}" for number in range(510)]
    things = "\n".join(f"service {name} {{ latency: p50 1ms, p99 2ms }}" for name in names)
    text = f"design long {{ sla: p99 < 9s; assume: correlation 0.3 }}\nclient c {{ rate: 1 rps }}\n{things}\n"
    facts = compile_source(Source("long.arch", f"{text}c -> {' -> '.join(names)}\n")).facts

    assert facts.judged[0].correlated is None
    listed = [taken.sentence for taken in facts.assumptions]
    assert "the correlated answer is not worked out for more than 500 hops" in listed
