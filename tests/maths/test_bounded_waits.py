"""The wait in a queue with an end held against queues played request by request, and against what it must become."""

from __future__ import annotations

import math
from functools import cache
from heapq import heappop, heappush
from statistics import NormalDist

import numpy as np
import pytest

from archboard.maths.bounded_queues import refused_share, waiting_share
from archboard.maths.distributions.bounded import BoundedDelay, arrivals_below
from archboard.maths.distributions.distribution import Constant, Delay, Exponential, Lognormal, Queued, Uniform
from archboard.maths.distributions.occupancy import Filling, Occupancy, occupancy
from archboard.maths.distributions.variability import scv
from archboard.maths.queues import erlang_b, erlang_c, in_batches

REQUESTS = 150_000


def deviation(ratio: float) -> float:
    return math.log(ratio) / NormalDist().inv_cdf(0.99)


def spread(ratio: float) -> Lognormal:
    """Return the lognormal of mean 1 whose p99 is so many medians."""
    return Lognormal(-(deviation(ratio) ** 2) / 2, deviation(ratio))


@cache
def played(ratio: float, servers: int, busy: float, places: int, batch: int = 1) -> tuple[float, float, np.ndarray]:
    """Return the share refused, the share of the admitted that waits, and how long all admitted take."""
    dice, sigma = np.random.default_rng(11), deviation(ratio)
    gaps = dice.exponential(batch / (busy * servers), REQUESTS // batch)
    arrivals = np.repeat(np.cumsum(gaps * (REQUESTS / busy / servers / gaps.sum())), batch)
    services = dice.lognormal(-(sigma**2) / 2, sigma, arrivals.size)
    free, inside, taken, refused, waited = [0.0] * servers, list[float](), list[float](), 0, 0
    for now, service in zip(arrivals.tolist(), (services / services.mean()).tolist(), strict=True):
        while inside and inside[0] <= now:
            heappop(inside)
        if len(inside) >= servers + places:
            refused += 1
            continue
        begun = max(now, heappop(free))
        heappush(free, begun + service)
        heappush(inside, begun + service)
        waited += begun > now
        taken.append(begun + service - now)
    return refused / arrivals.size, waited / len(taken), np.array(taken)


def queue(ratio: float, servers: int, busy: float, places: int) -> tuple[Occupancy, Queued]:
    service = spread(ratio)
    filling = Filling(service, servers, busy, places)
    found = occupancy(filling)
    return found, Queued(service, found.waits, BoundedDelay(filling, scv(service)))


@pytest.mark.parametrize("places", [3, 10, 40])
@pytest.mark.parametrize("ratio", [2.0, 6.937])
@pytest.mark.parametrize("servers", [1, 4])
def test_it_is_the_queue_that_is_played(servers: int, ratio: float, places: int) -> None:
    for busy in (0.6, 0.8, 1.2, *((0.95,) if places < 40 else ())):  # a run is too short to tell of long busy times
        refused, waits, taken = played(ratio, servers, busy, places)
        found, time = queue(ratio, servers, busy, places)
        if max(refused, found.refused) > 0.002:  # fewer come in rows that a run sees too few of
            chance = 4 * math.sqrt(4 * refused / REQUESTS)
            assert found.refused == pytest.approx(refused, rel=0.06, abs=chance)
        assert found.waits == pytest.approx(waits, rel=0.06)
        assert time.mean() == pytest.approx(float(taken.mean()), rel=0.05)
        assert time.quantile(0.5) == pytest.approx(float(np.quantile(taken, 0.5)), rel=0.04)
        assert time.quantile(0.99) == pytest.approx(float(np.quantile(taken, 0.99)), rel=0.13)


def test_another_number_of_places_is_not_the_queue_that_is_played() -> None:
    refused, _, taken = played(6.937, 1, 0.95, 10)
    found, time = queue(6.937, 1, 0.95, 13)
    assert found.refused != pytest.approx(refused, rel=0.06)
    assert time.quantile(0.99) != pytest.approx(float(np.quantile(taken, 0.99)), rel=0.13)


@pytest.mark.parametrize("servers", [1, 3, 20])
def test_where_nothing_can_wait_any_service_is_erlangs(servers: int) -> None:
    for service in (spread(15), Constant(1.0), Uniform(0.5, 1.5)):
        for busy in (0.4, 1.0, 2.5):
            assert occupancy(Filling(service, servers, busy, 0)).refused == erlang_b(servers, busy * servers)


@pytest.mark.parametrize("busy", [0.3, 0.9, 1.0, 1.3])
@pytest.mark.parametrize("servers", [1, 2, 7])
@pytest.mark.parametrize("places", [1, 4, 25])
def test_followed_state_by_state_service_without_memory_is_the_closed_form(
    servers: int, busy: float, places: int
) -> None:
    found = occupancy(Filling(Exponential(0.02), servers, busy, places))
    load = busy * servers
    assert found.refused == pytest.approx(refused_share(servers, load, places), rel=2e-3, abs=1e-9)
    assert found.waits == pytest.approx(waiting_share(servers, load, places), rel=2e-3)
    alone = occupancy(Filling(Exponential(0.02), servers, busy, places, without_memory=True))
    assert found.mean_wait == pytest.approx(alone.mean_wait, rel=2e-3)
    assert BoundedDelay(Filling(Exponential(0.02), servers, busy, places), 1.0).mean() == pytest.approx(
        alone.mean_wait, rel=5e-3
    )


@pytest.mark.parametrize("service", [Exponential(0.02), spread(4), spread(15), Constant(0.5), Uniform(0.1, 0.4)])
@pytest.mark.parametrize("servers", [1, 4])
def test_without_an_end_it_is_the_queue_without_one(service: Lognormal, servers: int) -> None:
    for busy in (0.3, 0.8):
        filling = Filling(service, servers, busy, 5_000, without_memory=isinstance(service, Exponential))
        found, endless = occupancy(filling), Delay(service, servers, busy, scv(service))
        delay = BoundedDelay(filling, scv(service))
        assert found.refused == 0.0 or found.refused < 1e-100
        assert found.waits == pytest.approx(erlang_c(servers, busy * servers), rel=1e-6)
        assert delay.mean() == pytest.approx(endless.mean(), rel=3e-3)
        for q in (0.5, 0.9, 0.99, 0.999):
            assert delay.quantile(q) == pytest.approx(endless.quantile(q), rel=2e-3)
            bounded, whole = (Queued(service, found.waits, each).quantile(q) for each in (delay, endless))
            assert bounded == pytest.approx(whole, rel=3e-3)


def test_what_comes_at_once_takes_the_places_one_after_the_other() -> None:
    for servers, busy in ((1, 0.5), (4, 0.9), (10, 0.7)):
        found = occupancy(Filling(Exponential(1.0), servers, busy, 3_000, 5))
        full, ahead = in_batches(servers, busy, 5)
        assert found.refused == pytest.approx(0.0, abs=1e-12)
        assert found.waits == pytest.approx(1 - (ahead[0] - full / 5), rel=1e-9)
        assert occupancy(Filling(Exponential(1.0), servers, busy, 7, 1, without_memory=True)).refused < occupancy(
            Filling(Exponential(1.0), servers, busy, 7, 5)
        ).refused


def test_a_batch_into_a_short_queue_is_refused_as_often_as_when_it_is_played() -> None:
    refused, waits, _ = played(6.937, 4, 0.8, 6, 5)
    found = occupancy(Filling(spread(6.937), 4, 0.8, 6, 5))
    assert found.refused == pytest.approx(refused, rel=0.05)
    assert found.waits == pytest.approx(waits, rel=0.05)


@pytest.mark.parametrize("places", [1, 7, 200, 201, 5_000])
def test_fewer_arrivals_than_so_many_are_poissons(places: int) -> None:
    expected = np.array([0.5, 0.9, 1.0, 1.1, 1.6]) * places
    counts = np.arange(places)
    logs = np.array([math.lgamma(n + 1) for n in counts])
    found = [float(np.exp(counts * math.log(x) - x - logs).sum()) for x in expected.tolist()]
    assert arrivals_below(places, expected) == pytest.approx(found, abs=2e-4)


@pytest.mark.parametrize("servers", [1, 10, 10_000])
@pytest.mark.parametrize("service", [Exponential(1.0), spread(4), Constant(1.0)])
def test_a_million_places_and_any_load_have_numbers(service: Lognormal, servers: int) -> None:
    for busy in (0.3, 0.95, 1.0, 1.2, 5.0):
        filling = Filling(service, servers, busy, 1_000_000, without_memory=isinstance(service, Exponential))
        found, delay = occupancy(filling), BoundedDelay(filling, scv(service))
        assert max(0.0, 1 - 1 / busy) - 1e-12 <= found.refused < max(2e-6, (1 - 1 / busy) * (1 + 1e-9))
        if busy > 1:
            assert delay.quantile(0.5) == pytest.approx(1_000_000 / servers, rel=1e-3)


@pytest.mark.parametrize("servers", [10, 20, 30])
def test_where_hardly_anybody_waits_the_wait_has_numbers_all_the_same(servers: int) -> None:
    for places in (1, 2, 50):
        for service in (spread(2), Constant(1.0)):
            delay = BoundedDelay(Filling(service, servers, 0.05, places), scv(service))
            assert 0 < delay.quantile(0.5) < delay.quantile(0.99) < 10
            assert 0 < delay.mean() < 1


@pytest.mark.parametrize("servers", [1, 30])
@pytest.mark.parametrize("service", [spread(1.5), spread(40), Constant(1.0)])
def test_from_next_to_nothing_to_far_too_much_more_load_is_refused_no_less(service: Lognormal, servers: int) -> None:
    for places in (1, 40):
        last = 0.0
        for busy in (1e-300, 1e-6, 0.5, 0.99, 1.0, 1.5, 6.0, 14.0, 30.0, 200.0, 1e4, 1e10):
            filling = Filling(service, servers, busy, places)
            refused = occupancy(filling).refused
            assert max(0.0, 1 - 1 / busy, last - 1e-9) - 1e-12 <= refused <= 1
            assert 0 < BoundedDelay(filling, scv(service)).mean() < math.inf
            last = refused
