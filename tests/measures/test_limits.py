"""Limits follow their flow: in the rate of the client that causes it, and named for nothing that does not pass them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.compilation import Compilation, ScenarioResult
from archboard.script import narrate
from archboard.script.forms import render_text
from tests.measures.test_arrivals import case, codes, compiled


def said(compilation: Compilation) -> str:
    return render_text(narrate(compilation.design, compilation.facts)).casefold()


def test_a_limit_behind_a_cache_binds_at_a_rate_of_the_clients() -> None:
    found = case("limit_behind_cache")
    assert found.facts.value("limits_at", "lb") == 250_000
    assert found.facts.value("saturates_at", "s") == 150_000
    assert "limit stops the traffic" not in said(found) and "first to fill up is s" in said(found)


def test_a_limit_that_binds_before_is_named_at_the_rate_of_the_clients() -> None:
    found = case("limit_behind_cache", ("limit: 50k rps", "limit: 25k rps"))
    assert found.facts.value("limits_at", "lb") == 125_000 and found.facts.value("throughput", "main") == 125_000
    assert "lb’s limit stops the traffic at" in said(found) and "125,000" in said(found)


def test_a_limit_that_a_request_never_passes_is_not_named_for_it() -> None:
    found = compiled(
        "client a { rate: 10 rps }\nclient b { rate: 10 rps }\ngateway g { limit: 15 rps; throughput: 90 rps }\n"
        "service s { throughput: 25 rps }\nservice t { throughput: 90 rps }\na -> g -> t\nflow direct { b -> s }\n"
    )
    assert found.facts.gates == {"g": ("g",), "t": ("g",)}
    assert "limit stops the traffic" not in said(found)


def test_a_limit_beside_another_way_protects_nothing() -> None:
    found = compiled(
        "client a { rate: 10 rps }\nrouter r\ngateway g { limit: 15 rps; throughput: 90 rps }\n"
        "service s { throughput: 25 rps }\na -> r\nr -> g { share: 50% }\nr -> s\ng -> s\n"
    )
    assert "s" not in found.facts.gates


def test_a_lost_cache_is_not_blamed_for_what_its_gateway_lets_in() -> None:
    found = case("wrong_cache_blamed")
    blamed = [d for d in found.diagnostics if d.rule.code == "AB603"]
    assert not blamed and [d.subject for d in found.diagnostics if d.rule.code == "AB503"] == ["g"]


@pytest.mark.parametrize(("hit", "blamed"), [(90, False), (10, False)])
def test_a_lost_cache_is_not_blamed_for_what_is_over_at_the_limit_with_it_too(hit: int, blamed: bool) -> None:
    found = compiled(
        f"client u {{ rate: 100 rps }}\ngateway g {{ limit: 300 rps; throughput: 1k rps }}\nservice s\n"
        f"cache k {{ hit: {hit}%; throughput: 1k rps }}\nstore ix {{ throughput: 250 rps }}\n"
        "u -> g -> s\ns <-> k -> ix\ns <-> ix\n"
    )
    over = any(d.rule.code == "AB603" for d in found.diagnostics)
    assert over is blamed and not codes(found)


def asked(outcome: ScenarioResult) -> list[float]:
    """Return what each of the four tiers gets."""
    return [outcome.facts.value("demand", name) or 0.0 for name in ("a", "b", "c", "db")]


def test_a_dead_callee_is_asked_by_every_attempt_of_every_tier() -> None:
    (down,) = case("refused_down").scenarios
    assert asked(down) == pytest.approx([100, 400, 1600, 6400], rel=1e-3)


def test_behind_an_open_breaker_nothing_is_asked() -> None:
    extra = ("scenario", "fallback f { latency: 1ms }\ndb -x> f { on: down }\nscenario")
    (down,) = case("refused_down", extra).scenarios
    assert asked(down) == pytest.approx([100, 100, 100, 0], rel=1e-3)


def test_a_tier_with_a_fallback_is_asked_once() -> None:
    extra = ("scenario", "fallback f { latency: 1ms }\nb -x> f { on: error }\nscenario")
    (down,) = case("refused_down", extra).scenarios
    assert asked(down) == pytest.approx([100, 100, 400, 1600], rel=1e-3)


def test_a_half_of_the_requests_that_ask_what_is_down_are_tried_again() -> None:
    found = compiled(
        "client w { rate: 64 rps }\nservice a { throughput: 1k rps }\nservice b { throughput: 1k rps }\nstore db\n"
        "w -> a\na <-> b { retries: 2 }\nb <-> db { share: 50%; retries: 1 }\nscenario \"gone\" { db.down: yes }\n"
    )
    (gone,) = found.scenarios
    # half the attempts of b fail: 1 + ½ + ¼ of them, and each that asks db asks it twice
    assert gone.facts.value("demand", "b") == pytest.approx(64 * 1.75)
    assert gone.facts.value("demand", "db") == pytest.approx(64 * 1.75 * 0.5 * 2)


CIRCLES = st.tuples(
    st.floats(1, 500),  # clients, per second
    st.lists(st.floats(20, 600), min_size=1, max_size=3),  # limits of gateways in a row
    # shares that come back, to the first, second … gateway
    st.lists(st.sampled_from([0.0]) | st.floats(1e-9, 0.9), min_size=1, max_size=3),
)


def gates_in_a_row(rate: float, limits: list[float], shares: list[float]) -> str:
    row = [f"g{i}" for i in range(len(limits))]
    lines = [f"client u {{ rate: {rate!r} rps }}", "service a", "service b"]
    lines += [f"gateway {name} {{ limit: {limit!r} rps }}" for name, limit in zip(row, limits, strict=True)]
    lines += [" -> ".join(("u", *row, "a"))]
    back = list(zip(row, shares, strict=False))
    lines += [f"a ~> b{i} {{ share: {share!r} }}\nb{i} ~> {name}" for i, (name, share) in enumerate(back)]
    lines += [f"service b{i}" for i in range(len(back))]
    return "\n".join(line for line in lines if line != "service b") + "\n"


def iterated(rate: float, limits: list[float], shares: list[float]) -> tuple[list[float], float]:
    """Follow the requests round by round: what comes to each gateway, and to what stands behind them."""
    come, through = [0.0] * len(limits), 0.0
    for _ in range(4000):
        passing = rate
        for i, limit in enumerate(limits):
            come[i] = passing + (through * shares[i] if i < len(shares) else 0.0)
            passing = min(come[i], limit)
        through = passing
    return come, through


@settings(max_examples=60, deadline=None)
@given(CIRCLES)
def test_limits_and_circles_are_solved_together(drawn: tuple[float, list[float], list[float]]) -> None:
    rate, limits, shares = drawn
    total = sum(shares[: len(limits)])
    shares = [share / max(1.0, total / 0.9) for share in shares]
    found = compiled(gates_in_a_row(rate, limits, shares))
    come, through = iterated(rate, limits, shares)
    demand = found.facts.value("demand", "a")
    assert demand == pytest.approx(through, rel=1e-6) and demand <= limits[-1] * (1 + 1e-9)
    assert [found.facts.value("demand", f"g{i}") for i in range(len(limits))] == pytest.approx(come, rel=1e-6)


def test_behind_a_limit_on_a_circle_comes_no_more_than_the_limit() -> None:
    found = compiled(
        "client ui { rate: 100 rps }\ngateway g { limit: 110 rps; throughput: 1k rps; replicas: 2 }\n"
        "service a { throughput: 90 rps }\nservice b { throughput: 200 rps }\n"
        "ui -> g -> a\na ~> b { share: 30% }\nb ~> g\n"
    )
    assert [found.facts.value("demand", name) for name in "gab"] == pytest.approx([133, 110, 33])
    assert found.facts.value("refused", "g") == pytest.approx(23)


BESIDE = """\
design beside {{ sla: throughput >= 100 rps }}
client u {{ rate: 100 rps }}
client v {{ rate: 400 rps }}
gateway g {{ limit: 150 rps; throughput: 1k rps; replicas: 2 }}
cache k {{ hit: 90%; throughput: 2k rps; replicas: 2 }}
store db {{ throughput: {each} rps; replicas: 2 }}
u -> g -> k
v -> k
k -> db
"""


def test_a_limit_lets_no_more_of_those_in_who_do_not_pass_it_when_a_cache_is_lost() -> None:
    def told(each: int) -> list[str]:
        found = compiled(BESIDE.format(each=each))
        return [d.message for d in found.diagnostics if d.rule.code == "AB603"]

    assert told(276) == []  # 150 that the limit lets in, and 400 beside it
    assert told(274) == ["losing `k` sends 550/s to `db`, which carries 548/s"]
