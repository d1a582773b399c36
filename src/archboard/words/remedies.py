"""Remedies in words: one sentence that a diagnostic offers as help and a walkthrough reads out."""

from __future__ import annotations

import math

from archboard.catalog.promises import THROUGHPUT
from archboard.design.edits import given
from archboard.design.model import Design, Latency, Replicas
from archboard.design.targets import Target
from archboard.facts import Change, Cure, Fallback, Gap, Hopeless, Remedy, Shrinking
from archboard.records import record
from archboard.units import (
    MONTH,
    Dimension,
    percentile_name,
    show_duration,
    show_fraction,
    show_number,
    show_rate,
    show_rates,
)

LISTED = 4
"""Changes of several that are named."""


@record
class Marks:
    """How a sentence marks a name, and joins what was to what would be."""

    name: str
    to: str

    def __call__(self, name: str) -> str:
        """Return a name with its marks."""
        return f"{self.name}{name}{self.name}"


WRITTEN = Marks("`", "→")
READ_OUT = Marks("", "to")


def sentence(cure: Cure, design: Design, marks: Marks = WRITTEN) -> str:
    """Return what would close a gap: "`ranker` p99 10 ms → 6 ms would hold it"."""
    match cure:
        case Hopeless(gap=Gap(code="AB701" | "AB705")):
            return "take a smaller model, or GPUs with more memory"
        case Hopeless(gap=Gap(code="AB501" | "AB502" | "AB503" | "AB603" | "AB604")):
            return "no number of replicas carries it: let less come, or give up sooner, by a `timeout`"
        case Hopeless(helped=0):
            return "no faster hop holds it: the promise itself must give"
        case Hopeless(helped=count):
            worst = f"the {count} worst of its components" if count > 1 else "its worst component"
            return f"a fallback for {worst} would help, but not hold it: the promise must give"
        case Shrinking():
            return _shrinking(cure, design, marks)
        case Remedy():
            return _changed(cure, design, marks)


def _shrinking(cure: Shrinking, design: Design, marks: Marks) -> str:
    share, largest = show_fraction(math.ceil((1 - cure.factor) * 100) / 100), cure.largest
    if cure.gap.promise is None or cure.gap.promise.is_timed:
        return f"no single hop closes it; all of them {share} faster would, and {marks(largest.owner)} is the largest"
    step = _step(largest, design, marks)
    return f"no single step closes it; all of them {share} shorter would, and {step} is the largest"


def _step(target: Target, design: Design, marks: Marks) -> str:
    """Return what a step towards the age of something is called: a wait for the next turn, or a box or hop."""
    arrow = next((arrow for arrow in design.arrows if arrow.id == target.owner), None)
    if target.name == "rate":
        return "next run" if arrow is None else f"refresh of {marks(arrow.head)}"
    return marks(target.owner) if arrow is None else f"{marks(arrow.tail)} to {marks(arrow.head)}"


def _changed(remedy: Remedy, design: Design, marks: Marks) -> str:
    first = remedy.changes[0]
    if len(remedy.changes) == 1 and isinstance(first, Fallback):
        pattern = marks(f"{first.component} -x> … {{ on: {first.on} }}")
        return f"something that answers in its place would hold it: {pattern}"
    parts = [_change(change, remedy.gap, design, marks) for change in remedy.changes]
    words = " ".join(filter(None, (_joined(parts, remedy.gap), _does(remedy, design))))
    if remedy.comfortable is not None:
        words += f", {remedy.comfortable:,.0f} to stay under {show_fraction(design.assumptions.utilisation)}"
    if remedy.least is not None:
        words += f", but {marks(_waited_for(first, design))} itself takes {show_duration(remedy.least)} at p99"
    return words + "".join(f", or {_all(other, remedy.gap, design, marks)}" for other in remedy.others)


def _all(changes: tuple[Change, ...], gap: Gap, design: Design, marks: Marks) -> str:
    """Return changes that do something together."""
    return _joined([_change(change, gap, design, marks) for change in changes], gap)


def _does(remedy: Remedy, design: Design) -> str:
    """Return what the changes would do, "" where that goes without saying."""
    first = remedy.change
    match remedy.gap.code:
        case "AB503" | "AB603":
            return ""
        case "AB502":
            return f"would bring it under {show_fraction(design.assumptions.utilisation)}"
        case "AB501" if first is not None and first.target.name == "limit":
            return "would let them in"
        case "AB501" | "AB604":
            return "would carry it"
        case "AB507":
            carries = first is not None and first.target.name == "replicas"
            return "would carry every attempt" if carries else "would leave no such point"
        case "AB505":
            return "would carry them" if first is not None and first.target.name == "replicas" else "would calm it"
        case "AB701" | "AB705":
            return "would fit"
        case _:
            return "would hold it"


def _joined(parts: list[str], gap: Gap) -> str:
    if len(parts) > LISTED:
        return f"{', '.join(parts[:LISTED])} and {len(parts) - LISTED} more"
    if gap.promise is not None and gap.promise.kind is THROUGHPUT:
        return ", ".join(parts)
    return " and ".join((*([", ".join(parts[:-1])] if parts[1:] else []), parts[-1]))


def _change(change: Change | Fallback, gap: Gap, design: Design, marks: Marks) -> str:
    if isinstance(change, Fallback):
        return f"a fallback for {marks(change.component)}"
    target, before, after = change.target, change.before, change.after
    if isinstance(before, str) or isinstance(after, str):
        return f"{marks(target.path)} {before} {marks.to} {after}"
    if isinstance(before, Replicas) or isinstance(after, Replicas):
        return f"{marks(target.path)} {_range(before)} {marks.to} {_range(after)}"
    match target.name:
        case "latency" | "ttft":
            return f"{marks(target.owner)} {_at(change, gap)}{show_duration(before)} {marks.to} {show_duration(after)}"
        case "on":
            waits = f"timeout {show_duration(before)} {marks.to} {show_duration(after)}"
            return f"{marks(_waited_for(change, design))} {waits}"
        case "retries":
            count = f"{after:.0f} retr{'y' if after == 1 else 'ies'}" if after else "no retry"
            return f"{count} instead of {before:.0f} over {marks(target.owner)}"
        case "retry_budget":
            return f"{marks(f'retry_budget: {show_fraction(after)}')} over {marks(target.owner)}"
        case "rate":
            rates = f"{show_rate(before)} {marks.to} {show_rate(after)}"
            return f"{marks(target.path)} {rates}, every {show_duration(1 / after)},"
        case "limit":
            was, becomes = show_rates(before, after)
            return f"{marks(target.path)} {was} {marks.to} {becomes}"
        case "scale":
            return marks(f"{target.path}: 0s")
        case "replicas":
            return f"{marks(target.path)} {before:,.0f} {marks.to} {after:,.0f}"
        case _:
            return f"{marks(target.path)} {show_number(before, 9)} {marks.to} {after:,.0f}"


def _at(change: Change, gap: Gap) -> str:
    """Return at which percentile a latency is meant; an age is that of the chain, and takes none."""
    promise = gap.promise
    if promise is None or not promise.is_timed:
        return ""
    if promise.fraction is None or change.target.name == "ttft":
        return f"{promise.metric} "
    return f"{percentile_name(promise.fraction)} "


def _waited_for(change: Change | Fallback, design: Design) -> str:
    """Return the component that a failure arrow stops waiting for."""
    assert isinstance(change, Change), change
    return next(arrow.tail for arrow in design.arrows if arrow.id == change.target.owner)


def _range(replicas: float | Replicas) -> str:
    """Return a range of replicas as it is written, one number where both ends are the same."""
    low, high = (replicas.low, replicas.high) if isinstance(replicas, Replicas) else (replicas, replicas)
    return f"{low:,.0f}" if low == high else f"{low:,.0f}..{high:,.0f}"


def settings_of(cure: Cure | None, design: Design) -> tuple[tuple[str, ...], ...]:
    """Return what `--set` takes to make the changes of a cure, each of its ways; none where no setting says it."""
    if not isinstance(cure, Remedy) or cure.least is not None:
        return ()
    ways = [tuple(_setting(change, design) for change in changes) for changes in (cure.changes, *cure.others)]
    return tuple(way for way in ways if all(way))


def _setting(change: Change | Fallback, design: Design) -> str:
    """Return `PATH=VALUE` of one change, its numbers as they are shown; "" where it is no setting."""
    if isinstance(change, Fallback):
        return ""
    path, before, after = change.target.path, change.before, change.after
    if isinstance(after, str):
        return f"{path}={after}"
    if isinstance(before, Replicas) or isinstance(after, Replicas):
        return f"{path}={_range(after).replace(',', '')}"
    assert not isinstance(before, str), change
    match change.target.name:
        case "latency" | "ttft":
            stated = given(design, change.target)
            return "" if stated is None else f"{path}={_scaled(stated.value, after / before)}"
        case "on":
            return f"{path}=timeout {_seconds(after)}"
        case "rate" | "limit":
            return f"{path}={after * MONTH!r}/month" if after < 1e-3 else f"{path}={after!r}/s"
        case "every" | "scale" | "staleness":
            return f"{path}={_seconds(after)}"
        case _ if change.target.dimension is Dimension.DURATION:
            return f"{path}={_seconds(after)}"
        case _:
            return f"{path}={after:.12g}"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.12g}ms"


def _scaled(latency: object, factor: float) -> str:
    """Return a latency as it is written, with every number of it so many times as long."""
    assert isinstance(latency, Latency), latency
    points = (f"{percentile_name(q)} {_seconds(seconds * factor)}" for q, seconds in latency.percentiles)
    whole = ", ".join(points)
    if not latency.percentiles:
        whole = f"{_seconds(latency.low * factor)}..{_seconds(latency.high * factor)}"
    return whole + (", service" if latency.service else "")
