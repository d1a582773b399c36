"""The wait in a queue held against closed forms, and against queues played request by request."""

from __future__ import annotations

import math
from collections.abc import Iterator
from heapq import heapify, heapreplace
from statistics import NormalDist

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.maths.distributions.distribution import (
    Constant,
    Delay,
    Distribution,
    Exponential,
    Lognormal,
    Queued,
    Uniform,
)
from archboard.maths.distributions.from_percentiles import from_percentiles
from archboard.maths.distributions.variability import scv
from archboard.maths.network import NetworkBuilder
from archboard.maths.percentiles.independent import independent
from archboard.maths.queues import erlang_c, mean_wait_general, sojourn_quantile
from archboard.measures.flow.queue import Line, queue_at

Z = NormalDist().inv_cdf
SHARES = (0.5, 0.9, 0.95, 0.99)


def spread(ratio: float) -> Lognormal:
    """Return the lognormal of mean 1 whose p99 is so many medians."""
    sigma = math.log(ratio) / Z(0.99)
    return Lognormal(-(sigma**2) / 2, sigma)


def queue(service: Distribution, servers: int, busy: float) -> Queued:
    delay = Delay(service, servers, busy, scv(service))  # type: ignore[arg-type]
    return Queued(service, erlang_c(servers, busy * servers), delay)  # type: ignore[arg-type]


@pytest.mark.parametrize("busy", [0.3, 0.64, 0.95])
@pytest.mark.parametrize("servers", [1, 2, 4, 10, 40])
def test_service_without_memory_is_erlangs(servers: int, busy: float) -> None:
    found, mean = queue(Exponential(0.02), servers, busy), 0.02 / (servers * (1 - busy))
    assert found.wait.mean() == pytest.approx(mean, rel=2e-4)
    for q in SHARES:
        assert found.quantile(q) == pytest.approx(sojourn_quantile(q, busy * servers / 0.02, 0.02, servers), rel=5e-4)
        assert found.wait.quantile(q) == pytest.approx(-mean * math.log(1 - q), rel=5e-4)


@pytest.mark.parametrize("service", [spread(30), Uniform(0.1, 0.4), Constant(2.0)], ids=["30", "range", "constant"])
def test_the_mean_of_one_server_is_pollaczeks_and_khinchines(service: Distribution) -> None:
    for busy in (0.2, 0.8, 0.95):
        rate = busy / service.mean()
        expected = service.mean() + mean_wait_general(rate, service.mean(), 1, 1.0, scv(service))
        assert queue(service, 1, busy).mean() == pytest.approx(expected, rel=3e-4)


def test_constant_service_waits_as_erlang_wrote_it_down() -> None:
    """M/D/1: P(W ≤ t) = (1 − ρ) Σ (ρ(k − t))^k e^(ρ(t − k)) ÷ k!, k up to t, in services (Erlang 1909)."""
    busy, found = 0.7, queue(Constant(1.0), 1, 0.7)
    for t in (0.3, 1.5, 3.25, 6.0):
        terms = ((busy * (k - t)) ** k * math.exp(busy * (t - k)) / math.factorial(k) for k in range(int(t) + 1))
        expected = (1 - busy) * math.fsum(terms)
        assert found.cdf(1.0 + t) == pytest.approx(expected, abs=1e-3)
    assert found.cdf(0.999) == 0.0
    assert found.cdf(1.0) == pytest.approx(0.3)
    assert found.quantile(0.2) == 1.0


def test_two_kinds_of_exponential_service_wait_as_the_roots_say() -> None:
    """The wait of M/H2/1 is two exponentials, whose rates are roots of a quadratic."""
    from archboard.maths.distributions.distribution import Mixture  # noqa: PLC0415

    quick, slow, share, busy = 0.5, 4.0, 6 / 7, 0.8
    service = Mixture(((share, Exponential(quick)), (1 - share, Exponential(slow))))
    mean = service.mean()
    rate = busy / mean
    a, b = 1 / quick, 1 / slow
    # (1 − ρ) ÷ (1 − ρ R(s)), R the transform of the residual: a mixture of both, weighted by what they last
    weight = share * quick / mean
    roots = np.roots([1.0, a + b - busy * (weight * a + (1 - weight) * b), a * b * (1 - busy)])
    root = sorted(-roots.real)

    def later(t: float) -> float:
        parts = [
            (a - r) * (b - r) / (r * (root[1 - i] - r)) * (1 - busy) * math.exp(-r * t) for i, r in enumerate(root)
        ]
        return abs(math.fsum(parts))

    assert later(0.0) == pytest.approx(busy, rel=1e-9) and rate > 0
    delay = Delay(service, 1, busy, scv(service))
    for t in (0.1, 1.0, 5.0, 20.0, 60.0):
        assert 1 - delay.cdf(t) == pytest.approx(later(t) / busy, rel=2e-3)


@given(
    st.floats(1.5, 30), st.sampled_from([1, 2, 3, 7, 40]), st.floats(0.05, 0.97), st.floats(1e-4, 1e4)
)
@settings(max_examples=25, deadline=None)
def test_a_wait_is_a_distribution_that_follows_the_unit_and_grows_with_the_load(
    ratio: float, servers: int, busy: float, unit: float
) -> None:
    service = spread(ratio)
    found, slower = queue(service, servers, busy), queue(service, servers, min(0.98, busy * 1.05))
    scaled = found.scaled(unit)
    before = 0.0
    for q in (0.01, *SHARES, 0.999, 0.9999):
        time = found.quantile(q)
        assert before < time and service.quantile(q) <= time * (1 + 1e-3)
        assert found.cdf(time) == pytest.approx(q, abs=1e-3)
        assert scaled.quantile(q) == pytest.approx(unit * time, rel=2e-3)
        assert slower.quantile(q) >= time * (1 - 2e-3)
        before = time


def test_a_queue_and_a_hop_are_convolved_as_the_curve_says() -> None:
    found = queue(spread(10), 4, 0.8)
    build = NetworkBuilder()
    network = build.network(build.series((build.hop(found), build.hop(Lognormal(-20.0, 0.1)))))
    answer = independent(network, (0.5, 0.99))
    for q in (0.5, 0.99):
        assert answer[q].estimate == pytest.approx(found.quantile(q), rel=3e-3)


def played(ratio: float, servers: int, busy: float, requests: int, seed: int) -> dict[float, float]:
    """Return percentiles of the time in a queue and in service, request by request, first come first served."""
    dice = np.random.default_rng(seed)
    sigma = math.log(ratio) / Z(0.99)
    arrivals = np.cumsum(dice.exponential(1 / (busy * servers), requests))
    services = dice.lognormal(-(sigma**2) / 2, sigma, requests)

    def stays() -> Iterator[float]:
        free = [0.0] * servers
        heapify(free)
        for now, service in zip(arrivals.tolist(), services.tolist(), strict=True):
            end = max(now, free[0]) + service
            heapreplace(free, end)
            yield end - now

    times = np.sort(np.fromiter(stays(), float, requests)[requests // 10 :])
    return {q: float(times[int(q * len(times))]) for q in SHARES}


@pytest.mark.parametrize(("servers", "ratio", "busy", "within"), [(1, 10, 0.8, 0.05), (4, 10, 0.8, 0.1)])
def test_percentiles_are_those_of_a_queue_that_is_played(
    servers: int, ratio: float, busy: float, within: float
) -> None:
    simulated, found = played(ratio, servers, busy, 400_000, 3), queue(spread(ratio), servers, busy)
    for q, time in simulated.items():
        assert found.quantile(q) == pytest.approx(time, rel=within), q


LOADS = (0.3, 0.6, 0.8, 0.9, 0.95)
FULLEST = {2: 0.95, 4: 0.95, 10: 0.8, 30: 0.6}
STEADY = [(ratio, busy) for ratio, most in FULLEST.items() for busy in LOADS if busy <= most]
"""What can be played: fuller, or more varied, percentiles of millions of requests still move by a tenth by chance."""


def residuals_drawn(ratio: float, busy: float, count: int) -> dict[float, float]:
    """Return percentiles of wait and service of one server: a geometric number of residual services, each drawn.

    A service that is met under way is long in proportion to its length, and met at any place in it.
    """
    dice = np.random.default_rng(23)
    sigma = math.log(ratio) / Z(0.99)
    times, left = dice.lognormal(-(sigma**2) / 2, sigma, count), dice.geometric(1 - busy, count) - 1
    while left.any():
        waiting = np.flatnonzero(left)
        times[waiting] += dice.random(len(waiting)) * dice.lognormal(sigma**2 / 2, sigma, len(waiting))
        left[waiting] -= 1
    times.sort()
    return {q: float(times[int(q * count)]) for q in SHARES}


@pytest.mark.slow
@pytest.mark.parametrize("busy", LOADS)
@pytest.mark.parametrize("ratio", [2, 4, 10, 30])
def test_percentiles_of_one_server_are_those_of_residuals_that_are_drawn(ratio: float, busy: float) -> None:
    found = queue(spread(ratio), 1, busy)
    for q, time in residuals_drawn(ratio, busy, 1_000_000).items():
        assert found.quantile(q) == pytest.approx(time, rel=0.02), q


@pytest.mark.slow
@pytest.mark.parametrize(("ratio", "busy"), STEADY)
def test_percentiles_of_one_server_are_within_a_twentieth(ratio: float, busy: float) -> None:
    simulated, found = played(ratio, 1, busy, 2_000_000, 5), queue(spread(ratio), 1, busy)
    for q, time in simulated.items():
        assert found.quantile(q) == pytest.approx(time, rel=0.05), q


@pytest.mark.slow
@pytest.mark.parametrize(("ratio", "busy"), STEADY)
@pytest.mark.parametrize("servers", [2, 4, 10, 40])
def test_percentiles_of_several_servers_are_within_a_tenth(servers: int, ratio: float, busy: float) -> None:
    simulated, found = played(ratio, servers, busy, 2_000_000, 7), queue(spread(ratio), servers, busy)
    for q, time in simulated.items():
        assert found.quantile(q) == pytest.approx(time, rel=0.1), q


def test_a_changed_number_falls_outside() -> None:
    """A tenth more load, or a fifth more spread, is noticed."""
    simulated = played(10, 1, 0.8, 400_000, 3)
    for other in (queue(spread(10), 1, 0.86), queue(spread(13), 1, 0.8)):
        assert any(abs(other.quantile(q) / time - 1) > 0.05 for q, time in simulated.items())


EXTREMES = [
    from_percentiles(((0.5, 0.01), (0.99, 10.0))), from_percentiles(((0.5, 0.01), (0.99, 0.0101))),
    Uniform(0.0, 0.002), Constant(0.01), from_percentiles(((0.5, 0.01), (0.9, 0.011), (0.99, 0.5))),
]  # fmt: skip
LINES = [
    Line(1, 1, "shared"), Line(1, 3, "shared"), Line(1, 5000, "shared"), Line(1, 4, "shared", 7),
    Line(1, 30, "shared", 400), Line(5, 2, "random"), Line(5, 2, "round robin"), Line(50, 2, "least loaded"),
]  # fmt: skip


@pytest.mark.parametrize("line", LINES, ids=str)
@pytest.mark.parametrize("busy", [1e-6, 0.5, 0.97])
def test_extremes_have_times_that_rise(line: Line, busy: float) -> None:
    for service in EXTREMES:
        found = queue_at(line, busy, service, service.mean(), scv(service))
        time = found.before(service)
        times = [time.quantile(q) for q in (0.5, 0.9, 0.99, 0.9999)]
        assert times == sorted(times) and times[0] >= 0.98 * service.quantile(0.5)
        assert math.isfinite(times[-1]) and service.mean() * 0.999 <= time.mean() < math.inf
        assert time.scaled(0.0) == Constant(0.0)
        assert found.together.quantile(0.99) >= 0
