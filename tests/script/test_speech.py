"""Numbers for the ear: what is said, that nothing else is said, and that it reads back."""

from __future__ import annotations

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archboard.script import speech
from archboard.units import Dimension, show_rate

UNITS = {"nanosecond": 1e-9, "microsecond": 1e-6, "millisecond": 1e-3, "second": 1.0, "minute": 60.0, "hour": 3600.0}
UNITS["day"] = 86400.0
SMALL = {word: float(value) for value, word in enumerate(speech._ONES)}
SMALL |= {word: 10.0 * tens for tens, word in enumerate(speech._TENS) if word}
SCALES = {name: 10.0**power for power, name in speech._SCALES}


def read(words: str) -> float:
    """Read a spoken number back: the little parser of these tests."""
    said = words.removeprefix("about ").replace("-", " ")
    if said.startswith("minus "):
        return -read(said.removeprefix("minus "))
    if " times ten to the power of " in said:
        front, _, power = said.partition(" times ten to the power of ")
        return read(front) * 10.0 ** read(power)
    for scale, factor in SCALES.items():
        head, found, tail = said.partition(scale)
        if found:
            return _small(head.strip()) * factor + (read(tail.strip().removeprefix("and ")) if tail.strip() else 0.0)
    return _small(said)


def _small(said: str) -> float:
    for end, part in ((" and three quarters", 0.75), (" and a quarter", 0.25), (" and a half", 0.5)):
        if said.endswith(end):
            return _small(said.removesuffix(end)) + part
    whole, _, decimals = said.partition(" point ")
    total = 0.0
    for word in whole.split():
        if word == "hundred":
            total = (total or 1.0) * 100
        elif word not in ("a", "and"):
            total += 1.0 if word == "one" else SMALL[word]
    if whole == "a":
        total = 1.0
    return total + sum(SMALL[word] / 10**place for place, word in enumerate(decimals.split(), 1))


def read_duration(words: str) -> float:
    """Read a spoken duration back."""
    front, _, unit = words.removeprefix("about ").rpartition(" ")
    parts = {"half a": 0.5, "a quarter of a": 0.25, "three quarters of a": 0.75}
    return (parts[front] if front in parts else read(front)) * UNITS[unit.removesuffix("s")]


@pytest.mark.parametrize(
    ("rate", "said"),
    [
        (10_500, "ten and a half thousand requests a second"),
        (10_000, "ten thousand requests a second"),
        (2_000, "two thousand requests a second"),
        (500, "five hundred requests a second"),
        (100_000, "a hundred thousand requests a second"),
        (1_250, "one thousand two hundred and fifty requests a second"),
        (12_345, "about twelve thousand three hundred requests a second"),
        (1, "one request a second"),
        (0.5, "half a request a second"),
        (1 / 3600, "one request an hour"),
        (2 / 86400, "two requests a day"),
        (2.5e6, "two and a half million requests a second"),
    ],
)
def test_a_rate_is_said_as_people_say_it(rate: float, said: str) -> None:
    assert speech.say_rate(rate) == said


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0.0365, "thirty-six and a half milliseconds"),
        (0.0005, "half a millisecond"),
        (0.005, "five milliseconds"),
        (0.024, "twenty-four milliseconds"),
        (0.024000000000000004, "twenty-four milliseconds"),
        (1, "one second"),
        (2.5, "two and a half seconds"),
        (90, "ninety seconds"),
        (3600, "one hour"),
        (4 * 3600, "four hours"),
        (86400, "one day"),
        (90 * 86400, "ninety days"),
        (0, "no time at all"),
        (math.inf, "for ever"),
    ],
)
def test_a_duration_is_said_in_the_unit_that_people_choose(seconds: float, said: str) -> None:
    assert speech.say_duration(seconds) == said


@pytest.mark.parametrize(
    ("fraction", "said"),
    [
        (0.8, "eighty per cent"),
        (0.05, "five per cent"),
        (0.999, "ninety-nine point nine per cent"),
        (0.9995, "ninety-nine point nine five per cent"),
        (0.99999, "ninety-nine point nine nine nine per cent"),
        (1, "a hundred per cent"),
        (0.005, "half a per cent"),
        (0, "zero per cent"),
    ],
)
def test_a_percentage_keeps_its_nines(fraction: float, said: str) -> None:
    assert speech.say_fraction(fraction) == said


@pytest.mark.parametrize(
    ("dollars", "said"),
    [
        (2.25e-7, "twenty-two and a half cents per million requests"),
        (0.0003, "three hundred dollars per million requests"),
        (0.02, "two cents a request"),
        (1.5, "one dollar fifty a request"),
    ],
)
def test_a_cost_is_said_at_a_scale_that_people_can_picture(dollars: float, said: str) -> None:
    assert speech.say_cost(dollars) == said


def test_percentiles_multiples_sizes_and_places_have_their_words() -> None:
    assert [speech.say_percentile(f) for f in (0.5, 0.99, 0.999)] == [
        "median",
        "P ninety-nine",
        "P ninety-nine point nine",
    ]
    assert [speech.say_multiple(m) for m in (1, 2, 3, 1.5)] == ["once", "twice", "three times", "one and a half times"]
    assert speech.say_size(14e9) == "fourteen gigabytes"
    assert [speech.say_ordinal(n) for n in (1, 3, 13)] == ["first", "third", "number thirteen"]
    assert speech.say(10e6, Dimension.COUNT) == "ten million"


def test_a_unit_that_was_just_said_may_be_left_out() -> None:
    fifty, answer = speech.Number("fifty milliseconds", "50 ms"), speech.Number("ten milliseconds", "10 ms")
    rate = speech.Number("ten and a half thousand requests a second", "10,500/s")
    assert speech.bare(fifty, answer).spoken == "fifty"
    assert speech.bare(speech.Number("two seconds", "2 s"), answer).spoken == "two seconds"
    assert speech.bare(speech.Number("half a millisecond", "0.5 ms"), answer).spoken == "half a millisecond"
    assert speech.brief(rate).spoken == "ten and a half thousand a second"
    assert speech.bare(rate).spoken == "ten and a half thousand"


@given(st.floats(), st.sampled_from(Dimension))
def test_only_words_come_out_whatever_goes_in(value: float, dimension: Dimension) -> None:
    assert re.fullmatch(r"[A-Za-z]+([ -][A-Za-z]+)*", speech.say(value, dimension))
    assert re.fullmatch(r"[A-Za-z]+([ -][A-Za-z]+)*", speech.say_cost(value))
    assert re.fullmatch(r"[A-Za-z]+([ -][A-Za-z]+)*", speech.say_percentile(value))


@given(st.floats(min_value=1e-9, max_value=1e15))
def test_a_number_reads_back_to_three_digits(value: float) -> None:
    said = speech.say_number(value)
    assert read(said) == pytest.approx(value, rel=0.0051)
    assert said.startswith("about ") == (read(said) != pytest.approx(value, rel=2e-6))


@given(st.floats(min_value=1e-8, max_value=1e8))
def test_a_duration_reads_back_to_three_digits(seconds: float) -> None:
    assert read_duration(speech.say_duration(seconds)) == pytest.approx(seconds, rel=0.0051)


@given(st.floats(min_value=1e-3, max_value=1e12), st.floats(min_value=1.0, max_value=1e3))
def test_more_never_sounds_like_less(value: float, factor: float) -> None:
    assert read(speech.say_number(value * factor)) >= read(speech.say_number(value)) * (1 - 1e-12)


@given(st.integers(min_value=0, max_value=999))
def test_whole_numbers_to_a_thousand_are_exact(value: int) -> None:
    assert read(speech.say_number(float(value))) == value


def test_a_rate_rarer_than_one_a_month_is_told_by_the_year() -> None:
    assert speech.say_rate(4 / (365 * 86_400)) == "four requests a year"
    assert show_rate(4 / (365 * 86_400)) == "4/year"
