"""The main job, from a user's command to the files on the disk; and the reference design, broken in turn."""

from __future__ import annotations

import json
import re
import struct
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archboard.compiler import compile_source
from archboard.diagnostics import Diagnostic
from archboard.source import Source
from tests.commands import FILES, RECSYS, ROOT, archboard, snapshot
from tests.worked import LIBRARY, OWN

DESIGNS = [RECSYS, *OWN, *(pytest.param(path, marks=pytest.mark.slow) for path in LIBRARY if path != RECSYS)]
PICTURE = ROOT / "docs" / "recsys.svg"


@pytest.fixture(scope="module")
def recsys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The reference design, built."""
    folder = tmp_path_factory.mktemp("main")
    ran = archboard("build", RECSYS, at=folder, afresh=True)
    assert ran.code == 0, ran.said
    return folder / "output" / "recsys"


def test_a_build_makes_every_file_and_each_is_what_it_says(recsys: Path) -> None:
    assert {path.name for path in recsys.iterdir()} == FILES
    for path in recsys.iterdir():
        content = path.read_bytes()
        match path.suffix:
            case ".svg":
                ElementTree.fromstring(content)
            case ".png":
                assert content.startswith(b"\x89PNG\r\n\x1a\n")
            case ".pdf":
                assert content.startswith(b"%PDF-") and content.rstrip().endswith(b"%%EOF")
                assert content.count(b"/Type /Page\n") + content.count(b"/Type /Page ") == 6
            case ".json":
                assert json.loads(content)["ok"] is True
            case _:
                assert content.decode("utf-8").strip()


def test_a_png_is_twice_the_size_of_its_svg(recsys: Path) -> None:
    for number in range(1, 7):
        root = ElementTree.parse(recsys / f"step-{number}.svg").getroot()
        width, height = struct.unpack(">II", (recsys / f"step-{number}.png").read_bytes()[16:24])
        assert width == pytest.approx(2 * float(root.get("width", 0)), abs=2)
        assert height == pytest.approx(2 * float(root.get("height", 0)), abs=2)


def test_the_board_is_the_sixth_step(recsys: Path) -> None:
    for form in ("svg", "png"):
        assert (recsys / f"board.{form}").read_bytes() == (recsys / f"step-6.{form}").read_bytes()


def test_the_page_to_rehearse_with_stands_alone(recsys: Path) -> None:
    page = (recsys / "walkthrough.html").read_text("utf-8")
    for needle in ('src="http', "src='http", 'href="http', "@import", "url(http", "fetch(", "XMLHttpRequest"):
        assert needle not in page
    assert (
        page.count("<svg") >= 6 and "ArrowRight" in page and "prefers-color-scheme" in page and "@media print" in page
    )


def test_another_process_writes_the_same_bytes(recsys: Path, tmp_path: Path) -> None:
    env = {"PYTHONHASHSEED": "7", "TZ": "Asia/Tokyo", "LC_ALL": "C"}
    ran = archboard("build", RECSYS, at=tmp_path, env=env, afresh=True)
    assert ran.code == 0, ran.said
    assert snapshot(tmp_path / "output" / "recsys") == snapshot(recsys)


def test_the_picture_of_the_readme_is_what_is_drawn_today(recsys: Path, request: pytest.FixtureRequest) -> None:
    board = (recsys / "board.svg").read_bytes()
    if request.config.getoption("--accept"):
        PICTURE.write_bytes(board)
    else:
        assert PICTURE.read_bytes() == board


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_design_is_built_drawn_and_spoken(path: Path, tmp_path: Path) -> None:
    ran = archboard("build", path, "--scale", "0.2", at=tmp_path)  # of the pictures only that they are there
    assert ran.code == 0, ran.said
    made = snapshot(tmp_path / "output")
    assert {Path(name).name for name in made} == FILES
    words = next(content for name, content in made.items() if name.endswith("walkthrough.md")).decode("utf-8")
    assert words.count("\n## ") >= 6
    assert not {"None", "nan", "inf", "undefined"} & set(re.findall(r"\w+", words))
    assert "{{" not in words and "}}" not in words


def facts() -> dict[tuple[str, str, str | None], float]:
    """Return every fact of the reference design, by metric, subject and scenario."""
    report = json.loads(archboard("check", RECSYS, "--format", "json").out)
    return {(f["metric"], f["subject"], f["scenario"]): f["value"] for f in report["designs"][0]["facts"]}


def test_the_reference_design_has_the_numbers_worked_out_by_hand() -> None:
    ran = archboard("check", RECSYS, "--format", "json")
    assert ran.code == 0
    report = json.loads(ran.out)["designs"][0]
    found = facts()
    assert found["demand", "ranker", None] == pytest.approx(2_000)
    assert found["capacity", "ranker", None] == pytest.approx(10_000)
    assert found["utilisation", "ranker", None] == pytest.approx(0.2)
    assert found["demand", "ranker", "Redis is lost"] == pytest.approx(10_000)
    assert found["cost_request", "main", None] == pytest.approx(2.25e-7)
    assert [path["sum"]["p99"] for path in report["flows"][0]["paths"]] == pytest.approx([0.024, 0.005])
    promise = next(p for p in report["promises"] if p["metric"] == "p99" and p["scenario"] is None)
    assert promise["value"] == pytest.approx(0.024) and promise["independent"] == pytest.approx(0.0166, abs=1e-4)
    failing = {f["component"]: f["promises"] for f in report["failures"]}
    assert failing["ranker"][0]["value"] == pytest.approx(0.0365)
    codes = {(d["code"], d["scenario"]) for d in report["diagnostics"]}
    assert codes == {
        ("AB603", None),
        ("AB502", "Redis is lost"),
        ("AB503", "Redis is lost"),
        ("AB501", "Black Friday, three times the traffic"),
        ("AB601", "Black Friday, three times the traffic"),
    }
    assert {s["name"]: s["ok"] for s in report["scenarios"]} == {
        "Redis is lost": True,
        "Black Friday, three times the traffic": False,
    }


def errors(old: str, new: str) -> list[Diagnostic]:
    """Return the errors of the reference design with one place changed."""
    text = RECSYS.read_text("utf-8")
    assert text.count(old) == 1
    return [d for d in compile_source(Source("recsys.arch", text.replace(old, new))).diagnostics if d.is_error]


@pytest.mark.parametrize(
    ("old", "new", "code", "words", "said", "help"),
    [
        ("p99 < 50ms", "p99 < 20ms", "AB401", "p99 < 20ms", "24 ms by sum", "`ranker` p99 10 ms → "),
        ("rate: 10k rps", "rate: 60k rps", "AB501", "10.5k rps", "49,500/s are refused", "`edge.limit` "),
        ("p50 8ms, p99 10ms", "p50 8ms, p99 60ms", "AB401", "p99 < 50ms", "74 ms by sum", "`ranker` p99 60 ms → "),
        (
            "500 candidates to 20 items\"\n  latency: p50 8ms, p99 10ms\n  throughput: 500 rps; replicas: 20",
            "500 candidates to 20 items\"\n  latency: p50 8ms, p99 10ms\n  throughput: 500 rps; replicas: 3",
            "AB501", "3", "2,000/s and carries 1,500/s", "`ranker.replicas` 3 → 4",
        ),
        ("timeout 25ms", "timeout 45ms", "AB402", "timeout 45ms", "56.5 ms", "`ranker` timeout 45 ms → "),
    ],
)  # fmt: skip
def test_the_reference_design_broken_says_what_where_and_how_to_mend_it(
    old: str, new: str, code: str, words: str, said: str, help: str
) -> None:
    found = next(d for d in errors(old, new) if d.rule.code == code)
    assert found.span.text == words
    assert said in found.message
    assert help in found.help


SAID = (
    "ten and a half thousand requests a second (10,500/s)", "5% safety buffer", "FAISS HNSW", "XGBoost int8",
    "ONNX Runtime", "five milliseconds (5 ms)", "500 candidates", "ten milliseconds (10 ms)", "20 items",
    "eighty per cent (80%)", "two milliseconds (2 ms)", "candidate-only results", "five hundred requests a second",
    "twenty pods", "drop bots", "twenty-four milliseconds", "thirty-six and a half milliseconds (36.5 ms)",
    "the insurance for losing the cache",
)  # fmt: skip


@pytest.mark.parametrize("words", SAID)
def test_the_walkthrough_carries_the_facts_of_the_design(words: str, recsys: Path) -> None:
    assert words in (recsys / "walkthrough.md").read_text("utf-8")


def test_a_folder_is_every_design_below_it() -> None:
    ran = archboard("check", ROOT / "tests" / "designs", "--format", "json")
    assert ran.code == 0
    files = [Path(design["file"]).stem for design in json.loads(ran.out)["designs"]]
    assert files == sorted(path.stem for path in (ROOT / "tests" / "designs").glob("*.arch"))


def test_strict_counts_warnings_as_findings() -> None:
    assert archboard("check", RECSYS).code == 0
    assert archboard("check", RECSYS, "--strict").code == 1


def test_explain_shows_a_code_and_a_number_with_its_working() -> None:
    assert "largest contributor" in archboard("explain", "AB401").out
    ran = archboard("explain", RECSYS, "ranker.demand")
    assert ran.code == 0 and "2,000/s" in ran.out and "20%" in ran.out


def test_the_catalogues_are_complete_and_machines_can_read_them() -> None:
    kinds = json.loads(archboard("kinds", "--format", "json").out)
    codes = json.loads(archboard("codes", "--format", "json").out)
    assert "fallback" in json.dumps(kinds) and "AB801" in json.dumps(codes)
