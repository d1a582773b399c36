"""A run that is stopped, or killed, at any moment: what was good stays, and nothing is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.commands import CLEAN, COMMAND, RECSYS

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
OLD = b"the last good one"
COMMANDS: dict[str, tuple[str, ...]] = {
    "build": ("build", "shop.arch", "-o", "out"),
    "draw": ("draw", "shop.arch", "-o", "out/shop/board.png"),
    "script": ("script", "shop.arch", "-o", "out/shop/walkthrough.html"),
    "sheet": ("sheet", "shop.arch", "-o", "out/shop/board.pdf"),
    "questions": ("questions", "shop.arch", "-o", "out/shop/walkthrough.md"),
    "gallery": ("gallery", ".", "-o", "out/shop/walkthrough.html"),
    "sweep": ("sweep", "shop.arch", "--over", "redis.hit=0%..90%", "--steps", "40", "-o", "out/shop/board.svg"),
    "check": ("check", "."),
}
MADE = ("board.png", "walkthrough.html", "board.pdf", "walkthrough.md", "board.svg", "report.md")
ENDS = {".png": b"IEND\xaeB`\x82", ".html": b"</html>", ".pdf": b"%%EOF\n", ".svg": b"</svg>\n"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with designs and what an earlier build made."""
    for number in range(6):
        text = RECSYS.read_bytes().replace(b"design recsys", f"design shop{number or ''}".encode(), 1)
        (tmp_path / f"shop{number or ''}.arch").write_bytes(text)
    made = tmp_path / "out" / "shop"
    made.mkdir(parents=True)
    for name in MADE:
        (made / name).write_bytes(OLD)
    return tmp_path


def whole(file: Path) -> bool:
    """Whether a file is what was there before, or all of what was to be written."""
    content = file.read_bytes()
    return content == OLD or content.endswith(ENDS.get(file.suffix, b"\n"))


def litter(folder: Path) -> list[str]:
    return sorted(str(path) for path in folder.rglob(".*"))


def begun(command: tuple[str, ...], folder: Path) -> subprocess.Popen[bytes]:
    """Begin a command in a session of its own, with signals as a terminal gives them."""
    return subprocess.Popen(
        [*COMMAND, *command], cwd=folder, env={**CLEAN, "ARCHBOARD_CACHE": "off"}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, start_new_session=True,
        preexec_fn=lambda: [signal.signal(each, signal.SIG_DFL) for each in (signal.SIGINT, signal.SIGTERM)] and None,
    )  # fmt: skip


def others_of(session: int) -> list[int]:
    """Return the processes of a session that still run."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            fields = (entry / "stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[3]) == session and fields[0] != "Z":
            found.append(int(entry.name))
    return found


def _interrupted(name: str, folder: Path, moments: list[float]) -> None:
    for at, delay in enumerate(moments):
        number = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)[at % 3]
        before = litter(folder)
        running = begun(COMMANDS[name], folder)
        time.sleep(delay)
        running.send_signal(number)
        _, said = running.communicate(timeout=60)
        assert b"Traceback" not in said, said.decode()
        assert running.returncode in (0, 1, 128 + number, -number), (running.returncode, said)
        assert all(whole(folder / "out" / "shop" / made) for made in MADE), (name, number, delay)
        if number != signal.SIGKILL:
            assert set(litter(folder)) <= set(before), (name, number, delay)
        deadline = time.monotonic() + 5
        while others_of(running.pid) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert not others_of(running.pid), (name, number, delay)
    finished = begun(COMMANDS[name], folder)
    finished.communicate(timeout=120)
    assert finished.returncode == 0
    assert not litter(folder)


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted as Linux shows them")
@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_soon_and_late(name: str, folder: Path) -> None:
    _interrupted(name, folder, [0.25, 0.4, 0.6])


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="processes are counted as Linux shows them")
@pytest.mark.parametrize("name", COMMANDS)
def test_stopped_at_ten_moments(name: str, folder: Path) -> None:
    chosen = random.Random(name)
    _interrupted(name, folder, [chosen.uniform(0.1, 2.0) for _ in range(10)])


def test_what_a_killed_run_left_is_cleared_by_the_next(folder: Path) -> None:
    left = folder / "out" / "shop" / ".archboard-draft-killed"
    left.mkdir()
    (left / "board.svg").write_text("half")
    mine = folder / "out" / "shop" / ".archboard-notes"
    mine.write_text("of the user")
    running = begun(COMMANDS["script"], folder)
    running.communicate(timeout=60)
    assert litter(folder) == [str(mine)]


def test_two_builds_of_one_design_at_once(folder: Path) -> None:
    """Both end well, and what is there is one build's and not some of each: the designs differ in their rate."""
    other = folder / "other"
    other.mkdir()
    text = (folder / "shop.arch").read_text()
    (other / "shop.arch").write_text(text.replace("rate: 10k rps", "rate: 9k rps", 1))
    assert (other / "shop.arch").read_text() != text
    for _ in range(2):
        both = [begun(("build", file, "-o", "out"), folder) for file in ("shop.arch", "other/shop.arch")]
        assert [running.communicate(timeout=120)[1].count(b"Traceback") for running in both] == [0, 0]
        assert [running.returncode for running in both] == [0, 0]
        made = {name: (folder / "out" / "shop" / name).read_text() for name in ("report.json", "step-1.svg")}
        rate = "9,000" if "9,000" in made["report.json"] else "10,000"
        assert all(rate in text for text in made.values())
    assert not litter(folder)


def test_a_parent_that_is_killed_takes_its_workers_along(folder: Path) -> None:
    running = begun(COMMANDS["sweep"], folder)
    deadline = time.monotonic() + 20
    while len(others_of(running.pid)) < 3 and time.monotonic() < deadline and running.poll() is None:
        time.sleep(0.02)
    os.kill(running.pid, signal.SIGKILL)
    running.communicate(timeout=30)
    deadline = time.monotonic() + 5
    while others_of(running.pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not others_of(running.pid)
