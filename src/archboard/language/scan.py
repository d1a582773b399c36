"""From text to tokens: where each begins and ends, its kind, and which braces belong together.

The patterns come from the grammar. Beside them stand those for what people type instead (another
editor's quotes, an arrow of another language), so that a slip is one token that can be named, and
not a heap of stray characters. One pass, and every pattern is linear in the text: no file, however
hostile, takes longer than its length.
"""

from __future__ import annotations

import math
import re
from itertools import islice

from archboard.records import field, record

DEEPEST = 64
"""How many blocks may stand inside one another."""

MOST = 1_000_000
"""Words, signs, blanks and comments of one file: some 35,000 components, or seconds of work."""

_DASHES = "\\-–—−=~"
_SLIPS = (
    ("QUOTED", r"[“”„«‟][^\n“”„»«\"]*[“”„»\"]|'[^'\n]*'|`[^`\n]*`|‘[^‘’\n]*’"),
    ("ARROWLIKE", rf"(?<![{_DASHES}])(?!(?:->|<->|~>|-x>)(?!>))<?[{_DASHES}]++(?:[xX×][{_DASHES}]*+)?>+"),
    ("ARROWLIKE_", rf"<(?:[–—−-]+|~+)(?![{_DASHES}$0-9.>])|[←→↔⇐⇒⇔⟵⟶⟷⇝↝⤳]"),
    ("FRACTION", r"(?<![\w.])-?\$?\.[0-9]+\w*+"),
    ("SLASHES", r"//[^\n]*"),
)
_STRAYS = (
    ("UNCLOSED", r"\"\"\"[\s\S]*|\"[^\"\\\n]*+(?:\\.[^\"\\\n]*+)*\\?"),
    ("STRAY", r"[^\s\w{}\";,:#]+|[\s\S]"),
)


@record(frozen=False)
class Tokens:
    """The tokens of a text, as columns; the last is `$END`, empty, at the text's end.

    `unclosed` are the tokens that open a block nobody closed, each with the offset where its
    indentation says that it was meant to end. A `}` of no length has been put in for each.
    """

    kinds: list[str]
    starts: list[int]
    ends: list[int]
    comments: list[tuple[int, int]] = field(default_factory=list)
    unclosed: list[tuple[int, int]] = field(default_factory=list)
    excess: int = -1
    """Where a text that holds too much was left, or -1."""


def lexicon(terminals: list[tuple[str, str]]) -> re.Pattern[str]:
    """Return one pattern for the grammar's terminals, most specific first, and the slips around them."""
    arms = (*_SLIPS, *terminals, *_STRAYS)
    return re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in arms))


def scan(lexicon: re.Pattern[str], text: str) -> Tokens:
    """Split a text into tokens; whatever it holds, every character is in one, a comment or a blank."""
    tokens = Tokens([], [], [])
    at: int | None = 0
    while at is not None:
        at = _scan_from(lexicon, text, at, tokens)
    tokens.kinds.append("$END")
    tokens.starts.append(len(text))
    tokens.ends.append(len(text))
    if tokens.excess < 0:
        _match_braces(tokens, text)
    return tokens


def _scan_from(lexicon: re.Pattern[str], text: str, at: int, tokens: Tokens) -> int | None:
    """Add tokens up to the end, or to a string that is never closed: the offset to go on from."""
    kinds, starts, ends = tokens.kinds, tokens.starts, tokens.ends
    before, end = "", at
    for found in islice(lexicon.finditer(text, at), max(0, MOST - len(kinds) - len(tokens.comments))):
        kind = found.lastgroup or ""
        start, end = found.span()
        if kind == "_BLANK" or (kind == "_NL" == before):
            continue
        if kind == "COMMENT":
            tokens.comments.append((start, end))
            continue
        if kind == "NUMBER" and end - start > 4 and not in_range(text[start:end]):
            kind = "HUGE"
        elif kind == "ARROWLIKE_":
            kind = "ARROWLIKE"
        elif kind == "UNCLOSED":
            kinds.append(kind)
            starts.append(start)
            end = _meant_end(text, start, end)
            ends.append(end)
            return end
        before = kind
        kinds.append(kind)
        starts.append(start)
        ends.append(end)
    if end < len(text):
        tokens.excess = end
    return None


def _meant_end(text: str, start: int, end: int) -> int:
    """Where a string without its closing quote was meant to end: before a brace that ends its line."""
    if text.startswith('"""', start):
        return end
    last = len(text[start:end].rstrip())
    if last > 1 and text[start + last - 1] in "{}":
        last -= 1
    return start + max(1, len(text[start : start + last].rstrip()))


def _match_braces(tokens: Tokens, text: str) -> None:
    """Mark blocks that are nested too deep, and close those that nobody closed."""
    kinds = tokens.kinds
    opened: list[int] = []
    for index, kind in enumerate(kinds):
        if kind == "LBRACE":
            opened.append(index)
            if len(opened) > DEEPEST:
                kinds[index] = "DEEP"
        elif kind == "RBRACE" and opened:
            opened.pop()
        elif kind == "RBRACE":
            kinds[index] = "EXTRA"
    if not opened:
        return
    end = len(kinds) - 1
    closings = _by_indentation(tokens, text)
    if len(closings) != len(opened):
        closings = [(index, end) for index in reversed(opened)]
    endless = kinds[end - 1] == "UNCLOSED" and text.startswith('"""', tokens.starts[end - 1])
    if "DEEP" not in kinds and not endless:
        tokens.unclosed += [(tokens.starts[index], tokens.starts[at]) for index, at in closings]
    _insert_braces(tokens, [at for _, at in closings])


def _by_indentation(tokens: Tokens, text: str) -> list[tuple[int, int]]:
    """Return the blocks whose indentation ends before their brace: the tokens that open and follow them."""
    found: list[tuple[int, int]] = []
    opened: list[tuple[int, int, int]] = []
    indent, line, fresh = 0, 0, True
    for index, kind in enumerate(tokens.kinds):
        if kind == "_NL":
            fresh, line = True, line + 1
            continue
        if fresh:
            begin = tokens.starts[index]
            indent = begin - (text.rfind("\n", 0, begin) + 1)
            edge = -1 if kind == "$END" else indent + 1 if kind == "RBRACE" else indent
            while opened and opened[-1][2] != line and opened[-1][1] >= edge:
                found.append((opened.pop()[0], index))
        fresh = False
        if kind in ("LBRACE", "DEEP"):
            opened.append((index, indent, line))
        elif kind == "RBRACE" and opened:
            opened.pop()
    return found + [(index, len(tokens.kinds) - 1) for index, *_ in reversed(opened)]


def _insert_braces(tokens: Tokens, places: list[int]) -> None:
    """Put a `}` of no length after the last word before each place."""
    counts: dict[int, int] = {}
    for place in places:
        while place and tokens.kinds[place - 1] == "_NL":
            place -= 1
        counts[place] = counts.get(place, 0) + 1
    kinds, starts, ends = tokens.kinds[:], tokens.starts[:], tokens.ends[:]
    for column in (tokens.kinds, tokens.starts, tokens.ends):
        column.clear()
    before = 0
    for place in (*sorted(counts), len(kinds)):
        tokens.kinds += kinds[before:place]
        tokens.starts += starts[before:place]
        tokens.ends += ends[before:place]
        more, at = counts.get(place, 0), ends[place - 1]
        tokens.kinds += ["RBRACE"] * more
        tokens.starts += [at] * more
        tokens.ends += [at] * more
        before = place


_AMOUNT = re.compile(r"(-?)\$?([0-9_]*(?:,[0-9]{3})*(?:\.[0-9_]+)?(?:[eE][+-]?[0-9_]+)?)")


def amount(text: str) -> tuple[float, str]:
    """Return the number that a token begins with, and what follows it."""
    found = _AMOUNT.match(text)
    assert found is not None
    value = float(found[1] + found[2].replace("_", "").replace(",", ""))
    return value, text[found.end() :]


def in_range(text: str) -> bool:
    """Whether a number can be computed with: finite, not rounded to nothing, of sensible length."""
    if len(text) > 200:
        return False
    value, rest = amount(text)
    digits = text[: len(text) - len(rest)].lower().partition("e")[0]
    return math.isfinite(value * 1e12) and (value != 0 or not re.search("[1-9]", digits))
