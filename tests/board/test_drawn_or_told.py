"""Whatever is written is on the board, or a finding says that it is not."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from archboard.board.marks import Group, Text
from archboard.board.scenes import stage
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.source import Source
from tests.measures.test_arrivals import case
from tests.strategies import designs, examples
from tests.worked import DESIGNS, compiled


def texts(group: Group) -> Iterator[str]:
    for mark in (*group.marks, *group.groups):
        if isinstance(mark, Group):
            yield from texts(mark)
        elif isinstance(mark, Text):
            yield mark.text


def missing(found: Compilation) -> list[str]:
    """Return what is neither drawn nor told."""
    design, scene = found.design, stage(found.design, found.facts)[-1]
    told = {diagnostic.subject for diagnostic in found.diagnostics}
    arrows = {group.id: group for group in scene.groups if group.kind == "arrow"}
    boxes = {group.id for group in scene.groups if group.kind == "component"}
    frames = [group for group in scene.groups if group.kind == "frame"]
    lost = [name for name in design.components if f"c-{name}" not in boxes]
    for arrow in design.arrows:
        group = arrows.get(f"a-{arrow.number}")
        if group is None or letters(arrow.label) not in letters("".join(texts(group))):
            lost.append(arrow.id)
    framed = len(design.frames) - sum(name in told for name in design.frames)
    if len(frames) != framed and not any(name in told for name in design.frames):
        lost += design.frames
    return lost


def letters(text: str) -> str:
    """Return a text without the blanks and hyphens at which it may be broken."""
    return "".join(letter for letter in text if letter.isalnum())


@pytest.mark.parametrize("path", DESIGNS, ids=[path.stem for path in DESIGNS])
def test_every_component_arrow_label_and_group_is_on_the_board(path: Path) -> None:
    assert missing(compiled(path)) == []


@given(designs())
@settings(max_examples=examples(30, quick=10), deadline=None)
def test_of_any_design_nothing_is_silently_left_out(text: str) -> None:
    found = compile_source(Source("any.arch", text))
    assert not found.understood or missing(found) == []


def test_what_a_component_sends_to_itself_is_drawn_with_its_words_and_an_empty_group_is_told() -> None:
    found = case("drawn_or_refused")
    assert missing(found) == []
    assert [(d.rule.code, d.subject) for d in found.diagnostics] == [("AB303", "empty")]
    arrow = next(group for group in stage(found.design, found.facts)[-1].groups if group.id == "a-2")
    assert {"replicates", "500/s"} <= set(texts(arrow))
    assert dict(arrow.attributes)["data-from"] == dict(arrow.attributes)["data-to"] == "db"


@pytest.mark.parametrize(("written", "subjects"), [
    ("group a { group b { } }", ["a"]),
    ("region us, eu { }", ["us", "eu"]),
    ("flow nothing \"Nothing\" { }", ["nothing"]),
    ("group a { service s }\ns -> x", []),
])  # fmt: skip
def test_what_holds_nothing_is_told(written: str, subjects: list[str]) -> None:
    found = compile_source(Source("a.arch", f"client c {{ rate: 1 rps }}\nservice x\nc -> x\n{written}\n"))
    assert [d.subject for d in found.diagnostics if d.rule.code == "AB303"] == subjects
