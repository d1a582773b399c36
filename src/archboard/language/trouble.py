"""A token that cannot stand where it stands, and the words for it."""

from __future__ import annotations

from archboard.diagnostics import Diagnostic
from archboard.language.rules import SYNTAX
from archboard.language.scan import Tokens
from archboard.records import record
from archboard.source import Source, Span

_STOPS = frozenset({"_NL", "SEMICOLON", "LBRACE", "RBRACE", "EXTRA", "$END", "STRING"})


@record
class Trouble:
    """A token that cannot stand where it stands: its index, its statement's first, what could stand there."""

    source: Source
    tokens: Tokens
    index: int
    begun: int
    accepted: frozenset[str]
    in_arrow: bool

    @property
    def kind(self) -> str:
        """The kind of the token found."""
        return self.tokens.kinds[self.index]

    @property
    def found(self) -> str:
        """The token found, as written."""
        return self.text(self.index)

    @property
    def opening(self) -> bool:
        """Whether a statement could begin here."""
        return self.index == self.begun

    @property
    def span(self) -> Span:
        """Where it stands; a line's end is shown as the place behind its last word."""
        if self.kind in ("_NL", "$END") and self.index:
            end = self.tokens.ends[self.index - 1]
            return self.source.span(end, end)
        return self.source.span(self.tokens.starts[self.index], self.tokens.ends[self.index])

    def near(self, step: int) -> str:
        """Return the kind of a neighbouring token; a line's end beyond the text."""
        index = self.index + step
        return self.tokens.kinds[index] if 0 <= index < len(self.tokens.kinds) else "_NL"

    def text(self, index: int) -> str:
        """Return a token as written."""
        return self.source.text[self.tokens.starts[index] : self.tokens.ends[index]]

    def before(self) -> str:
        """Return what the statement says so far, in one line."""
        if self.opening:
            return ""
        text = self.source.text[self.tokens.starts[self.begun] : self.tokens.ends[self.index - 1]]
        return shorten(text)

    def rest(self, index: int | None = None) -> str:
        """Return what stands from here, or from another token, to the end of the head or statement."""
        start = end = self.index if index is None else index
        while self.tokens.kinds[end] not in _STOPS and end < start + 40:
            end += 1
        return shorten(self.source.text[self.tokens.starts[start] : self.tokens.ends[max(start, end - 1)]])

    def at(self, message: str, help: str) -> Diagnostic:
        """Report the mistake where it stands."""
        return SYNTAX.at(self.span, message, help)


def shorten(text: str, length: int = 40) -> str:
    """Return a text fit for one line of a message: printable, in one line, not too long."""
    line = " ".join(text[: 4 * length].split())
    shown = "".join(letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in line[: length + 1])
    return shown if len(line) <= length else f"{shown[: length - 1]}…"


def plainly(trouble: Trouble) -> str:
    """Say what was found and what could stand there."""
    return f"{found(trouble)} found where {expected(trouble)} was expected"


def found(trouble: Trouble) -> str:
    """Name the token found, as its author would."""
    if trouble.kind == "_NL":
        return "the end of the line"
    if trouble.kind == "$END":
        return trouble.source.end
    return f"`{shorten(trouble.found) or 'a blank'}`"


VALUES = frozenset({"NUMBER", "PERCENTILE", "STRING", "OPERATOR", "NAME"})
_WORDS = (
    ("NUMBER", "a value"),
    ("NAME", "a name"),
    ("STRING", "a title in quotes"),
    ("COLON", "`:`"),
    ("ARROW", "an arrow"),
    ("COMMA", "`,`"),
    ("LBRACE", "`{`"),
    ("SEMICOLON", "the end of the statement"),
)


def expected(trouble: Trouble) -> str:
    """Name what could stand there, as the author of a design would."""
    accepted = trouble.accepted
    if trouble.opening:
        return "a setting" if trouble.in_arrow else "a statement"
    if "NUMBER" in accepted:
        accepted = (accepted - VALUES) | {"NUMBER"}
    words = [word for kind, word in _WORDS if kind in accepted]
    if not words:
        return "something else"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"
