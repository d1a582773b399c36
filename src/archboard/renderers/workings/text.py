"""A working for people: a line a number, what it stands on indented below it, and where each was written."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.board.writing.text_widths import clean
from archboard.catalog.assumptions import ASSUMPTION
from archboard.columns import columns, padded
from archboard.facts import Facts
from archboard.records import record
from archboard.units import Dimension
from archboard.working import CONSTANT, Calculation, FactKey, Term, Unknown, Working

_FAR = 44
"""The column at which it is said where a number was written; longer lines push it on."""


@record
class _Line:
    """A number in its place: how deep, what is said, and where it was written."""

    depth: int
    text: str
    where: str = ""


def render_tree(working: Working, facts: Facts) -> str:
    """Return a working as an indented tree, the facts that it stands on worked out below it, each once."""
    lines = [*_lines(working, facts, 0, {})]
    far = max([_FAR, *(2 * line.depth + columns(line.text) for line in lines if line.where)])
    shown = (f"{'  ' * line.depth}{line.text}" for line in lines)
    placed = (f"{padded(text, far)}  {line.where}".rstrip() for text, line in zip(shown, lines, strict=True))
    return "".join(f"{text}\n" for text in placed)


def _lines(working: Working, facts: Facts, depth: int, told: dict[FactKey, None]) -> Iterator[_Line]:
    if isinstance(working, Calculation):
        yield _Line(depth, clean(f"{working.shown} = {working}"), _approximated(working.assumption))
        for part in working.parts:
            yield from _lines(part, facts, depth + 1, told)
        return
    behind = _behind(working, facts)
    again = working.fact is not None and working.fact in told
    if working.fact is not None:
        told[working.fact] = None
    if behind is None or again:
        yield _Line(depth, _said(working) + (", as above" if again and behind is not None else ""), _where(working))
        return
    if isinstance(behind, Calculation):
        where = _where(working) or _approximated(behind.assumption)
        yield _Line(depth, f"{_said(working)} = {clean(str(behind))}", where)
        for part in behind.parts:
            yield from _lines(part, facts, depth + 1, told)
        return
    yield _Line(depth, _said(working), _where(working) or _where(behind))
    if not behind.span:
        yield from _lines(behind, facts, depth + 1, told)


def _behind(term: Term, facts: Facts) -> Working | None:
    """Return what a term stands on: the working behind it, or that of the fact that it is."""
    if term.of is not None or term.fact is None:
        return term.of
    fact = facts.get(*term.fact)
    return None if fact is None or isinstance(fact.working, Unknown) else fact.working


def _said(term: Term) -> str:
    """Return a term's number and what it is."""
    if term.fact is not None:
        metric, subject = term.fact
        return clean(f"{term.shown}  {metric.replace('_', ' ')} of `{subject}`")
    setting = f"`{term.owner}.{term.setting}`" if term.setting else ""
    by = "" if term.by == CONSTANT or (setting and term.assumption) else term.by
    what = ", ".join(word for word in (setting, term.words, by) if word)
    plain = not (setting or by) or term.dimension is Dimension.MONEY
    number = term.text if term.text and plain else term.shown
    return clean(f"{number}{f'  {what}' if what else ''}")


def _where(term: Term) -> str:
    if term.span is not None:
        return f"{term.span.source.path}:{term.span.line}"
    row = ASSUMPTION.get(term.assumption)
    if row is None or not row.is_default:
        return _approximated(term.assumption)
    return f"assumed ({row.state.format(name=term.owner)})"


def _approximated(name: str) -> str:
    """Return the approximation that a step is, if it is one; a default is said where it stands."""
    row = ASSUMPTION.get(name)
    return "" if row is None else f"approximation: {row.says.replace('{value}', '…')}"
