"""A folder of designs as one HTML page: each with its board, its problem, its promises and what was built of it.

The page holds everything it needs: boards inline with the font once, style inline, a policy that lets nothing else in.
It needs no script.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from archboard.compilation import Compilation
from archboard.records import record
from archboard.renderers.pages.walkthrough import environment, inlined, raw
from archboard.renderers.pictures.svg import font_face
from archboard.renderers.pictures.theme import DARK, LIGHT
from archboard.resources import text
from archboard.script.names import clean
from archboard.verdicts import Verdict
from archboard.words.verdicts import shown_value

_STYLE = re.compile(r"<style>(.*?)</style>", re.S)
_DARK = re.compile(r"@media\s*\(\s*prefers-color-scheme:\s*dark\s*\)")
PROMISES = 8
"""Promises that a card lists; the report has the rest."""


@record
class Exhibit:
    """One design on show: what was compiled, its board as SVG ("" where it was not understood), labelled links."""

    compilation: Compilation
    board: str
    links: tuple[tuple[str, str], ...] = ()

    @property
    def name(self) -> str:
        """The design's name."""
        return clean(self.compilation.design.name)

    @property
    def title(self) -> str:
        """The design's title, its name where it has none."""
        return clean(self.compilation.design.title) or self.name

    @property
    def problem(self) -> str:
        """What is asked of it."""
        return " ".join(clean(line) for line in self.compilation.design.said("problem"))

    @property
    def counts(self) -> tuple[int, int]:
        """How many errors and warnings were found."""
        errors = sum(d.is_error for d in self.compilation.diagnostics)
        return errors, len(self.compilation.diagnostics) - errors

    @property
    def trouble(self) -> str:
        """Why it was not understood, if so."""
        wrong = (d for d in self.compilation.diagnostics if d.is_unclear)
        first = next(wrong, None)
        return "" if first is None else f"line {first.span.line}: {clean(first.message)}"


def render_gallery(exhibits: Sequence[Exhibit], folder: str, language: str = "en") -> str:
    """Return the page."""
    rules = "".join(dict.fromkeys(rule for one in exhibits for rule in _STYLE.findall(one.board)))
    rules = _DARK.sub("@media screen and (prefers-color-scheme:dark)", rules)
    cards = [
        {
            "exhibit": one,
            "board": inlined(one.board, at) if one.board else "",
            "promises": [promise(verdict) for verdict in one.compilation.facts.verdicts[:PROMISES]],
            "more": max(0, len(one.compilation.facts.verdicts) - PROMISES),
            "scenarios": [
                {"title": clean(ran.scenario.title), "ok": ran.ok, "met": ran.met} for ran in one.compilation.scenarios
            ],
            "boxes": len(one.compilation.design.components),
        }
        for at, one in enumerate(exhibits, 1)
    ]
    return (
        environment()
        .get_template(f"{language}/gallery.html.j2")
        .render(
            folder=folder,
            cards=cards,
            judged=sum(len(one.compilation.facts.judged) for one in exhibits),
            held=sum(v.ok is True for one in exhibits for v in one.compilation.facts.verdicts),
            paper=LIGHT.paper,
        night=DARK.paper,
        css=raw(f"{font_face()}\n{text('templates', 'gallery.css')}\n{rules}", "</style"),
        )
    )


def promise(verdict: Verdict) -> dict[str, object]:
    """Return a promise as its line on a card: what is promised, what it comes to, and whether that holds."""
    flow = "" if verdict.flow == "main" else clean(verdict.flow)
    return {"flow": flow, "text": clean(verdict.promise.text), "value": shown_value(verdict), "ok": verdict.ok}
