"""From `rate=10k rps` to a number: inputs read in the language's own quantities, held to their ranges, and worked out.

What cannot be worked out is a `Refusal`, a sentence and a way on, never an exception: `usage` where an input is wrong,
else there is no valid number for inputs that are in order (a queue that is not stable).
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from difflib import SequenceMatcher

from archboard.formulas.model import Amount, Formula, Input
from archboard.language.build import number
from archboard.language.scan import in_range
from archboard.language.syntax import Number
from archboard.maths.queues import Unstable
from archboard.records import record
from archboard.source import Source
from archboard.units import NAMES, Dimension, convert, money

_NUMBER = re.compile(r"-?\$?[0-9]")
_NATURAL = {Dimension.DURATION: "ms", Dimension.RATE: " rps", Dimension.SIZE: "GB", Dimension.BANDWIDTH: "GB/s"}


@record
class Refusal:
    """Why there is no number, and what to do; `usage` says that an input was wrong."""

    message: str
    help: str
    usage: bool = True


@record
class Answer:
    """A formula worked out: its inputs by name in SI units, and the number."""

    formula: Formula
    inputs: Mapping[str, Amount]
    value: float

    @property
    def shown(self) -> str:
        """The number as people read it."""
        return self.formula.shown(self.value)

    @property
    def working(self) -> str:
        """The sum with its numbers put in."""
        return self.formula.worked(self.inputs)

    @property
    def reading(self) -> str:
        """What the number means, where thresholds are agreed on."""
        return self.formula.reading(self.value)


def example(formula: Formula) -> Mapping[str, str]:
    """Return the inputs of a formula's own example, as typed."""
    return {each.name: each.example for each in formula.inputs}


def work_out(formula: Formula, given: Mapping[str, str]) -> Answer | Refusal:
    """Return a formula's number for inputs as they were typed, those not given by their defaults."""
    known = [each.name for each in formula.inputs]
    for name in given:
        if name not in known:
            return _unknown(formula, name)
    values: dict[str, Amount] = {}
    for each in formula.inputs:
        typed = given.get(each.name, each.default)
        if not typed:
            how = f"`{each.name}={each.example}`"
            return Refusal(f"`{formula.name}` needs `{each.name}`, {each.about}", f"add {how}: {formula.call}")
        read = _read(each, typed)
        if isinstance(read, Refusal):
            return read
        values[each.name] = read
    return _computed(formula, values)


def _unknown(formula: Formula, name: str) -> Refusal:
    known = [each.name for each in formula.inputs]
    close = max(known, key=lambda other: SequenceMatcher(None, name, other).ratio())
    alike = SequenceMatcher(None, name, close).ratio() >= 0.6
    help = f"did you mean `{close}`?" if alike else f"it takes {', '.join(f'`{each}`' for each in known)}"
    return Refusal(f"`{formula.name}` has no input `{name}`", help)


def _computed(formula: Formula, values: Mapping[str, Amount]) -> Answer | Refusal:
    arguments = [values[each.name] for each in formula.inputs]
    try:
        value = float(formula.compute(*arguments))
    except Unstable as unstable:
        busy = f"{100 * unstable.utilisation:.4g}%"
        message = f"`{formula.name}` has no number: at {busy} of what can be served the queue grows without end"
        return Refusal(message, "more servers, a faster service, or a lower rate", usage=False)
    except (ArithmeticError, ValueError) as error:
        return Refusal(f"`{formula.name}` has no number: {_reason(error)}", "", usage=False)
    if math.isnan(value):
        return Refusal(f"`{formula.name}` has no number for these inputs", "", usage=False)
    return Answer(formula, values, value)


def _reason(error: Exception) -> str:
    match error:
        case ZeroDivisionError():
            return "it would divide by nothing"
        case OverflowError():
            return "it is larger than a computer can write"
        case _:
            return str(error)


def _read(each: Input, typed: str) -> Amount | Refusal:
    """Return an input in SI units, a list as a tuple."""
    if not each.many:
        return _one(each, typed)
    found = []
    for part in typed.strip(" []()").split(","):
        read = _one(each, part)
        if isinstance(read, Refusal):
            return read
        found.append(read)
    return tuple(found)


def _one(each: Input, typed: str) -> float | Refusal:
    text = typed.strip()
    if not _NUMBER.match(text) or not in_range(text):
        return Refusal(f"`{each.name}` wants {NAMES[each.dimension]}, not `{text}`", _example(each))
    written = number(Source("calc", text).span(0, len(text)))
    value = _converted(each, written)
    if value is None:
        return _mismatch(each, text, written)
    if value not in each.within:
        return Refusal(f"`{each.name}` is {each.within.said(each.dimension)}, and `{text}` is not", _example(each))
    return value


def _converted(each: Input, written: Number) -> float | None:
    if each.dimension is not Dimension.MONEY:
        return convert(written.value, written.unit, each.dimension)
    amount = money(written.value, written.unit)
    if amount is None:
        return None
    if each.per == "h":
        return amount.hourly
    return amount.dollars if amount.per == each.per else None


def _mismatch(each: Input, text: str, written: Number) -> Refusal:
    wanted = f"`{each.name}` wants {NAMES[each.dimension]}"
    if written.unit == "":
        unit = _NATURAL.get(each.dimension)
        help = f"write `{each.name}={text}{unit}`" if unit and written.value >= 0 else _example(each)
        return Refusal(f"{wanted}, and `{text}` has no unit", help)
    for other in Dimension:
        if other is not each.dimension and convert(written.value, written.unit, other) is not None:
            return Refusal(f"{wanted}, and `{text}` is {NAMES[other]}", _example(each))
    return Refusal(f"{wanted}, and `{written.unit}` is not a unit of one", _example(each))


def _example(each: Input) -> str:
    return f"write `{each.name}={each.example}`"
