"""What several commands take alike: a file, the look of a picture, and the form that a file's name asks for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from archboard.diagnostics import nearest
from archboard.renderers import FORMATS, formats, meant

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

Decorator = Callable[[Any], Any]
one_file = click.argument("path", metavar="FILE")
style = click.option(
    "--style", type=click.Choice(["whiteboard", "clean"]), default="whiteboard", help="How lines are drawn."
)
theme = click.option(
    "--theme", type=click.Choice(["light", "dark", "auto"]), default="light", help="Colours; auto follows the viewer."
)
scale = click.option(
    "--scale", type=click.FloatRange(0.1, 8), default=2.0, show_default=True, help="Pixels per unit in a PNG."
)


class Form(click.types.StringParamType):
    """The name of a format of an artefact, or an ending that means it; a wrong one is answered with the nearest."""

    name = "form"

    def __init__(self, artefact: str) -> None:
        self.artefact = artefact

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name of a format there is."""
        row = meant(str(value), self.artefact)
        if row is None:
            known = [word for each in formats(self.artefact).values() for word in (each.name, *each.endings)]
            hint = _instead(str(value), known)
            self.fail(f"{str(value)!r} is none of {', '.join(formats(self.artefact))}.{hint}", param, ctx)
        return row.name

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        """Return the names that begin so."""
        from click.shell_completion import CompletionItem  # late: only a shell asks  # noqa: PLC0415

        return [CompletionItem(name) for name in formats(self.artefact) if name.startswith(incomplete.lower())]


def shape(artefact: str, *, of: str) -> Decorator:
    """Return the option `--format`, of an artefact that goes to stdout."""
    usual = next(iter(formats(artefact)))
    return click.option(
        "--format", "form", type=Form(artefact), default=usual, metavar=_choice(artefact), help=f"The form of the {of}."
    )


def to(artefact: str) -> Decorator:
    """Return the option `--to`, of an artefact whose form the name of its file says too."""
    about = "The form; by the name of the file unless given."
    return click.option("--to", "form", type=Form(artefact), metavar=_choice(artefact), help=about)


def output(artefact: str, default: str = "-") -> Decorator:
    """Return the option `--output`, with the endings that it knows."""
    about = f"Where to: {', '.join(f'x{ending}' for ending in _endings(artefact))}, or - for stdout."
    return click.option("--output", "-o", default=default, show_default=default != "-", help=about)


def form_of(path: str, artefact: str) -> str:
    """Return the form that a file's name asks for."""
    ending = Path(path).suffix.lower().removeprefix(".")
    if path == "-" or not ending or (Path(path).exists() and not Path(path).is_file()):
        return next(iter(formats(artefact)))
    for row in formats(artefact).values():
        if ending in row.endings:
            return row.name
    hint = _instead(f".{ending}", [f".{each}" for row in formats(artefact).values() for each in row.endings])
    listed = ", ".join(_endings(artefact))
    raise click.UsageError(f"{path}: the ending says which form, and .{ending} is none of {listed}.{hint}")


def _choice(artefact: str) -> str:
    return f"[{'|'.join(formats(artefact))}]"


def _endings(artefact: str) -> list[str]:
    return [f".{row.endings[0]}" for row in formats(artefact).values() if row.endings]


def _instead(word: str, known: list[str]) -> str:
    """Return which format was probably meant, else of what there is one of that name."""
    guess = nearest(word, known)
    if guess is not None:
        return f" Did you mean {guess if guess.startswith('.') else repr(guess)}?"
    key = word.lower().removeprefix(".")
    others = [row.artefact for row in FORMATS if key in (row.name, *row.endings)]
    return f" That is a form of a {others[0]}." if others else ""
