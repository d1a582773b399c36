"""What several commands take alike: a file, the look of a picture, and the form that a file's name asks for."""

from __future__ import annotations

from pathlib import Path

import click

from archboard.diagnostics import nearest

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


def form_of(output: str, known: tuple[str, ...], usual: str) -> str:
    """Return the form that a file's name asks for."""
    ending = Path(output).suffix.lower().removeprefix(".")
    if output == "-" or not ending or (Path(output).exists() and not Path(output).is_file()):
        return usual
    ending = {"markdown": "md", "htm": "html"}.get(ending, ending)
    if ending in known:
        return ending
    guess = nearest(ending, known)
    listed = ", ".join(f".{name}" for name in known)
    hint = f" Did you mean .{guess}?" if guess else ""
    raise click.UsageError(f"{output}: the ending says which form, and .{ending} is none of {listed}.{hint}")
