"""`archboard sheet`: the one page to print, of a design or of the formulas alone."""

from __future__ import annotations

from archboard.compilation import Compilation
from archboard.renderers import written
from archboard.renderers.sheet.contents import cheat_sheet, contents
from archboard.renderers.sheet.layout import lay_out
from archboard.renderers.sheet.pictures import pictures


def sheet(compilation: Compilation | None, form: str, paper: str) -> bytes:
    """Return the page in a form; without a design it holds the formulas."""
    if compilation is None:
        laid_out = lay_out(cheat_sheet(), (), paper)
    else:
        laid_out = lay_out(contents(compilation), pictures(compilation), paper)
    return written("sheet", form, laid_out)
