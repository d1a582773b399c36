"""The kept code of templates: it saves the time to make it, and is believed only if it is what would be made."""

from __future__ import annotations

import marshal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from archboard.script import compiled
from archboard.script.compiled import beside

SAID = "Hello {{ name }}.\n{% if name %}yes{% endif %}\n"


@pytest.fixture
def templates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of templates of its own."""
    monkeypatch.setattr(compiled, "folder", lambda _: tmp_path)
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    return tmp_path


def said(text: str = SAID, kind: str = "text", **wishes: bool) -> str:
    """Render a template in an environment of its own."""
    environment = Environment(loader=DictLoader({"en/a.j2": text}), bytecode_cache=beside(kind), **wishes)
    return environment.get_template("en/a.j2").render(name="<b>")


def only(templates: Path) -> Path:
    """Return the one file of code."""
    (found,) = (templates / "__pycache__").iterdir()
    return found


def making(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Return a list that grows with every template whose code is made."""
    made: list[str] = []
    make = Environment.compile
    monkeypatch.setattr(Environment, "compile", lambda self, *a, **k: (made.append("x"), make(self, *a, **k))[1])
    return made


def test_code_is_made_once(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = making(monkeypatch)
    assert said() == said() == "Hello <b>.\nyes\n".rstrip("\n")
    assert len(made) == 1


def test_another_template_kind_or_maker_is_made_anew(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = making(monkeypatch)
    said()
    assert said(SAID + "!").endswith("!")
    assert said(kind="page", autoescape=True).startswith("Hello &lt;b&gt;")
    monkeypatch.setattr(compiled, "_maker", lambda: "another")
    said()
    assert len(made) == 4


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "empty": lambda content: b"",
    "half": lambda content: content[: len(content) // 2],
    "one byte other": lambda content: content[:-1] + bytes([content[-1] ^ 1]),
    "noise": lambda content: bytes(range(256)) * 64,
    "other code": lambda content: content.partition(b"\n")[0] + b"\n" + marshal.dumps(compile("1/0", "", "exec")),
}


@pytest.mark.parametrize("how", DAMAGE)
def test_code_that_is_not_as_it_was_written_is_not_run(how: str, templates: Path) -> None:
    plain = said()
    whole = only(templates).read_bytes()
    only(templates).write_bytes(DAMAGE[how](whole))
    assert said() == plain
    assert only(templates).read_bytes() == whole


@pytest.mark.parametrize("place", ["file", "folder in place of the file"])
def test_a_folder_that_takes_nothing_costs_time_only(place: str, templates: Path) -> None:
    plain = said()
    file = only(templates)
    file.unlink()
    if place == "file":
        file.parent.rmdir()
        file.parent.write_text("no folder")
    else:
        file.mkdir()
    assert said() == plain


def test_where_python_writes_no_code_none_is_written(templates: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    said()
    assert not list(templates.iterdir())
