"""The shipped designs as patterns: which there are, and one of them under a new name.

A pattern is copied as text, comments and all; only the name that stands behind `design` changes.
"""

from __future__ import annotations

from archboard.language.parse import parse
from archboard.language.syntax import Thing
from archboard.records import record
from archboard.resources import folder
from archboard.source import Source

ENDING = ".arch"


@record
class Pattern:
    """A shipped design: its name, its title, and its text."""

    name: str
    title: str
    text: str


def patterns() -> tuple[Pattern, ...]:
    """Return the shipped designs in order of name."""
    found = sorted(file for file in folder("designs").iterdir() if file.suffix == ENDING)
    return tuple(pattern(file.stem) for file in found)


def names() -> tuple[str, ...]:
    """Return the names of the shipped designs, in order."""
    return tuple(sorted(file.stem for file in folder("designs").iterdir() if file.suffix == ENDING))


def pattern(name: str) -> Pattern:
    """Return one shipped design; FileNotFoundError where there is none of that name."""
    text = (folder("designs") / f"{name}{ENDING}").read_text("utf-8")
    heading = _heading(text)
    title = heading.title.text if heading is not None and heading.title is not None else name
    return Pattern(name, title, text)


def renamed(pattern: Pattern, name: str) -> str:
    """Return a pattern's text as the design of another name."""
    heading = _heading(pattern.text)
    if heading is None or not heading.names:
        return pattern.text
    span = heading.names[0].span
    return f"{pattern.text[: span.start]}{name}{pattern.text[span.end :]}"


def _heading(text: str) -> Thing | None:
    """Return the statement that names the design."""
    document, _ = parse(Source("pattern", text))
    things = (one for one in document.statements if isinstance(one, Thing))
    return next((thing for thing in things if thing.kind.text == "design"), None)
