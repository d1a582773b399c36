"""Kept reports: they save all the work on a design that nobody touched, and never stand for another one."""

from __future__ import annotations

from pathlib import Path

import pytest

from archboard.design.overrides import read_changes
from archboard.faces import cache_folder, judging, kept_reports
from archboard.faces.checking import Checked, check_all
from archboard.faces.colour import paint
from archboard.faces.kept_reports import Asked, keep, known
from archboard.maths.percentiles.kept_answers import Answers
from tests.commands import RECSYS, ROOT
from tests.faces.test_cache_folder import damage
from tests.faces.test_start import loaded

DESIGNS = sorted((ROOT / "designs").glob("*.arch"))


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache folder of its own, not made yet."""
    place = tmp_path / "kept"
    monkeypatch.setenv("ARCHBOARD_CACHE", str(place))
    return place


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A list that grows with every design that is judged and not remembered."""
    made: list[str] = []
    judge = judging.judged
    monkeypatch.setattr(judging, "judged", lambda asked, changes: (made.append(asked.path), judge(asked, changes))[1])
    return made


def anew(path: Path, monkeypatch: pytest.MonkeyPatch, form: str = "text") -> Checked:
    """Return what a check says that remembers nothing."""
    with monkeypatch.context() as patched:
        patched.setenv("ARCHBOARD_CACHE", "off")
        return check_all([str(path)], form, None)


@pytest.mark.parametrize("form", ["text", "md", "github"])
@pytest.mark.parametrize("design", DESIGNS[::6], ids=lambda path: path.stem)
def test_a_design_that_nobody_touched_is_not_judged_again(
    design: Path, form: str, judged: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first = check_all([str(design)], form, None)
    assert len(judged) == 1
    assert check_all([str(design)], form, None) == first == anew(design, monkeypatch, form)
    assert len(judged) == 2  # the last of them remembers nothing


def test_many_are_told_in_their_order_whichever_are_known(judged: list[str]) -> None:
    paths = [str(path) for path in DESIGNS[:4]]
    parts = [check_all([path], "text", None) for path in paths[::2]]
    judged.clear()
    told = check_all(paths, "text", None)
    assert judged == paths[1::2]
    assert told.output.startswith(parts[0].output)
    assert parts[1].output in told.output
    assert check_all(paths, "text", None) == told


def test_what_a_report_is_made_of_is_told_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    design = tmp_path / "x.arch"
    design.write_bytes(RECSYS.read_bytes())
    said = {check_all([str(design)], "text", None).output for _ in range(2)}
    said |= {check_all([str(design)], "md", None).output for _ in range(2)}
    said |= {check_all([str(design)], "text", paint).output for _ in range(2)}
    said |= {check_all([str(design)], "text", None, read_changes(["redis.hit=0%"])).output for _ in range(2)}
    design.write_text(RECSYS.read_text("utf-8").replace("p99 10ms", "p99 11ms"), "utf-8")
    said |= {check_all([str(design)], "text", None).output for _ in range(2)}
    monkeypatch.chdir(tmp_path)
    said |= {check_all(["x.arch"], "text", None).output for _ in range(2)}
    assert len(said) == 6


def test_a_design_that_imports_another_file_is_judged_each_time(tmp_path: Path, judged: list[str]) -> None:
    part, whole = tmp_path / "part.arch", tmp_path / "whole.arch"
    whole.write_text('import "part.arch"\nweb -> api\n', "utf-8")
    part.write_text("client web { rate: 10 rps }\nservice api { throughput: 100 rps }\n", "utf-8")
    before = check_all([str(whole)], "text", None)
    part.write_text("client web { rate: 10 rps }\nservice api { throughput: 5 rps }\n", "utf-8")
    after = check_all([str(whole)], "text", None)
    assert (before.errors, after.errors) == (0, 1)
    assert len(judged) == 2


def test_other_code_does_not_believe_a_report(judged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    check_all([str(RECSYS)], "text", None)
    writer = cache_folder._writer()
    monkeypatch.setattr(cache_folder, "_writer", lambda: writer + " touched")
    check_all([str(RECSYS)], "text", None)
    assert len(judged) == 2


def test_every_room_that_a_check_loads_is_watched(tmp_path: Path) -> None:
    package = Path(cache_folder.archboard.__file__).parent
    names = (name.split(".") for name in loaded(tmp_path, "check", RECSYS) if name.startswith("archboard."))
    rooms = {parts[1] for parts in names if (package / parts[1]).is_dir()}
    assert rooms
    assert rooms <= set(cache_folder.CODE)


@pytest.mark.parametrize("how", damage())
def test_a_report_that_is_not_as_it_was_written_is_not_believed(
    how: str, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = check_all([str(RECSYS)], "text", None)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage()[how](whole))
    assert check_all([str(RECSYS)], "text", None) == plain
    assert check_all([str(RECSYS)], "text", None) == plain
    assert file.read_bytes() == whole


@pytest.mark.parametrize("text", ["", "ok\n", "a\tb\\n\n= x\r\u2028é😀\ud800\0", '"\'\\'])
def test_a_text_comes_back_as_it_went(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    asked, answers = Asked("x.arch", b"\xff\n\t= ", "text", coloured=True), Answers({})
    keep(answers, asked, (text, 3, 14))
    written = cache_folder._parsed(cache_folder._text(answers))
    monkeypatch.setattr(kept_reports, "kept", lambda path: written)
    assert known(asked) == (text, 3, 14)


def test_data_is_not_kept() -> None:
    answers = Answers({})
    keep(answers, Asked("x.arch", b"", "json", coloured=False), ({"ok": True}, 0, 0))
    assert answers.asked == {}
