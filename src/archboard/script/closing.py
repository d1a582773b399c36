"""The end of step 6: where the numbers disagree with the promise and what would fix it, what-ifs, trade-off, result."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import AVAILABILITY
from archboard.design.targets import Of
from archboard.facts import Change, Cure, Facts, Fallback, Hopeless, Remedy
from archboard.measures.metrics import UTILISATION
from archboard.measures.uptime import unanswered
from archboard.script.model import MUST, Passage, Point
from archboard.script.names import clean
from archboard.script.opening import author, promised, spoken_promise
from archboard.script.speech import DIGITS, FINE, Number, fullness, number
from archboard.script.telling import Telling, WhatIf
from archboard.units import MONTH, Dimension
from archboard.verdicts import Verdict
from archboard.words.remedies import READ_OUT, sentence

WARNED = ("AB502", "AB503", "AB603", "AB604")
"""Gaps that nothing is missed by yet: the talk tells of what fails, and leaves their remedies to the report."""
AT_ONCE = 3
"""Changes that one can listen to in one sentence."""


def passages(told: Telling) -> Iterator[Passage]:
    """Yield the reckoning, and the closing words."""
    missed = tuple(_missed(told))
    if missed:
        held = not overloaded(told) and not told.facts.missed
        yield Passage(6, "unknown" if held else "missed", {}, missed)
    what_ifs = tuple(_what_ifs(told))
    if what_ifs:
        yield Passage(6, "what_ifs", {}, what_ifs)
    yield Passage(6, "closing", {}, (*_tradeoff(told), *_result(told)))


def _missed(told: Telling) -> Iterator[Point]:
    broken = told.facts.missed
    for at, verdict in enumerate(broken):
        value, limit = apart(verdict)
        values = {
            "promise": spoken_promise(verdict.promise) | {"limit": limit},
            "value": value,
            "flow": told.flow_name(verdict.flow),
            "count": len(broken),
            "first": at == 0,
            "largest": _largest(told, verdict),
        }
        yield Point("closing.missed", values, (verdict.flow,), (verdict.promise.metric,), MUST)
    yield from _remedies(told)
    for unjudged in told.facts.unjudged:
        why: dict[str, object] = {
            "promise": spoken_promise(unjudged.promise),
            "flow": told.flow_name(unjudged.flow),
            "full": [told.name(name) for name in overloaded(told)][:2],
        }
        yield Point("closing.unjudged", why, (unjudged.flow,), (unjudged.promise.metric,), 95)


def apart(verdict: Verdict) -> tuple[Number | None, Number]:
    """Return a value and its limit with as many digits as it takes to hear the difference."""
    promise, value = verdict.promise, verdict.value
    limit = promised(promise, promise.limit)
    if value is None:
        return None, limit
    for digits in range(FINE if promise.kind.dimension is Dimension.FRACTION else DIGITS, 10):
        said = promised(promise, value, digits)
        if said.spoken.removeprefix("about ") != limit.spoken.removeprefix("about "):
            return (said if said.figure != limit.figure else Number(said.spoken, "")), limit
    return promised(promise, value, 3), limit


def _largest(told: Telling, verdict: Verdict) -> dict[str, object] | None:
    """Return the largest contributor to a latency or a downtime that is missed."""
    if verdict.promise.kind is AVAILABILITY:
        worst = told.facts.largest_outage(verdict.flow)
        flow = told.design.flow(verdict.flow)
        lost = 0.0 if flow is None else unanswered.largest(told.facts, flow)[1]
        if worst is None or worst.seconds < lost * MONTH:
            return None
        takes = number(worst.seconds, Dimension.DURATION, 2)
        return {"name": told.placed(worst.component), "takes": takes, "monthly": True}
    fact = told.facts.flow(verdict.flow)
    if not verdict.promise.is_latency or fact is None or fact.worst is None:
        return None
    metric = verdict.promise.metric
    known = [(item.seconds.get(metric, 0.0), item) for item in fact.worst.items if not item.is_hop]
    known = [(seconds, item) for seconds, item in known if seconds > 0]
    if len(known) < 2:
        return None
    seconds, item = max(known, key=lambda pair: pair[0])
    return {"name": told.name(item.subject), "takes": number(seconds, Dimension.DURATION), "monthly": False}


def _remedies(told: Telling) -> Iterator[Point]:
    cures = {_alike(one): one for one in reversed(told.facts.remedies) if one.gap.code not in WARNED}
    whole = [one for one in reversed(cures.values()) if _closes(one)]
    for at, cure in enumerate((whole or list(cures.values()))[:3]):
        text = clean(sentence(cure, told.design, READ_OUT))
        values = {"text": text, "alone": not whole, "changes": _changes(told, cure)}
        yield Point("closing.remedy", values, (cure.gap.subject,), (), 92 if at < 2 else 70)


def _alike(cure: Cure) -> object:
    """Return what makes two remedies one to listen to: the same change, whatever it is for."""
    return cure.changes if isinstance(cure, Remedy) else cure


def _closes(cure: Cure) -> bool:
    """Whether a remedy is more than a help."""
    return cure.least is None if isinstance(cure, Remedy) else not (isinstance(cure, Hopeless) and cure.helped)


def _changes(told: Telling, cure: Cure) -> list[dict[str, object]]:
    """Return what a remedy changes, one by one; nothing where it takes more, or something that has no words here."""
    if not isinstance(cure, Remedy) or len(cure.changes) > AT_ONCE:
        return []
    found = [_change(told, change) for change in cure.changes]
    known = [change for change in found if change is not None]
    return known if len(known) == len(found) else []


def _change(told: Telling, change: Change | Fallback) -> dict[str, object] | None:
    """Return a change as a component, its setting, and the values before and after."""
    match change:
        case Fallback(component):
            return {"name": told.name(component), "setting": "on"}
        case Change(target, float(before), float(after)) if target.dimension is not None:
            values = {"before": number(before, target.dimension), "after": number(after, target.dimension)}
            if target.of is Of.COMPONENT:
                return {"name": told.name(target.owner), "setting": target.name, **values}
            arrow = next((arrow for arrow in told.design.arrows if arrow.id == target.owner), None)
            if arrow is not None and target.name == "on":
                return {"name": told.name(arrow.tail), "setting": "timeout", **values}
    return None


def _what_ifs(told: Telling) -> Iterator[Point]:
    for at, what_if in enumerate([one for one in told.scenarios if not _told_already(told, one)][:4]):
        broken = what_if.facts.missed
        values = {
            "title": told.vocabulary.lowered(clean(what_if.scenario.title).rstrip(".?!")),
            "first": at == 0,
            "broken": [_broken(told, verdict) for verdict in broken[:2]],
            "more": len(broken) > 2,
            "expect": what_if.scenario.expect or "",
            "met": what_if.met,
            "misfit": [told.name(name) for name in misfits(told, what_if.facts)][:3],
            **_strain(told, what_if),
        }
        yield Point("closing.what_if", values, (told.design.name,), (), _weight(what_if, bool(broken)))


def overloaded(told: Telling) -> list[str]:
    """Return the components that get more than they carry, or would with their retries."""
    storms = {storm.component for storm in told.facts.storms}
    full = [one.name for one in told.ordered if told.facts.overloaded(one.name)]
    return [*full, *(one.name for one in told.ordered if one.name in storms and one.name not in full)]


def misfits(told: Telling, facts: Facts | None = None) -> list[str]:
    """Return the models that do not fit their GPUs, by the design's facts or by those of a what-if."""
    known = facts or told.facts
    return [one.name for one in told.ordered if (memory := known.memory(one.name)) and memory.over]


def _told_already(told: Telling, what_if: WhatIf) -> bool:
    """Return whether a what-if only loses a cache whose loss has its own sentence, and nothing came as a surprise."""
    lost = {f"{surge.source}.hit" for surge in told.facts.surges if surge.cause == "loss"}
    held = what_if.met is not False and not what_if.facts.missed
    return held and {override.target.path for override in what_if.scenario.overrides} <= lost


def _strain(told: Telling, what_if: WhatIf) -> dict[str, object]:
    """Return what gives under a what-if: who is turned away where, and the fullest component above its target."""
    facts = what_if.facts
    limits = facts.refused_by_limits()
    refused = [(fact.value, fact.subject) for fact in limits if fact.value and fact.subject in told.first]
    loads = [(fact.value, fact.subject) for fact in facts.of(UTILISATION) if fact.value and fact.subject in told.first]
    turned_away, gateway = max(refused, default=(0.0, ""))
    load, fullest = max(loads, key=lambda pair: pair[0], default=(0.0, ""))
    known = facts.load(fullest)
    full = known is not None and (known.over or known.beyond(told.design.assumptions.utilisation))
    return {
        "refused": number(turned_away, Dimension.RATE) if refused else None,
        "gateway": told.name(gateway) if refused else None,
        "full": fullness(load) if full else None,
        "storm": [told.name(storm.component) for storm in facts.storms if storm.component in told.first][:2],
        "unjudged": [spoken_promise(verdict.promise) for verdict in facts.unjudged[:2]],
        "name": told.name(fullest) if full else None,
        "over": facts.overloaded(fullest),
    }


def _weight(what_if: WhatIf, broken: bool) -> int:
    return 94 if what_if.met is False else 64 if broken else 44


def _broken(told: Telling, verdict: Verdict) -> dict[str, object]:
    value, limit = apart(verdict)
    return {
        "value": value,
        "promise": spoken_promise(verdict.promise) | {"limit": limit},
        "flow": told.flow_name(verdict.flow),
    }


def _tradeoff(told: Telling) -> Iterator[Point]:
    lines = tuple(author(told.design.said("tradeoff"), MUST, told.design.name))
    if lines:
        yield Point("closing.tradeoff", {"count": len(lines)}, (told.design.name,), rank=MUST)
        yield from lines


def _result(told: Telling) -> Iterator[Point]:
    """Tell the result in one breath: the author's if there is one, the numbers' in any case."""
    verdicts = told.facts.verdicts
    broken = told.facts.missed
    lines = tuple(author(told.design.said("result"), 90, told.design.name))
    if lines and (broken or overloaded(told) or misfits(told)):
        yield Point("closing.on_paper", {}, (told.design.name,), rank=90)
    yield from lines
    values = {
        "kept": [_kept(told, verdict) for verdict in verdicts if verdict.ok][:5],
        "broken": [_broken(told, verdict) for verdict in broken],
        "judged": len(told.facts.judged),
        "own": bool(lines),
        "full": [told.name(name) for name in overloaded(told)][:3],
        "misfit": [told.name(name) for name in misfits(told)][:3],
    }
    if verdicts or values["full"] or values["misfit"]:
        yield Point("closing.result", values, (told.design.name,), tuple(v.promise.metric for v in verdicts), MUST)
    elif not lines:
        yield Point("closing.end", {"any": bool(told.ordered)}, (told.design.name,), rank=60)


def _kept(told: Telling, verdict: Verdict) -> dict[str, object]:
    value, limit = apart(verdict)
    return {
        "value": value or limit,
        "promise": spoken_promise(verdict.promise) | {"limit": limit},
        "flow": told.flow_name(verdict.flow),
    }
