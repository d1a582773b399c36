"""Three times the traffic, and what fills up first: the clients turned up, then the limits, then the replicas."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.compilation import Compilation
from archboard.load import Load
from archboard.measures.metrics import SATURATES_AT, UTILISATION
from archboard.questions.asking import Asking, Draft
from archboard.questions.outcomes import bill, outcome
from archboard.questions.turning import client_rate, limits_up, missing, replicated, turned_up
from archboard.script.capacity import first_gate
from archboard.script.model import Point
from archboard.script.speech import number, say_multiple
from archboard.units import Dimension

TIMES = 3.0
BEYOND = 1.02
"""Just past what something carries."""
ALIKE = 1e-3


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield the two questions, where clients say what they send."""
    if client_rate(asking) > 0:
        yield tripled(asking)
        yield from first_full(asking)


def tripled(asking: Asking) -> Draft:
    """Ask for three times the traffic: with the limits as they are, with them raised, and with what it takes."""
    usual = client_rate(asking)
    up, limits = turned_up(asking, TIMES), limits_up(asking, TIMES)
    stopped, let_in = asking.what_if(up), asking.what_if((*up, *limits))
    values: dict[str, object] = {
        "usual": number(usual, Dimension.RATE),
        "tripled": number(usual * TIMES, Dimension.RATE),
    }
    answer, tried = [], [up]
    away = outcome(asking, stopped)
    if away["refused"] is not None:
        limit = asking.design.components[_refusing(asking, stopped)].number("limit")
        answer.append(_point("refused", away | {"limit": number(limit or 0.0, Dimension.RATE)}))
        tried.append((*up, *limits))
    needed, beyond = missing(asking, let_in, asking.design.assumptions.utilisation)
    answer.append(
        _point("let_in", outcome(asking, let_in) | {"raised": away["refused"] is not None, "tight": bool(needed)})
    )
    if needed:
        grown = tuple(change for name, count in needed.items() for change in replicated(asking, name, count))
        enough = asking.what_if((*up, *limits, *grown))
        tried.append((*up, *limits, *grown))
        answer.append(_point("takes", _growth(asking, needed, enough)))
    if beyond:
        answer.append(_point("beyond", {"names": asking.told.names(beyond)}))
    return Draft("traffic", _point("tripled", values), tuple(answer), tuple(tried))


def _growth(asking: Asking, needed: Mapping[str, float], enough: Compilation) -> dict[str, object]:
    """Return what has to run, boxes that need the same together, and what it costs."""
    groups: dict[tuple[float, float], list[str]] = {}
    for name, count in needed.items():
        groups.setdefault((asking.design.components[name].replicas.high, count), []).append(name)
    boxes = [
        {
            "names": asking.told.names(names),
            "before": number(before, Dimension.COUNT),
            "after": number(after, Dimension.COUNT),
        }
        for (before, after), names in groups.items()
    ]
    target = number(asking.design.assumptions.utilisation, Dimension.FRACTION)
    return outcome(asking, enough) | {"boxes": boxes, "bill": bill(asking, enough), "target": target}


def _refusing(asking: Asking, stopped: Compilation) -> str:
    refused = [(fact.value or 0.0, fact.subject) for fact in stopped.facts.refused_by_limits()]
    return max(refused)[1]


def first_full(asking: Asking) -> Iterator[Draft]:
    """Ask what fills up first, and go just past it to see."""
    known = [(fact.value, fact.subject) for fact in asking.facts.of(SATURATES_AT) if fact.value]
    known = sorted((at, name) for at, name in known if asking.told.first.get(name) == name)
    total = math.fsum(flow.rate or 0.0 for flow in asking.facts.flows)
    if not known or total <= 0:
        return
    at = known[0][0]
    together = [name for value, name in known if value <= at * (1 + ALIKE)]
    then = next(((value, name) for value, name in known if value > at * (1 + ALIKE)), None)
    past = (*turned_up(asking, at / total * BEYOND), *limits_up(asking, max(1.0, at / total * BEYOND)))
    tried = asking.what_if(past)
    limit = first_gate(asking.facts, known[0][1], at)
    over = [fact.subject for fact in tried.facts.of(UTILISATION) if tried.facts.overloaded(fact.subject)]
    values = {
        "names": asking.told.names(together),
        "at": number(at, Dimension.RATE),
        "times": say_multiple(at / total, 2),
        "already": Load(total, at).over,
        "limit": None if limit is None else number(limit[0], Dimension.RATE),
        "gateway": None if limit is None else asking.told.name(limit[1]),
        "next": None if then is None else asking.told.name(then[1]),
        "next_at": None if then is None else number(then[0], Dimension.RATE),
        "seen": bool(set(over) & set(together)),
        **{"after": outcome(asking, tried)},
    }
    about = tuple(together)
    asked = Point("traffic.first", values, about)
    yield Draft("traffic", asked, (Point("traffic.full", values, about, (SATURATES_AT.name,)),), (past,))


def _point(kind: str, values: Mapping[str, object]) -> Point:
    return Point(f"traffic.{kind}", values)
