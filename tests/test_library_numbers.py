"""Numbers that the designs of the library need: long times on the board, and what is down sends nothing."""

from __future__ import annotations

import pytest

from archboard.board.writing.numbers import shown_duration
from archboard.compiler import compile_source
from archboard.source import Source
from archboard.units import DAY, HOUR

COPIES = """client app { rate: 1 rps }
store main { throughput: 10/s; replicas: 2 }
store copy { throughput: 10/s }
fallback old
app -> main
main -x> copy { on: down }
copy -x> old { on: down }
main ~> copy { rate: 4/h }
scenario "both are lost" { main.down: yes; copy.down: yes; expect: ok }
"""


@pytest.mark.parametrize(
    ("seconds", "shown"),
    [
        (6 * DAY, "6 days"), (7.128 * DAY, "7.13 days"), (25.27 * HOUR, "25.3 h"), (5556.0, "92.6 min"),
        (36.54, "36.5 s"), (0.01656, "16.6 ms"),
    ],
)  # fmt: skip
def test_a_long_time_on_the_board_is_rounded_in_its_own_unit(seconds: float, shown: str) -> None:
    assert shown_duration(seconds) == shown


def test_what_is_down_sends_nothing_at_a_rate_of_its_own() -> None:
    known = compile_source(Source("case.arch", COPIES))
    assert [d.message for d in known.diagnostics if "copy" in d.message] == []
    assert [(f.met, f.facts.value("demand", "copy")) for f in known.scenarios] == [(True, None)]


def test_a_flow_with_a_rate_of_its_own_is_where_its_demand_comes_from() -> None:
    known = compile_source(
        Source(
            "case.arch",
            "client app { rate: 10 rps }\nqueue events\njob join\nmodel scorer\napp -> events\n"
            "flow nightly { rate: 1/day; events -> join; join -> scorer { fanout: 16 } }",
        )
    )
    workings = {name: known.facts.get("demand", name) for name in ("events", "join", "scorer")}
    assert {name: fact.told for name, fact in workings.items() if fact} == {
        "events": "10/s (`app`)",
        "join": "1/day (`nightly`)",
        "scorer": "1/day (`nightly`) × 16 (fan-out)",
    }
