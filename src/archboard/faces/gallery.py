"""`archboard gallery`: every design of a folder compiled and drawn, on one page."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote

from archboard.board.scenes import stage
from archboard.compilation import Compilation
from archboard.compiler import compile_bytes
from archboard.faces.files import content, designs, write_all
from archboard.faces.files import write as write_out
from archboard.faces.messages import say
from archboard.faces.progress import Progress
from archboard.renderers import written
from archboard.renderers.pages.gallery import Exhibit
from archboard.renderers.pictures.svg import render_svg
from archboard.source import shown as shown_path

PRODUCTS = (("walkthrough", "walkthrough.html"), ("report", "report.md"), ("slides", "board.pdf"))
"""What a build makes that a card links to, by what the link says."""


def exhibit(folder: str, output: str, form: str, built: str | None) -> bool:
    """Write the page; return whether every design on it holds."""
    page = Path(output).parent if output != "-" else Path()
    place = Path(built) if built is not None else page.parent
    shown: list[Exhibit] = []
    found = designs((folder,))
    with Progress("drawing the gallery", len(found)) as progress:
        for path in found:
            compilation = compile_bytes(path, content(path))
            links = _links(compilation.design.name, place, page)
            shown.append(Exhibit(compilation, _board(compilation), links))
            progress.step()
    made = written("gallery", form, shown, folder=folder)
    if output == "-":
        write_out("-", made)
    else:
        write_all(page, {Path(output).name: made})
    failed = sum(not one.compilation.ok for one in shown)
    many = f"{len(shown)} design{'' if len(shown) == 1 else 's'}"
    say(f"wrote {shown_path(output)}: {many}{f', {failed} with errors' if failed else ''}")
    return failed == 0


def _board(compilation: Compilation) -> str:
    if not compilation.understood:
        return ""
    return render_svg(stage(compilation.design, compilation.facts)[-1], theme="auto", embed_font=False)


def _links(name: str, built: Path, page: Path) -> tuple[tuple[str, str], ...]:
    """Return links from the page to what was built of a design, where there is something."""
    made = ((label, built / name / product) for label, product in PRODUCTS)
    return tuple(
        (label, quote(os.path.relpath(path, page).replace(os.sep, "/"))) for label, path in made if path.is_file()
    )
