"""What a help names cures what it is said of, with its numbers as they are printed; how it is tried stands beside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard.compiler import Reading, read_source
from archboard.source import Source
from archboard.units import Dimension, convert, rounded, show
from tests.measures.helps import tries
from tests.measures.test_arrivals import compiled
from tests.worked import reading

ROOT = Path(__file__).parents[2]
FOLDERS = ("designs", "tests/designs", "tests/verdicts")
DESIGNS = sorted(path for folder in FOLDERS for path in ROOT.glob(f"{folder}/*.arch"))
PAGES = sorted(ROOT.glob("tests/cases/*.md"))
HARD = sorted(ROOT.glob("tests/helps/*.arch"))


def read(text: str) -> Reading:
    return read_source(Source("case.arch", text))


def uncured(reading: Reading) -> list[tuple[str, ...]]:
    return [(d.rule.code, d.message, *way, left) for d, way, left in tries(reading) if left]


def designs_of(page: Path) -> list[str]:
    return re.findall(r"```arch\w*\n(.*?)```", page.read_text("utf-8"), re.S)


@pytest.mark.parametrize("path", DESIGNS, ids=lambda path: path.stem)
def test_what_a_help_names_cures_in_the_designs(path: Path) -> None:
    assert not uncured(reading(path))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_a_help_names_cures_on_the_case_pages(page: Path) -> None:
    assert not [left for text in designs_of(page) for left in uncured(read(text))]


@pytest.mark.parametrize("path", HARD, ids=lambda path: path.stem)
def test_what_a_help_names_cures_where_it_is_hard(path: Path) -> None:
    found = [(d.rule.code, d.message, *way, left) for d, way, left in tries(reading(path))]
    assert found, "nothing to cure"
    assert not [each for each in found if each[-1]]


@st.composite
def loads(draw: st.DrawFn) -> str:
    number = st.integers(1, 40)
    low = draw(number)
    count = st.sampled_from([f"{low}", f"{low}..{low + draw(number)}", f"1..{low}"])
    rate = draw(st.floats(1, 3000).map(lambda x: float(f"{x:.4g}")))
    burst = f"; burst: {rate * 1.7:.4g} rps" if draw(st.booleans()) else ""
    limit = f"gateway g {{ limit: {draw(st.floats(1, 4000)):.4g} rps }}\n" if draw(st.booleans()) else ""
    cache = f"cache k {{ hit: {draw(st.integers(1, 99))}%; throughput: 90k rps }}\n" if draw(st.booleans()) else ""
    own = f"; throughput: {draw(st.floats(1, 300)):.4g} rps" if draw(st.booleans()) else "; concurrency: 3"
    lines = f"client u {{ rate: {rate} rps{burst} }}\n{limit}{cache}"
    lines += f"service a {{ latency: 4ms..9ms; replicas: {draw(count)}{own} }}\n"
    carries = f"throughput: {draw(st.floats(1, 300)):.4g} rps"
    lines += f"service b {{ latency: 5ms..8ms; replicas: {draw(count)}; {carries} }}\n"
    lines += " -> ".join(("u", *(["g"] if limit else []), *(["k"] if cache else []), "a")) + "\n"
    ways = ["a <-> b", "a -> b", "a ~> b", "a <-> b { timeout: 40ms }", "a -x> b { on: down }"]
    return lines + draw(st.sampled_from(ways))


@settings(max_examples=40, deadline=None)
@given(loads())
def test_what_a_help_names_cures_whatever_comes(text: str) -> None:
    assert not uncured(read(text)), text


@given(st.floats(1e-7, 1e7), st.sampled_from([Dimension.RATE, Dimension.DURATION]), st.booleans())
def test_a_number_is_rounded_towards_what_holds_and_is_what_is_shown(value: float, of: Dimension, up: bool) -> None:
    found = rounded(value, of, up=up)
    assert found >= value * (1 - 1e-9) if up else found <= value * (1 + 1e-9)
    assert abs(found - value) <= value * 1.1e-3
    text = show(found, of).replace(",", "")
    amount, unit = text.split("/") if of is Dimension.RATE else text.split(" ")
    read = convert(float(amount), f"/{unit}" if of is Dimension.RATE else unit, of)
    assert read == pytest.approx(found, rel=1e-9)


def test_what_comes_suddenly_needs_the_lower_end_or_to_scale_at_once() -> None:
    found = compiled((ROOT / "tests/helps/burst_of_a_range.arch").read_text("utf-8"))
    over = next(d for d in found.diagnostics if d.rule.code == "AB501")
    assert over.cures == (("a.replicas=9..12",), ("a.scale=0ms",))
    assert over.help == "`a.replicas` 2..12 → 9..12 would carry it, 13 to stay under 70%, or `a.scale: 0s`"


def test_what_no_number_of_replicas_carries_is_said_to_be_so() -> None:
    found = compiled(
        "client u { rate: 50 rps }\nservice a { latency: 5ms..5ms; concurrency: 8; replicas: 2 }\n"
        "external b { latency: 40ms..90ms }\nfallback f { latency: 1ms..1ms }\nu -> a\na <-> b { timeout: 3000 h }\n"
        "b -x> f { on: timeout 3000 h }\n"
    )
    filled = next(d for d in found.diagnostics if d.rule.code == "AB604")
    assert not filled.cures and filled.help.startswith("no number of replicas carries it")
