"""All that archboard makes of one file, run in a child process, and what is wrong with any of it.

Every command is a stage: the reports in their forms, the six steps as SVG, the walkthrough in its forms, the questions,
the sheet. A stage is wrong where it raises, takes longer than its CPU seconds or more memory than a laptop spares,
writes JSON that a strict reader refuses, or says a number that is none.
"""

from __future__ import annotations

import json
import os
import pickle
import re
import resource
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType
from typing import Any, NoReturn

from archboard.board.scenes import stage
from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading, read_bytes
from archboard.design.changes import UNCHANGED
from archboard.questions import interview
from archboard.renderers import formats
from archboard.renderers.pictures.svg import render_svg
from archboard.renderers.report.diagnostics import plain
from archboard.renderers.sheet.contents import contents
from archboard.renderers.sheet.layout import lay_out
from archboard.renderers.sheet.pictures import pictures
from archboard.script.walkthrough import narrate
from archboard.words.conditions import promises_held_by
from archboard.worth import weighed

SECONDS = 5.0
"""CPU time of a check, a drawing, a walkthrough."""
LONGER = 10.0
"""CPU time of the questions and the sheet, which run and draw many what-ifs, of a design of up to `MANY` components."""
MANY, LONGEST = 300, 30.0
"""CPU time of those of a larger design."""
MEMORY = 500_000_000
"""Bytes that a process may take."""
NO_NUMBER = re.compile(r"(?<![\w\"'`-])([-+−]?(?:∞|inf(?:inity)?|nan))(?![\w'-])", re.IGNORECASE)
MARKUP = re.compile(r"<(style|script)\b.*?</\1>", re.DOTALL)


@dataclass(frozen=True)
class Finding:
    """Something wrong: in which stage, of which kind (`raises`, `slow`, `json`, `no number`, `memory`, `died`), where.

    Two findings are the same mistake where `way` is equal; `words` tell a reader more.
    """

    stage: str
    kind: str
    where: str
    words: str

    @property
    def way(self) -> tuple[str, str]:
        """What two findings of one mistake share."""
        return self.kind, self.where

    def __str__(self) -> str:
        return f"{self.stage}: {self.kind} in {self.where}: {self.words}"


Stage = tuple[str, float, Callable[[], object]]


def stages(content: bytes) -> Iterator[Stage]:
    """Yield every stage of a file with its patience; a stage gives the text that it writes, if it writes any."""
    made: dict[str, Any] = {}

    def checked() -> None:
        made["reading"] = reading = read_bytes("fuzz.arch", content)
        made["compilation"] = weighed(reading, compile_reading(reading, UNCHANGED), UNCHANGED)
        for found in made["compilation"].diagnostics:
            assert 0 <= found.span.start <= found.span.end <= len(found.span.source.text), found
            assert found.message and found.help, found

    yield "check", SECONDS, checked
    compilation: Compilation = made["compilation"]
    yield from _reports(compilation)
    if compilation.understood:
        yield from _pictures(compilation)
        yield from _asked(compilation, made["reading"])


def _reports(compilation: Compilation) -> Iterator[Stage]:
    for name, form in formats("report").items():
        yield f"check --format {name}", SECONDS, lambda form=form: form.write([form.of_one(compilation, paint=plain)])


def _pictures(compilation: Compilation) -> Iterator[Stage]:
    made: dict[str, Any] = {}

    def drawn() -> str:
        made["boards"] = [render_svg(scene) for scene in stage(compilation.design, compilation.facts)]
        return "\n".join(made["boards"])

    def told() -> None:
        made["script"] = narrate(compilation.design, compilation.facts, compilation.scenarios)

    yield "draw", SECONDS, drawn
    yield "script", SECONDS, told
    wishes = {"boards": made["boards"], "holds": promises_held_by(compilation.facts)}
    for name, form in formats("script").items():
        yield f"script --to {name}", SECONDS, lambda form=form: form.write(made["script"], **wishes)


def _asked(compilation: Compilation, reading: Reading) -> Iterator[Stage]:
    made: dict[str, Any] = {}

    def asked() -> None:
        made["found"] = interview(reading, UNCHANGED)

    def laid_out() -> None:
        made["sheet"] = lay_out(contents(compilation), pictures(compilation), "a4")

    longer = LONGER if len(compilation.design.components) <= MANY else LONGEST
    yield "questions", longer, asked
    for name, form in formats("questions").items():
        yield f"questions --to {name}", SECONDS, lambda form=form: form.write(made["found"], paint=plain)
    yield "sheet", longer, laid_out
    for name, form in formats("sheet").items():
        yield f"sheet --to {name}", SECONDS, lambda form=form: form.write(made["sheet"])


def faults(content: bytes) -> list[Finding]:
    """Return what is wrong with what archboard makes of a file; the first that raises or is slow is the last."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _run(content, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as pipe:
        said = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    found, at = [], "start"
    while said:
        one, said = _first(said)
        if isinstance(one, Finding):
            found.append(one)
        else:
            at = one
    return found if code == 0 else [*found, Finding(at, "died", at, f"the process ended with {code}")]


def _first(said: bytes) -> tuple[Any, bytes]:
    size = int.from_bytes(said[:4], "big")
    return pickle.loads(said[4 : 4 + size]), said[4 + size :]


def _tell(pipe: int, one: object) -> None:
    said = pickle.dumps(one)
    os.write(pipe, len(said).to_bytes(4, "big") + said)


def _run(content: bytes, pipe: int) -> NoReturn:
    """Run the stages, tell what is wrong, and end."""
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (120, 121))
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, 6 << 30))
        source = content.decode("utf-8", "replace").casefold()
        at, before = ["start"], _taken()  # a fork begins with all that its parent holds

        def late(_: int, frame: FrameType | None) -> None:
            _tell(pipe, Finding(at[0], "slow", _place(_frames(frame)), " < ".join(_frames(frame)[:6])))
            os._exit(0)

        signal.signal(signal.SIGPROF, late)
        for name, patience, work in stages(content):
            at[0] = name
            _tell(pipe, name)
            signal.setitimer(signal.ITIMER_PROF, patience)
            started = time.process_time()
            made = work()
            spent = time.process_time() - started
            signal.setitimer(signal.ITIMER_PROF, 0)
            if spent > patience:
                _tell(pipe, Finding(name, "slow", name, f"{spent:.1f} s"))
            for finding in _judged(name, made, source):
                _tell(pipe, finding)
        taken = _taken() - before
        if taken > MEMORY:
            _tell(pipe, Finding(at[0], "memory", "all", f"{taken / 1e6:,.0f} MB"))
    except BaseException as error:
        signal.setitimer(signal.ITIMER_PROF, 0)
        frames = [f"{_short(f.filename)}:{f.name}" for f in reversed(traceback.extract_tb(error.__traceback__))]
        ours = [frame for frame in frames if not frame.startswith("?")]
        said = f"{type(error).__name__}: {str(error)[:200]}"
        _tell(pipe, Finding(at[0], "raises", f"{type(error).__name__} {ours[0] if ours else ''}", said))
    finally:
        with suppress(BaseException):
            os._exit(0)
    raise AssertionError("unreachable")


def _taken() -> int:
    """Return the most memory that this process has held, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def _frames(frame: FrameType | None) -> list[str]:
    found = []
    while frame is not None:
        name = _short(frame.f_code.co_filename)
        if not name.startswith("?"):
            found.append(f"{name}:{frame.f_code.co_name}")
        frame = frame.f_back
    return found


def _place(frames: list[str]) -> str:
    """Return the room that was busy: what exactly it was at is luck."""
    return frames[0].rpartition(":")[0] if frames else ""


def _short(path: str) -> str:
    before, _, after = path.rpartition("/archboard/")
    return after if before.endswith("src") or before.endswith("site-packages") else f"?{path}"


def _judged(name: str, made: object, source: str) -> Iterator[Finding]:
    """Yield what is wrong with what a stage wrote."""
    if made is None or (isinstance(made, bytes) and made.startswith(b"%PDF")):
        return
    text = made.decode() if isinstance(made, bytes) else str(made)
    if name.endswith(("json", "sarif")):
        try:
            json.loads(text, parse_constant=_refused)
        except ValueError as error:
            yield Finding(name, "json", name, str(error))
    for match in NO_NUMBER.finditer(MARKUP.sub("", text)):
        if match[1].lstrip("+-−").casefold() not in source:
            around = text[max(0, match.start() - 60) : match.end() + 40] if MARKUP.search(text) is None else match[0]
            yield Finding(name, "no number", name, " ".join(around.split()))
            return


def _refused(word: str) -> object:
    raise ValueError(f"{word} is no JSON")
