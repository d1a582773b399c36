"""`sweep`: the same points whoever works them out, in every form; and charts whose words stand clear of each other."""

from __future__ import annotations

import csv
import json
import os
import signal
import subprocess
import sys
import time
from io import StringIO
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

from archboard.board.charts.axes import Scale, apart
from archboard.board.charts.chart import chart
from archboard.board.marks import Group, Text
from archboard.board.writing.text_widths import ascent, descent, text_width
from archboard.design.dials import Dial
from archboard.design.targets import Of, Target
from archboard.trials import Column, Point, Sweep
from archboard.units import Dimension
from tests.commands import CLEAN, COMMAND, RECSYS, archboard

ONE = ("--over", "redis.hit=0%..95%")
TWO = ("--over", "redis.hit=0%..95%", "--over", "web.rate=5k..30k rps", "--steps", "4")


def test_a_row_a_value_with_each_promise_and_its_verdict() -> None:
    of = ("--of", "p99", "--of", "edge.refused")
    ran = archboard("sweep", RECSYS, "--over", "web.rate=5k..30k rps", "--steps", "6", *of)
    assert ran.code == 0
    assert "  ✓  5,000/s   24 ms ✓" in ran.out
    assert "  ✗  15,000/s  24 ms ✓     4,500/s       AB501" in ran.out
    assert ran.out.endswith("2 of 6 hold everything: 5,000/s to 10,000/s\n")


def test_csv_and_json_hold_the_same_numbers_in_si_units() -> None:
    rows = list(csv.reader(StringIO(archboard("sweep", RECSYS, *TWO, "--to", "csv").out)))
    assert rows[0][:4] == ["redis.hit [1]", "web.rate [1/s]", "p99 < 50ms [s]", "p99 < 50ms holds"]
    assert len(rows) == 17 and rows[1][:4] == ["0.0", "5000.0", "0.024", "yes"]
    found = json.loads(archboard("sweep", RECSYS, *TWO, "--to", "json").out)
    assert [axis["path"] for axis in found["over"]] == ["redis.hit", "web.rate"]
    assert [repr(p["at"][0]) for p in found["points"]] == [row[0] for row in rows[1:]]
    assert found["points"][3]["values"][0] is None and found["points"][3]["codes"] == ["AB601", "AB501"]


def test_any_number_of_workers_gives_the_same_bytes(tmp_path: Path) -> None:
    for form in ("csv", "svg"):
        made = set()
        for workers in ("1", "2", "5"):
            archboard("sweep", RECSYS, *ONE, "--workers", workers, "-o", f"x.{form}", at=tmp_path)
            made.add((tmp_path / f"x.{form}").read_bytes())
        assert len(made) == 1


def test_whole_numbers_stay_whole_and_ratios_are_equal() -> None:
    whole = ("--over", "ranker.replicas=16..20", "--steps", "9")
    found = json.loads(archboard("sweep", RECSYS, *whole, "--to", "json").out)
    assert found["over"][0]["values"] == [16, 17, 18, 19, 20]
    found = json.loads(
        archboard("sweep", RECSYS, "--over", "web.rate=1..10k rps", "--log", "--steps", "5", "--to", "json").out
    )
    assert found["over"][0]["values"] == [1, 10, 100, 1000, 10000]


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (("--over", "redsi.hit=0%..1%"), 1, "did you mean `redis`?"),
        (("--over", "redis.hit=0%..1ms"), 1, "`hit` wants a fraction"),
        (("--over", "redis.hit=5%"), 1, "`5%` is no range"),
        (("--over", "redis.hit"), 2, "write PATH=A..B"),
        (("--over", "web.rate=0..9 rps", "--log"), 2, "--log cannot begin at zero"),
        ((*ONE, *ONE), 2, "redis.hit is swept twice"),
        ((*ONE, *ONE, *ONE), 2, "one or two settings"),
        ((*ONE, "--of", "ranker.utilization"), 2, "Did you mean 'ranker.utilisation'?"),
        ((*ONE, "--steps", "1"), 2, "--steps"),
        ((*ONE, "--workers", "0"), 2, "--workers"),
        ((*ONE, "-o", "x.doc"), 2, "is none of"),
        ((*ONE, "--set", "redis.hitt=1%"), 1, "did you mean `hit`?"),
        ((*TWO, "--steps", "1000"), 2, "1,000,000 places are too many"),
    ],
)
def test_a_sweep_that_cannot_be_is_said_in_a_sentence(words: tuple[str, ...], code: int, said: str) -> None:
    ran = archboard("sweep", RECSYS, *words)
    assert ran.code == code and said in ran.said, ran.said


def test_a_worker_that_dies_is_one_sentence() -> None:
    words = [*COMMAND, "sweep", str(RECSYS), *ONE, "--over", "web.rate=5k..9k rps", "--steps", "60", "--workers", "2"]
    run = subprocess.Popen(words, env=CLEAN, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    children: list[str] = []
    until = time.monotonic() + 60
    while not children and run.poll() is None and time.monotonic() < until:
        time.sleep(0.05)
        children = Path(f"/proc/{run.pid}/task/{run.pid}/children").read_text("ascii").split()
    os.kill(int(children[0]), signal.SIGKILL)
    _, said = run.communicate(timeout=60)
    assert run.returncode == 2 and b"a worker died" in said and b"Traceback" not in said


@pytest.mark.parametrize("address", ["tcp://127.0.0.1:1", "nonsense", ""])
def test_a_cluster_that_does_not_answer_is_one_sentence(address: str) -> None:
    ran = archboard("sweep", RECSYS, *ONE, "--dask", address)
    assert ran.code == 2 and ran.err.count("\n") == 1 and "give tcp://HOST:PORT" in ran.err


CLUSTER = """
import sys, subprocess
from distributed import LocalCluster
if __name__ == "__main__":
    with LocalCluster(n_workers=int(sys.argv[1]), threads_per_worker=1, dashboard_address=None) as cluster:
        sys.exit(subprocess.run([*sys.argv[2:], "--dask", cluster.scheduler_address]).returncode)
"""


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    (tmp_path / "cluster.py").write_text(CLUSTER, "utf-8")
    words = [*COMMAND, "sweep", str(RECSYS), *ONE, "--to", "csv"]

    def with_workers(count: int) -> subprocess.CompletedProcess[bytes]:
        run = [sys.executable, "cluster.py", str(count), *words]
        return subprocess.run(run, cwd=tmp_path, env=CLEAN, capture_output=True, timeout=120, check=False)

    there = with_workers(2)
    assert there.returncode == 0, there.stderr
    assert there.stdout.decode() == archboard("sweep", RECSYS, *ONE, "--to", "csv", "--workers", "1").out
    empty = with_workers(0)
    assert empty.returncode == 2 and b"has no workers (start one: dask worker ADDRESS)" in empty.stderr


def texts(groups: tuple[Group, ...]) -> list[tuple[str, float, float, float, float]]:
    found = []
    for group in groups:
        for mark in group.marks:
            if isinstance(mark, Text) and mark.text.strip():
                width = text_width(mark.text, mark.size)
                left = mark.x - width * {"middle": 0.5, "end": 1.0}.get(mark.anchor, 0.0)
                low = mark.y + descent(mark.size) * 0.7
                found.append((mark.text, left, mark.y - ascent(mark.size) * 0.8, left + width, low))
        found += texts(group.groups)
    return found


def dial(path: str, now: float, dimension: Dimension) -> Dial:
    owner, _, name = path.rpartition(".")
    return Dial(Target(Of.COMPONENT, owner, name, None, (owner,)), dimension, now, now, 0.0, 1e9)


def sweeps() -> list[Sweep]:
    rates = tuple(10.0**n for n in range(9))
    hits = tuple(n / 8 for n in range(9))
    rate, hit = dial("a-client-with-a-long-name.rate", 1e4, Dimension.RATE), dial("redis.hit", 0.8, Dimension.FRACTION)
    names = ["edge", "candidates", "ranker", "a.component.deep.inside", "features"]
    lines = tuple(Column(f"{name}.utilisation", Dimension.FRACTION) for name in names)
    columns = (Column("p99 < 50ms", Dimension.DURATION, 0.05, "<"), *lines)

    def point(at: tuple[float, ...], ok: bool = True, none: bool = False) -> Point:
        values = (None if none else 0.0123456 * (1 + at[0]), *(1.0 + n * 1e-6 for n in range(5)))
        return Point(at, values, (None if none else ok, *(None,) * 5), ok, ())

    one = tuple(point((r,), r < 1e5, r > 1e7) for r in rates)
    two = tuple(point((h, r), h < 0.5, r > 1e7) for h in hits for r in rates)
    wide = tuple(n / 99 for n in range(100))
    many = tuple(point((h, r), h < 0.5) for h in wide for r in wide)
    title = "A title that is much longer than any picture of a sweep is wide, " * 2
    return [
        Sweep("a", title, (rate,), (rates,), True, columns, one),
        Sweep("b", title, (rate,), (rates,), False, columns[:1], one),
        Sweep("c", title, (hit, rate), (hits, rates), False, columns[:2], two),
        Sweep("d", "Many", (hit, hit), (wide, wide), False, columns[:1], many),
        Sweep("e", "", (rate,), (rates[:1],), False, columns[:1], one[:1]),
    ]


@pytest.mark.parametrize("sweep", sweeps(), ids=lambda sweep: sweep.name)
def test_the_words_of_a_chart_stand_clear_of_each_other_and_on_the_paper(sweep: Sweep) -> None:
    scene = chart(sweep)
    boxes = texts(scene.groups)
    assert boxes
    for text, left, top, right, bottom in boxes:
        assert left >= 0 and top >= 0 and right <= scene.width and bottom <= scene.height, text
    over = [
        (a[0], b[0])
        for a, b in combinations(boxes, 2)
        if a[1] < b[3] and b[1] < a[3] and a[2] < b[4] and b[2] < a[4]
    ]
    assert not over


def test_a_chart_is_drawn_as_svg_and_png(tmp_path: Path) -> None:
    assert archboard("sweep", RECSYS, *ONE, "-o", "x.svg", at=tmp_path).code == 0
    assert archboard("sweep", RECSYS, *TWO, "-o", "x.png", "--theme", "dark", at=tmp_path).code == 0
    svg = (tmp_path / "x.svg").read_text("utf-8")
    ElementTree.fromstring(svg)
    assert "redis.hit" in svg and "50 ms promised" in svg and "now 80%" in svg
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")


def test_scales_mark_round_numbers() -> None:
    assert Scale(0, 0.095, 0, 100).ticks(5, Dimension.DURATION) == (0, 0.02, 0.04, 0.06, 0.08)
    assert Scale(0.1, 0.9, 0, 100).ticks(4, Dimension.FRACTION) == (0.2, 0.4, 0.6, 0.8)
    assert Scale(1, 1000, 0, 100, True).ticks(4, Dimension.RATE) == (1, 10, 100, 1000)
    assert Scale(5, 5, 0, 100).ticks(4, Dimension.RATE) == (5,)
    assert apart((10, 10, 50), 5, 0, 60) == (10, 15, 50)
    assert apart((60, 60), 5, 0, 60) == (55, 60)
