"""A cache at the entry: told as what traffic comes in through, and what its loss means to the gateway behind it."""

from __future__ import annotations

import pytest

from archboard.compiler import compile_source, read_source
from archboard.questions import interview
from archboard.script import narrate
from archboard.source import Source

SHOP = """design shop "A shop behind an edge" { sla: p99 < 200ms }
client web "Readers" { rate: 20k rps }
cache edge "Edge cache" {
  place: entry; step: 2
  runs: "Fastly"; does: "TLS"; holds: "pages and images"
  hit: 90%; latency: p99 25ms; throughput: 50k rps; replicas: 4
}
gateway gate "API gateway" { limit: 4k rps; latency: p99 6ms; throughput: 5k rps; replicas: 2 }
service origin "Page composer" { latency: p99 40ms; throughput: 500 rps; replicas: 6 }
web -> edge -> gate -> origin
"""


def script(text: str) -> str:
    known = compile_source(Source("case.arch", text))
    return narrate(known.design, known.facts, known.scenarios).text


@pytest.fixture(scope="module")
def shop() -> str:
    return script(SHOP)


def test_traffic_enters_through_a_cache_at_the_entry_and_goes_on_through_the_gateway(shop: str) -> None:
    lines = shop.splitlines()
    first = next(at for at, line in enumerate(lines) if line.startswith("Traffic enters"))
    assert lines[first : first + 5] == [
        "Traffic enters through the edge cache, on Fastly; it keeps pages and images.",
        "Its job: TLS.",
        "It answers ninety per cent (90%) of the requests, in twenty-five milliseconds (25 ms) at P ninety-nine; "
        "only two thousand a second (2,000/s) go further.",
        "From there it goes through the API gateway.",
        "It lets through four thousand requests a second (4,000/s) at most, and takes six milliseconds (6 ms).",
    ]


def test_the_idea_begins_with_a_cache_at_the_entry(shop: str) -> None:
    assert (
        "The idea in a sentence: the edge cache answers what it can at the edge, "
        "the rest comes in through the API gateway and goes on to page composer."
    ) in shop


def test_the_idea_tells_a_second_cache_behind_the_entry() -> None:
    text = SHOP.replace("-> origin", "-> redis -> origin") + 'cache redis "Redis cache" { hit: 50%; latency: 1ms }\n'
    assert (
        "the rest comes in through the API gateway, the Redis cache answers what it can, "
        "and what is still left goes to page composer."
    ) in script(text)


def test_the_idea_of_a_cache_alone_at_the_entry_sends_the_rest_to_the_core() -> None:
    text = SHOP.replace("-> gate ->", "->").replace('gateway gate "API gateway"', "gateway unused")
    assert "the edge cache answers what it can at the edge, and the rest goes to page composer." in script(text)


def test_what_goes_further_is_told_of_all_regions_together() -> None:
    text = """design d { sla: p99 < 200ms }
client web { rate: 9k rps }
cache edge "Edge cache" { place: entry; step: 2; hit: 80%; latency: 20ms }
region eu, us { service shop "Shop" { latency: 40ms; throughput: 1k rps; replicas: 5 } }
web -> edge
edge -> eu.shop { share: 50% }
edge -> us.shop { share: 50% }
"""
    assert "only one thousand eight hundred a second (1,800/s) go further" in script(text)


def test_a_lost_cache_says_what_the_limit_behind_it_turns_away(shop: str) -> None:
    assert (
        "Lose the edge cache, and the API gateway gets all twenty thousand requests a second (20,000/s), where it "
        "carries only ten thousand a second (10,000/s): without the cache this design does not stand. And that day the "
        "API gateway’s limit turns away sixteen thousand a second (16,000/s)."
    ) in shop


def test_a_lower_limit_is_no_advice_where_the_gateway_itself_gets_too_much() -> None:
    (lost,) = (d for d in compile_source(Source("case.arch", SHOP)).diagnostics if d.rule.code == "AB603")
    assert lost.help == "`gate.replicas` 2 → 4 and `origin.replicas` 6 → 8"


def test_a_lower_limit_is_advice_where_all_that_gets_too_much_is_behind_it() -> None:
    text = SHOP.replace("throughput: 5k rps", "throughput: 15k rps")
    (lost,) = (d for d in compile_source(Source("case.arch", text)).diagnostics if d.rule.code == "AB603")
    assert lost.help == "`origin.replicas` 6 → 8, or a lower limit at the gateway"


def answers(topic: str) -> list[str]:
    found = interview(read_source(Source("case.arch", SHOP)))
    assert found is not None
    return [question.text for question in found.questions if question.topic == topic]


def test_a_lost_cache_is_answered_with_who_is_turned_away_and_what_would_take_all_of_them() -> None:
    (answer,) = answers("caches")
    assert answer == (
        "Then the ninety per cent (90%) it answered go through: the API gateway gets twenty thousand requests a second "
        "(20,000/s) instead of two thousand (2,000/s), but carries ten thousand (10,000/s). The API gateway’s limit "
        "turns away sixteen thousand a second (16,000/s) of them. To live without it I would have to let all of them "
        "in, and run six (6) replicas of the API gateway, and fifty-eight (58) of page composer. Down to a hit ratio "
        "of eighty-five per cent (85%) everything holds; below that, the first promise goes."
    )


def test_a_limit_is_not_blamed_for_what_it_does_not_let_through() -> None:
    (answer,) = answers("limits")
    assert answer == (
        "It is a hundred per cent (100%) above the two thousand requests a second (2,000/s) that come today. And it "
        "protects nothing: let all of that through, and page composer gets four thousand a second (4,000/s) and "
        "carries three thousand (3,000/s)."
    )
