"""What the tests run in a prepared process is what a user runs in one that has just been started."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from archboard.faces.commands import app
from tests.commands import PROGRESS, RECSYS, Ran, archboard, snapshot

WORDS: dict[str, tuple[str, ...]] = {
    "build": (str(RECSYS), "--scale", "0.2"),
    "calc": ("fan-out",),
    "check": (str(RECSYS), "--strict"),
    "codes": ("--format", "json"),
    "diff": (str(RECSYS), "-"),
    "draw": (str(RECSYS),),
    "explain": (str(RECSYS), "ranker.demand"),
    "formulas": (),
    "gallery": ("nowhere",),
    "kinds": (),
    "new": ("shop", "--rate", "1k rps"),
    "questions": (str(RECSYS),),
    "script": (str(RECSYS),),
    "sheet": (str(RECSYS), "-o", "x.pdf"),
    "solve": (str(RECSYS), "--for", "web.rate"),
    "sweep": (str(RECSYS), "--over", "redis.hit=0%..9%", "--steps", "2"),
    "whatif": (str(RECSYS), "--set", "redis.hit=0%"),
}


OFTEN = ("build", "check", "sweep")
"""Files and folders, streams and exit codes, processes of its own: what the others do is in the longer proof."""
COMMANDS = [name if name in OFTEN else pytest.param(name, marks=pytest.mark.slow) for name in WORDS]


@pytest.mark.parametrize("command", COMMANDS)
def test_a_prepared_process_does_as_one_that_has_just_been_started(command: str, tmp_path: Path) -> None:
    def ran(folder: str, afresh: bool) -> tuple[Ran, dict[str, bytes]]:
        (tmp_path / folder).mkdir()
        given = RECSYS.read_bytes().replace(b"p99 < 50ms", b"p99 < 20ms")
        done = archboard(command, *WORDS[command], at=tmp_path / folder, given=given, afresh=afresh)
        return replace(done, err=PROGRESS.sub("", done.err)), snapshot(tmp_path / folder)

    assert ran("prepared", afresh=False) == ran("afresh", afresh=True)


def test_every_command_is_run_both_ways() -> None:
    assert set(WORDS) == set(app.commands)
