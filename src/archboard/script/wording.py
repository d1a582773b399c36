"""Points become sentences: the words stand in templates, one macro a kind of point, one folder a style.

A template that a style lacks is the interview's. Numbers and names keep their two forms through the template as
marked text, so that one rendering gives both the line to hear and the line to read. A missing fact is an error.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from archboard.resources import text
from archboard.script.compiled import beside
from archboard.script.model import Part, Passage, Point, Sentence
from archboard.script.names import Name, clean, joined
from archboard.script.speech import Number, bare, brief, definite

if TYPE_CHECKING:
    from jinja2 import Environment

STYLES = ("interview", "review", "executive")
FLOOR = "interview"
"""The style that has words for everything; the others say only what they say differently."""

_SPOKEN, _FIGURE, _END = "\ue000", "\ue001", "\ue002"
_NUMBER = re.compile(f"{_SPOKEN}([^{_FIGURE}]*){_FIGURE}([^{_END}]*){_END}")
_LOOSE = re.compile(r"\s+([,.;:?!])")


class Said:
    """What was said so far: how often a kind of point came, and what needs to be said only once."""

    def __init__(self) -> None:
        self._kinds: dict[str, int] = {}
        self._once: set[str] = set()

    def nth(self, kind: str) -> int:
        """Count a kind of point, from 0."""
        self._kinds[kind] = self._kinds.get(kind, -1) + 1
        return self._kinds[kind]

    def once(self, key: str) -> bool:
        """Return whether this is the first time that something is asked."""
        fresh = key not in self._once
        self._once.add(key)
        return fresh


class Wording:
    """The templates of one style and language."""

    def __init__(self, style: str, language: str) -> None:
        self._modules: dict[str, tuple[Any, ...]] = {}
        self._folders = tuple(dict.fromkeys(f"{language}/{name}" for name in (style, FLOOR)))

    def sentence(self, point: Point, said: Said, again: bool) -> Sentence:
        """Word a point; `again` says that its subject was spoken of just before."""
        nth = said.nth(point.kind)
        if point.author:
            parts: tuple[Part, ...] = (clean(str(point.values["text"])),)
        else:
            parts = _parts(self._render(point.kind, p=point.values, nth=nth, again=again, said=said))
        return Sentence(parts, point.about, point.facts, point.rank, point.author)

    def direction(self, passage: Passage) -> str:
        """Word a stage direction."""
        parts = _parts(self._render(f"directions.{passage.direction}", p=passage.values))
        return "".join(part if isinstance(part, str) else part.figure for part in parts)

    def _render(self, kind: str, **values: object) -> str:
        name, _, macro = kind.partition(".")
        modules = self._modules.get(name)
        if modules is None:
            modules = self._modules[name] = tuple(_modules(self._folders, name))
        words = next(found for module in modules if (found := getattr(module, macro, None)) is not None)
        return str(words(**values))


def _modules(folders: Iterable[str], name: str) -> Iterable[Any]:
    from jinja2 import TemplateNotFound  # late: jinja2 stays off the start-up path  # noqa: PLC0415

    for folder in folders:
        try:
            yield environment().get_template(f"{folder}/{name}.j2").module
        except TemplateNotFound:
            continue


@cache
def environment() -> Environment:
    """Return the environment of templates that make plain text."""
    from jinja2 import Environment, FunctionLoader, StrictUndefined  # late: as above  # noqa: PLC0415

    made = Environment(
        loader=FunctionLoader(_source), undefined=StrictUndefined, autoescape=False, finalize=_marked,
        trim_blocks=True, lstrip_blocks=True, optimized=False, bytecode_cache=beside("text"),
    )  # fmt: skip
    made.globals["pick"] = pick
    made.filters.update(_FILTERS)
    return made


def _source(name: str) -> str | None:
    try:
        return text("templates", name)
    except FileNotFoundError:
        return None


def pick(position: int, *options: str) -> str:
    """Take turns, so that two lines of one kind do not begin alike."""
    return options[position % len(options)]


def _marked(value: object) -> object:
    """Mark a number's two forms; nothing may be missing."""
    match value:
        case Number():
            return f"{_SPOKEN}{value.spoken}{_FIGURE}{value.figure}{_END}"
        case Name():
            return value.the
        case None:
            raise ValueError("a template asks for a fact that is missing")
        case _:
            return value


def _listed(values: Iterable[object], word: str = "and") -> str:
    return joined([str(_marked(value)) for value in values], word)


def _figure(written: object) -> str:
    """Write what is for the eye only."""
    return f"{_SPOKEN}{_FIGURE}{written}{_END}"


def _verb(name: Name, one: str, many: str) -> str:
    return many if name.plural else one


_FILTERS: dict[str, Callable[..., object]] = {
    "listed": _listed,
    "figure": _figure,
    "verb": _verb,
    "brief": brief,
    "bare": bare,
    "definite": definite,
}


def _parts(rendered: str) -> tuple[Part, ...]:
    """Part a rendered line into words and numbers, spaces and capitals put right."""
    line = _LOOSE.sub(r"\1", " ".join(rendered.split()))
    parts: list[Part] = []
    at = 0
    for found in _NUMBER.finditer(line):
        words = line[at : found.start()]
        parts.append(words if found[1] else words.rstrip())
        parts.append(Number(found[1], found[2]))
        at = found.end()
    parts.append(line[at:])
    kept = [part for part in parts if part != ""]
    if kept:
        first = kept[0]
        kept[0] = _capital(first) if isinstance(first, str) else Number(_capital(first.spoken), first.figure)
    return tuple(kept)


def _capital(words: str) -> str:
    """Begin with a capital, unless the first word has its own ("iOS")."""
    return words if words[1:2].isupper() else words[:1].upper() + words[1:]
