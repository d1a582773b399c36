"""Language models under load, held against a simulation that goes step by step and shares no code with what is tested.

What archboard says is read from the facts of a design; the simulation is told the numbers of the same server. Short
prompts, a balanced load and long prompts; answers of one length and of exponential ones, which a design states as
percentiles. Tolerances are those of the specification: saturation 5%, mean time a token 10%, p99 of the first token
and of the answer 20%, 10% up to 0.6 of saturation.
"""

from __future__ import annotations

import math

import pytest

from archboard.compiler import compile_source
from archboard.facts import Facts
from archboard.source import Source
from tests.simulation.serving import Machine, Seen, serve

PARAMS, TOKEN, PLACES, STEP = 8_030_261_248, 131_072, 64, 0.0007
MACHINE = Machine(2 * PARAMS, PARAMS, TOKEN, 3350e9 * 0.8, 989e12 * 0.5, STEP, PLACES)
SHAPES = {"short": (100, 200), "balanced": (1000, 200), "long": (4000, 100)}
LOADS = (0.3, 0.6, 0.8, 0.9)
SEEDS = (1, 2, 7)


def facts_at(shape: str, rate: float, *, spread: bool) -> Facts:
    prompt, answer = SHAPES[shape]
    output = exponential(answer) if spread else f"{answer}"
    text = f"""
        client web {{ rate: {rate:.12g} rps }}
        model llm {{
          runs: "Llama-3.1-8B"; gpu: H100; batch: {PLACES}; prompt_tokens: {prompt}; output_tokens: {output}
        }}
        web -> llm
    """
    return compile_source(Source("x.arch", text)).facts


def exponential(mean: float) -> str:
    """Return the percentiles of an exponential length, as a design states them."""
    shares = (0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
    return ", ".join(f"p{100 * q:g} {max(1.0, -mean * math.log1p(-q)):.4f}" for q in shares)


def value(facts: Facts, metric: str) -> float:
    number = facts.value(metric, "llm")
    assert number is not None, metric
    return number


def saturation(shape: str, *, spread: bool) -> float:
    return value(facts_at(shape, 1.0, spread=spread), "saturation")


def seen(shape: str, rate: float, count: int, *, spread: bool) -> list[Seen]:
    prompt, answer = SHAPES[shape]
    return [serve(MACHINE, rate, prompt, answer, count, spread=spread, seed=seed) for seed in SEEDS]


def mean(numbers: list[float]) -> float:
    return math.fsum(numbers) / len(numbers)


@pytest.mark.parametrize("spread", [False, True], ids=["alike", "exponential"])
@pytest.mark.parametrize("shape", SHAPES)
def test_a_replica_saturates_where_the_simulation_does(shape: str, spread: bool) -> None:
    most = saturation(shape, spread=spread)
    found = mean([each.rate for each in seen(shape, 5 * most, 6000, spread=spread)])
    assert most == pytest.approx(found, rel=0.05)


@pytest.mark.slow
@pytest.mark.parametrize("spread", [False, True], ids=["alike", "exponential"])
@pytest.mark.parametrize("load", LOADS)
@pytest.mark.parametrize("shape", SHAPES)
def test_times_at_a_load_are_those_of_the_simulation(shape: str, load: float, spread: bool) -> None:
    rate, count = load * saturation(shape, spread=spread), 40_000 if load <= 0.6 else 120_000
    facts, found = facts_at(shape, rate, spread=spread), seen(shape, rate, count, spread=spread)
    near = 0.1 if load <= 0.6 else 0.2
    _, answer = SHAPES[shape]
    running = mean([each.tpot for each in found]) * rate * (answer - 1)
    assert value(facts, "running") == pytest.approx(running, rel=0.1)
    assert value(facts, "ttft") == pytest.approx(mean([each.first_at(0.99) for each in found]), rel=near)
    assert value(facts, "latency_p99") == pytest.approx(mean([each.whole_at(0.99) for each in found]), rel=near)
