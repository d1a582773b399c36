"""What must hold of every flow, and the grid against sampling that shares no code with it."""

import math
import subprocess
import sys
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard import maths
from archboard.maths.distributions import normal
from archboard.maths.distributions.distribution import (
    Constant,
    Discrete,
    Distribution,
    Exponential,
    Lognormal,
    Mixture,
    Quantiles,
    Uniform,
)
from archboard.maths.distributions.from_percentiles import from_percentiles
from archboard.maths.distributions.percentile_curve import joined
from archboard.maths.network import Hop, Network, NetworkBuilder, Series
from archboard.maths.percentiles import independent as percentiles
from archboard.maths.percentiles.fourier import Cells, Transforms, Turns
from archboard.maths.percentiles.independent import Answer, independent, share_later
from archboard.maths.percentiles.mean import mean_of
from archboard.maths.percentiles.sum_and_bound import (
    bound_of,
    likeliest_paths,
    minmax,
    paths_total,
    random_hops_of,
    sum_of,
    worst_way,
)
from archboard.maths.queues import Unstable, erlang_c, mean_wait, replicas_needed, utilisation

QS = (0.1, 0.5, 0.9, 0.95, 0.99, 0.999)

medians = st.floats(1e-4, 1.0)
tails = st.floats(1.2, 10.0)
lognormals = st.builds(lambda p50, tail: from_percentiles([(0.5, p50), (0.99, p50 * tail)]), medians, tails)
distributions: st.SearchStrategy[Distribution] = st.one_of(
    lognormals,
    st.builds(Constant, st.sampled_from([0.0, 0.0005, 0.01, 0.3, 1 / 3])),
    st.builds(lambda low, by: Uniform(low, low + by), medians, medians),
    st.builds(Exponential, medians),
    st.builds(lambda p, a, b: Discrete(((p, a), (1 - p, b))), st.floats(0.01, 0.99), medians, medians),
    st.builds(lambda p, a, b: Mixture(((p, a), (1 - p, b))), st.floats(0.01, 0.99), lognormals, lognormals),
    st.builds(
        lambda p50, a, b: from_percentiles([(0.5, p50), (0.9, p50 * a), (0.99, p50 * a * b)]),
        medians,
        st.floats(1.0, 3.0),
        st.floats(1.0, 3.0),
    ),
)


@st.composite
def networks(draw: st.DrawFn) -> Network:
    build = NetworkBuilder()
    nodes = [build.hop(each, str(i)) for i, each in enumerate(draw(st.lists(distributions, min_size=1, max_size=4)))]
    for kind in draw(st.lists(st.sampled_from(["series", "fork", "choice"]), max_size=4)):
        a, b = draw(st.sampled_from(nodes)), draw(st.sampled_from(nodes))
        if kind == "choice":
            p = draw(st.floats(0.01, 0.99))
            nodes.append(build.choice([(p, a), (1 - p, b)]))
        else:
            nodes.append(build.series([a, b]) if kind == "series" else build.fork([a, b]))
    return build.network(nodes[-1])


def in_series(*distributions: Distribution) -> Network:
    build = NetworkBuilder()
    return build.network(build.series(build.hop(each, str(i)) for i, each in enumerate(distributions)))


def forked(*distributions: Distribution) -> Network:
    build = NetworkBuilder()
    return build.network(build.fork(build.hop(each, str(i)) for i, each in enumerate(distributions)))


@settings(max_examples=60, deadline=None)
@given(networks())
def test_the_bracket_contains_the_estimate_and_rises_with_the_percentile(network: Network) -> None:
    answers = list(independent(network, QS).values())
    least, most = minmax(network)

    assert all(least <= a.floor <= a.estimate <= a.ceiling <= most * (1 + 1e-9) for a in answers)
    assert all(a.ceiling - a.floor <= 0.005 * a.estimate + 1e-12 for a in answers)
    for before, after in pairwise(answers):
        assert (before.floor, before.estimate, before.ceiling) <= (after.floor, after.estimate, after.ceiling)
        assert before.ceiling <= after.ceiling


@settings(max_examples=60, deadline=None)
@given(networks())
def test_no_independent_percentile_exceeds_the_bound(network: Network) -> None:
    for q, answer in independent(network, QS).items():
        assert answer.ceiling <= bound_of(network, q) * (1 + 1e-9)
        assert sum_of(network, q) <= bound_of(network, q) * (1 + 1e-12)


@settings(max_examples=30, deadline=None)
@given(st.lists(lognormals, min_size=2, max_size=6), st.floats(1.0, 3.0))
def test_a_slower_hop_never_speeds_a_flow(hops: list[Distribution], factor: float) -> None:
    for make in (in_series, forked):
        fast, slow = make(*hops), make(hops[0].scaled(factor), *hops[1:])

        assert sum_of(slow, 0.99) >= sum_of(fast, 0.99)
        assert bound_of(slow, 0.99) >= bound_of(fast, 0.99)
        assert mean_of(slow) >= mean_of(fast) * (1 - 1e-6)
        assert independent(slow, [0.99])[0.99].ceiling >= independent(fast, [0.99])[0.99].floor
        assert independent(slow, [0.99])[0.99].estimate >= independent(fast, [0.99])[0.99].estimate * (1 - 1e-4)


@settings(max_examples=40, deadline=None)
@given(st.lists(lognormals, min_size=1, max_size=6), st.sampled_from([0.95, 0.99, 0.999]))
def test_the_sum_is_conservative_for_ordinary_lognormals(hops: list[Distribution], q: float) -> None:
    network = in_series(*hops)

    assert sum_of(network, q) >= independent(network, [q])[q].floor * (1 - 1e-9)


@settings(max_examples=40, deadline=None)
@given(st.lists(distributions, min_size=1, max_size=4))
def test_a_fork_is_no_faster_than_any_arm(arms: list[Distribution]) -> None:
    answers = independent(forked(*arms), QS)

    for q, answer in answers.items():
        just_before = q * (1 - 1e-9)  # where hardly anything happens, a time is only as exact as its share
        assert answer.ceiling >= max(arm.quantile(just_before) for arm in arms) * (1 - 1e-9)


@settings(max_examples=100, deadline=None)
@given(distributions, st.floats(0.001, 0.999))
def test_a_quantile_is_the_least_time_that_the_share_reaches(distribution: Distribution, q: float) -> None:
    t = distribution.quantile(q)

    assert distribution.cdf(t * (1 + 1e-9)) >= q - 1e-9
    assert t == 0 or distribution.cdf(t * (1 - 1e-9)) <= q + 1e-6
    assert distribution.cdf_at(np.array([t]))[0] == pytest.approx(distribution.cdf(t), abs=1e-12)
    assert distribution.scaled(3.0).quantile(q) == pytest.approx(3 * t, rel=1e-9)


def draw(distribution: Any, size: int, random: np.random.Generator) -> Any:
    """Sample by each family's own generator, not by the quantiles under test."""
    match distribution:
        case Constant(seconds):
            return np.full(size, seconds)
        case Lognormal(mu, sigma):
            return random.lognormal(mu, sigma, size)
        case Uniform(low, high):
            return random.uniform(low, high, size)
        case Exponential(mean):
            return random.exponential(mean, size)
        case Discrete(masses):
            return random.choice([s for _, s in masses], size, p=[p for p, _ in masses])
    raise AssertionError(distribution)


def test_the_grid_agrees_with_sampling_of_a_flow_with_everything_in_it() -> None:
    random, size = np.random.default_rng(7), 1_000_000
    edge, ann, slow = Lognormal(-5.5, 0.6), Lognormal(-4.6, 0.4), Lognormal(-3.9, 0.5)
    log, rare, flat = Exponential(0.004), Discrete(((0.97, 0.001), (0.03, 0.0505))), Uniform(0.002, 0.006)
    build = NetworkBuilder()
    arm = build.series([build.hop(ann), build.hop(rare), build.hop(Constant(0.0013))])
    miss = build.series([build.fork([arm, build.hop(slow), build.hop(flat)]), build.hop(log)])
    flow = build.series([build.hop(edge), build.choice([(0.7, build.hop(Constant(0.0007))), (0.3, miss)])])
    network = build.network(build.series([flow, build.hop(edge)]))

    def some(distribution: Distribution) -> Any:
        return draw(distribution, size, random)

    missed = np.maximum(np.maximum(some(ann) + some(rare) + 0.0013, some(slow)), some(flat)) + some(log)
    sample = some(edge) + np.where(random.random(size) < 0.7, 0.0007, missed) + some(edge)

    for q, answer in independent(network, QS).items():
        low, high = np.quantile(sample, [q - 5 * (q * (1 - q) / size) ** 0.5, q + 5 * (q * (1 - q) / size) ** 0.5])
        assert low <= answer.ceiling
        assert answer.floor <= high
        assert low * (1 - 1e-4) <= answer.estimate <= high * (1 + 1e-4)
        assert answer.ceiling - answer.floor <= 0.005 * answer.estimate
    assert mean_of(network) == pytest.approx(float(sample.mean()), rel=5 * float(sample.std()) / 1000 / 0.02)


def test_the_grid_agrees_with_sampling_of_percentiles_measured() -> None:
    random, size = np.random.default_rng(11), 1_000_000
    measured = Quantiles(((0.5, 0.003), (0.9, 0.004), (0.99, 0.02)))
    zs = random.standard_normal(size)
    table = np.linspace(-6, 6, 20_001)
    times = np.array([measured.quantile(normal.cdf(z)) for z in table[::10]])
    sample = np.exp(np.interp(zs, table[::10], np.log(times))) + random.lognormal(-6, 0.5, size)
    answers = independent(in_series(measured, Lognormal(-6, 0.5)), QS)

    for q, answer in answers.items():
        assert answer.estimate == pytest.approx(float(np.quantile(sample, q)), rel=0.01)
    assert measured.mean() == pytest.approx(float(np.exp(np.interp(zs, table[::10], np.log(times))).mean()), rel=0.01)


def test_a_chain_of_five_thousand_hops_is_answered_three_ways() -> None:
    random = np.random.default_rng(3)
    pairs = [
        (float(m), float(m * t)) for m, t in zip(random.uniform(1, 10, 5000), random.uniform(1.5, 6, 5000), strict=True)
    ]
    hops = [from_percentiles([(0.5, a / 1000), (0.99, b / 1000)]) for a, b in pairs]
    network = in_series(*hops)
    answer = independent(network, [0.5, 0.99])
    mean = math.fsum(hop.mean() for hop in hops)
    variance = math.fsum((math.exp(h.sigma**2) - 1) * h.mean() ** 2 for h in hops if isinstance(h, Lognormal))

    assert mean_of(network) == pytest.approx(mean, rel=1e-12)
    assert answer[0.5].estimate == pytest.approx(mean, rel=1e-3)
    assert answer[0.99].estimate == pytest.approx(mean + 2.3263 * math.sqrt(variance), rel=2e-3)
    assert answer[0.99].ceiling - answer[0.99].floor <= 0.06 * answer[0.99].estimate
    assert sum_of(network, 0.99) == pytest.approx(math.fsum(b / 1000 for _, b in pairs), rel=1e-12)
    assert len(worst_way(network, 0.99)[1]) == random_hops_of(network) == 5000
    assert likeliest_paths(network) == [(1.0, worst_way(network, 0.99)[1])]


def test_a_nest_five_thousand_deep_is_answered_too() -> None:
    build = NetworkBuilder()
    node = hop = build.hop(Lognormal(-6, 0.5))
    for i in range(2500):
        missed = build.series([node, build.hop(Constant(0.001 + i * 1e-6))])
        node = build.choice([(0.5, hop), (0.5, missed)])
    network = build.network(node)

    assert paths_total(network) == 2501
    assert [p for p, _ in likeliest_paths(network, 3)] == [0.5, 0.25, 0.125]
    assert random_hops_of(network) == 1
    assert mean_of(network) == pytest.approx(Lognormal(-6, 0.5).mean() + 0.0035, rel=1e-3)
    assert independent(network, [0.5])[0.5].floor > 0


def test_paths_are_counted_without_being_listed() -> None:
    build = NetworkBuilder()
    node = build.series([])
    for i in range(200):
        fast, slow = build.hop(Constant(0.001), f"{i} fast"), build.hop(Constant(0.002), f"{i} slow")
        node = build.series([node, build.choice([(0.9, fast), (0.1, slow)])])
    network = build.network(node)
    best = likeliest_paths(network)

    assert paths_total(network) == 2**200
    assert len(best) == 50
    assert [p for p, _ in best[:3]] == pytest.approx([0.9**200, 0.9**199 * 0.1, 0.9**199 * 0.1], rel=1e-9)
    assert len({path for _, path in best}) == 50
    assert sum_of(network, 0.99) == pytest.approx(0.4)


def test_the_worst_way_takes_the_slowest_arm_and_the_miss() -> None:
    build = NetworkBuilder()
    names = ("edge", "fast", "slow", "after")
    edge, fast, slow, after = (build.hop(Constant(t), n) for t, n in zip((1, 2, 3, 4), names, strict=True))
    never = build.hop(Constant(99.0), "never")
    found = build.choice([(0.5, build.series([])), (0.5, build.fork([fast, slow])), (0.0, never)])
    network = build.network(build.series([edge, found, after]))

    hops = [network.nodes[i] for i in worst_way(network, 0.99)[1]]
    assert [hop.name for hop in hops if isinstance(hop, Hop)] == ["edge", "slow", "after"]
    assert sum_of(network, 0.99) == 8
    assert minmax(network) == (5, 8)


def test_an_overlap_runs_from_its_slowest_arm_to_independent_arms() -> None:
    build = NetworkBuilder()
    a, b = build.hop(Exponential(1.0), "a"), build.hop(Exponential(1.0), "b")
    answer = independent(build.network(build.overlap([a, b])), [0.99])[0.99]

    assert answer.floor == pytest.approx(Exponential(1.0).quantile(0.99), rel=5e-3)
    assert answer.ceiling == pytest.approx(Exponential(1.0).quantile(math.sqrt(0.99)), rel=5e-3)
    assert random_hops_of(build.network(build.overlap([build.series([a, b]), b]))) == 2


def test_the_mean_of_a_fork_is_exact_where_a_formula_is_known() -> None:
    build = NetworkBuilder()
    fanned = build.fork([build.hop(Exponential(1.0))] * 100)
    network = build.network(build.series([fanned, build.hop(Constant(2.0))]))

    assert mean_of(network) == pytest.approx(2 + math.fsum(1 / k for k in range(1, 101)), rel=1e-4)


def test_one_cache_of_transforms_gives_the_same_answers() -> None:
    hops = [from_percentiles([(0.5, 0.01 + i / 1000), (0.99, 0.05)]) for i in range(10)]
    network, shared = in_series(*hops), Transforms()

    assert independent(network, QS, shared) == independent(network, QS, shared) == independent(network, QS)


def test_a_question_is_worked_out_once_and_answered_alike_ever_after(monkeypatch: pytest.MonkeyPatch) -> None:
    network, shared, worked = in_series(*(Exponential(0.01 * i) for i in (1, 2, 5))), Transforms(), list[Cells]()
    evaluate = percentiles.evaluate
    monkeypatch.setattr(percentiles, "evaluate", lambda n, cells, t: [worked.append(cells), evaluate(n, cells, t)][1])
    asked = [(share_later(network, t, shared), independent(network, [0.9], shared)) for t in (0.1, 0.1, 0.2)]

    assert asked[0] == asked[1] != asked[2]
    assert len({later for later, _ in asked}) == 2
    count = len(worked)
    assert asked == [(share_later(network, t, Transforms()), independent(network, [0.9])) for t in (0.1, 0.1, 0.2)]
    assert len(worked) == count + 3 * (count - 1)


def test_delays_are_the_same_after_more_of_them_than_are_kept() -> None:
    turns = Turns(64)
    first = [turns.delay(by).copy() for by in range(64)]

    assert all(np.array_equal(turns.delay(by), made) for by, made in enumerate(first))
    assert not turns.delay(64).any()


@given(st.lists(st.floats(0.01, 3.0), min_size=2, max_size=9), st.lists(st.floats(0.01, 3.0), min_size=9, max_size=9))
def test_a_curve_read_at_many_scores_is_the_curve_read_at_each(logs: list[float], zs: list[float]) -> None:
    curve = joined(tuple(accumulate(logs)), tuple(accumulate(zs[: len(logs)], initial=-4.0))[1:])
    scores = np.concatenate([np.linspace(-9.0, 9.0, 181), curve.zs])

    assert curve.log_at_each(scores).tolist() == [curve.log_at(z) for z in scores.tolist()]


def test_an_empty_network_takes_no_time() -> None:
    network = Network((Series(()),), 0)

    assert independent(network, [0.99])[0.99] == Answer(0.0, 0.0, 0.0)
    assert (sum_of(network, 0.99), bound_of(network, 0.99), mean_of(network), minmax(network)) == (
        0,
        0,
        0,
        (0, 0),
    )
    assert likeliest_paths(network) == [(1.0, ())]


def test_percentiles_become_the_distribution_they_describe() -> None:
    assert from_percentiles([(0.99, 0.03)]).quantile(0.5) == pytest.approx(0.01, rel=1e-12)
    assert from_percentiles([(0.99, 0.03)], tail=2).quantile(0.5) == pytest.approx(0.015, rel=1e-12)
    assert from_percentiles([(0.5, 0.01), (0.99, 0.01)]) == Constant(0.01)
    assert from_percentiles([(0.99, 0.0)]) == Constant(0.0)
    points = [(0.5, 0.003), (0.95, 0.007), (0.99, 0.01)]
    measured = from_percentiles(points)
    assert [measured.quantile(q) for q, _ in points] == pytest.approx([t for _, t in points], rel=1e-12)
    assert isinstance(measured, Quantiles)
    with pytest.raises(ValueError, match="not the percentiles"):
        from_percentiles([(0.5, 0.02), (0.99, 0.01)])


def test_utilisation_of_one_is_not_a_number_of_seconds() -> None:
    with pytest.raises(Unstable):
        mean_wait(rate=4.0, service=1.0, servers=4)
    assert erlang_c(1, 0.5) == pytest.approx(0.5)
    assert utilisation(5.0, 0.0) == math.inf
    assert [replicas_needed(rate, 500, 0.7) for rate in (0, 350, 350.0001, 351, 10_000)] == [1, 1, 1, 2, 29]


def test_the_maths_starts_without_numpy() -> None:
    folder = Path(maths.__path__[0])
    names = (path.relative_to(folder).with_suffix("").parts for path in folder.rglob("*.py") if path.stem != "__init__")
    modules = ", ".join(f"archboard.maths.{'.'.join(parts)}" for parts in sorted(names))
    code = f"import sys; import {modules}; sys.exit('numpy' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
