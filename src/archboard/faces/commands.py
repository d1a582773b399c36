"""The commands, in the order in which a person meets them. Whatever a command alone needs is imported inside it."""

from __future__ import annotations

import sys
from contextlib import suppress
from pathlib import Path

import click

from archboard import __version__
from archboard.design.changes import Changes
from archboard.diagnostics import nearest
from archboard.faces import asking, library
from archboard.faces.changes import changed
from archboard.faces.colour import colour
from archboard.faces.files import designs, write
from archboard.faces.messages import say
from archboard.faces.options import form_of, one_file, output, scale, shape, style, theme, to
from archboard.renderers import written
from archboard.source import shown


class Commands(click.Group):
    """A group that answers a wrong command with the nearest right one."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find a command, or say which was probably meant."""
        if args and not args[0].startswith("-") and self.get_command(ctx, args[0]) is None:
            guess = nearest(args[0], self.list_commands(ctx))
            hint = f" Did you mean {guess!r}?" if guess else ""
            raise click.UsageError(f"No such command {args[0]!r}.{hint}", ctx)
        return super().resolve_command(ctx, args)


@click.group(
    cls=Commands,
    context_settings={
        "help_option_names": ["-h", "--help"],
        "max_content_width": 100,
    },
)
@click.version_option(__version__, prog_name="archboard")
def app() -> None:
    """Draw a system in six steps, hold its numbers against its promises, and say it aloud."""


files = click.argument("paths", nargs=-1, required=True, metavar="FILE...")
force = click.option("--force", is_flag=True, help="Go on with what was understood of a design with errors.")


@app.command()
@files
@shape("report", of="report")
@click.option("--strict", is_flag=True, help="Warnings count as findings too.")
@changed
def check(paths: tuple[str, ...], form: str, strict: bool, changes: Changes) -> None:
    """Compute and judge designs; a folder means every .arch file below it."""
    from archboard.faces.checking import checked  # noqa: PLC0415 - keeps other commands quick

    sys.exit(checked(paths, form, changes, strict=strict))


@app.command()
@files
@click.option("--output", "-o", default="output", show_default=True, help="The folder that gets one folder per design.")
@force
@style
@theme
@scale
@changed
def build(
    paths: tuple[str, ...], output: str, force: bool, style: str, theme: str, scale: float, changes: Changes
) -> None:
    """Make everything of a design: six pictures, the report, the walkthrough."""
    from archboard.faces.building import build_one  # noqa: PLC0415 - keeps other commands quick
    from archboard.faces.products import Look  # noqa: PLC0415 - keeps other commands quick

    failed = False
    taken: dict[str, str] = {}
    for path in designs(paths):
        failed |= not build_one(path, Path(output), Look(style, theme, scale), force, colour(), changes, taken)
    sys.exit(1 if failed else 0)


@app.command()
@one_file
@output("picture")
@to("picture")
@click.option("--step", type=click.IntRange(1, 6), default=6, show_default=True, help="The step to draw.")
@click.option("--focus", is_flag=True, help="Dim what earlier steps have drawn.")
@force
@style
@theme
@scale
@changed
def draw(
    path: str, output: str, form: str | None, step: int, focus: bool, force: bool, style: str, theme: str,
    scale: float, changes: Changes,
) -> None:  # fmt: skip
    """Draw one picture of a design."""
    from archboard.faces.building import understood  # noqa: PLC0415 - keeps other commands quick
    from archboard.faces.products import Look, picture, scenes  # noqa: PLC0415 - keeps other commands quick

    form = form or form_of(output, "picture")
    compilation = understood(path, force, colour(), changes)
    if compilation is None:
        sys.exit(1)
    look = Look(style, theme, scale, focus)
    write(output, picture(scenes(compilation, look)[step - 1], form, look))
    sys.exit(0 if compilation.ok else 1)


@app.command()
@one_file
@output("script")
@to("script")
@click.option(
    "--minutes", type=click.FloatRange(0.5, 240), help="Fit it to this time; the least important facts go first."
)
@click.option(
    "--style", type=click.Choice(["interview", "review", "executive"]), default="interview", help="Who listens."
)
@force
@changed
def script(
    path: str, output: str, form: str | None, minutes: float | None, style: str, force: bool, changes: Changes
) -> None:
    """Write the walkthrough to speak."""
    from archboard.faces import products  # noqa: PLC0415 - keeps other commands quick
    from archboard.faces.building import understood  # noqa: PLC0415 - keeps other commands quick

    form = form or form_of(output, "script")
    compilation = understood(path, force, colour(), changes, weigh=form == "html")
    if compilation is None:
        sys.exit(1)
    spoken = products.script(compilation, minutes, style)
    write(output, products.told(spoken, form, compilation, products.Look()))
    sys.exit(0 if compilation.ok else 1)


@app.command()
@click.argument("what", nargs=-1, required=True, metavar="CODE | FILE [PATH]")
@changed
def explain(what: tuple[str, ...], changes: Changes) -> None:
    """Explain a code (AB401), or a number of a design with its whole working (FILE ranker.utilisation)."""
    from archboard.faces.explaining import explain_code, explain_fact  # noqa: PLC0415 - keeps other commands quick

    if len(what) == 1 and not what[0].endswith(".arch") and what[0] != "-":
        if changes:
            raise click.UsageError("--set changes a design: name one, such as `explain FILE ranker.utilisation`.")
        write("-", explain_code(what[0]).encode())
    elif len(what) <= 2:
        found = explain_fact(what[0], what[1] if len(what) == 2 else "", changes, colour())
        if found is None:
            sys.exit(1)
        write("-", found.encode())
    else:
        raise click.UsageError("Explain one code, or one file and one path in it.")


@app.command()
@click.argument("name", required=False)
@click.option("--models", "table", flag_value="models", help="List the language models that `runs` may name.")
@click.option("--gpus", "table", flag_value="gpus", help="List the GPUs that `gpu` may name.")
@shape("list", of="list")
def kinds(name: str | None, table: str | None, form: str) -> None:
    """List the kinds of components and their settings, or one of them; language models and GPUs with their sources."""
    from archboard.faces.explaining import list_kinds  # noqa: PLC0415 - keeps other commands quick
    from archboard.faces.tables import list_gpus, list_models  # noqa: PLC0415 - keeps other commands quick

    if table is not None and name is not None:
        raise click.UsageError(f"--{table} lists a table of its own: leave {name!r} out.")
    listed = list_models() if table == "models" else list_gpus() if table == "gpus" else list_kinds(name)
    write("-", written("list", form, listed))


@app.command()
@shape("list", of="list")
def codes(form: str) -> None:
    """List everything archboard can object to."""
    from archboard.faces.explaining import list_codes  # noqa: PLC0415 - keeps other commands quick

    write("-", written("list", form, list_codes()))


@app.command()
@click.argument("path", required=False, metavar="[FILE]")
@output("sheet")
@to("sheet")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True, help="The paper.")
@force
@changed
def sheet(path: str | None, output: str, form: str | None, paper: str, force: bool, changes: Changes) -> None:
    """Put a design on one page to print: board, budget, formulas with its numbers. Without a file, the formulas."""
    from archboard.faces.building import understood  # noqa: PLC0415 - keeps other commands quick
    from archboard.faces.sheets import sheet as page  # noqa: PLC0415 - keeps other commands quick

    form = form or form_of(output, "sheet")
    if path is None:
        if changes:
            raise click.UsageError("--set changes a design: name one, `archboard sheet FILE`.")
        write(output, page(None, form, paper))
        return
    compilation = understood(path, force, colour(), changes, weigh=True)
    if compilation is None:
        sys.exit(1)
    write(output, page(compilation, form, paper))
    sys.exit(0 if compilation.ok else 1)


@app.command()
@click.argument("name", required=False)
@click.argument("words", nargs=-1, metavar="[KEY=VALUE]...")
@shape("list", of="answer")
def calc(name: str | None, words: tuple[str, ...], form: str) -> None:
    """Work out a formula of the cheat sheet: calc little rate=10k rps latency=50ms; without a name, list them."""
    from archboard.faces.calculating import calculate, list_formulas  # noqa: PLC0415 - keeps other commands quick

    if name is None:
        write("-", written("list", form, list_formulas(None)))
        return
    found = calculate(name, words)
    write("-", written("list", form, found.answer))
    if found.trouble:
        say(f"archboard: {found.trouble}")
        sys.exit(1)


@app.command()
@click.argument("name", required=False)
@shape("list", of="list")
def formulas(name: str | None, form: str) -> None:
    """List the formulas of the cheat sheet, or say all of one."""
    from archboard.faces.calculating import list_formulas  # noqa: PLC0415 - keeps other commands quick

    write("-", written("list", form, list_formulas(name)))


def _twins() -> None:
    """Name each option's twin in the environment after its flag: `--set` of `check` is ARCHBOARD_CHECK_SET."""
    for name, command in app.commands.items():
        for option in command.params:
            if isinstance(option, click.Option):
                flag = max(option.opts, key=len).lstrip("-").replace("-", "_")
                option.envvar = f"ARCHBOARD_{name}_{flag}".upper()


for _command in (*library.COMMANDS, *asking.COMMANDS):
    app.add_command(_command)
_twins()


def run() -> int:
    """Run the command that was typed; return its exit code."""
    try:
        status = app.main(standalone_mode=False)
    except click.exceptions.Exit as stop:
        return stop.exit_code
    except click.Abort:
        raise KeyboardInterrupt from None
    except click.ClickException as error:
        return _misused(error)
    return status if isinstance(status, int) else 0


def _misused(error: click.ClickException) -> int:
    """Say how a command is used, with what was typed made harmless; return the exit code."""
    vars(error)["message"] = shown(error.message)
    if sys.stderr is not None:
        with suppress(OSError, ValueError):
            error.show()
    return 2
