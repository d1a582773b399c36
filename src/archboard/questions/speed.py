"""Which hop to speed up first and what it buys, and how slow the slowest may become."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.design.dials import Dial
from archboard.measures.sensitivity import FASTER, Gain, PromiseGains, sensitivities
from archboard.questions.asking import Asking, Draft, Set
from archboard.script.model import Point
from archboard.script.opening import spoken_promise
from archboard.script.speech import Number, number, say_multiple
from archboard.units import Dimension
from archboard.verdicts import Verdict

MOST = 2
"""Promises that are asked about."""
WORTH = 0.01
"""Part of a latency that a gain must reach to be a gain."""
DUST = 1e-6
"""What a limit that must not be reached takes off."""
PRECISION = 0.01
"""To which part a factor is found."""
FARTHEST = 128.0
"""Times slower that are tried at most."""


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield two questions for each of the first latency promises that are judged."""
    found = [
        each
        for each in sensitivities(asking.design, asking.facts).promises
        if each.gains and each.sum
    ]
    for each in found[:MOST]:
        verdict = next(v for v in asking.facts.verdicts if v.flow == each.flow and v.promise is each.promise)
        yield from _first(asking, each, verdict)
        yield from _slower(asking, each, verdict)


def _first(asking: Asking, each: PromiseGains, verdict: Verdict) -> Iterator[Draft]:
    total = each.sum or 0.0
    best = max(each.gains, key=lambda gain: (gain.sum, gain.independent))
    if best.sum <= WORTH * total / 10 and best.independent <= 0:
        return
    others = [gain for gain in each.gains if gain.subject != best.subject and gain.sum > 0]
    second = max(others, key=lambda gain: gain.sum, default=None)
    least = min(others, key=lambda gain: gain.sum, default=None)
    halved, values = _halved(asking, best, verdict), _gain(asking, best)
    values |= {
        "total": _time(total),
        "independent": None if each.independent is None else _time(each.independent),
        "off_independent": number(best.independent, Dimension.DURATION, 2) if best.independent > 0 else None,
        "second": None if second is None else _gain(asking, second),
        "least": None if least is None or least is second else _gain(asking, least),
        "promise": spoken_promise(each.promise),
        "flow": asking.told.flow_name(each.flow),
        "half": None if halved is None else _time(halved[1]),
        "ok": verdict.ok,
        "mends": halved is not None and verdict.ok is False and each.promise.holds(halved[1]),
    }
    about = (best.subject, each.flow) if best.subject in asking.design.components else (each.flow,)
    tried = () if halved is None else (halved[0],)
    answer = Point("speed.buys", values, about, (each.promise.metric,))
    yield Draft("speed", Point("speed.first", values, about), (answer,), tried)


def _gain(asking: Asking, gain: Gain) -> dict[str, object]:
    return {
        "name": asking.name(gain.subject),
        "now": _time(gain.seconds),
        "off": number(gain.sum, Dimension.DURATION, 2),
    }


def _time(seconds: float) -> Number:
    return number(seconds, Dimension.DURATION)


def _halved(asking: Asking, gain: Gain, verdict: Verdict) -> tuple[Set, float] | None:
    """Run the design with one component or hop twice as fast; return the change and the promise's new value."""
    dial = _dial(asking, gain)
    if dial is None or not dial.now:
        return None
    change = (dial.assignment(dial.now / 2),)
    value = _value(asking, change, verdict)
    return None if value is None else (change, value)


def _dial(asking: Asking, gain: Gain) -> Dial | None:
    dial = asking.dial(f"{gain.subject}.latency")
    return dial if dial is not None and dial.now else None


def _value(asking: Asking, change: Set, verdict: Verdict) -> float | None:
    place = asking.facts.verdicts.index(verdict)
    tried = asking.what_if(change)
    return tried.facts.verdicts[place].value if tried.understood else None


def _slower(asking: Asking, each: PromiseGains, verdict: Verdict) -> Iterator[Draft]:
    """Ask how slow the largest contributor may become before the promise breaks: bisection, each step a compilation."""
    best = max(each.gains, key=lambda gain: (gain.sum, gain.independent))
    dial = _dial(asking, best)
    if not verdict.ok or dial is None or dial.now is None:
        return
    gain = best.independent if verdict.promise.policy == "independent" else best.sum
    times = _most(asking, dial, verdict, gain)
    if times is None:
        return
    change = (dial.assignment(dial.now * times),)
    value = _value(asking, change, verdict)
    if value is None:
        return
    values = {
        "name": asking.name(best.subject),
        "now": _time(dial.now),
        "most": number(dial.now * times, Dimension.DURATION, 2),
        "times": say_multiple(times, 2),
        "tight": times < 1.2,
        "value": _time(value),
        "promise": spoken_promise(each.promise),
        "flow": asking.told.flow_name(each.flow),
    }
    about = (best.subject, each.flow) if best.subject in asking.design.components else (each.flow,)
    yield Draft("speed", Point("speed.slower", values, about), (Point("speed.bears", values, about),), (change,))


def _most(asking: Asking, dial: Dial, verdict: Verdict, gain: float) -> float | None:
    """Return how many times its time it may take, to three digits; None where nothing up to `FARTHEST` times breaks it.

    `gain` is what a tenth of its time takes off the promised value. Where that is all there is to it, as in a sum, the
    first guess is right, and two compilations prove it; else the place is found by bisection.
    """

    def holds(times: float) -> bool:
        value = _value(asking, (dial.assignment((dial.now or 0.0) * times),), verdict)
        return value is not None and verdict.promise.holds(value)

    margin = verdict.promise.limit - (verdict.value or 0.0)
    times = (1 + margin * (1 - FASTER) / gain) * (1 - DUST) if gain > 0 else FARTHEST + 1
    guess = _floored(times) if 1 <= times <= FARTHEST else 0.0
    if guess and holds(guess) and not holds(guess * (1 + PRECISION)):
        return guess
    low, high = 1.0, 2.0
    while holds(high):
        low, high = high, high * 2
        if high > FARTHEST:
            return None
    while high - low > PRECISION * low:
        middle = (low + high) / 2
        low, high = (middle, high) if holds(middle) else (low, middle)
    return max(1.0, _floored(low))


def _floored(times: float) -> float:
    """Round a factor down to three digits."""
    step = 10.0 ** (math.floor(math.log10(times)) - 2)
    return float(f"{math.floor(times / step + 1e-9) * step:.12g}")
