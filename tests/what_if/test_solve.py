"""`solve`: where the promises hold, found on the same arithmetic as `check`, and a sentence where they hold nowhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from archboard.maths.search import Reasons, Stretch, stretches
from tests.commands import RECSYS, archboard

SLOW = """design shop "Shop" { sla: p99 < 50ms }
client web { rate: 1k rps }
cache redis { hit: 80%; latency: p50 0.5ms, p99 2ms; replicas: 2 }
service shop { latency: p50 12ms, p99 40ms; throughput: 400 rps; replicas: 7; price: $0.5/h }
store db { latency: p50 3ms, p99 19ms; throughput: 5k rps; replicas: 2 }
web -> redis -> shop
shop <-> db
"""


def solved(*words: str | Path, given: str = "") -> dict[str, Any]:
    ran = archboard("solve", "-" if given else RECSYS, *words, "--format", "json", given=given.encode())
    found: dict[str, Any] = json.loads(ran.out)
    assert ran.code == (1 if found["answer"] == "never" else 0)
    return found


def holds(assignment: str, given: str) -> bool:
    return archboard("check", "-", "--set", assignment, given=given.encode()).code == 0


def test_no_hit_ratio_helps_where_the_miss_path_alone_is_too_long() -> None:
    found = solved("--for", "redis.hit", given=SLOW)
    assert (found["answer"], found["value"]) == ("never", None)
    assert found["sentence"] == "no hit ratio holds `p99 < 50ms`: the miss path alone is 61 ms"


@pytest.mark.parametrize(
    ("path", "promise", "value"),
    [
        ("ranker.latency", "p99", 0.03599),
        ("web->edge.latency", "1", 0.02649),
        ("ranker.replicas", "throughput >= 10k rps", 4),
        ("edge.limit", "throughput", 10_000),
        ("web.rate", "main: throughput>=10k rps", None),
    ],
)
def test_the_reference_design_has_so_much_to_spare(path: str, promise: str, value: float | None) -> None:
    found = solved("--for", path, "--promise", promise)
    assert (found["value"], found["holds_now"]) == (value, True)


def test_all_promises_together_are_limited_by_a_failure_mode() -> None:
    found = solved("--for", "ranker.latency")
    assert found["value"] == 0.03399 and found["set"] == "ranker.latency=p50 27.192ms, p99 33.99ms"
    assert found["limits"][0]["findings"][0]["code"] == "AB402"


@pytest.mark.parametrize("path", ["shop.latency", "db.latency"])
def test_what_is_found_holds_and_a_little_beyond_does_not(path: str) -> None:
    found = solved("--for", path, given=SLOW)
    assert not found["holds_now"] and found["monotone"]
    assert holds(found["set"], SLOW)
    assert not holds(f"{path}={1000 * found['limits'][0]['beyond']:.9g}ms", SLOW)


def test_a_hit_ratio_is_rounded_to_the_safe_side() -> None:
    design = SLOW.replace("p99 < 50ms", "p95 < 15ms by independent")
    found = solved("--for", "redis.hit", given=design)
    assert found["value"] == 0.9163 and holds("redis.hit=91.63%", design) and not holds("redis.hit=91.6%", design)


def test_replicas_come_out_whole_and_may_hold_in_the_middle_only() -> None:
    design = SLOW.replace("p99 < 50ms", "p99 < 70ms, cost <= $3000/month").replace("rate: 1k rps", "rate: 9k rps")
    found = solved("--for", "shop.replicas", given=design)
    assert found["holds"] == [{"from": 5, "to": 8}] and not found["monotone"]
    text = archboard("solve", "-", "--for", "shop.replicas", given=design.encode()).out
    assert "every promise holds only from 5 to 8" in text
    assert "AB501 `shop` gets 1,800/s and carries 1,600/s" in text and "AB702 cost is $3,285/month" in text


def test_no_number_carries_the_load_and_the_cost() -> None:
    design = SLOW.replace("p99 < 50ms", "p99 < 70ms, cost <= $900/month").replace("rate: 1k rps", "rate: 9k rps")
    found = solved("--for", "shop.replicas", given=design)
    assert found["answer"] == "never" and found["sentence"].startswith("no number of replicas holds every promise: at ")
    assert solved("--for", "web.rate", given=design)["sentence"].endswith(
        "holds `cost <= $900/month`: it is $2,555 at any value, from shop $2,555"
    )


def test_what_holds_everywhere_says_so() -> None:
    found = solved("--for", "redis.hit", "--between", "10..90%")
    assert (found["answer"], found["value"], found["searched"]) == ("always", None, [0.1, 0.9])
    assert found["sentence"] == "every promise holds at any value from 10% to 90%"


def test_a_constant_is_turned_in_its_own_unit() -> None:
    design = SLOW.replace("p99 40ms", "p99 slowest").replace("client", "let { slowest: 40ms }\nclient", 1)
    found = solved("--for", "slowest", given=design)
    assert (found["value"], found["unit"], found["set"]) == (28.99, "ms", "slowest=28.99 ms")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--for", "rankr.replicas"), 1, "did you mean `ranker`?"),
        (("--for", "ranker.runs"), 1, "only a number can be turned"),
        (("--for", "ranker.ttft"), 1, "`ranker.ttft` is not given"),
        (("--for", "ranker"), 1, "say which setting of it"),
        (("--for", ""), 1, "is no constant of this design"),
        (("--for", "redis.hit", "--between", "1..2 rps"), 1, "`hit` wants a fraction"),
        (("--for", "redis.hit", "--between", "90%"), 1, "`90%` is no range"),
        (("--for", "redis.hit", "--between", "90%..10%"), 1, "write `10%..90%`"),
        (("--for", "redis.hit", "--between", "0%..500%"), 1, "it may be from 0% to 100%"),
        (("--for", "ranker.replicas", "--between", "1.5..3"), 1, "must be a whole number"),
        (("--for", "redis.hit", "--promise", "p98"), 2, "'p98' is not promised"),
        (("--for", "redis.hit", "--promise", "9"), 2, "There is no promise 9"),
    ],
)
def test_what_cannot_be_solved_is_said_in_a_sentence(words: tuple[str, ...], code: int, said: str) -> None:
    ran = archboard("solve", RECSYS, *words)
    assert ran.code == code and said in ran.said, ran.said


def test_a_design_without_promises_has_nothing_to_solve() -> None:
    ran = archboard("solve", "-", "--for", "web.rate", given=b"client web { rate: 1 rps }\nservice a\nweb -> a\n")
    assert ran.code == 2 and "promises nothing" in ran.err


def test_stretches_find_a_window_that_no_scanned_point_is_in() -> None:
    def reasons(x: float) -> Reasons:
        return frozenset((["low"] if x < 40 else []) + (["high"] if x > 42 else []))

    assert stretches(reasons, [1, 16, 32, 64, 128], whole=True) == (Stretch(40, 42, 39, 43),)
    assert stretches(lambda x: frozenset({"always"}), [0, 1, 2]) == ()
    assert stretches(lambda x: frozenset(), [0, 1, 2]) == (Stretch(0, 2, None, None),)
    found = stretches(lambda x: frozenset() if x < 0.3 or x > 0.7 else frozenset({"no"}), [0, 0.5, 1])
    assert [(round(s.low, 6), round(s.high, 6)) for s in found] == [(0, 0.3), (0.7, 1)]
