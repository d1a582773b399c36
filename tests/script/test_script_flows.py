"""Walkthroughs of designs with several flows, jobs and sizes: each number is told of what it belongs to."""

from __future__ import annotations

from archboard.compiler import compile_source
from archboard.script import narrate
from archboard.source import Source

BATCH = """design d {{ sla: p99 < 50ms }}
client app "Applications" {{ rate: 100 rps }}
gateway edge "API gateway" {{ limit: 120 rps; latency: 2ms }}
service work "Scorer" {{ latency: 8ms; throughput: 50 rps; replicas: 4 }}
app -> edge -> work
{more}
"""
NIGHT = """job nightly "Nightly job" {{ rate: 1/day; latency: {long} }}
store scores "Score store" {{ replicas: 2 }}
flow batch "the nightly run" {{ sla: staleness <= 26h; nightly ~> scores }}"""


def spoken(more: str) -> str:
    """Return the walkthrough of a small service with something added to it."""
    known = compile_source(Source("case.arch", BATCH.format(more=more)))
    return narrate(known.design, known.facts, known.scenarios).text


def test_the_age_of_what_a_job_delivers_is_told_of_its_flow() -> None:
    text = spoken(NIGHT.format(long="1h"))
    assert "And for the nightly run I promise nothing older than twenty-six hours (26 h)." in text
    assert text.endswith("and nothing older than twenty-five hours (25 h) for the nightly run.")


def test_an_age_that_is_missed_is_told_of_its_flow() -> None:
    text = spoken(NIGHT.format(long="3h"))
    assert "an age of up to twenty-seven hours (27 h) instead of twenty-six hours (26 h), for the nightly run." in text
    assert "not there yet, with an age of up to twenty-seven hours (27 h) instead of twenty-six hours (26 h)" in text


def test_a_size_that_several_share_is_told_once() -> None:
    text = spoken(
        'service check "Validator" { latency: 2ms; throughput: 50 rps; replicas: 4 }\nwork <-> check { share: 40% }'
    )
    assert "The scorer runs on four pods of fifty requests a second, two hundred in all" in text
    assert "The validator has four like these. With forty (40/s) arriving, it is twenty per cent (20%) full." in text


def test_a_limit_stops_only_what_passes_it() -> None:
    text = spoken(
        'client batch "Batch clients" { rate: 10 rps }\nservice report "Report service" '
        '{ latency: 5ms; throughput: 11 rps }\nflow reading "the report" { batch -> report }'
    )
    assert "First to fill up is the report service, when the clients send" in text
    assert "but the API gateway" not in text


def test_the_other_of_two_arms_is_the_other_one() -> None:
    text = spoken(
        'router split "Router" { latency: 1ms }\nmodel small "Small model" { latency: 5ms }\n'
        'model large "Large model" { latency: 9ms }\nwork -> split\nsplit -> small { share: 80% }\nsplit -> large'
    )
    assert "One way leads to the small model." in text
    assert "The other leads to the large model." in text


def test_what_another_fails_over_to_does_not_repeat_its_own_lines() -> None:
    text = spoken(
        'service rules "Rule engine" { latency: 3ms; say: "The policy of old." }\nwork -> rules\n'
        "work -x> rules { on: timeout 20ms }"
    )
    assert text.count("The policy of old.") == 1


def test_a_failure_is_told_of_the_flow_that_it_slows() -> None:
    text = spoken(
        'client ops "Operators" { rate: 1 rps }\nstore files "File store" { latency: 2s; replicas: 2 }\n'
        'fallback copy "Copy" { latency: 5s }\nfiles -x> copy { on: error }\n'
        'flow start "a start" { sla: p99 < 10s; ops -> files }'
    )
    assert "With that, a start takes seven seconds (7 s) at P ninety-nine, still inside the promised ten." in text


def test_a_store_of_several_things_is_told_in_the_plural() -> None:
    text = spoken(
        'store scores "Old scores" { replicas: 2 }\nstore more "New scores" { replicas: 2 }\nwork ~> scores & more'
    )
    assert "Then there are the new scores." in text


def test_what_bounds_a_retry_is_told_with_it() -> None:
    store = 'store b "Stock" { latency: 2ms; throughput: 400 rps; replicas: 2 }'
    plain = spoken(f"{store}\nwork <-> b {{ retries: 1; backoff: 10ms exponential }}")
    assert "one (1) more try, after a wait of ten milliseconds (10 ms)." in plain
    bounded = spoken(f"{store}\nwork <-> b {{ retries: 1; retry_budget: 10%; backoff: 10ms exponential jitter }}")
    assert "after a wait of up to ten milliseconds (10 ms), for no more than ten per cent" in bounded
