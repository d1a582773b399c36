"""How requests get to replicas: from one queue, or each to the queue of one: at random, in turn, or the shortest."""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heapify, heappop, heappush, heapreplace
from statistics import NormalDist

import numpy as np
import pytest

from archboard.compiler import Compilation, compile_source
from archboard.source import Source

Z = NormalDist().inv_cdf
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def compiled(balance: str, ratio: float, replicas: int, each: int, busy: float) -> Compilation:
    """Compile a service of mean 1 s whose p99 is so many medians, and whose servers are that busy."""
    sigma = math.log(ratio) / Z(0.99)
    median = math.exp(-(sigma**2) / 2)
    latency = f"p50 {median:.12g}s, p99 {ratio * median:.12g}s, service"
    said = f"; balance: {balance}" if balance else ""
    promises = ", ".join(f"{name} < 9999s by independent" for name in SHARES)
    return compile_source(
        Source("balance.arch", f"""design d {{ sla: mean < 9999s, {promises} }}
client w {{ rate: {busy * replicas * each:.12g} rps }}
service s {{ latency: {latency}; concurrency: {each}; replicas: {replicas}{said} }}
w -> s
""")
    )


def played(balance: str, ratio: float, replicas: int, each: int, busy: float, requests: int, seed: int) -> np.ndarray:
    """Return how long requests stay, one after the other: each joins a replica's queue and never leaves it."""
    dice = np.random.default_rng(seed)
    sigma = math.log(ratio) / Z(0.99)
    arrivals = np.cumsum(dice.exponential(1 / (busy * replicas * each), requests))
    services = dice.lognormal(-(sigma**2) / 2, sigma, requests)
    thrown = dice.integers(replicas, size=requests)
    ties = dice.random((requests, replicas)) if balance == "least loaded" else None

    def stays() -> Iterator[float]:
        free = [[0.0] * each for _ in range(replicas)]
        inside: list[list[float]] = [[] for _ in range(replicas)]
        for servers in free:
            heapify(servers)
        for at, (now, service) in enumerate(zip(arrivals.tolist(), services.tolist(), strict=True)):
            if ties is not None:
                for ends in inside:
                    while ends and ends[0] <= now:
                        heappop(ends)
                chosen = min(range(replicas), key=lambda i: (len(inside[i]), ties[at, i]))
            else:
                chosen = int(thrown[at]) if balance == "random" else at % replicas
            end = max(now, free[chosen][0]) + service
            heapreplace(free[chosen], end)
            if ties is not None:
                heappush(inside[chosen], end)
            yield end - now

    return np.sort(np.fromiter(stays(), float, requests)[requests // 10 :])


def held(balance: str, ratio: float, replicas: int, each: int, busy: float, requests: int, within: float) -> None:
    simulated = played(balance, ratio, replicas, each, busy, requests, 11)
    facts = compiled(balance, ratio, replicas, each, busy).facts
    for verdict in facts.judged:
        q = SHARES.get(verdict.promise.metric)
        if busy > 0.8 and q is not None and q > 0.9:
            continue  # so many requests are some hundred of which each knows nothing of the others
        expected = float(simulated.mean()) if q is None else float(simulated[int(q * len(simulated))])
        assert verdict.value == pytest.approx(expected, rel=within), (verdict.promise.metric, expected)


@pytest.mark.parametrize(("balance", "within"), [("random", 0.05), ("round robin", 0.1), ("least loaded", 0.1)])
def test_each_way_is_that_of_requests_followed_one_by_one(balance: str, within: float) -> None:
    held(balance, 4, 4, 1, 0.8, 400_000, within)


@pytest.mark.slow
@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8, 0.9, 0.95])
@pytest.mark.parametrize(("ratio", "replicas", "each"), [(4, 2, 1), (6, 4, 1), (6, 3, 4)])
@pytest.mark.parametrize(("balance", "within"), [("random", 0.1), ("round robin", 0.1), ("least loaded", 0.12)])
def test_each_way_is_that_of_many_requests(
    balance: str, within: float, ratio: float, replicas: int, each: int, busy: float
) -> None:
    steady = {0.9: min(ratio, 4), 0.95: min(ratio, 3)}.get(busy, ratio)
    held(balance, steady, replicas, each, busy, 400_000 if balance == "least loaded" else 800_000, within)


def wait(compilation: Compilation) -> float:
    value = compilation.facts.value("mean_wait", "s")
    assert value is not None
    return value


@pytest.mark.parametrize("busy", [0.3, 0.7, 0.9])
def test_the_less_is_known_of_the_queues_the_longer_is_the_wait(busy: float) -> None:
    ways = ("", "least loaded", "round robin", "random")
    waits = [wait(compiled(balance, 5, 4, 1, busy)) for balance in ways]
    assert waits == sorted(waits)
    assert len(set(waits)) == 4


def test_replicas_at_random_are_so_many_queues_of_their_own() -> None:
    alone, many = compiled("", 5, 1, 2, 0.8), compiled("random", 5, 6, 2, 0.8)
    for one, other in zip(alone.facts.judged, many.facts.judged, strict=True):
        assert other.value == pytest.approx(one.value, rel=1e-9)


def test_one_replica_and_one_shared_queue_need_no_balance() -> None:
    for balance in ("random", "round robin", "least loaded", "shared"):
        assert wait(compiled(balance, 5, 1, 3, 0.8)) == wait(compiled("", 5, 1, 3, 0.8))
    assert wait(compiled("shared", 5, 3, 1, 0.8)) == wait(compiled("", 5, 3, 1, 0.8))


def test_the_report_says_which_way_it_is() -> None:
    for balance, words in (
        ("random", "a queue a replica, joined at random"),
        ("round robin", "a queue a replica, joined in turn"),
        ("least loaded", "a queue a replica, the shortest joined"),
    ):
        facts = compiled(balance, 5, 3, 1, 0.8).facts
        waiting = facts.get("waiting", "s")
        assert waiting is not None and waiting.told.endswith(words)
        assert f"{words}, and nobody changes queues: s" in [taken.sentence for taken in facts.assumptions]


def test_a_measured_latency_says_that_a_balance_does_nothing() -> None:
    text = "client w { rate: 1 rps }\nservice s { latency: 1ms; balance: round robin; throughput: 9 rps }\nw -> s"
    facts = compile_source(Source("balance.arch", text)).facts
    listed = [taken.sentence for taken in facts.assumptions]
    assert "a measured latency holds its queue, whatever `balance` says: s" in listed
    found = compile_source(Source("balance.arch", text.replace("round robin", "robin round"))).diagnostics
    assert "AB205" in {diagnostic.rule.code for diagnostic in found}
