"""The answer of `solve`, as text and as data."""

from __future__ import annotations

from typing import Any

from archboard import __version__
from archboard.renderers.comparison.json_form import finite
from archboard.renderers.report.diagnostics import Paint, clean, plain
from archboard.renderers.tables import aligned
from archboard.strict_json import dumps
from archboard.trials import Reached, Solution
from archboard.units import show_number
from archboard.verdicts import Verdict
from archboard.words.verdicts import shown_value

_FINDINGS = 3


def render_text(solution: Solution, paint: Paint = plain) -> str:
    """Return the answer as people read it: one sentence, then what it is now, how far that is, and what limits."""
    dial = solution.dial
    sentence = answer_words(solution)
    head = f"{paint(clean(dial.label), 'bold')}: {clean(sentence)}"
    if not solution.stretches:
        return f"{head}\n"
    rows = [("now", _now(solution))]
    for end in solution.ends:
        rows += _end(solution, end)
    answer = solution.answer
    if answer is not None:
        rows.append(("set it", f"--set {_quoted(dial.assignment(answer.value))}"))
    return f"{head}\n\n{aligned('', [(name, clean(words)) for name, words in rows], paint)}\n"


def answer_words(solution: Solution) -> str:
    """Return the answer in one sentence."""
    dial = solution.dial
    what = f"`{solution.promise}`" if solution.promise else "every promise"
    if not solution.stretches:
        return solution.reason
    low, high = (dial.show(end) for end in solution.searched)
    if solution.always:
        return f"{what} holds at any value from {low} to {high}"
    spans = []
    for stretch in solution.stretches:
        inside = [e.value for e in solution.ends if stretch.low <= e.value <= stretch.high]
        if stretch.below is None:
            spans.append(f"up to {dial.show(inside[0])}")
        elif stretch.above is None:
            spans.append(f"from {dial.show(inside[0])} up")
        else:
            spans.append(_span(dial.show(inside[0]), dial.show(inside[-1])))
    only = "only " if not solution.monotone else ""
    return f"{what} holds {only}{', and '.join(spans)}"


def _span(low: str, high: str) -> str:
    return f"at {low}" if low == high else f"from {low} to {high}"


def _now(solution: Solution) -> str:
    dial = solution.dial
    if dial.now is None:
        return "not given"
    return f"{dial.show(dial.now)}, {'and it holds' if solution.holds_now else 'which does not hold'}"


def _end(solution: Solution, end: Reached) -> list[tuple[str, str]]:
    """Return the lines about one end: the value and how far off it is, what decides, and what is wrong beyond it."""
    dial = solution.dial
    down = end.beyond is not None and end.beyond < end.value
    rows = [("at least" if down else "at most", f"{dial.show(end.value)}{_margin(solution, end)}")]
    if end.verdict is not None:
        rows.append(("there", _tight(end.verdict)))
    if end.beyond is not None and end.findings:
        shown = [f"{f.code} {f.message}".strip() for f in end.findings[:_FINDINGS]]
        more = f"; and {len(end.findings) - _FINDINGS} more" if len(end.findings) > _FINDINGS else ""
        rows.append(("below" if down else "above", "; ".join(shown) + more))
    return rows


def _margin(solution: Solution, end: Reached) -> str:
    now = solution.dial.now
    if now is None or now == end.value:
        return ""
    off = end.value - now
    size = solution.dial.show(abs(off))
    if size.endswith("%"):
        size = f"{show_number(100 * abs(off))} points"
    ratio = f" ({show_number(end.value / now, 3)}×)" if now > 0 and end.value > 0 else ""
    return f", {size} {'more' if off > 0 else 'less'} than now{ratio}"


def _tight(verdict: Verdict) -> str:
    return f"{verdict.promise.text}: {shown_value(verdict)}"


def _quoted(text: str) -> str:
    return text if not any(c in text for c in " >$<'&;") else f"'{text}'"


def render_json(solution: Solution, path: str) -> str:
    """Return the answer as one object, SI base units."""
    dial, answer = solution.dial, solution.answer
    made: dict[str, Any] = {
        "archboard": __version__,
        "file": path,
        "path": dial.path,
        "unit": dial.unit if dial.unit is not None else dial.dimension.value,
        "promise": solution.promise or None,
        "answer": "never" if not solution.stretches else "always" if solution.always else "found",
        "value": None if answer is None else answer.value,
        "set": None if answer is None else dial.assignment(answer.value),
        "now": dial.now,
        "holds_now": solution.holds_now,
        "margin": None if answer is None or dial.now is None else finite(answer.value - dial.now),
        "searched": list(solution.searched),
        "holds": [{"from": low, "to": high} for low, high in _intervals(solution)],
        "monotone": solution.monotone,
        "limits": [_limit(end) for end in solution.ends],
        "best": solution.best,
        "sentence": answer_words(solution),
    }
    return dumps(made, 1) + "\n"


def _intervals(solution: Solution) -> list[tuple[float | None, float | None]]:
    """Return each stretch from end to end as rounded; None where it goes on to the end of what was searched."""
    found = []
    for stretch in solution.stretches:
        inside = [e.value for e in solution.ends if stretch.low <= e.value <= stretch.high]
        low = inside[0] if stretch.below is not None else None
        found.append((low, inside[-1] if stretch.above is not None else None))
    return found


def _limit(end: Reached) -> dict[str, Any]:
    verdict = end.verdict
    return {
        "value": end.value,
        "promise": None if verdict is None else verdict.promise.text,
        "reaches": None if verdict is None else finite(verdict.value),
        "beyond": end.beyond,
        "findings": [{"code": f.code or None, "message": f.message} for f in end.findings],
    }
