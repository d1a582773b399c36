"""The worked designs, of `designs/` and of the tests: each read, compiled, staged and drawn once in a process.

All of it is frozen, so that tests can share it. The tests of one design run in one process (`conftest`).
"""

from __future__ import annotations

from functools import cache, lru_cache
from pathlib import Path

from archboard.board.marks import Scene
from archboard.board.scenes import stage
from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading, compile_source, read_bytes
from archboard.renderers.pictures.svg import render_svg
from archboard.source import Source

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


@lru_cache(maxsize=256)
def compiled_text(text: str) -> Compilation:
    """Return a design of a case page compiled, which several tests look at."""
    return compile_source(Source("case.arch", text))


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
