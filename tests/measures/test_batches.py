"""Copies of a fan-out come to a queue together: held against queues in which they do, and against what is known."""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heapify, heapreplace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.compiler import Compilation, compile_source
from archboard.maths.queues import erlang_c, in_batches, waiting_in_batches
from archboard.source import Source
from tests.simulation.world import simulate

Z = NormalDist().inv_cdf
SHARES = {"p50": 0.5, "p90": 0.9, "p95": 0.95, "p99": 0.99}


def compiled(ratio: float, copies: int, servers: int, busy: float, more: str = "") -> Compilation:
    """Compile leaves of mean 1 s, the p99 so many medians, which a root asks so many at once."""
    sigma = math.log(ratio) / Z(0.99)
    median = math.exp(-(sigma**2) / 2)
    promises = ", ".join(f"{name} < 9999s by independent" for name in SHARES)
    return compile_source(
        Source("batches.arch", f"""design d {{ sla: mean < 9999s, {promises} }}
client w {{ rate: {busy * servers / copies:.12g} rps }}
service root
store leaf {{ latency: p50 {median:.12g}s, p99 {ratio * median:.12g}s, service; concurrency: {servers} }}
w -> root
root <-> leaf {{ fanout: {copies}{more} }}
""")
    )


def played(ratio: float, copies: int, servers: int, busy: float, requests: int, needed: int = 0) -> np.ndarray:
    """Return how long requests wait for the last of their copies, or so many; all copies join one queue at once."""
    dice = np.random.default_rng(17)
    sigma = math.log(ratio) / Z(0.99)
    arrivals = np.cumsum(dice.exponential(copies / (busy * servers), requests))
    services = dice.lognormal(-(sigma**2) / 2, sigma, (requests, copies))

    def stays() -> Iterator[float]:
        free = [0.0] * servers
        heapify(free)
        for now, times in zip(arrivals.tolist(), services.tolist(), strict=True):
            ends = []
            for service in times:
                ends.append(max(now, free[0]) + service)
                heapreplace(free, ends[-1])
            yield sorted(ends)[(needed or copies) - 1] - now

    return np.sort(np.fromiter(stays(), float, requests)[requests // 10 :])


def held(compilation: Compilation, simulated: np.ndarray, within: float) -> None:
    for verdict in compilation.facts.judged:
        q = SHARES.get(verdict.promise.metric)
        expected = float(simulated.mean()) if q is None else float(simulated[int(q * len(simulated))])
        assert verdict.value == pytest.approx(expected, rel=within), (verdict.promise.metric, expected)


@pytest.mark.parametrize(("copies", "servers"), [(6, 4), (3, 8)])
def test_the_slowest_of_a_batch_is_that_of_copies_followed_one_by_one(copies: int, servers: int) -> None:
    held(compiled(4, copies, servers, 0.7), played(4, copies, servers, 0.7, 120_000), 0.06)


def test_a_quorum_of_a_batch_waits_for_so_many() -> None:
    held(compiled(4, 5, 4, 0.6, "; quorum: 3"), played(4, 5, 4, 0.6, 120_000, needed=3), 0.1)


@pytest.mark.slow
@pytest.mark.parametrize("busy", [0.3, 0.6, 0.8, 0.9, 0.95])
@pytest.mark.parametrize(("ratio", "copies", "servers"), [(4, 4, 1), (4, 4, 4), (10, 4, 10), (4, 20, 10), (10, 20, 40)])
def test_batches_are_those_of_many_requests(ratio: float, copies: int, servers: int, busy: float) -> None:
    requests = (2_000_000 if busy < 0.9 else 4_000_000) // copies
    held(compiled(ratio, copies, servers, busy), played(ratio, copies, servers, busy, requests), 0.1)


@given(st.one_of(st.integers(1, 40), st.sampled_from([700, 6859])), st.floats(0.05, 0.97))
@settings(max_examples=40)
def test_one_at_a_time_is_erlangs(servers: int, busy: float) -> None:
    full, ahead = in_batches(servers, busy, 1)
    assert full == pytest.approx(erlang_c(servers, busy * servers), rel=1e-9)
    assert ahead == {0: pytest.approx(1.0)}
    assert waiting_in_batches(servers, busy, 1) == pytest.approx(erlang_c(servers, busy * servers), rel=1e-9)


@given(st.integers(1, 30), st.floats(0.05, 0.95), st.integers(1, 30))
@settings(max_examples=40)
def test_each_of_a_batch_has_a_place(servers: int, busy: float, batch: int) -> None:
    full, ahead = in_batches(servers, busy, batch)
    assert math.fsum(ahead.values()) == pytest.approx(1.0, rel=1e-9)
    assert all(chance >= 0 for chance in ahead.values()) and 0 <= full < 1
    assert waiting_in_batches(servers, busy, batch) <= waiting_in_batches(servers, busy, batch + 1) + 1e-12


@pytest.mark.parametrize(("batch", "busy"), [(2, 0.5), (7, 0.8), (40, 0.3)])
def test_one_server_waits_as_long_as_pollaczek_and_khinchine_say_of_batches(batch: int, busy: float) -> None:
    """M^X/G/1 with X = b: mean wait m (ρ (1 + cs²) + b − 1) ÷ 2(1 − ρ) (Gross and Harris §5.1)."""
    facts = compiled(4, batch, 1, busy).facts
    variation = math.expm1((math.log(4) / Z(0.99)) ** 2)
    expected = (busy * (1 + variation) + batch - 1) / (2 * (1 - busy))
    assert facts.value("mean_wait", "leaf") == pytest.approx(expected, rel=1e-6)


def test_a_fan_out_waits_longer_than_as_many_requests_one_by_one() -> None:
    together = compiled(4, 8, 4, 0.7)
    single = compile_source(Source("one.arch", together.design.flows[0].span.source.text.replace("fanout: 8", "")
                                   .replace(f"rate: {0.7 * 4 / 8:.12g}", f"rate: {0.7 * 4:.12g}")))  # fmt: skip
    waits = [c.facts.value("mean_wait", "leaf") for c in (single, together)]
    assert waits[0] is not None and waits[1] is not None and 2 * waits[0] < waits[1]
    assert together.facts.value("demand", "leaf") == pytest.approx(single.facts.value("demand", "leaf"))


def test_the_budget_tells_the_shared_wait_apart_from_the_slowest() -> None:
    text = "design d { sla: p99 < 60s }\n" + compiled(4, 8, 4, 0.7).design.flows[0].span.source.text.split("\n", 1)[1]
    worst = compile_source(Source("batches.arch", text)).facts.flows[0].worst
    assert worst is not None
    assert [item.among for item in worst.items] == ["queue", "slowest of 8"]
    assert worst.components == ("w", "root", "leaf")


HEDGED = """design d {{ sla: mean < 99s, {promises} }}
client w {{ rate: {rate} rps }}
service a {{ latency: p50 0.001ms, p99 0.001ms }}
store s {{ latency: p50 10ms, p99 60ms, service; concurrency: {servers} }}
w -> a
a <-> s {{ hedge: {after} }}
"""


@pytest.mark.slow
@pytest.mark.parametrize(("rate", "servers", "after"), [(30, 2, "60ms"), (200, 8, "40ms"), (60, 2, "100ms")])
def test_a_hedge_waits_where_its_first_copy_does(rate: int, servers: int, after: str) -> None:
    promises = ", ".join(f"{name} < 99s by independent" for name in SHARES)
    text = HEDGED.format(promises=promises, rate=rate, servers=servers, after=after)
    compilation = compile_source(Source("hedged.arch", text))
    run = simulate(compilation.design, 25_000, warm_up=2_000)
    held(compilation, np.sort(run.times["main"]), 0.04)
    demand = compilation.facts.value("demand", "s")
    assert demand is not None and demand in run.demand("s").widened(0.01)


def test_a_hedge_does_not_help_a_wait() -> None:
    """With service that never varies a second copy is of no use, however long the queue."""
    lines = "client w {{ rate: 80 rps }}\nservice s {{ latency: 10ms..10ms, service; concurrency: 1 }}\nw -> s {more}"
    head = "design d {{ sla: p99 < 9s by independent }}\n"
    alone, hedged = (
        compile_source(Source("hedged.arch", (head + lines).format(more=more))) for more in ("", "{ hedge: 1s }")
    )
    assert hedged.facts.judged[0].value == pytest.approx(alone.facts.judged[0].value, rel=1e-3)
