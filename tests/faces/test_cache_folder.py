"""The cache folder: it saves time, and nothing that may be found in it changes a byte of what is said."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import archboard
from archboard.compiler import compile_bytes
from archboard.faces import cache_folder
from archboard.faces.checking import check_all
from archboard.maths.distributions.distribution import (
    Delay,
    Distribution,
    Exponential,
    Lognormal,
    Quantiles,
    Queued,
    Uniform,
)
from archboard.maths.network import NetworkBuilder
from archboard.maths.percentiles.fourier import Transforms
from archboard.maths.percentiles.independent import independent
from archboard.maths.percentiles.kept_answers import Answers
from archboard.renderers.report.json_form import as_data
from tests.commands import RECSYS, ROOT
from tests.commands import archboard as run

DESIGNS = sorted((ROOT / "designs").glob("*.arch"))


def said(path: Path = RECSYS, form: str = "json") -> str:
    """Return all that a check says."""
    return check_all([str(path)], form, None).output


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own, not made yet."""
    place = tmp_path / "kept"
    monkeypatch.setenv("ARCHBOARD_CACHE", str(place))
    return place


@pytest.fixture(scope="module")
def plain() -> str:
    """What a check says that keeps nothing."""
    return said()


def only(folder: Path) -> Path:
    """Return the one file in a folder."""
    (found,) = folder.iterdir()
    return found


def worked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with every question that had to be worked out."""
    asked: list[str] = []
    of = Answers.of

    def spied(self: Answers, network, name, about, sizes, work):  # type: ignore[no-untyped-def]
        return of(self, network, name, about, sizes, lambda: (asked.append(name), work())[1])

    monkeypatch.setattr(Answers, "of", spied)
    return asked


@pytest.mark.parametrize("design", DESIGNS, ids=lambda path: path.stem)
def test_a_check_says_the_same_without_a_cache_with_an_empty_one_and_with_a_full_one(
    design: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = said(design), said(design)
    monkeypatch.setenv("ARCHBOARD_CACHE", "off")
    assert first == second == said(design)


def test_a_second_check_works_nothing_out(folder: Path, plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked = worked(monkeypatch)
    assert said() == plain
    assert "independent" in asked
    asked.clear()
    assert said() == plain
    assert asked == []


def test_a_changed_design_is_worked_out_anew_and_the_rest_of_it_remembered(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = tmp_path / "x.arch"
    design.write_bytes(RECSYS.read_bytes())
    before = said(design)
    design.write_text(RECSYS.read_text("utf-8").replace("p99 10ms", "p99 11ms"), "utf-8")
    asked = worked(monkeypatch)
    after = said(design)
    assert asked
    assert json.loads(after) != json.loads(before)
    monkeypatch.setenv("ARCHBOARD_CACHE", "off")
    assert said(design) == after


def damage() -> dict[str, Callable[[bytes], bytes]]:
    """Return what may have happened to a file."""

    def signed(body: bytes) -> bytes:
        return cache_folder._head(body) + b"\n" + body

    def body(content: bytes) -> bytes:
        return content.partition(b"\n")[2]

    def numbers(content: bytes, put: bytes) -> bytes:
        lines = (line.partition(b"\t") for line in body(content).split(b"\n"))
        return signed(b"\n".join(question + tab + put if tab else question for question, tab, _ in lines))

    return {
        "empty": lambda content: b"",
        "half": lambda content: content[: len(content) // 2],
        "one byte short": lambda content: content[:-1],
        "one digit other": lambda content: content[:-1] + (b"1" if content[-1:] != b"1" else b"2"),
        "something after": lambda content: content + b"\n= x",
        "noise": lambda content: bytes(range(256)) * 64,
        "of another version": lambda content: content.replace(archboard.__version__.encode(), b"99.9", 1),
        "huge": lambda content: content + b" " * cache_folder.LARGEST,
        "signed, no answers": lambda content: signed(b""),
        "signed, no text": lambda content: signed(b"\xff\xfe\n\t"),
        "signed, words for numbers": lambda content: numbers(content, b"__import__('os')"),
        "signed, too few": lambda content: numbers(content, b""),
        "signed, too many": lambda content: numbers(content, b"1.0 " * 50),
        "signed, not a number": lambda content: numbers(content, b"nan nan nan"),
        "signed, negative": lambda content: numbers(content, b"-1.0 -1.0 -1.0"),
        "pickled": lambda content: b"cos\nsystem\n(S'touch broken'\ntR.",
        "nested": lambda content: b"[" * 100_000,
    }


@pytest.mark.parametrize("how", damage())
def test_a_file_that_is_not_as_it_was_written_is_not_believed(how: str, folder: Path, plain: str) -> None:
    said()
    file = only(folder)
    whole = file.read_bytes()
    file.write_bytes(damage()[how](whole))
    assert said() == plain
    assert file.read_bytes() == whole
    assert not (ROOT / "broken").exists()


def test_only_a_question_that_may_have_no_answer_is_told_that_it_has_none() -> None:
    built = NetworkBuilder()
    network = built.network(built.hop(Lognormal(0.0, 1.0)))
    answers = Answers({repr(network): {"independent 0.004 0.9": "-", "worst case 0.9": "-"}})
    assert answers.of(network, "independent", (0.004, 0.9), (3,), lambda: (1.0, 2.0, 3.0)) == (1.0, 2.0, 3.0)
    assert answers.of(network, "worst case", (0.9,), (0, 3), lambda: (1.0, 2.0, 3.0)) == ()


@pytest.mark.parametrize("kind", ["file", "folder in place of the file", "pipe", "dangling link", "below a file"])
def test_a_folder_that_cannot_be_used_costs_time_only(
    kind: str, tmp_path: Path, folder: Path, plain: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if kind == "file":
        folder.write_text("no folder")
    elif kind == "below a file":
        (tmp_path / "plain").write_text("no folder")
        monkeypatch.setenv("ARCHBOARD_CACHE", str(tmp_path / "plain" / "kept"))
    elif kind == "dangling link":
        folder.symlink_to(tmp_path / "nowhere" / "at all")
    else:
        said()
        file = only(folder)
        file.unlink()
        file.mkdir() if kind.startswith("folder") else os.mkfifo(file)
    assert said() == plain
    assert said() == plain


def test_a_disk_that_refuses_costs_time_only(folder: Path, plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuses(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    for owner, name in ((Path, "replace"), (Path, "mkdir"), (os, "open"), (os, "scandir")):
        with monkeypatch.context() as patched:
            patched.setattr(owner, name, refuses)
            cache_folder._writer.cache_clear()
            assert said() == plain
        cache_folder._writer.cache_clear()
    assert {path.suffix for path in folder.iterdir()} <= {".answers"}


@pytest.mark.parametrize("value", ["/dev/null", "/proc/nowhere", "\0", "a" * 5000, "off"])
def test_any_name_of_a_folder_is_borne(value: str, plain: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "ARCHBOARD_CACHE", "x")
    monkeypatch.setattr(cache_folder.os, "environ", {**os.environ, "ARCHBOARD_CACHE": value})
    assert said() == plain


def test_the_folder_is_where_each_system_keeps_such_things(monkeypatch: pytest.MonkeyPatch) -> None:
    def at(system: str, **environment: str) -> str:
        monkeypatch.setattr(cache_folder.sys, "platform", system)
        for name in ("ARCHBOARD_CACHE", "XDG_CACHE_HOME", "LOCALAPPDATA", "HOME"):
            monkeypatch.delenv(name, raising=False)
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return str(cache_folder.cache_folder())

    assert at("linux", HOME="/home/x") == "/home/x/.cache/archboard"
    assert at("linux", HOME="/home/x", XDG_CACHE_HOME="/var/x") == "/var/x/archboard"
    assert at("linux", HOME="/home/x", XDG_CACHE_HOME="relative") == "/home/x/.cache/archboard"
    assert at("darwin", HOME="/Users/x") == "/Users/x/Library/Caches/archboard"
    assert at("win32", LOCALAPPDATA="/x/Local") == "/x/Local/archboard"
    assert at("win32") == "None"
    assert at("linux", HOME="relative") == "None"
    assert at("linux", HOME="/home/x", ARCHBOARD_CACHE="/elsewhere") == "/elsewhere"
    assert at("linux", HOME="/home/x", ARCHBOARD_CACHE="off") == "None"


def test_without_a_home_a_check_says_the_same(tmp_path: Path) -> None:
    nowhere = {"HOME": str(tmp_path / "none" / "such"), "XDG_CACHE_HOME": "", "ARCHBOARD_CACHE": ""}
    assert run("check", RECSYS, at=tmp_path, env=nowhere).out == run("check", RECSYS, at=tmp_path).out


def test_off_writes_nothing(tmp_path: Path) -> None:
    run("check", RECSYS, at=tmp_path, env={"ARCHBOARD_CACHE": "off", "HOME": str(tmp_path)})
    assert not list(tmp_path.iterdir())


def test_two_processes_at_once_say_the_same_and_leave_one_whole_file(tmp_path: Path, plain: str) -> None:
    command = [sys.executable, "-m", "archboard.faces.cli", "check", str(RECSYS), "--format", "json"]
    env = {**os.environ, "ARCHBOARD_CACHE": str(tmp_path / "kept")}
    running = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    assert {process.communicate()[0] for process in running} == {
        run("check", RECSYS, "--format", "json", at=tmp_path).out
    }
    file = only(tmp_path / "kept")
    assert file.suffix == ".answers"
    head, _, body = file.read_bytes().partition(b"\n")
    assert head == cache_folder._head(body)


def test_a_file_stays_small_and_keeps_what_was_asked_last(folder: Path) -> None:
    known = {f"network {i}": {"later 1.0": "0.5"} for i in range(20_000)}
    answers = Answers(known)
    answers.asked["the last"] = {"later 1.0": "0.25"}
    kept = cache_folder._parsed(cache_folder._text(answers))
    assert kept["the last"] == {"later 1.0": "0.25"}
    assert 1000 < len(kept) < 20_000
    cache_folder._write(folder / "x.answers", cache_folder._text(answers))
    assert only(folder).stat().st_size <= cache_folder.LARGEST


def test_the_folder_holds_so_many_files_and_leaves_those_of_others_alone(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cache_folder, "MOST", 3)
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    for i in range(6):
        cache_folder._write(folder / f"{i}.answers", "")
        os.utime(folder / f"{i}.answers", (i, i))
    assert {path.name for path in folder.iterdir()} == {"notes.txt", "3.answers", "4.answers", "5.answers"}


@pytest.mark.parametrize(
    "time",
    [Lognormal(-5.0, 1 / 3), Quantiles(((0.5, 0.1), (0.9, 0.2), (0.99, 0.7))), Uniform(1e-17, 0.1), Exponential(0.1),
     Queued(Lognormal(-5.0, 0.3), 0.5, Exponential(0.02)), Delay(Lognormal(-5.0, 0.3), 2, 0.5, 0.1)],
    ids=lambda time: type(time).__name__,
)  # fmt: skip
def test_a_number_comes_back_as_it_went(time: Distribution) -> None:
    built = NetworkBuilder()
    network = built.network(built.series([built.hop(time, 'a "name"\n'), built.hop(Lognormal(-4.0, 0.7))]))
    first = Answers({})
    found = independent(network, (0.5, 0.99), Transforms(answers=first))
    second = Answers(cache_folder._parsed(cache_folder._text(first)))
    assert independent(network, (0.5, 0.99), Transforms(answers=second)) == found
    assert (first.found, second.found) == (1, 0)


def test_networks_that_differ_in_a_last_digit_are_two() -> None:
    texts = set()
    for sigma in (0.1 + 0.2, 0.3):
        built = NetworkBuilder()
        texts.add(repr(built.network(built.hop(Lognormal(0.0, sigma)))))
    assert len(texts) == 2


def test_the_maths_that_answer_stand_on_nothing_that_could_change_unseen() -> None:
    """The dates of `maths` and of the package's own files are in the file of answers; all that it imports is there."""
    package = Path(archboard.__file__).parent
    for path in (package / "maths").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else ""
            if module.startswith("archboard"):
                top = package / f"{module.removeprefix('archboard.')}.py"
                assert module.startswith("archboard.maths") or top.is_file(), path


def test_a_compilation_keeps_nothing_unless_a_face_says_so(folder: Path) -> None:
    assert as_data(compile_bytes(str(RECSYS), RECSYS.read_bytes()))["ok"]
    assert not folder.exists()
