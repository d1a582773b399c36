"""What archboard says of availability against replicas that break and are repaired while requests arrive.

As with times and loads, a number agrees if it lies within the simulation's own interval; each design has a number that,
changed a little, must be noticed; and the simulation is itself held against what is known in closed form.
"""

from __future__ import annotations

from functools import cache

import pytest

from archboard.compiler import compile_source
from archboard.design.model import Design
from archboard.facts import Facts
from archboard.source import Source
from tests.simulation.designs import DESIGNS
from tests.simulation.outages import availabilities
from tests.simulation.statistics import Interval
from tests.simulation.world import simulate

pytestmark = pytest.mark.slow

REQUESTS = 40_000


def compiled(text: str) -> tuple[Design, Facts]:
    """Compile a design that must say what it means."""
    compilation = compile_source(Source("simulated.arch", text))
    assert compilation.understood, [(d.rule.code, d.message) for d in compilation.diagnostics if d.is_error]
    return compilation.design, compilation.facts


# What archboard says.


@cache
def simulated(name: str) -> Interval:
    """Simulate one of the designs, once: first how many are given up and what comes where, then what is up."""
    design = compiled(DESIGNS[name].source())[0]
    run = simulate(design, DESIGNS[name].requests, warm_up=DESIGNS[name].warm_up)
    demand = {component: run.demand(component).middle for component in design.components}
    return availabilities(design, REQUESTS, run.given_up, demand)["main"]


@pytest.mark.parametrize("name", DESIGNS)
def test_a_design_is_as_available_as_its_simulation(name: str) -> None:
    _, facts = compiled(DESIGNS[name].source())
    found = facts.value("availability", "main")
    assert found is not None
    assert found in simulated(name)


@pytest.mark.parametrize("name", DESIGNS)
def test_a_simulation_notices_one_number_that_makes_a_design_less_available(name: str) -> None:
    subject = DESIGNS[name]
    _, facts = compiled(subject.source(subject.poorer))
    found = facts.value("availability", "main")
    assert found is not None
    assert found < simulated(name).low


# What is known in closed form.


KNOWN = {
    "two of three": ("service a { availability: 90%; replicas: 3; needs: 2 }\nweb -> a", 0.9**3 + 3 * 0.9**2 * 0.1),
    "one after the other": (
        "service a { availability: 90% }\nservice b { availability: 80% }\nweb -> a -> b",
        0.9 * 0.8,
    ),
    "met twice": (
        """service a { availability: 90% }
        service b { availability: 90% }
        store db { availability: 80% }
        web -> a & b
        a <-> db
        b <-> db""",
        0.9 * 0.9 * 0.8,
    ),
    "a fallback": (
        """service a { availability: 90% }
        service b { availability: 80% }
        fallback f { availability: 70% }
        service c { availability: 95% }
        web -> a -> b -> c
        b -x> f { on: down }""",
        0.9 * (1 - 0.2 * 0.3) * 0.95,
    ),
    "a fallback that ends the request": (
        """service b { availability: 80% }
        fallback f { availability: 70%; ends: yes }
        service c { availability: 60% }
        web -> b -> c
        b -x> f { on: error }""",
        0.8 * 0.6 + 0.2 * 0.7,
    ),
    "a fallback for what is called": (
        """service a { availability: 90% }
        store db { availability: 80% }
        fallback f { availability: 70% }
        web -> a
        a <-> db
        db -x> f { on: timeout 5ms }""",
        0.9 * (1 - 0.2 * 0.3),
    ),
    "shedding gains nothing": (
        "service a { availability: 80% }\nfallback f\nweb -> a\na -x> f { on: overload }",
        0.8,
    ),
    "a cache before a store": (
        """cache c { availability: 95%; hit: 60% }
        store db { availability: 70% }
        telemetry logs { availability: 10% }
        web -> c -> db
        c ~> logs""",
        0.95 * (0.6 + 0.4 * 0.7),
    ),
    "alternatives": (
        """router r
        service a { availability: 90% }
        service b { availability: 50% }
        web -> r -> a
        r -> b { share: 30% }""",
        0.7 * 0.9 + 0.3 * 0.5,
    ),
    "regions that stand in for each other": (
        """router r
        service a { availability: 90% }
        service b { availability: 80% }
        web -> r -> a
        r -> b { share: 30% }
        a -x> b { on: down }
        b -x> a { on: down }""",
        1 - 0.1 * 0.2,
    ),
    "what is down": (
        """service a { down: yes }
        fallback f { availability: 75% }
        web -> a
        a -x> f { on: down }""",
        0.75,
    ),
    "copies to one store share its fate": (
        """service a
        store s { availability: 80% }
        web -> a
        a <-> s { fanout: 5; quorum: 3; timeout: 1ms; retries: 2 }""",
        0.8,
    ),
}


@pytest.mark.parametrize("name", KNOWN)
def test_a_simulation_is_as_available_as_can_be_worked_out_by_hand(name: str) -> None:
    text, expected = KNOWN[name]
    design, _ = compiled(f"design d\nclient web {{ rate: 1 rps }}\n{text}")
    assert expected in availabilities(design, 20_000)["main"]
