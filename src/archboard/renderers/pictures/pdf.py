"""Scenes into one PDF: a landscape page each, drawn with the same strokes and fonts as the SVG.

The text stays text and the strokes stay lines, so a page prints sharp at any size. The file carries no
date and no random name: the same scenes give the same bytes.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from io import BytesIO
from itertools import groupby
from typing import Any

from archboard import resources
from archboard.board.marks import Box, Cross, Group, Icon, Line, Mark, Pen, Plate, Scene, Text
from archboard.board.writing import text_widths as metrics
from archboard.records import record
from archboard.renderers.pictures import icon_images as pictures
from archboard.renderers.pictures import strokes as stroke
from archboard.renderers.pictures.strokes import Path
from archboard.renderers.pictures.svg import BOLD, BOX_PEN, DASHES, FRAME_PEN, runs
from archboard.renderers.pictures.theme import LIGHT, THEMES, Theme

A4_LANDSCAPE = (841.89, 595.28)
MARGIN = 24.0
FONTS: Mapping[str, str] = {
    "hand": "ArchboardHand",
    "other": "ArchboardFallback",
    "elsewhere": "ArchboardHand",
}


@record
class Page:
    """One page being drawn; its canvas is scaled to the scene, with y upwards from `height`."""

    canvas: Any
    theme: Theme
    sketched: bool
    height: float
    image: Callable[[str], Any]


def render_pdf(scenes: Sequence[Scene], *, style: str = "whiteboard", theme: str = "light") -> bytes:
    """Return the scenes as the pages of one PDF, each fitted to a landscape A4 page with an outline entry."""
    # reportlab is heavy and only this format needs it
    from reportlab.lib.utils import ImageReader  # noqa: PLC0415
    from reportlab.pdfgen.canvas import Canvas  # noqa: PLC0415

    register_fonts()
    out = BytesIO()
    canvas = Canvas(out, pagesize=A4_LANDSCAPE, pageCompression=1, invariant=1)
    if scenes:
        canvas.setTitle(metrics.clean(scenes[0].title))
    colours = THEMES.get(theme, LIGHT)
    image = cache(lambda name: ImageReader(BytesIO(pictures.picture(name))))
    for scene in scenes:
        canvas.bookmarkPage(scene.name)
        canvas.addOutlineEntry(metrics.clean(scene.title), scene.name)
        _page(scene, Page(canvas, colours, style != "clean", scene.height, image))
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def render_scene(scene: Scene, *, style: str = "whiteboard", theme: str = "light") -> bytes:
    """Return one scene as a PDF of one page."""
    return render_pdf((scene,), style=style, theme=theme)


@cache
def register_fonts() -> None:
    """Make the shipped fonts known to reportlab; once is enough."""
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415 - reportlab is slow to import
    from reportlab.pdfbase.ttfonts import TTFont  # noqa: PLC0415 - reportlab is slow to import

    for name in dict.fromkeys(FONTS.values()):
        pdfmetrics.registerFont(TTFont(name, str(resources.folder("fonts") / f"{name}.ttf")))


@cache
def _ink(colour: str) -> Any:
    """Return a colour as reportlab knows it, which takes it long to read."""
    from reportlab.lib.colors import toColor  # noqa: PLC0415 - reportlab is slow to import

    return toColor(colour)


def _page(scene: Scene, page: Page) -> None:
    wide, high = A4_LANDSCAPE
    canvas = page.canvas
    canvas.setFillColor(_ink(page.theme.paper))
    canvas.rect(0, 0, wide, high, stroke=0, fill=1)
    scale = min((wide - 2 * MARGIN) / scene.width, (high - 2 * MARGIN) / scene.height)
    paint(scene, page, (wide - scene.width * scale) / 2, (high - scene.height * scale) / 2, scale)


def paint(scene: Scene, page: Page, x: float, y: float, scale: float) -> None:
    """Draw a scene with its lower left corner at (x, y), so many points to a pixel; `page.height` is the scene's."""
    canvas = page.canvas
    canvas.saveState()
    canvas.translate(x, y)
    canvas.scale(scale, scale)
    canvas.setLineCap(1)
    canvas.setLineJoin(1)
    for group in scene.groups:
        _group(group, page)
    canvas.restoreState()


def _group(group: Group, page: Page) -> None:
    for mark in group.marks:
        _mark(mark, page)
    for inner in group.groups:
        _group(inner, page)


def _mark(mark: Mark, page: Page) -> None:
    match mark:
        case Box():
            _box(mark, page)
        case Line():
            _line(mark, page)
        case Text():
            _text(mark, page)
        case Plate():
            _fill(mark, 0.0, page.theme.paper, page)
        case Cross():
            strokes = stroke.cross_strokes(mark, page.sketched)
            _draw(strokes, page.theme.tones[mark.role].stroke, 2.2, Pen.SOLID, page)
        case Icon():
            _icon(mark, page)


def _box(box: Box, page: Page) -> None:
    fill = page.theme.fill(box.role, box.fill)
    if fill != "none":
        _fill(box, max(0.0, min(box.radius, box.width / 2, box.height / 2)), fill, page)
    width = BOX_PEN if box.pen is Pen.SOLID else FRAME_PEN
    colour = page.theme.tones[box.role].stroke
    _draw(stroke.box_strokes(box, page.sketched), colour, width, box.pen, page)


def _line(line: Line, page: Page) -> None:
    colour = page.theme.tones[line.role].stroke
    strokes = stroke.line_strokes(line, page.sketched)
    _draw(strokes, colour, line.width * (0.85 if len(strokes) > 1 else 1.0), line.pen, page)
    _draw(stroke.heads(line, page.sketched), colour, max(line.width, 1.6), Pen.SOLID, page)


def _fill(place: Box | Plate, radius: float, colour: str, page: Page) -> None:
    page.canvas.setFillColor(_ink(colour))
    bottom = page.height - place.y - place.height
    page.canvas.roundRect(place.x, bottom, place.width, place.height, radius, stroke=0, fill=1)


def _icon(icon: Icon, page: Page) -> None:
    if not pictures.picture(icon.name):
        return
    x, y, size = icon.x, icon.y, icon.size
    if page.theme.slip != "none":
        _fill(Plate(x - 2, y - 2, size + 4, size + 4), 5.0, page.theme.slip, page)
    page.canvas.drawImage(page.image(icon.name), x, page.height - y - size, size, size, mask="auto")


def _draw(strokes: Iterable[Path], colour: str, width: float, pen: Pen, page: Page) -> None:
    canvas = page.canvas
    canvas.setStrokeColor(_ink(colour))
    canvas.setLineWidth(width)
    canvas.setDash([float(part) for part in DASHES[pen].split()] if pen in DASHES else [])
    for path in strokes:
        traced = canvas.beginPath()
        _trace(path, traced, page.height)
        canvas.drawPath(traced, stroke=1, fill=0)


def _trace(path: Path, traced: Any, height: float) -> None:
    x0 = y0 = 0.0
    for letter, n in path:
        points = [(n[i], height - n[i + 1]) for i in range(0, len(n), 2)]
        match letter, points:
            case "M", [(x, y)]:
                traced.moveTo(x, y)
            case "L", [(x, y)]:
                traced.lineTo(x, y)
            case "Q", [(cx, cy), (x, y)]:  # PDF knows cubic curves only
                near = (x0 + (cx - x0) * 2 / 3, y0 + (cy - y0) * 2 / 3)
                far = (x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3)
                traced.curveTo(*near, *far, x, y)
            case "C", [a, b, c]:
                traced.curveTo(*a, *b, *c)
            case _:
                traced.close()
        if points:
            x0, y0 = points[-1]


def _text(text: Text, page: Page) -> None:
    content = metrics.clean(text.text)
    width = metrics.text_width(content, text.size)
    if not content.strip():
        return
    start = text.x - width * {"middle": 0.5, "end": 1.0}.get(text.anchor, 0.0)
    colour = page.theme.tones[text.role].text
    page.canvas.saveState()
    written = page.canvas.beginText(start, page.height - text.y)
    written.setFillColor(_ink(colour))
    if text.bold:
        written.setTextRenderMode(2)
        page.canvas.setDash([])
        page.canvas.setLineWidth(text.size * BOLD)
        page.canvas.setStrokeColor(_ink(colour))
    for kind, run in runs(_visual(content)):
        written.setFont(FONTS[kind], text.size * (metrics.FALLBACK_SCALE if kind == "other" else 1.0))
        written.textOut("□" * metrics.places(run) if kind == "elsewhere" else _visible(run))
    page.canvas.drawText(written)
    page.canvas.restoreState()


def _visible(run: str) -> str:
    return "".join(c for c in run if unicodedata.category(c) != "Cf")


def _visual(text: str) -> str:
    """Return text with its words that read from the right turned round: PDF draws as it is told."""

    def from_right(character: str) -> bool:
        return unicodedata.bidirectional(character) in ("R", "AL", "NSM")

    if not any(map(from_right, text)):
        return text
    words = [
        (any(map(from_right, word)), word[::-1] if any(map(from_right, word)) else word) for word in text.split(" ")
    ]
    out: list[str] = []
    for right, run in groupby(words, key=lambda word: word[0]):
        turned = [word for _, word in run]
        out += turned[::-1] if right else turned
    return " ".join(out)
