"""What can be changed, and by what: every kind of target with every command, or the reason why not."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

from archboard.faces.commands import app

POOL = """design pool "Pool" { sla: throughput >= 1k rps, p99 < 90ms }
let { pods: 4; slow: 20ms; word: "x" }
client web { rate: 1k rps }
region us, eu {
  service api { throughput: 400 rps; replicas: pods; latency: p50 5ms, p99 slow }
  store db { throughput: 4k rps; latency: 1ms..5ms; replicas: 2 }
  api <-> db { timeout: 50ms; retries: 1; payload: 2 KB }
}
model ranker { precision: int8; params: 1B; latency: p50 4ms, p99 10ms; throughput: 100k rps; price: $1/h; runs: "xgb" }
fallback popular { latency: 1ms; throughput: 100k rps }
web -> us.api { share: 50% }
web -> eu.api
us -x> eu { on: down }
ranker -x> popular { on: timeout 15ms }
flow search "Search" { sla: p99 < 100ms; rate: 10 rps
  web -> ranker { latency: p50 1ms, p99 2ms } }
"""
FILE = "no setting of an arrow"
NUMBER = "only a number can be turned"
DOT = "`p99.9` found"
# path: (a value, two ends of a range, why not in a file, why not turned, what `explain` begins with)
TARGETS = {
    "us.api.replicas": ("3", "3..5", "", "", "us.api.replicas = pods"),
    "us.api.throughput": ("500 rps", "300..500 rps", "", "", "us.api.throughput = 400 rps"),
    "us.api.latency": ("p50 2ms, p99 9ms", "10ms..30ms", "", "", "us.api.latency = p50 5ms, p99 slow"),
    "us.api.latency.p99": ("9ms", "10ms..30ms", "", "", "us.api.latency.p99 = 20 ms"),
    "us.api.latency.p99.9": ("90ms", "30ms..80ms", DOT, "", "us.api.latency.p99.9 is not given"),
    "us.db.latency": ("1ms..6ms", "4ms..8ms", "", "", "us.db.latency = 1ms..5ms"),
    "us.replicas": ("2..6", "3..5", "", "", "us.replicas = pods"),
    "us.availability": ("99%", "90%..99%", "", "", "us.availability is not given"),
    "ranker.price": ("$2/h", "$1/h..$3/h", "", "", "ranker.price = $1/h"),
    "ranker.params": ("2B", "1B..3B", "", "", "ranker.params = 1B"),
    "ranker.precision": ("int4", "1..2", "", NUMBER, "ranker.precision = int8"),
    "ranker.runs": ('"other"', "1..2", "", NUMBER, 'ranker.runs = "xgb"'),
    "ranker.down": ("yes", "1..2", "", NUMBER, "ranker.down is not given"),
    "search.rate": ("20 rps", "5..20 rps", "", "", "search.rate = 10 rps"),
    "pods": ("3", "3..5", "", "", "pods = 4"),
    "slow": ("30ms", "10ms..30ms", "", "", "slow = 20ms"),
    "word": ('"y"', "1..2", "", NUMBER, 'word = "x"'),
    "web->us.api.share": ("40%", "40%..60%", FILE, "", "web->us.api.share = 50%"),
    "us.api<->us.db.retries": ("2", "1..3", FILE, "", "us.api<->us.db.retries = 1"),
    "us.api<->us.db.timeout": ("60ms", "40ms..60ms", FILE, "", "us.api<->us.db.timeout = 50ms"),
    "us.api<->us.db.backoff": ("5ms", "1..2", FILE, NUMBER, "us.api<->us.db.backoff is not given"),
    "us.api<->us.db.hedge": ("10ms", "1ms..2ms", FILE, NUMBER, "us.api<->us.db.hedge is not given"),
    "web->ranker.latency": ("5ms", "1ms..5ms", FILE, "", "web->ranker.latency = p50 1ms, p99 2ms"),
    "web->ranker.latency.p99": ("5ms", "2ms..5ms", FILE, "", "web->ranker.latency.p99 = 2 ms"),
    "ranker-x>popular.on": ("timeout 20ms", "12ms..20ms", FILE, "", "ranker-x>popular.on = timeout 15ms"),
    "us-x>eu.on": ("error", "1ms..2ms", FILE, NUMBER, "us-x>eu.on = down"),
}


def said(folder: Path, *words: str, file: str = POOL) -> str:
    (folder / "pool.arch").write_text(file, "utf-8")
    return CliRunner().invoke(app, [words[0], str(folder / "pool.arch"), *words[1:]]).output


def refused(text: str) -> bool:
    return any(f"error[{code}]" in text for code in ("AB101", "AB202", "AB204", "AB205", "AB206")) or "Usage" in text


@pytest.mark.parametrize("path", TARGETS)
def test_what_can_be_set_can_be_told_in_a_scenario_turned_and_explained_or_it_is_said_why_not(
    path: str, tmp_path: Path
) -> None:
    value, ends, unfiled, unturned, explained = TARGETS[path]
    assert not refused(said(tmp_path, "whatif", "--set", f"{path}={value}"))
    told = said(
        tmp_path, "check", file=f'{POOL}scenario "What" {{ {path.replace("-x>", " -x> ")}: {value}; expect: ok }}\n'
    )
    assert refused(told) == bool(unfiled) and unfiled in told, told
    swept = said(tmp_path, "sweep", "--over", f"{path}={ends}", "--steps", "2", "--workers", "1")
    assert refused(swept) == bool(unturned) and unturned in swept, swept
    solved = said(tmp_path, "solve", "--for", path, "--between", ends)
    assert refused(solved) == bool(unturned) and unturned in solved, solved
    assert said(tmp_path, "explain", path).startswith(f"{explained}\n")


WRONG = {
    "rankr.replicas=3": ("AB202", "`rankr` is no component of this design", "did you mean `ranker`?"),
    "api.replicas=3": ("AB202", "`api` could be `us.api` or `eu.api`", "write the full name"),
    "searhc.rate=3 rps": ("AB202", "`searhc` is no component of this design", "did you mean `search`?"),
    "podss=3": ("AB202", "`podss` is no constant of this design", "did you mean `pods`?"),
    "web=3": ("AB202", "`web` is no constant of this design", "say which setting of it: `web.rate`"),
    "us=3": ("AB202", "`us` is no constant of this design", "say which setting of it: `us.replicas`"),
    "search=3": ("AB202", "`search` is no constant of this design", "say which setting of it: `search.rate`"),
    "main.rate=3 rps": ("AB202", "`main` is no component of this design", "change that of what sends its requests"),
    "pool.talk=3min": ("AB202", "`pool` is no component of this design", "give a number a name in a `let`"),
    "ranker.latency.service=yes": ("AB202", "`ranker.latency` is no component", "write `ranker.latency` alone"),
    "search.sla=p99 < 3ms": ("AB204", "`sla` of a flow is not changed by a what-if", "change `search.rate`"),
    "search.rat=3 rps": ("AB204", "`rat` is no setting of a flow", "did you mean `rate`?"),
    "us.hit=3%": ("AB204", "`hit` is no setting of anything in `us`", "that one of its components has"),
    "us.replics=3": ("AB204", "`replics` is no setting of anything in `us`", "did you mean `replicas`?"),
    "ranker.price.p99=3ms": ("AB204", "`p99` is no setting of `ranker.price`", "write `ranker.price` alone"),
    "ranker.latency.p0=3ms": ("AB204", "`p0` is no percentile", "write `ranker.latency.p99`"),
    "ranker.latency.p50=20ms": (
        "AB205",
        "`latency` p99 10 ms is below p50 20 ms",
        "a higher percentile is never faster",
    ),
    "ranker.latency.p50=3": ("AB205", "`latency p50` wants a duration, and `3` has no unit", "write `3ms`"),
    "us.db.latency.p99=3ms": ("AB205", "`latency` is a range and has no p99", "give all of it"),
}


@pytest.mark.parametrize("assignment", WRONG)
def test_what_is_wrong_with_a_path_is_told_alike_of_the_command_line_and_of_a_file(
    assignment: str, tmp_path: Path
) -> None:
    code, message, help = WRONG[assignment]
    path, _, value = assignment.partition("=")
    file = f'{POOL}scenario "What" {{ {path}: {value} }}\n'
    line = POOL.count("\n") + 1
    for told, place in (
        (said(tmp_path, "check", "--set", assignment), "  --> --set:1:"),
        (said(tmp_path, "check", file=file), f"pool.arch:{line}:"),
    ):
        assert f"error[{code}]: {message}" in told and help in told and place in told, told


@pytest.mark.parametrize(
    ("path", "message", "help"),
    [
        ("web->api.share", "`web->api` could be `web->us.api` or `web->eu.api`", "write the full names"),
        ("web->us.api", "`web->us.api` is an arrow", "say which setting of it: `web->us.api.latency`"),
        ("web->us.ap.share", "`web->us.ap` is no arrow of this design", "did you mean `web->us.api`?"),
        ("eu-x>us.on", "`eu-x>us` is no arrow of this design", "name an arrow as the report does"),
        ("web->us.api.on", "only failure arrows have a condition", "name a failure arrow: `us.api-x>eu.api.on`"),
    ],
)
def test_what_is_wrong_with_the_path_of_an_arrow_is_told(path: str, message: str, help: str, tmp_path: Path) -> None:
    told = said(tmp_path, "check", "--set", f"{path}=50%")
    assert message in told and help in told, told
    assert message in said(tmp_path, "solve", "--for", path)


def test_two_ways_to_write_one_thing_are_one_thing(tmp_path: Path) -> None:
    last = said(tmp_path, "explain", "us.api.replicas", "--set", "us.api.replicas=9", "--set", "us . api . replicas=5")
    assert last.startswith("us.api.replicas = 5\n")
    swept = said(
        tmp_path, "sweep", "--over", "web->ranker.latency=1ms..2ms", "--over", "web -> ranker.latency=1ms..2ms"
    )
    assert "web->ranker.latency is swept twice" in swept
    inside = POOL.replace(
        "region us, eu {", 'region us, eu {\n  scenario "Few" { api.replicas: 1; us.api.replicas: 2 }'
    )
    assert "error[AB206]: `us.api.replicas` is given twice in one block" in said(tmp_path, "check", file=inside)


def test_a_percentile_changes_alone_whatever_the_rest_comes_from(tmp_path: Path) -> None:
    alike = POOL.replace("region us", "model second { like: ranker; throughput: 1k rps }\nweb ~> second\nregion us", 1)

    def latency(name: str, percentile: str, *changes: str) -> str:
        words = [word for each in changes for word in ("--set", each)]
        return said(tmp_path, "explain", f"{name}.latency_{percentile}", *words, file=alike).splitlines()[0]

    assert latency("ranker", "p99", "ranker.latency.p99=30ms") == "ranker.latency_p99 = 30 ms"
    assert latency("ranker", "p50", "ranker.latency.p99=30ms") == "ranker.latency_p50 = 4 ms"
    assert latency("second", "p99", "ranker.latency.p99=30ms") == "second.latency_p99 = 30 ms"
    assert latency("second", "p99", "second.latency.p99=30ms") == "second.latency_p99 = 30 ms"
    assert latency("second", "p50", "second.latency.p99=30ms") == "second.latency_p50 = 4 ms"
    both = ("ranker.latency.p99=30ms", "ranker.latency=p50 7ms, p99 9ms")
    assert latency("ranker", "p50", *both) == "ranker.latency_p50 = 7 ms"
    assert latency("ranker", "p99", *both) == "ranker.latency_p99 = 30 ms"
    assert latency("ranker", "p99", *reversed(both)) == "ranker.latency_p99 = 30 ms"


def test_an_arrow_between_groups_stands_for_all_that_it_was_written_for(tmp_path: Path) -> None:
    told = said(tmp_path, "whatif", "--set", "us-x>eu.on=error", "--set", "web->eu.latency=3ms")
    changed = [line.split() for line in told.partition("changed\n")[2].partition("\n\n")[0].splitlines()]
    assert changed == [["+", "web->eu.api.latency", "3ms"], ["~", "us.api-x>eu.api.on", "down", "→", "error"]]


def test_a_constant_is_turned_from_where_the_command_line_puts_it(tmp_path: Path) -> None:
    told = said(tmp_path, "solve", "--for", "pods", "--promise", "throughput", "--set", "pods=10")
    assert "10, and it holds" in told


def test_a_change_that_nothing_would_come_of_is_told(tmp_path: Path) -> None:
    assert "did you mean `ranker`?" in said(tmp_path, "explain", "web.demand", "--set", "rankr.replicas=3")
    for words in (["explain", "AB401"], ["sheet"]):
        ran = CliRunner().invoke(app, [*words, "--set", "ranker.replicas=3"])
        assert ran.exit_code == 2 and "--set changes a design: name one" in ran.output


def test_a_number_is_explained_by_any_name_that_means_one_thing(tmp_path: Path) -> None:
    assert said(tmp_path, "explain", "web -> ranker . latency_p99").startswith("web->ranker.latency_p99 = 2 ms\n")
    assert "could be us.api.utilisation or eu.api.utilisation" in said(tmp_path, "explain", "api.utilisation")
    assert "Did you mean 'ranker.replicas'?" in said(tmp_path, "explain", "ranker.replics")
    lone = f"{POOL}group g {{ service own {{ throughput: 90k rps }} }}\nweb ~> own\n"
    assert said(tmp_path, "explain", "own.capacity", file=lone).startswith("g.own.capacity = 90,000/s\n")
    words = ("--over", "pods=1..2", "--of", "own.demand", "--steps", "2", "--workers", "1")
    assert "g.own.demand" in said(tmp_path, "sweep", *words, file=lone)
