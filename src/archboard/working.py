"""Workings: how a number came to be, as a tree that is the number.

A `Term` is a number that stands for itself: written in the file (its `span`), taken from another fact, assumed, or
found by a method that `by` names. A `Calculation` is an operator over parts, and its value is what the operator makes
of theirs; so a working cannot say one thing and come to another. `Unknown` says why there is no number. What a working
reads like is made of the tree when someone asks, and nothing reads it back.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator

from archboard.records import record
from archboard.source import Span
from archboard.units import Dimension, OwnDimension, show, show_apart

AnyDimension = Dimension | OwnDimension
FactKey = tuple[str, str]
"""A metric's name and a subject: the fact that a term stands for."""

HELD_AGAINST = ("÷", "−", "left over")
"""Operators of two numbers that say how much apart these are."""
CONSTANT = "constant"
"""What a number of a formula itself is there by."""
SUM, PRODUCT, CLOSED = 1, 2, 4
"""How tightly a text binds: what is added, what is multiplied, what stands for itself."""


@record
class Operator:
    """What is done with the values of some parts: `compute` takes them in order, `write` makes a text of theirs.

    `name` is an interface of the JSON. `binds` is how tightly the text binds, `holds` how tightly each part must not
    to stand in brackets, the first part and the others; texts are None where a part is not worth a word.
    """

    name: str
    compute: Callable[..., float]
    write: Callable[[tuple[str, ...]], str]
    binds: int = CLOSED
    holds: tuple[int, int] = (0, 0)


@record
class Term:
    """A number that stands for itself.

    `words` follow the number in a sum, `text` stands for both, and `alone` is what is said where the term is the whole
    working. `setting` of `owner` is what was written and `span` where, `fact` the fact that it is, `by` the
    method that found it, `of` the working behind it, `assumption` the row of the table of assumptions that it is: a
    default, or the approximation by which it was found. A `hidden` factor is too near to one for a word.
    """

    value: float
    dimension: AnyDimension
    words: str = ""
    owner: str = ""
    setting: str = ""
    span: Span | None = None
    fact: FactKey | None = None
    by: str = ""
    of: Working | None = None
    text: str = ""
    alone: str = ""
    hidden: bool = False
    assumption: str = ""

    @property
    def shown(self) -> str:
        """The number as people read it."""
        return show(self.value, self.dimension)

    @property
    def inline(self) -> str:
        """The number with its words, as it stands in a sum."""
        return self.text or (f"{self.shown} {self.words}" if self.words else self.shown)

    def __str__(self) -> str:
        return self.alone or self.inline


@record
class Calculation:
    """An operator over parts.

    `note` is a remark on the whole, which follows its text; `text` says the whole in words where signs would not. A
    `value` that an engine has found already need not be found again: it is what the operator makes of the parts.
    `assumption` is the approximation of the table of assumptions that the operator is, if it is one.
    """

    operator: Operator
    parts: tuple[Working, ...]
    dimension: AnyDimension
    note: str
    text: str
    value: float
    assumption: str

    def __init__(
        self, operator: Operator, parts: tuple[Working, ...], dimension: AnyDimension, note: str = "", text: str = "",
        value: float | None = None, assumption: str = "",
    ) -> None:  # fmt: skip
        put = object.__setattr__
        put(self, "operator", operator)
        put(self, "parts", parts)
        put(self, "dimension", dimension)
        put(self, "note", note)
        put(self, "text", text)
        put(self, "value", operator.compute(*[part.value for part in parts]) if value is None else value)
        put(self, "assumption", assumption)

    @property
    def shown(self) -> str:
        """The number as people read it."""
        return show(self.value, self.dimension)

    @property
    def is_told(self) -> bool:
        """Whether more than one part is worth a word."""
        return sum(1 for part in self.parts if not (isinstance(part, Term) and part.hidden)) > 1

    @property
    def inline(self) -> str:
        """The sum, without its remark."""
        if self.text:
            return self.text
        operator, apart = self.operator, self._apart()
        texts: list[str] = []
        for part in self.parts:
            if isinstance(part, Term) and part.hidden:
                continue
            text, least = apart.get(id(part), part.inline), operator.holds[1 if texts else 0]
            bracketed = isinstance(part, Calculation) and part.operator.binds < least
            texts.append(f"({text})" if bracketed else text)
        return operator.write(tuple(texts))

    def _apart(self) -> dict[int, str]:
        """Return two numbers that are held against each other, where they would look the same and are not."""
        if self.operator.name not in HELD_AGAINST or len(self.parts) != 2:
            return {}
        one, other = self.parts
        plain = isinstance(one, Term) and isinstance(other, Term) and not (one.text or other.text)
        if not plain or one.dimension != other.dimension or one.shown != other.shown or one.value == other.value:
            return {}
        shown = zip((one, other), show_apart(one.value, other.value, one.dimension), strict=True)
        return {id(part): f"{text} {part.words}".strip() for part, text in shown if isinstance(part, Term)}

    def __str__(self) -> str:
        return f"{self.inline}; {self.note}" if self.note else self.inline


Working = Term | Calculation


@record
class Unknown:
    """Why there is no valid number."""

    reason: str

    @property
    def value(self) -> None:
        """No number."""
        return

    def __str__(self) -> str:
        return self.reason


def evaluated(working: Working) -> float:
    """Return what a working comes to, worked out anew from its terms; no value on the way is taken on trust."""
    if isinstance(working, Calculation):
        return working.operator.compute(*[evaluated(part) for part in working.parts])
    return working.value if working.of is None else evaluated(working.of)


def leaves(working: Working) -> Iterator[Term]:
    """Yield the terms that a working stands on, in order, those behind other terms included."""
    waiting: list[Working] = [working]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Calculation):
            waiting += reversed(node.parts)
        elif node.of is not None:
            waiting.append(node.of)
        else:
            yield node


def _times(*factors: float) -> float:
    made = 1.0
    for factor in factors:
        made *= factor
    return made


def _plus(*parts: float) -> float:
    return math.fsum(parts)


def _joined(sign: str) -> Callable[[tuple[str, ...]], str]:
    return lambda texts: f" {sign} ".join(texts)


ADDED = Operator("+", _plus, _joined("+"), SUM, (SUM, SUM))
LESS = Operator("−", lambda a, b: a - b, _joined("−"), SUM, (SUM, PRODUCT))
TIMES = Operator("×", _times, _joined("×"), PRODUCT, (PRODUCT, PRODUCT + 1))
OVER = Operator("÷", lambda a, b: a / b, _joined("÷"), PRODUCT, (PRODUCT, PRODUCT + 1))
LEFT = Operator("left over", lambda a, b: max(0.0, a - b), _joined("−"), SUM, (SUM, PRODUCT))
POWER = Operator("^", lambda a, b: a**b, "^".join, CLOSED, (CLOSED, CLOSED))
REST = Operator("1 − x", lambda a: 1.0 - a, lambda texts: f"1 − {texts[0]}", SUM, (PRODUCT, PRODUCT))
LEAST = Operator("least", min, lambda texts: f"the lesser of {' and '.join(texts)}", 0, (1, 1))
LARGEST = Operator("largest", max, lambda texts: f"the largest of {', '.join(texts)}", 0, (1, 1))


def product(dimension: AnyDimension, *factors: Working, note: str = "") -> Working:
    """Return factors multiplied; a single one is itself."""
    return factors[0] if len(factors) == 1 and not note else Calculation(TIMES, factors, dimension, note)


def total(dimension: AnyDimension, *parts: Working, note: str = "") -> Working:
    """Return parts added up; a single one is itself."""
    return parts[0] if len(parts) == 1 and not note else Calculation(ADDED, parts, dimension, note)


def quotient(dimension: AnyDimension, over: Working, under: Working, note: str = "") -> Calculation:
    """Return one working divided by another."""
    return Calculation(OVER, (over, under), dimension, note)


def difference(dimension: AnyDimension, whole: Working, part: Working, note: str = "") -> Calculation:
    """Return what is left of one working without another."""
    return Calculation(LESS, (whole, part), dimension, note)


def rest(part: Working) -> Calculation:
    """Return what a fraction leaves of one."""
    return Calculation(REST, (part,), Dimension.FRACTION)
