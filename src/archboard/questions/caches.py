"""Losing each cache, and a cache that hits less: the hit ratio turned down to nothing, and a little."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.compilation import Compilation
from archboard.design.model import Component
from archboard.maths.search import stretches
from archboard.measures.metrics import DEMAND
from archboard.questions.asking import Asking, Draft, Set
from archboard.questions.outcomes import bill, outcome
from archboard.questions.turning import limits_up, missing, replicated
from archboard.script.model import Point
from archboard.script.speech import fullness, number
from archboard.units import Dimension

LESS = 0.1
"""Ten points of hit ratio."""
MORE = 1.001
"""How many times what came before is worth telling."""
SCAN = 8


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield a question for each cache that answers something: what if it is lost, and how low may it sink."""
    for box in asking.told.ordered:
        hit = box.number("hit")
        if hit and asking.facts.value(DEMAND, box.name):
            yield from _cache(asking, box, hit)


def _cache(asking: Asking, box: Component, hit: float) -> Iterator[Draft]:
    lost = _hit(asking, box, 0.0)
    tried = asking.what_if(lost)
    behind = _behind(asking, tried)
    if behind is None:
        return
    values = {"cache": asking.told.name(box.name), "hit": number(hit, Dimension.FRACTION)}
    after = outcome(asking, tried)
    away = after["refused"] is not None and not any(fact.value for fact in asking.facts.refused_by_limits())
    answer = [Point("caches.behind", values | behind | {"after": after, "away": away}, (box.name,))]
    what_ifs = [lost]
    let_in = (*lost, *limits_up(asking, _beyond(asking, tried))) if away else lost
    needed, _ = missing(asking, asking.what_if(let_in))
    if needed:
        grown = (*let_in, *(change for name, count in needed.items() for change in replicated(asking, name, count)))
        enough = asking.what_if(grown)
        counts = [
            {"names": asking.told.names([name]), "after": number(count, Dimension.COUNT)}
            for name, count in needed.items()
        ]
        insured = {"boxes": counts, "bill": bill(asking, enough), "raised": away}
        answer.append(Point("caches.insured", insured, (box.name,)))
        what_ifs.append(grown)
    if any(not verdict.ok for verdict in tried.facts.verdicts) and asking.usual.ok:
        least = _least(asking, box, hit)
        if least is not None:
            answer.append(Point("caches.least", values | {"least": number(least, Dimension.FRACTION)}, (box.name,)))
            what_ifs.append(_hit(asking, box, least))
    else:
        answer += _less(asking, box, hit, what_ifs)
    yield Draft("caches", Point("caches.lost", values, (box.name,)), tuple(answer), tuple(what_ifs))


def _beyond(asking: Asking, tried: Compilation) -> float:
    """Return how many times their limits gateways would have to let through, to a tenth upwards."""
    limits = {name: box.number("limit") for name, box in asking.design.components.items()}
    times = ((tried.facts.value(DEMAND, name) or 0.0) / limit for name, limit in limits.items() if limit)
    return max((math.ceil(round(10 * one, 6)) / 10 for one in times), default=1.0)


def _hit(asking: Asking, box: Component, hit: float) -> Set:
    return tuple(f"{name}.hit={hit * 100:.15g}%" for name in asking.alike(box.name))


def _behind(asking: Asking, tried: Compilation) -> dict[str, object] | None:
    """Return what gets more than before, what it gets and carries: the fullest, and all that fare alike."""
    found = []
    for fact in tried.facts.of(DEMAND):
        before, load = asking.facts.value(DEMAND, fact.subject), tried.facts.load(fact.subject)
        first = asking.told.first.get(fact.subject) == fact.subject
        if first and before is not None and load is not None and load.demand > before * MORE and load.capacity:
            found.append((load.utilisation, fact.subject, before, load))
    if not found:
        return None
    used, _, before, worst = max(found, key=lambda one: one[:2])
    alike = [name for other, name, *_ in found if abs(other - used) <= 1e-3 * used]
    return {
        "names": asking.told.names(alike),
        "before": number(before, Dimension.RATE),
        "after_rate": number(worst.demand, Dimension.RATE),
        "capacity": number(worst.capacity, Dimension.RATE),
        "load": fullness(used),
        "room": worst.room,
    }


def _least(asking: Asking, box: Component, hit: float) -> float | None:
    """Return the lowest hit ratio, to a tenth of a point upwards, at which everything still holds."""

    def reasons(ratio: float) -> frozenset[tuple[str, int]]:
        found = asking.what_if(_hit(asking, box, ratio)).diagnostics
        return frozenset((d.rule.code, d.span.start) for d in found if d.is_error)

    steps = round(hit * 1000)
    scan = sorted({float(round(steps * part / SCAN)) for part in range(SCAN + 1)})
    holding = [one for one in stretches(lambda at: reasons(at / 1000), scan, whole=True) if one.high >= steps]
    return holding[-1].low / 1000 if holding else None


def _less(asking: Asking, box: Component, hit: float, what_ifs: list[Set]) -> Iterator[Point]:
    """Tell what ten points less do to what is behind, where losing it all is survived."""
    if hit <= 2 * LESS:
        return
    fewer = _hit(asking, box, hit - LESS)
    behind = _behind(asking, asking.what_if(fewer))
    if behind is not None:
        what_ifs.append(fewer)
        lower = number(hit - LESS, Dimension.FRACTION)
        yield Point("caches.less", behind | {"lower": lower, "cache": asking.told.name(box.name)}, (box.name,))
