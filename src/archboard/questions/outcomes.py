"""What a what-if did to a design, as templates need it: promises broken or mended, what is full, who is refused."""

from __future__ import annotations

from archboard.compilation import Compilation
from archboard.facts import whole
from archboard.measures.metrics import COST_MONTH, GPU_USABLE, MEMORY, MEMORY_USED, UTILISATION
from archboard.questions.asking import Asking
from archboard.script.closing import apart, misfits, overloaded
from archboard.script.opening import spoken_promise
from archboard.script.speech import fullness, number
from archboard.script.telling import Telling
from archboard.units import Dimension
from archboard.verdicts import Unjudged, Verdict

MOST = 2
"""Names and promises that one sentence carries."""


def outcome(asking: Asking, tried: Compilation) -> dict[str, object]:
    """Return what became of the promises and the boxes under a what-if."""
    before = {place: verdict.ok for place, verdict in enumerate(asking.facts.verdicts)}
    after = tuple(enumerate(tried.facts.verdicts))
    broken = [v for place, v in after if v.ok is False and before.get(place) is not False]
    unjudged = [v for place, v in after if isinstance(v, Unjudged) and before.get(place) is not None]
    full = overloaded(_told(asking, tried))
    fresh = [name for name in full if name not in overloaded(asking.told)]
    return {
        "broken": [promise_kept(asking, v) for v in broken[:MOST]],
        "more": len(broken) > MOST,
        "mended": [promise_kept(asking, v) for place, v in after if v.ok and before.get(place) is False][:MOST],
        "still": [promise_kept(asking, v) for place, v in after if v.ok is False and before.get(place) is False][:MOST],
        "unjudged": [spoken_promise(v.promise) for v in unjudged[:MOST]],
        "full": asking.told.names(fresh)[:MOST],
        "fullness": fullest(asking, tried),
        "misfit": misfit(asking, tried),
        "promised": bool(after),
        "held": not broken and not unjudged and not fresh and misfit(asking, tried) is None,
        **turned_away(asking, tried),
    }


def misfit(asking: Asking, tried: Compilation) -> dict[str, object] | None:
    """Return the model that no longer fits its GPUs, with what it needs and what they have."""
    beyond = set(misfits(_told(asking, tried))) - set(misfits(asking.told))
    worst = max(sorted(beyond), key=lambda name: tried.facts.value(MEMORY_USED, name) or 0.0, default=None)
    if worst is None:
        return None
    sizes = (tried.facts.value(metric, worst) or 0.0 for metric in (MEMORY, GPU_USABLE))
    needed, has = (number(size, Dimension.SIZE, 2) for size in sizes)
    return {"name": asking.told.name(worst), "needed": needed, "has": has}


def promise_kept(asking: Asking, verdict: Verdict) -> dict[str, object]:
    """Return a promise with its value, each with as many digits as it takes to hear them apart."""
    value, limit = apart(verdict)
    return {
        "value": value,
        "promise": spoken_promise(verdict.promise) | {"limit": limit},
        "flow": asking.told.flow_name(verdict.flow),
    }


def fullest(asking: Asking, tried: Compilation) -> dict[str, object] | None:
    """Return the component with the highest utilisation, and whether that is more than all of it."""
    known = [(fact.value, fact.subject) for fact in tried.facts.of(UTILISATION) if fact.value]
    known = [(load, subject) for load, subject in known if subject in asking.told.first]
    if not known:
        return None
    load, subject = max(known, key=lambda pair: pair[0])
    return {
        "name": asking.told.name(subject),
        "subject": subject,
        "load": fullness(load),
        "over": tried.facts.overloaded(subject),
    }


def turned_away(asking: Asking, tried: Compilation) -> dict[str, object]:
    """Return who refuses how much."""
    refused = [(fact.value, fact.subject) for fact in tried.facts.refused_by_limits() if fact.value]
    if not refused:
        return {"refused": None, "gateway": None}
    rate, gateway = max(refused)
    return {"refused": number(rate, Dimension.RATE), "gateway": asking.told.name(gateway)}


def bill(asking: Asking, tried: Compilation) -> dict[str, object] | None:
    """Return what the whole costs a month before and after, where that differs."""
    before = asking.facts.value(COST_MONTH, whole(asking.design))
    after = tried.facts.value(COST_MONTH, whole(asking.design))
    if before is None or after is None or abs(after - before) < 0.005:
        return None
    return {
        "before": number(before, Dimension.MONEY, 2),
        "after": number(after, Dimension.MONEY, 2),
        "more": number(abs(after - before), Dimension.MONEY, 2),
        "rises": after > before,
    }


def _told(asking: Asking, tried: Compilation) -> Telling:
    told = asking.told
    return Telling(tried.design, tried.facts, (), told.vocabulary, told.first, told.ordered)
