"""Whether something gets more than it carries is one verdict, whoever gives it."""

from __future__ import annotations

import pytest

from archboard.board.writing.numbers import box_numbers
from archboard.compiler import Compilation, compile_source, read_source
from archboard.questions import interview
from archboard.script import narrate
from archboard.source import Source

FULL = """\
client web {{ rate: {rate} rps }}
service api {{ latency: 10ms{service}; throughput: 100 rps; replicas: 3 }}
web -> api
"""
DOWN = """\
client web { rate: 90 rps }
gateway edge { latency: 1ms; throughput: 200 rps; limit: 120 rps }
cache ids { latency: 1ms; hit: 80%; throughput: 1000 rps }
service api { latency: 10ms; throughput: 50 rps; replicas: 3; down: yes }
fallback stale { latency: 1ms }
web -> edge <-> ids
edge -> api
api -x> stale { on: timeout 50ms }
"""
STORM = """\
client web { rate: 900 rps }
service api { latency: 1ms; replicas: 2 }
store users { latency: p50 10ms, p90 20ms, p99 35ms; throughput: 475 rps; replicas: 2 }
web -> api <-> users { timeout: 20ms; retries: 2 }
"""


def compiled(text: str) -> Compilation:
    return compile_source(Source("drawn.arch", text))


def codes(compilation: Compilation) -> list[str]:
    return [diagnostic.rule.code for diagnostic in compilation.diagnostics if diagnostic.rule.code.startswith("AB50")]


def said(compilation: Compilation) -> str:
    script = narrate(compilation.design, compilation.facts, compilation.scenarios)
    return " ".join(line.text for step in script.steps for cue in step.cues for line in cue.sentences)


def is_red(compilation: Compilation, name: str) -> bool:
    return any(number.bad for number in box_numbers(compilation.design.components[name], compilation.facts))


@pytest.mark.parametrize(
    ("rate", "service", "over"),
    [
        ("299", "", False), ("300", "", False), ("300.000001", "", False), ("301", "", True),
        ("299", ", service", False), ("299.9999999", ", service", True), ("300", ", service", True),
    ],
)  # fmt: skip
def test_check_walkthrough_and_board_agree_on_what_is_too_much(rate: str, service: str, over: bool) -> None:
    found = compiled(FULL.format(rate=rate, service=service))

    assert codes(found) == ["AB501" if over else "AB502"]
    assert ("the api gets more than it can carry" in said(found)) == over
    assert is_red(found, "api") == over


def test_a_service_that_is_exactly_full_is_told_how_many_replicas_it_needs() -> None:
    found = compiled(FULL.format(rate="300", service=", service"))

    assert [d.help for d in found.diagnostics if d.rule.code == "AB501"] == [
        "`api.replicas` 3 → 4 would carry it, 5 to stay under 70%"
    ]


def test_what_is_down_and_asked_is_too_much_for_check_and_walkthrough() -> None:
    found = compiled(DOWN)

    assert codes(found) == ["AB501"]
    assert "the api gets more than it can carry" in said(found)


def test_what_is_down_behind_a_limit_is_asked_about() -> None:
    found = interview(read_source(Source("down.arch", DOWN)))

    assert found is not None
    assert "limits" in [question.topic for question in found.questions]


def test_what_retries_fill_is_named_once() -> None:
    assert "the users get more than they can carry" in said(compiled(STORM))


def test_what_is_overloaded_today_does_not_fit_three_times_the_traffic() -> None:
    found = interview(read_source(Source("full.arch", FULL.format(rate="600", service=""))))

    assert found is not None
    assert found.questions[0].text.startswith(
        "The api gives first: it gets six hundred per cent (600%) of what it carries."
    )
