"""Numbers for the ear: 10500 a second becomes "ten and a half thousand requests a second".

Three significant digits are spoken unless more are asked for, with "about" where that is not the whole
number; halves and quarters are said as such. Only letters, spaces and hyphens come out, whatever goes in.
The script and the recogniser of the rehearsal share these forms.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Context, Decimal

from archboard.records import record
from archboard.units import Dimension, OwnDimension, show, show_money

DIGITS = 3
FINE = 4
"""Digits of an availability: 99.49% is not ninety-nine and a half."""
_WIDE = Context(prec=400)
_TEENS = """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
seventeen eighteen nineteen"""
_ONES = tuple(_TEENS.split())
_TENS = ("", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_SCALES = (
    (18, "quintillion"),
    (15, "quadrillion"),
    (12, "trillion"),
    (9, "billion"),
    (6, "million"),
    (3, "thousand"),
)
_NAMED = "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth"
_ORDINALS = tuple(_NAMED.split())
_PARTS = {Decimal("0.25"): "a quarter", Decimal("0.5"): "half", Decimal("0.75"): "three quarters"}
_DURATIONS = (
    (Decimal("1e-6"), Decimal("1e-9"), "nanosecond"),
    (Decimal("1e-5"), Decimal("1e-6"), "microsecond"),
    (Decimal("0.99995"), Decimal("1e-3"), "millisecond"),
    (Decimal(120), Decimal(1), "second"),
    (Decimal(7200), Decimal(60), "minute"),
    (Decimal(172800), Decimal(3600), "hour"),
    (Decimal("Infinity"), Decimal(86400), "day"),
)
_ONE = {Decimal(60): "minute", Decimal(3600): "hour", Decimal(86400): "day"}
_TIMES = (
    (Decimal(1), "a second"), (Decimal(60), "a minute"), (Decimal(3600), "an hour"), (Decimal(86_400), "a day"),
    (Decimal(730 * 3600), "a month"),
)  # fmt: skip
_YEAR = Decimal(365 * 86_400)
_SIZES = ((12, "terabyte"), (9, "gigabyte"), (6, "megabyte"), (3, "kilobyte"), (0, "byte"))


@record
class Number:
    """A number twice: as it is said and as it is written."""

    spoken: str
    figure: str


def brief(rate: Number) -> Number:
    """Leave out what is counted, where it was just said: "ten thousand a second"."""
    return Number(rate.spoken.replace(" requests a ", " a ").replace(" request a ", " a "), rate.figure)


def definite(after_the: Number) -> Number:
    """Return a number as it follows "the": "the hundred milliseconds", not "the a hundred" or "the about a hundred"."""
    spoken = after_the.spoken.removeprefix("about ")
    return Number(spoken.removeprefix("a ") if not spoken.startswith("a quarter") else spoken, after_the.figure)


def bare(later: Number, earlier: Number | None = None) -> Number:
    """Leave out the unit of a number, where an earlier one said the same: "of the fifty"."""
    words, _, unit = brief(later).spoken.rpartition(" ")
    if unit == "second" and words.endswith(" a"):
        kept = words.removesuffix(" a")
        return later if kept.endswith(" a") else Number(kept, later.figure)
    same = earlier is None or earlier.spoken.rpartition(" ")[2] == unit
    whole = unit.endswith("s") and not words.endswith((" a", "half a", "point")) and "per" not in words
    return Number(words, later.figure) if same and whole and words else later


def number(value: float, dimension: Dimension | OwnDimension, digits: int = DIGITS) -> Number:
    """Return a value in SI units as it is said and as it is written."""
    return Number(say(value, dimension, digits), show(value, dimension) if math.isfinite(value) else "without end")


def say(value: float, dimension: Dimension | OwnDimension, digits: int = DIGITS) -> str:
    """Say a value in SI units."""
    match dimension:
        case OwnDimension():
            unit = dimension.unit_for(value)
            return _measured(_rounded_off(_decimal(value / unit.size)), unit.word, digits)
        case Dimension.DURATION:
            return say_duration(value, digits)
        case Dimension.RATE:
            return say_rate(value, digits=digits)
        case Dimension.SIZE:
            return say_size(value, digits)
        case Dimension.FRACTION:
            return say_fraction(value, digits)
        case Dimension.MONEY:
            return say_money(value, digits)
        case Dimension.COUNT:
            return say_number(value, digits)
        case Dimension.BANDWIDTH:
            return f"{say_size(value, digits)} a second"
        case Dimension.COMPUTE:
            return _measured(_decimal(value).scaleb(-12), "teraflop", digits)
        case Dimension.RATIO:
            return say_multiple(value, digits)


def say_number(value: float, digits: int = DIGITS) -> str:
    """Say a plain number.

    >>> say_number(10_000_000), say_number(16.6), say_number(12_345)
    ('ten million', 'sixteen point six', 'about twelve thousand three hundred')
    """
    if not math.isfinite(value):
        return _endless(value)
    return _said(_decimal(value), digits)


def say_rate(per_second: float, noun: str = "request", digits: int = DIGITS) -> str:
    """Say a rate; rare ones by the minute, the hour, the day, the month or the year.

    >>> say_rate(10_500), say_rate(1 / 3600)
    ('ten and a half thousand requests a second', 'one request an hour')
    """
    if not math.isfinite(per_second):
        return f"{_endless(per_second)} {_plural(noun)} a second"
    exact = _decimal(per_second)
    if exact == 0 or abs(exact) >= Decimal("0.1"):
        return f"{_measured(exact, noun, digits)} a second"
    for seconds, name in _TIMES[1:]:
        if abs(exact) * seconds >= Decimal("0.999"):
            return f"{_measured(_rounded_off(exact * seconds), noun, digits)} {name}"
    return f"{_measured(_rounded_off(exact * _YEAR), noun, digits)} a year"


def say_duration(seconds: float, digits: int = DIGITS) -> str:
    """Say a duration in the unit that people would choose.

    >>> say_duration(0.0365), say_duration(0.0005), say_duration(4 * 3600)
    ('thirty-six and a half milliseconds', 'half a millisecond', 'four hours')
    """
    if not math.isfinite(seconds):
        return "for ever" if seconds > 0 else "an unknown time"
    exact = _decimal(seconds)
    if exact == 0:
        return "no time at all"
    if exact in _ONE:
        return f"one {_ONE[exact]}"
    unit, noun = next((unit, noun) for limit, unit, noun in _DURATIONS if abs(exact) < limit)
    return _measured(_rounded_off(exact / unit), noun, digits)


def say_fraction(value: float, digits: int = DIGITS) -> str:
    """Say a fraction as a percentage that keeps its nines and one digit more.

    >>> say_fraction(0.8), say_fraction(0.999), say_fraction(0.005)
    ('eighty per cent', 'ninety-nine point nine per cent', 'half a per cent')
    """
    if not math.isfinite(value):
        return f"{_endless(value)} per cent"
    nines = math.floor(-math.log10(1 - value) + 1e-9) + 1 if 0.99 < value < 1 else 0
    exact = _decimal(value) * 100
    return f"{_parts_of(exact, max(nines, digits))}per cent" if exact != 0 else "zero per cent"


def say_money(dollars: float, digits: int = DIGITS) -> str:
    """Say an amount: dollars, dollars and cents below a hundred, cents below one.

    >>> say_money(1.5), say_money(1.168), say_money(0.2), say_money(5000)
    ('one dollar fifty', 'about one dollar seventeen', 'twenty cents', 'five thousand dollars')
    """
    if not math.isfinite(dollars):
        return f"{_endless(dollars)} dollars"
    exact = _decimal(dollars)
    cents = _rounded_off(abs(exact) * 100)
    near = int(cents.to_integral_value()) if digits <= DIGITS else int(cents)
    if abs(exact) >= 1 and cents < 10_000 and near % 100 and (cents == near or digits <= DIGITS):
        sign = ("" if cents == near else "about ") + ("minus " if exact < 0 else "")
        return f"{sign}{_measured(Decimal(near // 100), 'dollar', 9)} {_whole(near % 100)}"
    if exact == 0 or abs(exact) >= 1:
        return _measured(exact, "dollar", max(digits, 4) if abs(exact) < 100 else digits)
    return _measured(_rounded_off(exact * 100), "cent", digits)


def say_cost(dollars: float, noun: str = "request", digits: int = DIGITS) -> str:
    """Say what one request costs; below a cent, what a million cost, which people can picture.

    >>> say_cost(2.25e-7), say_cost(0.0003)
    ('twenty-two and a half cents per million requests', 'three hundred dollars per million requests')
    """
    if not math.isfinite(dollars) or dollars == 0 or abs(dollars) >= 0.01:
        return f"{say_money(dollars, digits)} a {noun}"
    return f"{say_money(float(_decimal(dollars) * 1_000_000), digits)} per million {_plural(noun)}"


def fullness(used: float) -> Number:
    """Return a utilisation to say: to two digits, and to three where it is more than all of it."""
    return number(used, Dimension.FRACTION, 3 if used > 1 else 2)


def cost(dollars: float, noun: str = "request", digits: int = DIGITS) -> Number:
    """Return what one request costs, as it is said and as it is written."""
    return Number(say_cost(dollars, noun, digits), f"{show_money(dollars)}/{noun}")


def say_size(size: float, digits: int = DIGITS) -> str:
    """Say a number of bytes in powers of ten: "fourteen gigabytes"."""
    if not math.isfinite(size):
        return f"{_endless(size)} bytes"
    exact = _decimal(size)
    power, noun = next((power, noun) for power, noun in _SIZES if abs(exact) >= Decimal(10) ** power or power == 0)
    return _measured(exact.scaleb(-power), noun, digits)


def say_percentile(fraction: float) -> str:
    """Say a percentile as engineers do.

    >>> say_percentile(0.99), say_percentile(0.999), say_percentile(0.5)
    ('P ninety-nine', 'P ninety-nine point nine', 'median')
    """
    if not math.isfinite(fraction):
        return "percentile"
    percent = _rounded_off(_decimal(fraction) * 100)
    return "median" if percent == 50 else f"P {_said(percent, 12)}"


def say_multiple(times: float, digits: int = DIGITS) -> str:
    """Say a factor: "twice", "three times", "one and a half times"."""
    if not math.isfinite(times):
        return f"{_endless(times)} times"
    return "twice" if times == 2 else "once" if times == 1 else f"{_said(_decimal(times), digits)} times"


def say_ordinal(position: int) -> str:
    """Say a place in a row: "first" to "twelfth", then "number thirteen"."""
    return _ORDINALS[position - 1] if 1 <= position <= len(_ORDINALS) else f"number {say_number(position, 9)}"


def _decimal(value: float) -> Decimal:
    return Decimal(repr(float(value)))


def _rounded_off(value: Decimal) -> Decimal:
    """Take the dust off a quotient: twelve digits are more than anybody measured."""
    return _significant(value, 12)


def _significant(value: Decimal, digits: int) -> Decimal:
    if value == 0:
        return value
    return value.quantize(Decimal(1).scaleb(value.adjusted() - digits + 1), rounding=ROUND_HALF_UP, context=_WIDE)


def _endless(value: float) -> str:
    return "an unknown number of" if math.isnan(value) else "infinitely many" if value > 0 else "minus infinitely many"


def _said(value: Decimal, digits: int) -> str:
    rounded = _significant(value, digits)
    about = "" if abs(rounded - value) <= abs(value) * Decimal("1e-6") else "about "
    return about + ("minus " if rounded < 0 else "") + _plain(abs(rounded))


def _measured(value: Decimal, noun: str, digits: int) -> str:
    """Say a number of things: "one request", "half a cent", "two and a half hours"."""
    rounded = abs(_significant(value, digits))
    if rounded in _PARTS:
        return f"{_parts_of(value, digits)}{noun}"
    return f"{_said(value, digits)} {noun if rounded == 1 and value > 0 else _plural(noun)}"


def _parts_of(value: Decimal, digits: int) -> str:
    """Say a number up to its noun, where a part of one wants an article: "half a ", "a quarter of a "."""
    rounded = _significant(value, digits)
    if abs(rounded) not in _PARTS:
        return f"{_said(value, digits)} "
    about = "" if abs(rounded - value) <= abs(value) * Decimal("1e-6") else "about "
    part = _PARTS[abs(rounded)]
    return f"{about}{'minus ' if value < 0 else ''}{part} {'a ' if part == 'half' else 'of a '}"


def _plain(value: Decimal) -> str:
    """Say a positive number exactly."""
    if value and not -6 <= value.adjusted() < 21:
        power = value.adjusted()
        sign = "minus " if power < 0 else ""
        return f"{_plain(value.scaleb(-power))} times ten to the power of {sign}{_whole(abs(power))}"
    for power, name in _SCALES:
        if value.adjusted() >= power and value >= 1:
            return _scaled(value, power, name)
    return _small(value)


def _scaled(value: Decimal, power: int, name: str) -> str:
    units = value.scaleb(-power).normalize()
    whole, part = int(units), units % 1
    if part == Decimal("0.5") or (part in _PARTS and whole < 10 and power > 3):
        return f"{_whole(whole)} and {'a ' if part == Decimal('0.5') else ''}{_PARTS[part]} {name}"
    if part == 0:
        return f"{'a' if whole == 1 else _whole(whole)} {name}"
    if power > 3 or value % 1:
        return f"{_small(units)} {name}"
    rest = int(value) % 1000
    return f"{_whole(whole, article='one')} {name} {'and ' if rest < 100 else ''}{_whole(rest, article='one')}"


def _small(value: Decimal) -> str:
    whole, part = int(value), value % 1
    if part == 0:
        return _whole(whole)
    if part in _PARTS and whole:
        return f"{_whole(whole)} and {'a ' if part == Decimal('0.5') else ''}{_PARTS[part]}"
    digits = f"{part.normalize():f}".partition(".")[2]
    return f"{_whole(whole)} point {' '.join(_ONES[int(digit)] for digit in digits)}"


def _whole(value: int, article: str = "a") -> str:
    if value < 20:
        return _ONES[value]
    if value < 100:
        return _TENS[value // 10] + (f"-{_ONES[value % 10]}" if value % 10 else "")
    hundreds = f"{article if value // 100 == 1 else _ONES[value // 100]} hundred"
    return hundreds + (f" and {_whole(value % 100)}" if value % 100 else "")


def _plural(noun: str) -> str:
    return f"{noun}s"
