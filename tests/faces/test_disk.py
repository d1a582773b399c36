"""What the disk and the streams do: told in a sentence, and never at the cost of what was there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from tests.commands import CLEAN, COMMAND, RECSYS, archboard

posix = pytest.mark.skipif(sys.platform == "win32", reason="names, links and streams of POSIX")
BROKEN = "service a { replicas: 0 }\n"


@pytest.fixture
def design(tmp_path: Path) -> Path:
    """A sound design in a folder of its own."""
    file = tmp_path / "shop.arch"
    file.write_bytes(RECSYS.read_bytes().replace(b"design recsys", b"design shop", 1))
    return file


def _closed(*numbers: int) -> Callable[[], None]:
    def close() -> None:
        for number in numbers:
            os.close(number)

    return close


def ran_with_closed(numbers: tuple[int, ...], *words: str, at: Path) -> subprocess.CompletedProcess[bytes]:
    """Run archboard with some of its three streams closed."""
    close = _closed(*numbers)
    # what a stream that is closed would have carried is read from nowhere
    return subprocess.run([*COMMAND, *words], cwd=at, env=CLEAN, capture_output=True, preexec_fn=close, check=False)


@posix
@pytest.mark.parametrize("numbers", [(0,), (1,), (2,), (0, 1, 2)])
def test_a_build_needs_none_of_the_streams(design: Path, numbers: tuple[int, ...]) -> None:
    ran = ran_with_closed(numbers, "build", "shop.arch", at=design.parent)
    assert ran.returncode == 0
    assert b"Traceback" not in ran.stderr
    assert (design.parent / "output" / "shop" / "board.pdf").read_bytes()[:5] == b"%PDF-"


@posix
def test_an_answer_that_nobody_can_get_is_a_trouble(design: Path) -> None:
    ran = ran_with_closed((1,), "check", "shop.arch", at=design.parent)
    assert (ran.returncode, ran.stderr.count(b"\n")) == (2, 1)
    assert b"the output cannot be written" in ran.stderr
    with Path("/dev/full").open("wb") as disk:
        words = [*COMMAND, "check", "shop.arch"]
        full = subprocess.run(words, cwd=design.parent, env=CLEAN, stdout=disk, stderr=subprocess.PIPE, check=False)
    assert (full.returncode, full.stderr.count(b"\n")) == (2, 1)


@posix
@pytest.mark.parametrize("numbers", [(0,), (2,), (0, 2)])
def test_findings_are_findings_whoever_listens(design: Path, numbers: tuple[int, ...]) -> None:
    design.write_text(BROKEN)
    ran = ran_with_closed(numbers, "check", "shop.arch", at=design.parent)
    assert ran.returncode == 1
    assert b"AB205" in ran.stdout


@pytest.mark.parametrize(
    "words",
    [
        ("script", "shop.arch", "--to", "md", "-o", "shop.arch"),
        ("draw", "shop.arch", "--to", "svg", "-o", "./shop.arch"),
        ("sheet", "shop.arch", "--to", "html", "-o", "shop.arch"),
        ("questions", "shop.arch", "--to", "md", "-o", "shop.arch"),
        ("gallery", ".", "--to", "html", "-o", "shop.arch"),
        ("gallery", ".", "-o", "shop.arch"),
        ("sweep", "shop.arch", "--over", "redis.hit=0%..90%", "--steps", "2", "--to", "csv", "-o", "shop.arch"),
        ("script", "shop.arch", "--to", "md", "-o", "other.arch"),
        pytest.param(("script", "shop.arch", "-o", "link.md"), marks=posix),
        ("script", "shop.txt", "-o", "shop.txt"),
    ],
    ids=lambda words: f"{words[0]} {words[-1]}",
)
def test_a_design_is_never_written_over(design: Path, words: tuple[str, ...]) -> None:
    folder = design.parent
    (folder / "other.arch").write_bytes(design.read_bytes())
    (folder / "shop.txt").write_bytes(design.read_bytes())
    if sys.platform != "win32":
        (folder / "link.md").symlink_to("shop.arch")
    before = {file.name: file.read_bytes() for file in folder.iterdir()}
    ran = archboard(*words, at=folder)
    assert ran.code == 2
    assert ran.err
    assert {file.name: file.read_bytes() for file in folder.iterdir()} == before


@posix
def test_a_link_is_followed_to_what_it_stands_for(design: Path) -> None:
    folder = design.parent
    (folder / "far").mkdir()
    (folder / "far" / "talk.md").write_text("old")
    (folder / "near.md").symlink_to("far/talk.md")
    assert archboard("script", design, "-o", "near.md", at=folder).code == 0
    assert (folder / "near.md").is_symlink()
    assert (folder / "far" / "talk.md").read_text().startswith("#")


def test_two_designs_of_one_name_do_not_share_a_folder(design: Path) -> None:
    twin = design.parent / "twin.arch"
    twin.write_bytes(design.read_bytes())
    ran = archboard("build", "shop.arch", "twin.arch", "-o", "out", at=design.parent)
    assert ran.code == 2
    assert "shop.arch and twin.arch are both called shop" in ran.err
    assert "twin" not in (design.parent / "out" / "shop" / "report.json").read_text()


@posix
def test_what_might_never_end_is_not_read(design: Path) -> None:
    folder = design.parent
    assert "larger than the 4 MiB" in archboard("check", "/dev/zero", at=folder).out
    (folder / "pipes").mkdir()
    os.mkfifo(folder / "pipes" / "x.arch")
    ran = archboard("check", "pipes", at=folder)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert "x.arch cannot be read" in ran.err
    (folder / "imports.arch").write_text('design i "I" { }\nimport "pipes/x.arch"\n')
    ran = archboard("check", "imports.arch", at=folder)
    assert ran.code == 1
    assert "AB207" in ran.out
    assert "a pipe" in ran.out


@posix
def test_a_folder_that_cannot_be_looked_into_is_told(design: Path) -> None:
    folder = design.parent / "closed"
    folder.mkdir()
    folder.chmod(0)
    try:
        if os.access(folder, os.R_OK):  # nothing is closed to root: a folder that is gone answers alike
            pytest.xfail("this user reads every folder") if os.geteuid() else None
            return
        ran = archboard("check", ".", at=design.parent)
        assert (ran.code, "closed cannot be read" in ran.err) == (2, True)
    finally:
        folder.chmod(0o700)


def test_a_file_without_a_name_is_no_file(design: Path) -> None:
    ran = archboard("check", "", at=design.parent)
    assert (ran.code, ran.out) == (2, "")


@posix
@pytest.mark.parametrize(
    "name", [b"a\nb.arch", b"::error x.arch", b"\xff.arch", "\u202egnp.arch".encode(), b"a\x1b[31m.arch"]
)
@pytest.mark.parametrize("text", [RECSYS.read_text(), BROKEN], ids=["sound", "broken"])
def test_a_name_is_only_seen(tmp_path: Path, name: bytes, text: str) -> None:
    file = tmp_path / os.fsdecode(name)
    file.write_text(text)
    for words in ("check", "check --format=md", "check --format=json", "build", "script", "questions"):
        asked = [*COMMAND, *words.split(), file.name]
        ran = subprocess.run(asked, cwd=tmp_path, env=CLEAN, capture_output=True, check=False)
        said = (ran.stdout + ran.stderr).decode()
        assert ran.returncode in (0, 1)
        assert "Traceback" not in said
        assert not any(line.lstrip().startswith("::error") for line in said.splitlines())
        assert all(mark not in said for mark in ("a\nb", "\u202e", "\x1b"))
    asked = [*COMMAND, "check", "--format", "sarif", file.name]
    ran = subprocess.run(asked, cwd=tmp_path, env=CLEAN, capture_output=True, check=False)
    places = {
        found["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
        for found in json.loads(ran.stdout)["runs"][0]["results"]
    }
    assert len(places) == 1
    assert all(uri.isascii() and not set(uri) & set(" \n:\\[]") for uri in places)


@pytest.mark.parametrize("name", ["VERSION", "HELP", "CHECK_HELP", "CHECK_VERSION"])
def test_only_options_that_are_documented_have_a_twin(design: Path, name: str) -> None:
    plain = archboard("check", design)
    for value in ("1", "0.1.0", "true", ""):
        assert archboard("check", design, env={f"ARCHBOARD_{name}": value}) == plain


def test_a_documented_twin_still_acts(design: Path) -> None:
    assert archboard("check", design, env={"ARCHBOARD_CHECK_FORMAT": "json"}).out.startswith("{")


@posix
def test_colour_is_for_terminals_that_take_it(design: Path) -> None:
    pty = pytest.importorskip("pty")

    def seen(**env: str) -> bytes:
        asked, terminal = pty.openpty()
        words = [*COMMAND, "check", design.name]
        given = {name: value for name, value in CLEAN.items() if name not in ("NO_COLOR", "TERM")} | env
        running = subprocess.Popen(words, cwd=design.parent, env=given, stdout=terminal, stderr=terminal)
        os.close(terminal)
        said = b""
        with suppress(OSError):
            while more := os.read(asked, 65536):
                said += more
        running.wait()
        return said

    assert b"\x1b[" in seen(TERM="xterm")
    assert b"\x1b[" in seen(TERM="xterm", NO_COLOR="")
    assert b"\x1b" not in seen(TERM="xterm", NO_COLOR="1")
    assert b"\x1b" not in seen(TERM="dumb")


@posix
def test_nobody_is_home(design: Path) -> None:
    nothing = {"PATH": "/usr/bin:/bin"}
    words = [*COMMAND, "check", "shop.arch"]
    ran = subprocess.run(words, cwd=design.parent, env=nothing, capture_output=True, check=False)
    assert (ran.returncode, ran.stderr) == (0, b"")


@posix
def test_a_disk_that_is_full_leaves_what_was_there(design: Path) -> None:
    """No file may grow beyond 4 KiB: the same refusal as that of a full disk, in the middle of a file."""
    resource = pytest.importorskip("resource")
    folder = design.parent
    (folder / "talk.html").write_text("old")

    def small() -> None:
        import signal  # noqa: PLC0415 - in the child alone

        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))

    ran = archboard("script", "shop.arch", "-o", "talk.html", at=folder, before=small)
    assert (ran.code, ran.err.count("\n")) == (2, 1)
    assert (folder / "talk.html").read_text() == "old"
    assert sorted(file.name for file in folder.iterdir()) == ["shop.arch", "talk.html"]
