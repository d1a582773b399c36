"""Archboard as a user runs it: a process, its two streams, its exit code."""

from __future__ import annotations

import atexit
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

COMMAND = [sys.executable, "-m", "archboard.faces.cli"]
ROOT = Path(__file__).parent.parent
RECSYS = ROOT / "designs" / "recsys.arch"
CLEAN = {name: value for name, value in os.environ.items() if not name.startswith("ARCHBOARD_")} | {
    "NO_COLOR": "1",
    "ARCHBOARD_CACHE": "off",
}
FILES = {
    *(f"step-{number}.{form}" for number in range(1, 7) for form in ("svg", "png")),
    "board.svg", "board.png", "board.pdf", "walkthrough.md", "walkthrough.html", "report.md", "report.json",
}  # fmt: skip

PROGRESS = re.compile(r"^.* …\n", re.MULTILINE)
"""How far a command is, which it says only where it takes long: no test may hang on how busy the machine is."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of a run."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything a person saw."""
        return self.out + self.err


def archboard(
    *words: str | Path,
    at: Path | None = None,
    given: bytes = b"",
    env: Mapping[str, str] | None = None,
    before: Callable[[], None] | None = None,
    afresh: bool = False,
) -> Ran:
    """Run archboard in a folder, and hold it to what holds always: no traceback, and an exit code that it documents.

    `afresh` starts an interpreter, which imports everything as it does for a user; else a prepared one forks.
    """
    run = started if afresh or before else forked
    code, out, err = run([*map(str, words)], at, given, {**CLEAN, **(env or {})}, before)
    ran = Ran(code, out.decode("utf-8", "replace"), err.decode("utf-8", "replace"))
    assert "Traceback" not in ran.said, ran.said
    assert ran.code in (0, 1, 2), ran
    return ran


Outcome = tuple[int, bytes, bytes]
Before = Callable[[], None] | None


def started(words: list[str], at: Path | None, given: bytes, env: Mapping[str, str], before: Before) -> Outcome:
    """Run archboard in an interpreter that is started for it."""
    done = subprocess.run(
        [*COMMAND, *words],
        cwd=at,
        input=given,
        env=env,
        preexec_fn=before,
        capture_output=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def forked(words: list[str], at: Path | None, given: bytes, env: Mapping[str, str], _: Before) -> Outcome:
    """Run archboard in a process that a prepared interpreter forks."""
    with tempfile.TemporaryDirectory(prefix="archboard-") as folder:
        streams = [Path(folder) / name for name in ("in", "out", "err")]
        for stream, content in zip(streams, (given, b"", b""), strict=True):
            stream.write_bytes(content)
        asked = {"words": words, "at": at and str(at), "env": env, "streams": [str(stream) for stream in streams]}
        server = prepared()
        assert server.stdin and server.stdout
        server.stdin.write(json.dumps(asked) + "\n")
        server.stdin.flush()
        return int(server.stdout.readline()), streams[1].read_bytes(), streams[2].read_bytes()


@cache
def prepared() -> subprocess.Popen[str]:
    """Return the interpreter that has imported archboard, one for all tests of a worker."""
    words = [sys.executable, "-m", "tests.prepared"]
    server = subprocess.Popen(words, cwd=ROOT, env=CLEAN, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    atexit.register(server.communicate)
    return server


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
