"""Archboard as a user runs it: a process, its two streams, its exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
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
) -> Ran:
    """Run archboard in a folder, and hold it to what holds always: no traceback, and an exit code that it documents."""
    done = subprocess.run(
        [*COMMAND, *map(str, words)],
        cwd=at,
        input=given,
        env={**CLEAN, **(env or {})},
        preexec_fn=before,
        capture_output=True,
        timeout=120,
        check=False,
    )
    ran = Ran(done.returncode, done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace"))
    assert "Traceback" not in ran.said, ran.said
    assert ran.code in (0, 1, 2), ran
    return ran


def snapshot(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
