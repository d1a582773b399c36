"""What came of turning settings: one trial, the answer of `solve`, the grid of `sweep`. Nouns only."""

from __future__ import annotations

from archboard.design.dials import Dial
from archboard.maths.search import Stretch
from archboard.records import record
from archboard.units import Dimension, OwnDimension
from archboard.verdicts import Verdict


@record
class Finding:
    """Something that stands against a value: a diagnostic's code and message, or a promise that does not hold."""

    code: str
    message: str


@record
class Reached:
    """An end of a stretch of values that hold: the value, rounded to the safe side, and what lies beyond it.

    `verdict` is the promise that decides there, with its value at this end; `beyond` a value that fails, and why.
    """

    value: float
    verdict: Verdict | None
    beyond: float | None
    findings: tuple[Finding, ...]


@record
class Solution:
    """At which values of one setting the promises hold.

    `promise` is the one that was asked about, "" where all were. `ends` are the ends of the `stretches` (those that are
    not ends of what was searched); `answer` is the one nearest to what the setting is now. Where nothing holds,
    `reason` says why in one sentence, and `best` is the value that comes nearest.
    """

    dial: Dial
    promise: str
    searched: tuple[float, float]
    holds_now: bool | None
    stretches: tuple[Stretch, ...]
    ends: tuple[Reached, ...]
    answer: Reached | None
    reason: str = ""
    best: float | None = None

    @property
    def always(self) -> bool:
        """Whether everything that was searched holds."""
        return bool(self.stretches) and not self.ends

    @property
    def monotone(self) -> bool:
        """Whether it holds on one side of one value only."""
        return len(self.ends) <= 1


@record
class Column:
    """One number that a sweep records: a promise's value, or a fact's; `limit` is the promise's, where it is one."""

    name: str
    dimension: Dimension | OwnDimension
    limit: float | None = None
    operator: str = ""

    @property
    def promised(self) -> bool:
        """Whether it is the value of a promise."""
        return bool(self.operator)


@record
class Point:
    """One place of a sweep: the settings' numbers, the columns' values (None: not judged), and whether each holds.

    `holds` has a verdict per column, None where it is no promise or not judged. `ok` says whether no error was found.
    """

    at: tuple[float, ...]
    values: tuple[float | None, ...]
    holds: tuple[bool | None, ...]
    ok: bool
    codes: tuple[str, ...]


@record
class Sweep:
    """A grid of one or two settings with what was found at each place; the last setting changes fastest."""

    name: str
    title: str
    dials: tuple[Dial, ...]
    axes: tuple[tuple[float, ...], ...]
    logarithmic: bool
    columns: tuple[Column, ...]
    points: tuple[Point, ...]
