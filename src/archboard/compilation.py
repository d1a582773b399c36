"""The Compilation: everything known about one source, as reports, boards and scripts take it."""

from __future__ import annotations

from archboard.conditions import Weight
from archboard.design.model import Design, Scenario
from archboard.diagnostics import Diagnostic
from archboard.facts import Facts
from archboard.language.syntax import Document
from archboard.records import record
from archboard.source import Source


@record
class ScenarioResult:
    """A what-if that was run: its own design and facts; `met` says whether its expectation held (None: none stated)."""

    scenario: Scenario
    design: Design
    facts: Facts
    diagnostics: tuple[Diagnostic, ...]
    ok: bool
    met: bool | None


@record
class Compilation:
    """Everything known about one source; complete even when there are errors.

    `hanging` are the assumptions that the verdict hangs on most, the most first; None where none was tried.
    """

    source: Source
    document: Document
    design: Design
    facts: Facts
    scenarios: tuple[ScenarioResult, ...]
    diagnostics: tuple[Diagnostic, ...]
    hanging: tuple[Weight, ...] | None = None

    @property
    def ok(self) -> bool:
        """Whether no error was found."""
        return not any(d.is_error for d in self.diagnostics)

    @property
    def understood(self) -> bool:
        """Whether the file says what it means: no error of its text or its meaning; then it may be drawn and built."""
        return not any(d.is_unclear for d in self.diagnostics)
