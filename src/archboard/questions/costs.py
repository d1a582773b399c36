"""Is the cost per request what is claimed, where does the money go, and what if only half the traffic comes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.catalog.promises import COST
from archboard.facts import Facts, whole
from archboard.measures.cost import of_a_request
from archboard.measures.metrics import COST_MONTH, COST_REQUEST
from archboard.questions.asking import Asking, Draft
from archboard.questions.turning import client_rate, turned_up
from archboard.script.model import Point
from archboard.script.opening import promised
from archboard.script.speech import Number, cost, number, say_multiple
from archboard.units import Dimension
from archboard.verdicts import Verdict

FAR = 10.0
"""How far a claim may be from what is computed before it says nothing."""
CLOSE = 1.25
NEAR = 1.005


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield one question, where the design has prices."""
    month = asking.facts.value(COST_MONTH, whole(asking.design))
    if month:
        yield _claim(asking, month)


def _claim(asking: Asking, month: float) -> Draft:
    claim = next((v for v in asking.facts.verdicts if v.promise.kind is COST and v.value), None)
    parts = [fact for fact in asking.facts.of(COST_MONTH) if fact.value and fact.subject in asking.design.components]
    largest = max(parts, key=lambda fact: fact.value or 0.0, default=None)
    together = [fact.subject for fact in parts if largest and fact.value == largest.value]
    share = math.fsum(fact.value or 0.0 for fact in parts if fact.subject in together) / month
    values = {
        "month": number(month, Dimension.MONEY, 2),
        "request": _request(asking),
        "names": asking.told.names(together),
        "part": number(min(share, 1.0), Dimension.FRACTION, 2),
        "all": share > 1 - 1e-6,
        "claim": None if claim is None else _claimed(claim),
    }
    answer = [Point("costs.truth", values, (asking.design.name,), (COST_MONTH.name, COST_REQUEST.name))]
    change = turned_up(asking, 0.5) if client_rate(asking) > 0 else ()
    half = asking.what_if(change).facts if change else None
    before, after = _each(asking, asking.facts), _each(asking, half) if half is not None else 0.0
    if before and after:
        told = {
            "after": _cost(after),
            "rate": number(client_rate(asking) / 2, Dimension.RATE),
            "rises": after > before * NEAR,
        }
        answer.append(Point("costs.half", told, (asking.design.name,), (COST_REQUEST.name,)))
    return Draft(
        "costs", Point("costs.claim", values, (asking.design.name,)), tuple(answer), (change,) if change else ()
    )


def _each(asking: Asking, facts: Facts) -> float:
    """Return what a request costs, of the same bill as the month's; 0 where that is not known."""
    fact = of_a_request(facts, asking.design)
    return (fact.value or 0.0) if fact is not None else 0.0


def _request(asking: Asking) -> Number | None:
    each = _each(asking, asking.facts)
    return _cost(each) if each else None


def _cost(dollars: float) -> Number:
    """Return what a request costs; a million of them to the cent where that is more than a dollar."""
    heard = cost(round(dollars * 1e6, 2) / 1e6 if dollars * 1e6 >= 1 else dollars)
    return Number(heard.spoken, cost(dollars).figure)


def _claimed(verdict: Verdict) -> dict[str, object]:
    value, limit = verdict.value or 0.0, verdict.promise.limit
    ratio = limit / value if verdict.ok else value / limit if limit else 0.0
    return {
        "limit": promised(verdict.promise, limit),
        "value": promised(verdict.promise, value),
        "ok": verdict.ok,
        "far": ratio >= FAR,
        "close": ratio <= CLOSE,
        "times": say_multiple(ratio, 2),
        "exact": ratio <= NEAR,
    }
