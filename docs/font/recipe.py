"""Patrick Hand and DejaVu Sans, as published, into the fonts and the width table archboard ships.

    npm pack @fontsource/patrick-hand dejavu-fonts-ttf   # unpack both
    pip install fonttools brotli
    python docs/font/recipe.py PATRICK_HAND_FOLDER DEJAVU_FOLDER src/archboard/fonts

Archboard Hand is Patrick Hand's Latin, Latin Extended and Vietnamese files merged, with the glyphs of
`strokes.py` added. Kerning, ligatures and hints are taken out, so that the width of a text is the sum of
its advances in every browser. The fallback is DejaVu Sans cut to the scripts and signs it is used for.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from fontTools import subset
from fontTools.pens.recordingPen import DecomposingRecordingPen
from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.ttLib import TTFont
from strokes import DRAWINGS, SAME_AS, SPACES, outline

Glyphs = dict[str, Any]
Widths = dict[str, int]
Characters = dict[int, str]

SOFT_HYPHEN = 0xAD  # shown nowhere, so it may not have a width
FAMILY = "Archboard Hand"
FALLBACK = "Archboard Fallback"
STAMP = 3800000000  # a fixed date, so that the same recipe gives the same bytes
RANGES = (
    (0x00A0, 0x052F), (0x0531, 0x06FF), (0x10D0, 0x10FF), (0x1E00, 0x20CF), (0x2100, 0x23FF),
    (0x2460, 0x27FF), (0x2900, 0x297F), (0x2A00, 0x2BFF), (0xFB50, 0xFDFF),
    (0xFE70, 0xFEFC), (0xFFFD, 0xFFFD),
)  # fmt: skip


def hand(folder: Path) -> TTFont:
    """Return Archboard Hand."""
    parts = [
        TTFont(folder / "files" / f"patrick-hand-{part}-400-normal.woff2")
        for part in ("latin", "latin-ext", "vietnamese")
    ]
    glyphs, widths, characters = _merge(parts)
    for character, (advance, loans, strokes) in DRAWINGS.items():
        pen = TTGlyphPen(None)
        for lent, scale, right, up in loans:
            name = characters[ord(lent)]
            glyphs[name].draw(TransformPen(pen, (scale, 0, 0, scale, right, up)), None)
        for stroke in strokes:
            pen.qCurveTo(*((round(x), round(y)) for x, y in outline(stroke)), None)
            pen.closePath()
        _add(glyphs, widths, characters, ord(character), pen.glyph(), advance)
    for code, same in SAME_AS.items():
        characters.setdefault(code, characters[ord(same)])
    for code, advance in SPACES.items():
        _add(glyphs, widths, characters, code, TTGlyphPen(None).glyph(), advance)
    return _assemble(parts[0], glyphs, widths, characters)


def _merge(parts: list[TTFont]) -> tuple[Glyphs, Widths, Characters]:
    glyphs: Glyphs = {".notdef": parts[0]["glyf"][".notdef"]}
    widths: Widths = {".notdef": parts[0]["hmtx"][".notdef"][0]}
    characters: Characters = {}
    for part in parts:
        for code, name in sorted(part.getBestCmap().items()):
            if code not in characters and code != SOFT_HYPHEN:
                recording, pen = DecomposingRecordingPen(part.getGlyphSet()), TTGlyphPen(None)
                part.getGlyphSet()[name].draw(recording)
                recording.replay(pen)
                _add(glyphs, widths, characters, code, pen.glyph(), part["hmtx"][name][0])
    return glyphs, widths, characters


def _add(glyphs: Glyphs, widths: Widths, characters: Characters, code: int, glyph: Any, advance: int) -> None:
    name = f"u{code:04X}"
    glyphs[name], widths[name], characters[code] = glyph, advance, name


def _assemble(font: TTFont, glyphs: Glyphs, widths: Widths, characters: Characters) -> TTFont:
    for tag in ("GDEF", "GPOS", "GSUB", "cvt ", "fpgm", "prep", "gasp"):
        if tag in font:
            del font[tag]
    order = list(glyphs)
    font.setGlyphOrder(order)
    font["glyf"].glyphs, font["glyf"].glyphOrder = glyphs, order
    for name in order:
        glyphs[name].recalcBounds(font["glyf"])
        if hasattr(glyphs[name], "program"):
            glyphs[name].removeHinting()
        if glyphs[name].numberOfContours > 0:
            glyphs[name].flags[0] |= 0x40  # overlapping contours
    font["hmtx"].metrics = {n: (w, getattr(glyphs[n], "xMin", 0) or 0) for n, w in widths.items()}
    for table in font["cmap"].tables:
        table.cmap = {c: n for c, n in characters.items() if c < 0x10000} if table.isUnicode() else {}
    font["post"].formatType = 3.0
    _rename(font, FAMILY, "Patrick Hand by Patrick Wagesreiter, with signs added for archboard")
    return font


def _rename(font: TTFont, family: str, description: str) -> None:
    names = font["name"]
    kept = {i: str(names.getDebugName(i)) for i in (0, 13, 14) if names.getDebugName(i)}
    names.names = []
    postscript = family.replace(" ", "") + "-Regular"
    written = {1: family, 2: "Regular", 3: postscript + ";1.0", 4: family, 5: "Version 1.0", 6: postscript}
    for number, text in sorted({**kept, **written, 10: description}.items()):
        names.setName(text, number, 3, 1, 0x409)
    font["head"].created = font["head"].modified = STAMP
    font["head"].fontRevision = 1.0
    font.recalcTimestamp = False


def fallback(folder: Path, drawn: set[int]) -> TTFont:
    """Return DejaVu Sans cut to what Archboard Hand lacks, its shaping kept, its kerning and hints not."""
    font = TTFont(folder / "ttf" / "DejaVuSans.ttf")
    options = subset.Options(hinting=False, name_IDs=["*"], notdef_outline=True, recalc_timestamp=False)
    options.layout_features = ["init", "medi", "fina", "isol", "rlig", "ccmp", "mark", "mkmk"]
    options.drop_tables += ["FFTM", "kern", "gasp"]
    cutter = subset.Subsetter(options)
    wanted = {code for low, high in RANGES for code in range(low, high + 1)} - drawn
    cutter.populate(unicodes=wanted | {0x20})
    cutter.subset(font)
    _rename(font, FALLBACK, "DejaVu Sans, cut to the scripts archboard falls back to")
    return font


def widths(font: TTFont) -> list[list[Any]]:
    """Return advances in thousandths of an em, as runs: [first code point, [advance, …]]."""
    scale = 1000 / font["head"].unitsPerEm
    runs: list[list[Any]] = []
    for code, name in sorted(font.getBestCmap().items()):
        advance = round(font["hmtx"][name][0] * scale, 3)
        advance = int(advance) if advance == int(advance) else advance
        if runs and code == runs[-1][0] + len(runs[-1][1]):
            runs[-1][1].append(advance)
        else:
            runs.append([code, [advance]])
    return runs


def main(patrick: Path, dejavu: Path, out: Path) -> None:
    """Write the fonts, their licences and the width table."""
    own = hand(patrick)
    own.flavor = None
    own.save(out / "ArchboardHand.ttf")
    other = fallback(dejavu, set(own.getBestCmap()))
    other.save(out / "ArchboardFallback.ttf")
    own.flavor = "woff2"
    own.save(out / "ArchboardHand.woff2")
    (out / "OFL.txt").write_bytes((patrick / "LICENSE").read_bytes())
    (out / "DejaVu-LICENSE.txt").write_bytes((dejavu / "LICENSE").read_bytes())
    table = {
        "ascent": own["hhea"].ascent,
        "descent": -own["hhea"].descent,
        "hand": widths(own),
        "fallback": widths(other),
    }
    (out / "widths.json").write_text(json.dumps(table, separators=(",", ":")) + "\n", "utf-8")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
