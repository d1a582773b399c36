"""Each page of `cases/` is prose, a design, and what archboard makes of it.

A page has one `arch` fence and any of the fences below; `pytest --accept` fills them in. The same pages are the manual:
one for every diagnostic, and a few on how numbers come about. The examples of the documents are compiled here too.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.facts import Fact
from archboard.renderers.report.diagnostics import render
from archboard.renderers.report.text import mark
from archboard.source import Source
from archboard.units import show_duration, show_fraction
from archboard.words.verdicts import remark, shown_value

TESTS = Path(__file__).parents[1]
CASES = sorted((TESTS / "cases").rglob("*.md"))
DOCUMENTS = [TESTS.parent / "README.md", TESTS.parent / "docs" / "language.md"]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.DOTALL | re.MULTILINE)
ALWAYS_THE_SAME = {"latency_p50", "latency_mean", "arrow_rate", "downtime_month", "downtime_year", "lost_when_down"}


def line(fact: Fact) -> str:
    """Return a fact as one line: subject, metric, value, and the working where it says more."""
    working = "" if fact.told == fact.shown else f" = {fact.told}"
    return f"{fact.subject}: {fact.metric.name} {fact.shown}{working}\n"


def facts(compilation: Compilation) -> str:
    """Return the facts of the design as it stands, and how each latency promise is answered."""
    lines = [line(fact) for fact in compilation.facts if fact.metric.name not in ALWAYS_THE_SAME]
    for flow in compilation.facts.flows:
        for path in flow.paths[:4]:
            sums = "".join(f": {name} {show_duration(seconds)}" for name, seconds in path.sums.items() if seconds)
            lines.append(f"{show_fraction(path.probability)} {' · '.join(path.components)}{sums}\n")
    return "".join(lines)


def promises(compilation: Compilation) -> str:
    """Return every promise with its number and what stands beside it."""
    verdicts = compilation.facts.verdicts
    return "".join(f"{mark(v.ok)} {v.promise.text}: {shown_value(v)} {remark(v)}\n" for v in verdicts)


SHOWN: dict[str, Callable[[Compilation], str]] = {
    "promises": promises,
    "assumptions": lambda c: "".join(f"{taken.sentence}\n" for taken in c.facts.assumptions),
    "diagnostics": lambda c: render(c.diagnostics) or "nothing to say\n",
    "facts": facts,
}


def filled(page: str) -> str:
    """Return a page with its fences as archboard fills them."""
    design = dict(FENCE.findall(page))["arch"]
    compilation = compile_source(Source("case.arch", design))

    def fill(fence: re.Match[str]) -> str:
        show = SHOWN.get(fence[1])
        return f"```{fence[1]}\n{show(compilation)}```" if show else fence[0]

    return FENCE.sub(fill, page)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.stem)
def test_a_case_shows_exactly_what_archboard_makes_of_its_design(case: Path, request: pytest.FixtureRequest) -> None:
    expected = case.read_text("utf-8")
    actual = filled(expected)
    if request.config.getoption("--accept"):
        case.write_text(actual, "utf-8")
    else:
        assert actual == expected


@pytest.mark.parametrize("case", [c for c in CASES if c.stem.startswith("AB")], ids=lambda case: case.stem)
def test_a_page_named_after_a_code_shows_that_code(case: Path) -> None:
    shown = dict(FENCE.findall(case.read_text("utf-8")))["diagnostics"]
    assert f"[{case.stem.partition('-')[0]}]" in shown


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_design_in_the_documents_compiles_without_an_error(document: Path) -> None:
    for language, text in FENCE.findall(document.read_text("utf-8")):
        if language == "arch":
            found = compile_source(Source(document.name, text)).diagnostics
            assert not render(d for d in found if d.is_error)
