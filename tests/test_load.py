"""The laws of a load: what is over, what is full, and how many replicas that takes."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.load import Load, exceeds, same, whole

rates = st.floats(1e-6, 1e12)
counts = st.integers(1, 10_000).map(float)
targets = st.sampled_from((0.1, 0.5, 0.7, 0.8, 0.95, 1.0))
hairs = st.sampled_from((-2e-6, -1e-6, -1e-9, -1e-16, 0.0, 1e-16, 1e-9, 1e-6, 1.0000005e-6, 2e-6))


@st.composite
def loads(draw: st.DrawFn) -> Load:
    """Draw a load: any, or one within a hair of a whole number of replicas."""
    capacity, queued = draw(rates), draw(st.booleans())
    if draw(st.booleans()):
        return Load(draw(rates), capacity, queued)
    return Load(capacity * draw(counts) / draw(counts) * draw(targets) * (1 + draw(hairs)), capacity, queued)


def with_replicas(load: Load, count: float, running: float) -> Load:
    return Load(load.demand, load.capacity * (count / running), load.queued)


def is_enough(load: Load, target: float) -> bool:
    return not load.over and not load.beyond(target)


@given(loads(), counts)
def test_what_is_over_wants_more_replicas_than_run(load: Load, running: float) -> None:
    assert (load.replicas(running=running) > running) == load.over


@given(loads(), targets, counts)
def test_the_replicas_of_a_load_are_enough_and_one_fewer_is_not(load: Load, target: float, running: float) -> None:
    count = load.replicas(target, running)

    assert count == int(count) >= 1
    if count < 1e9:  # beyond that a replica is less than the tolerance
        assert is_enough(with_replicas(load, count, running), target)
        assert count == 1 or not is_enough(with_replicas(load, count - 1, running), target)


@given(loads(), st.floats(0, 1e6), targets)
def test_more_demand_never_makes_a_load_less(load: Load, more: float, target: float) -> None:
    after = Load(load.demand + more, load.capacity, load.queued)

    assert after.over >= load.over
    assert after.full >= load.full
    assert after.beyond(target) >= load.beyond(target)
    assert after.replicas(target) >= load.replicas(target)
    assert after.utilisation >= load.utilisation


@given(loads(), targets, counts)
def test_a_lower_target_never_wants_fewer_replicas(load: Load, target: float, running: float) -> None:
    assert load.replicas(target / 2, running) >= load.replicas(target, running)


@given(loads())
def test_what_is_over_is_full_and_beyond_every_target(load: Load) -> None:
    assert load.full or not load.over
    assert load.beyond(0.5) or not load.over


@given(loads())
def test_room_says_what_over_and_full_say(load: Load) -> None:
    assert load.room == {(True, True): "short", (False, True): "exact", (False, False): "enough"}[load.over, load.full]
    assert not load.queued or load.room != "exact"


@given(loads(), rates)
def test_what_is_fitted_to_a_capacity_just_fits(load: Load, rate: float) -> None:
    cut = load.fitted(rate) / rate

    assert not exceeds(load.demand * cut, load.capacity)
    assert Load(load.demand * cut, load.capacity).full


@given(rates, rates)
def test_of_two_rates_one_exceeds_the_other_or_they_are_the_same(rate: float, other: float) -> None:
    assert [exceeds(rate, other), exceeds(other, rate), same(rate, other)].count(True) == 1


@given(st.floats(0, 1e6), hairs)
def test_a_whole_rate_is_no_more_than_rounding_over(rate: float, hair: float) -> None:
    assert not exceeds(whole(rate * (1 + hair)), rate * (1 + hair))
    assert whole(round(rate) * (1 - 1e-9)) == round(rate)


def test_a_hair_over_a_capacity_is_on_it() -> None:
    assert [Load(rate, 300.0).room for rate in (299.9, 300 * (1 - 1e-9), 300.0, 300 * (1 + 1e-9), 300.1)] == [
        "enough", "exact", "exact", "exact", "short",
    ]  # fmt: skip


def test_before_a_queue_all_of_a_capacity_is_too_much_already() -> None:
    assert [Load(rate, 300.0, queued=True).room for rate in (299.9, 300 * (1 - 1e-9), 300.0)] == [
        "enough", "short", "short",
    ]  # fmt: skip
    assert Load(300.0, 300.0, queued=True).replicas(running=3) == 4
    assert Load(300.0, 300.0).replicas(running=3) == 3


def test_nothing_asked_is_never_over_and_nothing_carried_is_over_at_once() -> None:
    assert [Load(demand, 0.0).utilisation for demand in (0.0, 1.0)] == [0.0, math.inf]
    assert [(Load(demand, 0.0, queued).over, Load(demand, 0.0, queued).full) for demand, queued in (
        (0.0, False), (0.0, True), (1.0, False), (1.0, True),
    )] == [(False, False), (False, False), (True, True), (True, True)]  # fmt: skip
    assert [Load(0.0, 0.0).replicas(), Load(1.0, 0.0).replicas()] == [1.0, math.inf]


@pytest.mark.parametrize(("rate", "count"), [(0, 1), (350, 1), (350.0001, 1), (351, 2), (10_000, 29)])
def test_a_hair_over_a_whole_number_of_replicas_buys_no_further_one(rate: float, count: float) -> None:
    assert Load(rate, 500.0).replicas(0.7) == count
