"""Every output of designs, as one digest each: what two environments, or two Pythons, must agree on.

The name of an output is the command that makes it, which runs here as a user runs it, but all in one process: who is
told that `draw designs/recsys.arch --step 3 --to svg` differs can run just that. The forms of a command are those that
it says it has: a new one is looked at from its first day. What many commands ask of one design is worked out once.

    python -m tests.outputs_digest numbers|board|everything [--processors 1] [--reversed] DESIGN... > digests.json
"""

from __future__ import annotations

import argparse
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import redirect_stderr
from hashlib import sha256
from pathlib import Path
from types import ModuleType
from typing import Any

from archboard import compiler, questions
from archboard.faces import cli, commands, products
from archboard.faces.options import Form
from archboard.renderers import formats

Words = tuple[str, ...]
STEPS = range(1, 7)


def forms(command: str, option: str = "form") -> list[str]:
    """Return the forms that a command says it has."""
    kind = next(each.type for each in commands.app.commands[command].params if each.name == option)
    return list(formats(kind.artefact)) if isinstance(kind, Form) else list(kind.choices)  # type: ignore[attr-defined]


def numbers(design: str) -> Iterator[Words]:
    """Yield what all else is made of: the facts with their workings, the whole board, the script's lines."""
    yield "check", design, "--format", "json"
    yield "draw", design, "--to", "svg"
    yield "script", design, "--to", "json"
    yield "explain", design


def board(design: str) -> Iterator[Words]:
    """Yield what an order or a clock would show in first: every report, every step of the board, every script."""
    for form in forms("check"):
        yield "check", design, "--format", form
    for step in STEPS:
        yield "draw", design, "--step", str(step), "--to", "svg"
    for form in forms("script"):
        yield "script", design, "--to", form
    yield "explain", design


def everything(design: str) -> Iterator[Words]:
    """Yield all that can be made of one design; a picture of many points is made small."""
    yield from board(design)
    yield "build", design, "--scale", "0.25"
    for style in forms("draw", "style"):
        for theme in forms("draw", "theme"):
            yield "draw", design, "--style", style, "--theme", theme, "--focus", "--step", "5", "--to", "svg"
    yield "draw", design, "--to", "pdf", "--theme", "dark"
    for style in forms("script", "style"):
        yield "script", design, "--style", style, "--minutes", "3"
    for form in forms("questions"):
        yield "questions", design, "--to", form
    for form in forms("sheet"):
        yield "sheet", design, "--to", form
    yield "whatif", design, "--all", "--format", "json"


def of_all() -> Iterator[Words]:
    """Yield what is made of several designs together, of none, or of one asked many times."""
    recsys, shop, folder = "designs/recsys.arch", "designs/retraining.arch", "tests/designs"
    yield "check", folder, "--format", "json"
    yield "gallery", folder, "-o", "-"
    for form in forms("diff"):
        yield "diff", recsys, shop, "--all", "--format", form
        yield "whatif", recsys, "--set", "redis.hit=0%", "--format", form
        yield "whatif", recsys, "--format", form
    for form in forms("sweep"):
        yield "sweep", recsys, "--over", "web.rate=1k..50k rps", "--steps", "5", "--to", form, "--scale", "0.5"
    for form in forms("solve"):
        yield "solve", recsys, "--for", "ranker.replicas", "--format", form
    for form in forms("sheet"):
        yield "sheet", "--to", form
    for command in ("kinds", "codes", "formulas"):
        for form in forms(command):
            yield command, "--format", form


def remember(module: ModuleType, name: str) -> None:
    """Let a function answer once what it is asked several times in a row: many commands ask the same of one design."""
    function, last = getattr(module, name), list[Any]()

    def same(given: tuple[Any, ...]) -> bool:
        return len(last[0]) == len(given) and all(a is b or a == b for a, b in zip(last[0], given, strict=True))

    def ask(*given: Any) -> Any:
        if not last or not same(given):
            last[:] = [given, function(*given)]
        return last[1]

    setattr(module, name, ask)


def run(words: Words) -> tuple[int, bytes]:
    """Run a command, and return its exit code and what it wrote to stdout."""
    out, before = io.TextIOWrapper(io.BytesIO(), "utf-8"), (sys.argv, sys.stdout)
    sys.argv, sys.stdout = ["archboard", *words], out
    try:
        with redirect_stderr(io.StringIO()):
            cli.main()
    except SystemExit as stop:
        out.flush()
        return int(stop.code or 0), out.buffer.getvalue()  # type: ignore[attr-defined]
    finally:
        sys.argv, sys.stdout = before
    raise AssertionError("a command line ends")


def made(words: Words) -> Iterator[tuple[str, bytes]]:
    """Yield each output of a command by its name."""
    name = " ".join(words)
    if words[0] != "build":
        code, output = run(words)
        assert code in (0, 1), f"{name} left with {code}"
        yield name, output
        return
    with tempfile.TemporaryDirectory() as folder:
        code, _ = run((*words, "-o", folder))
        assert code in (0, 1), f"{name} left with {code}"
        for path in sorted(Path(folder).rglob("*")):
            if path.is_file():
                yield f"{name}: {path.name}", path.read_bytes()


SCOPES = {"numbers": numbers, "board": board, "everything": everything}


def asked(scope: str, designs: list[str]) -> Iterator[Words]:
    """Yield the commands of a scope, one design after the other."""
    for design in designs:
        yield from SCOPES[scope](design)
    if scope == "everything":
        yield from of_all()


def main() -> None:
    """Print the digests of what was asked for."""
    parser = argparse.ArgumentParser()
    parser.add_argument("scope", choices=list(SCOPES))
    parser.add_argument("designs", nargs="+")
    parser.add_argument("--processors", type=int, help="so many of this machine's; all of them unless given")
    parser.add_argument("--reversed", action="store_true", help="the last design first")
    given = parser.parse_args()
    if given.processors and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: given.processors])
        os.cpu_count = lambda: given.processors  # it counts the machine's, not those that one may use
    asked_often = (
        (compiler, "compile_bytes"),
        (compiler, "read_bytes"),
        (questions, "interview"),
        (products, "scenes"),
    )
    for module, name in asked_often:
        remember(module, name)
    digests = {}
    for words in asked(given.scope, given.designs[:: -1 if given.reversed else 1]):
        digests.update((name, sha256(output).hexdigest()) for name, output in made(words))
    json.dump(digests, sys.stdout, indent=0, sort_keys=True)


if __name__ == "__main__":
    main()
