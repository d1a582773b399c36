"""What a finding is about is data beside its sentence: a name that the design knows, and what of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from archboard.compare import compare
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.diagnostics import Diagnostic, Phase
from archboard.source import Source
from tests.checks.test_cases import CASES, FENCE

ROOT = Path(__file__).parents[1].parent
DESIGNS = {page.stem: dict(FENCE.findall(page.read_text("utf-8")))["arch"] for page in CASES}
DESIGNS |= {path.stem: path.read_text("utf-8") for path in sorted((ROOT / "designs").glob("*.arch"))}


def compiled(text: str) -> Compilation:
    return compile_source(Source("case.arch", text))


def about(found: Diagnostic) -> tuple[str, str, str]:
    """Return what a finding is, without its sentence."""
    return found.rule.code, found.subject, found.aspect


@pytest.mark.parametrize("name", DESIGNS)
def test_a_finding_on_numbers_is_about_something_that_the_design_knows(name: str) -> None:
    compilation = compiled(DESIGNS[name])
    design = compilation.design
    known = {design.name, *design.components, *design.frames, *(arrow.id for arrow in design.arrows)}
    known |= {flow.name for flow in design.flows} | {scenario.title for scenario in design.scenarios}
    numbers = [found for found in compilation.diagnostics if found.rule.phase is Phase.NUMBERS]
    assert [about(found) for found in numbers if found.subject not in known] == []


def test_a_missed_promise_is_about_its_flow_and_metric() -> None:
    found = compiled("""design d "D" { sla: p99 < 10ms, availability >= 99.99% }
client web { rate: 1k rps }
service api { latency: p99 20ms; throughput: 2k rps; availability: 99% }
web -> api
""").diagnostics
    assert [about(each) for each in found] == [
        ("AB401", "main", "p99"), ("AB601", "main", "availability"), ("AB602", "api", ""),
    ]  # fmt: skip


def test_a_promise_that_stays_missed_is_no_new_finding_when_another_hop_becomes_the_largest() -> None:
    text = """design d "D" {{ sla: p99 < 10ms }}
client web {{ rate: 1k rps }}
service api {{ latency: p99 {api} }}
service db {{ latency: p99 {db} }}
web -> api -> db
"""
    before, after = compiled(text.format(api="20ms", db="5ms")), compiled(text.format(api="5ms", db="20ms"))
    found = compare(before, after)
    assert (found.appeared, found.gone) == ((), ())
