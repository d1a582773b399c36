"""What a formula is: a name, its inputs, the sum in words, when it holds, and who says so.

`expression` is written once, with its inputs in braces: "{rate} × {latency}" is read as "rate × latency" on the page,
and as "10,000/s × 50 ms" once it is worked out. The sums themselves are in `maths`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping

from archboard.records import record
from archboard.units import Dimension, show, show_money, show_number

_PLACE = re.compile(r"\{(\w+)\}")
Amount = float | tuple[float, ...]


@record
class Range:
    """The values that an input may have; `open` ends are not among them."""

    low: float = 0.0
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False
    whole: bool = False

    def __contains__(self, value: float) -> bool:
        above = value > self.low if self.open_low else value >= self.low
        below = value < self.high if self.open_high else value <= self.high
        return above and below and (not self.whole or value == math.floor(value))

    def said(self, dimension: Dimension) -> str:
        """Return the range in words: "above 0", "0 to 100%", "a whole number, 1 or more"."""
        low = show_number(self.low) if self.low == 0 or math.isinf(self.low) else show(self.low, dimension)
        if math.isinf(self.high):
            words = f"above {low}" if self.open_low else f"{low} or more"
        else:
            words = f"{'above ' if self.open_low else ''}{low} {'and under' if self.open_high else 'to'} "
            words += show(self.high, dimension)
        return f"a whole number, {words}" if self.whole else words


ANY = Range()
POSITIVE = Range(open_low=True)
SHARE = Range(high=1.0)
INSIDE = Range(high=1.0, open_low=True, open_high=True)
PART = Range(high=1.0, open_low=True)
MOST = 1e5
"""Servers, replicas and answers at most: what can be worked out at once."""
WHOLE = Range(low=1.0, high=MOST, whole=True)


@record
class Input:
    """One input: `example` and `default` are written as a person types them, `many` is a list parted by commas.

    A price is dollars per `per`: "h", "byte".
    """

    name: str
    about: str
    dimension: Dimension
    example: str
    default: str = ""
    within: Range = ANY
    per: str = ""
    many: bool = False

    def shown(self, value: Amount) -> str:
        """Return a value as it stands in a sum."""
        if isinstance(value, tuple):
            return f"({', '.join(self.shown(each) for each in value)})"
        if self.dimension is Dimension.MONEY:
            scale, unit = (1e9, "/GB") if self.per == "byte" else (1.0, f"/{self.per}" if self.per else "")
            return f"{show_money(value * scale)}{unit}"
        if self.dimension is Dimension.COUNT:
            return shown_count(value)
        return show(value, self.dimension)


def shown_count(value: float) -> str:
    """Return a count; from a million on as people say it: `7B`, `1.5M`."""
    for size, letter in ((1e9, "B"), (1e6, "M")):
        if size <= abs(value) < math.inf and float(show_number(value / size).replace(",", "")) * size == value:
            return f"{show_number(value / size)}{letter}"
    return show(value, Dimension.COUNT)


@record
class Formula:
    """One formula of the cheat sheet.

    `seed` is the line of the document that archboard grew from, word for word, and `differs` says where and why this
    one is not that. `numbers` is the expression with numbers, where they do not stand in it one by one. `readings`
    name what a result above each threshold means, lowest first. `metric` is the fact of a design that is worked out
    like this; where it is worked out in several ways, by the `operator` at the root of its working or from the setting
    that it `reads`.
    """

    name: str
    about: str
    result: str
    expression: str
    inputs: tuple[Input, ...]
    dimension: Dimension
    compute: Callable[..., float]
    validity: str
    source: str
    numbers: str = ""
    seed: str = ""
    differs: str = ""
    unit: str = ""
    readings: tuple[tuple[float, str], ...] = ()
    metric: str = ""
    operator: str = ""
    reads: str = ""

    @property
    def equation(self) -> str:
        """The formula in words: `in flight = rate × latency`."""
        return f"{self.result} = {_PLACE.sub(lambda place: place[1].replace('_', ' '), self.expression)}"

    @property
    def call(self) -> str:
        """The example, to be typed."""
        words = [f"{each.name}={each.example}" for each in self.inputs if each.example != each.default]
        quoted = [f"'{word}'" if set(word) & set(" $") else word for word in words]
        return " ".join(["archboard calc", self.name, *quoted])

    def worked(self, values: Mapping[str, Amount]) -> str:
        """Return the sum with its numbers put in."""
        inputs = {each.name: each for each in self.inputs}
        filled = self.numbers or self.expression
        return _PLACE.sub(lambda place: inputs[place[1]].shown(values[place[1]]), filled)

    def shown(self, value: float) -> str:
        """Return a result as people read it."""
        if self.unit == "FLOP":
            return shown_operations(value)
        if self.dimension is Dimension.COUNT or self.unit:
            return f"{shown_count(value)} {self.unit}".strip()
        return show(value, self.dimension)

    def reading(self, value: float) -> str:
        """Return what a result means, where thresholds are agreed on."""
        passed = [words for threshold, words in self.readings if value > threshold]
        return passed[-1] if passed else ""


def shown_operations(value: float) -> str:
    """Return floating point operations: `14 GFLOP`, `28.67 TFLOP`."""
    for size, name in ((1e15, "PFLOP"), (1e12, "TFLOP"), (1e9, "GFLOP"), (1e6, "MFLOP")):
        if value >= size:
            return f"{show_number(value / size)} {name}"
    return f"{show_number(value)} FLOP"


@record
class Topic:
    """A part of the cheat sheet: its formulas in order, and `notes` for what is no formula (list prices)."""

    title: str
    formulas: tuple[Formula, ...]
    notes: tuple[str, ...] = ()
