"""The board's layout: nothing overlaps, nothing moves without need, and large designs still draw."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archboard.board.layout import Layout, lay_out
from archboard.board.scenes import stage
from archboard.catalog import KIND
from archboard.design.model import Design
from archboard.design.resolve import outline, realise
from archboard.facts import Facts
from archboard.language.parse import parse
from archboard.source import Source
from tests.board.audit import Audit, audit
from tests.strategies import examples
from tests.worked import DESIGNS, RECSYS

KINDS = tuple(KIND)
WORDS = ("cache", "Straßenverzeichnis", "推薦システム", "→ p99", "of the day", "Donaudampfschifffahrtsgesellschaft")
CALM = settings(
    max_examples=examples(60, quick=25), deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)


def design_of(text: str) -> Design:
    """Return the design of a text, whatever is wrong with it."""
    return realise(outline(parse(Source("board.arch", text))[0]))[0]


def laid_out(text: str) -> Layout:
    """Return the layout of a text without numbers."""
    return lay_out(design_of(text), Facts())


def last(design: Design, facts: Facts | None = None) -> Audit:
    """Return the counts of a design's last scene."""
    return audit(stage(design, facts or Facts())[5])


def text_of(seed: int) -> str:
    """Return a made-up design: kinds, groups, long labels and arrows of all four kinds."""
    pick = Random(seed)

    def words(most: int) -> str:
        return " ".join(pick.choice(WORDS) for _ in range(pick.randint(1, most)))

    count = pick.choice((pick.randint(0, 4), pick.randint(0, 12), pick.randint(0, 40)))
    groups: list[list[str]] = [[], [], []]
    names, lines = [], []
    for place in range(count):
        notes = pick.choice(("", f'does: "{words(6)}"', "latency: 10ms; throughput: 5 rps", 'runs: "Redis"'))
        thing = f'{pick.choice(KINDS)} n{place} "{words(7)}" {{ {notes} }}'
        group = pick.randint(0, 5)
        (groups[group] if group < 3 else lines).append(thing)
        names.append(f"g{group}.n{place}" if group < 3 else f"n{place}")
    for place, things in enumerate(groups):
        lines.append(f'group g{place} "{words(5)}" {{ {"; ".join(things)} }}')
    for _ in range(pick.randint(0, 2 * count) if count > 1 else 0):
        one, other = pick.choices(names, k=2)
        arrow = pick.choice(("->", "->", "<->", "~>", "-x>"))
        label = pick.choice(("", f' "{words(9)}"'))
        lines.append(f"{one} {arrow} {other}{label}" + (" { on: timeout 5ms }" if arrow == "-x>" else ""))
    return "\n".join(lines)


@CALM
@given(st.integers(0, 1 << 32))
def test_nothing_overlaps_whatever_is_drawn(seed: int) -> None:
    assert last(design_of(text_of(seed))).faults == 0


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_nothing_overlaps_on_a_worked_design(path: Path) -> None:
    assert last(design_of(path.read_text("utf-8"))).faults == 0


def test_the_order_of_the_file_moves_nothing() -> None:
    things = [
        "client web", "gateway edge", "service rank", "service fetch", "store index", "store users", "cache hot",
        "telemetry logs", "telemetry metrics", "fallback popular",
    ]  # fmt: skip
    arrows = ["web -> edge -> hot -> fetch -> rank", "rank <-> users", "fetch <-> index", "rank ~> logs & metrics"]
    arrows.append('rank -x> popular "popular items" { on: error }')
    forwards = laid_out("\n".join([*things, *arrows]))
    backwards = laid_out("\n".join([*reversed(things), *reversed(arrows)]))
    assert dict(forwards.boxes) == dict(backwards.boxes)


def test_the_same_design_gives_the_same_layout() -> None:
    text = RECSYS.read_text("utf-8")
    assert laid_out(text) == laid_out(text)


def test_the_core_is_one_straight_row_from_left_to_right() -> None:
    boxes = laid_out(RECSYS.read_text("utf-8")).boxes
    row = [boxes[name] for name in ("web", "edge", "candidates", "ranker")]
    assert len({box.y + box.height / 2 for box in row}) == 1
    assert [box.x for box in row] == sorted(box.x for box in row)


def test_supports_stand_above_fallbacks_below_telemetry_lowest() -> None:
    boxes = laid_out(RECSYS.read_text("utf-8")).boxes
    for name in ("redis", "embeddings", "nightly", "features"):
        assert boxes[name].bottom < boxes["ranker"].y
    for name in ("popular", "defaults", "shed"):
        assert boxes["ranker"].bottom < boxes[name].y < boxes["metrics"].y


def test_a_cache_on_the_way_stands_between_its_neighbours() -> None:
    boxes = laid_out("client web; gateway edge; cache redis; service rank\nweb -> edge -> redis -> rank").boxes
    assert boxes["edge"].right < boxes["redis"].x + boxes["redis"].width / 2 < boxes["rank"].x


def test_an_entry_stands_before_the_entry_that_it_leads_to_even_where_clients_go_there_directly() -> None:
    text = "client web; client app; gateway edge; gateway gate; service rank\nweb -> edge -> gate -> rank\napp -> gate"
    boxes = laid_out(text).boxes
    row = [boxes[name] for name in ("web", "edge", "gate", "rank")]
    assert [box.x for box in row] == sorted({box.x for box in row})
    assert len({box.y + box.height / 2 for box in row}) == 1


def test_copies_of_a_region_are_laid_out_alike() -> None:
    region = "region us, eu, ap { gateway lb; service web; store index; lb -> web; web <-> index }"
    boxes = laid_out(f"client people\n{region}\npeople -> us.lb & eu.lb & ap.lb").boxes
    for name in ("lb", "web", "index"):
        assert len({boxes[f"{place}.{name}"].x for place in ("us", "eu", "ap")}) == 1


def test_frames_hold_their_members_and_no_one_else() -> None:
    layout = laid_out(
        "group a { service x; store s; group b { service y; service z } }\nservice w; store t; telemetry m\n"
        "w -> a.x -> a.b.y -> a.b.z\na.x <-> a.s\nw <-> t\na.b.z <-> t\na.x ~> m"
    )
    for frame, rect in layout.frames.items():
        for name, box in layout.boxes.items():
            assert rect.meets(box) == name.startswith(f"{frame}."), (frame, name)


def test_place_overrides_the_kind() -> None:
    boxes = laid_out("service a; service b; service log { place: below }\na -> b\na -> log").boxes
    assert boxes["log"].y > boxes["a"].bottom


def test_a_long_flow_goes_on_in_a_second_row() -> None:
    names = [f"s{place:02}" for place in range(14)]
    layout = laid_out("; ".join(f"service {name}" for name in names) + "\n" + " -> ".join(names))
    assert layout.boxes["s00"].x == layout.boxes["s07"].x
    assert layout.boxes["s06"].bottom < layout.boxes["s13"].y


@pytest.mark.parametrize("text", ["", "service only", "client a; client b", "service a; service b; service c"])
def test_small_designs_are_drawn(text: str) -> None:
    design = design_of(text)
    assert len(stage(design, Facts())) == 6
    assert last(design).faults == 0


def test_cycles_of_calls_and_messages_are_drawn() -> None:
    text = "service a; service b; queue q\na -> b; b -> a; b ~> q ~> a; a <-> b; a -> a"
    assert last(design_of(text)).faults == 0


def test_many_arrows_between_two_boxes_keep_their_labels_apart() -> None:
    arrows = "\n".join(f'a {arrow} b "message number {place}"' for place, arrow in enumerate(("->", "<->", "~>") * 4))
    assert last(design_of(f"service a; service b\n{arrows}\nb ~> a \"back\"")).faults == 0


@pytest.mark.parametrize("shape", ["chain", "tree", "hub"])
def test_a_thousand_components_are_drawn_in_seconds(shape: str) -> None:
    names = [f"s{place:04}" for place in range(1000)]
    before = {"chain": lambda i: i - 1, "tree": lambda i: (i - 1) // 4, "hub": lambda _: 0}[shape]
    arrows = [f"{names[before(place)]} -> {names[place]}" for place in range(1, 1000)]
    design = design_of("; ".join(f"service {name}" for name in names) + "\n" + "\n".join(arrows))
    started = time.process_time()
    scenes = stage(design, Facts())
    assert time.process_time() - started < 15
    assert audit(scenes[5]).faults == 0
