"""`archboard solve`: the value of one setting at which the promises just hold."""

from __future__ import annotations

from collections.abc import Callable

import click

from archboard.compilation import Compilation
from archboard.compiler import compile_reading, read_bytes
from archboard.design.changes import Changes
from archboard.design.dials import dial_of
from archboard.design.ranges import read_range
from archboard.diagnostics import Diagnostic, nearest
from archboard.faces.comparing import Answer, Paint, named, say_errors, told
from archboard.faces.files import content
from archboard.faces.progress import Progress
from archboard.renderers import written
from archboard.renderers.report.diagnostics import plain
from archboard.whatif.solve import Trials, solve


def solved(
    path: str, what: str, promise: str | None, between: str | None, changes: Changes, form: str, paint: Paint | None
) -> Answer | None:
    """Return at which values of a setting the promises hold; exit code 1 where none does.

    None where the design, its changes or the path were not understood: why was said.
    """
    reading = read_bytes(named(path), content(path))
    compilation = compile_reading(reading, changes, scenarios=False)
    if not told(compilation, paint):
        return None
    dial = dial_of(reading.plan, compilation.design, what, "--for")
    if isinstance(dial, Diagnostic):
        say_errors((dial,), paint)
        return None
    ends = None if between is None else read_range(dial, between, "--between")
    if isinstance(ends, Diagnostic):
        say_errors((ends,), paint)
        return None
    trials = Trials(reading, changes, dial, _promise(compilation, promise))
    with Progress(f"trying {what}") as progress:
        trials.tick = progress.step
        found = solve(trials, ends)
    answer = written("solution", form, found, paint=paint or plain, path=named(path))
    return Answer(answer, 0 if found.stretches else 1)


def _promise(compilation: Compilation, wanted: str | None) -> int | None:
    """Return the place of the promise that is meant: by its number from 1, its text, or its metric."""
    verdicts = compilation.facts.verdicts
    if not verdicts:
        raise click.UsageError(f"{compilation.source.path} promises nothing: write `sla: p99 < 50ms` into it.")
    if wanted is None:
        return None
    names = [f"{v.flow}: {v.promise.text}" for v in verdicts]
    if wanted.isdecimal():
        if 1 <= int(wanted) <= len(names):
            return int(wanted) - 1
        raise click.UsageError(f"There is no promise {wanted}: {_listed(names)}.")
    key = _bare(wanted)
    ways: tuple[Callable[[int], str], ...] = (
        lambda i: names[i],
        lambda i: verdicts[i].promise.text,
        lambda i: f"{verdicts[i].flow}.{verdicts[i].promise.metric}",
        lambda i: verdicts[i].promise.metric,
    )
    for name in ways:
        meant = [i for i in range(len(verdicts)) if _bare(name(i)) == key]
        if len(meant) == 1:
            return meant[0]
        if meant:
            raise click.UsageError(f"{wanted!r} could be several: {_listed(names)}.")
    guess = nearest(wanted, [v.promise.text for v in verdicts] + [v.promise.metric for v in verdicts])
    hint = f" Did you mean {guess!r}?" if guess else f" There is {_listed(names)}."
    raise click.UsageError(f"{wanted!r} is not promised.{hint}")


def _bare(text: str) -> str:
    return "".join(text.split()).casefold()


def _listed(names: list[str]) -> str:
    shown = [f"{place} {name.removeprefix('main: ')}" for place, name in enumerate(names, 1)]
    return ", ".join(shown[:12]) + (" …" if len(shown) > 12 else "")
