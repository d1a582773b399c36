"""Why a value was not understood, and the readers that every form of value shares."""

from __future__ import annotations

import math
import re
from itertools import pairwise

from archboard.catalog.ranges import LARGEST_MEAN, PERCENTILES, SPANS, outside
from archboard.language.syntax import Atom, Number, Path, Text
from archboard.units import EXAMPLES, MAGNITUDES, NAMES, Dimension, convert, percentile_name, show, show_number


class Refusal(Exception):  # noqa: N818 - never reaches a user as an exception: the resolver turns it into AB205
    """A value that is not what its setting wants, and the word in it that means nothing; never leaves the resolver."""

    def __init__(self, message: str, help: str, word: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.help = help
        self.word = word


def words(atoms: tuple[Atom, ...]) -> str:
    """Return atoms as text: strings without their quotes, the rest as written."""
    if len(atoms) == 1 and isinstance(atoms[0], Text):
        return atoms[0].text
    return " ".join(atom.text if isinstance(atom, Text) else " ".join(atom.span.text.split()) for atom in atoms)


def quantity(atoms: tuple[Atom, ...], name: str, dimension: Dimension, example: str) -> float:
    """Read one number of a dimension in SI units."""
    match atoms:
        case (Number(value, unit) as number,):
            converted = convert(value, _bytes(number) if dimension is Dimension.SIZE else unit, dimension)
            if converted is not None:
                within(converted, name, dimension, example)
                return converted
            raise Refusal(_mismatch(number, name, dimension), f"write `{_suggested(number, dimension) or example}`")
        case (Path() as path,):
            message = f"`{name}` wants {NAMES[dimension]}, not the word `{path.text}`"
            raise Refusal(message, f"write `{example}`", path.text)
        case _:
            word = words(atoms)
            message = f"`{name}` wants {NAMES[dimension]}, not `{word}`"
            raise Refusal(message, f"write `{_apart(atoms) or example}`", word)


def within(value: float, name: str, dimension: Dimension, example: str) -> None:
    """Refuse what is smaller or larger than anything of its dimension."""
    if outside(value, dimension):
        least, most = (show(end, dimension) for end in SPANS[dimension])
        than = f"more than the most there is, {most}" if abs(value) > 1 else f"less than the least there is, {least}"
        raise Refusal(f"`{name}` is {than}", f"write `{example}`, or 0 where there is none of it")


def percentile(fraction: float, name: str) -> float:
    """Return a percentile that can be told from the best and the worst case."""
    lowest, highest = PERCENTILES
    if not lowest <= fraction <= highest:
        low, high = percentile_name(lowest), percentile_name(highest)
        raise Refusal(f"`{name}` wants a percentile from {low} to {high}", f"write `p99`, or `{high}` for the rarest")
    return fraction


def spread(name: str, percentiles: tuple[tuple[float, float], ...]) -> None:
    """Refuse percentiles, as (fraction, value) in order, between which a value grows so fast that it has no mean."""
    for (lower, less), (higher, more) in pairwise(percentiles):
        score = _score(higher)
        deviation = math.log(more / less) / (score - _score(lower)) if less > 0 else 0.0
        if deviation > 0 and math.log(more) - score * deviation + deviation**2 / 2 > LARGEST_MEAN:
            low, high = percentile_name(lower), percentile_name(higher)
            raise Refusal(
                f"`{name}` {high} is {show_number(more / less, 2)} times its {low}: so steep a tail has no mean",
                f"give a {high} that is nearer to the {low}, or leave one of them out",
            )


def _score(fraction: float) -> float:
    """Return the normal score of a percentile, near enough to say how steep a tail is."""
    low, high = -8.0, 8.0
    for _ in range(30):
        middle = (low + high) / 2
        low, high = (middle, high) if math.erfc(-middle / math.sqrt(2)) / 2 < fraction else (low, middle)
    return high


def _bytes(number: Number) -> str:
    """Return the unit of a size: of `16G`, whose letter has been counted, bytes."""
    return "B" if number.unit == "" and number.span.text[-1:] in MAGNITUDES else number.unit


def _apart(atoms: tuple[Atom, ...]) -> str:
    """Return a number whose thousands stand apart, as it is written here; "" where it is none."""
    text = words(atoms)
    grouped = all(isinstance(atom, Number) for atom in atoms) and re.match(r"\d{1,3}(?: \d{3})+(?!\d)", text)
    return text.replace(" ", "_", len(atoms) - 1) if grouped else ""


def _mismatch(number: Number, name: str, dimension: Dimension) -> str:
    written = " ".join(number.span.text.split())
    if number.unit == "" and written[-1:] in MAGNITUDES:
        return f"`{name}` wants {NAMES[dimension]}, and `{written}` is {show_number(number.value)} without a unit"
    if number.unit == "":
        return f"`{name}` wants {NAMES[dimension]}, and `{written}` has no unit"
    for other in Dimension:
        if other is not dimension and convert(number.value, number.unit, other) is not None:
            return f"`{name}` wants {NAMES[dimension]}, and `{written}` is {NAMES[other]}"
    return f"`{name}` wants {NAMES[dimension]}, and `{number.unit}` is not a unit of one"


_NATURAL = {Dimension.DURATION: "ms", Dimension.RATE: " rps", Dimension.SIZE: " GB", Dimension.FRACTION: "%"}


def _suggested(number: Number, dimension: Dimension) -> str | None:
    """Return the number as written with the unit that was probably meant."""
    text = number.span.text.strip()
    if dimension is Dimension.DURATION and number.unit == "" and text[-1:] in MAGNITUDES:
        return f"{text[:-1].rstrip()}ms{f'` or `{text[:-1].rstrip()}min' if text[-1] == 'M' else ''}"
    if number.unit == "" and dimension in _NATURAL and number.value >= 0:
        return f"{number.span.text.strip()}{_NATURAL[dimension]}"
    if number.unit == "m" and dimension is Dimension.DURATION:
        return f"{number.value:g}min"
    for unit in (number.unit.lower(), number.unit.upper()):
        if convert(number.value, unit, dimension) is not None:
            return f"{number.value:g}{unit}"
    return EXAMPLES[dimension] if dimension is Dimension.MONEY else None
