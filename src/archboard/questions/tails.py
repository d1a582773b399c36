"""Where a sum of percentiles misleads: the sum beside the independent answer, the worst case and the bound."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.questions.asking import Asking, Draft
from archboard.script.model import Point
from archboard.script.opening import spoken_promise
from archboard.script.speech import number
from archboard.units import Dimension
from archboard.verdicts import Judged

APART = 0.02
"""Answers nearer to one another than this part are one."""

RARE = 0.5


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield the question for the promise whose answers lie farthest apart."""
    known = [
        v for v in asking.facts.judged if v.promise.is_latency and v.promise.fraction and v.sum and v.independent
    ]
    widest = max(known, key=_spread, default=None)
    if widest is not None and _spread(widest) > APART:
        yield _tail(asking, widest)


def _spread(verdict: Judged) -> float:
    total = verdict.sum or 1.0
    return abs(total - (verdict.independent or total)) / total


def _tail(asking: Asking, verdict: Judged) -> Draft:
    promise = verdict.promise
    answers = {
        "sum": verdict.sum,
        "independent": verdict.independent,
        "worst": verdict.worst_case,
        "bound": verdict.bound,
        "tied": verdict.correlated,
    }
    worst = asking.facts.flow(verdict.flow)
    miss = worst.worst if worst is not None else None
    values: dict[str, object] = {
        name: None if value is None else number(value, Dimension.DURATION) for name, value in answers.items()
    }
    values |= {
        "lower": (verdict.independent or 0.0) < (verdict.sum or 0.0),
        "chance": number(miss.probability, Dimension.FRACTION, 2) if miss and miss.probability < 1 else None,
        "rare": miss is not None and miss.probability < RARE,
        "parts": number(float(len(miss.items)), Dimension.COUNT) if miss else None,
        "policy": promise.policy,
        "promise": spoken_promise(promise),
        "flow": asking.told.flow_name(verdict.flow),
        "worst_breaks": verdict.worst_case is not None and not promise.holds(verdict.worst_case),
        "differ": len({promise.holds(value) for value in answers.values() if value is not None}) > 1,
        "ok": verdict.ok,
    }
    about = (verdict.flow,)
    answer = (Point("tails.apart", values, about), Point("tails.dependence", values, about))
    return Draft("tails", Point("tails.sum", values, about), answer if verdict.worst_case else answer[:1])
