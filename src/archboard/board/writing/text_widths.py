"""Text into widths and lines, with the true advances of the shipped fonts.

The widths come from a table made with the fonts (`docs/font/recipe.py`), so no font library runs here.
The handwriting font carries no kerning and no ligatures: a width is a plain sum, the same in every
browser. Characters it lacks are measured in the fallback font, and one em wide (or 0.6, if narrow) where
that lacks them too; the SVG holds each text to its measured width whatever font a viewer puts there.
"""

from __future__ import annotations

import json
import math
import re
import unicodedata
from collections.abc import Iterator, Mapping
from functools import cache, lru_cache
from types import MappingProxyType

from archboard import resources
from archboard.records import record

FALLBACK_SCALE = 0.88
"""The fallback font is set smaller, so that its small letters stand as high as the handwriting's."""

NARROW = 0.6
WIDE = 1.0
_CONTROLS = re.compile("[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\ufeff\ufff9-\ufffb]")
_SPACES = re.compile("[\t\n\x0b\x0c\r\x1c-\x1f\x85\u2028\u2029]+")
_ILLEGAL = re.compile("[\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_JOINED = re.compile("\u200d[\u2190-\u2bff\U0001f000-\U0001faff]")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_BREAKS_AFTER = frozenset("/\\-–—_.,:;|=&?@#+·→)]}")
_NO_START = frozenset("、。，．：；！？）」』】〉》〕ー々,.;:!?)]}%’”…")


@record
class Table:
    """Advances in ems by character, and how far the handwriting reaches from its baseline, in ems."""

    ascent: float
    descent: float
    hand: Mapping[str, float]
    fallback: Mapping[str, float]


@cache
def table() -> Table:
    """Return the width table, read once."""
    read = json.loads(resources.text("fonts", "widths.json"))

    def advances(runs: list[tuple[int, list[float]]], scale: float) -> Mapping[str, float]:
        found = {chr(code + i): width * scale for code, widths in runs for i, width in enumerate(widths)}
        return MappingProxyType(found)

    return Table(
        read["ascent"] / 1000,
        read["descent"] / 1000,
        advances(read["hand"], 0.001),
        advances(read["fallback"], 0.001 * FALLBACK_SCALE),
    )


def clean(text: str) -> str:
    """Return the text as it may be drawn: composed, on one line, without controls, always legal in XML.

    Control characters and embedded direction overrides are left out, tabs and line ends become a
    space, lone surrogates and non-characters U+FFFD.
    """
    if text.isascii() and text.isprintable():
        return text
    spaced = _CONTROLS.sub("", _SPACES.sub(" ", text))
    legal = _ILLEGAL.sub("\ufffd", spaced)
    composed = unicodedata.normalize("NFC", legal)
    return "".join(c if ord(c) & 0xFFFE != 0xFFFE else "\ufffd" for c in composed)


def isolate(text: str) -> str:
    """Return a text to be put inside another, in direction isolates where any of it reads from the right."""
    right = any(unicodedata.bidirectional(c) in ("R", "AL", "RLE", "RLO", "RLI") for c in text)
    return f"\u2068{text}\u2069" if right else text


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Return the width of one line in pixels, `size` being pixels to the em; bold is drawn no wider."""
    return _ems(text) * size


def places(text: str) -> int:
    """Return how many characters of a text take up room: marks, joiners and what is joined do not."""
    if text.isascii() and text.isprintable():
        return len(text)
    return sum(_takes_room(each) for each in _JOINED.sub("", text))


@cache
def _takes_room(character: str) -> bool:
    kind = unicodedata.category(character)
    return kind not in ("Mn", "Me", "Cf", "Cc", "Zl", "Zp") and ord(character) not in _SKIN_TONES


def ascent(size: float) -> float:
    """Return how far the tallest letters reach above the baseline, in pixels."""
    return table().ascent * size


def descent(size: float) -> float:
    """Return how far the deepest letters reach below the baseline, in pixels, as a positive number."""
    return table().descent * size


@lru_cache(maxsize=1 << 16)
def _ems(text: str) -> float:
    hand = table().hand
    text = _JOINED.sub("", text) if "\u200d" in text else text  # emoji joined to one are as wide as one
    return math.fsum([hand.get(c) or advance(c) for c in text])


@cache
def advance(character: str) -> float:
    """Return the advance of one character in ems."""
    if not _takes_room(character):
        return 0.0
    known = table()
    if character in known.hand:
        return known.hand[character]
    if character in known.fallback:
        return known.fallback[character]
    return WIDE if unicodedata.east_asian_width(character) in ("W", "F") else NARROW


def wrap(text: str, size: float, width: float) -> tuple[str, ...]:
    """Break a text into lines no wider than `width` pixels, filling each before the next.

    Words stay whole where they fit on a line; longer ones break after a separator, before a capital,
    between ideographs, and between any two characters only where nothing else is left. Nothing is cut
    and nothing lost but the spaces at the breaks. At least one line, and one character a line.
    """
    lines: list[str] = []
    line = ""
    for word in filter(None, clean(text).split(" ")):
        together = f"{line} {word}" if line else word
        if text_width(together, size) <= width:
            line = together
            continue
        if text_width(word, size) <= width and not _ideographic(word):
            lines, line = [*lines, line], word
            continue
        *full, line = _fill(line, word, size, width)
        lines += full
    return (*(full for full in lines if full), line)


def balanced(text: str, size: float, width: float) -> tuple[str, ...]:
    """Break a text into as few lines as `wrap` does, of as equal a width as its words allow."""
    best = wrap(text, size, width)
    if len(best) == 1:
        return best
    low, high = width / 2, width
    for _ in range(8):
        middle = (low + high) / 2
        lines = wrap(text, size, middle)
        fits = len(lines) == len(best) and max(text_width(line, size) for line in lines) <= middle
        if fits:
            best, high = lines, middle
        else:
            low = middle
    return best


def _fill(line: str, word: str, size: float, width: float) -> Iterator[str]:
    """Yield the lines of a word too long for one, beginning behind what `line` holds already."""
    glue = " " if line else ""
    for piece in _pieces(word, size, width):
        if line and text_width(line + glue + piece, size) > width:
            yield line
            line = piece
        else:
            line += glue + piece
        glue = ""
    yield line


def _pieces(word: str, size: float, width: float) -> Iterator[str]:
    """Yield the parts of a word that may stand on lines of their own, none wider if it can be helped."""
    piece = ""
    for i, character in enumerate(word):
        piece += character
        if i + 1 < len(word) and _may_break(character, word[i + 1], word[i + 2 : i + 3]):
            yield from _letters(piece, size, width)
            piece = ""
    yield from _letters(piece, size, width)


def _letters(piece: str, size: float, width: float) -> Iterator[str]:
    if text_width(piece, size) <= width:
        yield piece
        return
    part = ""
    for character in piece:
        joined = advance(character) == 0 or part.endswith("\u200d")
        if part and not joined and text_width(part + character, size) > width:
            yield part
            part = ""
        part += character
    yield part


def _may_break(left: str, right: str, after: str) -> bool:
    if right in _NO_START or advance(right) == 0 or left == "\u200d":
        return False
    if _ideographic(left) or _ideographic(right):
        return True
    if left in _BREAKS_AFTER:
        return not (left in ".,:-+" and right.isdigit())
    return left.islower() and right.isupper() and after.islower()


def _ideographic(text: str) -> bool:
    return any(c > "\u2e7f" and unicodedata.east_asian_width(c) in ("W", "F") for c in text)
