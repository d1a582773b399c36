"""The six steps: each holds all of the one before it, at the same place, and says what is new."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest

from archboard.board.marks import Box, Cross, Group, Line, Mark, Pen, Plate, Role, Scene, Text
from archboard.board.scenes import stage
from archboard.board.writing.numbers import shown_duration
from archboard.board.writing.text_widths import text_width
from archboard.compiler import compile_source
from archboard.renderers.pictures.svg import render_svg
from archboard.source import Source
from tests import worked
from tests.board.audit import audit
from tests.worked import DESIGNS, RECSYS

REFERENCE = RECSYS.read_text("utf-8")


@cache
def staged(text: str) -> tuple[Scene, ...]:
    """Return the scenes of a text with its numbers."""
    compilation = compile_source(Source("board.arch", text))
    return stage(compilation.design, compilation.facts)


def all_groups(groups: tuple[Group, ...]) -> Iterator[Group]:
    """Yield groups and those within them."""
    for group in groups:
        yield group
        yield from all_groups(group.groups)


def kept(scene: Scene) -> set[tuple[str, Mark]]:
    """Return every mark that later scenes must hold too."""
    return {
        (group.kind, mark) for group in all_groups(scene.groups) if group.kind != "caption" for mark in group.marks
    }


def named(scene: Scene, kind: str) -> dict[str, Group]:
    """Return the groups of a kind by their id."""
    return {group.id: group for group in scene.groups if group.kind == kind}


def words(scene: Scene, kind: str) -> list[str]:
    """Return the texts in groups of a kind, those within them included."""
    found = [group for group in scene.groups if group.kind == kind]
    return [mark.text for group in all_groups(tuple(found)) for mark in group.marks if isinstance(mark, Text)]


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_each_step_holds_all_of_the_one_before(path: Path) -> None:
    scenes = worked.staged(path)
    assert len({(scene.width, scene.height) for scene in scenes}) == 1
    for before, after in pairwise(scenes):
        assert kept(before) <= kept(after)


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_nothing_overlaps_in_any_step(path: Path) -> None:
    assert [audit(scene).faults for scene in worked.staged(path)] == [0] * 6


def test_what_each_step_adds() -> None:
    scenes = staged(REFERENCE)
    shown = [set(named(scene, "component")) for scene in scenes]
    assert shown[0] == {"c-web"}
    assert shown[1] - shown[0] == {"c-edge"}
    assert shown[2] - shown[1] == {"c-candidates", "c-ranker", "c-nightly"}
    assert shown[3] - shown[2] == {"c-redis", "c-features", "c-embeddings", "c-metrics", "c-traces", "c-logs"}
    assert shown[4] - shown[3] == {"c-popular", "c-defaults", "c-shed"}
    assert shown[5] == shown[4]


def test_the_core_flow_is_connected_before_the_cache_is_drawn() -> None:
    third = staged(REFERENCE)[2]
    pairs = {(d["data-from"], d["data-to"]) for g in third.groups if (d := dict(g.attributes)).get("data-from")}
    assert {("web", "edge"), ("edge", "candidates"), ("candidates", "ranker")} <= pairs


def test_components_and_arrows_carry_the_contract() -> None:
    last = staged(REFERENCE)[5]
    redis = named(last, "component")["c-redis"]
    assert redis.attributes == (("data-name", "redis"), ("data-kind", "cache"), ("data-step", "4"))
    assert "demand" in redis.title
    first = named(last, "arrow")["a-1"]
    assert first.attributes == (
        ("data-from", "web"), ("data-to", "edge"), ("data-kind", "request"), ("data-step", "2"),
    )  # fmt: skip
    for arrow in named(last, "arrow").values():
        assert sum(1 for mark in arrow.marks if isinstance(mark, Line) and mark.route) == 1


def test_routes_begin_and_end_at_their_boxes() -> None:
    last = staged(REFERENCE)[5]
    boxes = {g.id[2:]: next(m for m in g.marks if isinstance(m, Box)) for g in named(last, "component").values()}
    for arrow in named(last, "arrow").values():
        ends = dict(arrow.attributes)
        line = next(mark for mark in arrow.marks if isinstance(mark, Line) and mark.route)
        for (x, y), name in ((line.points[0], ends["data-from"]), (line.points[-1], ends["data-to"])):
            box = boxes[name]
            on_side = x in (box.x, box.x + box.width) or y in (box.y, box.y + box.height)
            assert on_side and box.x <= x <= box.x + box.width and box.y <= y <= box.y + box.height


def test_failure_arrows_are_dotted_red_crossed_and_come_at_step_five() -> None:
    scenes = staged(REFERENCE)
    for arrow in named(scenes[5], "arrow").values():
        line = next(mark for mark in arrow.marks if isinstance(mark, Line))
        failing = dict(arrow.attributes)["data-kind"] == "failure"
        assert (line.pen is Pen.DOTTED) == (line.role is Role.FAILURE) == failing
        assert any(isinstance(mark, Cross) for mark in arrow.marks) == failing
        assert not failing or arrow.step == 5


def test_labels_fit_their_plates() -> None:
    for group in all_groups(staged(REFERENCE)[5].groups):
        if group.kind == "label":
            plate = next(mark for mark in group.marks if isinstance(mark, Plate))
            widths = [text_width(mark.text, mark.size) for mark in group.marks if isinstance(mark, Text)]
            assert max(widths) + 4 <= plate.width


def test_numbers_come_at_step_six_only() -> None:
    scenes = staged(REFERENCE)
    assert "20 × 500/s · 20% full" not in words(scenes[4], "component")
    assert {"20 × 500/s · 20% full", "p99 10 ms", "p99 2 ms · hit 80%"} <= set(words(scenes[5], "component"))
    assert {"10,000/s", "2,000/s", "0.5 ms"} <= set(words(scenes[5], "arrow"))


def test_the_budget_bar_says_the_sum_the_limit_and_the_verdict() -> None:
    scenes = staged(REFERENCE)
    assert words(scenes[4], "budget") == []
    said = words(scenes[5], "budget")
    assert "24 ms of 50 ms · holds" in said
    assert {"Candidate generation 5 ms", "Ranking 10 ms", "Feature store 3 ms", "limit 50 ms"} <= set(said)
    assert "ranker timeout: 36.5 ms" in said


def test_a_missed_promise_is_said_and_red() -> None:
    text = REFERENCE.replace("p99 < 50ms", "p99 < 20ms")
    last = staged(text)[5]
    marks = [m for g in all_groups(last.groups) for m in g.marks if isinstance(m, Text) and "missed" in m.text]
    assert [mark.text for mark in marks] == ["24 ms of 20 ms · missed"]
    assert {mark.role for mark in marks} == {Role.BAD}


def test_captions_name_the_step_and_say_when_it_adds_nothing() -> None:
    captions = [words(scene, "caption") for scene in staged("client web; service api\nweb -> api")]
    assert captions == [
        ["1 · Clients"],
        ["2 · Entry point — none in this design"],
        ["3 · Core flow"],
        ["4 · Supporting services — none in this design"],
        ["5 · Failure modes — none in this design"],
        ["6 · Numbers"],
    ]


def test_an_empty_design_still_has_six_pictures() -> None:
    scenes = staged("")
    assert [scene.step for scene in scenes] == [1, 2, 3, 4, 5, 6]
    assert all("none in this design" in words(scene, "caption")[0] for scene in scenes)


def test_the_legend_explains_what_occurs_and_nothing_else() -> None:
    assert words(staged("client web; service api\nweb -> api")[5], "legend") == ["client", "core", "request"]


def test_the_description_tells_the_flow() -> None:
    description = staged(REFERENCE)[0].description
    assert "Web and mobile apps goes on to API gateway." in description
    assert "Ranking calls Feature store." in description


def test_the_same_file_gives_the_same_bytes() -> None:
    assert [render_svg(s) for s in staged(REFERENCE)] == [render_svg(s) for s in staged(REFERENCE)]


@pytest.mark.parametrize(
    ("seconds", "shown"), [(0.0012345, "1.23 ms"), (1.8579, "1.86 s"), (109_200, "30.3 h"), (652_200.028, "7.55 days")]
)
def test_a_duration_keeps_three_digits_of_the_unit_it_is_written_in(seconds: float, shown: str) -> None:
    assert shown_duration(seconds) == shown
