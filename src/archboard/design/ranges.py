"""From what to what a dial is turned: `a..b`, each end written as its setting is, or the first in the second's unit."""

from __future__ import annotations

import math

from archboard.catalog import COMPONENT, setting
from archboard.design.dials import NEARLY_ALL, Dial
from archboard.design.overrides import read_changes
from archboard.design.refusal import Refusal, quantity
from archboard.design.rules import WRONG_VALUE
from archboard.design.values import read_value
from archboard.diagnostics import Diagnostic
from archboard.language.rules import SYNTAX
from archboard.language.syntax import Atom, Number, Value
from archboard.records import replace
from archboard.source import Source
from archboard.units import Money


def read_range(dial: Dial, text: str, option: str, start: int = 0) -> tuple[float, float] | Diagnostic:
    """Return the two ends of a range that stands in an option's text from an offset on, the smaller first."""
    source = Source(option, text)
    words = text[start:]
    first, dots, second = words.partition("..")
    if not dots or not first.strip() or not second.strip():
        help = f"write `{dial.show(dial.now or 1.0)}..{dial.show(2 * (dial.now or 1.0))}`"
        return SYNTAX.at(source.span(start, len(text)), f"`{words.strip()}` is no range", help)
    at = start + len(first) + len(dots)
    high = _end(dial, second, source, at)
    if isinstance(high, Diagnostic):
        return high
    low = _end(dial, first, source, start)
    if isinstance(low, Diagnostic):
        unit = _unit_of(second)
        bare = _end(dial, f"{first.strip()} {unit}", source, start) if unit else low
        if isinstance(bare, Diagnostic):
            return low
        low = bare
    if low >= high:
        help = f"write `{second.strip()}..{first.strip()}`" if low > high else "give it two ends"
        return WRONG_VALUE.at(source.span(start, len(text)), f"`{words.strip()}` runs to no larger number", help)
    return low, high


def _unit_of(text: str) -> str:
    atom = _atom(text)
    return atom.unit if isinstance(atom, Number) else ""


def _atom(text: str) -> Atom | Diagnostic | None:
    """Return the one atom of a text, what cannot be read of it, or None where it holds more."""
    changes = read_changes([f"_={text}"])
    if changes.unread:
        return changes.unread[0]
    values = changes.assignments[0].values
    return values[0].atoms[0] if len(values) == 1 and len(values[0].atoms) == 1 else None


def _end(dial: Dial, text: str, source: Source, start: int) -> float | Diagnostic:
    """Return one end as a number of the dial."""
    blank = len(text) - len(text.lstrip())
    span = source.span(start + blank, start + max(blank + 1, len(text.rstrip())))
    atom = _atom(text)
    if isinstance(atom, Diagnostic):
        return replace(atom, span=span)
    try:
        number = _number(dial, atom, text.strip())
        _within(dial, number)
    except Refusal as refusal:
        return WRONG_VALUE.at(span, refusal.message, refusal.help)
    return number


def _number(dial: Dial, atom: Atom | None, text: str) -> float:
    example = f"write `{dial.show(dial.now or 1.0)}`"
    if not isinstance(atom, Number):
        raise Refusal(f"`{dial.path}` wants a number, not `{text}`", example)
    if dial.unit is not None:
        if atom.unit not in ("", dial.unit):
            raise Refusal(f"`{dial.path}` is written in `{dial.unit or 'no unit'}`, not in `{atom.unit}`", example)
        return atom.value
    if not isinstance(dial.value, Money):
        return quantity((atom,), dial.target.name, dial.dimension, dial.show(dial.now or 1.0))
    kind = setting(COMPONENT[0], "price")
    assert kind is not None, dial.path
    read = read_value(kind, (Value((atom,), atom.span),), {})
    if isinstance(read, Refusal):
        raise read
    assert isinstance(read, Money), text
    if read.per == dial.value.per:
        return read.dollars
    if read.hourly is None or dial.value.hourly is None:
        raise Refusal(f"`{dial.path}` is a price a {dial.value.per}, not a {read.per}", example)
    return read.hourly * dial.value.dollars / dial.value.hourly if dial.value.hourly else read.hourly


def _within(dial: Dial, number: float) -> None:
    """Hold a number against what the dial may be; 100% may be asked about, though nothing is designed to reach it."""
    high = 1.0 if dial.high == NEARLY_ALL else dial.high
    if not dial.low <= number <= high or (dial.positive and number == 0):
        limits = f"from {dial.show(dial.low)} to {dial.show(high)}" if math.isfinite(high) else "more than zero"
        if not math.isfinite(high) and not dial.positive:
            limits = f"at least {dial.show(dial.low)}"
        raise Refusal(f"`{dial.path}` {dial.show(number)} is out of range", f"it may be {limits}")
    if dial.whole and number != int(number):
        raise Refusal(f"`{dial.path}` {dial.show(number)} must be a whole number", f"write `{round(number)}`")
