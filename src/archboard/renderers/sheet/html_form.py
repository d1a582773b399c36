"""The page to print as one HTML file: the laid-out page as tables at their places, the pictures inline.

It prints on one page as it stands on the screen, light on paper whatever the screen likes; nothing is fetched.
"""

from __future__ import annotations

import re

from archboard.board.marks import Role
from archboard.renderers.pages.walkthrough import environment, inlined, raw
from archboard.renderers.pictures.svg import BOLD, font_face, render_svg
from archboard.renderers.pictures.theme import DARK, LIGHT, Theme
from archboard.renderers.sheet.layout import BELOW, HEADING, MARGIN, VERDICT, Paper, leading

_STYLE = re.compile(r"<style>(.*?)</style>", re.S)
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme:\s*dark\s*\)")


def render_sheet_html(paper: Paper, language: str = "en") -> str:
    """Return the page."""
    svgs = [render_svg(picture.scene, theme="auto", embed_font=False) for picture in paper.pictures]
    rules = "".join(dict.fromkeys(rule for svg in svgs for rule in _STYLE.findall(svg)))
    dark = _DARK.sub("@media screen and (prefers-color-scheme:dark)", rules)
    template = environment().get_template(f"{language}/sheet.html.j2")
    return template.render(
        paper=paper,
        contents=paper.contents,
        drawn=[
            (picture, inlined(svg, number))
            for number, (picture, svg) in enumerate(zip(paper.pictures, svgs, strict=True), 1)
        ],
        margin=MARGIN,
        verdict=VERDICT,
        below=BELOW,
        heading=HEADING,
        bold=BOLD,
        leading=leading,
        points=points,
        css=raw(f"{font_face()}\n{_colours(LIGHT)}\n{_night()}\n{dark}", "</style"),
    )


def points(length: float) -> str:
    """Write a length in points."""
    return f"{length:.2f}".rstrip("0").rstrip(".") + "pt"


def _colours(theme: Theme) -> str:
    roles = "".join(f"--{role.value}:{tone.text};" for role, tone in theme.tones.items())
    strong = f"--bar:{theme.tones[Role.CORE].stroke};--over:{theme.tones[Role.BAD].stroke};"
    return f":root{{--paper:{theme.paper};--rule:{theme.tones[Role.FRAME].stroke};{strong}{roles}}}"


def _night() -> str:
    return f"@media screen and (prefers-color-scheme:dark){{{_colours(DARK)}}}"
