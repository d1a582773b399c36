"""Attempts that fail in several ways: what is known of them in closed form, and what must be true of them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.maths.distributions.distribution import Constant, Exponential, Lognormal, Uniform
from archboard.maths.errors import share_in_error
from archboard.maths.network import Network, NetworkBuilder
from archboard.maths.percentiles.independent import independent, share_later
from archboard.maths.percentiles.mean import mean_of
from archboard.maths.percentiles.sum_and_bound import bound_of, minmax, sum_of
from archboard.maths.trying import Attempt, given_up, share_tried_again, tried
from archboard.maths.visits import expected_visits

SHARE = st.floats(0, 1)


def network(
    errors: float, quick: float, timeout: float | None, retries: int, again: float = 1.0, wait: float = 0.002
) -> Network:
    """Return attempts of two lognormal hops, 6 and 4 ms at the median."""
    build = NetworkBuilder()
    first, second = (build.hop(Lognormal(math.log(m), s), n) for m, s, n in ((0.006, 0.5, "a"), (0.004, 0.8, "b")))
    part = build.series((first, second))
    refused = build.hop(Constant(0.0005), "a")
    late = 0.0 if timeout is None else share_later(build.network(part), timeout)
    waits = [build.hop(Uniform(0.0, wait), waits=True)] * retries
    attempt = Attempt(part, errors, quick, refused, late, timeout, "x")
    return build.network(tried(build, attempt, waits, again).whole(build))


@pytest.mark.parametrize("q", [0.5, 0.9, 0.99])
def test_a_percentile_does_not_hang_on_which_others_are_asked(q: float) -> None:
    """A median alone is read off a grid that ends before the timeout."""
    made = network(0.3, 0.1, 0.04, 3)
    alone, among = independent(made, [q])[q], independent(made, [q, 0.999])[q]
    assert alone.estimate == pytest.approx(among.estimate, rel=2e-4)
    assert alone.floor <= among.estimate <= alone.ceiling


def test_the_mean_of_exponential_attempts_is_known() -> None:
    """Each is cut at T: (1 - e^-T)·mean on average; each fails by 1 - (1 - e^-T)(1 - e)."""
    build = NetworkBuilder()
    late = math.exp(-1.5)
    attempt = Attempt(build.hop(Exponential(0.01), "a"), 0.2, 0.0, -1, late, 0.015, "x")
    made = build.network(tried(build, attempt, [build.hop(Constant(0.004))] * 2).whole(build))
    fails = late + (1 - late) * 0.2
    count = 1 + fails + fails**2
    assert mean_of(made) == pytest.approx(count * 0.01 * (1 - late) + (count - 1) * 0.004, rel=1e-4)
    assert expected_visits(made)["a"] == pytest.approx(count)
    assert share_in_error(made, {}) == pytest.approx(fails**2 * (fails - late))


@given(SHARE, SHARE, st.integers(0, 4), SHARE, st.sampled_from((None, 0.012, 0.03)))
def test_shares_stay_shares_and_the_bracket_stays_between_the_ends(
    errors: float, quick: float, retries: int, again: float, timeout: float | None
) -> None:
    made = network(errors, quick, timeout, retries, again)
    assert -1e-12 <= share_in_error(made, {}) <= 1 + 1e-12
    assert 1 - 1e-9 <= expected_visits(made)["a"] <= retries + 1 + 1e-9
    low, high = minmax(made)
    for q, answer in independent(made, [0.5, 0.99]).items():
        assert low <= answer.floor <= answer.estimate <= answer.ceiling <= high
        assert sum_of(made, q) <= bound_of(made, q) * (1 + 1e-12) <= high * (1 + 1e-9)
        beyond = bound_of(made, q) + 1e-4  # an atom stands where attempts are cut
        assert share_later(made, beyond) <= 1 - q + 1e-4


@given(SHARE, st.integers(1, 10), SHARE)
def test_retries_are_within_the_budget_and_as_many_as_that_allows(failing: float, attempts: int, budget: float) -> None:
    again = share_tried_again(failing, attempts, budget)
    retries = math.fsum((failing * again) ** k for k in range(1, attempts))
    assert retries <= budget + 1e-9
    assert again == 1 or retries == pytest.approx(budget, abs=1e-9)
    assert failing**attempts - 1e-12 <= given_up(failing, attempts, again) <= failing + 1e-12
