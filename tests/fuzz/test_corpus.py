"""Every file that once broke something is answered: by all commands, in time, in strict JSON, with numbers that are.

What `faults` says is empty; what a file gets beside is that of any file. The slow ones take seconds of their own.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from archboard.compiler import compile_bytes
from tests.fuzz.chain import faults
from tests.fuzz.mutations import CORPUS

SLOW = {
    "09-share-mesh-8x3", "10-bipartite-calls", "exc-questions-200276", "slow-questions-201719", "small-deep_callchain",
    "small-deep_letchain", "timeout-questions-30068", "timeout-questions-201390",
}  # fmt: skip
FILES = sorted(CORPUS.glob("*.arch"))


def cases() -> list[object]:
    """Return every file of the corpus, those that take long marked so."""
    return [pytest.param(p, id=p.stem, marks=[pytest.mark.slow] if p.stem in SLOW else []) for p in FILES]


@pytest.mark.parametrize("path", cases())
def test_what_once_broke_something_is_answered(path: Path) -> None:
    assert [str(finding) for finding in faults(path.read_bytes())] == []


def test_many_findings_at_one_place_are_one_with_a_count() -> None:
    compilation = compile_bytes("x.arch", (CORPUS / "many-equal-warnings.arch").read_bytes())
    messages = [found.message for found in compilation.diagnostics]
    assert len(messages) < 10
    assert sum("(and 39 more like it)" in message for message in messages) == 2


def test_few_findings_at_one_place_are_told_each() -> None:
    text = (CORPUS / "many-equal-warnings.arch").read_text("utf-8")
    few = text.replace(", ".join(f"r{n}" for n in range(40)), "r0, r1, r2")
    compilation = compile_bytes("x.arch", few.encode())
    assert sum(found.rule.code == "AB501" for found in compilation.diagnostics) == 3
