"""Step 5: what each failure does to the user, with the latency in that mode, and what is shed."""

from __future__ import annotations

import re
from collections.abc import Iterator

from archboard.design.model import Arrow, ArrowKind
from archboard.records import record
from archboard.script.model import MUST, Passage, Point
from archboard.script.names import clean
from archboard.script.opening import author, promised, spoken_promise
from archboard.script.speech import number
from archboard.script.telling import Telling
from archboard.units import Dimension
from archboard.verdicts import Verdict

BOX_STEP = 5
"""The step at which fallbacks are drawn; what stands earlier has spoken its lines already."""

_SAYS: dict[str, re.Pattern[str]] = {
    "timeout": re.compile(r"\btim(e|es|ed|ing)[ -]?outs?\b|\btoo slow\b", re.I),
    "error": re.compile(r"\berrors?\b|\bfail(s|ed|ure)?\b", re.I),
    "breaker": re.compile(r"\bbreakers?\b|\berrors?\b|\bfail(s|ed|ure|ing)?\b", re.I),
    "down": re.compile(r"\b(is |goes )?(down|lost|dead|unreachable|out)\b", re.I),
    "overload": re.compile(r"\boverload(s|ed)?\b|\btoo (much|many)\b|\bspikes?\b", re.I),
    "latency": re.compile(r"\blatency\b|\bslow(er)?\b", re.I),
}
"""What in the first half of a label tells when it happens: then it need not be told twice."""


@record
class Label:
    """The board's sentence on a failure arrow, parted at its colon: what happens first, and what is done then."""

    lead: str
    action: str


def passages(told: Telling) -> Iterator[Passage]:
    """Yield a passage a failure arrow."""
    arrows = told_arrows(told)
    if not arrows:
        yield Passage(5, "nothing", {}, (Point("failures.undrawn", {"any": bool(told.ordered)}, rank=60),))
    for at, arrow in enumerate(arrows):
        ends = f"{told.placed(arrow.tail).label} → {told.placed(arrow.head).label}"
        values = {"arrow": ends, "label": clean(arrow.label)}
        yield Passage(5, "failure", values, tuple(_points(told, arrow, at == len(arrows) - 1)))


def told_arrows(told: Telling) -> list[Arrow]:
    """Return the failure arrows, each once for all the copies of a region that fail alike."""
    found: dict[tuple[object, ...], Arrow] = {}
    for arrow in told.design.arrows:
        if arrow.kind is ArrowKind.FAILURE and {arrow.tail, arrow.head} <= told.first.keys():
            kind = arrow.condition.kind if arrow.condition else ""
            found.setdefault((told.first[arrow.tail], told.first[arrow.head], kind, arrow.label), arrow)
    return list(found.values())


def _points(told: Telling, arrow: Arrow, last: bool) -> Iterator[Point]:
    condition = arrow.condition
    kind = condition.kind if condition else "error"
    seconds = condition.seconds if condition else None
    target = told.design.components[arrow.head]
    label = label_of(told, arrow)
    values = {
        "name": told.placed(arrow.tail),
        "to": told.placed(arrow.head),
        "serves": told.name(arrow.head).plain if told.name(arrow.head).plural else told.name(arrow.head).the,
        "fallback": target.kind.stands_in,
        "on": kind,
        "after": None if seconds is None else number(seconds, Dimension.DURATION),
        "share": None if condition is None or condition.share is None else number(condition.share, Dimension.FRACTION),
        "lead": label.lead,
        "action": label.action,
        "last": last,
    }
    about = (arrow.tail, arrow.head)
    yield Point("failures.shed" if condition and condition.sheds else "failures.mode", values, about, rank=82)
    yield from _effect(told, arrow)
    yield from author(arrow.says, 72, *about)
    if target.step == BOX_STEP:
        yield from author(target.texts("say"), 72, arrow.head)
        yield from author(target.texts("why"), 62, arrow.head)


def label_of(told: Telling, arrow: Arrow) -> Label:
    """Part a failure arrow's label at its only colon; drop what our own words say anyway."""
    kind = arrow.condition.kind if arrow.condition else "error"
    label = clean(arrow.label).rstrip(".")
    lead, colon, action = (part.strip() for part in label.partition(":"))
    if not colon or not lead or not action or ":" in action:
        lead, action = "", label
    if kind in _SAYS and _SAYS[kind].search(lead):
        lead = ""
    lead, action = told.vocabulary.lowered(lead), told.vocabulary.lowered(action)
    if action.casefold() in (told.name(arrow.head).plain.casefold(), told.name(arrow.head).label.casefold()):
        action = ""
    return Label(_with_article(told, lead), action)


def _with_article(told: Telling, clause: str) -> str:
    """Give "circuit breaker opens" its article: a known noun with words before it and a verb behind it."""
    words = clause.split()
    if words[:1] == [told.vocabulary.article]:
        return clause
    for at, word in enumerate(words[:3]):
        if word in told.vocabulary.things and words[0] == told.vocabulary.lowered(words[0]) and at + 1 < len(words):
            following = words[at + 1]
            if following.endswith("s") and following not in told.vocabulary.things:
                return f"{told.vocabulary.article} {clause}"
    return clause


def _effect(told: Telling, arrow: Arrow) -> Iterator[Point]:
    """Tell the latency in this mode, the worst of the flows it concerns, held against its promise."""
    verdict = _worst(told, arrow)
    if verdict is None or verdict.value is None or (arrow.condition and arrow.condition.sheds):
        return
    ok = verdict.ok is not False
    values = {
        "promise": spoken_promise(verdict.promise),
        "value": promised(verdict.promise, verdict.value),
        "ok": ok,
        "usual": _usual(told, verdict),
        "flow": told.flow_name(verdict.flow),
    }
    rank = 80 if ok else 60 if values["usual"] else MUST
    yield Point("failures.effect", values, (arrow.tail, verdict.flow), (verdict.promise.metric,), rank)


def _worst(told: Telling, arrow: Arrow) -> Verdict | None:
    found = [
        verdict for failure in told.facts.failures if failure.arrow.id == arrow.id
        for verdict in failure.verdicts if verdict.promise.is_latency and verdict.value is not None
    ]  # fmt: skip
    return max(found, key=lambda verdict: (verdict.ok is False, verdict.value or 0.0), default=None)


def _usual(told: Telling, verdict: Verdict) -> bool:
    """Return whether the mode is no slower than the flow is anyway."""
    base = next((v for v in told.facts.verdicts if (v.flow, v.promise) == (verdict.flow, verdict.promise)), None)
    return base is not None and base.value is not None and (verdict.value or 0.0) <= base.value * (1 + 1e-9)
