"""Queues with an end held against published tables, and against a birth–death chain that is solved as equations."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.maths import bounded_queues as bounded
from archboard.maths.queues import erlang_b, erlang_c, mean_wait

LOADS = (0.3, 0.6, 0.8, 0.9, 0.95, 0.999999, 1.0, 1.000001, 1.2, 3.0)


def chain(servers: int, load: float, places: int) -> np.ndarray:
    """Return how likely each number of requests is: the null vector of the rates between them, found by `numpy`."""
    size = servers + places + 1
    rates = np.zeros((size, size))
    for n in range(size - 1):
        rates[n, n + 1], rates[n + 1, n] = load, min(n + 1, servers)
    rates -= np.diag(rates.sum(axis=1))
    likeliest = min(math.floor(load), size - 1) if load < servers else size - 1
    equations = rates.T.copy()
    equations[likeliest] = 0.0
    equations[likeliest, likeliest] = 1.0
    found = np.linalg.solve(equations, np.eye(size)[likeliest])
    return found / found.sum()


@pytest.mark.parametrize("places", [0, 1, 2, 5, 30])
@pytest.mark.parametrize("servers", [1, 2, 5, 20])
def test_refusals_and_waits_are_those_of_the_chain(servers: int, places: int) -> None:
    for busy in LOADS:
        load = busy * servers
        states = chain(servers, load, places)
        admitted = states[:-1]
        waiting = admitted[servers:]
        assert bounded.refused_share(servers, load, places) == pytest.approx(states[-1], rel=1e-7, abs=1e-13)
        share = waiting.sum() / admitted.sum()
        assert bounded.waiting_share(servers, load, places) == pytest.approx(share, rel=1e-7, abs=1e-13)
        turns = (np.arange(waiting.size) + 1) @ waiting / admitted.sum()
        assert bounded.mean_wait(load, 0.02, servers, places) == pytest.approx(
            turns * 0.02 / servers, rel=1e-6, abs=1e-13
        )
        if waiting.size:
            ended = np.arange(places)
            for t in (0.001, 0.02, 0.3):
                x = t * servers / 0.02
                counts = np.exp(ended * math.log(x) - x - np.array([math.lgamma(n + 1) for n in ended]))
                found = np.cumsum(counts) @ waiting / waiting.sum()
                assert bounded.wait_exceeds(t, load, 0.02, servers, places) == pytest.approx(found, rel=1e-6, abs=1e-13)


@pytest.mark.parametrize(
    ("servers", "load", "blocked"),
    [
        # Tables of Erlang's B, as printed (Gross and Harris, and any traffic handbook): loads refused at 1%, 2%, 5%.
        (1, 0.0101, 0.01), (5, 1.361, 0.01), (10, 4.461, 0.01), (20, 12.03, 0.01), (100, 84.06, 0.01),
        (5, 1.657, 0.02), (10, 5.084, 0.02), (50, 40.26, 0.02), (10, 6.216, 0.05), (30, 24.80, 0.05),
    ],
)  # fmt: skip
def test_without_a_place_it_is_the_published_table(servers: int, load: float, blocked: float) -> None:
    assert bounded.refused_share(servers, load, 0) == pytest.approx(blocked, rel=2e-3)
    assert bounded.refused_share(servers, load, 0) == erlang_b(servers, load)


def test_one_server_and_three_in_all_by_hand() -> None:
    assert bounded.refused_share(1, 2.0, 2) == pytest.approx(8 / 15)
    assert bounded.refused_share(1, 1.0, 2) == pytest.approx(1 / 4)
    assert bounded.waiting_share(1, 2.0, 2) == pytest.approx(6 / 7)
    assert bounded.mean_wait_of_waiting(2.0, 1.0, 1, 2) == pytest.approx((1 * 2 + 2 * 4) / 6)


@pytest.mark.parametrize("servers", [1, 100, 10_000])
@pytest.mark.parametrize("places", [0, 1, 1_000_000])
def test_nothing_overflows(servers: int, places: int) -> None:
    for busy in (1e-6, 0.5, *LOADS, 50.0, 1e6):
        load = busy * servers
        refused = bounded.refused_share(servers, load, places)
        assert max(0.0, 1 - 1 / busy) - 1e-12 <= refused <= 1
        if places:
            assert 0 <= bounded.waiting_share(servers, load, places) <= 1
            mean = bounded.mean_wait_of_waiting(load, 1.0, servers, places)
            assert 1 / servers * (1 - 1e-9) <= mean <= places / servers * (1 + 1e-9)
            beyond = [bounded.wait_exceeds(mean * times, load, 1.0, servers, places) for times in (0.5, 1.0, 1.5)]
            assert 1 >= beyond[0] >= beyond[1] >= beyond[2] >= 0


@pytest.mark.parametrize("servers", [1, 4, 50])
def test_a_queue_that_is_never_full_is_one_without_an_end(servers: int) -> None:
    for busy in (0.3, 0.8, 0.95):
        load, many = busy * servers, 2_000
        assert bounded.refused_share(servers, load, many) < 1e-30
        assert bounded.waiting_share(servers, load, many) == pytest.approx(erlang_c(servers, load), rel=1e-9)
        assert bounded.mean_wait(load, 0.02, servers, many) == pytest.approx(
            mean_wait(load / 0.02, 0.02, servers), rel=1e-9
        )
        for t in (0.001, 0.01, 0.05):
            endless = math.exp(-t * (servers - load) / 0.02)
            assert bounded.wait_exceeds(t, load, 0.02, servers, many) == pytest.approx(endless, rel=1e-9)


@given(
    servers=st.integers(1, 200), busy=st.floats(0.01, 5), places=st.integers(0, 500), more=st.integers(1, 500),
    rise=st.floats(1, 2),
)  # fmt: skip
def test_places_and_servers_refuse_fewer_and_load_more(
    servers: int, busy: float, places: int, more: int, rise: float
) -> None:
    load = busy * servers
    refused = bounded.refused_share(servers, load, places)
    assert bounded.refused_share(servers, load, places + more) <= refused * (1 + 1e-9)
    assert bounded.refused_share(servers + more, load, places) <= refused * (1 + 1e-9)
    assert bounded.refused_share(servers, load * rise, places) >= refused * (1 - 1e-9)
    assert load * (1 - refused) <= servers * (1 + 1e-9)
