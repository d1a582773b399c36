"""Titles as people say them in a sentence: "API Gateway" is "the API gateway", "Redis" stays "Redis".

The language's own words stand in its templates: `things.txt` lists nouns that take an article, `common.txt` words
that are nobody's name and so lose their capital inside a sentence. A title of unknown words is spoken as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache

from archboard.design.model import Component
from archboard.records import record
from archboard.resources import text

_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ue000-\uf8ff\ufeff\u200b\u202a-\u202e\u2066-\u2069]+")


@record
class Name:
    """What something is called: `label` as on the board, `plain` inside a sentence, `the` with its article."""

    label: str
    plain: str
    the: str
    plural: bool

    def __str__(self) -> str:
        return self.the


@record
class Vocabulary:
    """The words of a language that naming needs: nouns that take an article, words without a capital, qualities."""

    things: frozenset[str]
    common: frozenset[str]
    qualities: frozenset[str] = frozenset()
    article: str = "the"

    def name(self, title: str, kind: str = "") -> Name:
        """Return a title as it is spoken; a mere quality ("Large") is told with its kind: "the large model"."""
        label = clean(title) or "?"
        words = [self._lowered(word) for word in label.replace("_", " ").split()]
        if kind and len(words) == 1 and words[0] in self.qualities:
            words.append(kind)
        plain = " ".join(words)
        head = words[-1].lower()
        singular = head.removesuffix("s")
        plural = head not in self.things and head != singular and singular in self.things
        wants = (head in self.things or plural) and words[0].lower() not in ("the", "a", "an", "our", "my")
        return Name(label, plain, f"{self.article} {plain}" if wants else plain, plural)

    def lowered(self, sentence: str) -> str:
        """Return a text as it goes on inside a sentence: its first word without a capital if it is a common one."""
        first, space, rest = sentence.partition(" ")
        return f"{self._lowered(first)}{space}{rest}"

    def _lowered(self, word: str) -> str:
        small = word[:1].lower() + word[1:]
        known = all(part in self.common or part in self.things for part in re.split(r"[-/,.:;]+", small) if part)
        return small if known else word


@cache
def vocabulary(language: str) -> Vocabulary:
    """Return the words of a language."""
    things = frozenset(text("templates", f"{language}/things.txt").split())
    plurals = frozenset(f"{word}s" for word in things)
    qualities = frozenset(text("templates", f"{language}/qualities.txt").split())
    common = frozenset(text("templates", f"{language}/common.txt").split())
    return Vocabulary(things, common | plurals | qualities, qualities)


def clean(written: str) -> str:
    """Return an author's text on one line, without control characters and without the marks of our own templates."""
    return " ".join(_INVISIBLE.sub(" ", written).split())


def title_of(component: Component) -> str:
    """Return what a component is called, its name where it has no title."""
    return clean(component.title) or component.plain


def joined(parts: Sequence[str], word: str) -> str:
    """Join parts as one says them: "a", "a and b", "a, b and c"; semicolons do not arise."""
    if len(parts) < 2:
        return "".join(parts)
    last = f", {word} " if any(f" {word} " in part for part in parts) else f" {word} "
    return f"{', '.join(parts[:-1])}{last}{parts[-1]}"
