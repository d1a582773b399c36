"""`archboard build`: everything of one design made in memory, then put in its place together."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from archboard.compilation import Compilation
from archboard.compiler import compile_reading, read_bytes
from archboard.design.changes import UNCHANGED, Changes
from archboard.faces.cache_folder import remembering
from archboard.faces.files import Trouble, content, write_all
from archboard.faces.messages import BACK, say, steerable
from archboard.faces.products import Look, everything
from archboard.renderers.report.diagnostics import clean, plain, render
from archboard.source import shown as shown_path
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
        say(render(errors, paint or plain).rstrip("\n"))
        if not force:
            say(f"\nnothing was written: {shown_path(path)} was not understood")
            return None
    return compilation


def build_one(
    path: str, output: Path, look: Look, force: bool, paint: Paint | None, changes: Changes, taken: dict[str, str]
) -> bool:
    """Build one design into output/NAME; return whether it holds. `taken` says whose the names of this run are."""
    started = time.monotonic()
    compilation = understood(path, force, paint, changes, weigh=True)
    if compilation is None:
        return False
    name = compilation.design.name
    if taken.setdefault(name, path) != path:
        hint = f"name one of them otherwise: `design {name}_2 …`"
        raise Trouble(f"{taken[name]} and {path} are both called {name}, and would share one folder", hint)
    folder = output / name
    made: dict[str, bytes] = {}
    terminal, shown = steerable(sys.stderr), False
    for name, make in everything(compilation, look):
        if time.monotonic() - started > PATIENCE and (terminal or not shown):
            place = shown_path(str(folder / name if terminal else folder))
            say(f"{BACK if terminal else ''}{place} …", nl=not terminal)
            shown = True
        made[name] = make()
    if terminal and shown:
        say(BACK, nl=False)
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
    say(f"{state} {shown_path(str(folder))}: {count} files; {counts}")
    for d in errors:
        say(f"  {paint(d.rule.code, 'red')} {clean(d.message)}")
