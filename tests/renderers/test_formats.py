"""The table of formats: what the command line offers, writes, and says of a format that there is not."""

from __future__ import annotations

import ast
import inspect
from importlib import import_module
from pathlib import Path
from xml.etree import ElementTree

import click
import pytest
from click.testing import CliRunner, Result

import archboard
from archboard.faces.commands import app
from archboard.faces.options import Form, form_of
from archboard.renderers import FORMATS, Format, formats
from tests.commands import PROGRESS

FACES = Path(archboard.__file__).parent / "faces"
SMALL = """design small "Small" { sla: p99 < 50ms }
client app { rate: 100 rps }
service work { latency: p50 2ms, p99 8ms; throughput: 200 rps }
app -> work { latency: 1ms }
"""
ASKED = {
    "picture": ("draw",),
    "script": ("script",),
    "questions": ("questions",),
    "sweep": ("sweep", "--over", "app.rate=10 rps..20 rps", "--steps", "2", "--workers", "1"),
    "sheet": ("sheet",),
}
"""The commands whose form the name of a file says."""
SAID = {
    "report": ("check",),
    "comparison": ("whatif", "--set", "app.rate=50 rps"),
    "sensitivity": ("whatif",),
    "solution": ("solve", "--for", "app.rate"),
    "list": ("codes",),
}
"""The commands whose form only `--format` says."""
BEGINS = {
    "svg": b"<svg ", "png": b"\x89PNG", "pdf": b"%PDF-", "html": b"<!DOCTYPE html>", "ssml": b"<speak ",
    "vtt": b"WEBVTT\n", "md": b"#",
}  # fmt: skip


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Write a small design once."""
    path: Path = tmp_path_factory.mktemp("formats") / "small.arch"
    path.write_text(SMALL, "utf-8")
    return str(path)


def names(row: Format) -> str:
    return f"{row.artefact}-{row.name}"


def run(*words: str) -> Result:
    """Run archboard in this process."""
    return CliRunner().invoke(app, words)


def is_form(data: bytes, row: Format) -> bool:
    """Whether a file is of a form, by how such files begin."""
    begins = b"[{" if row.name == "json" else BEGINS.get(row.name, b"")
    return bool(data) and (data[:1] in begins if row.name == "json" else data.startswith(begins))


@pytest.mark.parametrize("row", FORMATS, ids=names)
def test_a_row_names_a_writer_that_knows_its_wishes(row: Format) -> None:
    for place in filter(None, (row.part, row.writer)):
        module, _, name = place.partition(":")
        writer = getattr(import_module(f"archboard.{module}"), name)
        assert callable(writer)
        assert place != (row.part or row.writer) or set(row.takes) <= set(inspect.signature(writer).parameters)


def test_a_name_and_an_ending_mean_one_format_of_an_artefact() -> None:
    for artefact in {row.artefact for row in FORMATS}:
        words = [word for row in formats(artefact).values() for word in {row.name, *row.endings}]
        assert len(set(words)) == len(words), artefact


def test_every_artefact_is_one_that_a_command_makes() -> None:
    assert {row.artefact for row in FORMATS} == {*ASKED, *SAID, "gallery"}


@pytest.mark.parametrize("row", FORMATS, ids=names)
def test_a_format_is_meant_by_its_name_and_by_each_ending(row: Format) -> None:
    words = (row.name, row.name.upper(), *row.endings)
    assert [Form(row.artefact).convert(word, None, None) for word in words] == [row.name] * len(words)
    assert [form_of(f"x.{end}", row.artefact) for end in row.endings] == [row.name] * len(row.endings)


@pytest.mark.parametrize("row", [row for row in FORMATS if row.artefact in ASKED], ids=names)
def test_a_format_is_written_into_a_file_that_asks_for_it(row: Format, small: str, tmp_path: Path) -> None:
    made = tmp_path / f"x.{row.endings[0]}"
    command, *words = ASKED[row.artefact]
    assert run(command, small, *words, "-o", str(made)).exit_code == 0
    assert is_form(made.read_bytes(), row)


@pytest.mark.parametrize("row", [row for row in FORMATS if row.artefact in SAID], ids=names)
def test_a_format_is_said_where_it_is_asked_for(row: Format, small: str) -> None:
    command, *words = SAID[row.artefact]
    file = [] if row.artefact == "list" else [small]
    said = run(command, *file, *words, "--format", row.name)
    assert (said.exit_code, PROGRESS.sub("", said.stderr)) == (0, "")
    assert is_form(said.stdout_bytes, row) or (row.name, said.stdout) == ("github", "")


def test_the_first_format_of_an_artefact_is_the_usual_one() -> None:
    assert {artefact: form_of("-", artefact) for artefact in ASKED} == {
        "picture": "svg", "script": "md", "questions": "text", "sweep": "text", "sheet": "pdf",
    }  # fmt: skip


def test_a_spoken_script_is_xml_and_captions_are_timed(small: str) -> None:
    spoken = ElementTree.fromstring(run("script", small, "--to", "ssml").stdout)
    assert spoken.tag == "{http://www.w3.org/2001/10/synthesis}speak"
    assert "00:00:00.000 --> 00:00:03.818\nLet me walk you" in run("script", small, "--to", "vtt").stdout


@pytest.mark.parametrize(
    ("words", "answer"),
    [
        (("draw", "--to", "pgn"), "Did you mean 'png'?"),
        (("draw", "-o", "x.svgg"), "x.svgg: the ending says which form, and .svgg is none of .svg, .png, .pdf"),
        (("script", "--to", "smml"), "Did you mean 'ssml'?"),
        (("script", "-o", "x.vt"), "Did you mean .vtt?"),
        (("script", "--to", "png"), "That is a form of a picture."),
        (("check", "--format", "serif"), "'serif' is none of text, md, json, github, sarif. Did you mean 'sarif'?"),
        (("check", "--format", "vtt"), "That is a form of a script."),
        (("questions", "-o", "x.mkd"), "Did you mean .md?"),
        (("sheet", "-o", "x.hml"), "Did you mean .html?"),
        (("whatif", "--format", "markdwn"), "Did you mean 'markdown'?"),
        (("gallery", "-o", "x.hmtl"), "Did you mean .html?"),
        (("sweep", "--over", "app.rate=1 rps..2 rps", "--to", "cvs"), "Did you mean 'csv'?"),
        (("sheet", "--to", "nothing"), "'nothing' is none of pdf, html.\n"),
    ],
)  # fmt: skip
def test_a_wrong_format_is_answered_with_the_nearest_right_one(words: tuple[str, ...], answer: str, small: str) -> None:
    command, *options = words
    found = run(command, small, *options)
    assert (found.exit_code, found.stdout) == (2, "")
    assert answer in found.stderr


def test_help_lists_what_there_is() -> None:
    said = " ".join(run("script", "--help").stdout.split())
    assert f"--to [{'|'.join(formats('script'))}]" in said
    assert "Where to: x.md, x.html, x.txt, x.ssml, x.vtt, x.json, or - for stdout." in said


def test_a_shell_completes_the_formats() -> None:
    option = next(param for param in app.commands["script"].params if param.name == "form")
    found = option.type.shell_complete(click.Context(app), option, "s")
    assert [item.value for item in found] == ["ssml"]


def test_the_command_line_has_no_list_of_formats_of_its_own() -> None:
    known = {word for row in FORMATS for word in (row.name, *row.endings)}
    listed = [
        f"{path.name}:{node.lineno}"
        for path in sorted(FACES.glob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.List | ast.Tuple | ast.Set)
        and sum(isinstance(each, ast.Constant) and each.value in known for each in node.elts) > 1
    ]
    assert listed == []
