"""What takes over must be up for the load of that moment: closed forms, laws, and a simulation of outages."""

from __future__ import annotations

import math
from functools import cache
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.overrides import read_changes
from archboard.source import Source
from tests.simulation.outages import availabilities
from tests.simulation.world import simulate
from tests.strategies import examples


def compiled(text: str, *changes: str) -> Compilation:
    made = compile_source(Source("x.arch", text), read_changes(changes))
    assert made.understood, [d.message for d in made.diagnostics]
    return made


def up(text: str, *changes: str) -> float:
    value = compiled(text, *changes).facts.value("availability", "main")
    return 1.0 if value is None else value


def k_of_n(n: int, k: int, each: float) -> float:
    return math.fsum(math.comb(n, m) * each**m * (1 - each) ** (n - m) for m in range(k, n + 1))


REGIONS = """design av {{ sla: availability >= 99.9% }}
client u {{ rate: {rate} rps }}
router r {{ throughput: 9k rps }}
region us, eu {{
  service app {{ throughput: 100 rps; replicas: {n}; availability: 95%{more} }}
  store db {{ throughput: 9k rps; availability: 98% }}
  app <-> db
}}
u -> r
r -> us.app {{ share: 50% }}
r -> eu.app {{ share: 50% }}
us.app -x> eu.app {{ on: down }}
eu.app -x> us.app {{ on: down }}
"""


def two_regions(n: int, usual: int, alone: int) -> float:
    """Return by total probability how often two regions answer, of which each needs more while the other is down."""
    part, every = 0.98 * k_of_n(n, usual, 0.95), 0.98 * k_of_n(n, alone, 0.95)
    return part**2 + 2 * (1 - part) * every


@pytest.mark.parametrize(
    ("rate", "n", "usual", "alone"),
    [(400, 4, 2, 4), (400, 5, 2, 4), (380, 4, 2, 4), (200, 4, 1, 2), (100, 3, 1, 1), (400, 3, 2, 4), (999, 9, 5, 10)],
)
def test_a_region_that_takes_over_needs_the_replicas_for_both(rate: int, n: int, usual: int, alone: int) -> None:
    text = REGIONS.format(rate=rate, n=n, more="")
    assert up(text) == pytest.approx(two_regions(n, usual, alone), rel=1e-12)


def test_a_stated_number_is_needed_whatever_comes() -> None:
    assert up(REGIONS.format(rate=400, n=4, more="; needs: 2")) == pytest.approx(two_regions(4, 2, 2), rel=1e-12)


def test_what_is_always_up_and_overloaded_while_it_stands_in_answers_nobody() -> None:
    text = REGIONS.format(rate=400, n=3, more="").replace("availability: 95%", "")
    assert up(text) == pytest.approx(0.98**2, rel=1e-12)
    assert up(text.replace("replicas: 3", "replicas: 4")) == pytest.approx(1 - 0.02**2, rel=1e-12)


CACHE = """design av {{ sla: availability >= 99.9% }}
client u {{ rate: 400 rps }}
service s {{ throughput: 1k rps }}
cache k {{ hit: 90%; throughput: 1k rps; availability: 98% }}
store d {{ throughput: 100 rps; replicas: {n}; availability: 95% }}
u -> s
s <-> k
k {call} d
k -x> d {{ on: {on} }}
"""


@pytest.mark.parametrize("on", ["down", "error"])
@pytest.mark.parametrize("n", [4, 5])
def test_a_store_behind_a_lost_cache_needs_the_replicas_for_all(on: str, n: int) -> None:
    text = CACHE.format(n=n, on=on, call="->")
    usual, lost = k_of_n(n, 1, 0.95), k_of_n(n, 4, 0.95)
    assert up(text) == pytest.approx(0.98 * (0.9 + 0.1 * usual) + 0.02 * lost, rel=1e-12)
    assert up(text) == pytest.approx(0.98 * up(text, "k.availability=100%") + 0.02 * up(text, "k.down=yes"), rel=1e-12)


def test_a_fallback_of_a_fallback_needs_what_comes_when_both_above_it_are_down() -> None:
    text = """design d
    client u { rate: 300 rps }
    service a { throughput: 900 rps; availability: 90% }
    service b { throughput: 100 rps; replicas: 4; availability: 90% }
    service c { throughput: 100 rps; replicas: 5; availability: 80% }
    u -> a
    a -x> b { on: down }
    b -x> c { on: down }
    """
    # three of four carry 300/s; where `b` has fewer while `a` is down, all of it goes on to `c`
    second, third = k_of_n(4, 3, 0.9), k_of_n(5, 3, 0.8)
    assert up(text) == pytest.approx(0.9 + 0.1 * (second + (1 - second) * third), rel=1e-12)
    # what is never down by itself may be too little all the same
    always = up(text, "b.availability=100%", "b.replicas=2")
    assert always == pytest.approx(0.9 + 0.1 * third, rel=1e-12)


def test_the_working_says_how_many_must_be_up_and_when() -> None:
    made = compiled(CACHE.format(n=4, on="down", call="->"))
    fact = made.facts.get("needs_failing", "d")
    assert fact is not None and fact.value == 4
    assert "while `k` is down" in fact.told
    (missed,) = (d for d in made.diagnostics if d.rule.code == "AB601")
    assert missed.help == "`d.replicas` 4 → 5 would hold it"
    assert up(CACHE.format(n=5, on="down", call="->")) >= 0.999


# Laws.


@st.composite
def moving(draw: DrawFn) -> str:
    """Draw a design in which load moves when something is down: regions, a cache, or a ladder of fallbacks."""
    rate = draw(st.integers(50, 900))

    def part(kind: str, name: str, most: int = 6) -> str:
        uptime = draw(st.sampled_from(["", "availability: 90%", "availability: 97%"]))
        needs = draw(st.sampled_from(["", "", "", "needs: 1"]))
        return f"{kind} {name} {{ throughput: 100 rps; replicas: {draw(st.integers(1, most))}; {uptime}; {needs} }}"

    lines = ["design drawn { sla: availability >= 99% }", f"client u {{ rate: {rate} rps }}", part("router", "r", 9)]
    on = draw(st.sampled_from(["down", "error"]))
    match draw(st.sampled_from(["regions", "cache", "ladder"])):
        case "regions":
            lines += ["region us, eu {", part("service", "app"), part("store", "db"), "app <-> db", "}", "u -> r"]
            lines += ["r -> us.app { share: 30% }", "r -> eu.app"]
            lines += [f"us.app -x> eu.app {{ on: {on} }}", f"eu.app -x> us.app {{ on: {on} }}"]
        case "cache":
            hit = f"hit: {draw(st.sampled_from([50, 90]))}%"
            lines += [part("cache", "k").replace("{", f"{{ {hit};"), part("store", "d", 9), "u -> r", "r <-> k -> d"]
            lines += [f"k -x> d {{ on: {on} }}"]
        case _:
            lines += [part("service", "a"), part("service", "b"), part("fallback", "f"), "u -> r", "r <-> a"]
            lines += ["a -x> b { on: down }", f"b -x> f {{ on: {on} }}"]
    return "\n".join(lines)


@settings(max_examples=examples(80, quick=25), deadline=None)
@given(moving(), st.sampled_from([1.1, 2.0, 5.0]))
def test_more_load_never_raises_availability(text: str, factor: float) -> None:
    rate = compiled(text).design.components["u"].number("rate") or 0.0
    before, after = compiled(text), compiled(text, f"u.rate={rate * factor} rps")
    assume_carried(before, after)
    found = [each.facts.value("availability", "main") or 1.0 for each in (before, after)]
    assert found[1] <= found[0] + 1e-12


def assume_carried(*made: Compilation) -> None:
    """What is overloaded on a usual day needs all that there are, and AB501 tells: no law of availability."""
    from hypothesis import assume  # noqa: PLC0415 - next to its reason

    assume(not any(d.rule.code == "AB501" for each in made for d in each.diagnostics))


@settings(max_examples=examples(80, quick=25), deadline=None)
@given(moving())
def test_an_availability_is_the_mixture_of_what_is_while_something_is_up_or_down(text: str) -> None:
    """Of each component that alone may be down: all else is always up, and carries what comes then."""
    names = [name for name in compiled(text).design.components if name != "u"]
    for name in names:
        steady = [f"{other}.availability=100%" for other in names if other != name]
        base = compiled(text, *steady)
        own = base.facts.value("availability", name)
        if own is None or own >= 1:
            continue
        down = compiled(text, *steady, f"{name}.down=yes")
        full = [d.subject for d in down.diagnostics if d.rule.code == "AB501" and d.subject != name]
        fixed = all("needs" in down.design.components[each].settings for each in full)
        answered = up(text, *steady, f"{name}.down=yes") if fixed else 0.0
        always = up(text, *steady, f"{name}.availability=100%")
        found = base.facts.value("availability", "main")
        if not any(d.rule.code == "AB501" for d in base.diagnostics):
            assert found == pytest.approx(own * always + (1 - own) * answered, rel=1e-9)


# A simulation.


SIMULATED = {
    "two regions with their stores": """
        client u { rate: 400 rps }
        router r { latency: 1ms; throughput: 9k rps }
        region us, eu {
          service app { latency: 1ms; throughput: 130 rps; replicas: 5; availability: 90% }
          store db { latency: 1ms; throughput: 900 rps; availability: 85% }
          app <-> db
        }
        u -> r
        r -> us.app { share: 50% }
        r -> eu.app
        us.app -x> eu.app { on: down }
        eu.app -x> us.app { on: down }""",
    "a store behind a cache that it stands in for": """
        client u { rate: 400 rps }
        service s { latency: 1ms; throughput: 900 rps; replicas: 2; availability: 95% }
        cache k { latency: 1ms; hit: 70%; throughput: 900 rps; availability: 80% }
        store d { latency: 1ms; throughput: 90 rps; replicas: 6; availability: 85% }
        u -> s
        s <-> k
        k -> d
        k -x> d { on: error }""",
    "a ladder of two": """
        client u { rate: 300 rps }
        service a { latency: 1ms; throughput: 900 rps; availability: 80% }
        service b { latency: 1ms; throughput: 400 rps; availability: 75% }
        service c { latency: 1ms; throughput: 80 rps; replicas: 5; availability: 80% }
        u -> a
        a -x> b { on: down }
        b -x> c { on: down }""",
    "three regions in a circle, one overloaded by two": """
        client u { rate: 300 rps }
        router r { latency: 1ms; throughput: 9k rps }
        region us, eu, ap {
          service app { latency: 1ms; throughput: 80 rps; replicas: 3; availability: 85% }
        }
        u -> r
        r -> us.app { share: 33.3% }
        r -> eu.app { share: 33.3% }
        r -> ap.app
        us.app -x> eu.app { on: down }
        eu.app -x> ap.app { on: down }
        ap.app -x> us.app { on: down }""",
}


@cache
def simulated(name: str, requests: int = 100_000) -> object:
    design = compiled(f"design d {{ sla: availability >= 1% }}\n{SIMULATED[name]}").design
    run = simulate(design, 4_000)
    demand = {component: run.demand(component).middle for component in design.components}
    return availabilities(design, requests, run.given_up, demand, moves=True)["main"]


@pytest.mark.slow
@pytest.mark.parametrize("name", SIMULATED)
def test_a_design_whose_load_moves_is_as_available_as_its_simulation(name: str) -> None:
    text = f"design d {{ sla: availability >= 1% }}\n{SIMULATED[name]}"
    assert up(text) in simulated(name)


def test_every_state_of_three_regions_is_worked_out_as_by_hand() -> None:
    each, n = 0.85, 3
    text = f"design d {{ sla: availability >= 1% }}\n{SIMULATED['three regions in a circle, one overloaded by two']}"
    enough = [math.comb(n, m) * each**m * (1 - each) ** (n - m) for m in range(n + 1)]
    total = 0.0
    for states in product(range(n + 1), repeat=3):
        weight = math.prod(enough[m] for m in states)
        fine = [m >= 2 for m in states]  # 100/s each on a usual day, two of 80/s
        carries = fine
        while True:  # what gets too much answers nobody, and sends all of it on
            come = [0.0, 0.0, 0.0]
            for start in range(3):
                first = next((k % 3 for k in range(start, start + 3) if carries[k % 3]), None)
                if first is not None:
                    come[first] += 100
            left = [carries[k] and states[k] * 80 >= come[k] for k in range(3)]
            if left == carries:
                break
            carries = left
        total += weight * any(carries)
    assert up(text) == pytest.approx(total, rel=1e-9)
