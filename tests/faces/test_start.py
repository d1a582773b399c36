"""What a run loads: a check runs at every save, and whatever it does not need it does not wait for."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.commands import CLEAN, ROOT

CODE = """
import sys
sys.argv = ["archboard", *sys.argv[1:]]
from archboard.faces.cli import main
try:
    main()
except SystemExit:
    pass
print(*sys.modules, file=sys.stderr)
"""
DESIGNS = sorted((ROOT / "designs").glob("*.arch"))
DRAWING = {"diagrams", "graphviz", "jinja2", "reportlab", "resvg_py", "PIL"}
ELSEWHERE = {
    "lark", "dataclasses", "hashlib", "tempfile", "subprocess", "concurrent", "multiprocessing",
    "importlib.metadata", "archboard.renderers.pictures.svg", "archboard.script", "archboard.questions",
    "archboard.whatif", "archboard.compare", "archboard.board.layout",
}  # fmt: skip


def loaded(folder: Path, *words: str | Path) -> set[str]:
    """Return the modules that a run has loaded at its end, and their packages."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, *map(str, words)],
        env={**CLEAN, "ARCHBOARD_CACHE": str(folder)},
        capture_output=True,
        text=True,
        check=True,
    )
    names = done.stderr.split()
    return {*names, *(name.partition(".")[0] for name in names)}


def test_a_check_loads_nothing_that_draws_writes_or_asks(tmp_path: Path) -> None:
    assert not loaded(tmp_path, "check", DESIGNS[0]) & (DRAWING | ELSEWHERE)


@pytest.mark.parametrize("design", DESIGNS, ids=lambda path: path.stem)
def test_a_check_of_what_was_checked_before_loads_no_numpy(design: Path, tmp_path: Path) -> None:
    loaded(tmp_path, "check", design)
    assert "numpy" not in loaded(tmp_path, "check", design)


def test_a_check_of_a_design_that_nobody_touched_loads_no_compiler(tmp_path: Path) -> None:
    loaded(tmp_path, "check", DESIGNS[0])
    again = loaded(tmp_path, "check", DESIGNS[0])
    assert not [name for name in again if name.startswith(("archboard.language", "archboard.measures"))]
    assert "archboard.compiler" not in again


def test_a_drawing_loads_nothing_but_what_draws_it(tmp_path: Path) -> None:
    words = ("draw", ROOT / "designs" / "recsys.arch", "-o", tmp_path / "x.svg")
    loaded(tmp_path, *words)
    assert not loaded(tmp_path, *words) & {"numpy", "diagrams", "jinja2", "reportlab", "resvg_py", "lark"}
