"""What a verdict hangs on: each assumption tried at another value, worked out by hand, and told where it matters."""

from __future__ import annotations

import json
import math
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings

from archboard.compilation import Compilation
from archboard.compiler import compile_reading, read_bytes
from archboard.conditions import Condition
from archboard.design.overrides import read_changes
from archboard.renderers.report.json_form import as_data
from archboard.renderers.report.markdown import render_report
from archboard.renderers.report.text import render_text
from archboard.renderers.sheet.contents import contents
from archboard.verdicts import Judged
from archboard.worth import LARGEST, MATTERS, weighed
from tests.commands import archboard
from tests.strategies import designs as any_design
from tests.worked import LIBRARY, RECSYS, ROOT, reading

Z = 2.3263478740408408
"""The normal 99th percentile."""


def checked(text: str, *changes: str) -> Compilation:
    """Return what a check makes of a design, with what was tried."""
    reading, changed = read_bytes("case.arch", text.encode()), read_changes(changes)
    return weighed(reading, compile_reading(reading, changed), changed)


@cache
def weighed_once(path: Path) -> Compilation:
    """Return what a check makes of a worked design."""
    return checked(path.read_text("utf-8"))


def conditions(compilation: Compilation) -> list[tuple[str, str, float | None, bool | None]]:
    """Return what each promise comes out so by."""
    return [
        (each.taken.name, each.tried, each.value, each.ok)
        for verdict in compilation.facts.judged
        for each in verdict.conditions
    ]


def only(compilation: Compilation) -> Condition:
    """Return the one condition that there is."""
    (condition,) = [each for verdict in compilation.facts.judged for each in verdict.conditions]
    return condition


CHAIN = """design d {{ sla: {sla}
  {assume} }}
client w {{ rate: 100 rps }}
service api {{ {api} }}
{more}
w -> api {{ {hop} }}
"""


def chain(
    sla: str, api: str, *, assume: str = "", more: str = "", hop: str = "latency: 0s", changes: tuple[str, ...] = ()
) -> Compilation:
    return checked(CHAIN.format(sla=sla, api=api, assume=assume, more=more, hop=hop), *changes)


def test_a_median_alone_takes_its_tail_for_granted() -> None:
    condition = only(chain("p99 < 100ms", "latency: p50 20ms"))
    assert (condition.taken.name, condition.tried, condition.ok) == ("tail", "10x", False)
    assert condition.value == pytest.approx(0.2, rel=1e-9)
    assert condition.eats == pytest.approx((0.2 - 0.06) / (0.1 - 0.06), rel=1e-9)
    assert condition.taken.subjects == ("api",)


def test_a_tail_that_is_stated_is_no_condition_be_it_the_default() -> None:
    for assume in ("assume: tail 3x", "assume: tail 4x"):
        assert not conditions(chain("p99 < 100ms", "latency: p50 20ms", assume=assume))
    assert not conditions(chain("p99 < 100ms", "latency: p50 20ms, p99 60ms"))


def test_what_states_no_availability_is_taken_to_be_up() -> None:
    condition = only(chain("availability >= 99.95%", "latency: 5ms"))
    assert (condition.taken.name, condition.tried, condition.ok) == ("availability", "99.9%", False)
    assert condition.value == pytest.approx(0.999, rel=1e-12)
    assert condition.taken.held == "api is never down (no availability stated)"


def test_a_client_is_there_where_it_asks_whatever_is_assumed() -> None:
    found = chain("availability >= 99.95%", "latency: 5ms", changes=("assume.availability=99%",))
    assert found.facts.value("availability", "main") == pytest.approx(0.99, rel=1e-12)
    assert not conditions(found), "it is stated on the command line"


def test_replicas_are_taken_not_to_fail_together() -> None:
    api = "availability: 99.9%; replicas: 2; throughput: 1k rps; latency: 5ms"
    condition = only(chain("availability >= 99.99%", api))
    assert (condition.taken.name, condition.tried, condition.ok) == ("common cause", "10%", False)
    common, own = 0.1 * 0.001, 0.9 * 0.001 / (1 - 0.1 * 0.001)
    assert condition.value == pytest.approx((1 - common) * (1 - own**2), rel=1e-9)


def test_one_replica_of_several_is_taken_to_be_enough() -> None:
    found = chain("availability >= 99.95%", "availability: 99.9%; replicas: 3; latency: 5ms")
    condition = only(found)
    assert (condition.taken.name, condition.tried, condition.changes) == ("needs", "3", ("api.needs=3",))
    assert condition.value == pytest.approx(0.999**3, rel=1e-9)


def test_a_repair_is_taken_to_be_short() -> None:
    api = "mtbf: 30 days; latency: 5ms"
    condition = only(chain("availability >= 99.9%", api))
    assert (condition.taken.name, condition.tried, condition.ok) == ("mttr", "4h", False)
    assert condition.value == pytest.approx(720 / 724, rel=1e-9)


def test_what_is_kept_is_taken_to_cost_nothing() -> None:
    store = "store db { size: 10 TB; price: $1/h; latency: 1ms }\napi <-> db { latency: 0s }"
    found = chain("cost <= $900/month", "latency: 5ms; price: $0/h", more=store)
    condition = only(found)
    assert (condition.taken.name, condition.tried) == ("storage", "$0.023/GB")
    assert condition.value == pytest.approx(730 + 10_000 * 0.023, rel=1e-9)


def test_what_leaves_is_taken_to_cost_nothing() -> None:
    hop = "latency: 0s; payload: 100 KB"
    condition = only(chain("cost <= $900/month", "latency: 5ms; price: $1/h", hop=hop))
    assert (condition.taken.name, condition.tried) == ("egress", "$0.09/GB")
    assert condition.value == pytest.approx(730 + 100 * 1e5 * 730 * 3600 * 0.09e-9, rel=1e-9)


def test_an_arrow_without_a_latency_is_taken_to_take_no_time() -> None:
    condition = only(chain("p99 < 10.4ms", "latency: p50 5ms, p99 10ms", hop=""))
    assert (condition.taken.name, condition.tried, condition.value) == ("hop", "0.5ms", 0.0105)


def test_replicas_are_taken_to_share_one_queue() -> None:
    api = "latency: p50 10ms, p99 25ms, service; replicas: 4; concurrency: 1; throughput: 50 rps"
    found = chain("p99 < 65ms", api)
    assert [each[:2] for each in conditions(found)] == [("balance", "random")]
    apart = chain("p99 < 65ms", f"{api}; balance: random")
    assert only(found).value == apart.facts.judged[0].value
    assert "balance" not in [taken.name for taken in apart.facts.assumptions]


def test_how_full_a_range_runs_is_taken_for_granted() -> None:
    api = "latency: 5ms; throughput: 10 rps; replicas: 4..40; price: $1/h"
    found = chain("cost <= $12000/month", api)
    condition = only(found)
    assert (condition.taken.name, condition.tried, condition.ok) == ("utilisation", "50%", False)
    assert found.facts.judged[0].value == pytest.approx(math.ceil(100 / 7) * 730)
    assert condition.value == pytest.approx(20 * 730)


TWO = """design d {{ sla: p99 < {limit} by {policy}; {assume} }}
client w {{ rate: 100 rps }}
service a {{ latency: p50 10ms, p99 30ms }}
service b {{ latency: p50 10ms, p99 30ms }}
w -> a -> b {{ latency: 0s }}
"""


def test_independent_hops_are_taken_to_be_independent() -> None:
    found = checked(TWO.format(limit="55ms", policy="independent", assume=""))
    condition = only(found)
    assert (condition.taken.name, condition.tried, condition.ok) == ("independence", "correlation 1", False)
    assert condition.value == pytest.approx(0.06, rel=1e-3), "all slow together is the sum"
    nearer = only(checked(TWO.format(limit="50ms", policy="independent", assume="")))
    assert (nearer.tried, nearer.changes) == ("correlation 0.5", ("assume.correlation=0.5",))


def test_where_a_sum_holds_only_the_worst_case_breaks_it() -> None:
    found = checked(TWO.format(limit="62ms", policy="sum", assume=""))
    verdict = found.facts.judged[0]
    assert verdict.worst_case is not None and verdict.value == 0.06 < 0.062 < verdict.worst_case
    assert [each[:3] for each in conditions(found)] == [("sum", "worst case", verdict.worst_case)]


def test_a_bound_holds_by_nothing() -> None:
    assert not conditions(checked(TWO.format(limit="90ms", policy="bound", assume="")))


def test_the_worst_of_alternatives_says_nothing_of_independent_hops() -> None:
    text = """design d { sla: p90 < 20ms by independent }
client w { rate: 100 rps }
cache c { hit: 99%; latency: p50 1ms, p99 2ms }
store db { latency: p50 100ms, p99 300ms }
w -> c -> db { latency: 0s }
"""
    assert not conditions(checked(text))


def test_a_miss_may_hang_on_an_assumption_too() -> None:
    text = CHAIN.format(sla="p50 < 5ms", api="latency: p99 30ms", assume="", more="", hop="latency: 0s")
    found = checked(text)
    assert found.facts.judged[0].ok is False
    condition = only(found)
    assert (condition.taken.name, condition.tried, condition.ok) == ("tail", "10x", True)
    assert condition.value == pytest.approx(0.003, rel=1e-9)


def test_what_is_told_turns_most_verdicts_first_then_eats_most() -> None:
    found = chain("p99 < 100ms, mean < 70ms, availability >= 99.95%", "latency: p50 20ms; availability: 99.99%",
                  more="service b { latency: p50 1ms, p99 2ms }\napi <-> b { latency: 0s }")  # fmt: skip
    assert found.hanging is not None
    told = [(weight.condition.taken.name, weight.turns) for weight in found.hanging]
    assert told[0] in {("tail", 1), ("tail", 2)}
    assert ("availability", 1) in told
    ranks = [(-weight.turns, -weight.condition.eats) for weight in found.hanging]
    assert ranks == sorted(ranks)
    assert all(weight.turns or weight.condition.eats >= MATTERS for weight in found.hanging)


def test_where_nothing_matters_one_line_says_so() -> None:
    found = chain("p99 < 10s", "latency: p50 1ms, p99 2ms")
    assert found.hanging == ()
    assert "hangs on\n  nothing: " in render_text(found)


def test_where_nothing_is_promised_nothing_is_said() -> None:
    text = "client w { rate: 1 rps }\nservice s { latency: 1ms }\nw -> s\n"
    assert checked(text).hanging is None
    assert "hangs on" not in render_text(checked(text))


def test_what_is_not_understood_is_not_tried() -> None:
    text = "design d { sla: p99 < 10ms }\nclient w { rate: 1 rps }\nservice s { latency: 1 }\nw -> s"
    assert checked(text).hanging is None


def test_a_large_design_is_not_tried() -> None:
    for count in (LARGEST // 2 - 1, LARGEST // 2):
        names = [f"s{number}" for number in range(count)]
        things = "\n".join(f"service {name} {{ latency: p50 1ms, p99 2ms }}" for name in names)
        text = f"design d {{ sla: p99 < 9s }}\nclient w {{ rate: 1 rps }}\n{things}\nw -> {' -> '.join(names)}"
        assert (checked(text).hanging is None) is (count == LARGEST // 2)


def told_by_set(path: Path, condition: Condition, place: int) -> float | None:
    """Return what a check says of a promise under the changes that a condition names."""
    verdict = compile_reading(reading(path), read_changes(condition.changes), scenarios=False).facts.verdicts[place]
    tied = condition.taken.name == "independence" and isinstance(verdict, Judged)
    return verdict.correlated if tied else verdict.value


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_what_a_condition_says_is_what_a_check_says_of_its_changes(path: Path) -> None:
    found = weighed_once(path)
    for place, verdict in enumerate(found.facts.verdicts):
        for condition in verdict.conditions if isinstance(verdict, Judged) else ():
            if condition.changes:
                assert told_by_set(path, condition, place) == condition.value
            else:
                assert isinstance(verdict, Judged) and condition.value == verdict.worst_case
            assert condition.ok is verdict.promise.holds(condition.value) if condition.value is not None else True
    for weight in found.hanging or ():
        if weight.condition.changes:
            places = [at for at, v in enumerate(found.facts.verdicts) if v.promise.text == weight.promise]
            said = [told_by_set(path, weight.condition, at) for at in places]
            assert weight.condition.value in said


@pytest.mark.parametrize("path", LIBRARY, ids=lambda path: path.stem)
def test_nothing_that_a_design_states_is_a_condition(path: Path) -> None:
    found = weighed_once(path)
    for verdict in found.facts.judged:
        for condition in verdict.conditions:
            row = condition.taken.row
            assert row.setting is None or not found.design.assumptions.states(row.setting.name.replace(" ", "_"))


@given(any_design(8))
@settings(max_examples=25)
def test_what_was_tried_changes_nothing_else_and_is_the_same_again(text: str) -> None:
    reading = read_bytes("case.arch", text.encode())
    plain = compile_reading(reading)
    first, again = weighed(reading, plain, read_changes(())), checked(text)
    assert as_data(first)["hangs_on"] == as_data(again)["hangs_on"]
    one, other = as_data(plain), as_data(first)
    for data in (one, other):
        data["hangs_on"] = None
        for promise in data["promises"]:
            promise["holds_by"] = []
    assert one == other


def test_the_answers_of_trials_are_kept_and_are_the_same(tmp_path: Path) -> None:
    words = ("check", str(RECSYS), "--format", "json")
    runs = [archboard(*words, env={"ARCHBOARD_CACHE": cache}) for cache in ("off", str(tmp_path), str(tmp_path))]
    assert len({run.out for run in runs}) == 1
    kept = "".join(path.read_text("utf-8") for path in tmp_path.iterdir())
    assert "verdicts with assume.common_cause=10%" in kept


def test_what_is_kept_is_of_the_design_as_it_is(tmp_path: Path) -> None:
    design = tmp_path / "d.arch"
    cache = {"ARCHBOARD_CACHE": str(tmp_path / "kept")}
    text = CHAIN.format(sla="p99 < 100ms", api="latency: p50 20ms", assume="", more="", hop="latency: 0s")
    said = []
    for each in (text, text.replace("20ms", "25ms"), text):
        design.write_text(each, "utf-8")
        data = json.loads(archboard("check", str(design), "--format", "json", env=cache).out)
        said.append(data["designs"][0]["promises"][0]["holds_by"][0]["value"])
    assert said == pytest.approx([0.2, 0.25, 0.2])


def test_every_form_says_what_a_promise_holds_by() -> None:
    found = chain("p99 < 100ms", "latency: p50 20ms")
    words = "if p99 is 3 × p50 of api: at 10x it is 200 ms ✗"
    line = "p99 is 3 × p50 of api (assumed); at 10x p99 is 200 ms of 100 ms ✗ · state `assume: tail 5x`"
    assert words in render_text(found) and line in render_text(found)
    assert words in render_report(found) and line in render_report(found)
    cells = [cell.text for table in contents(found).tables for group in table.groups for row in group for cell in row]
    assert words in cells
    (promise,) = as_data(found)["promises"]
    assert promise["holds_by"][0]["set"] == ["assume.tail=10x"]
    assert as_data(found)["hangs_on"][0]["state"] == "assume: tail 5x"


def test_the_reference_design_hangs_on_replicas_that_do_not_fail_together() -> None:
    found = checked(RECSYS.read_text("utf-8"))
    assert not conditions(found), "every tick of it stands"
    assert found.hanging is not None
    assert [weight.condition.taken.name for weight in found.hanging] == ["common cause"]
    assert (ROOT / "designs" / "recsys.arch") == RECSYS


def test_the_page_says_what_a_promise_holds_by(tmp_path: Path) -> None:
    (tmp_path / "d.arch").write_text(
        CHAIN.format(sla="p99 < 100ms", api="latency: p50 20ms", assume="", more="", hop="latency: 0s"), "utf-8"
    )
    for words in (("build", "d.arch", "-o", "out"), ("script", "d.arch", "-o", "out/d/page.html")):
        archboard(*words, at=tmp_path)
    for name in ("walkthrough.html", "page.html"):
        page = (tmp_path / "out/d" / name).read_text("utf-8")
        assert "✓ p99 &lt; 100ms if p99 is 3 × p50 of api: at 10x it is 200 ms ✗" in page


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("tail", "assume.tail = 3×, assumed"), ("balance", "assume.balance = shared, assumed"),
        ("correlation", "assume.correlation is not given"),
    ],
)  # fmt: skip
def test_what_is_assumed_is_explained(name: str, said: str) -> None:
    assert archboard("explain", RECSYS, f"assume.{name}").out.splitlines()[0] == said
    assert "written at --set" in archboard("explain", RECSYS, "assume.tail", "--set", "assume.tail=3x").out
