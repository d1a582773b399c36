"""An SVG of `render_svg` into a PNG, with the shipped fonts only: the same pixels on every machine.

Characters that neither shipped font has (ideographs, emoji) become one hollow box each, as wide as the
layout measured them; the SVG keeps the characters themselves.
"""

from __future__ import annotations

import re
from html import unescape

from archboard import resources
from archboard.board.marks import Scene
from archboard.board.writing import text_widths as metrics
from archboard.renderers.pictures.svg import render_svg

HOLLOW = "□"
MOST_PIXELS = 80e6
"""A larger picture is drawn at a smaller scale: past this, viewers and memory give up before readers do."""

_SIZE = re.compile(r'<svg [^>]*?width="([\d.]+)" height="([\d.]+)"')
_FOREIGN = re.compile(r'<tspan class="elsewhere" font-family="sans-serif">([^<]*)</tspan>')
_NEEDLESS = re.compile(r'<style>[^<]*</style>| textLength="[^"]*" lengthAdjust="[^"]*"')
"""The fonts are here, so nothing need be stretched; and resvg stretches each span of a text by itself."""


def render_png(svg: str, *, scale: float = 2.0) -> bytes:
    """Return the picture as a PNG, `scale` pixels to the CSS pixel; the theme `auto` comes out light."""
    # the renderer is a large native library; nothing else needs it
    from resvg_py import svg_to_bytes  # noqa: PLC0415

    fonts = resources.folder("fonts")
    size = _SIZE.search(svg)
    area = float(size[1]) * float(size[2]) if size else 1.0
    return bytes(
        svg_to_bytes(
            svg_string=_FOREIGN.sub(_hollow, _NEEDLESS.sub("", svg)),
            zoom=min(scale, (MOST_PIXELS / max(area, 1.0)) ** 0.5),
            dpi=96.0,
            skip_system_fonts=True,
            font_files=[str(fonts / "ArchboardHand.ttf"), str(fonts / "ArchboardFallback.ttf")],
            font_family="Archboard Hand",
            sans_serif_family="Archboard Fallback",
            serif_family="Archboard Fallback",
        )
    )


def render_scene(
    scene: Scene, *, style: str = "whiteboard", theme: str = "light", focus: bool = False, scale: float = 2.0
) -> bytes:
    """Return a scene as a PNG; the theme `auto` is light, for a PNG cannot follow its viewer."""
    svg = render_svg(scene, style=style, theme="light" if theme == "auto" else theme, focus=focus)
    return render_png(svg, scale=scale)


def _hollow(found: re.Match[str]) -> str:
    return HOLLOW * metrics.places(unescape(found[1]))
