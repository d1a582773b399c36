"""The pictures, measured in a real browser: what must not overlap, leave its place, or be hard to read.

Every board is laid out once and revealed in six steps; so most is measured on the last step, where everything is there.
The boards are those of `designs/`, of `tests/designs/`, and a few that Hypothesis draws.
"""

from __future__ import annotations

import json
import re
from functools import cache
from itertools import combinations, pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings

from archboard.board.scenes import stage
from archboard.compiler import compile_source
from archboard.renderers.pictures.svg import render_svg
from archboard.source import Source
from tests.conftest import Sheet
from tests.strategies import designs, examples
from tests.worked import DESIGNS, OWN, RECSYS, compiled, drawn

STAGED = [path if path in (RECSYS, *OWN) else pytest.param(path, marks=pytest.mark.slow) for path in DESIGNS]
"""Boards that are looked at in every step and in every theme; of the others that is in the longer proof."""
TOUCH = 1.0
"""Pixels by which two things may overlap: half the width of a drawn line."""
CROSSINGS = {
    "recsys": 1, "ab_split": 1, "empty": 0, "fork": 5, "forty_components": 64, "long_chain": 2, "no_cache": 0,
    "one_component": 0, "replication": 4, "three_regions": 15, "two_clients": 2, "unicode_labels": 0,
    "retraining": 1, "feature_store": 0, "drift_sidecar": 3, "mlops_pipeline": 3, "batch_scoring": 0,
    "streaming_scoring": 0, "batch_to_streaming": 3, "registry_outage": 3,
    "multi_region": 10, "fraud_detection": 1, "ab_testing": 2, "graceful_degradation": 2, "explain_decision": 4,
    "responsible_gates": 1, "bandit": 3,
}  # fmt: skip
"""How often lines cross on each board: a number here may become smaller, and not larger."""

MEASURE = """() => {
  const places = Object.fromEntries([...document.querySelectorAll('g.component')].map(g => {
    const b = g.querySelector(':scope > rect.box').getBBox();
    return [g.dataset.name, [b.x, b.y, b.width, b.height]];
  }));
  const place = e => { const r = e.getBoundingClientRect(); return [r.left, r.top, r.right, r.bottom]; };
  const texts = e => [...e.querySelectorAll('text')].map(t => ({ at: place(t), text: t.textContent }));
  const all = (name, f) => [...document.querySelectorAll('g.' + name)].map(f);
  const points = path => {
    const length = path.getTotalLength(), matrix = path.getScreenCTM(), found = [];
    for (let at = 0; at <= length; at += 2) {
      const p = path.getPointAtLength(at).matrixTransform(matrix);
      found.push([p.x, p.y]);
    }
    return found;
  };
  return {
    places, page: place(document.documentElement),
    components: all('component', g => ({
      name: g.dataset.name, box: place(g.querySelector(':scope > rect.box')), texts: texts(g),
    })),
    arrows: all('arrow', g => ({
      id: g.id, from: g.dataset.from, to: g.dataset.to, kind: g.dataset.kind,
      lines: [...g.querySelectorAll('path.line')].map(points),
      labels: [...g.querySelectorAll('g.label')].map(l => ({ at: place(l), texts: texts(l) })),
    })),
    frames: all('frame', g => ({ name: g.dataset.name || g.id, box: place(g.querySelector('rect') || g) })),
    loose: all('title, g.caption, g.budget, g.legend', g => ({ kind: g.getAttribute('class'), texts: texts(g) })),
  };
}"""

CONTRAST = """() => {
  const colour = value => { const m = value.match(/[\\d.]+/g).map(Number); return m.length > 3 ? m : [...m, 1]; };
  const faint = e => {
    let o = 1;
    for (; e && e.style; e = e.parentElement) o *= Number(getComputedStyle(e).opacity);
    return o;
  };
  const over = (top, under) => under.map((u, i) => i < 3 ? top[3] * top[i] + (1 - top[3]) * u : 1);
  const light = c => {
    const [r, g, b] = c.slice(0, 3).map(v => v / 255).map(v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  return [...document.querySelectorAll('text')].map(text => {
    const r = text.getBoundingClientRect();
    const behind = document.elementsFromPoint(r.left + r.width / 2, r.top + r.height / 2)
      .filter(e => ['rect', 'path', 'circle', 'ellipse', 'polygon'].includes(e.tagName))
      .map(e => [getComputedStyle(e).fill, e]).filter(([fill]) => fill !== 'none')
      .map(([fill, e]) => { const c = colour(fill); c[3] *= faint(e); return c; });
    let under = [255, 255, 255, 1];
    for (const c of behind.reverse()) under = over(c, under);
    const ink = colour(getComputedStyle(text).fill); ink[3] *= faint(text);
    const [a, b] = [light(over(ink, under)), light(under)].sort((x, y) => y - x);
    return { text: text.textContent, contrast: (a + 0.05) / (b + 0.05), seen: behind.length > 0 };
  });
}"""

Rect = tuple[float, float, float, float]
Found = dict[str, Any]


@cache
def measured(sheet: Sheet, path: Path, step: int) -> Found:
    """Measure one step of a design, once."""
    return sheet.shown(drawn(path)[step], MEASURE)[0]


def overlap(a: Rect, b: Rect, spare: float = TOUCH) -> bool:
    """Whether two rectangles overlap by more than they may."""
    return min(a[2], b[2]) - max(a[0], b[0]) > spare and min(a[3], b[3]) - max(a[1], b[1]) > spare


def inside(inner: Rect, outer: Rect, spare: float = TOUCH) -> bool:
    """Whether a rectangle lies within another."""
    return (
        inner[0] >= outer[0] - spare and inner[1] >= outer[1] - spare
        and inner[2] <= outer[2] + spare and inner[3] <= outer[3] + spare
    )  # fmt: skip


def points(line: list[list[float]]) -> np.ndarray:
    """Return a sampled line as columns of x and of y."""
    return np.array(line).reshape(-1, 2)


def through(line: np.ndarray, box: Rect, spare: float = 2.0) -> bool:
    """Whether a sampled line enters a rectangle."""
    x, y = line.T
    left, top, right, bottom = box
    return bool(np.any((left + spare < x) & (x < right - spare) & (top + spare < y) & (y < bottom - spare)))


def faults(found: Found) -> list[str]:
    """Return everything on a board that should not be, one line each."""
    components, arrows, frames = found["components"], found["arrows"], found["frames"]
    labels = [(arrow["id"], label["at"]) for arrow in arrows for label in arrow["labels"]]
    wrong = [
        f"box {a['name']} on box {b['name']}" for a, b in combinations(components, 2) if overlap(a["box"], b["box"])
    ]
    wrong += [f"label {a} on label {b}" for (a, one), (b, two) in combinations(labels, 2) if overlap(one, two)]
    wrong += [f"label {a} on box {c['name']}" for a, at in labels for c in components if overlap(at, c["box"])]
    for arrow in arrows:
        for line in map(points, arrow["lines"]):
            ends = (arrow["from"], arrow["to"])
            hit = [c["name"] for c in components if c["name"] not in ends and through(line, c["box"])]
            wrong += [f"{arrow['id']} {ends[0]} to {ends[1]} runs through {name}" for name in hit]
            wrong += [
                f"label {a} on the line of {arrow['id']}" for a, at in labels if a != arrow["id"] and through(line, at)
            ]
    for c in components:
        wrong += [f"text {t['text']!r} leaves box {c['name']}" for t in c["texts"] if not inside(t["at"], c["box"])]
    for arrow in arrows:
        for label in arrow["labels"]:
            wrong += [
                f"text {t['text']!r} leaves its plate" for t in label["texts"] if not inside(t["at"], label["at"], 2)
            ]
    everything = [t for group in (*components, *found["loose"]) for t in group["texts"]]
    everything += [t for arrow in arrows for label in arrow["labels"] for t in label["texts"]]
    wrong += [f"text {t['text']!r} leaves the sheet" for t in everything if not inside(t["at"], found["page"])]
    loose = [t for group in found["loose"] for t in group["texts"]]
    wrong += [f"{a['text']!r} on {b['text']!r}" for a, b in combinations(loose, 2) if overlap(a["at"], b["at"], 2)]
    for frame in frames:
        for c in components:
            if c["name"].startswith(f"{frame['name']}."):
                wrong += [] if inside(c["box"], frame["box"]) else [f"box {c['name']} leaves frame {frame['name']}"]
            elif overlap(c["box"], frame["box"]):
                wrong.append(f"box {c['name']} in frame {frame['name']}, which is not its own")
    for one, two in combinations(frames, 2):
        nested = any(x["name"].startswith(f"{y['name']}.") for x, y in ((one, two), (two, one)))
        if not nested and overlap(one["box"], two["box"]):
            wrong.append(f"frame {one['name']} on frame {two['name']}")
    return wrong


def crossings(found: Found) -> int:
    """Count where lines of different arrows cross."""
    count = 0
    lines = [points(line) for arrow in found["arrows"] for line in arrow["lines"]]
    for one, two in combinations(lines, 2):
        last: tuple[float, float] | None = None
        ours, theirs = near(one, two), near(two, one)
        if not ours.size or not theirs.size:
            continue
        for x, y in one[ours[crossing(one, two, ours, theirs)]]:
            if last is None or abs(last[0] - x) + abs(last[1] - y) > 24:
                count += 1
            last = (x, y)
    return count


def near(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    """Return which short stretches of a line begin where another one might be."""
    starts = one[:-1]
    return np.flatnonzero(np.all((two.min(axis=0) - 8 < starts) & (starts < two.max(axis=0) + 8), axis=1))


def crossing(one: np.ndarray, two: np.ndarray, ours: np.ndarray, theirs: np.ndarray) -> np.ndarray:
    """Return which short stretches of a line cross one of another squarely.

    Lines that run beside each other and wobble do not count.
    """
    (ax, ay), (cx, cy) = one[ours].T[:, :, None], two[theirs].T[:, None, :]
    (bx, by), (dx, dy) = (one[ours + 1] - one[ours]).T[:, :, None], (two[theirs + 1] - two[theirs]).T[:, None, :]
    along = bx * dy - by * dx
    square = np.abs(along) >= 2.0
    along = np.where(square, along, 1.0)
    s = ((cx - ax) * dy - (cy - ay) * dx) / along
    t = ((cx - ax) * by - (cy - ay) * bx) / along
    return np.any(square & (s >= 0) & (s < 1) & (t >= 0) & (t < 1), axis=1)


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_nothing_overlaps_and_nothing_leaves_its_place(path: Path, sheet: Sheet) -> None:
    found = measured(sheet, path, -1)
    assert faults(found) == []
    assert crossings(found) <= CROSSINGS.get(path.stem, 10_000)


@pytest.mark.parametrize("path", STAGED, ids=lambda path: path.stem)
def test_every_step_keeps_every_box_where_it_is(path: Path, sheet: Sheet) -> None:
    steps = [measured(sheet, path, step) for step in (0, 1, 2, 3, 4, -1)]
    assert len(drawn(path)) == len(steps)
    for before, after in pairwise(steps):
        assert before["places"].items() <= after["places"].items()
        assert faults(before) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", STAGED, ids=lambda path: path.stem)
def test_every_text_is_readable_in_a_theme_that_is_chosen(path: Path, theme: str, sheet: Sheet) -> None:
    assert unreadable(sheet, drawn(path, theme)[-1], False) == []


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_text_is_readable_in_the_theme_of_who_reads(path: Path, sheet: Sheet) -> None:
    assert unreadable(sheet, drawn(path, "auto")[-1], False, True) == []


def unreadable(sheet: Sheet, svg: str, *dark: bool) -> list[Found]:
    """Return the texts of a picture that stand on nothing or hardly stand out, light and dark as is asked."""
    shown = sheet.shown(svg, CONTRAST, *dark)
    assert all(shown)
    return [t for texts in shown for t in texts if not t["seen"] or t["contrast"] < 4.5]


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_an_svg_keeps_its_contract(path: Path) -> None:
    design = compiled(path).design
    for number, svg in enumerate(drawn(path), 1):
        root = ElementTree.fromstring(svg)
        space = {"s": "http://www.w3.org/2000/svg"}
        assert root.tag == "{http://www.w3.org/2000/svg}svg" and root.get("role") == "img"
        assert root.findtext("s:title", "", space).strip() and root.findtext("s:desc", "", space).strip()
        tags = {node.tag.rpartition("}")[2] for node in root.iter()}
        assert not tags & {"foreignObject", "script", "a", "animate", "set", "iframe"}
        links = [v for node in root.iter() for k, v in node.attrib.items() if k.rpartition("}")[2] in ("href", "src")]
        assert all(link.startswith(("#", "data:image/")) for link in links)
        assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"', "", svg.replace("data:", ""))
        shown = {c.name for c in design.components.values() if c.step <= number}
        groups = list(root.iter("{http://www.w3.org/2000/svg}g"))
        components = [g for g in groups if g.get("class") == "component"]
        assert {g.get("data-name") for g in components} == shown
        for group in components:
            assert group.get("id") == f"c-{group.get('data-name')}" and group.findtext("s:title", "", space)
            assert group.get("data-kind") == design.components[str(group.get("data-name"))].kind.name
        for group in (g for g in groups if g.get("class") == "arrow"):
            assert group.get("data-kind") in ("request", "call", "async", "failure")
            assert {group.get("data-from"), group.get("data-to")} <= shown
            assert len([p for p in group if p.get("class") == "line"]) == 1
        identities = [node.get("id") for node in root.iter() if node.get("id")]
        assert len(identities) == len(set(identities))


def anew(text: str) -> tuple[str, ...]:
    """Compile and draw a text, whatever was drawn before."""
    compilation = compile_source(Source("anew.arch", text))
    assert compilation.understood
    return tuple(render_svg(scene) for scene in stage(compilation.design, compilation.facts))


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_a_second_run_gives_the_same_bytes(path: Path) -> None:
    assert anew(path.read_text("utf-8")) == drawn(path)


def test_a_component_stays_where_it_is_when_the_file_is_put_in_another_order() -> None:
    """Place and stroke come from names, not from the order in the file."""
    text = RECSYS.read_text("utf-8")
    lines = text.split("\n")
    telemetry = [line for line in lines if line.startswith("telemetry")]
    other = "\n".join([*telemetry, *(line for line in lines if line not in telemetry)])
    assert anew(other)[-1].count("<path") == drawn(RECSYS)[-1].count("<path")


@given(designs())
@settings(
    max_examples=examples(12, quick=4), derandomize=True, phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)  # fmt: skip
def test_designs_that_no_one_drew_by_hand_are_clear_too(sheet: Sheet, text: str) -> None:
    (found,) = sheet.shown(anew(text)[-1], MEASURE)
    assert not (wrong := faults(found)), json.dumps({"design": text, "wrong": wrong}, indent=1, ensure_ascii=False)
