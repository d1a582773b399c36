"""Two compilations side by side as Markdown: what a pull request shows, the long lists folded away."""

from __future__ import annotations

from collections.abc import Iterable

from archboard.compare import Comparison, FactChange
from archboard.diagnostics import Diagnostic
from archboard.renderers.comparison.text import (
    chosen,
    difference_words,
    fact_name,
    factor,
    first_words,
    outcome,
    promise_name,
    promise_values,
    shown_fact,
)
from archboard.renderers.report.markdown import code, escape
from archboard.renderers.tables import piped

_SIGNS = {True: "✅", False: "❌", None: "➖"}


def render_comparison(comparison: Comparison, *, everything: bool = False) -> str:
    """Return what changed and what it did to each promise."""
    title = escape(comparison.after.design.title or comparison.after.design.name)
    parts = [f"### {title}: {_headline(comparison)}"]
    failing = any(d.is_error for d in comparison.appeared)
    if not comparison.same:
        parts += [
            piped(("", "Promise", "Value", ""), _promises(comparison)),
            _folded("What changed in the design", piped(("What", "How"), _differences(comparison))),
            _folded("Numbers", piped(("Number", "Before", "After", ""), _facts(comparison.facts, everything))),
            _saturation(comparison),
            _scenarios(comparison),
            _folded("New findings", _findings(comparison.appeared), opened=failing),
            _folded("Findings gone", _findings(comparison.gone)),
        ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _headline(comparison: Comparison) -> str:
    if comparison.same:
        return "nothing differs"
    lost = [c for c in comparison.promises if c.lost]
    if lost:
        return f"{len(lost)} promise{'' if len(lost) == 1 else 's'} no longer held"
    errors = sum(d.is_error for d in comparison.appeared)
    if errors:
        return f"{errors} new error{'' if errors == 1 else 's'}"
    won = sum(c.won for c in comparison.promises)
    return f"{won} promise{'' if won == 1 else 's'} won" if won else "no promise changed its verdict"


def _promises(comparison: Comparison) -> Iterable[tuple[str, ...]]:
    for change in comparison.promises:
        if change.failure and not change.changed:
            continue
        sign = _SIGNS[change.after.ok if change.after is not None else None]
        yield sign, escape(promise_name(change)), escape(promise_values(change)), code(outcome(change))


def _differences(comparison: Comparison) -> Iterable[tuple[str, ...]]:
    return (tuple(escape(words) for words in difference_words(d)) for d in comparison.design)


def _facts(changes: tuple[FactChange, ...], everything: bool) -> Iterable[tuple[str, ...]]:
    for c in changes if everything else chosen(changes):
        yield escape(fact_name(c.fact)), shown_fact(c.before), shown_fact(c.after), factor(c)


def _folded(title: str, body: str, *, opened: bool = False) -> str:
    if not body:
        return ""
    return f"<details{' open' if opened else ''}><summary>{title}</summary>\n\n{body}\n\n</details>"


def _saturation(comparison: Comparison) -> str:
    before, after = comparison.saturation
    if before == after:
        return ""
    return f"First to saturate: {code(first_words(before))} → {code(first_words(after))}"


def _scenarios(comparison: Comparison) -> str:
    words = {True: "holds", False: "fails", None: "not there"}
    rows = ((escape(c.title), words[c.before], words[c.after]) for c in comparison.scenarios)
    return piped(("What if", "Before", "After"), rows)


def _findings(found: Iterable[Diagnostic]) -> str:
    lines = []
    for d in found:
        where = f"{escape(d.scenario)}: " if d.scenario is not None else ""
        lines.append(f"- **{d.rule.code}** {where}{code(d.message)}")
    return "\n".join(lines)
