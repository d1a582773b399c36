"""The walkthrough as one HTML file to rehearse with: each step's board beside its lines, clocks, the presenters' keys.

The file holds everything it needs: boards inline with the font once, style and script inline, and a policy that
lets nothing else in (the script by its hash). Without JavaScript, and on paper, it shows all steps in order.
"""

from __future__ import annotations

import math
import re
from base64 import b64encode
from collections.abc import Iterable, Sequence
from functools import cache
from hashlib import sha256
from typing import TYPE_CHECKING

from archboard.resources import text
from archboard.script.compiled import beside
from archboard.script.model import Script

if TYPE_CHECKING:
    from jinja2 import Environment

_STYLE = re.compile(r"<style>(.*?)</style>\s*", re.S)
_PROLOGUE = re.compile(r"^\s*(<\?xml[^>]*\?>\s*|<!DOCTYPE[^>]*>\s*)+")
_ID = re.compile(r'(<[^<>]*?\sid=")([^"]*")')
_REFERENCE = re.compile(r'((?:xlink:)?href="#|="url\(#|aria-(?:labelledby|describedby)=")')
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme:\s*dark\s*\)")


def render_page(script: Script, boards: Sequence[str], language: str = "", holds: Sequence[str] = ()) -> str:
    """Return the page; `boards` are the SVGs of the steps in order (fewer are allowed, a step may go without).

    `holds` are the promises that come out as they do by an assumption, and by which.
    """
    styles = dict.fromkeys(rule for board in boards for rule in _STYLE.findall(board))
    board_css = _DARK.sub("@media screen and (prefers-color-scheme:dark)", "\n".join(styles))
    code = text("templates", "page.js")
    pictures = {number: inlined(board, number) for number, board in enumerate(boards, 1)}
    template = environment().get_template(f"{language or script.language}/page.html.j2")
    return template.render(
        script=script,
        boards=pictures,
        css=raw(text("templates", "page.css") + board_css, "</style"),
        code=raw(code, "</script"),
        hash=b64encode(sha256(code.encode()).digest()).decode("ascii"),
        clock=clock,
        holds=holds,
        plan=math.fsum(step.seconds for step in script.steps),
    )


def clock(seconds: float) -> str:
    """Write seconds as a clock shows them: 75 is "1:15"."""
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"


@cache
def environment() -> Environment:
    """Return the environment of HTML templates: everything is escaped, nothing may be missing."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # late: off the start-up path  # noqa: PLC0415

    return Environment(
        loader=FunctionLoader(lambda name: text("templates", name)),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        bytecode_cache=beside("page"),
    )


def inlined(board: str, number: int) -> object:
    """Make an SVG part of the page: its style moved to the head, its ids told apart from the other steps'."""
    bare = _PROLOGUE.sub("", _STYLE.sub("", board))
    named = _ID.sub(rf"\1s{number}-\2", bare)
    return raw(_REFERENCE.sub(rf"\1s{number}-", named).strip())


def raw(written: str, *forbidden: str) -> object:
    """Mark our own text as markup; what would end its element early has no business in it."""
    from markupsafe import Markup  # late: comes with jinja2  # noqa: PLC0415

    _refuse(written.lower(), forbidden)
    return Markup(written)


def _refuse(written: str, forbidden: Iterable[str]) -> None:
    for end in forbidden:
        if end in written:
            raise ValueError(f"{end} inside an element of the page")
