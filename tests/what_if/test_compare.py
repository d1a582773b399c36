"""`whatif` and `diff`: what changed, what it did, and what a design hangs on."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.commands import RECSYS, archboard

BEFORE = """design shop "Shop" { sla: p99 < 50ms, throughput >= 1k rps }
let { pods: 7 }
client web { rate: 1k rps }
cache redis { hit: 80%; latency: p50 0.5ms, p99 2ms; replicas: 2 }
service shop { latency: p50 6ms, p99 20ms; throughput: 400 rps; replicas: pods }
store db { latency: p50 3ms, p99 9ms; throughput: 5k rps; replicas: 2 }
web -> redis -> shop { latency: 1ms }
shop <-> db
"""
AFTER = BEFORE.replace("p99 9ms", "p99 47ms").replace("pods: 7", "pods: 2").replace("hit: 80%", "hit: 50%")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "before.arch").write_text(BEFORE, "utf-8")
    (tmp_path / "after.arch").write_text(AFTER, "utf-8")
    return tmp_path


def asked(*words: str | Path, at: Path | None = None) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(archboard(*words, "--format", "json", at=at).out)
    return found


def test_a_diff_says_what_changed_and_what_it_did_to_each_promise(folder: Path) -> None:
    ran = archboard("diff", "before.arch", "after.arch", at=folder)
    assert ran.code == 1
    for line in (
        "~  constant pods  7 → 2",
        "~  redis.hit      80% → 50%",
        "~  db.latency     p50 3ms, p99 9ms → p50 3ms, p99 47ms",
        "✓→✗  p99 < 50ms            33 ms → 71 ms (+38 ms)          now over 50 ms",
        "error[AB401]",
        "1 promise lost, 1 new error",
    ):
        assert line in ran.out, ran.out


def test_a_diff_the_other_way_is_no_finding(folder: Path) -> None:
    ran = archboard("diff", "after.arch", "before.arch", at=folder)
    assert ran.code == 0 and "71 ms → 33 ms (−38 ms)" in ran.out and "1 promise won" in ran.out


def test_the_same_design_twice_differs_in_nothing(folder: Path) -> None:
    ran = archboard("diff", "-", "before.arch", at=folder, given=BEFORE.encode())
    assert (ran.code, ran.out.splitlines()[-1]) == (0, "nothing differs: the same design, the same numbers")
    assert archboard("diff", "-", "-", given=BEFORE.encode()).code == 2
    assert archboard("diff", "nothing.arch", "before.arch", at=folder).code == 2


def test_things_come_and_go_by_name(folder: Path) -> None:
    changed = BEFORE.replace("shop <-> db", "shop ~> logs").replace("store db", "telemetry logs")
    changed = changed.replace("p99 < 50ms, ", "") + 'scenario "Peak" { web.rate: 2k rps }\n'
    (folder / "other.arch").write_text(changed.replace("throughput: 5k rps; ", ""), "utf-8")
    found = asked("diff", "before.arch", "other.arch", at=folder)
    differences = [(d["kind"], d["what"], d["name"], d["before"], d["after"]) for d in found["design"]]
    assert differences == [
        ("removed", "component", "db", 'store "Db"', ""),
        ("added", "component", "logs", "", 'telemetry "Logs"'),
        ("removed", "arrow", "shop<->db", "call", ""),
        ("added", "arrow", "shop~>logs", "", "async"),
        ("removed", "promise", "main", "p99 < 50ms", ""),
        ("added", "scenario", "Peak", "", "web.rate: 2k rps"),
    ]
    assert found["promises"][0]["after"] is None and found["worse"] is False


def test_a_diff_for_a_pull_request_is_markdown_that_folds(folder: Path) -> None:
    ran = archboard("diff", "before.arch", "after.arch", "--format", "markdown", at=folder)
    assert ran.out.startswith("### Shop: 1 promise no longer held\n")
    assert "| ❌ | p99 \\< 50ms | 33 ms → 71 ms (+38 ms) | now over 50 ms |" in ran.out
    assert ran.out.count("<details") == ran.out.count("</details>") == 3


def test_labels_are_never_markup_in_a_diff(folder: Path) -> None:
    hostile = BEFORE.replace('"Shop"', '"</details><script>alert(1)</script> | x"')
    (folder / "hostile.arch").write_text(hostile, "utf-8")
    out = archboard("diff", "before.arch", "hostile.arch", "--format", "markdown", at=folder).out
    assert "\\<script\\>" in out and "<script" not in out.replace("\\<", "")


def test_whatif_shows_before_and_after_side_by_side() -> None:
    ran = archboard("whatif", RECSYS, "--set", "redis.hit=0%", "--set", "web.rate=12k rps")
    assert ran.code == 1
    assert ["ranker.utilisation", "20%", "→", "105%", "5.25×"] in [line.split() for line in ran.out.splitlines()]
    for line in (
        "~  redis.hit  80% → 0%",
        "✓→–  p99 < 50ms",
        "no longer judged: `candidates` is 105% full",
        "before  edge        at 30,000/s from the clients",
        "after   candidates  at 10,000/s from the clients",
        "✗  Redis is lost  holds → fails",
        "findings gone",
    ):
        assert line in ran.out, ran.out
    everything = archboard("whatif", RECSYS, "--set", "redis.hit=0%", "--all")
    assert "more (--all)" not in everything.out and "redis->candidates.arrow_rate" in everything.out


def test_a_change_that_was_not_understood_is_told_and_nothing_compared() -> None:
    ran = archboard("whatif", RECSYS, "--set", "redsi.hit=0%")
    assert (ran.code, ran.out) == (1, "") and "did you mean `redis`?" in ran.err


def test_without_changes_whatif_says_what_the_numbers_hang_on() -> None:
    found = asked("whatif", RECSYS)
    gains = {g["subject"]: g for g in found["promises"][0]["gains"]}
    assert next(iter(gains)) == "ranker" and gains["ranker"]["sum"] == 0.001
    assert 0 < gains["ranker"]["independent"] < gains["ranker"]["sum"]
    assert sum(g["sum"] for g in gains.values()) == pytest.approx(0.0024)
    cache = found["caches"][0]
    ranker = next(d for d in cache["demand"] if d["component"] == "ranker")
    assert (cache["cache"], cache["before"], cache["after"]) == ("redis", 0.8, 0.79)
    assert (ranker["before"], ranker["after"]) == (pytest.approx(2000), pytest.approx(2100))
    assert found["saturation"][0]["component"] == "edge" and found["saturation"][0]["rate"] == 30000
    assert "−1 ms        −0.87" in archboard("whatif", RECSYS).out
    assert archboard("whatif", RECSYS, "--format", "markdown").out.startswith("### Low-latency")


def test_what_is_too_full_has_no_sensitivities() -> None:
    full = BEFORE.replace("rate: 1k rps", "rate: 100k rps")
    ran = archboard("whatif", "-", given=full.encode())
    assert ran.code == 1 and "not judged: `shop` is" in ran.out
