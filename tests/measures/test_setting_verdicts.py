"""A setting that is accepted does something, and what is said of it is what was meant: designs whose tick was false."""

from __future__ import annotations

import math
from statistics import NormalDist

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.compilation import Compilation
from archboard.facts import whole
from archboard.language.scan import amount
from archboard.measures.cost import of_a_request
from archboard.renderers.report.markdown import render_report
from archboard.renderers.report.text import render_text
from archboard.script import narrate
from archboard.source import Source
from archboard.words.verdicts import told
from tests.measures.test_arrivals import case, codes, compiled


def about(found: Compilation, code: str) -> list[str]:
    """Return the sentences of the findings of one code."""
    return [d.message for d in found.diagnostics if d.rule.code == code]


def test_a_timeout_is_not_held_against_a_mean() -> None:
    found = case("timeout_and_mean")
    assert "AB404" not in codes(found)


@pytest.mark.parametrize(("promised", "told"), [
    ("p99 < 2s", False), ("p99 < 900ms", True), ("mean < 100ms", False), ("mean < 100ms, p50 < 900ms", True),
    ("max < 900ms", True), ("max < 1s", False),
])  # fmt: skip
def test_percentiles_and_the_worst_case_say_how_long_one_request_may_take(promised: str, told: bool) -> None:
    found = case("timeout_and_mean", ("mean < 100ms, p99 < 2s", promised))
    assert bool([m for m in about(found, "AB404") if "promised" in m]) == told


WEEK = 7 * 24 * 3600.0


def test_a_log_keeps_what_it_is_given_in_every_copy() -> None:
    found = case("queue_keeps")
    assert not codes(found)
    assert found.facts.value("stored", "log") == pytest.approx(10_000 * 1_000 * WEEK * 3)  # 18.14 TB
    assert found.facts.value("traffic", "p~>log") == pytest.approx(1e7)


def test_what_is_kept_is_paid_where_the_design_gives_the_price() -> None:
    found = case("queue_keeps", ("client p", "design d { assume: storage $0.02/GB }\nclient p"))
    assert found.facts.value("cost_storage", "log") == pytest.approx(10_000 * 1_000 * WEEK * 3 / 1e9 * 0.02)
    assert found.facts.value("cost_month", "log") == found.facts.value("cost_month", "d")


def test_a_queue_that_no_one_says_the_size_of_a_message_to_says_so() -> None:
    found = case("queue_keeps", (" { payload: 1 KB }", ""))
    assert found.facts.value("stored", "log") is None
    reason = "no arrow says the `payload` that it brings to `log`"
    assert f"what is kept in log is not worked out: {reason}" in [taken.sentence for taken in found.facts.assumptions]


@pytest.mark.parametrize(("arrows", "bytes_a_second"), [
    ("a -> q { payload: 2 KB }\nb ~> q { payload: 500 B }", 30 * 2000 + 50 * 500),
    ("a -> q { payload: 2 KB; share: 100% }\nb ~> q { share: 10%; payload: 1 MB }", 30 * 2000 + 5 * 1e6),
    ("a -> q { payload: 2 KB }\nb ~> q { payload: 3 KB; rate: 1/min }", 30 * 2000 + 3000 / 60),
    ("a -> q { payload: 2 KB }\nb ~> q", 30 * 2000),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["queue", "telemetry"])
def test_what_arrives_is_kept_by_whatever_arrow_it_comes(kind: str, arrows: str, bytes_a_second: float) -> None:
    found = compiled(
        "client a { rate: 30 rps }\nclient b { rate: 50 rps }\n"
        f"{kind} q {{ retention: 2 days; copies: 2; throughput: 1k rps }}\n{arrows}\n"
    )
    assert found.facts.value("stored", "q") == pytest.approx(bytes_a_second * 2 * 86400 * 2)


@pytest.mark.parametrize(("settings", "kept"), [
    ("retention: 10 days; copies: 3", 3 * 864e6 * 10),  # 10/s of 1 KB, written and not asked
    ("size: 1 GB; retention: 10 days", 1e9 + 864e6 * 10),
    ("growth: 1 GB/day; retention: 10 days", 10e9),
    ("size: 1 GB; copies: 2", 2e9),
    ("size: 1 GB; growth: 1 GB/day", 1e9),
    ("copies: 3", None),
    ("growth: 1 GB/day", None),
])  # fmt: skip
def test_a_store_of_which_no_growth_is_known_keeps_what_is_written_to_it(settings: str, kept: float | None) -> None:
    found = compiled(
        f"client a {{ rate: 10 rps }}\nstore s {{ {settings}; throughput: 1k rps }}\n"
        "a -> s { payload: 9 KB }\na ~> s { payload: 1 KB }\n"
    )
    value = found.facts.value("stored", "s")
    assert value == (None if kept is None else pytest.approx(kept))


MONTH = 730 * 3600.0


def bill(found: Compilation) -> tuple[float, float]:
    """Return the month's bill of a design and what a request costs, as they are shown beside each other."""
    each = of_a_request(found.facts, found.design)
    month = found.facts.value("cost_month", whole(found.design))
    assert month is not None and each is not None and each.value is not None
    return month, each.value


def test_month_and_request_that_are_shown_together_divide() -> None:
    found = case("two_flows_one_bill")
    assert bill(found) == (2920, pytest.approx(2920 / (2000 * MONTH)))
    text = render_text(found)
    assert "costs $2,920 a month, $0.000000556 a request" in text
    row = next(line for line in render_report(found).splitlines() if line.startswith("| all"))
    assert "$2,920" in row and "$0.000000556" in row


def test_walkthrough_and_questions_say_the_same_bill() -> None:
    found = case("two_flows_one_bill")
    script = narrate(found.design, found.facts, found.scenarios)
    said = " ".join(line.text for step in script.steps for cue in step.cues for line in cue.sentences)
    assert "($2,920) a month: about fifty-five point six cents per million requests ($0.000000556/request)" in said


def test_the_flows_bills_add_up_to_the_months() -> None:
    facts = case("two_flows_one_bill").facts
    flows = {fact.subject: fact.value or 0.0 for fact in facts.of("cost_flow")}
    assert flows == {"main": pytest.approx(1460 + 730), "admin": pytest.approx(730)}
    for name, paid in flows.items():
        assert facts.value("cost_request", name) == pytest.approx(paid / (1000 * MONTH))


FLOWS = (
    "design c { sla: cost <= $30k/month }\nclient u { rate: 100 rps }\nclient v { rate: 300 rps }\n"
    "service s { replicas: 2; price: $1/h }\nexternal x { price: $0.0001/request }\n"
    "store db { replicas: 2; price: $2/h }\nu -> s\ns <-> x\ns <-> db\n"
    "flow admin { sla: cost <= $2k/month, cost <= $0.00001/request\n v -> db }\n"
)


def test_a_month_of_a_named_flow_is_its_own_bill_and_one_of_the_design_is_all_of_it() -> None:
    found = compiled(FLOWS)
    values = [(verdict.flow, verdict.promise.per, verdict.value) for verdict in found.facts.judged]
    assert values == [
        ("main", "month", pytest.approx(30_660)),
        ("admin", "month", pytest.approx(2_920 * 0.75)),
        ("admin", "request", pytest.approx(2_920 * 0.75 / (300 * MONTH))),
    ]
    missed = [d for d in found.diagnostics if d.rule.code == "AB702"]
    assert [(d.subject, d.help.split()[0]) for d in missed] == [("main", "`x`"), ("admin", "`db`")]


def test_the_only_flow_that_pays_pays_the_bill_by_whatever_name() -> None:
    found = compiled(
        "client v { rate: 300 rps }\nservice s { price: $1/h }\n"
        "flow admin { sla: cost <= $800/month\n v -> s }\nflow idle { s -> t }\nservice t\n"
    )
    assert [verdict.value for verdict in found.facts.judged] == [pytest.approx(730)]


def test_tokens_by_percentiles_are_paid_by_their_mean() -> None:
    found = compiled(
        "design l { sla: cost <= $5000/month }\nclient c { rate: 3 rps }\nservice a { price: $3/h }\n"
        "external b { prompt_tokens: p50 800, p99 3000; output_tokens: 100; price: $1/Mtokens }\nc -> a -> b\n"
    )
    spread = math.log(3000 / 800) / NormalDist().inv_cdf(0.99)
    tokens = 800 * math.exp(spread**2 / 2) + 100
    assert found.facts.value("cost_month", "l") == pytest.approx(3 * 730 + 3 * MONTH * tokens / 1e6)


@pytest.mark.parametrize(
    ("client", "why"),
    [("{ rate: 50 rps }", "`x` is paid by the token, and neither `prompt_tokens` nor `output_tokens` says how many"),
     ("", "no client gives a rate, and `x` is paid by what it is asked")],
)  # fmt: skip
def test_a_price_that_cannot_be_worked_out_is_named(client: str, why: str) -> None:
    found = compiled(
        f"design d {{ sla: cost <= $1M/month }}\nclient web {client}\nservice api {{ price: $0.10/h }}\n"
        "external x { price: $2/Mtokens }\nweb -> api -> x\n"
    )
    assert [told(verdict) for verdict in found.facts.unjudged] == [f"not judged: {why}"]


def test_a_design_that_is_called_like_one_of_its_components_has_a_bill_of_its_own() -> None:
    found = compiled(
        "design shop { sla: cost <= $1k/month }\nclient web { rate: 1 rps }\nservice shop { price: $1/h }\n"
        "store db { price: $1/h; replicas: 1 }\nweb -> shop <-> db\n"
    )
    assert bill(found) == (1460, pytest.approx(1460 / MONTH)) and "AB702" in codes(found)


@pytest.mark.parametrize(("kind", "settings", "month"), [
    ("external", "price: $0.002/request", 20 * MONTH * 0.002),
    ("model", "price: $0.5/Mtokens; prompt_tokens: 800; output_tokens: 200", 20 * MONTH * 1000 * 0.5e-6),
    ("external", "price: $2/Mtokens; prompt_tokens: 500", 20 * MONTH * 500 * 2e-6),
    ("external", "price: $3/Mrequests", 20 * MONTH * 3e-6),
    ("service", "price: $0.0001/request; replicas: 40", 20 * MONTH * 1e-4),
])  # fmt: skip
def test_what_others_run_is_paid_by_what_is_asked_of_it(kind: str, settings: str, month: float) -> None:
    found = compiled(
        "design d { sla: cost <= $1/month }\nclient web { rate: 50 rps }\n"
        "service api { replicas: 2; price: $0.10/h }\n"
        f"{kind} x {{ latency: 10ms; throughput: 100 rps; {settings} }}\nweb -> api\napi <-> x {{ share: 40% }}\n"
    )
    assert found.facts.value("cost_month", "x") == pytest.approx(month)
    assert bill(found) == (pytest.approx(month + 146), pytest.approx((month + 146) / (50 * MONTH)))
    assert "AB702" in codes(found)


def test_a_bill_of_which_a_part_is_not_known_is_none() -> None:
    found = compiled(
        "design d { sla: cost <= $1M/month }\nclient web { rate: 50 rps }\nservice api { price: $0.10/h }\n"
        "external x { price: $2/Mtokens }\nweb -> api <-> x\n"
    )
    assert found.facts.value("cost_month", "d") is None and not found.facts.judged
    assert "`prompt_tokens`" in found.facts.scalars["cost_month", "d"].told


@given(st.lists(st.tuples(st.integers(1, 500), st.integers(1, 9), st.booleans()), min_size=1, max_size=4))
@settings(max_examples=40, deadline=None)
def test_however_many_flows_share_components_their_requests_pay_the_whole_bill(
    flows: list[tuple[int, int, bool]],
) -> None:
    text = "store db { throughput: 10k rps; replicas: 3; price: $0.7/h }\nexternal x { price: $0.01/request }\n"
    for i, (rate, replicas, shares) in enumerate(flows):
        text += f"client c{i} {{ rate: {rate} rps }}\nservice s{i} {{ replicas: {replicas}; price: $0.2/h }}\n"
        text += f"flow f{i} {{ c{i} -> s{i} <-> {'db' if shares else 'x'} }}\n"
    found = compiled(text)
    month, each = bill(found)
    requests = sum(rate for rate, _, _ in flows) * MONTH
    others = sum(rate for rate, _, shares in flows if not shares) * MONTH * 0.01
    assert month == pytest.approx(730 * (2.1 + 0.2 * sum(n for _, n, _ in flows)) + others)
    assert each == pytest.approx(month / requests)
    parts = [found.facts.value("cost_request", f"f{i}") or 0.0 for i in range(len(flows))]
    assert sum(part * rate * MONTH for part, (rate, _, _) in zip(parts, flows, strict=True)) == pytest.approx(month)


def age(found: Compilation) -> float | None:
    return found.facts.value("staleness", "positions")


def test_no_tick_is_given_where_nobody_says_how_often_a_device_reports() -> None:
    found = case("measured_every")
    assert age(found) is None and not found.facts.judged
    assert about(found, "AB304") == [
        "`staleness <= 1s` needs to know how often each of `cars` reports, and it does not say"
    ]
    assert not codes(found), "it is drawn all the same"


@pytest.mark.parametrize(("every", "seconds"), [("4s", 4.076), ("900ms", 0.976), ("0s", 0.076), ("1 min", 60.076)])
@pytest.mark.parametrize("first", ["~>", "->"])
def test_what_is_shown_is_a_period_and_the_pipeline_old(first: str, every: str, seconds: float) -> None:
    found = case("measured_every", ("750k rps }", f"750k rps; every: {every} }}"), ("cars ~>", f"cars {first}"))
    assert age(found) == pytest.approx(seconds)
    assert codes(found) == (set() if seconds <= 1 else {"AB703"})


def test_how_many_devices_report_does_not_make_any_of_them_report_more_often() -> None:
    found = case("measured_every", ("750k rps", "1/min; every: 4s"))
    assert age(found) == pytest.approx(4.076)


def test_the_longest_of_several_periods_counts() -> None:
    vans = "client vans { rate: 5 rps; every: 30s }\nflow positions"
    found = case(
        "measured_every", ("750k rps", "750k rps; every: 4s"), ("flow positions", vans),
        ("stream ~> map }", "stream ~> map; vans ~> map }"),
    )  # fmt: skip
    assert age(found) == pytest.approx(30.016)


def test_a_job_runs_as_often_as_it_says_whatever_it_brings_each_time() -> None:
    text = "job sync {{ {} }}\nstore s {{ throughput: 1k rps }}\nflow positions {{ sla: staleness <= 2h; sync ~> s }}\n"
    runs, items = compiled(text.format("every: 1h")), compiled(text.format("every: 1h; rate: 50/s"))
    assert age(runs) == age(items) == 3600
    assert (runs.facts.value("demand", "s"), items.facts.value("demand", "s")) == (pytest.approx(1 / 3600), 50)


def test_the_remedy_of_an_age_says_the_period_that_holds() -> None:
    found = case("measured_every", ("750k rps", "750k rps; every: 4s"))
    help = next(d.help for d in found.diagnostics if d.rule.code == "AB703")
    assert help is not None and "cars" in help and "every" in help


def test_numbers_are_read_as_people_write_them_or_refused_with_the_right_word() -> None:
    found = case("kinds_of_numbers")
    design = found.design
    assert design.components["a"].number("rate") == 1000
    assert design.components["b"].number("rate") == pytest.approx(1000)
    assert design.components["m"].number("gpu_memory") == 16 * 2**30
    assert design.components["s"].number("size") == 16e9
    assert [(d.rule.code, d.message, d.help) for d in found.diagnostics] == [
        ("AB205", "`latency` wants a duration, and `5M` is 5,000,000 without a unit", "write `5ms` or `5min`"),
        ("AB205", "`latency` wants a duration, and `Ms` is not a unit of one", "write `5ms`"),
    ]


@pytest.mark.parametrize(("written", "setting", "value"), [
    ("rate: 1,000,000 rps", "rate", 1e6), ("rate: 1,000.5 rps", "rate", 1000.5), ("rate: 12,000/min", "rate", 200),
    ("rate: 90 rpm", "rate", 1.5), ("rate: 60krpm", "rate", 1000), ("rate: 10K RPS", "rate", 1e4),
    ("rate: 600 RPM", "rate", 10), ("memory: 512Mi", "memory", 512 * 2**20), ("memory: 1,024 Ki", "memory", 2**20),
    ("memory: 2Ti", "memory", 2 * 2**40), ("memory: 512M", "memory", 512e6), ("memory: 1.5 T", "memory", 1.5e12),
    ("memory: 64k", "memory", 64e3), ("cpu: 1,000", "cpu", 1000), ("burst: 1k/hour", "burst", 1000 / 3600),
    ("every: 5 minutes", "every", 300), ("every: 30 seconds", "every", 30),
])  # fmt: skip
def test_a_number_is_what_its_writer_means(written: str, setting: str, value: float) -> None:
    found = compiled(f"client a {{ {written} }}\nservice s\na -> s\n")
    assert found.design.components["a"].number(setting) == pytest.approx(value) and not codes(found)


@pytest.mark.parametrize(("written", "help"), [
    ("rate: 1,5 rps", "a decimal is written with a dot: `1.5 rps`"), ("rate: 1 000 rps", "write `1_000 rps`"),
    ("rate: 5M", "write `5M rps`"), ("memory: 5", "write `5 GB`"), ("latency: 5G", "write `5ms`"),
    ("latency: 5Ms", "write `5ms`"), ("latency: 5 Ms", "write `p50 3ms, p99 10ms`"), ("memory: 16 gb", "write `16 GB`"),
    ("rate: 1,00 rps", "a decimal is written with a dot: `1.00 rps`"), ("rate: 16 Gi", "write `10k rps`"),
])  # fmt: skip
def test_what_could_be_something_else_is_refused(written: str, help: str) -> None:
    found = compiled(f"client a {{ {written} }}\nservice s\na -> s\n")
    assert codes(found) == {"AB205"} and found.diagnostics[0].help == help


@given(st.integers(1000, 10**15))
def test_commas_between_thousands_change_nothing(number: int) -> None:
    spans = [Source("x", f"{text}") for text in (f"{number:,}", f"{number:_}", str(number))]
    assert len({amount(span.text) for span in spans}) == 1
    read = compiled(f"client a {{ rate: {number:,} rps }}").design.components["a"].number("rate")
    assert read == number


def test_what_is_kept_and_what_it_runs_on_is_told() -> None:
    text = render_text(case("queue_keeps", ("replicas: 3 }", "replicas: 3; cpu: 4; memory: 16 GB }")))
    assert "  log keeps 18.14 TB: 3 copies × (10 MB/s × 7 days)\n" in text
    assert "  runs on 12 cores and 48 GB of memory\n" in text
