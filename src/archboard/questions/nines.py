"""What one more nine costs: replicas added one by one where most downtime comes from, until a tenth of it is left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from archboard.compilation import Compilation
from archboard.facts import Outage
from archboard.measures.metrics import AVAILABILITY, DOWNTIME_MONTH
from archboard.measures.uptime.repair import states_uptime
from archboard.questions.asking import Asking, Draft, Set
from archboard.questions.outcomes import bill, outcome
from archboard.questions.turning import replicated, scalable
from archboard.records import record
from archboard.script.model import Point
from archboard.script.speech import FINE, Number, number
from archboard.units import Dimension

TRIES = 16
"""Replicas that are added at most."""
NEARLY = 0.95
"""The part of a downtime that is nearly all of it."""
NINE = 0.1
"""What is left of the downtime with one more nine."""
WORTH = 0.02
"""Part of the downtime that a replica must be able to take away."""


@record
class Climb:
    """Replicas by component, as far as adding them helped; `stuck` is what more replicas cannot mend."""

    counts: Mapping[str, float]
    tried: Compilation
    change: Set
    stuck: Outage | None


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield the question for the first flow that is not always up, and is said to be so or promised."""
    stated = any(states_uptime(box) for box in asking.design.components.values())
    for flow in asking.design.flows:
        up = asking.facts.value(AVAILABILITY, flow.name)
        if stated and up is not None and up < 1:
            yield _nine(asking, flow.name, up)
            return


def _nine(asking: Asking, flow: str, up: float) -> Draft:
    climb = _climb(asking, flow, up)
    reached = climb.tried.facts.value(AVAILABILITY, flow) or up
    worst = asking.facts.largest_outage(flow)
    boxes = [
        {
            "name": asking.told.name(name),
            "before": number(asking.design.components[name].replicas.high, Dimension.COUNT),
            "after": number(count, Dimension.COUNT),
        }
        for name, count in climb.counts.items()
    ]
    values = {
        "up": number(up, Dimension.FRACTION, FINE),
        "down": _time(asking.facts.value(DOWNTIME_MONTH, flow)),
        "flow": asking.told.flow_name(flow),
        "worst": None if worst is None else asking.told.placed(worst.component),
        "part": None if worst is None else number(worst.share, Dimension.FRACTION, 2),
        "all": worst is not None and worst.share > NEARLY,
        "boxes": boxes,
        "reached": number(reached, Dimension.FRACTION, FINE),
        "left": _time(climb.tried.facts.value(DOWNTIME_MONTH, flow)),
        "bill": bill(asking, climb.tried),
        "done": 1 - reached <= NINE * (1 - up) * (1 + 1e-9),
        "stuck": None if climb.stuck is None else asking.told.placed(climb.stuck.component),
        "stuck_time": None if climb.stuck is None else _time(climb.stuck.seconds),
        "after": outcome(asking, climb.tried),
    }
    about = (flow, *climb.counts)
    answer = (
        Point("nines.now", values, (flow,), (AVAILABILITY.name, DOWNTIME_MONTH.name)),
        Point("nines.costs", values, about, (AVAILABILITY.name,)),
    )
    return Draft("nines", Point("nines.more", values, (flow,)), answer, (climb.change,) if climb.change else ())


def _time(seconds: float | None) -> Number | None:
    return None if seconds is None else number(seconds, Dimension.DURATION, 2)


def _climb(asking: Asking, flow: str, up: float) -> Climb:
    counts: dict[str, float] = {}
    change: Set = ()
    tried = asking.usual
    for _ in range(TRIES):
        left = 1 - (tried.facts.value(AVAILABILITY, flow) or up)
        if left <= NINE * (1 - up):
            return Climb(counts, tried, change, None)
        outages = [one for one in tried.facts.outages if one.flow == flow and one.share > WORTH]
        able = [one for one in outages if _able(asking, one.component)]
        largest = max(able, key=lambda outage: outage.seconds, default=None)
        if largest is None:
            return Climb(counts, tried, change, max(outages, key=lambda outage: outage.seconds, default=None))
        first = asking.told.first[largest.component]
        counts[first] = counts.get(first, asking.design.components[first].replicas.high) + 1
        change = tuple(one for name, count in counts.items() for one in replicated(asking, name, count))
        tried = asking.what_if(change)
    return Climb(counts, tried, change, None)


def _able(asking: Asking, component: str) -> bool:
    box = asking.design.components[component]
    return scalable(box) and 0 < (box.number("availability") or 0.0) < 1
