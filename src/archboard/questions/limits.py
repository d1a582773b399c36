"""What a gateway's limit protects: all that is behind it when the whole limit comes, the cache being there or not."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component
from archboard.facts import Surge
from archboard.load import Load, exceeds, whole
from archboard.measures.metrics import ADMITTED
from archboard.questions.asking import Asking, Draft, Set
from archboard.script.model import Point
from archboard.script.speech import number
from archboard.units import Dimension


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield a question for each gateway with a limit that lets something through."""
    for box in asking.told.ordered:
        limit, now = box.number("limit"), asking.facts.value(ADMITTED, box.name)
        if limit and now:
            yield _limit(asking, box, limit, now)


def _limit(asking: Asking, box: Component, limit: float, now: float) -> Draft:
    behind = {s.component: s for s in asking.facts.surges if s.cause == "limit" and s.source == box.name}
    at_limit = _worst(iter(behind.values()))
    lost = _worst(s for s in asking.facts.surges if s.cause == "loss" and _more(s, behind.get(s.component)))
    values = {
        "name": asking.told.name(box.name),
        "limit": number(limit, Dimension.RATE),
        "now": number(now, Dimension.RATE),
        "room": number(limit / now - 1, Dimension.FRACTION, 2),
        "none": Load(now, limit).full,
    }
    answer = [Point("limits.room", values, (box.name,), (ADMITTED.name,))]
    what_ifs: list[Set] = []
    for kind, surge in (("behind", at_limit), ("lost", lost)):
        if surge is not None:
            answer.append(Point(f"limits.{kind}", values | _surge(asking, surge), (surge.component,)))
    if lost is not None and lost.overloads and not lost.at(lost.steady).over:
        lower = whole(lost.load.fitted(limit))
        change = tuple(f"{name}.limit={lower} rps" for name in asking.alike(box.name))
        held = _worst(
            s for s in asking.what_if(change).facts.surges if s.cause == "loss" and s.component == lost.component
        )
        if held is not None and not held.overloads:
            what_ifs.append(change)
            answer.append(Point("limits.lower", values | {"lower": number(lower, Dimension.RATE)}, (box.name,)))
    return Draft("limits", Point("limits.why", values, (box.name,)), tuple(answer), tuple(what_ifs))


def _more(lost: Surge, at_limit: Surge | None) -> bool:
    """Whether a lost cache brings more to what is behind a limit than the whole limit alone."""
    return at_limit is not None and exceeds(lost.demand, at_limit.demand)


def _worst(surges: Iterator[Surge]) -> Surge | None:
    return max(surges, key=lambda surge: surge.load.utilisation, default=None)


def _surge(asking: Asking, surge: Surge) -> dict[str, object]:
    return {
        "behind": asking.told.placed(surge.component),
        "source": asking.told.placed(surge.source),
        "demand": number(surge.demand, Dimension.RATE),
        "capacity": number(surge.capacity, Dimension.RATE),
        "load": number(surge.load.utilisation, Dimension.FRACTION, 3),
        "over": surge.overloads,
    }
