"""The commands around many designs: `new` begins one, `questions` asks one, `gallery` shows a folder of them."""

from __future__ import annotations

import sys

import click

from archboard.design.changes import Changes
from archboard.faces.changes import changed
from archboard.faces.colour import colour
from archboard.faces.files import write
from archboard.faces.messages import say
from archboard.faces.options import form_of, one_file, output, shape, to
from archboard.renderers import written


@click.command()
@click.argument("name", required=False)
@click.option(
    "--from", "source", metavar="PATTERN", help="The shipped design to begin with; without it, three questions."
)
@click.option("--list", "listing", is_flag=True, help="List the patterns, a line each.")
@click.option("--problem", metavar="TEXT", help="What is asked, in a sentence.")
@click.option("--rate", metavar="RATE", help="What comes at the busiest time: 10k rps.")
@click.option("--sla", metavar="PROMISES", help="What is promised: p99 < 50ms, availability >= 99.9%.")
@click.option("--force", is_flag=True, help="Write over a file that is there already.")
@shape("list", of="list")
def new(
    name: str | None, source: str | None, listing: bool, problem: str | None, rate: str | None, sla: str | None,
    force: bool, form: str,
) -> None:  # fmt: skip
    """Begin a design: a pattern of the shipped ones, or a first one sized from problem, load and SLA."""
    from archboard.faces import starting  # noqa: PLC0415 - keeps other commands quick

    if listing or (name is None and source is None):
        write("-", written("list", form, starting.listed(colour())))
        return
    if name is None:
        raise click.UsageError("Say what the new design is called: `archboard new NAME --from PATTERN`.")
    if source is not None:
        if any(answer is not None for answer in (problem, rate, sla)):
            raise click.UsageError(
                "A pattern has its own problem, load and promises: leave --problem, --rate and --sla out."
            )
        made = starting.from_pattern(name, source, force)
        say(f"{made.path} is {source} under its new name; next: archboard build {made.path}")
        return
    sys.exit(0 if starting.from_answers(name, problem, rate, sla, force, colour()) else 1)


@click.command()
@one_file
@output("questions")
@to("questions")
@changed
def questions(path: str, output: str, form: str | None, changes: Changes) -> None:
    """Ask what an interviewer would, and answer each question by a what-if that is run."""
    from archboard.faces.interviewing import interviewed  # noqa: PLC0415 - keeps other commands quick

    form = form or form_of(output, "questions")
    answer = interviewed(path, changes, form, colour() if output == "-" else None)
    if answer is not None:
        write(output, answer.output)
    sys.exit(1 if answer is None else answer.code)


@click.command()
@click.argument("folder", default="designs")
@output("gallery", default="output/gallery/index.html")
@click.option(
    "--built", default=None, metavar="FOLDER", help="Where `build` wrote to; the folder above the page's unless given."
)
def gallery(folder: str, output: str, built: str | None) -> None:
    """Show all designs of a folder on one page: boards, promises with their verdicts, links to what was built."""
    from archboard.faces.gallery import exhibit  # noqa: PLC0415 - keeps other commands quick

    sys.exit(0 if exhibit(folder, output, form_of(output, "gallery"), built) else 1)


COMMANDS: tuple[click.Command, ...] = (new, questions, gallery)
