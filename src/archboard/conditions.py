"""Conditions: what a design's numbers take for granted, and what came of taking something else for granted.

A `Taken` is a row of the table of assumptions that a design has, with whom it concerns. A `Condition` is one that a
verdict hangs on: with the other value, which is as plausible, the promise comes out otherwise. Nouns only.
"""

from __future__ import annotations

from archboard.catalog.assumptions import ASSUMPTION, Assumption
from archboard.records import record

LISTED = 6
"""Names that are listed; the rest are counted."""
NAMED = 3
"""Names that are said within a sentence."""


@record
class Taken:
    """One assumption that a design's numbers rest on: its row, what it is at, and the subjects, by full names.

    `held` is what a verdict holds by, in words.
    """

    name: str
    value: str = ""
    subjects: tuple[str, ...] = ()

    @property
    def row(self) -> Assumption:
        """What the table says of it."""
        return ASSUMPTION[self.name]

    @property
    def sentence(self) -> str:
        """What is taken for granted, and of whom, as the report lists it."""
        said = self.row.says.format(value=self.value, named=self.named)
        return f"{said}: {self.named}" if self.subjects and not self.row.whole else said

    @property
    def held(self) -> str:
        """What a verdict holds by, in words."""
        verb = {"is": "are" if len(self.subjects) > 1 else "is"}
        return self.row.holds.format(value=self.value, named=listed(self.subjects, NAMED), **verb)

    @property
    def stated(self) -> str:
        """What would state it."""
        return self.row.state.replace("{name}", self.subjects[0] if len(self.subjects) == 1 else "…")

    @property
    def named(self) -> str:
        """Whom it concerns, in one line."""
        return listed(self.subjects)


def listed(names: tuple[str, ...], most: int = LISTED) -> str:
    """Return names in one line, the first few of many."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


@record
class Condition:
    """What becomes of one promise where something else is taken for granted, which is as plausible.

    `tried` is the other value as `--set` takes it, or the answer of the verdict itself that it is (`worst case`);
    `changes` are what `--set` takes to see it. `value` is the promise's number then, None where it is not judged, and
    `ok` whether it holds. `turns` says that it comes out otherwise than it did; `eats` how much of the way from its
    number to its limit that takes, without end where it is not judged any more.
    """

    taken: Taken
    tried: str
    changes: tuple[str, ...]
    value: float | None
    ok: bool | None
    turns: bool
    eats: float


@record
class Weight:
    """How much hangs on one assumption: the verdict that it does most to, with how many others it `turns` as well.

    `flow` and `promise` are those of the verdict, by its text.
    """

    flow: str
    promise: str
    condition: Condition
    turns: int
