"""Step 6, first: where the time goes, the sum, what is left of the promise; the cached and the uncached way."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import groupby

from archboard.design.model import Flow, Promise
from archboard.facts import FlowFact, Item, PathFact
from archboard.script.model import Passage, Point
from archboard.script.opening import metric_of, promised, spoken_promise
from archboard.script.speech import Number, number, say_number
from archboard.script.telling import Telling
from archboard.units import Dimension, show
from archboard.verdicts import Judged, Verdict

_ALIKE = 0.005
"""Sum and independent percentile closer than this are not worth a sentence."""
_NAMED = 7
"""More contributors than this are not listened to: the largest are named."""


def passages(told: Telling) -> Iterator[Passage]:
    """Yield the budget of each flow that promises a latency."""
    for flow in told.design.flows:
        fact = told.facts.flow(flow.name)
        promise = next((p for p in flow.promises if p.is_latency and p.metric != "max"), None)
        if fact is None or fact.worst is None or promise is None or promise.metric not in fact.worst.sums:
            continue
        points = tuple(_points(told, flow, fact, promise))
        if points:
            name = told.flow_name(flow.name)
            yield Passage(6, "budget", {"flow": "" if name is None else name.label}, points)


def _points(told: Telling, flow: Flow, fact: FlowFact, promise: Promise) -> Iterator[Point]:
    worst = fact.worst
    verdict = next((v for v in told.facts.verdicts if (v.flow, v.promise) == (flow.name, promise)), None)
    if worst is None:
        return
    about = (flow.name, *worst.components)
    facts = (promise.metric,)
    values = {
        "flow": told.flow_name(flow.name),
        "metric": metric_of(promise),
        "percentile": spoken_promise(promise)["percentile"],
        "miss": worst.kind == "miss",
        "total": number(worst.sums[promise.metric], Dimension.DURATION),
        **_entries(told, worst, promise.metric),
    }
    yield Point("budget.sum", values, about, facts, 86)
    by_sum = promise.policy == "sum"
    yield from _against(verdict, promise, about, facts) if by_sum else ()
    yield from _hit(told, fact, promise)
    yield from _together(verdict, promise, about)
    yield from _tied(told, verdict, promise, about)
    yield from _against(verdict, promise, about, facts) if promise.policy == "independent" else ()


def _entries(told: Telling, path: PathFact, metric: str) -> dict[str, object]:
    """Return who takes how long: components along the way, the largest of many; hops of one length together."""
    boxes = [item for item in path.items if not item.is_hop and item.seconds.get(metric, 0.0) > 0]
    hops = [item for item in path.items if item.is_hop and item.seconds.get(metric, 0.0) > 0]
    named = boxes
    if len(boxes) > _NAMED:
        largest = sorted(boxes, key=lambda item: -item.seconds[metric])[: _NAMED - 1]
        named = [item for item in boxes if item in largest]
    together = _alike(hops, metric)
    listed = named is boxes and len(together) <= 2
    times = _elliptic([number(item.seconds[metric], Dimension.DURATION) for item in named])
    return {
        "boxes": [
            {
                "name": told.name(item.subject),
                "time": time.spoken,
                "external": told.design.components[item.subject].kind.third_party,
                "copies": _copies(item),
            }
            for item, time in zip(named, times, strict=True)
        ],
        "hops": [_hops(count, time) for count, time in together] if listed else [],
        "rest": not listed,
        "single": len(boxes) + len(hops) == 1,
        "working": _working(boxes, hops, metric) if listed else "",
    }


def _copies(item: Item) -> dict[str, object] | None:
    """Return how many copies there are of a contributor, and which answer is waited for where it is not the last."""
    copies = [each for each in item.copies if each[0]]
    if not copies:
        return None
    count, needed = copies[-1]
    if all(most == least for most, least in copies):
        count = needed = math.prod(most for most, _ in copies)
    return {"count": say_number(count), "needed": None if needed == count else say_number(needed)}


def _alike(hops: Sequence[Item], metric: str) -> list[tuple[int, float]]:
    counts: dict[float, int] = {}
    for hop in hops:
        counts[hop.seconds[metric]] = counts.get(hop.seconds[metric], 0) + 1
    return [(count, time) for time, count in counts.items()]


def _hops(count: int, seconds: float) -> dict[str, object]:
    return {"count": say_number(count), "one": count == 1, "time": number(seconds, Dimension.DURATION).spoken}


def _elliptic(times: Sequence[Number]) -> list[Number]:
    """Say the unit once: "two milliseconds, two, five"."""
    said = ""
    found = []
    for time in times:
        words, _, unit = time.spoken.rpartition(" ")
        short = unit == said and " a " not in f" {words} " and not words.endswith(" a") and words != "half a"
        found.append(Number(words, time.figure) if short else time)
        said = unit if not words.endswith(" a") else said
    return found


def _working(boxes: Sequence[Item], hops: Sequence[Item], metric: str) -> str:
    parts = [show(item.seconds[metric], Dimension.DURATION) for item in boxes]
    for time, group in groupby(sorted(hop.seconds[metric] for hop in hops)):
        count = len(list(group))
        shown = show(time, Dimension.DURATION)
        parts.append(f"{count} × {shown}" if count > 1 else shown)
    return " + ".join(parts)


def _against(
    verdict: Verdict | None, promise: Promise, about: tuple[str, ...], facts: tuple[str, ...]
) -> Iterator[Point]:
    """Tell what is left of the promise. A miss has its own place, in the reckoning at the end."""
    if not isinstance(verdict, Judged):
        return
    left = promise.limit - verdict.value
    values = {
        "promise": spoken_promise(promise),
        "ok": verdict.ok,
        "left": number(abs(left), Dimension.DURATION) if left else None,
    }
    yield Point("budget.left" if verdict.ok else "budget.over", values, about, facts, 74 if verdict.ok else 95)


def _hit(told: Telling, fact: FlowFact, promise: Promise) -> Iterator[Point]:
    hits = [path for path in fact.paths if path.kind == "hit" and promise.metric in path.sums]
    if not hits:
        return
    likeliest = max(hits, key=lambda path: path.probability)
    caches = [name for name in likeliest.components if told.design.components[name].kind.caches]
    values = {
        "caches": told.names(caches[-1:]),
        "share": number(likeliest.probability, Dimension.FRACTION) if len(hits) == 1 else None,
        "total": number(likeliest.sums[promise.metric], Dimension.DURATION),
    }
    yield Point("budget.hit", values, (fact.flow, *likeliest.components), (promise.metric,), 80)


def _together(verdict: Verdict | None, promise: Promise, about: tuple[str, ...]) -> Iterator[Point]:
    """Tell what the sum is not: the percentile of the whole."""
    if not isinstance(verdict, Judged) or promise.fraction is None:
        return
    if verdict.independent is None or verdict.sum is None:
        return
    if abs(verdict.independent - verdict.sum) <= _ALIKE * verdict.sum:
        return
    values = {
        "percentile": spoken_promise(promise)["percentile"],
        "independent": promised(promise, verdict.independent),
        "lower": verdict.independent < verdict.sum,
    }
    yield Point("budget.independent", values, about, (promise.metric,), 46)


def _tied(told: Telling, verdict: Verdict | None, promise: Promise, about: tuple[str, ...]) -> Iterator[Point]:
    """Tell what it comes to when hops tend to be slow together, where the design says how much."""
    correlation = told.design.assumptions.correlation
    if not isinstance(verdict, Judged) or verdict.correlated is None or correlation is None:
        return
    values = {
        "correlation": say_number(correlation),
        "tied": promised(promise, verdict.correlated),
    }
    yield Point("budget.correlated", values, about, (promise.metric,), 44)
