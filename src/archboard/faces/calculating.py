"""`archboard calc` and `formulas`: one formula worked out, or the table of them."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Mapping

import click

from archboard.columns import columns, padded
from archboard.diagnostics import nearest
from archboard.formulas import FORMULA, FORMULAS, TOPICS, Formula, Input
from archboard.formulas.evaluation import Answer, Refusal, example, work_out
from archboard.records import record
from archboard.renderers.listing import Listing
from archboard.units import NAMES

WIDTH = 100
MARGIN = 12


@record
class Calculated:
    """What came of a calculation: what to say, and a sentence where there is no valid number."""

    answer: Listing
    trouble: str = ""


def calculate(name: str, words: tuple[str, ...]) -> Calculated:
    """Work a formula out from `key=value` words; wrong usage raises `click.UsageError`."""
    formula = find(name)
    found = work_out(formula, _given(formula, words))
    if isinstance(found, Answer):
        return Calculated(Listing(_page(found), _answer(found)))
    sentence = _sentence(found)
    if found.usage:
        raise click.UsageError(sentence)
    nothing = {"name": formula.name, "value": None, "reason": found.message}
    return Calculated(Listing("", nothing), sentence)


def find(name: str) -> Formula:
    """Return a formula by its name, written with hyphens or underscores."""
    plain = name.casefold().replace("_", "-")
    if plain in FORMULA:
        return FORMULA[plain]
    guess = nearest(plain, list(FORMULA))
    hint = f"Did you mean {guess!r}?" if guess else "`archboard formulas` lists them."
    raise click.UsageError(f"{name!r} is no formula. {hint}")


def _given(formula: Formula, words: tuple[str, ...]) -> Mapping[str, str]:
    """Return what was typed for each input; a word without `=` belongs to the one before: `rate=10k rps`."""
    given: dict[str, str] = {}
    last = ""
    for word in words:
        key, equals, value = word.partition("=")
        if not equals:
            if not last:
                raise click.UsageError(f"{word!r} says no input; write key=value: {formula.call}")
            given[last] += f" {word}"
            continue
        last = key.strip().replace("-", "_")
        if last in given:
            raise click.UsageError(f"`{last}` is given twice: {given[last]} and {value}")
        given[last] = value
    return given


def _sentence(refusal: Refusal) -> str:
    return f"{refusal.message}; {refusal.help}" if refusal.help else refusal.message


def list_formulas(name: str | None) -> Listing:
    """Return every formula, or the page of one."""
    if name is not None:
        formula = find(name)
        return Listing(_manual(formula), _described(formula))
    lines: list[str] = []
    for topic in TOPICS:
        lines += [topic.title, ""]
        for formula in topic.formulas:
            lines += [f"  {padded(formula.name, 20)} {formula.about}", f"  {padded('', 20)} {formula.equation}"]
        lines += [*(f"  {note}" for note in topic.notes), ""]
    lines.append("`archboard formulas psi` says all of one, `archboard calc` works it out.")
    return Listing("\n".join(lines) + "\n", [_described(formula) for formula in FORMULAS])


def _page(answer: Answer) -> str:
    """Return an answer with its working, and what it stands on."""
    formula = answer.formula
    result = f"{answer.shown}   ({answer.reading})" if answer.reading else answer.shown
    indent = " " * columns(formula.result)
    lines = [formula.equation, f"{indent} = {answer.working}", f"{indent} = {result}", "", *_ground(formula)]
    return "\n".join(lines) + "\n"


def _ground(formula: Formula) -> list[str]:
    lines = [*_hanging("holds for", formula.validity), *_hanging("source", formula.source)]
    if formula.seed:
        lines += _hanging("often told", f"“{formula.seed}”" + (f": {formula.differs}" if formula.differs else ""))
    return lines


def _hanging(title: str, text: str) -> list[str]:
    first, rest = padded(title, MARGIN), " " * MARGIN
    return textwrap.wrap(text, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)


def _manual(formula: Formula) -> str:
    """Return the page of one formula: its inputs, its example, what it stands on."""
    worked = work_out(formula, example(formula))
    lines = [f"{formula.name}: {formula.about}", "", f"  {formula.equation}", ""]
    for each in formula.inputs:
        usual = f", {each.default} unless given" if each.default else ""
        about = f"{each.about}; {_wanted(each)}{usual}"
        first, rest = f"  {padded(f'{each.name}={each.example}', 28)} ", " " * 31
        lines += textwrap.wrap(about, WIDTH, initial_indent=first, subsequent_indent=rest, break_on_hyphens=False)
    lines += ["", *_hanging("example", formula.call)]
    if isinstance(worked, Answer):
        lines += _hanging("gives", f"{worked.shown} = {worked.working}")
    return "\n".join([*lines, *_ground(formula)]) + "\n"


def _wanted(each: Input) -> str:
    """Return what an input takes, in words."""
    kind = f"{NAMES[each.dimension]}, {each.within.said(each.dimension)}"
    return f"a list, each {kind}" if each.many else kind


def _described(formula: Formula) -> dict[str, object]:
    return {
        "name": formula.name,
        "about": formula.about,
        "formula": formula.equation,
        "inputs": [
            {
                "name": each.name, "about": each.about, "dimension": each.dimension.name.lower(),
                "range": each.within.said(each.dimension), "default": each.default or None, "example": each.example,
                "list": each.many,
            }
            for each in formula.inputs
        ],
        "dimension": formula.dimension.name.lower(),
        "unit": formula.unit or formula.dimension.value,
        "validity": formula.validity,
        "source": formula.source,
        "seed": formula.seed or None,
        "differs": formula.differs or None,
        "thresholds": [{"above": threshold, "means": words} for threshold, words in formula.readings],
    }  # fmt: skip


def _answer(answer: Answer) -> dict[str, object]:
    formula = answer.formula
    return {
        "name": formula.name,
        "value": answer.value if math.isfinite(answer.value) else None,
        "unit": formula.unit or formula.dimension.value,
        "shown": answer.shown,
        "means": answer.reading or None,
        "formula": formula.equation,
        "working": answer.working,
        "inputs": {name: list(value) if isinstance(value, tuple) else value for name, value in answer.inputs.items()},
        "validity": formula.validity,
        "source": formula.source,
    }
