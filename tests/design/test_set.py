"""`--set`: the same on every command, and told like a line of the file where it is wrong."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.commands import RECSYS, archboard

POOL = """design pool "Pool" { sla: throughput >= 1k rps }
let { pods: 4 }
client web { rate: 1k rps }
region us, eu { service api { throughput: 200 rps; replicas: pods; latency: p50 5ms, p99 20ms } }
web -> us.api { share: 50% }
web -> eu.api
"""

WRONG = {
    "redis.hit=120%": ("AB205", 11, "`hit` 120% must be at most 100%", "write `80%`"),
    "redis.hitt=5%": ("AB204", 7, "`hitt` is no setting of a cache", "did you mean `hit`?"),
    "redsi.hit=0%": ("AB202", 1, "`redsi` is no component of this design", "did you mean `redis`?"),
    "web.rate=10ms": ("AB205", 10, "`rate` wants a rate, and `10ms` is a duration", "write `10k rps`"),
    "redis.hit=": ("AB101", 11, "the end found where a value was expected", "`--set redis.hit=0%`"),
    "redis.hit=0%; service x": ("AB101", 15, "`--set` takes one setting", "give each a `--set` of its own"),
    "redis.hit=0%\nservice x": ("AB101", 1, "`--set` takes one setting", "give each a `--set` of its own"),
    "ranker=5": ("AB202", 1, "`ranker` is no constant of this design", "say which setting of it"),
    "web->egde.latency=5ms": ("AB202", 1, "`web->egde` is no arrow of this design", "did you mean `web->edge`?"),
    "web->edge.latncy=5ms": ("AB204", 11, "`latncy` is no setting of an arrow", "did you mean `latency`?"),
    "web->edge.on=error": ("AB204", 11, "only failure arrows have a condition", "name a failure arrow"),
    'redis.hit="a': ("AB102", 11, "a string is opened here and not closed", "behind its last word"),
    "redis.hit=1e999": ("AB102", 11, "`1e999` is out of range", "write it with a unit that fits"),
    "\u202e.\x1b[31m=</script>": ("AB101", 10, "found where a value", "write a path and a value"),
}


def facts(ran_out: str) -> dict[tuple[str, str], float]:
    design = json.loads(ran_out)["designs"][0]
    return {(f["subject"], f["metric"]): f["value"] for f in design["facts"] if f["scenario"] is None}


@pytest.mark.parametrize("assignment", WRONG)
def test_a_wrong_setting_is_told_with_its_place_and_a_remedy(assignment: str) -> None:
    code, column, message, help = WRONG[assignment]
    ran = archboard("check", RECSYS, "--set", assignment)
    assert ran.code == 1
    assert f"error[{code}]" in ran.out and message in ran.out and help in ran.out, ran.out
    line = 2 if "\n" in assignment else 1
    assert f"  --> --set:{line}:{column}" in ran.out, ran.out


@pytest.mark.parametrize("assignment", ["redis.hit", "=5", "", " = "])
def test_an_assignment_without_a_path_or_a_value_is_wrong_usage(assignment: str) -> None:
    ran = archboard("check", RECSYS, "--set", assignment)
    assert ran.code == 2 and "write PATH=VALUE, such as redis.hit=0%" in ran.err


def test_every_form_of_path_changes_what_it_names(tmp_path: Path) -> None:
    (tmp_path / "pool.arch").write_text(POOL, "utf-8")

    def found(*assignments: str) -> dict[tuple[str, str], float]:
        words = [word for each in assignments for word in ("--set", each)]
        ran = archboard("check", "pool.arch", "--format", "json", *words, at=tmp_path)
        return facts(ran.out)

    assert found()["us.api", "capacity"] == 800
    assert found("pods=10")["us.api", "capacity"] == 2000
    assert found("us.api.replicas=10")["us.api", "capacity"] == 2000
    assert found("us.api.replicas=10")["eu.api", "capacity"] == 800
    assert found("eu.replicas=2")["eu.api", "capacity"] == 400
    assert found("web.rate=100 rps")["eu.api", "demand"] == 50
    assert found("web->us.api.share=20%")["us.api", "demand"] == 200
    assert found("web -> eu.api . latency = p50 1ms, p99 9ms")["web->eu.api", "latency_p99"] == 0.009
    assert found("pods=3", "us.api.replicas=pods")["us.api", "capacity"] == 600
    assert found("pods=3", "pods=5")["us.api", "capacity"] == 1000


def test_the_files_scenarios_run_on_top_of_the_changes() -> None:
    ran = archboard("check", RECSYS, "--set", "candidates.replicas=5", "--set", "candidates.needs=4")
    assert "Redis is lost: `candidates` gets 10,000/s and carries 2,500/s" in ran.out


def test_the_environment_sets_several(tmp_path: Path) -> None:
    env = {"ARCHBOARD_CHECK_SET": "ranker.latency=p50 1ms, p99 2ms; web.rate=1k rps"}
    found = facts(archboard("check", RECSYS, "--format", "json", env=env).out)
    assert found["ranker", "latency_p99"] == 0.002 and found["edge", "demand"] == 1000


def test_every_command_that_analyses_takes_it(tmp_path: Path) -> None:
    change = ("--set", "ranker.latency=30ms")
    assert archboard("explain", RECSYS, "ranker.latency_p99", *change).out.startswith("ranker.latency_p99 = 30 ms\n")
    assert "44 ms" in archboard("script", RECSYS, *change).out
    assert "p99 30 ms" in archboard("draw", RECSYS, *change).out
    assert archboard("build", RECSYS, *change, "--scale", "0.2", at=tmp_path).code == 0
    assert "p99 44 ms" in (tmp_path / "output" / "recsys" / "report.md").read_text("utf-8")
    assert archboard("draw", RECSYS, "--set", "redis.hit=2").code == 1
    both = archboard("check", RECSYS, RECSYS.parent / "recsys.arch", "--set", "redis.hit=0%")
    assert both.code == 0 and "100%" in both.out


def test_many_designs_all_take_it(tmp_path: Path) -> None:
    for number in range(6):
        (tmp_path / f"d{number}.arch").write_text(POOL, "utf-8")
    ran = archboard("check", ".", "--set", "web.rate=5k rps", at=tmp_path)
    assert ran.code == 1 and ran.out.count("`us.api` gets 2,500/s") == 6
