"""`archboard new`: a shipped pattern under a new name, or three questions and a first design sized from them."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import click

from archboard.compilation import Compilation
from archboard.diagnostics import nearest
from archboard.faces.files import Trouble, write
from archboard.faces.messages import say
from archboard.records import record
from archboard.renderers.listing import Listing
from archboard.renderers.report.diagnostics import Paint, clean, plain, render
from archboard.renderers.tables import aligned
from archboard.sketch.answers import RATE, SLA, Wanted, read_rate, read_sla
from archboard.sketch.first import first_design
from archboard.sketch.patterns import ENDING, names, pattern, patterns, renamed
from archboard.words.verdicts import shown_value

_NAME = re.compile(r"[^\W\d](?:[\w-]*\w)?")


@record
class Place:
    """Where a new design goes, and what it is called there."""

    name: str
    path: Path


def place(wanted: str, force: bool) -> Place:
    """Return where a design of this name is written; refused where the name is none, or a file is there already."""
    path = Path(wanted)
    path = path if path.suffix == ENDING else path.with_name(f"{path.name}{ENDING}")
    name = path.name.removesuffix(ENDING)
    if not _NAME.fullmatch(name):
        better = re.sub(r"\W+", "_", name).strip("_").lstrip("0123456789_") or "mine"
        raise click.UsageError(
            f"A design cannot be called {name!r}: a name begins with a letter and holds letters, digits, _ and -."
            f" Would {better!r} do?"
        )
    if path.exists() and not force:
        raise Trouble(
            f"{path} is there already, and stays as it is", "choose another name, or write over it with --force"
        )
    return Place(name, path)


def listed(paint: Paint | None) -> Listing:
    """Return the patterns with a line each."""
    known = patterns()
    rows = [(one.name, one.title) for one in known]
    text = f"{aligned('patterns', rows, paint or plain)}\n\narchboard new NAME --from PATTERN\n"
    return Listing(text, [{"name": one.name, "title": one.title} for one in known])


def from_pattern(wanted: str, source: str, force: bool) -> Place:
    """Write a shipped design under a new name."""
    known = names()
    if source not in known:
        guess = nearest(source.removesuffix(ENDING), known)
        hint = f" Did you mean {guess!r}?" if guess else " `archboard new --list` says which there are."
        raise click.UsageError(f"There is no pattern {source!r}.{hint}")
    made = place(wanted, force)
    write(str(made.path), renamed(pattern(source), made.name).encode(), design=True)
    return made


def from_answers(
    wanted: str, problem: str | None, rate: str | None, sla: str | None, force: bool, paint: Paint | None
) -> bool:
    """Write a first design from three answers; those not given are asked for on a terminal. Return whether it holds."""
    made = place(wanted, force)
    answers = _asked(made.name, problem, rate, sla)
    text, compilation = first_design(made.name, answers)
    write(str(made.path), text.encode(), design=True)
    _say(made, compilation, paint or plain)
    return compilation.ok


def _asked(name: str, problem: str | None, rate: str | None, sla: str | None) -> Wanted:
    spoken = name.replace("_", " ").replace("-", " ")
    task = _answer("What is the problem, in a sentence?", problem, f"Answer every {spoken} request in time.", str)
    load = _answer("How much comes at the busiest time?", rate, RATE, _checked_rate)
    promises = _answer("What do you promise?", sla, SLA, _checked_sla)
    read = read_sla(promises)
    loaded = read_rate(load)
    assert not isinstance(read, str) and not isinstance(loaded, str), "checked as they were given"
    return Wanted(task, loaded, *read)


def _checked_rate(text: str) -> str:
    read = read_rate(text)
    if isinstance(read, str):
        raise click.BadParameter(_sentence(read), param_hint="--rate")
    return text


def _checked_sla(text: str) -> str:
    read = read_sla(text)
    if isinstance(read, str):
        raise click.BadParameter(_sentence(read), param_hint="--sla")
    return text


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _answer(question: str, given: str | None, usual: str, check: object) -> str:
    """Return an answer: the option's, else what is typed on a terminal, else the usual one."""
    assert callable(check)
    if given is not None:
        return str(check(given))
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return usual
    return str(click.prompt(question, default=usual, value_proc=lambda text: check(text), err=True))


def _say(made: Place, compilation: Compilation, paint: Paint) -> None:
    """Say what was written, what it comes to, and what does not hold yet."""
    errors = [d for d in compilation.diagnostics if d.is_error]
    say(f"{paint('✓', 'green') if not errors else paint('✗', 'red')} {made.path}")
    for verdict in compilation.facts.verdicts:
        mark = paint("✓", "green") if verdict.ok else paint("✗", "red") if verdict.ok is False else paint("?", "yellow")
        say(f"  {mark} {clean(verdict.promise.text)}: {shown_value(verdict)}")
    if errors:
        say(render(errors, paint).rstrip("\n"))
    say(f"next: archboard build {made.path}")
