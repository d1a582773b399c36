"""What archboard has to say about a design, as plain values.

A `Rule` is the reusable part: a stable code, a name, how much it matters, and the page that
`archboard explain CODE` prints. A `Diagnostic` is one sighting of a rule. Neither knows how it
will be shown, and nothing here is ever raised: phases return diagnostics next to their result.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from archboard.records import record, replace
from archboard.source import Span


class Severity(Enum):
    """How much a diagnostic matters; errors decide the exit code."""

    ERROR = "error"
    WARNING = "warning"


class Phase(Enum):
    """What of a file a rule is about; the codes follow it: AB1, then AB2 and AB3, then AB4 and up."""

    TEXT = "text"
    """How it is written: whatever a broken line would have said is not known."""
    MEANING = "meaning"
    """What it says: names, values, structure. With an error there, the design is not what was meant."""
    NUMBERS = "numbers"
    """What it comes to: the design is understood, and does not do what it should."""


@record
class Note:
    """A second place the reader should look at, and what is there."""

    span: Span
    message: str


@record
class Diagnostic:
    """One sighting of a rule in a source; `scenario` names the what-if it was seen under.

    `subject` is what it is about: a component's full name, an arrow's id, a flow's or a group's name, a scenario's
    title, or a name that means nothing; "" where the text itself is. `aspect` says what of it: a setting, or a metric
    that is promised. Two sightings of one rule with the same subject and aspect are the same finding, whatever their
    numbers.
    """

    rule: Rule
    span: Span
    message: str
    help: str = ""
    notes: tuple[Note, ...] = ()
    scenario: str | None = None
    subject: str = ""
    aspect: str = ""
    cures: tuple[tuple[str, ...], ...] = ()
    """What `--set` takes to do as the help says, each of its ways: nothing where no setting is that help."""

    @property
    def severity(self) -> Severity:
        """The rule's, but what a scenario finds is never more than a warning."""
        return Severity.WARNING if self.scenario is not None else self.rule.severity

    @property
    def is_error(self) -> bool:
        """Whether this decides the exit code."""
        return self.severity is Severity.ERROR

    @property
    def is_unclear(self) -> bool:
        """Whether the file does not say what it means: then it is neither drawn nor built."""
        return self.is_error and self.rule.phase is not Phase.NUMBERS


@record
class Rule:
    """A thing archboard can object to, declared beside the code that objects."""

    code: str
    name: str
    severity: Severity
    why: str
    phase: Phase = Phase.NUMBERS

    def at(
        self, span: Span, message: str, help: str = "", *notes: Note, subject: str = "", aspect: str = "",
        cures: tuple[tuple[str, ...], ...] = (),
    ) -> Diagnostic:  # fmt: skip
        """Report this rule at a span: one sentence, the numbers that prove it, one thing to do."""
        return Diagnostic(self, span, message, help, notes, subject=subject, aspect=aspect, cures=cures)


FEW = 16
"""Sightings of one rule at one place that are each told."""


def together(found: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Return what was found, in its order; many sightings of one rule at one place, a region's copies, are one."""
    alike: dict[tuple[object, ...], list[Diagnostic]] = {}
    sightings = tuple(found)
    for one in sightings:
        alike.setdefault(_place(one), []).append(one)
    told: list[Diagnostic] = []
    for one in sightings:
        group = alike[_place(one)]
        if len(group) <= FEW:
            told.append(one)
        elif one is group[0]:
            told.append(replace(one, message=f"{one.message} (and {len(group) - 1:,} more like it)"))
    return tuple(told)


def _place(one: Diagnostic) -> tuple[object, ...]:
    span = one.span
    return one.rule.code, span.source.path, span.start, span.end, one.scenario, one.aspect


def nearest(word: str, known: tuple[str, ...] | list[str]) -> str | None:
    """Return the known word closest by edit distance, if it is close enough to be meant."""
    best: tuple[int, str] | None = None
    for candidate in known:
        if abs(len(candidate) - len(word)) > 3:
            continue
        distance = edit_distance(word.casefold(), candidate.casefold())
        if best is None or (distance, candidate) < best:
            best = (distance, candidate)
    if best is None or best[0] > max(1, min(3, (len(word) + 1) // 3)):
        return None
    return best[1]


def edit_distance(first: str, second: str) -> int:
    """Return how many insertions, deletions, changes or swaps of neighbours turn one into the other."""
    before: list[int] = []
    row = list(range(len(second) + 1))
    for i, left in enumerate(first, 1):
        older, before, row = before, row, [i]
        for j, right in enumerate(second, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (left != right))
            if i > 1 and j > 1 and left == second[j - 2] and first[i - 2] == right:
                cost = min(cost, older[j - 2] + 1)
            row.append(cost)
    return row[-1]
