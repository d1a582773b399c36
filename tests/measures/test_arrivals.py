"""All that arrives is counted: who sends of himself, what nobody waits for in whatever flow, and circles of it."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.source import Source

CASES = Path(__file__).parents[1] / "verdicts"


def compiled(text: str) -> Compilation:
    return compile_source(Source("case.arch", text))


def case(name: str, *changes: tuple[str, str]) -> Compilation:
    text = (CASES / f"{name}.arch").read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    return compiled(text)


def demand(compilation: Compilation, name: str) -> float | None:
    return compilation.facts.value("demand", name)


def codes(compilation: Compilation) -> set[str]:
    return {d.rule.code for d in compilation.diagnostics if d.is_error}


def test_a_client_that_is_called_sends_its_own_requests_all_the_same() -> None:
    found = case("client_called")
    assert demand(found, "api") == 520 and codes(found) == {"AB501"}
    assert demand(case("client_called", ("rate: 500 rps", "rate: 70 rps")), "api") == 90


def test_a_called_client_does_not_grow_with_the_clients_of_the_flow() -> None:
    found = case("client_called", ("rate: 500 rps", "rate: 70 rps"))
    assert found.facts.value("throughput", "main") == 130  # 200/s less the 70/s that come whatever the apps do
    assert found.facts.value("saturates_at", "api") == 130


def test_a_job_and_a_queue_send_their_own_rate_whatever_points_at_them() -> None:
    found = compiled(
        "client web { rate: 30 rps }\njob sync { rate: 5/s }\nstore db { throughput: 1k rps }\nweb ~> sync ~> db\n"
    )
    assert demand(found, "sync") == 35 and demand(found, "db") == 35


def test_what_nobody_waits_for_carries_what_its_sender_gets_in_whatever_flow_it_is_drawn() -> None:
    found = case("async_in_a_flow")
    assert (demand(found, "q"), demand(found, "w")) == (500, 500)
    assert codes(found) == {"AB501"}
    assert found.facts.value("throughput", "main") == 10  # the writer is full first, and the clients fill it


def test_what_two_flows_bring_is_sent_on_together() -> None:
    found = compiled(
        "client a { rate: 10 rps }\nclient b { rate: 4 rps }\nservice s\nqueue q\nstore log\n"
        "a -> s\nflow other { b -> s { share: 100% } }\nflow third { s ~> q { share: 50% }\nq ~> log { fanout: 3 } }\n"
    )
    assert (demand(found, "q"), demand(found, "log")) == (7, 21)


def test_a_flow_that_says_its_rate_starts_as_often_as_that() -> None:
    found = compiled(
        "client a { rate: 10 rps }\nservice s\njob train\nstore models\nstore log\na -> s ~> train\n"
        "flow nightly { rate: 1/day; train <-> models\n train ~> log }\n"
    )
    assert [demand(found, name) for name in ("models", "log")] == pytest.approx([1 / 86400, 1 / 86400])


def test_a_circle_that_feeds_itself_without_end_is_an_error_that_asks_for_a_share_or_a_rate() -> None:
    found = case("async_circle")
    (told,) = [d for d in found.diagnostics if d.is_error]
    assert (told.rule.code == "AB301" and told.span.text == "bus ~> orders") or "bus ~> orders" in told.message
    assert "share" in told.help and "rate" in told.help and "bus ~> orders" in told.help
    assert demand(found, "orders") is None and not [v for v in found.facts.judged if v.ok]


@pytest.mark.parametrize(("given", "orders"), [("share: 20%", 125.0), ("share: 50%", 200.0), ("rate: 100/s", 200.0)])
def test_a_circle_that_fades_adds_up(given: str, orders: float) -> None:
    found = case("async_circle", ("bus ~> orders", f"bus ~> orders {{ {given} }}"))
    assert demand(found, "orders") == pytest.approx(orders) and "AB301" not in codes(found)


def test_circles_within_circles_add_up() -> None:
    found = compiled(
        "client ui { rate: 100 rps }\nservice a\nqueue b\nqueue c\n"
        "ui -> a ~> b\nb ~> c { share: 50% }\nc ~> b { share: 40% }\nc ~> a { share: 20% }\n"
    )
    # b = a + 0.4 c, c = 0.5 b, a = 100 + 0.2 c: b = a ÷ 0.8, c = a ÷ 1.6, a = 100 ÷ 0.875
    a = 100 / 0.875
    assert [demand(found, n) for n in "abc"] == pytest.approx([a, a / 0.8, a / 1.6])


def test_something_that_sends_to_itself_is_a_circle_too() -> None:
    text = "client c {{ rate: 100 rps }}\nstore db {{ throughput: 1k rps }}\nc -> db\ndb ~> db {{ {} }}\n"
    assert demand(compiled(text.format("share: 25%")), "db") == pytest.approx(100 / 0.75)
    assert demand(compiled(text.format("rate: 500/s")), "db") == 600
    assert codes(compiled(text.format(""))) == {"AB301"}


NAMES = "abcdef"
ARROWS = st.lists(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(1, 60)),
    max_size=12,
    unique_by=lambda t: t[:2],
)


@given(ARROWS, st.sampled_from(NAMES))
@settings(max_examples=80)
def test_rates_satisfy_the_traffic_equations(arrows: list[tuple[str, str, int]], first: str) -> None:
    """Whatever is drawn: what comes is what is sent, found by going round until nothing changes, or there is no end."""
    lines = [f"queue {name} {{ throughput: 1M rps }}" for name in NAMES]
    lines += ["client web { rate: 64 rps }", f"web -> {first}"]
    lines += [f"{tail} ~> {head} {{ share: {share}% }}" for tail, head, share in arrows]
    found = compiled("\n".join(lines))
    come = dict.fromkeys(NAMES, 0.0)
    for _ in range(4000):
        come = {
            name: (64.0 if name == first else 0.0)
            + sum(come[tail] * share / 100 for tail, head, share in arrows if head == name)
            for name in NAMES
        }
    if max(come.values()) > 1e9:
        assert "AB301" in codes(found)
    elif max(come.values()) < 1e5:
        assert "AB301" not in codes(found)
        assert {name: demand(found, name) or 0.0 for name in NAMES} == pytest.approx(come, rel=1e-6, abs=1e-9)
