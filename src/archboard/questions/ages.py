"""How old can data get, what is most of that, and what one missed run or a slow one does to it."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog import promises
from archboard.facts import Fact
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import STALENESS
from archboard.measures.staleness import Step, longest
from archboard.questions.asking import Asking, Draft, Set
from archboard.script.model import Point
from archboard.script.speech import Number, number
from archboard.units import Dimension

NOTICED = 1.05
"""How much older data must get for a delay to be worth telling."""
MOST = 3
"""Flows that are asked about."""


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield a question for each flow whose age is known."""
    known = [fact for fact in asking.facts.of(STALENESS) if fact.value]
    analysis = Analysis(asking.design) if known else None
    for fact in known[:MOST]:
        flow = asking.design.flow(fact.subject)
        if analysis is not None and flow is not None:
            yield _age(asking, fact, longest(analysis, flow))


def _age(asking: Asking, fact: Fact, chain: tuple[Step, ...]) -> Draft:
    verdict = next(
        (v for v in asking.facts.verdicts if v.flow == fact.subject and v.promise.kind is promises.STALENESS), None
    )
    most = max(chain, key=lambda step: step.seconds)
    values = {
        "flow": asking.told.flow_name(fact.subject),
        "age": _time(fact.value or 0.0),
        "alone": len(chain) == 1,
        "most": _step(asking, most),
        "takes": _time(most.seconds),
        "limit": None if verdict is None else _time(verdict.promise.limit),
        "ok": None if verdict is None else verdict.ok,
    }
    answer = [Point("ages.age", values, (fact.subject,), (STALENESS.name,))]
    what_ifs: list[Set] = []
    for kind, step, times in (("missed", _first(chain, True), 0.5), ("slow", _first(chain, False), 2.0)):
        turned = None if step is None else _turned(asking, fact, step, times)
        if step is not None and turned is not None and turned[1] > (fact.value or 0.0) * NOTICED:
            change, age = turned
            what_ifs.append(change)
            ok = None if verdict is None else verdict.promise.holds(age)
            told = {"step": _step(asking, step), "age": _time(age), "ok": ok, "limit": values["limit"]}
            answer.append(Point(f"ages.{kind}", values | told, (fact.subject,), (STALENESS.name,)))
    return Draft("ages", Point("ages.old", values, (fact.subject,)), tuple(answer), tuple(what_ifs))


def _time(seconds: float) -> Number:
    return number(seconds, Dimension.DURATION)


def _first(chain: tuple[Step, ...], period: bool) -> Step | None:
    """Return the longest wait for a next turn, or the longest piece of work."""
    return max((s for s in chain if s.is_period == period), key=lambda step: step.seconds, default=None)


def _turned(asking: Asking, fact: Fact, step: Step, times: float) -> tuple[Set, float] | None:
    dial = asking.dial(step.path)
    if dial is None or dial.now is None:
        return None
    change = (dial.assignment(dial.now * times),)
    age = asking.what_if(change).facts.value(STALENESS, fact.subject)
    return None if age is None else (change, age)


def _step(asking: Asking, step: Step) -> dict[str, object]:
    """Return what a step is: waiting for a turn, or the work of a box or a hop."""
    subject = step.owner
    known = subject in asking.design.components or any(arrow.id == subject for arrow in asking.design.arrows)
    return {"name": asking.name(subject) if known else None, "period": step.is_period, "hop": "~>" in subject}
