"""Hops that are slow together: by a Gaussian copula against sampling, and under the worst dependence there is."""

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.maths.distributions import normal
from archboard.maths.distributions.copula import Tied
from archboard.maths.distributions.distribution import (
    Constant,
    Discrete,
    Distribution,
    Exponential,
    Lognormal,
    Mixture,
    Uniform,
)
from archboard.maths.distributions.from_percentiles import from_percentiles
from archboard.maths.network import Network, NetworkBuilder
from archboard.maths.percentiles.correlated import MOST_HOPS, correlated
from archboard.maths.percentiles.independent import independent
from archboard.maths.percentiles.sum_and_bound import bound_of, sum_of
from archboard.maths.percentiles.worst_case import worst_case
from tests.maths.test_laws import distributions, forked, in_series, lognormals, networks

QS = (0.5, 0.9, 0.99, 0.999)
HIGH = st.sampled_from([0.95, 0.99, 0.999])


def lognormal(p50: float, p99: float) -> Distribution:
    return from_percentiles([(0.5, p50), (0.99, p99)])


def worst(network: Network, q: float) -> float:
    found = worst_case(network, q)
    assert found is not None
    return found.estimate


def tied(network: Network, q: float, correlation: float) -> float:
    found = correlated(network, q, correlation)
    assert found is not None
    return found


def cached() -> Network:
    """An edge, then in 60% of requests a cache, else the cache, two arms at once and what follows them."""
    build = NetworkBuilder()
    edge, cache, log = (build.hop(each, name) for name, each in STAGES.items())
    arms = (build.series([build.hop(FEATURES, "features"), build.hop(FLAT, "flat")]), build.hop(RANKER, "ranker"))
    missed = build.series([edge, cache, build.fork(arms), log])
    return build.network(build.choice([(0.6, build.series([edge, cache])), (0.4, missed)]))


STAGES = {"edge": Lognormal(-5.5, 0.6), "cache": Exponential(0.002), "log": Constant(0.001)}
FEATURES, FLAT = from_percentiles([(0.5, 0.005), (0.95, 0.02), (0.99, 0.05)]), Uniform(0.002, 0.006)
RANKER = Discrete(((0.9, 0.008), (0.1, 0.03)))


@pytest.mark.parametrize("correlation", [0.1, 0.3, 0.7, 0.95])
def test_tied_hops_agree_with_sampling(correlation: float) -> None:
    random, size = np.random.default_rng(5), 400_000
    common = random.standard_normal(size)
    table = np.linspace(-6, 6, 6001)

    def some(distribution: Distribution) -> np.ndarray:
        scores = math.sqrt(correlation) * common + math.sqrt(1 - correlation) * random.standard_normal(size)
        return np.interp(scores, table, [distribution.quantile(normal.cdf(z)) for z in table])

    usual = some(STAGES["edge"]) + some(STAGES["cache"])
    missed = np.maximum(some(FEATURES) + some(FLAT), some(RANKER)) + 0.001
    sample = usual + np.where(random.random(size) < 0.6, 0.0, missed)

    for q in QS:
        low, high = np.quantile(sample, [q - 5 * (q * (1 - q) / size) ** 0.5, q + 5 * (q * (1 - q) / size) ** 0.5])
        assert low * 0.998 <= tied(cached(), q, correlation) <= high * 1.002


def test_no_correlation_is_the_independent_answer_and_full_correlation_the_sum() -> None:
    network = in_series(*(lognormal(0.01, 0.01 * tail) for tail in (2.0, 3.0, 5.0, 8.0)), FEATURES)

    for q in QS:
        assert correlated(network, q, 0.0) == independent(network, [q])[q].estimate
        assert correlated(network, q, 1.0) == sum_of(network, q)
        assert tied(network, q, 1e-6) == pytest.approx(independent(network, [q])[q].estimate, rel=2e-3)
        assert tied(network, q, 1 - 1e-9) == pytest.approx(sum_of(network, q), rel=2e-3)


def test_under_full_correlation_chance_stays_chance() -> None:
    edge, missed = lognormal(0.001, 0.003), lognormal(0.01, 0.1)
    build = NetworkBuilder()
    first = build.hop(edge, "edge")
    behind = build.choice([(0.8, build.series([])), (0.2, build.hop(missed, "missed"))])
    network = build.network(build.series([first, behind]))

    assert tied(network, 0.99, 1.0) == pytest.approx(edge.quantile(0.95) + missed.quantile(0.95), rel=2e-3)
    assert tied(network, 0.99, 1.0) < sum_of(network, 0.99)


def test_equal_exponentials_tied_agree_with_a_numeric_double_integral() -> None:
    """P(X + Y > t) over the bivariate normal, by the midpoint rule on a million squares."""
    correlation, time = 0.5, tied(in_series(Exponential(1.0), Exponential(1.0)), 0.99, 0.5)
    z = (np.arange(1000) + 0.5) / 1000 * 12 - 6
    weight = np.exp(-z * z / 2) / np.exp(-z * z / 2).sum()
    a = -np.log(normal.cdf_array(-z))
    rest = normal.quantile_array(-np.expm1(-np.maximum(time - a, 0)))
    later = normal.cdf_array((correlation * z - rest) / math.sqrt(1 - correlation**2))

    assert float((weight * later).sum()) == pytest.approx(0.01, rel=3e-3)


@settings(max_examples=8, deadline=None)
@given(st.lists(lognormals, min_size=2, max_size=4), HIGH)
def test_at_high_percentiles_tied_lognormals_rise_from_independent_to_the_sum(
    hops: list[Distribution], q: float
) -> None:
    network = in_series(*hops)
    ladder = [tied(network, q, correlation) for correlation in (0.0, 0.2, 0.5, 0.9, 1.0)]

    assert all(low <= high * 1.003 for low, high in pairwise(ladder))
    assert independent(network, [q])[q].floor <= ladder[2] <= sum_of(network, q) * 1.003


@settings(max_examples=8, deadline=None)
@given(st.lists(lognormals, min_size=2, max_size=4), st.floats(1.0, 3.0))
def test_a_slower_hop_never_speeds_tied_hops_or_the_worst_case(hops: list[Distribution], factor: float) -> None:
    for make in (in_series, forked):
        fast, slow = make(*hops), make(hops[0].scaled(factor), *hops[1:])

        assert tied(slow, 0.99, 0.3) >= tied(fast, 0.99, 0.3) * (1 - 3e-3)
        assert worst(slow, 0.99) >= worst(fast, 0.99) * (1 - 5e-3)


@settings(max_examples=40, deadline=None)
@given(networks(), st.sampled_from(QS))
def test_the_worst_case_lies_between_the_sum_and_the_bound(network: Network, q: float) -> None:
    found = worst_case(network, q)

    assert found is not None
    assert sum_of(network, q) <= found.floor * (1 + 1e-9)
    assert found.floor <= found.estimate <= found.ceiling <= bound_of(network, q) * (1 + 1e-9)


@settings(max_examples=20, deadline=None)
@given(networks(), HIGH)
def test_neither_independent_nor_tied_hops_exceed_the_worst_case(network: Network, q: float) -> None:
    found = worst_case(network, q)

    assert found is not None
    assert independent(network, [q])[q].floor <= found.ceiling * (1 + 1e-9)
    assert tied(network, q, 0.5) <= found.ceiling * (1 + 4e-3)


@settings(max_examples=20, deadline=None)
@given(st.lists(distributions, min_size=3, max_size=8), st.sampled_from(QS))
def test_the_worst_of_a_series_is_bracketed(hops: list[Distribution], q: float) -> None:
    found = worst_case(in_series(*hops), q)

    assert found is not None
    assert found.ceiling - found.floor <= 0.03 * found.ceiling


def test_hops_that_are_never_slow_together_can_be_worse_than_hops_that_are() -> None:
    rare = Discrete(((0.991, 0.001), (0.009, 0.1)))

    assert [sum_of(in_series(*[rare] * n), 0.99) for n in (1, 2, 3)] == pytest.approx([0.001, 0.002, 0.003])
    assert [worst(in_series(*[rare] * n), 0.99) for n in (1, 2, 3)] == pytest.approx([0.001, 0.101, 0.201])


def test_the_worst_of_uniform_hops_is_known_exactly() -> None:
    """The tails of two or more uniforms can sum to a constant: so many times their mean (Rüschendorf 1982)."""
    for n in (2, 3, 5):
        assert worst(in_series(*[Uniform(0.0, 1.0)] * n), 0.9) == pytest.approx(0.95 * n, rel=1e-3)


def test_the_worst_of_a_fork_is_reached_when_its_arms_are_never_late_together() -> None:
    arm = lognormal(0.01, 0.05)

    assert worst(forked(arm, arm), 0.99) == pytest.approx(arm.quantile(0.995), rel=1e-9)
    assert worst(forked(arm, Constant(0.02)), 0.99) == pytest.approx(0.05, rel=1e-9)


def test_of_alternatives_the_worst_case_takes_the_slowest_whatever_its_chance() -> None:
    build = NetworkBuilder()
    edge, missed = build.hop(lognormal(0.001, 0.003), "edge"), build.hop(lognormal(0.01, 0.1), "missed")
    found = build.choice([(0.999, edge), (0.001, build.series([edge, missed]))])
    both = in_series(lognormal(0.001, 0.003), lognormal(0.01, 0.1))

    assert worst(build.network(found), 0.99) == pytest.approx(worst(both, 0.99), rel=1e-9)


def test_a_chain_of_thousands_has_a_worst_case_but_no_correlated_answer() -> None:
    network = in_series(*(lognormal(0.001 + i * 1e-6, 0.003 + i * 2e-6) for i in range(2 * MOST_HOPS)))
    found = worst_case(network, 0.99)

    assert correlated(network, 0.99, 0.3) is None
    assert found is not None
    assert sum_of(network, 0.99) < found.floor <= found.ceiling < 1.005 * found.floor < bound_of(network, 0.99)


MIXED = Mixture(((0.5, FLAT), (0.5, FEATURES)))


@pytest.mark.parametrize("whole", [Uniform(0.01, 0.03), Exponential(0.02), FEATURES, MIXED])
def test_a_tied_hop_is_a_distribution_like_any_other(whole: Distribution) -> None:
    hop = Tied(whole, factor=1.2, correlation=0.4)
    shares = np.array([0.01, 0.3, 0.5, 0.9, 0.999])
    times = np.array([hop.quantile(q) for q in shares])
    even = [hop.quantile((i + 0.5) / 20_000) for i in range(20_000)]

    assert hop.cdf_at(times) == pytest.approx(shares, abs=1e-6)
    assert [hop.cdf(t) for t in times] == pytest.approx(shares, abs=1e-6)
    assert hop.mean() == pytest.approx(math.fsum(even) / 20_000, rel=2e-3)
    assert hop.mean_beyond(times[2]) == pytest.approx(math.fsum(t for t in even if t > times[2]) / 20_000, rel=3e-3)
    assert hop.scaled(3.0).quantile(0.9) == pytest.approx(3 * times[3], rel=1e-12)
    assert hop.support == whole.support


def test_normal_quantiles_of_an_array_are_those_of_its_numbers() -> None:
    shares = np.array([0.0, 1e-300, 1e-9, 0.02, 0.4, 0.5, 0.93, 1 - 1e-12, 1.0])

    assert normal.quantile_array(shares) == pytest.approx([normal.quantile(q) for q in shares], rel=1e-12)
