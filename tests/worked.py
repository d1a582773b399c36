"""The worked designs, of `designs/` and of the tests: each read, compiled, staged and drawn once in a process.

All of it is frozen, so that tests can share it. The tests of one design run in one process (`conftest`).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

from archboard.board.marks import Scene
from archboard.board.scenes import stage
from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading, read_bytes
from archboard.renderers.pictures.svg import render_svg

ROOT = Path(__file__).parent.parent
LIBRARY = sorted((ROOT / "designs").glob("*.arch"))
OWN = sorted((ROOT / "tests" / "designs").glob("*.arch"))
DESIGNS = sorted([*LIBRARY, *OWN])
RECSYS = ROOT / "designs" / "recsys.arch"


@cache
def reading(path: Path) -> Reading:
    """Return a design read down to names and structure."""
    return read_bytes(str(path.relative_to(ROOT)), path.read_bytes())


@cache
def compiled(path: Path) -> Compilation:
    """Return a design compiled."""
    return compile_reading(reading(path))


@cache
def staged(path: Path) -> tuple[Scene, ...]:
    """Return the six steps of a design."""
    made = compiled(path)
    assert made.understood, path
    return stage(made.design, made.facts)


@cache
def drawn(path: Path, theme: str = "light") -> tuple[str, ...]:
    """Return the six pictures of a design."""
    return tuple(render_svg(scene, theme=theme) for scene in staged(path))
