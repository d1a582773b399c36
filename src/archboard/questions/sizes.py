"""Why this many replicas: one fewer, half, and the fewest with which everything holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from archboard.compilation import Compilation
from archboard.design.model import Component
from archboard.measures.metrics import AVAILABILITY, CAPACITY, DEMAND, REPLICAS_NEEDED, UTILISATION
from archboard.questions.asking import Asking, Draft, Set
from archboard.questions.outcomes import bill, outcome
from archboard.questions.turning import replicated, scalable
from archboard.script.model import Point
from archboard.script.speech import FINE, fullness, number
from archboard.units import Dimension

NOTICED = 0.9999
"""An availability above which nobody asks for its digits."""
MOST = 3
"""Sizes that are asked about, the most loaded first."""


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield a question for each of the most loaded sizes; boxes of one size and load share one."""
    groups: dict[tuple[object, ...], list[Component]] = {}
    for box in asking.told.ordered:
        if box.replicas.high > 1 and scalable(box) and asking.facts.value(CAPACITY, box.name):
            demand = asking.facts.value(DEMAND, box.name) or 0.0
            key = (box.replicas, box.number("throughput"), f"{demand:.4g}", box.number("needs"))
            groups.setdefault(key, []).append(box)
    known = sorted(groups.values(), key=lambda boxes: -_pressed(asking, boxes[0]))
    for boxes in known[:MOST]:
        if asking.facts.value(UTILISATION, boxes[0].name):
            yield _why(asking, boxes)


def _pressed(asking: Asking, box: Component) -> float:
    """Return how full a box gets at worst: on a usual day, or when something else gives way."""
    surges = (s.load.utilisation for s in asking.facts.surges if s.component == box.name)
    return max((asking.facts.value(UTILISATION, box.name) or 0.0, *surges))


def _why(asking: Asking, boxes: Sequence[Component]) -> Draft:
    box = boxes[0]
    count, names = box.replicas.high, asking.told.names(one.name for one in boxes)
    about = tuple(one.name for one in boxes)
    values = {"names": names, "count": number(count, Dimension.COUNT), "less": number(count - 1, Dimension.COUNT)}
    answer = [Point("sizes.load", values | _load(asking, box), about, (DEMAND.name, REPLICAS_NEEDED.name))]
    what_ifs: list[Set] = []
    for kind, fewer in (("one_fewer", count - 1), ("half", float(count // 2))):
        if fewer >= 1 and not (kind == "half" and fewer >= count - 1):
            change = tuple(c for one in boxes for c in replicated(asking, one.name, fewer))
            tried = asking.what_if(change)
            what_ifs.append(change)
            told = {"fewer": number(fewer, Dimension.COUNT), "bill": bill(asking, tried)}
            answer.append(Point(f"sizes.{kind}", values | told | _effect(asking, tried, boxes), about))
    return Draft("sizes", Point("sizes.why", values, about), tuple(answer), tuple(what_ifs))


def _load(asking: Asking, box: Component) -> dict[str, object]:
    needed = asking.facts.value(REPLICAS_NEEDED, box.name)
    surges = [s for s in asking.facts.surges if s.component == box.name]
    worst = max(surges, key=lambda surge: surge.demand, default=None)
    usual, capacity = asking.facts.value(DEMAND, box.name) or 0.0, asking.facts.value(CAPACITY, box.name) or 1.0
    return {
        "demand": number(usual, Dimension.RATE),
        "capacity": number(capacity, Dimension.RATE),
        "load": number(usual / capacity, Dimension.FRACTION, 2),
        "needed": None if needed is None else number(needed, Dimension.COUNT),
        "tight": needed is not None and needed >= box.replicas.high,
        "short": needed is not None and needed > box.replicas.high,
        "target": number(asking.design.assumptions.utilisation, Dimension.FRACTION),
        "worst": None if worst is None or worst.cause == "limit" else asking.told.placed(worst.source),
        "cause": "" if worst is None else worst.cause,
        "surge": None if worst is None else number(worst.demand, Dimension.RATE),
        "over": worst is not None and worst.overloads,
    }


def _effect(asking: Asking, tried: Compilation, boxes: Sequence[Component]) -> dict[str, object]:
    """Return how full fewer replicas are, what a loss then does to them, and what it does to their availability."""
    name = boxes[0].name
    load = tried.facts.value(UTILISATION, name)
    lost = [s for s in tried.facts.surges if s.component == name and s.overloads and s.cause != "limit"]
    worst = max(lost, key=lambda surge: surge.demand, default=None)
    before, after = (facts.value(AVAILABILITY, name) for facts in (asking.facts, tried.facts))
    return {
        "load": None if load is None else fullness(load),
        "over": load is not None and tried.facts.overloaded(name),
        "source": None if worst is None else asking.told.placed(worst.source),
        "cause": "" if worst is None else worst.cause,
        "surge": None if worst is None else number(worst.demand, Dimension.RATE),
        "capacity": None if worst is None else number(worst.capacity, Dimension.RATE),
        "up": None if after is None or after > NOTICED else number(after, Dimension.FRACTION, FINE),
        "was": None if before is None else number(before, Dimension.FRACTION, FINE),
        "after": outcome(asking, tried),
    }
