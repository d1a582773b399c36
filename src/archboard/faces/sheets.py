"""`archboard sheet`: the one page to print, of a design or of the formulas alone."""

from __future__ import annotations

from archboard.compilation import Compilation
from archboard.renderers.sheet import cheat_sheet, contents
from archboard.renderers.sheet_board import pictures
from archboard.renderers.sheet_layout import lay_out


def sheet(compilation: Compilation | None, form: str, paper: str) -> bytes:
    """Return the page as pdf or html; without a design it holds the formulas."""
    if compilation is None:
        laid_out = lay_out(cheat_sheet(), (), paper)
    else:
        laid_out = lay_out(contents(compilation), pictures(compilation), paper)
    if form == "pdf":
        from archboard.renderers.sheet_pdf import render_sheet_pdf  # noqa: PLC0415 - reportlab is slow to import

        return render_sheet_pdf(laid_out)
    from archboard.renderers.sheet_html import render_sheet_html  # noqa: PLC0415 - jinja2 is slow to import

    return render_sheet_html(laid_out).encode()
