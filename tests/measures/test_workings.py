"""Every number carries its proof: its working, worked out anew from what it stands on, gives the number."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.facts import Fact, Facts
from archboard.renderers.report.text import render_text
from archboard.source import Source
from archboard.verdicts import Judged
from archboard.words.verdicts import told
from archboard.working import Calculation, Term, Unknown, Working, evaluated
from tests.strategies import designs, examples
from tests.worked import DESIGNS, compiled_text
from tests.worked import compiled as worked

ROOT = Path(__file__).parents[1].parent
FENCE = re.compile(r"^```arch\n(.*?)^```", re.DOTALL | re.MULTILINE)
PAGES = sorted((ROOT / "tests" / "cases").glob("*.md"))


def compiled(text: str) -> Compilation:
    return compile_source(Source("case.arch", text))


def every(compilation: Compilation) -> Iterator[Facts]:
    """Yield the facts of a design and of each of its what-ifs."""
    yield compilation.facts
    for outcome in compilation.scenarios:
        yield outcome.facts


def nodes(working: Working) -> Iterator[Working]:
    yield working
    inside = working.parts if isinstance(working, Calculation) else () if working.of is None else (working.of,)
    for part in inside:
        yield from nodes(part)


def alike(one: float, other: float) -> bool:
    return one == other or math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-12)


def wrong(facts: Facts) -> Iterator[str]:
    """Yield what of the facts is not what its working comes to, and what a working says of another fact wrongly."""
    verdicts = [*facts.verdicts, *(v for failure in facts.failures for v in failure.verdicts)]
    for verdict in verdicts:
        if isinstance(verdict, Judged) and not alike(evaluated(verdict.working), verdict.value):
            yield f"{verdict.promise.text} is {verdict.value}, and its working {verdict.working} is not"
    for fact in facts:
        if isinstance(fact.working, Unknown):
            continue
        name = f"{fact.subject}.{fact.metric.name}"
        if fact.value is None or not alike(evaluated(fact.working), fact.value):
            yield f"{name} is {fact.value}, and its working {fact.told} comes to {evaluated(fact.working)}"
        for node in nodes(fact.working):
            if not alike(node.value, evaluated(node)):
                yield f"{name}: {node} says {node.value}, and comes to {evaluated(node)}"
            if isinstance(node, Term) and node.fact is not None:
                other = facts.get(*node.fact)
                if other is None or other.value is None or not alike(other.value, node.value):
                    yield f"{name}: {node.fact} is {other and other.value}, not {node.value}"


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_every_working_of_a_design_comes_to_its_value(path: Path) -> None:
    found = [problem for facts in every(worked(path)) for problem in wrong(facts)]
    assert not found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_working_of_a_case_page_comes_to_its_value(page: Path) -> None:
    for text in FENCE.findall(page.read_text("utf-8")):
        assert not [problem for facts in every(compiled_text(text)) for problem in wrong(facts)]


@given(designs(12))
@settings(max_examples=examples(80, quick=40))
def test_every_working_of_any_design_comes_to_its_value(text: str) -> None:
    assert not [problem for facts in every(compiled(text)) for problem in wrong(facts)]


@pytest.mark.slow
@given(designs(6))
@settings(max_examples=800)
def test_every_working_of_many_small_designs_comes_to_its_value(text: str) -> None:
    assert not [problem for facts in every(compiled(text)) for problem in wrong(facts)]


@pytest.mark.slow
@given(designs(30))
@settings(max_examples=160)
def test_every_working_of_many_larger_designs_comes_to_its_value(text: str) -> None:
    assert not [problem for facts in every(compiled(text)) for problem in wrong(facts)]


def test_a_working_that_is_not_its_value_is_found() -> None:
    compilation = compiled((ROOT / "designs" / "recsys.arch").read_text("utf-8"))
    fact = compilation.facts.get("demand", "ranker")
    assert isinstance(fact, Fact) and isinstance(fact.working, Calculation)
    object.__setattr__(fact, "value", 1.0)
    assert [problem for problem in wrong(compilation.facts) if problem.startswith("ranker.demand is 1.0")]


def test_near_misses_show_parts_that_add_up_and_numbers_that_differ() -> None:
    source = (
        "design near { sla: p99 < 50ms }\nclient c { rate: 1000.4 rps }\n"
        "service a { throughput: 500.25 rps; replicas: 2; latency: 30.004ms }\n"
        "service b { throughput: 5k rps; latency: 20ms }\nc -> a -> b\n"
    )
    found = compile_source(Source("near.arch", source))
    assert told(found.facts.verdicts[0]) == "50.004 ms = a 30.004 ms + b 20 ms"
    assert str(found.facts.get("utilisation", "a").working) == "1,000.4/s demand ÷ 1,000.5/s capacity"
    assert "1,000.4/s of 1,000.5/s" in render_text(found)
