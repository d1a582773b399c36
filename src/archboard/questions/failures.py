"""Each failure mode in turn: what the user waits then, what happens if it stays that way, when load is shed."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.compilation import Compilation
from archboard.design.model import Arrow
from archboard.facts import FailureFact, Surge
from archboard.measures.metrics import AVAILABILITY
from archboard.questions.asking import Asking, Draft, Set
from archboard.questions.outcomes import promise_kept
from archboard.script.failures import label_of, told_arrows
from archboard.script.model import Point
from archboard.script.speech import FINE, number, say_multiple
from archboard.units import Dimension
from archboard.verdicts import Verdict

NEAR = 1.5
"""Times a latency up to which the rest is told as a part of it."""
SERVED = 1 - 1e-9
MOST = 0.999
"""The part of the requests that is as good as all."""


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield a question a failure arrow, those of a region's copies once."""
    for arrow in told_arrows(asking.told):
        condition = arrow.condition
        if condition is not None and condition.sheds:
            yield from _shedding(asking, arrow)
        else:
            yield _mode(asking, arrow)


def _mode(asking: Asking, arrow: Arrow) -> Draft:
    condition = arrow.condition
    values = {
        "name": asking.told.placed(arrow.tail),
        "to": asking.told.placed(arrow.head),
        "on": condition.kind if condition else "error",
        "share": number(condition.share, Dimension.FRACTION) if condition and condition.share is not None else None,
        "after": number(condition.seconds, Dimension.DURATION) if condition and condition.seconds is not None else None,
        "action": label_of(asking.told, arrow).action,
        "fallback": asking.design.components[arrow.head].kind.stands_in,
    }
    answer = [Point("failures.then", values, (arrow.tail, arrow.head))]
    answer += _latency(asking, arrow)
    answer += _takes_over(asking, arrow)
    what_ifs: list[Set] = []
    answer += _for_good(asking, arrow, what_ifs)
    return Draft("failures", Point("failures.mode", values, (arrow.tail, arrow.head)), tuple(answer), tuple(what_ifs))


def _latency(asking: Asking, arrow: Arrow) -> Iterator[Point]:
    """Tell the latency in this mode, of the flow that it hits hardest."""
    modes = [one for one in asking.facts.failures if one.arrow.id == arrow.id and one.arrow.number == arrow.number]
    judged = [(mode, v) for mode in modes for v in mode.verdicts if v.value is not None]
    if not judged:
        return
    mode, verdict = max(judged, key=lambda pair: (pair[1].value or 0.0) / (pair[1].promise.limit or 1.0))
    usual = _usual(asking, mode, verdict)
    values = promise_kept(asking, verdict) | {
        "usual": None if usual is None else number(usual, Dimension.DURATION),
        "ok": verdict.ok,
        "same": usual is not None and abs(usual - (verdict.value or 0.0)) <= 1e-3 * usual,
        "faster": usual is not None and (verdict.value or 0.0) < usual,
    }
    yield Point("failures.waits", values, (arrow.tail, mode.flow), (verdict.promise.metric,))


def _usual(asking: Asking, mode: FailureFact, verdict: Verdict) -> float | None:
    same = (v for v in asking.facts.verdicts if v.flow == mode.flow and v.promise.text == verdict.promise.text)
    return next((v.value for v in same), None)


def _takes_over(asking: Asking, arrow: Arrow) -> Iterator[Point]:
    """Tell whether what takes over carries it."""
    surges = [s for s in asking.facts.surges if s.cause == "failover" and s.arrow == arrow.id]
    if surges:
        worst: Surge = max(surges, key=lambda surge: surge.load.utilisation)
        values = {
            "name": asking.told.placed(worst.component),
            "demand": number(worst.demand, Dimension.RATE),
            "capacity": number(worst.capacity, Dimension.RATE),
            "load": number(worst.load.utilisation, Dimension.FRACTION, 2),
            "over": worst.overloads,
        }
        yield Point("failures.takes_over", values, (worst.component,))


def _for_good(asking: Asking, arrow: Arrow, what_ifs: list[Set]) -> Iterator[Point]:
    """Take what fails for gone altogether, and see how many requests still get an answer."""
    if asking.dial(f"{arrow.tail}.availability") is None or arrow.tail not in asking.design.components:
        return
    gone = (f"{arrow.tail}.availability=0%",)
    tried = asking.what_if(gone)
    served = _served(asking, tried, arrow)
    if served is None:
        return
    flow, share = served
    what_ifs.append(gone)
    values = {
        "name": asking.told.placed(arrow.tail),
        "flow": asking.told.flow_name(flow),
        "share": number(share, Dimension.FRACTION, FINE),
        "all": share >= _served_now(asking, flow) * SERVED,
        "most": share >= MOST,
        "none": share <= 1e-9,
    }
    yield Point("failures.gone", values, (arrow.tail, flow), (AVAILABILITY.name,))


def _served_now(asking: Asking, flow: str) -> float:
    """Return the share of a flow's requests that get an answer as things stand."""
    return asking.facts.value(AVAILABILITY, flow) or 0.0


def _served(asking: Asking, tried: Compilation, arrow: Arrow) -> tuple[str, float] | None:
    """Return the flow that loses most, and the share of its requests that still get an answer."""
    flows = [fact.flow for fact in asking.facts.flows if arrow.tail in fact.components]
    known = [(tried.facts.value(AVAILABILITY, flow), flow) for flow in flows]
    shares = [(share, flow) for share, flow in known if share is not None]
    if not shares:
        return None
    share, flow = min(shares)
    return flow, share


def _shedding(asking: Asking, arrow: Arrow) -> Iterator[Draft]:
    """Ask when load is shed: the threshold against the percentile that is promised."""
    condition = arrow.condition
    latencies = [v for v in asking.facts.verdicts if v.promise.is_latency and v.promise.fraction and v.value]
    if condition is None or condition.seconds is None or not latencies:
        return
    verdict = latencies[0]
    assert verdict.value is not None
    kept = promise_kept(asking, verdict)
    values = kept | {
        "name": asking.told.placed(arrow.tail),
        "after": number(condition.seconds, Dimension.DURATION),
        "action": label_of(asking.told, arrow).action,
        "independent": None if verdict.independent is None else number(verdict.independent, Dimension.DURATION),
        "above": verdict.value > condition.seconds,
        "often": verdict.independent is not None and verdict.independent > condition.seconds,
        "slower": say_multiple(condition.seconds / verdict.value, 2),
        "beyond": number(1 - (verdict.promise.fraction or 0.0), Dimension.FRACTION),
        "more": number(condition.seconds / verdict.value - 1, Dimension.FRACTION, 2),
        "near": condition.seconds < verdict.value * NEAR,
        "inside": condition.seconds < verdict.promise.limit,
        "same": condition.seconds == verdict.promise.limit,
    }
    about = (arrow.tail, arrow.head, verdict.flow)
    yield Draft("failures", Point("failures.shed", values, about), (Point("failures.sheds", values, about),))
