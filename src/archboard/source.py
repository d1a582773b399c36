"""What the user wrote, and places in it.

A `Source` is one file's text; a `Span` is a stretch of one. Everything later knows its
span, so that every message can point at the words it is about.
"""

from __future__ import annotations

from bisect import bisect_right

from archboard.records import field, record

LARGEST = 4 * 1024 * 1024
"""Bytes of one file; nothing reads further."""


@record(eq=False)
class Source:
    r"""A file's text under the name its messages carry; line breaks are already `\n`. `end` names its end.

    `place` is where it is on the disk, where the name says it otherwise.
    """

    path: str
    text: str = field(repr=False)
    end: str = field(default="the end of the file", repr=False)
    place: str = field(default="", repr=False)
    line_starts: tuple[int, ...] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        starts = [0]
        found = self.text.find("\n")
        while found >= 0:
            starts.append(found + 1)
            found = self.text.find("\n", found + 1)
        object.__setattr__(self, "line_starts", tuple(starts))

    def position(self, offset: int) -> tuple[int, int]:
        """Return the line and column of an offset, both from 1, in characters."""
        line = bisect_right(self.line_starts, offset)
        return line, offset - self.line_starts[line - 1] + 1

    def line(self, number: int) -> str:
        """Return the text of one line, without its break."""
        start = self.line_starts[number - 1]
        end = self.text.find("\n", start)
        return self.text[start:] if end < 0 else self.text[start:end]

    def span(self, start: int = 0, end: int | None = None) -> Span:
        """Return a stretch of this source, kept inside it."""
        size = len(self.text)
        first = min(max(start, 0), size)
        return Span(self, first, min(max(first if end is None else end, first), size))


@record
class Span:
    """A stretch of a source: offsets in characters, the end not included."""

    source: Source
    start: int
    end: int

    @property
    def line(self) -> int:
        """The line it starts on, from 1."""
        return self.source.position(self.start)[0]

    @property
    def column(self) -> int:
        """The column it starts at, from 1."""
        return self.source.position(self.start)[1]

    @property
    def end_line(self) -> int:
        """The line it ends on, from 1."""
        return self.source.position(self.end)[0]

    @property
    def end_column(self) -> int:
        """The column just past its end, from 1."""
        return self.source.position(self.end)[1]

    @property
    def text(self) -> str:
        """The words themselves."""
        return self.source.text[self.start : self.end]

    def to(self, other: Span) -> Span:
        """Return the stretch from this span's start to another's end."""
        return Span(self.source, self.start, max(other.end, self.end))


def shown(path: str) -> str:
    r"""Return the name of a file as every message can carry it: on one line, in characters that are only seen.

    What breaks a line, steers a terminal or is no character at all (bytes of a name that are no UTF-8) is written as
    `\n`, `\u202e` or `\xff`: a name is whatever who made the file wanted.
    """
    return path if path.isprintable() else "".join(map(_shown, path))


def _shown(character: str) -> str:
    if character.isprintable():
        return character
    byte = ord(character) - 0xDC00  # how Python carries a byte that is no character
    return f"\\x{byte:02x}" if 0x80 <= byte <= 0xFF else character.encode("unicode_escape").decode()
