"""What `--set PATH=VALUE` changes, as values: every command takes them, and few are given any."""

from __future__ import annotations

from typing import TYPE_CHECKING

from archboard.records import record

if TYPE_CHECKING:
    from archboard.diagnostics import Diagnostic
    from archboard.language.syntax import Path, Value
    from archboard.source import Span

OPTION = "--set"


@record
class Assignment:
    """One `PATH=VALUE` as typed: its path, its values, and the words of the values."""

    path: Path
    values: tuple[Value, ...]
    span: Span


@record
class Changes:
    """What a command line changes in a design, and what of it could not be read."""

    assignments: tuple[Assignment, ...] = ()
    unread: tuple[Diagnostic, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.assignments or self.unread)

    def and_(self, other: Changes) -> Changes:
        """Return these changes with others on top of them."""
        return Changes((*self.assignments, *other.assignments), (*self.unread, *other.unread))


UNCHANGED = Changes()
