"""Why no value does: one sentence with the best that can be had."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from archboard.compilation import Compilation
from archboard.design.dials import Dial
from archboard.verdicts import Judged, Unjudged, Verdict
from archboard.words.verdicts import reason, shown_value


def no_answer(
    dial: Dial, tried: Mapping[float, Compilation], promise: int | None, scan: Sequence[float]
) -> tuple[str, float | None]:
    """Return why no value of a setting holds what was asked, and the value that comes nearest."""
    made = {number: tried[number] for number in scan if tried[number].understood}
    if not made:
        first = next(d for d in tried[scan[0]].diagnostics if d.is_error)
        return f"no {dial.target.noun} can be tried: {first.message}", None
    missed = promise if promise is not None else _always_missed(made)
    if missed is not None:
        return _one(dial, {number: c.facts.verdicts[missed] for number, c in made.items()}, made)
    best = min(made, key=lambda number: sum(d.is_error for d in made[number].diagnostics))
    left = [d for d in made[best].diagnostics if d.is_error]
    more = f", and {len(left) - 1} more" if len(left) > 1 else ""
    return f"no {dial.target.noun} holds every promise: at {dial.show(best)} still {left[0].message}{more}", best


def _always_missed(made: Mapping[float, Compilation]) -> int | None:
    """Return a promise that holds at no value that was tried, the first that is missed rather than not judged."""
    verdicts = [c.facts.verdicts for c in made.values()]
    for place in range(len(verdicts[0])):
        outcomes = {found[place].ok for found in verdicts}
        if True not in outcomes and False in outcomes:
            return place
    return None


def _one(
    dial: Dial, verdicts: Mapping[float, Verdict], made: Mapping[float, Compilation]
) -> tuple[str, float | None]:
    judged = {number: verdict for number, verdict in verdicts.items() if isinstance(verdict, Judged)}
    promise = next(iter(verdicts.values())).promise
    head = f"no {dial.target.noun} holds `{promise.text}`"
    if not judged:
        first = next(verdict for verdict in verdicts.values() if isinstance(verdict, Unjudged))
        return f"{head}: it is not judged at any, because {reason(first)}", None
    sign = 1 if promise.operator in ("<", "<=") else -1
    now = dial.now if dial.now is not None else 0.0
    best = min(judged, key=lambda number: (sign * judged[number].value, abs(number - now)))
    verdict = judged[best]
    if dial.target.name == "hit" and promise.policy == "sum" and _missing(made.values(), verdict.flow):
        return f"{head}: the miss path alone is {shown_value(verdict)}", best
    values = [v.value for v in judged.values()]
    if max(values) - min(values) <= 1e-9 * abs(max(values)):
        return f"{head}: it is {shown_value(verdict)} at any value, from {verdict.remark or verdict.working}", best
    return f"{head}: the best is {shown_value(verdict)}, at {dial.show(best)}", best


def _missing(made: Iterable[Compilation], flow: str) -> bool:
    """Whether a flow's worst path is one on which every cache misses."""
    found = (c.facts.flow(flow) for c in made)
    return any(f is not None and f.worst is not None and f.worst.kind == "miss" for f in found)
