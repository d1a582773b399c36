"""The same file gives the same bytes: in every environment, and whatever was asked before.

Each environment is one process that makes all that is asked of it and says a digest of each. The seed of the hashes,
the locale, the time zone, the processors and the order of the designs differ between them, all at once: a fault says
with which command it is to be seen, and the two environments in full.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.commands import CLEAN, ROOT

FAULTY = ["designs/retraining.arch", "designs/streaming_scoring.arch"]
"""Two that gave two boards each, by the order of a set."""
OF_EACH_SORT = [
    "designs/recsys.arch", "designs/retraining.arch", "designs/llm_serving.arch", "tests/designs/three_regions.arch",
    "tests/designs/unicode_labels.arch",
]  # fmt: skip
"""What is made from boards and reports, for few: the interview and the PNGs of all designs take minutes."""
LOCALES = ("C", "C.UTF-8", "tr_TR.UTF-8", "de_DE.ISO-8859-1", "POSIX")
"""What a machine lacks it takes for C; a program that reads the name alone does not."""
ZONES = ("UTC", "Asia/Kathmandu", "America/St_Johns")


@dataclass(frozen=True, slots=True)
class Environment:
    """Where a command runs."""

    seed: int
    locale: str
    zone: str
    processors: int
    reversed: bool

    def digests(self, scope: str, designs: Iterable[str]) -> dict[str, str]:
        """Return the digest of every output that is made here."""
        words = [sys.executable, "-m", "tests.outputs_digest", scope, *designs, "--processors", str(self.processors)]
        env = {"PYTHONHASHSEED": str(self.seed), "LC_ALL": self.locale, "LANG": self.locale, "TZ": self.zone}
        done = subprocess.run(
            [*words, *(["--reversed"] if self.reversed else [])],
            cwd=ROOT, env=CLEAN | env, capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{self}: {done.stderr}"
        digests: dict[str, str] = json.loads(done.stdout)
        return digests


ENVIRONMENTS = [
    Environment(seed, LOCALES[seed % len(LOCALES)], ZONES[seed % len(ZONES)], 1 + seed % 2, seed % 4 > 1)
    for seed in range(9)
]


def every_design() -> list[str]:
    """Return all designs of the repository, in their order."""
    folders = (ROOT / "designs", ROOT / "tests" / "designs")
    return [str(path.relative_to(ROOT)) for folder in folders for path in sorted(folder.glob("*.arch"))]


def differences(scope: str, designs: list[str], environments: list[Environment]) -> list[str]:
    """Return what is made otherwise in some environment than in the first."""
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        first, *others = pool.map(lambda each: each.digests(scope, designs), environments)
    assert len(first) >= 4 * len(designs)
    return [
        f"{name}: {environments[0]} and {where}"
        for where, found in zip(environments[1:], others, strict=True)
        for name in sorted(first.keys() | found.keys())
        if first.get(name) != found.get(name)
    ]


def test_reports_boards_and_scripts_are_the_same_in_four_environments() -> None:
    assert not differences("board", FAULTY, ENVIRONMENTS[:4])


@pytest.mark.slow
def test_the_numbers_the_board_and_the_script_of_every_design_are_the_same_in_six_environments() -> None:
    assert not differences("numbers", every_design(), ENVIRONMENTS[:6])


@pytest.mark.slow
def test_reports_boards_and_scripts_of_the_other_designs_are_the_same_in_two_environments() -> None:
    """Those of each sort are among all that is made of them, in two others."""
    others = [design for design in every_design() if design not in OF_EACH_SORT]
    assert not differences("board", others, [ENVIRONMENTS[7], ENVIRONMENTS[8]])


@pytest.mark.slow
def test_everything_that_can_be_made_of_designs_of_each_sort_is_the_same_in_two_environments() -> None:
    assert not differences("everything", OF_EACH_SORT, [ENVIRONMENTS[3], ENVIRONMENTS[4]])


def test_a_difference_says_the_command_and_both_environments(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"draw x.arch --step {step}" for step in range(11)]
    monkeypatch.setattr(Environment, "digests", lambda self, *_: {name: name * (1 + self.seed) for name in names})
    found = differences("board", ["x.arch"], ENVIRONMENTS[:2])
    assert found[0] == f"draw x.arch --step 0: {ENVIRONMENTS[0]} and {ENVIRONMENTS[1]}"
    assert len(found) == 11
