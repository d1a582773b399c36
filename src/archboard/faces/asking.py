"""The commands that ask what if: `whatif`, `solve`, `sweep` and `diff`, as the command line takes them."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from archboard.design.changes import Changes
from archboard.faces.changes import Range, changed
from archboard.faces.colour import colour
from archboard.faces.files import write
from archboard.faces.options import form_of, one_file, output, scale, shape, style, theme, to

if TYPE_CHECKING:
    from archboard.faces.comparing import Answer

sides = shape("comparison", of="answer")
every = click.option("--all", "everything", is_flag=True, help="List every number, not only the foremost.")


@click.command()
@one_file
@changed
@sides
@every
def whatif(path: str, changes: Changes, form: str, everything: bool) -> None:
    """Show a design before and after --set, side by side; without it, what its numbers hang on."""
    from archboard.faces.comparing import whatif as ask  # noqa: PLC0415 - keeps other commands quick

    _answer(ask(path, changes, form, everything, colour()))


@click.command()
@one_file
@click.option("--for", "what", required=True, metavar="PATH", help="The setting to solve for, such as redis.hit.")
@click.option("--promise", metavar="TEXT|NUMBER", help="The promise to hold: p99, or its number; all unless given.")
@click.option("--between", metavar="A..B", help="Where to look; everywhere unless given.")
@shape("solution", of="answer")
@changed
def solve(path: str, what: str, promise: str | None, between: str | None, form: str, changes: Changes) -> None:
    """Find the value of one setting at which the promises just hold."""
    from archboard.faces.solving import solved  # noqa: PLC0415 - keeps other commands quick

    _answer(solved(path, what, promise, between, changes, form, colour()))


@click.command()
@one_file
@click.option(
    "--over", type=Range(), multiple=True, required=True, metavar="PATH=A..B",
    help="A setting and its range; one or two.",
)
@click.option("--steps", type=click.IntRange(2, 1000), help="Values of each; 21 of one setting, 9 of each of two.")
@click.option("--log", "logarithmic", is_flag=True, help="Equal ratios from value to value, not equal differences.")
@click.option("--of", multiple=True, metavar="METRIC", help="What to record, such as p99 or ranker.utilisation.")
@output("sweep")
@to("sweep")
@click.option("--workers", type=click.IntRange(1, 256), help="Processes; as many as there are cores unless given.")
@click.option("--dask", metavar="ADDRESS", help="Work on a Dask cluster: tcp://HOST:8786.")
@style
@theme
@scale
@changed
def sweep(
    path: str, over: tuple[str, ...], steps: int | None, logarithmic: bool, of: tuple[str, ...], output: str,
    form: str | None, workers: int | None, dask: str | None, style: str, theme: str, scale: float, changes: Changes,
) -> None:  # fmt: skip
    """Try one or two settings over a grid: a table, CSV, JSON, or a chart."""
    from archboard.faces.products import Look  # noqa: PLC0415 - keeps other commands quick
    from archboard.faces.sweeping import Asked, rendered, swept  # noqa: PLC0415 - keeps other commands quick

    form = form or form_of(output, "sweep")
    found = swept(path, Asked(over, steps, logarithmic, of, workers, dask), changes, colour())
    if found is None:
        sys.exit(1)
    write(output, rendered(found, form, path, Look(style, theme, scale), colour() if output == "-" else None))


@click.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@changed
@sides
@every
def diff(first: str, second: str, changes: Changes, form: str, everything: bool) -> None:
    """Show what changed from design A to design B, and what it did to each promise; exit 1 where one got worse."""
    from archboard.faces.comparing import diff as ask  # noqa: PLC0415 - keeps other commands quick

    _answer(ask(first, second, changes, form, everything, colour()))


def _answer(answer: Answer | None) -> None:
    """Write what came of a question; none where a design was not understood."""
    if answer is not None:
        write("-", answer.output)
    sys.exit(1 if answer is None else answer.code)


COMMANDS: tuple[click.Command, ...] = (whatif, solve, sweep, diff)
