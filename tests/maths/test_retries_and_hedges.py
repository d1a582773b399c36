"""Attempts, hedges and quorums held against requests drawn one by one, and against what must be true of them."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from archboard.maths.distributions.distribution import Constant, Distribution, Exponential, Lognormal, Queued
from archboard.maths.distributions.from_percentiles import from_percentiles
from archboard.maths.distributions.variability import scv
from archboard.maths.fanout import needed_quantile, needed_share
from archboard.maths.network import Network, NetworkBuilder
from archboard.maths.percentiles.independent import independent, share_later
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
from archboard.maths.percentiles.worst_case import worst_case
from archboard.maths.queues import erlang_c, sojourn_quantile
from archboard.maths.retries import expected_attempts
from archboard.maths.visits import expected_visits

Times = NDArray[np.float64]
N = 400_000
SLOW, QUICK, FIRST = (
    from_percentiles(((0.5, a), (0.99, b))) for a, b in ((0.010, 0.040), (0.005, 0.030), (0.02, 0.05))
)


def network(make: Callable[[NetworkBuilder], int]) -> Network:
    build = NetworkBuilder()
    return build.network(make(build))


def two(build: NetworkBuilder) -> int:
    return build.series((build.hop(SLOW, "slow"), build.hop(QUICK, "quick")))


def after_first(make: Callable[[NetworkBuilder], int]) -> Network:
    return network(lambda build: build.series((build.hop(FIRST, "first"), make(build))))


class Dice:
    """Draws requests; nothing of the grid or of its formulas is used."""

    def __init__(self) -> None:
        self.random = np.random.default_rng(7)

    def hop(self, time: Distribution) -> Times:
        assert isinstance(time, Lognormal)
        return np.exp(time.mu + time.sigma * self.random.standard_normal(N))

    def two(self) -> Times:
        return self.hop(SLOW) + self.hop(QUICK)

    def attempts(self, draw: Callable[[], Times], timeout: float, waits: tuple[float, ...]) -> Times:
        spent, left = np.zeros(N), np.ones(N, dtype=bool)
        for wait in (*waits, 0.0):
            time = draw()
            spent += np.where(left, np.minimum(time, timeout), 0.0)
            left &= time > timeout
            spent += np.where(left, wait, 0.0)
        return spent


def attempted(dice: Dice) -> Times:
    return dice.hop(FIRST) + dice.attempts(dice.two, 0.03, (0.005, 0.01))


def hedged(dice: Dice) -> Times:
    return dice.hop(FIRST) + np.minimum(dice.two(), 0.02 + dice.two())


def of_five(dice: Dice) -> Times:
    return dice.hop(FIRST) + np.sort([dice.two() for _ in range(5)], axis=0)[2]


def all_at_once(dice: Dice) -> Times:
    def once() -> Times:
        return np.minimum(dice.two(), 0.02 + dice.two())

    return dice.hop(FIRST) + np.sort([dice.attempts(once, 0.03, (0.005,)) for _ in range(3)], axis=0)[1]


DRAWN = {
    "attempts": (after_first(lambda b: b.attempts(two(b), 0.03, (0.005, 0.01), 0.1)), attempted),
    "hedged": (after_first(lambda b: b.hedged(two(b), 0.02, 0.1)), hedged),
    "quorum": (after_first(lambda b: b.quorum(two(b), 5, 3)), of_five),
    "all": (
        after_first(lambda b: b.quorum(b.attempts(b.hedged(two(b), 0.02, 0.1), 0.03, (0.005,)), 3, 2)),
        all_at_once,
    ),
}


@pytest.mark.parametrize("name", DRAWN)
def test_percentiles_and_mean_are_those_of_requests_drawn_one_by_one(name: str) -> None:
    made, draw = DRAWN[name]
    drawn = np.sort(draw(Dice()))
    answers = independent(made, (0.5, 0.9, 0.99))
    for q, answer in answers.items():
        spread = 4 * int((q * (1 - q) * N) ** 0.5)
        low, high = drawn[int(q * N) - spread], drawn[int(q * N) + spread]
        assert low <= answer.estimate <= high
        assert answer.floor <= answer.estimate <= answer.ceiling <= answer.floor * 1.005
        assert answer.estimate <= bound_of(made, q)
    assert mean_of(made) == pytest.approx(drawn.mean(), abs=4 * drawn.std() / N**0.5)


def test_the_share_of_late_attempts_is_read_off_their_network() -> None:
    late = float((Dice().two() > 0.03).mean())
    assert share_later(network(two), 0.03) == pytest.approx(late, abs=4 * (late / N) ** 0.5)
    assert share_later(network(lambda b: b.hop(SLOW)), 0.02) == pytest.approx(1 - SLOW.cdf(0.02), rel=1e-12)
    assert share_later(network(lambda b: b.hop(Constant(0.02))), 0.02) == 0.0
    assert share_later(network(lambda b: b.hop(Constant(0.02))), 0.0199) == 1.0


def test_slow_together_means_that_every_attempt_is_late_and_no_hedge_helps() -> None:
    made = network(lambda b: b.attempts(two(b), 0.03, (0.005, 0.01), 0.1))
    assert sum_of(made, 0.5) == pytest.approx(0.015)
    assert sum_of(made, 0.99) == pytest.approx(3 * 0.03 + 0.015)
    assert sum_of(network(lambda b: b.hedged(two(b), 0.001, 0.9)), 0.99) == pytest.approx(0.07)


def test_copies_are_slow_each_for_itself_and_the_last_that_is_waited_for_counts() -> None:
    slowest, second = 0.99 ** (1 / 5), needed_quantile(0.99, 5, 2)
    assert needed_share(second, 5, 2) == pytest.approx(0.99, rel=1e-12)
    for needed, within in ((5, slowest), (2, second)):
        made = network(lambda b, k=needed: b.quorum(two(b), 5, k))  # type: ignore[misc]
        assert sum_of(made, 0.99) == pytest.approx(SLOW.quantile(within) + QUICK.quantile(within), rel=1e-12)
    nested = network(lambda b: b.quorum(b.series((b.hop(QUICK), b.quorum(b.hop(SLOW), 20, 20))), 5, 5))
    assert sum_of(nested, 0.99) == pytest.approx(QUICK.quantile(slowest) + SLOW.quantile(0.99 ** (1 / 100)), rel=1e-12)
    cut = network(lambda b: b.quorum(b.attempts(b.hop(SLOW), 0.05, (), 0.005), 5, 5))
    assert SLOW.quantile(0.99) < 0.05 < SLOW.quantile(slowest)
    assert sum_of(cut, 0.99) == 0.05


def test_the_bound_of_copies_is_never_below_their_sum() -> None:
    for copies in (2, 10, 100, 10_000):
        for needed in {copies, copies - 1, 1}:
            made = network(lambda b, n=copies, k=needed: b.quorum(two(b), n, k))  # type: ignore[misc]
            assert sum_of(made, 0.99) <= bound_of(made, 0.99)
            assert sum_of(made, 0.99) <= worst_case(made, 0.99).estimate * (1 + 1e-9)  # type: ignore[union-attr]


def test_copies_stand_like_brackets_around_one_of_them() -> None:
    made = network(lambda b: b.quorum(b.hop(SLOW), 3, 2))
    assert [type(made.nodes[i]).__name__ for i in worst_way(made, 0.99)[1]] == ["Quorum", "Hop", "Quorum"]
    assert likeliest_paths(made) == [(1.0, worst_way(made, 0.99)[1])]
    assert paths_total(made) == 3



def test_attempts_stand_like_brackets_around_what_they_try() -> None:
    made = network(lambda b: b.series((b.hop(FIRST), b.attempts(two(b), 0.03, (0.005,), 0.1))))
    ((_, likeliest),) = likeliest_paths(made)
    kinds = [type(made.nodes[i]).__name__ for i in worst_way(made, 0.99)[1]]
    assert kinds == ["Hop", "Attempts", "Hop", "Hop", "Attempts"]
    assert likeliest == worst_way(made, 0.99)[1]
    assert paths_total(made) == 1
    assert random_hops_of(made) == 1 + 2 * 2
    assert minmax(made) == (0.0, pytest.approx(float("inf")))


def test_visits_count_attempts_copies_and_second_sends() -> None:
    made = network(
        lambda b: b.series((b.attempts(b.hop(SLOW, "a"), 0.02, (0.0, 0.0), 0.1), b.quorum(b.hop(QUICK, "b"), 5, 3)))
    )
    assert expected_visits(made) == {"a": pytest.approx(1.11), "b": 5.0}
    assert expected_visits(network(lambda b: b.hedged(b.hop(SLOW, "a"), 0.02, 0.05))) == {"a": pytest.approx(1.05)}


@settings(max_examples=25)
@given(
    timeout=st.floats(0.002, 0.2), wait=st.floats(0, 0.05), further=st.integers(0, 3), factor=st.floats(1.0, 4.0),
    q=st.sampled_from((0.5, 0.95, 0.99)),
)  # fmt: skip
def test_a_slower_hop_never_makes_attempts_faster(
    timeout: float, wait: float, further: int, factor: float, q: float
) -> None:
    def made(time: Distribution) -> Network:
        return after_first(lambda b: b.attempts(b.hop(time), timeout, (wait,) * further, 0.0))

    usual, slower = made(SLOW), made(SLOW.scaled(factor))
    assert sum_of(usual, q) <= sum_of(slower, q) * (1 + 1e-12)
    assert independent(usual, (q,))[q].floor <= independent(slower, (q,))[q].ceiling
    assert mean_of(usual) <= mean_of(slower) * (1 + 1e-4)


@pytest.mark.parametrize(
    ("rate", "service", "servers"), [(3.2, 1.0, 4), (99.9, 1.0, 100), (50.0, 0.001, 1), (5, 0.01, 1)]
)
def test_a_queue_before_exponential_service_is_erlangs(rate: float, service: float, servers: int) -> None:
    busy = rate * service
    queued = Queued(Exponential(service), erlang_c(servers, busy), Exponential(service / (servers - busy)))
    for q in (0.5, 0.95, 0.999):
        assert queued.quantile(q) == pytest.approx(sojourn_quantile(q, rate, service, servers), rel=1e-8)
    alone = network(lambda b: b.series((b.hop(queued), b.hop(Constant(1e-3 * service)))))
    assert independent(alone, (0.95,))[0.95].estimate == pytest.approx(queued.quantile(0.95) + 1e-3 * service, rel=1e-6)


def test_two_queues_in_a_row_are_convolved_within_their_bracket() -> None:
    queued = Queued(Exponential(0.01), 0.5, Exponential(0.02))
    dice = np.random.default_rng(3)

    def draw() -> Times:
        return dice.exponential(0.01, N) + np.where(dice.random(N) < 0.5, dice.exponential(0.02, N), 0.0)

    answer = independent(network(lambda b: b.series((b.hop(queued), b.hop(queued)))), (0.99,))[0.99]
    drawn = np.sort(draw() + draw())
    assert drawn[int(0.99 * N) - 260] <= answer.estimate <= drawn[int(0.99 * N) + 260]
    assert answer.floor <= answer.estimate <= answer.ceiling


def test_the_spread_of_a_time_is_its_squared_coefficient_of_variation() -> None:
    assert scv(Exponential(3.0)) == 1.0
    assert scv(Constant(3.0)) == 0.0
    sample = np.exp(0.5 * np.random.default_rng(5).standard_normal(N))
    assert scv(Lognormal(0.0, 0.5)) == pytest.approx(sample.var() / sample.mean() ** 2, rel=0.02)
    points = ((0.1, 0.1053605), (0.5, 0.6931472), (0.9, 2.3025851), (0.99, 4.6051702), (0.999, 6.9077553))
    assert scv(from_percentiles(points)) == pytest.approx(1.0, rel=0.05)


def test_expected_attempts_never_exceed_what_is_tried() -> None:
    assert expected_attempts(1.0, 4) == 4.0
    assert expected_attempts(0.0, 4) == 1.0
