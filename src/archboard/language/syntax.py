"""The Document: what was written, statement by statement, nothing yet understood.

Every node keeps its span; comments and blank lines are kept beside the statements, so that the
formatter and the language server see the file as its author does. All nodes are frozen.
"""

from __future__ import annotations

from archboard.records import record
from archboard.source import Source, Span


@record
class Name:
    """One plain name, or the word that opens a thing."""

    text: str
    span: Span


@record
class Path:
    """Names joined by dots: `us.ranker`, `redis.hit`, or just `ranker`."""

    names: tuple[Name, ...]
    span: Span

    @property
    def text(self) -> str:
        """The path as written, without blanks."""
        return ".".join(name.text for name in self.names)


@record
class Text:
    """A quoted string, its escapes undone."""

    text: str
    span: Span


@record
class Number:
    """A number with its magnitude applied, and the unit as written ("" where there is none).

    `10.5k rps` is 10500.0 and "rps"; `$2/Mtokens` is 2.0 and "$/Mtokens"; `80%` is 80.0 and "%".
    `7B` keeps the magnitude out: 7.0 and "B", because only its setting knows bytes from billions.
    """

    value: float
    unit: str
    span: Span


@record
class Percentile:
    """A percentile such as `p99.9`: 0.999."""

    fraction: float
    span: Span


@record
class Operator:
    """One of `<  <=  >  >=  ..  =`."""

    text: str
    span: Span


Atom = Path | Text | Number | Percentile | Operator


@record
class Value:
    """The atoms between two commas: `p99 < 50ms by independent`."""

    atoms: tuple[Atom, ...]
    span: Span


@record
class Setting:
    """`path: value, value`."""

    path: Path
    values: tuple[Value, ...]
    span: Span


@record
class Thing:
    """`kind name, name "title" { statements }`; `head` spans all but the body."""

    kind: Name
    names: tuple[Name, ...]
    title: Text | None
    body: tuple[Statement, ...] | None
    head: Span
    span: Span


@record
class Arrow:
    """`a & b -> c ~> d "label" { settings }`: n stages of paths, and the n - 1 arrows between them.

    `arrows` holds the arrow tokens (`->`, `<->`, `~>`, `-x>`) as operators with their spans.
    """

    stages: tuple[tuple[Path, ...], ...]
    arrows: tuple[Operator, ...]
    title: Text | None
    body: tuple[Setting, ...] | None
    span: Span


Statement = Setting | Thing | Arrow


@record
class Comment:
    """A comment with its `#`; `alone` when nothing else stands on its line."""

    text: str
    alone: bool
    span: Span


@record
class Document:
    """One file: the statements that could be read, in order, and its comments."""

    source: Source
    statements: tuple[Statement, ...]
    comments: tuple[Comment, ...] = ()
