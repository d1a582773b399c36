"""Quantities: from what people write to SI and back to what people read.

`10.5k rps` becomes 10500 (per second), `500 GB` becomes 5e11 (bytes); the other way round `show`
writes 0.0365 s as "36.5 ms". Dimensions are a closed set; their units are a table.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum
from functools import lru_cache
from types import MappingProxyType

from archboard.records import record

HOUR = 3600.0
DAY = 24 * HOUR
HOURS = 730.0
"""Of a month, as prices count it."""
MONTH = HOURS * HOUR
YEAR = 365 * DAY


class Dimension(Enum):
    """What a number measures; the value is its SI unit as the JSON names it."""

    DURATION = "s"
    RATE = "1/s"
    SIZE = "B"
    FRACTION = "1"
    MONEY = "$"
    COUNT = "count"
    BANDWIDTH = "B/s"
    COMPUTE = "FLOP/s"
    RATIO = "x"


@record
class Unit:
    """One unit of a dimension: how many of the first it is, its sign, and the word for one of it."""

    size: float
    sign: str
    word: str


@record
class OwnDimension:
    """What something measures that the closed set does not know: whoever measures it brings its units, smallest first.

    The first is the unit of the JSON.
    """

    units: tuple[Unit, ...]

    @property
    def value(self) -> str:
        """The unit that its numbers are in."""
        return self.units[0].sign

    def size(self, sign: str) -> float | None:
        """Return how many of the first a unit is, if it is one of them."""
        return next((unit.size for unit in self.units if unit.sign == sign), None)

    def unit_for(self, value: float) -> Unit:
        """Return the unit that a number is said and written in: the largest that it holds one of."""
        return next((unit for unit in reversed(self.units) if abs(value) >= unit.size), self.units[0])


TIMES: Mapping[str, float] = MappingProxyType(
    {
        "ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "sec": 1.0, "secs": 1.0,
        "second": 1.0, "seconds": 1.0, "min": 60.0, "mins": 60.0, "minute": 60.0, "minutes": 60.0,
        "h": HOUR, "hr": HOUR, "hrs": HOUR, "hour": HOUR, "hours": HOUR,
        "d": DAY, "day": DAY, "days": DAY, "week": 7 * DAY, "weeks": 7 * DAY, "month": MONTH,
        "months": MONTH, "year": YEAR, "years": YEAR,
    }
)  # fmt: skip
SIZES: Mapping[str, float] = MappingProxyType(
    {
        "B": 1.0, "KB": 1e3, "kB": 1e3, "MB": 1e6, "GB": 1e9, "TB": 1e12, "PB": 1e15,
        "KiB": 2.0**10, "MiB": 2.0**20, "GiB": 2.0**30, "TiB": 2.0**40,
        "Ki": 2.0**10, "Mi": 2.0**20, "Gi": 2.0**30, "Ti": 2.0**40,
    }
)  # fmt: skip
FLOPS: Mapping[str, float] = MappingProxyType(
    {"FLOPS": 1.0, "GFLOPS": 1e9, "TFLOPS": 1e12, "PFLOPS": 1e15, "TFLOP/s": 1e12, "PFLOP/s": 1e15}
)
RATES: Mapping[str, float] = MappingProxyType(
    {
        "rps": 1.0, "qps": 1.0, "tps": 1.0, "RPS": 1.0, "QPS": 1.0, "TPS": 1.0,
        "rpm": 1 / 60, "qpm": 1 / 60, "tpm": 1 / 60, "RPM": 1 / 60, "QPM": 1 / 60, "TPM": 1 / 60,
    }
)  # fmt: skip
COUNTS: Mapping[str, float] = MappingProxyType(
    {"": 1.0, "B": 1e9, "tokens": 1.0, "requests": 1.0, "items": 1.0, "params": 1.0, "Bparams": 1e9}
)
MAGNITUDES: Mapping[str, float] = MappingProxyType({"k": 1e3, "K": 1e3, "M": 1e6, "G": 1e9, "T": 1e12})

UNIT_WORDS: frozenset[str] = frozenset({*TIMES, *SIZES, *FLOPS, *RATES, "tokens", "requests", "x"})
"""Words that are a unit when they follow a number; `word/word` always is."""

EXAMPLES: Mapping[Dimension, str] = MappingProxyType(
    {
        Dimension.DURATION: "10 ms", Dimension.RATE: "10k rps", Dimension.SIZE: "24 GB",
        Dimension.FRACTION: "80%", Dimension.MONEY: "$1.50/h", Dimension.COUNT: "20",
        Dimension.BANDWIDTH: "600 GB/s", Dimension.COMPUTE: "125 TFLOPS", Dimension.RATIO: "3x",
    }
)  # fmt: skip
NAMES: Mapping[Dimension, str] = MappingProxyType(
    {
        Dimension.DURATION: "a duration", Dimension.RATE: "a rate", Dimension.SIZE: "a size",
        Dimension.FRACTION: "a fraction", Dimension.MONEY: "an amount of money", Dimension.COUNT: "a count",
        Dimension.BANDWIDTH: "a bandwidth", Dimension.COMPUTE: "a compute rate", Dimension.RATIO: "a factor",
    }
)  # fmt: skip


@record
class Money:
    """Dollars per something: an hour, a month, a request, a token, a byte, or "" for an amount outright."""

    dollars: float
    per: str

    @property
    def hourly(self) -> float | None:
        """Dollars an hour, where it is a price per time."""
        return self.dollars / (TIMES[self.per] / HOUR) if self.per in TIMES else None


def convert(value: float, unit: str, dimension: Dimension) -> float | None:
    """Return a number in SI units, or None where the unit is not one of the dimension.

    Bare numbers are fractions, counts and factors; a bare zero is zero of anything.
    """
    if value == 0 and unit == "":
        return 0.0
    factor = _factor(unit, dimension)
    if factor is None:
        return None
    if dimension is Dimension.FRACTION and unit == "%":
        return round(value / 100, 15)
    return value * factor


def _factor(unit: str, dimension: Dimension) -> float | None:
    match dimension:
        case Dimension.DURATION:
            return TIMES.get(unit)
        case Dimension.RATE:
            return _rate_factor(unit)
        case Dimension.SIZE:
            return SIZES.get(unit)
        case Dimension.FRACTION:
            return {"": 1.0, "%": 0.01}.get(unit)
        case Dimension.COUNT:
            return COUNTS.get(unit)
        case Dimension.BANDWIDTH:
            head, slash, tail = unit.partition("/")
            return SIZES[head] / TIMES[tail] if slash and head in SIZES and tail in TIMES else None
        case Dimension.COMPUTE:
            return FLOPS.get(unit)
        case Dimension.RATIO:
            return {"": 1.0, "x": 1.0, "×": 1.0}.get(unit)
        case Dimension.MONEY:
            return None


def _rate_factor(unit: str) -> float | None:
    if unit in RATES:
        return RATES[unit]
    what, slash, time = unit.partition("/")
    if not slash or time not in TIMES or what in SIZES:
        return None
    magnitude = MAGNITUDES.get(what[:1], 1.0) if what[1:] in ("tokens", "requests", "") else 1.0
    return magnitude / TIMES[time]


def money(value: float, unit: str) -> Money | None:
    """Return dollars per something; `$2/Mtokens` is $0.000002 a token, `$0.09/GB` $9e-11 a byte."""
    if not unit.startswith("$"):
        return None
    per = unit[1:].removeprefix("/")
    if per in TIMES or per in ("", "request", "token"):
        return Money(value, per)
    if per in ("requests", "tokens"):
        return Money(value, per.removesuffix("s"))
    if per in SIZES:
        return Money(value / SIZES[per], "byte")
    if per[:1] in MAGNITUDES and per[1:] in ("tokens", "requests"):
        return Money(value / MAGNITUDES[per[0]], per[1:].removesuffix("s"))
    return None


DIGITS = 4
"""Significant digits of a number that people read, where it is not written with more."""
MOST_DIGITS = 12
"""As many as a fact has."""


@lru_cache(maxsize=8192)
def show_number(value: float, digits: int = DIGITS) -> str:
    """Write a number for people: at most so many significant digits, thousands separated; whole numbers as they are.

    >>> show_number(10500.0), show_number(33333.3), show_number(0.0365), show_number(2.25e-7)
    ('10,500', '33,330', '0.0365', '0.000000225')
    """
    if not math.isfinite(value):
        return "∞" if value > 0 else "−∞" if value < 0 else "?"
    if value == 0:
        return "0"
    exponent = math.floor(math.log10(abs(value)))
    places = digits - 1 - exponent
    if places < 0 and not math.isclose(value, round(value), rel_tol=1e-12):
        value = round(value, places)
    text = f"{value:,.{min(max(0, places), 15)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text if text not in ("0", "-0") else f"{value:.{digits - 1}e}"


_DURATIONS = (
    (1e-6, 1e-9, "ns"), (1e-5, 1e-6, "µs"), (0.99995, 1e-3, "ms"), (120, 1.0, "s"), (2 * HOUR, 60.0, "min"),
    (2 * DAY, HOUR, "h"),
)  # fmt: skip
"""Below which duration which unit is written, and its name."""
_TIMES = ((60.0, "min"), (HOUR, "h"), (DAY, "day"), (7 * DAY, "week"), (MONTH, "month"))
"""The times that a rare rate is written by."""


def show_duration(seconds: float, digits: int = DIGITS) -> str:
    """Write a duration in the unit people would say: `0.5 ms`, `36.5 ms`, `2 s`, `4 h`."""
    size = abs(seconds)
    if size == 0:
        return "0 ms"
    for limit, unit, name in _DURATIONS:
        whole = {"s": 60.0, "min": HOUR, "h": DAY}.get(name)
        if size < limit and not (whole and size >= whole and (size / whole).is_integer()):
            return f"{show_number(seconds / unit, digits)} {name}"
    return f"{show_number(seconds / DAY, digits)} day{'' if seconds == DAY else 's'}"


def show_size(value: float, digits: int = DIGITS) -> str:
    """Write bytes in powers of ten: `14 GB`."""
    for unit in ("TB", "GB", "MB", "KB"):
        if abs(value) >= SIZES[unit]:
            return f"{show_number(value / SIZES[unit], digits)} {unit}"
    return f"{show_number(value, digits)} B"


def show_fraction(value: float, digits: int = DIGITS) -> str:
    """Write a fraction as a percentage that keeps its nines, and of what is missing two digits: `99.95%`, `20%`.

    A little less than four nines is never written as four nines: that takes a digit more.
    """
    if 0.99 < value < 1:
        nines = math.ceil(-math.log10(1 - value) - 1e-9)
        digits += max(0, min(12, nines) - 3)
        whole, percent = 100 * (1 - 10.0**-nines), 100 * value
        while percent < whole and digits < MOST_DIGITS and show_number(percent, digits) == show_number(whole, digits):
            digits += 1
    return f"{show_number(100 * value, digits)}%"


def show_rate(value: float, digits: int = DIGITS) -> str:
    """Write a rate per second, or per hour, day, year, where it is rare: `2,000/s`, `1/h`, `4/year`."""
    if value == 0 or abs(value) >= 0.1:
        return f"{show_number(value, digits)}/s"
    for time, name in _TIMES:
        if abs(value) * time >= 0.999:
            return f"{show_number(value * time, digits)}/{name}"
    return f"{show_number(value * YEAR, digits)}/year"


def rounded(value: float, dimension: Dimension, *, up: bool) -> float:
    """Round a number to what is shown of it, the way that holds: up for what must be at least, down for at most.

    Whole numbers from a thousand on are shown in full.

    >>> rounded(27272.73, Dimension.RATE, up=True), rounded(0.0123456, Dimension.DURATION, up=False)
    (27273.0, 0.01234)
    """
    if value == 0 or not math.isfinite(value):
        return value
    unit = _unit(value, dimension)
    places = max(0, DIGITS - 1 - math.floor(math.log10(abs(value) / unit)))
    exact = value / unit * 10.0**places
    whole = math.ceil(exact * (1 - 1e-12)) if up else math.floor(exact * (1 + 1e-12))
    return whole / 10.0**places * unit


def _unit(value: float, dimension: Dimension) -> float:
    """Return the size of the unit that a rate or a duration is written in."""
    size = abs(value)
    if dimension is Dimension.RATE and size < 0.1:
        return 1 / next((time for time, _ in _TIMES if size * time >= 0.999), YEAR)
    if dimension is Dimension.DURATION:
        return next((unit for limit, unit, _ in _DURATIONS if size < limit), DAY)
    return 1.0


def show_money(value: float, digits: int = DIGITS) -> str:
    """Write dollars; cents below a thousand, whole dollars above, as many digits as a small sum needs."""
    if digits > DIGITS:
        return f"${show_number(value, digits)}"
    if abs(value) >= 1000:
        return f"${value:,.0f}"
    return f"${value:,.2f}" if abs(value) >= 0.1 or value == 0 else f"${show_number(value, 3)}"


def show(value: float, dimension: Dimension | OwnDimension, digits: int = DIGITS) -> str:
    """Write a value in SI units the way people read it."""
    match dimension:
        case OwnDimension():
            unit = dimension.unit_for(value)
            return f"{show_number(value / unit.size, digits)} {unit.sign}"
        case Dimension.DURATION:
            return show_duration(value, digits)
        case Dimension.RATE:
            return show_rate(value, digits)
        case Dimension.SIZE:
            return show_size(value, digits)
        case Dimension.FRACTION:
            return show_fraction(value, digits)
        case Dimension.MONEY:
            return show_money(value, digits)
        case Dimension.COUNT:
            return show_number(value, 12 if value == int(value) else digits) if math.isfinite(value) else "∞"
        case Dimension.BANDWIDTH:
            return f"{show_size(value, digits)}/s"
        case Dimension.COMPUTE:
            return f"{show_number(value / 1e12, digits)} TFLOPS"
        case Dimension.RATIO:
            return f"{show_number(value, digits)}×"


def show_apart(value: float, other: float, dimension: Dimension | OwnDimension) -> tuple[str, str]:
    """Write two numbers of one sentence with as many digits as it takes until they differ, if they do.

    >>> show_apart(1000.4, 1000.0, Dimension.RATE), show_apart(0.999899, 0.9999, Dimension.FRACTION)
    (('1,000.4/s', '1,000/s'), ('99.9899%', '99.99%'))
    """
    digits = digits_apart(value, other, dimension)
    return show(value, dimension, digits), show(other, dimension, digits)


def digits_apart(value: float, other: float, dimension: Dimension | OwnDimension) -> int:
    """Return how many digits it takes until two numbers differ as they are shown; the usual ones where they never do.

    >>> digits_apart(0.050004, 0.05, Dimension.DURATION)
    5
    """
    for digits in range(DIGITS, MOST_DIGITS + 1):
        if show(value, dimension, digits) != show(other, dimension, digits):
            return digits
    return DIGITS


def show_rates(rate: float, other: float) -> tuple[str, str]:
    """Write two rates of one sentence, such as what is asked of something and what it carries."""
    return show_apart(rate, other, Dimension.RATE)


def percentile_name(fraction: float) -> str:
    """Write 0.999 as `p99.9`."""
    return f"p{show_number(100 * fraction, 8)}"
