"""A scene into an SVG that stands alone: real text in an embedded font, no script, nothing fetched.

Every colour is a presentation attribute, so that drawing programs and office suites read it; only the
`auto` theme adds CSS, which recolours the same board where the reader prefers dark. Text is held to the
width the layout measured (`textLength`), so it stays in its box even where a viewer ignores the embedded
font. Whatever comes from a design is escaped and cleaned of what XML forbids: a label is never markup.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import groupby

from archboard import resources
from archboard.board.marks import Box, Cross, Group, Icon, Line, Mark, Pen, Plate, Scene, Text
from archboard.board.writing import text_widths as metrics
from archboard.records import record
from archboard.renderers.pictures import icon_images as pictures
from archboard.renderers.pictures import strokes as stroke
from archboard.renderers.pictures.strokes import Path, number, path_data
from archboard.renderers.pictures.theme import LIGHT, THEMES, Theme, dark_rules

FAMILY = "'Archboard Hand','Patrick Hand','Comic Neue',sans-serif"
FALLBACK_FAMILY = "'Archboard Fallback','DejaVu Sans',sans-serif"
BOLD = 0.035
DIMMED = 0.28
DASHES = {Pen.DASHED: "7 6", Pen.DOTTED: "1.6 6"}
BOX_PEN = 1.5
FRAME_PEN = 1.2
ESCAPES = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;"), ("'", "&#39;"))
_BIDI = ' direction="ltr" unicode-bidi="isolate"'


@record
class Sheet:
    """How one scene is being drawn: its colours, its strokes, and where the icons it names are defined."""

    theme: Theme
    sketched: bool
    automatic: bool
    icons: dict[str, str]


COMFORTABLE = 1440.0
SMALLEST = 0.75
"""A wide board asks for this width on a screen, at the smallest with letters of this part of their size."""


def render_svg(
    scene: Scene,
    *,
    style: str = "whiteboard",
    theme: str = "light",
    focus: bool = False,
    embed_font: bool = True,
) -> str:
    """Return a scene as SVG.

    `style` is "whiteboard" or "clean"; `theme` "light", "dark" or "auto"; `focus` dims what earlier steps
    drew; without `embed_font` the page around the SVG must bring the font.
    """
    icons = {name: f"icon-{i}" for i, name in enumerate(_icon_names(scene.groups))}
    sheet = Sheet(THEMES.get(theme, LIGHT), style != "clean", theme == "auto", icons)
    width, height = number(scene.width), number(scene.height)
    shown = min(1.0, max(SMALLEST, COMFORTABLE / max(scene.width, 1.0)))
    size = f'width="{number(scene.width * shown)}" height="{number(scene.height * shown)}"'
    css = (font_face() if embed_font else "") + (dark_rules() if sheet.automatic else "")
    out = [
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" role="img"'
        f' {size} viewBox="0 0 {width} {height}" fill="none"'
        f' stroke-linecap="round" stroke-linejoin="round" font-family="{FAMILY}">',
        f"<title>{escape(scene.title)}</title>",
        f"<desc>{escape(scene.description)}</desc>",
        f"<style>{css}</style>" if css else "",
        *_definitions(icons),
        f'<rect class="paper" width="{width}" height="{height}" fill="{sheet.theme.paper}"/>',
    ]
    newest = scene.step if focus else 0
    for group in scene.groups:
        out += _group(group, sheet, newest)
    return "\n".join([*filter(None, out), "</svg>\n"])


@cache
def font_face() -> str:
    """Return the CSS rule that carries the handwriting font."""
    font = b64encode(resources.binary("fonts", "ArchboardHand.woff2")).decode("ascii")
    source = f"url(data:font/woff2;base64,{font}) format('woff2')"
    return f"@font-face{{font-family:'Archboard Hand';src:{source}}}"


def escape(text: str) -> str:
    """Return text as XML content or as the inside of a quoted attribute."""
    written = metrics.clean(text)
    for character, reference in ESCAPES:
        written = written.replace(character, reference)
    return written


def _icon_names(groups: Iterable[Group]) -> dict[str, None]:
    found: dict[str, None] = {}
    for group in groups:
        found |= {mark.name: None for mark in group.marks if isinstance(mark, Icon)}
        found |= _icon_names(group.groups)
    return {name: None for name in found if pictures.data_uri(name)}


def _definitions(icons: dict[str, str]) -> Iterator[str]:
    if icons:
        yield "<defs>"
        for name, key in icons.items():
            side = pictures.PIXELS
            yield f'<image id="{key}" width="{side}" height="{side}" xlink:href="{pictures.data_uri(name)}"/>'
        yield "</defs>"


def _group(group: Group, sheet: Sheet, newest: int) -> Iterator[str]:
    names = [("class", group.kind), ("id", group.id)]
    names += [(f"data-{name.removeprefix('data-')}", value) for name, value in group.attributes]
    if "data-step" not in dict(names):
        names.append(("data-step", str(group.step)))
    written = "".join(f' {name}="{escape(value)}"' for name, value in names if value or name != "id")
    faint = f' opacity="{DIMMED}"' if group.step < newest else ""
    whole = faint and not _has_newer(group, newest)
    yield f"<g{written}{faint if whole else ''}>"
    if group.title:
        yield f"<title>{escape(group.title)}</title>"
    drawn = [part for mark in group.marks for part in _mark(mark, sheet)]
    yield from [f"<g{faint}>", *drawn, "</g>"] if faint and not whole and drawn else drawn
    for inner in group.groups:
        yield from _group(inner, sheet, 0 if whole else newest)
    yield "</g>"


def _has_newer(group: Group, newest: int) -> bool:
    return any(inner.step >= newest or _has_newer(inner, newest) for inner in group.groups)


def _mark(mark: Mark, sheet: Sheet) -> Iterator[str]:
    match mark:
        case Box():
            yield from _box(mark, sheet)
        case Line():
            yield from _line(mark, sheet)
        case Text():
            yield from _text(mark, sheet.theme)
        case Plate():
            yield f'<rect class="plate"{_place(mark)} fill="{sheet.theme.paper}"/>'
        case Cross():
            colour = sheet.theme.tones[mark.role].stroke
            yield _path("cross", stroke.cross_strokes(mark, sheet.sketched), colour, 2.2)
        case Icon():
            yield from _icon(mark, sheet)


def _place(mark: Box | Plate) -> str:
    x, y, width, height = map(number, (mark.x, mark.y, mark.width, mark.height))
    return f' x="{x}" y="{y}" width="{width}" height="{height}"'


def _path(name: str, paths: Iterable[Path], colour: str, width: float, pen: Pen = Pen.SOLID) -> str:
    data = "".join(map(path_data, paths))
    dashes = f' stroke-dasharray="{DASHES[pen]}"' if pen in DASHES else ""
    return f'<path class="{name}" d="{data}" stroke="{colour}" stroke-width="{number(width)}"{dashes}/>'


def _box(box: Box, sheet: Sheet) -> Iterator[str]:
    fill = sheet.theme.fill(box.role, box.fill)
    if fill != "none":
        radius = number(max(0.0, min(box.radius, box.width / 2, box.height / 2)))
        yield f'<rect class="box"{_place(box)} rx="{radius}" fill="{fill}"/>'
    width = BOX_PEN if box.pen is Pen.SOLID else FRAME_PEN
    colour = sheet.theme.tones[box.role].stroke
    yield _path("stroke", stroke.box_strokes(box, sheet.sketched), colour, width, box.pen)


def _line(line: Line, sheet: Sheet) -> Iterator[str]:
    colour = sheet.theme.tones[line.role].stroke
    first, *more = stroke.line_strokes(line, sheet.sketched) or ((),)
    if not first:
        return
    width = line.width * (0.85 if more else 1.0)
    yield _path("line" if line.route else "stroke", (first,), colour, width, line.pen)
    if more:
        yield _path("stroke", more, colour, width, line.pen)
    tips = stroke.heads(line, sheet.sketched)
    if tips:
        yield _path("head", tips, colour, max(line.width, 1.6))


def _icon(icon: Icon, sheet: Sheet) -> Iterator[str]:
    if icon.name not in sheet.icons:
        return
    x, y, size = icon.x, icon.y, icon.size
    if sheet.theme.slip != "none" or sheet.automatic:
        around = _place(Plate(x - 2, y - 2, size + 4, size + 4))
        yield f'<rect class="slip"{around} rx="5" fill="{sheet.theme.slip}"/>'
    scale = f"{size / pictures.PIXELS:.4f}".rstrip("0").rstrip(".")
    moved = f"translate({number(x)} {number(y)}) scale({scale})"
    yield f'<use xlink:href="#{sheet.icons[icon.name]}" transform="{moved}"/>'


def _text(text: Text, theme: Theme) -> Iterator[str]:
    content = metrics.clean(text.text)
    width = metrics.text_width(content, text.size)
    if not content.strip() or width <= 0:
        return
    start = text.x - width * {"middle": 0.5, "end": 1.0}.get(text.anchor, 0.0)
    colour = theme.tones[text.role].text
    bold = f' stroke="{colour}" stroke-width="{number(text.size * BOLD)}"' if text.bold else ""
    spaces = ' xml:space="preserve"' if "  " in content or content != content.strip() else ""
    plain = content.isascii()
    words = escape(content) if plain else "".join(_spans(content, text.size))
    yield (
        f'<text x="{number(start)}" y="{number(text.y)}" font-size="{number(text.size)}" fill="{colour}"'
        f' textLength="{number(width)}" lengthAdjust="spacingAndGlyphs"'
        f"{bold}{'' if plain else _BIDI}{spaces}>{words}</text>"
    )


def runs(content: str) -> Iterator[tuple[str, str]]:
    """Yield the parts of a text by what draws them: "hand", "other" (the shipped fallback) or "elsewhere"."""
    known, parts, last = metrics.table(), [], ""
    for character in content:
        if metrics.advance(character) == 0 and last:
            kind = last
        elif character in known.hand:
            kind = "hand"
        else:
            kind = "other" if character in known.fallback else "elsewhere"
        parts.append((kind, character))
        last = kind
    for kind, run in groupby(parts, key=lambda part: part[0]):
        yield kind, "".join(character for _, character in run)


def _spans(content: str, size: float) -> Iterator[str]:
    for kind, run in runs(content):
        if kind == "other":
            smaller = number(size * metrics.FALLBACK_SCALE)
            font = f'font-family="{FALLBACK_FAMILY}" font-size="{smaller}"'
            yield f'<tspan class="other" {font}>{escape(run)}</tspan>'
        elif kind == "elsewhere":
            yield f'<tspan class="elsewhere" font-family="sans-serif">{escape(run)}</tspan>'
        else:
            yield escape(run)
