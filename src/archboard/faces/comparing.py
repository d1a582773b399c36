"""`archboard whatif` and `archboard diff`: two compilations side by side, or what one of them hangs on."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

from archboard.compare import Comparison, compare
from archboard.compilation import Compilation
from archboard.compiler import compile_bytes, compile_reading, read_bytes
from archboard.design.changes import Changes
from archboard.diagnostics import Diagnostic
from archboard.faces.files import content
from archboard.faces.messages import say
from archboard.records import record
from archboard.renderers import written
from archboard.renderers.report.diagnostics import plain, render

Paint = Callable[[str, str], str]


@record
class Answer:
    """What came of a question: what to say, and the exit code."""

    output: bytes
    code: int


def whatif(path: str, changes: Changes, form: str, everything: bool, paint: Paint | None) -> Answer | None:
    """Return a design before and after some changes, or without any what its numbers hang on.

    None where the design was not understood, or the changes were not: why was said. The exit code is that of the
    design as changed.
    """
    reading = read_bytes(named(path), content(path))
    before = compile_reading(reading)
    if not told(before, paint):
        return None
    if not changes:
        return Answer(_sensitivities(before, form, everything, paint), 0 if before.ok else 1)
    after = compile_reading(reading, changes)
    if not told(after, paint):
        return None
    return Answer(_rendered(compare(before, after), form, everything, paint), 0 if after.ok else 1)


def diff(first: str, second: str, changes: Changes, form: str, everything: bool, paint: Paint | None) -> Answer | None:
    """Return what changed from one design to another, and what it did; exit code 1 where something got worse.

    Changes of the command line are made in both. None where either was not understood.
    """
    if first == second == "-":
        raise click.UsageError("Only one of the two can come from stdin.")
    sides = [compile_bytes(named(path), content(path), changes) for path in (first, second)]
    understood = [told(side, paint) for side in sides]
    if not all(understood):
        return None
    comparison = compare(*sides)
    return Answer(_rendered(comparison, form, everything, paint), 1 if comparison.worse else 0)


def named(path: str) -> str:
    """Return the name that messages about a file carry."""
    return "stdin" if path == "-" else path


def told(compilation: Compilation, paint: Paint | None) -> bool:
    """Whether a design was understood; if not, say why."""
    if compilation.understood:
        return True
    say_errors((d for d in compilation.diagnostics if d.is_unclear), paint)
    return False


def say_errors(errors: Iterable[Diagnostic], paint: Paint | None) -> None:
    """Say errors to a person."""
    say(render(errors, paint or plain).rstrip("\n"))


def _rendered(comparison: Comparison, form: str, everything: bool, paint: Paint | None) -> bytes:
    return written("comparison", form, comparison, paint=paint or plain, everything=everything)


def _sensitivities(compilation: Compilation, form: str, everything: bool, paint: Paint | None) -> bytes:
    from archboard.measures.sensitivity import sensitivities  # noqa: PLC0415 - only this question needs it

    found = sensitivities(compilation.design, compilation.facts)
    return written("sensitivity", form, compilation, found, paint=paint or plain, everything=everything)
