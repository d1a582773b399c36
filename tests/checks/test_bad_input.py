"""Whatever a user's file or disk is like: a clear sentence, the right exit code, no traceback, nothing half-written."""

from __future__ import annotations

import os
import re
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tests.commands import CLEAN, COMMAND, FILES, RECSYS, archboard, snapshot

PLACE = re.compile(r"^  --> bad\.arch:\d+:\d+$", re.MULTILINE)
SMALL = """design small "Small" {}
client web { rate: 10 rps }
service api { throughput: 50 rps; replicas: 2 }
web -> api
"""
HOSTILE = (
    "</text><script>alert(1)</script>", "]]>", "<!-- & -->", "&lt;b&gt; &amp; &#60;",
    "\u202eevil\u202c", "مرحبا بالعالم", "🚀👩‍🚀🇩🇪",
    "a\u0001b\u0007c\u001b[31mred", "\ufffe\uffff\ud7ff", "' onload='alert(1)", "{{ 7 * 7 }} {% raw %}",
    "\\u0041 %s %n", "javascript:alert(1)",
    "*bold* _it_ [link](http://example.com) `code` | # h",
)  # fmt: skip

FILES_THAT_ARE_NOT_DESIGNS = {
    "binary": (bytes(range(256)) * 40, 1),
    "latin-1": ('service caf\u00e9 "caf\u00e9"'.encode("latin-1"), 1),
    "utf-16": (SMALL.encode("utf-16"), 1),
    "a null byte": (b"service a\x00 {}", 1),
    "over 4 MiB": (b"# padding\n" * 450_000, 1),
    "10,000 braces": (b"group a {" * 10_000, 1),
    "nothing at all": (b"", 1),
    "blank lines": (b"\n\r\n  \t\n", 1),
    "a comment": (b"# to be done\n", 1),
    "10,000 closing braces": (b"}" * 10_000, 1),
    "a brace never closed": (b"service a {\n", 1),
    "a string never closed": (b'service a "title\n', 1),
    "a number beyond computing": (b"client web { rate: 1e999 rps }\n", 1),
    "a cycle": (b"client w { rate: 1 rps }\nservice a\nservice b\nw -> a -> b -> a\n", 1),
    "a self-arrow": (b"client w { rate: 1 rps }\nservice a\nw -> a -> a\n", 1),
    "a self-call": (b"client w { rate: 1 rps }\nservice a\nw -> a\na <-> a\n", 1),
    "prose": (b"Dear all, please find enclosed the architecture.\n", 1),
    "json": (b'{"services": [{"name": "a"}]}', 1),
}
FILES_THAT_ARE = {
    "an empty design": b'design x "X" {}',
    "a byte order mark": b"\xef\xbb\xbf" + SMALL.encode(),
    "CRLF": SMALL.replace("\n", "\r\n").encode(),
    "CR": SMALL.replace("\n", "\r").encode(),
    "no newline at the end": SMALL.rstrip().encode(),
    "just under 4 MiB": SMALL.encode() + b"# padding padding padding padding\n" * 120_000,
}


@pytest.mark.parametrize("name", FILES_THAT_ARE_NOT_DESIGNS)
def test_a_file_that_is_no_design_is_told_where_and_why(name: str, tmp_path: Path) -> None:
    content, code = FILES_THAT_ARE_NOT_DESIGNS[name]
    (tmp_path / "bad.arch").write_bytes(content)
    ran = archboard("check", "bad.arch", at=tmp_path)
    assert ran.code == code, ran.said
    assert PLACE.search(ran.out), ran.said
    assert len(ran.out) < 40_000
    built = archboard("build", "bad.arch", at=tmp_path)
    assert built.code == 1 and PLACE.search(built.err), built.said
    assert not (tmp_path / "output").exists()


@pytest.mark.parametrize("name", FILES_THAT_ARE)
def test_an_unusual_file_is_a_design_all_the_same(name: str, tmp_path: Path) -> None:
    (tmp_path / "odd.arch").write_bytes(FILES_THAT_ARE[name])
    assert archboard("check", "odd.arch", at=tmp_path).code == 0
    drawn = archboard("draw", "odd.arch", at=tmp_path)
    assert drawn.code == 0, drawn.said
    ElementTree.fromstring(drawn.out)


def test_labels_are_never_markup(tmp_path: Path) -> None:
    """Whatever stands in a title, a note or a label comes out as text in every format."""
    quoted = [label.replace("\\", "\\\\").replace('"', '\\"') for label in HOSTILE]
    lines = [
        f'design hostile "{quoted[0]}" {{ problem: "{quoted[0]}"; tradeoff: "{quoted[10]}" }}',
        "client web { rate: 10 rps }",
    ]
    lines += [
        f'service s{i} "{label}" {{ does: "{label}"; say: "{label}"; replicas: 2 }}' for i, label in enumerate(quoted)
    ]
    lines += [f'web -> s{i} "{label}"' for i, label in enumerate(quoted)]
    (tmp_path / "bad.arch").write_text("\n".join(lines), "utf-8")

    ran = archboard("build", "bad.arch", at=tmp_path)
    assert ran.code == 0, ran.said
    made = tmp_path / "output" / "hostile"
    assert {path.name for path in made.iterdir()} == FILES
    svg = (made / "board.svg").read_text("utf-8")
    tree = ElementTree.fromstring(svg)
    assert not [node for node in tree.iter() if node.tag.rpartition("}")[2] in ("script", "foreignObject", "a")]
    assert not [name for node in tree.iter() for name in node.attrib if name.startswith("on")]
    page = (made / "walkthrough.html").read_text("utf-8")
    assert "<script>alert" not in page and "onload='alert" not in page
    assert "\x1b[31m" not in archboard("check", "bad.arch", at=tmp_path).said


@pytest.mark.parametrize(
    "name", ["../up", "..", "/etc/x", "a/b", "a\\b", ".hidden", "con:", "-o", "*", "a b", "~", "$HOME", "a\x00b"]
)
def test_a_design_cannot_be_named_after_a_path(name: str, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "bad.arch").write_text(f"design {name} {{}}\n", "utf-8")
    ran = archboard("build", "bad.arch", at=tmp_path / "inner")
    assert ran.code == 1 and PLACE.search(ran.err), ran.said
    assert [path.name for path in tmp_path.rglob("*")] == ["inner", "bad.arch"]


def test_an_import_never_reads_the_rest_of_the_disk(tmp_path: Path) -> None:
    (tmp_path / "secret.arch").write_text("client secret", "utf-8")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "link.arch").symlink_to(tmp_path / "secret.arch")
    (inside / "loop.arch").symlink_to("loop.arch")
    for path in (
        "../../etc/passwd",
        "/etc/passwd",
        "../secret.arch",
        "link.arch",
        "loop.arch",
        ".",
        "",
        "\\0",
        "a" * 5_000,
        "bad.arch",
    ):
        (inside / "bad.arch").write_text(f'import "{path}"\n', "utf-8")
        ran = archboard("check", "bad.arch", at=inside)
        assert ran.code == 1 and "AB207" in ran.out and PLACE.search(ran.out), ran.said
        assert "root:" not in ran.said and "secret`" not in ran.said.replace(path, "")


def test_imports_in_a_circle_show_the_circle(tmp_path: Path) -> None:
    (tmp_path / "bad.arch").write_text('import "one.arch"', "utf-8")
    (tmp_path / "one.arch").write_text('import "two.arch"', "utf-8")
    (tmp_path / "two.arch").write_text('import "one.arch"', "utf-8")
    ran = archboard("check", "bad.arch", at=tmp_path)
    assert ran.code == 1 and "one.arch → two.arch → one.arch" in ran.out, ran.said


def test_a_file_or_folder_that_is_not_there_is_a_sentence_and_exit_2(tmp_path: Path) -> None:
    (tmp_path / "recsys.arch").write_text(SMALL, "utf-8")
    (tmp_path / "folder.arch").mkdir()
    (tmp_path / "empty").mkdir()
    missing = archboard("check", "recsy.arch", at=tmp_path)
    assert missing.code == 2 and "did you mean recsys.arch?" in missing.err
    for words in (
        ("check", "nothing.arch"),
        ("check", "empty"),
        ("draw", "folder.arch"),
        ("build", "a\x01b"),
        ("check",),
    ):
        ran = archboard(*words, at=tmp_path)
        assert ran.code == 2 and not ran.out and ran.err.strip(), ran


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (("chek", "x"), "check"),
        (("check", "--fromat", "json", "x"), "--format"),
        (("draw", "x", "--step", "7"), "1<=x<=6"),
        (("check", "--format", "jsn", "x"), "json"),
        (("draw", "recsys.arch", "-o", "x.sgv"), "svg"),
        (("explain", "AB104"), "AB10"),
        (("kinds", "cahce"), "cache"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest_right_one(words: tuple[str, ...], hint: str, tmp_path: Path) -> None:
    (tmp_path / "recsys.arch").write_text(SMALL, "utf-8")
    ran = archboard(*words, at=tmp_path)
    assert ran.code == 2 and hint in ran.err, ran


def test_standard_input_is_a_file_like_any_other(tmp_path: Path) -> None:
    assert archboard("check", "-", given=SMALL.encode(), at=tmp_path).code == 0
    assert archboard("draw", "-", given=SMALL.encode(), at=tmp_path).out.startswith("<svg")
    ran = archboard("check", "-", given=b"servcie a", at=tmp_path)
    assert ran.code == 1 and "stdin:1:1" in ran.out


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A folder with a design that was built: the last good output."""
    (tmp_path / "bad.arch").write_text(SMALL, "utf-8")
    assert archboard("build", "bad.arch", at=tmp_path).code == 0
    return tmp_path


def test_a_design_with_errors_leaves_the_last_good_output_alone(built: Path) -> None:
    before = snapshot(built / "output")
    (built / "bad.arch").write_text(SMALL + "web -> nowhere\n", "utf-8")
    ran = archboard("build", "bad.arch", at=built)
    assert ran.code == 1 and "AB202" in ran.err and "nothing was written" in ran.err
    assert snapshot(built / "output") == before
    assert archboard("build", "bad.arch", "--force", at=built).code == 1
    assert set(snapshot(built / "output" / "small")) == FILES


def test_a_design_that_breaks_its_promises_is_built_all_the_same(built: Path) -> None:
    (built / "bad.arch").write_text(SMALL.replace("10 rps", "500 rps"), "utf-8")
    ran = archboard("build", "bad.arch", at=built)
    assert ran.code == 1 and "AB501" in ran.err
    assert "AB501" in (built / "output" / "small" / "report.md").read_text("utf-8")


@pytest.mark.parametrize("obstacle", ["a file", "a link to nowhere", "a folder of that name", "read-only"])
def test_an_output_that_cannot_be_written_is_a_sentence_and_exit_2(obstacle: str, tmp_path: Path) -> None:
    (tmp_path / "bad.arch").write_text(SMALL, "utf-8")
    output = tmp_path / "output"
    match obstacle:
        case "a file":
            output.write_text("mine", "utf-8")
        case "a link to nowhere":
            output.symlink_to("/proc/nowhere")
        case "a folder of that name":
            (output / "small" / "board.svg").mkdir(parents=True)
        case _:
            output.mkdir()
            output.chmod(0o555)
            if os.geteuid() == 0:
                output.rmdir()
                output.symlink_to("/proc")  # root writes anywhere but here
    ran = archboard("build", "bad.arch", at=tmp_path)
    assert ran.code == 2 and "output" in ran.err and "cannot be written" in ran.err, ran
    assert not [path for path in tmp_path.rglob("*") if path.name.startswith(".") or path.suffix == ".png"]


def test_a_link_in_the_output_is_followed_and_nothing_else_behind_it_is_touched(tmp_path: Path) -> None:
    (tmp_path / "bad.arch").write_text(SMALL, "utf-8")
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "mine.txt").write_text("mine", "utf-8")
    (tmp_path / "target.svg").write_text("mine too", "utf-8")
    (elsewhere / "board.svg").symlink_to(tmp_path / "target.svg")
    (tmp_path / "output").mkdir()
    (tmp_path / "output" / "small").symlink_to(elsewhere)
    assert archboard("build", "bad.arch", at=tmp_path).code == 0
    assert (elsewhere / "mine.txt").read_text("utf-8") == "mine"
    assert (tmp_path / "target.svg").read_text("utf-8") == "mine too"
    assert {path.name for path in elsewhere.iterdir()} == {*FILES, "mine.txt"}


def test_a_full_disk_leaves_the_last_good_output_alone(built: Path) -> None:
    before = snapshot(built)
    for room in (0, 1_000, 60_000):

        def limit(room: int = room) -> None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))

        ran = archboard("build", "bad.arch", at=built, before=limit)
        assert ran.code == 2 and "cannot be written" in ran.err, ran
        assert snapshot(built) == before
        ran = archboard("draw", "bad.arch", "-o", "x.svg", at=built, before=limit)
        assert ran.code == 2 or room == 60_000, ran
    assert archboard("draw", "bad.arch", "-o", "/dev/full", at=built).code == 2


def test_a_full_pipe_is_a_sentence_and_a_closed_one_is_none(tmp_path: Path) -> None:
    (tmp_path / "bad.arch").write_text(SMALL, "utf-8")
    for words in (["draw", "bad.arch"], ["check", "bad.arch"], ["kinds"]):
        with Path("/dev/full").open("wb") as full:
            ran = subprocess.run(
                [*COMMAND, *words], cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, env=CLEAN, check=False
            )
        assert ran.returncode == 2 and b"Traceback" not in ran.stderr and ran.stderr.strip(), (words, ran)
    head = f"{sys.executable} -m archboard.faces.cli kinds | head -n 1"
    closed = subprocess.run(["bash", "-c", head], cwd=tmp_path, capture_output=True, env=CLEAN, check=False)
    assert closed.stdout and not closed.stderr, closed


def test_ctrl_c_leaves_the_last_good_output_or_the_whole_new_one(tmp_path: Path) -> None:
    text = RECSYS.read_text("utf-8")
    (tmp_path / "bad.arch").write_text(text, "utf-8")
    archboard("build", "bad.arch", at=tmp_path)
    before = snapshot(tmp_path / "output")
    (tmp_path / "bad.arch").write_text(text.replace("Ranking", "Sorting"), "utf-8")
    archboard("build", "bad.arch", "-o", "new", at=tmp_path)
    after = snapshot(tmp_path / "new")
    assert set(before) == set(after) and before != after

    stopped = 0
    for delay in (0.2, 0.5, 0.9, 1.4, 2.0, 3.0, 5.0):
        build = subprocess.Popen([*COMMAND, "build", "bad.arch"], cwd=tmp_path, stderr=subprocess.PIPE, env=CLEAN)
        time.sleep(delay)
        build.send_signal(signal.SIGINT)
        said = (build.communicate(timeout=60)[1] or b"").decode()
        found = snapshot(tmp_path / "output")
        assert found in (before, after), sorted(set(found) ^ set(before))
        assert not list(tmp_path.rglob(".archboard*"))
        if build.returncode in (0, 1) and found == after:
            if stopped:
                break
            for name, content in before.items():  # an interrupt may be lost: Python ignores one in a callback
                (tmp_path / "output" / name).write_bytes(content)
            continue
        assert build.returncode in (130, -signal.SIGINT), (build.returncode, said)
        stopped += 1
    assert stopped
