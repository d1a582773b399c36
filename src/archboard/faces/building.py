"""`archboard build`: everything of one design made in memory, then put in its place together."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

import click

from archboard.compilation import Compilation
from archboard.compiler import compile_reading, read_bytes
from archboard.design.changes import UNCHANGED, Changes
from archboard.faces.cache_folder import remembering
from archboard.faces.files import content, write_all
from archboard.faces.products import Look, everything
from archboard.renderers.report.diagnostics import plain, render
from archboard.worth import weighed

Paint = Callable[[str, str], str]
PATIENCE = 1.0
"""Seconds of work after which progress is shown."""


def understood(
    path: str, force: bool, paint: Paint | None, changes: Changes = UNCHANGED, *, weigh: bool = False
) -> Compilation | None:
    """Compile a design; where it was not understood, say why and return None unless forced.

    `weigh` tries what its verdicts hang on.
    """
    with remembering(path) as transforms:
        reading = read_bytes("stdin" if path == "-" else path, content(path), transforms)
        compilation = compile_reading(reading, changes)
        if weigh:
            compilation = weighed(reading, compilation, changes)
    wanted = compilation.diagnostics if not compilation.understood else ()
    errors = [d for d in wanted if d.is_unclear]
    if errors:
        click.echo(render(errors, paint or plain).rstrip("\n"), err=True)
        if not force:
            click.echo(f"\n{path} was not understood, and nothing was written", err=True)
            return None
    return compilation


def build_one(
    path: str, output: Path, look: Look, force: bool, paint: Paint | None, changes: Changes = UNCHANGED
) -> bool:
    """Build one design into output/NAME; return whether it holds."""
    started = time.monotonic()
    compilation = understood(path, force, paint, changes, weigh=True)
    if compilation is None:
        return False
    folder = output / compilation.design.name
    made: dict[str, bytes] = {}
    terminal, shown = sys.stderr.isatty(), False
    for name, make in everything(compilation, look):
        if time.monotonic() - started > PATIENCE and (terminal or not shown):
            click.echo(f"\r\033[K{folder / name} …" if terminal else f"{folder} …", err=True, nl=not terminal)
            shown = True
        made[name] = make()
    if terminal and shown:
        click.echo("\r\033[K", err=True, nl=False)
    write_all(folder, made)
    _summary(compilation, folder, len(made), paint or plain)
    holds: bool = compilation.ok
    return holds


def _summary(compilation: Compilation, folder: Path, count: int, paint: Paint) -> None:
    """Say in two lines what was made and what does not hold; the report has the rest."""
    errors = [d for d in compilation.diagnostics if d.is_error]
    warnings = len(compilation.diagnostics) - len(errors)
    state = paint("✓", "green") if not errors else paint("✗", "red")
    counts = f"{len(errors)} error{'' if len(errors) == 1 else 's'}, {warnings} warning{'' if warnings == 1 else 's'}"
    click.echo(f"{state} {folder}: {count} files; {counts}", err=True)
    for d in errors:
        click.echo(f"  {paint(d.rule.code, 'red')} {d.message}", err=True)
