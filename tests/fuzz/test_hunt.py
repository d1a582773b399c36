"""The hunter itself, and a slice of a hunt: what it would find it finds, and it finds nothing."""

from __future__ import annotations

from itertools import islice

import pytest

from tests.fuzz.chain import Finding, faults
from tests.fuzz.minimiser import least
from tests.fuzz.mutations import drawn, mutants
from tests.fuzz.run import hunt

DESIGN = "client web { rate: 10 rps }\nservice api { latency: 5ms }\nweb -> api\n"


def test_a_seed_gives_the_same_files_again() -> None:
    assert list(islice(mutants(7), 20)) == list(islice(mutants(7), 20))
    assert list(islice(mutants(7), 20)) != list(islice(mutants(8), 20))
    assert drawn(3, 5) == drawn(3, 5)


def test_what_is_well_has_no_faults() -> None:
    assert faults(DESIGN.encode()) == []


def test_what_raises_hangs_or_says_no_number_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def kinds(work: object) -> list[str]:
        monkeypatch.setattr("tests.fuzz.chain.stages", lambda _: iter([("check --format json", 0.2, work)]))
        return [finding.kind for finding in faults(b"")]

    def busy() -> None:
        while True:
            pass

    def raises() -> None:
        raise KeyError("x")

    assert kinds(raises) == ["raises"]
    assert kinds(busy) == ["slow"]
    assert kinds(lambda: '{"a": NaN}') == ["json", "no number"]
    assert kinds(lambda: '{"a": "2 → inf"}') == ["no number"]
    assert kinds(lambda: '{"a": 1}') == []


def test_the_least_that_fails_is_left() -> None:
    text = "\n".join(f"line {n} of many" for n in range(40))
    assert least(text, lambda part: "27" in part) == "27"


def test_findings_of_one_mistake_are_one() -> None:
    one, other = (Finding(stage, "raises", "KeyError x.py:f", stage) for stage in ("draw", "sheet"))
    assert one.way == other.way


@pytest.mark.slow
def test_a_slice_of_a_hunt_finds_nothing() -> None:
    """How long each may take is the corpus's to hold: here a machine that is busy would decide."""
    tried, found = hunt(seed=20, seconds=60, most=200)
    assert tried > 5
    wrong = {way: (str(finding), text) for way, (finding, text) in found.items() if finding.kind != "slow"}
    assert wrong == {}
