"""From what the parser has recognised to the nodes of a Document: one small function a rule.

A part is a token's index or a node already built. Numbers get their magnitude and unit here,
strings lose their quotes and escapes, and a plain word after a number becomes its unit.
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Callable
from typing import Any

from archboard.diagnostics import Diagnostic
from archboard.language.mend import arrow_meant
from archboard.language.rules import SYNTAX
from archboard.language.scan import Tokens, amount
from archboard.language.syntax import (
    Arrow,
    Atom,
    Name,
    Number,
    Operator,
    Path,
    Percentile,
    Setting,
    Text,
    Thing,
    Value,
)
from archboard.source import Source, Span
from archboard.units import MAGNITUDES, TIMES, UNIT_WORDS

Part = Any
"""A token's index, or what another rule has built."""


class Builder:
    """Builds the nodes of one source; `rules` maps a grammar rule's name to its function."""

    def __init__(self, source: Source, tokens: Tokens, tell: Callable[[Diagnostic], None]) -> None:
        self.source = source
        self.text = source.text
        self.tokens = tokens
        self.tell = tell
        self.arrows: dict[int, str] = {}
        self.rules: dict[str, Callable[[list[Part], int, int], Part]] = {
            "start": self.block,
            "block": self.block,
            "settings": self.block,
            "names": self.block,
            "setting": self.setting,
            "value": self.value,
            "head": self.head,
            "thing": self.thing,
            "bare_thing": self.thing,
            "chain": self.chain,
            "arrow": self.arrow,
            "bare_arrow": self.arrow,
            "stage": self.block,
            "path": self.path,
        }

    def block(self, parts: list[Part], first: int, last: int) -> tuple[Part, ...]:
        """Return a list of statements, of names, or of the paths of one stage."""
        return tuple(parts)

    def take(self, index: int, kind: str) -> None:
        """Take a token for another kind, as if it had been written right."""
        if kind == "ARROW":
            self.arrows[index] = arrow_meant(self.span(index, index).text) or "->"
        self.tokens.kinds[index] = kind

    def span(self, first: int, last: int) -> Span:
        """Return the stretch from one token to another."""
        return Span(self.source, self.tokens.starts[first], self.tokens.ends[last])

    def name(self, index: int) -> Name:
        """Return a name; composed, so that two spellings of one letter are one name."""
        span = Span(self.source, self.tokens.starts[index], self.tokens.ends[index])
        text = self.text[span.start : span.end]
        return Name(text if text.isascii() else unicodedata.normalize("NFC", text), span)

    def path(self, parts: list[Part], first: int, last: int) -> Path:
        """`us.ranker`."""
        if first == last:
            name = self.name(first)
            return Path((name,), name.span)
        return Path(tuple(self.name(index) for index in parts), self.span(first, last))

    def setting(self, parts: list[Part], first: int, last: int) -> Setting:
        """`path: value, value`."""
        return Setting(parts[0], tuple(parts[1:]), self.span(first, last))

    def value(self, parts: list[Part], first: int, last: int) -> Value:
        """`p99 < 50ms by independent`."""
        atoms: list[Atom] = []
        for part in parts:
            atom = self._atom(part) if isinstance(part, int) else part
            if isinstance(atom, Path) and atoms and isinstance(atoms[-1], Number):
                joined = _with_unit(atoms[-1], atom)
                if joined is not None:
                    atoms[-1] = joined
                    continue
            atoms.append(atom)
        return Value(tuple(atoms), self.span(first, last))

    def _atom(self, index: int) -> Atom:
        kind = self.tokens.kinds[index]
        span = Span(self.source, self.tokens.starts[index], self.tokens.ends[index])
        if kind == "NUMBER":
            return number(span)
        if kind == "STRING":
            return self.quoted(index)
        if kind == "PERCENTILE":
            return Percentile(float(f"{span.text[1:]}e-2"), span)
        return Operator(span.text, span)

    def head(self, parts: list[Part], first: int, last: int) -> tuple[Part, ...]:
        """`cache redis "Redis"`: the kind, the names, the title, and where it all stands."""
        names: tuple[Name, ...] = ()
        title = None
        for part in parts[1:]:
            if isinstance(part, int):
                title = self.quoted(part)
            else:
                names = tuple(self.name(index) for index in part)
        return self.name(parts[0]), names, title, self.span(first, last)

    def thing(self, parts: list[Part], first: int, last: int) -> Thing:
        """Join a head and, with braces, its statements."""
        kind, names, title, head = parts[0]
        return Thing(kind, names, title, parts[1] if len(parts) > 1 else None, head, self.span(first, last))

    def chain(self, parts: list[Part], first: int, last: int) -> tuple[Part, ...]:
        """Return the stages of `a & b -> c "label"`, the arrows between them, the title."""
        title = None
        stages: list[tuple[Path, ...]] = []
        arrows: list[Operator] = []
        for part in parts:
            if not isinstance(part, int):
                stages.append(part)
            elif self.tokens.kinds[part] == "STRING":
                title = self.quoted(part)
            else:
                span = self.span(part, part)
                arrows.append(Operator(self.arrows.get(part) or span.text, span))
        return tuple(stages), tuple(arrows), title

    def arrow(self, parts: list[Part], first: int, last: int) -> Arrow:
        """Join a chain and, with braces, its settings."""
        stages, arrows, title = parts[0]
        return Arrow(stages, arrows, title, parts[1] if len(parts) > 1 else None, self.span(first, last))

    def quoted(self, index: int) -> Text:
        """Return a string without its quotes and escapes."""
        span = self.span(index, index)
        text = span.text
        if text.startswith('"""'):
            begin = span.start + 3
            inner = text[3:-3] if text.endswith('"""') and len(text) > 5 else text[3:]
            inner = _dedent(inner)
        else:
            begin = span.start + 1
            closed = len(text) > 1 and (text[-1] == '"' or text[0] != '"')
            inner = text[1:-1] if closed else text[1:]
        if "\\" in inner:
            self._check_escapes(text, span.start, begin)
            inner = _ESCAPE.sub(lambda found: _ESCAPES.get(found[0], found[0]), inner)
        return Text(inner, span)

    def _check_escapes(self, text: str, start: int, begin: int) -> None:
        for found in _ESCAPE.finditer(text, begin - start):
            if found[0] not in _ESCAPES:
                span = self.source.span(start + found.start(), start + found.end())
                shown = found[0] if found[0][1:].isprintable() else "\\"
                self.tell(
                    SYNTAX.at(
                        span,
                        f'`{shown}` found in a string, where only `\\"`, `\\\\` and `\\n` may follow a backslash',
                        f"write `\\{shown}` for a backslash that is meant as one",
                    )
                )
                return


_ESCAPE = re.compile(r"\\[\s\S]?")
_ESCAPES = {'\\"': '"', "\\\\": "\\", "\\n": "\n"}


def _dedent(text: str) -> str:
    """Drop the first line break, the common indentation, and a last line that is all blank."""
    lines = text.removeprefix("\n")
    head, broken, tail = lines.rpartition("\n")
    if broken and not tail.strip():
        lines = head
    return textwrap.dedent(lines) if text.startswith("\n") else _dedent_rest(lines)


def _dedent_rest(text: str) -> str:
    first, broken, rest = text.partition("\n")
    return first + broken + textwrap.dedent(rest)


def number(span: Span) -> Number:
    """Return a number with its magnitude applied: `10k` is 10000, `10ms` and `24MB` keep their unit.

    No one counts seconds by the million: `5Ms` is a slip for `5ms`, and keeps its unit to be told of.
    """
    text = span.text
    value, rest = amount(text)
    unit = re.sub(r"[ \t\xa0]*/[ \t\xa0]*", "/", rest.strip())
    magnitude, tail = unit[:1], unit[1:].lstrip()
    apart = (_is_unit(tail) and tail not in TIMES) or tail[:1] in ("", "/") or unit[1:] != tail
    if magnitude in MAGNITUDES and not _is_unit(unit) and apart:
        value, unit = value * MAGNITUDES[magnitude], tail
    if "$" in text[:2]:
        unit = f"${unit}"
    return Number(value, unit, span)


def _is_unit(unit: str) -> bool:
    return unit in UNIT_WORDS or unit.partition("/")[0] in UNIT_WORDS


def _with_unit(number: Number, word: Path) -> Number | None:
    """Return a number with the plain word behind it as its unit, if it is one: `10 ms`, `10k rps`."""
    unit = word.text
    source = number.span.source
    between = source.text[number.span.end : word.span.start]
    if len(word.names) > 1 or not between or between.strip(" \t\xa0"):
        return None
    span = Span(source, number.span.start, word.span.end)
    if number.unit == "" and unit in MAGNITUDES and number.span.text[-1].isdigit():
        return Number(number.value * MAGNITUDES[unit], "", span)
    if unit not in UNIT_WORDS:
        return None
    if number.unit in ("", "$"):
        return Number(number.value, number.unit + unit, span)
    if number.unit == "B":
        return Number(number.value * 1e9, unit, span)
    return None
