"""`archboard new`: a pattern under a new name, or three answers and a first design that is solved for."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from archboard.compiler import compile_source
from archboard.measures.metrics import REPLICAS_NEEDED, UTILISATION
from archboard.sketch.answers import SLA, Wanted, read_rate, read_sla
from archboard.sketch.first import first_design
from archboard.sketch.patterns import names, pattern, patterns, renamed
from archboard.source import Source
from tests.commands import ROOT, archboard

LOADS = ("1/min", "20 rps", "1k rps", "45k rps", "3M rps")
PROMISES = (
    SLA, "p99 < 40ms", "p99.9 < 1s by bound", "p50 < 20ms, p95 < 80ms", "mean < 5ms", "max < 100ms",
    "p99 < 300ms by independent, availability >= 99.999%, throughput >= 2k rps",
)  # fmt: skip


def wanted(rate: str, sla: str) -> Wanted:
    load, read = read_rate(rate), read_sla(sla)
    assert not isinstance(load, str) and not isinstance(read, str)
    return Wanted("Answer.", load, *read)


def test_every_shipped_design_is_a_pattern_with_a_line() -> None:
    assert [one.name for one in patterns()] == [path.stem for path in sorted((ROOT / "designs").glob("*.arch"))]
    ran = archboard("new", "--list", "--format", "json")
    assert json.loads(ran.out) == [{"name": one.name, "title": one.title} for one in patterns()]
    assert all(f"  {one.name} " in archboard("new").out for one in patterns()[:2])


@pytest.mark.parametrize("name", names())
def test_a_pattern_changes_its_name_and_nothing_else(name: str) -> None:
    shipped = pattern(name)
    text = renamed(shipped, "mine")
    assert compile_source(Source("mine.arch", text)).design.name == "mine"
    assert text.replace("design mine ", f"design {name} ", 1) == shipped.text


def test_a_pattern_is_written_where_it_is_asked_for(tmp_path: Path) -> None:
    ran = archboard("new", "mine", "--from", "recsys", at=tmp_path)
    assert (ran.code, ran.out) == (0, "")
    assert archboard("check", "mine.arch", at=tmp_path).code == 0


def test_a_wrong_pattern_is_answered_with_the_nearest(tmp_path: Path) -> None:
    ran = archboard("new", "mine", "--from", "recsy", at=tmp_path)
    assert ran.code == 2
    assert "There is no pattern 'recsy'. Did you mean 'recsys'?" in ran.err
    assert not list(tmp_path.iterdir())


def test_a_file_that_is_there_stays_as_it_is_unless_forced(tmp_path: Path) -> None:
    (tmp_path / "mine.arch").write_text("mine")
    ran = archboard("new", "mine.arch", "--from", "recsys", at=tmp_path)
    assert ran.code == 2
    assert "mine.arch is there already" in ran.err
    assert (tmp_path / "mine.arch").read_text() == "mine"
    assert archboard("new", "mine", "--from", "recsys", "--force", at=tmp_path).code == 0


@pytest.mark.parametrize(
    ("name", "better"), [("my shop", "my_shop"), ("9lives", "lives"), ("-x-", "x"), ("a.b", "a_b")]
)
def test_a_name_that_is_none_is_told_with_one_that_is(name: str, better: str, tmp_path: Path) -> None:
    ran = archboard("new", "--rate", "1k rps", "--", name, at=tmp_path)
    assert ran.code == 2
    assert f"Would {better!r} do?" in ran.err


def test_answers_come_from_options_and_the_rest_is_usual_in_a_pipe(tmp_path: Path) -> None:
    ran = archboard("new", "shop", "--rate", "3k rps", "--problem", 'Sell "things".', at=tmp_path)
    assert ran.code == 0, ran.err
    text = (tmp_path / "shop.arch").read_text("utf-8")
    assert 'problem: "Sell \\"things\\"."' in text
    assert f"sla: {SLA}" in text
    assert archboard("check", "shop.arch", at=tmp_path).code == 0


@pytest.mark.parametrize(
    ("option", "answer", "told"),
    [
        ("--rate", "fast", "`rate` wants a rate, not the word `fast`: write `10k rps`."),
        ("--rate", "10ms", "`rate` wants a rate, and `10ms` is a duration: write `10k rps`."),
        ("--rate", "0 rps", "The load is 0 rps, and somebody has to come: write `1k rps`."),
        ("--sla", "quick", "`quick` promises nothing: an operator is missing: write `p99 < 50ms`."),
        ("--sla", "p99 < 5 rps", "`p99` wants a duration, and `5 rps` is a rate: write `p99 < 50ms`."),
    ],
)
def test_a_wrong_answer_gets_one_sentence(option: str, answer: str, told: str, tmp_path: Path) -> None:
    ran = archboard("new", "shop", option, answer, at=tmp_path)
    assert ran.code == 2
    assert told in ran.err
    assert not list(tmp_path.iterdir())


def test_a_pattern_takes_no_answers(tmp_path: Path) -> None:
    ran = archboard("new", "shop", "--from", "recsys", "--rate", "1k rps", at=tmp_path)
    assert ran.code == 2
    assert "leave --problem, --rate and --sla out" in ran.err


@pytest.mark.parametrize("rate", LOADS)
@pytest.mark.parametrize("sla", PROMISES)
def test_a_first_design_holds_whatever_is_asked(rate: str, sla: str) -> None:
    _, made = first_design("shop", wanted(rate, sla))
    assert made.ok, [d.message for d in made.diagnostics if d.is_error]
    assert not [d.rule.code for d in made.diagnostics if d.scenario is None and d.rule.code != "AB406"]


def test_the_replicas_of_a_first_design_are_what_the_compiler_says_it_takes() -> None:
    _, made = first_design("shop", wanted("10k rps", SLA))
    lost = next(ran for ran in made.scenarios if ran.scenario.title == "Redis is lost")
    count = made.design.components["app"].replicas.high
    assert count == lost.facts.value(REPLICAS_NEEDED, "app")
    assert (lost.facts.value(UTILISATION, "app") or 1) <= 0.7


def test_a_promise_that_no_first_design_keeps_is_told_and_exits_1(tmp_path: Path) -> None:
    ran = archboard("new", "shop", "--rate", "10 rps", "--sla", "cost <= $0.000001/request", at=tmp_path)
    assert ran.code == 1
    assert "AB702" in ran.err
    assert (tmp_path / "shop.arch").is_file()
