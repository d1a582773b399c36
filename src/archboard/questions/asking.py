"""What a question is answered from: the design as it stands, and what-ifs run through the compiler's own entry.

Each what-if is compiled once, whoever asks for it. The file's own scenarios are not run: the questions are others.
"""

from __future__ import annotations

from collections.abc import Iterable

from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading
from archboard.design.changes import Changes
from archboard.design.dials import Dial, dial_of
from archboard.design.model import Component, Design
from archboard.design.overrides import read_changes
from archboard.facts import Facts
from archboard.records import field, record
from archboard.script.model import Point
from archboard.script.names import Name, vocabulary
from archboard.script.telling import Telling, telling

PATIENCE = 600_000
"""What-ifs × (boxes + arrows)²: a design of a hundred has all its questions, one of five hundred the first of them."""
ROUNDS = 350
"""Rounds of settling loads that all what-ifs may take together."""
Set = tuple[str, ...]
"""The changes of one what-if, as `--set` takes them."""


class Enough(Exception):  # noqa: N818 - no error: the questions end here
    """So many what-ifs were run that there is no patience for another."""


@record
class Draft:
    """A question before it has words: points to be worded, and what was tried for them."""

    topic: str
    asked: Point
    answer: tuple[Point, ...]
    what_ifs: tuple[Set, ...] = ()


@record
class Asking:
    """A design that is asked: `usual` is how it stands, `told` how its parts are called."""

    reading: Reading
    changes: Changes
    usual: Compilation
    told: Telling
    begun: int = 0
    """Rounds of settling before the first question."""
    _run: dict[Set, Compilation] = field(default_factory=dict, repr=False, compare=False)

    @property
    def design(self) -> Design:
        """The design as it stands."""
        return self.usual.design

    @property
    def facts(self) -> Facts:
        """What is known of it."""
        return self.usual.facts

    def what_if(self, assignments: Iterable[str]) -> Compilation:
        """Return the design under some changes, as compiled; `Enough` where there is no patience for it."""
        key = tuple(assignments)
        if key not in self._run:
            if self.spent:
                raise Enough
            changes = self.changes.and_(read_changes(key))
            self._run[key] = compile_reading(self.reading, changes, scenarios=False)
        return self._run[key]

    @property
    def spent(self) -> bool:
        """Whether so many what-ifs were run of so large a design, or so slow to settle, that no patience is left."""
        if self.reading.transforms.rounds - self.begun > ROUNDS:
            return True
        return len(self._run) * (len(self.design.components) + len(self.design.arrows)) ** 2 > PATIENCE

    def is_new(self, assignments: Set) -> bool:
        """Whether a what-if is none that was run before, in these words or in others that come to the same numbers."""
        if assignments in self._run:
            return False
        tried, others = self.what_if(assignments), self._run.items()
        return all(made.facts.scalars != tried.facts.scalars for key, made in others if key != assignments)

    def dial(self, path: str) -> Dial | None:
        """Return the number that a path names, if it is one that can be turned."""
        found = dial_of(self.reading.plan, self.design, path, "question")
        return found if isinstance(found, Dial) and found.now is not None else None

    def name(self, subject: str) -> Name:
        """Return how a component is called, or a hop between two."""
        if subject in self.design.components:
            return self.told.name(subject)
        arrow = next((one for one in self.design.arrows if one.id == subject), None)
        if arrow is None:
            return self.told.vocabulary.name(subject)
        tail, head = self.told.name(arrow.tail), self.told.name(arrow.head)
        spoken = f"the hop from {tail.the} to {head.the}"
        return Name(f"{tail.label} → {head.label}", spoken, spoken, False)

    def alike(self, component: str) -> tuple[str, ...]:
        """Return a component with its copies in other regions, which are changed together."""
        return self.told.copies(component) or (component,)

    def first(self, component: Component) -> bool:
        """Whether a component is the one that its copies are told by."""
        return self.told.first.get(component.name) == component.name


def asking(reading: Reading, changes: Changes) -> Asking | None:
    """Prepare a design to be asked; None where it was not understood."""
    usual = compile_reading(reading, changes, scenarios=False)
    if not usual.understood:
        return None
    told = telling(usual.design, usual.facts, (), vocabulary("en"))
    return Asking(reading, changes, usual, told, reading.transforms.rounds)
