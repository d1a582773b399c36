"""What `build`, `draw` and `script` make of a Compilation, as bytes by file name."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from typing import TYPE_CHECKING

from archboard.board.marks import Scene
from archboard.board.scenes import stage
from archboard.compilation import Compilation
from archboard.records import record, shallow
from archboard.renderers import formats, written
from archboard.renderers.pictures.svg import render_svg
from archboard.words.conditions import promises_held_by

if TYPE_CHECKING:
    from archboard.script.model import Script


@record
class Look:
    """How a picture is drawn."""

    style: str = "whiteboard"
    theme: str = "light"
    scale: float = 2.0
    focus: bool = False


def scenes(compilation: Compilation, look: Look) -> tuple[Scene, ...]:
    """Return the six scenes of a design."""
    return stage(compilation.design, compilation.facts)


def picture(scene: Scene, form: str, look: Look) -> bytes:
    """Return one scene in a form."""
    return written("picture", form, scene, **shallow(look))


def png(svg: str, scale: float) -> bytes:
    """Return a picture of an SVG."""
    from archboard.renderers.pictures.png import render_png  # noqa: PLC0415 - resvg is slow to import

    return render_png(svg, scale=scale)


def script(compilation: Compilation, minutes: float | None = None, style: str = "interview") -> Script:
    """Return the walkthrough of a design."""
    from archboard.script.walkthrough import narrate  # noqa: PLC0415 - jinja2 is slow to import

    return narrate(compilation.design, compilation.facts, compilation.scenarios, minutes=minutes, style=style)


def told(
    spoken: Script, form: str, compilation: Compilation, look: Look, drawn: tuple[Scene, ...] | None = None
) -> bytes:
    """Return a walkthrough in a form; the boards are drawn only for one that shows them, `drawn` where they are."""
    row = formats("script")[form]
    if "boards" not in row.takes:
        return row.write(spoken)
    boards = scenes(compilation, look) if drawn is None else drawn
    svgs = [render_svg(scene, style=look.style, theme="auto") for scene in boards]
    return row.write(spoken, boards=svgs, holds=promises_held_by(compilation.facts))


Product = tuple[str, Callable[[], bytes]]
"""A file's name and what makes it."""


def everything(compilation: Compilation, look: Look) -> Iterator[Product]:
    """Yield each file of a build with what makes it; the PNGs are begun first, the fullest before the others."""
    with _painting(look.scale) as begin:
        drawn = scenes(compilation, look)
        svgs: list[str] = []
        pictures: list[Callable[[], bytes]] = []
        for scene in reversed(drawn):
            svgs.insert(0, render_svg(scene, style=look.style, theme=look.theme, focus=look.focus))
            pictures.insert(0, begin(svgs[0]))
        spoken, report = script(compilation), formats("report")
        yield "walkthrough.md", lambda: told(spoken, "md", compilation, look, drawn)
        yield "walkthrough.html", lambda: told(spoken, "html", compilation, look, drawn)
        yield "report.md", lambda: report["md"].write([report["md"].of_one(compilation)])
        yield "report.json", lambda: report["json"].write([report["json"].of_one(compilation)])
        yield "board.pdf", lambda: _pdf(drawn, look)
        for number, svg in enumerate(svgs, 1):
            yield f"step-{number}.svg", svg.encode
            yield f"step-{number}.png", pictures[number - 1]
        yield "board.svg", svgs[-1].encode
        yield "board.png", pictures[-1]


@contextmanager
def _painting(scale: float) -> Iterator[Callable[[str], Callable[[], bytes]]]:
    """Give what begins the PNG of a picture in another process, and returns what waits for it.

    Where there is one core, or the machine gives no further process, each is painted here when it is asked for.
    """
    from concurrent.futures import Future, ProcessPoolExecutor  # noqa: PLC0415 - only a build needs it

    from archboard.faces.workers import hired  # noqa: PLC0415 - only a build needs it

    begun: dict[str, Future[bytes]] = {}
    painted: dict[str, bytes] = {}

    def paint(svg: str) -> bytes:
        if svg not in painted:
            try:
                painted[svg] = begun[svg].result() if svg in begun else png(svg, scale)
            except (OSError, RuntimeError):  # the other process is gone: a full disk, no memory, a kill
                painted[svg] = png(svg, scale)
        return painted[svg]

    def begin(svg: str) -> Callable[[], bytes]:
        if pool is not None and svg not in begun:
            with suppress(OSError, RuntimeError):
                begun[svg] = pool.submit(png, svg, scale)
        return partial(paint, svg)

    pool: ProcessPoolExecutor | None = None
    try:
        if (os.cpu_count() or 1) > 1:
            with suppress(OSError, RuntimeError):
                pool = hired(min(os.cpu_count() or 1, 4), _ready)
                pool.submit(os.getpid)  # they get ready while the first picture is still being laid out
        yield begin
    finally:
        if pool is not None:
            pool.shutdown(wait=False, cancel_futures=True)


def _ready() -> None:
    """Load what paints."""
    import resvg_py  # noqa: F401, PLC0415 - a large native library


def _pdf(drawn: tuple[Scene, ...], look: Look) -> bytes:
    from archboard.renderers.pictures.pdf import render_pdf  # noqa: PLC0415 - reportlab is slow to import

    return render_pdf(drawn, style=look.style, theme="dark" if look.theme == "dark" else "light")
