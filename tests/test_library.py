"""The shipped designs: each exits as it says, is spoken in time, can be asked, and catches a wrong number."""

from __future__ import annotations

import re
import shlex
from functools import cache
from pathlib import Path

import pytest

from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading, read_source
from archboard.design.overrides import read_changes
from archboard.faces.calculating import calculate
from archboard.measures.metrics import UTILISATION
from archboard.questions import interview
from archboard.script.forms import render_text
from archboard.script.interview import Interview
from archboard.script.model import Script
from archboard.script.walkthrough import narrate
from archboard.source import Source
from tests import worked
from tests.worked import LIBRARY, ROOT

NAMES = [path.stem for path in LIBRARY]
SHORTEST, LONGEST = 2, 8
"""Minutes that a walkthrough may take."""
LEAST = 8
"""Questions that a design must be good for."""
EXPECTED = re.compile(r"^# expected: (AB\d{3})(?: in \"(.*)\")?", re.I | re.M)
CLAIM = re.compile(r"`archboard calc ([^`]+)` → ((?:,\d{3}|[^;|,\n])+)")


def reading(name: str) -> Reading:
    return worked.reading(ROOT / "designs" / f"{name}.arch")


def compiled(name: str) -> Compilation:
    return worked.compiled(ROOT / "designs" / f"{name}.arch")


@cache
def script(name: str) -> Script:
    made = compiled(name)
    return narrate(made.design, made.facts, made.scenarios)


@cache
def asked(name: str) -> Interview:
    found = interview(reading(name))
    assert found is not None
    return found


def opening_comment(name: str) -> str:
    """Return the comment that a design begins with."""
    lines = reading(name).document.source.text.splitlines()
    end = next((at for at, line in enumerate(lines) if not line.startswith("#")), len(lines))
    return "\n".join(lines[:end])


def found(made: Compilation) -> set[tuple[str, str]]:
    """Return the findings of a design itself, without its scenarios."""
    return {(d.rule.code, d.message) for d in made.diagnostics if d.scenario is None}


def caches(name: str) -> list[str]:
    """Return the caches of a design that answer something."""
    return [box.name for box in compiled(name).design.components.values() if box.number("hit")]


@pytest.mark.parametrize("name", NAMES)
def test_a_design_is_called_as_its_file(name: str) -> None:
    assert compiled(name).design.name == name


@pytest.mark.parametrize("name", NAMES)
def test_a_design_exits_as_its_first_comment_says(name: str) -> None:
    comment, made = opening_comment(name), compiled(name)
    said = re.search(r"\bexit (\d)\b", comment, re.I)
    assert (0 if made.ok else 1) == (int(said[1]) if said else 0), [d.message for d in made.diagnostics if d.is_error]
    if "no warning in the base" in comment:
        assert not found(made)


@pytest.mark.parametrize("name", NAMES)
def test_a_design_finds_what_its_first_comment_names(name: str) -> None:
    comment, made = opening_comment(name), compiled(name)
    codes = {d.rule.code for d in made.diagnostics} | {d.rule.code for ran in made.scenarios for d in ran.diagnostics}
    assert set(re.findall(r"\bAB\d{3}\b", comment)) <= codes
    told = {(d.rule.code, d.scenario or "") for d in made.diagnostics}
    assert {(code.upper(), scenario) for code, scenario in EXPECTED.findall(comment)} <= told


@pytest.mark.parametrize("name", NAMES)
def test_a_design_says_why_opens_fails_promises_and_asks_what_if(name: str) -> None:
    design = compiled(name).design
    boxes = design.components.values()
    assert design.said("problem") and design.said("opening")
    assert any(box.texts("why") for box in boxes)
    assert any(flow.promises for flow in design.flows)
    assert any(arrow.kind.value == "failure" for arrow in design.arrows)
    assert design.scenarios


@pytest.mark.parametrize("name", NAMES)
def test_the_walkthrough_of_a_design_takes_two_to_eight_minutes(name: str) -> None:
    assert SHORTEST <= script(name).minutes <= LONGEST


@pytest.mark.parametrize("name", NAMES)
def test_the_walkthrough_of_a_design_says_what_the_seed_states(name: str) -> None:
    table = ROOT / "tests" / "library" / f"{name}.txt"
    lines = table.read_text("utf-8").splitlines()
    facts = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    said = " ".join(render_text(script(name)).split()).casefold()
    assert facts
    assert not [fact for fact in facts if " ".join(fact.split()).casefold() not in said]


@pytest.mark.parametrize("name", NAMES)
def test_a_design_can_be_asked_and_every_answer_has_a_number(name: str) -> None:
    questions = asked(name).questions
    assert len(questions) >= LEAST
    assert len({question.asked.text for question in questions}) == len(questions)
    assert not [q.asked.text for q in questions if not any(one.numbers for one in q.answer)]


@pytest.mark.parametrize("name", NAMES)
def test_no_answer_reads_like_a_form(name: str) -> None:
    for question in asked(name).questions:
        for line in (question.asked.text, question.text, question.asked.spoken, question.spoken):
            assert not re.search(r"\bNone\b|Number\(|Name\(|\{\{|\(\)|  | [,.;:?]|\.\.|\?\?|,\.", line), line
            assert not re.search(r"\b(the|a|is|of|to|and|about|instead) \1\b|\bthe an? |\bthe about\b", line, re.I), (
                line
            )
            assert line[0].isupper() or line[1:2].isupper(), line
            assert line[-1] in ".?!", line
            assert not re.search(r"[.?!] [a-z](?![A-Z])", line), line


@pytest.mark.parametrize("name", NAMES)
def test_no_two_answers_of_a_design_are_alike(name: str) -> None:
    answers = [question.text for question in asked(name).questions]
    assert len(set(answers)) == len(answers)


@pytest.mark.parametrize("name", NAMES)
def test_every_what_if_of_an_answer_can_be_typed(name: str) -> None:
    changes = {what_if for question in asked(name).questions for what_if in question.what_ifs}
    assert changes
    assert not [change for change in changes if read_changes(change).unread]


@pytest.mark.parametrize("name", NAMES)
def test_a_promise_tightened_by_half_is_missed(name: str) -> None:
    made = compiled(name)
    promises = [v.promise for v in made.facts.verdicts if v.promise.is_timed or v.promise.metric == "staleness"]
    assert promises, "nothing is promised that takes time"
    caught = False
    for promise in promises:
        start, end = promise.span.start, promise.span.end
        text = made.source.text
        words = re.sub(r"[\d.]+\s*(?:ns|us|ms|s|min|h|days?)\b", f"{promise.limit / 2:.9g}s", text[start:end], count=1)
        tight = compile_reading(read_source(Source("tight", text[:start] + words + text[end:])), scenarios=False)
        caught = caught or any(code in ("AB401", "AB402", "AB703") for code, _ in found(tight) - found(made))
    assert caught


@pytest.mark.parametrize("name", NAMES)
def test_a_single_replica_where_it_is_fullest_is_caught(name: str) -> None:
    made = compiled(name)
    loads = [(fact.value or 0.0, fact.subject) for fact in made.facts.of(UTILISATION)]
    loads = [(load, box) for load, box in loads if made.design.components[box].replicas.high > 1]
    assert loads, "nothing is replicated"
    box = max(loads)[1]
    planted = compile_reading(reading(name), read_changes([f"{box}.replicas=1"]), scenarios=False)
    assert found(planted) - found(made)


@pytest.mark.parametrize("name", [name for name in NAMES if caches(name)])
def test_a_hit_ratio_of_zero_is_caught(name: str) -> None:
    made = compiled(name)
    planted = compile_reading(reading(name), read_changes([f"{box}.hit=0%" for box in caches(name)]), scenarios=False)
    assert found(planted) - found(made)


def test_every_calculation_in_the_list_of_claims_gives_what_it_says() -> None:
    page = (ROOT / "docs" / "seed-claims.md").read_text("utf-8")
    claims = dict(CLAIM.findall(page))
    assert len(claims) > 30
    wrong = {}
    for words, claimed in claims.items():
        name, *given = shlex.split(words)
        made = calculate(name, tuple(given)).answer.text
        if f"= {claimed.strip()}" not in made:
            wrong[words] = made
    assert not wrong


def test_every_table_of_facts_belongs_to_a_design() -> None:
    assert sorted(path.stem for path in Path(ROOT / "tests" / "library").glob("*.txt")) == NAMES
