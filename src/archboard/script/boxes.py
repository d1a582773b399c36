"""Steps 2 to 4: each box as it is drawn: what it is, what it does, its technology, its number and why."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby

from archboard.catalog import ENTRY
from archboard.design.model import Arrow, ArrowKind, Component, Hedge
from archboard.measures.metrics import DEMAND, LATENCY_P99
from archboard.script.drawing import drawn, rows
from archboard.script.model import Passage, Point
from archboard.script.names import clean
from archboard.script.opening import author
from archboard.script.speech import Number, number, say_number, say_ordinal, say_percentile
from archboard.script.telling import WAITED, Telling
from archboard.units import Dimension, percentile_name, show_number

_TRANSFORMS = re.compile(r"\S\s*(?:->|→|=>)\s*\S|\S\s+to\s+\S")
_ARROWS = re.compile(r"\s*(?:->|→|=>)\s*")


def passages(told: Telling, step: int) -> Iterator[Passage]:
    """Yield what is told at step 2, 3 or 4, a passage a box; telemetry boxes share one."""
    boxes = told.step(step)
    stages = [box for box in boxes if _is_stage(told, box)]
    if not boxes:
        yield Passage(step, "nothing", {}, (Point(f"boxes.none_{step}", _missing(told), rank=40),))
    for watching, group in groupby(boxes, key=lambda box: box.kind.watches):
        if watching:
            yield _telemetry(told, tuple(group), step)
            continue
        for box in group:
            at = stages.index(box) if box in stages else -1
            yield drawn(told, box, tuple(_points(told, box, at, len(stages))))


def _points(told: Telling, box: Component, at: int, count: int) -> Iterator[Point]:
    about = (box.name,)
    if box.kind.caches:
        yield from _cache(told, box)
    elif box.kind.enters:
        yield from _entry(told, box)
        yield from _limit(told, box)
    elif box.kind.stores:
        yield from _store(told, box)
    elif at < 0 and box.kind.scheduled:
        yield from _job(told, box)
    elif at < 0:
        yield from _aside(told, box)
    else:
        yield Point("boxes.stage", _introduced(told, box) | _place(told, box, at, count), about, rank=89)
        yield from _model(told, box)
        yield from _work(told, box)
    yield from _arrows(told, box)
    yield from author(box.texts("say"), 75, box.name)
    yield from author(box.texts("why"), 65, box.name)
    yield from _copies(told, box)


def _is_stage(told: Telling, box: Component) -> bool:
    """Return whether a box stands in the row: a support if it is waited for, others unless only fed or kept back."""
    if box.kind.supports:
        return _waited_for(told, box)
    return not told.only_fed(box.name) and not told.in_reserve(box.name)


def _place(told: Telling, box: Component, at: int, count: int) -> dict[str, object]:
    """Tell where in the core a box stands: which stage of a straight row, or which arm of a fork."""
    arms = [arrow.tail for arrow in told.entering(box.name, *WAITED)]
    shared = [tail for tail in arms if any(arrow.share is not None for arrow in told.leaving(tail, *WAITED))]
    siblings = [arrow.head for tail in dict.fromkeys(shared) for arrow in told.leaving(tail, *WAITED)]
    return {
        "first": at == 0,
        "last": at == count - 1,
        "count": count,
        "ordinal": say_ordinal(at + 1),
        "straight": _is_straight(told),
        "arms": len(siblings),
        "arm": siblings.index(box.name) if len(siblings) > 1 and box.name in siblings else -1,
    }


def _is_straight(told: Telling) -> bool:
    """Return whether the whole core is one row, each box passed by the longest way."""
    core = {box.name for box in told.step(3) if not box.kind.supports or _waited_for(told, box)}
    worst = told.facts.flows[0].worst if told.facts.flows else None
    return worst is not None and core <= set(worst.components)


def _introduced(told: Telling, box: Component) -> dict[str, object]:
    return {
        "name": told.name(box.name),
        "runs": _technology(told, box),
        "holds": [clean(text) for text in box.texts("holds") if clean(text)],
        "external": box.kind.third_party,
    }


def _technology(told: Telling, box: Component) -> list[str]:
    """Return what a box runs, but for what its name says already."""
    name = told.name(box.name).label.casefold()
    return [clean(text) for text in box.texts("runs") if clean(text).casefold() not in ("", name)]


def _work(told: Telling, box: Component) -> Iterator[Point]:
    """Tell what it does and how long that takes, in one line."""
    takes = latency(told, box)
    does = notes(box)
    if takes is not None or does:
        values = {"name": told.name(box.name), "takes": takes, **_does(does)}
        yield Point("boxes.work", values, (box.name,), (LATENCY_P99.name,), 81)


def notes(box: Component) -> list[str]:
    """Return what a box does, each note on one line."""
    return [clean(text) for text in box.texts("does") if clean(text)]


def _does(does: list[str]) -> dict[str, object]:
    """Part notes by the frame they fit: what turns something into something, and the rest."""
    turns = [_ARROWS.sub(" to ", note) for note in does if _TRANSFORMS.search(note) and re.match(r"[~≈]?\d", note)]
    return {"turns": turns, "does": [_ARROWS.sub(" to ", note) for note in does if not _is_turn(note)]}


def _is_turn(note: str) -> bool:
    return bool(_TRANSFORMS.search(note) and re.match(r"[~≈]?\d", note))


def latency(told: Telling, box: Component) -> Number | None:
    """Return the ninety-ninth percentile of a box, nothing where it is none or not known."""
    known = told.facts.value(LATENCY_P99, box.name)
    if known is None and box.latency is not None:
        known = box.latency.at(0.99)
    return number(known, Dimension.DURATION) if known else None


def _entry(told: Telling, box: Component) -> Iterator[Point]:
    about = (box.name,)
    within = any(not told.design.components[arrow.tail].kind.asks for arrow in told.entering(box.name, *WAITED))
    yield Point("boxes.entry", _introduced(told, box) | {"within": within}, about, rank=89)
    if does := notes(box):
        yield Point("boxes.work", {"name": told.name(box.name), "takes": None, **_does(does)}, about, rank=66)


def _limit(told: Telling, box: Component) -> Iterator[Point]:
    limit = box.number("limit")
    values = {
        "name": told.name(box.name),
        "limit": None if limit is None else number(limit, Dimension.RATE),
        "takes": latency(told, box),
    }
    if values["limit"] or values["takes"]:
        yield Point("boxes.limit", values, (box.name,), ("limit", LATENCY_P99.name), 81 if limit else 50)


def _cache(told: Telling, box: Component) -> Iterator[Point]:
    about = (box.name,)
    if box.place == ENTRY:
        yield from _entry(told, box)
    else:
        behind = _behind(told, box)
        core = {one.name for one in told.step(3) if not one.kind.supports}
        front = {
            "behind": told.names(behind[:1]),
            "stages": len(core) if core <= set(behind) and _is_straight(told) else 0,
        }
        yield Point("boxes.cache", _introduced(told, box) | front, about, rank=89)
    hit = box.number("hit")
    comes = told.facts.value(DEMAND, box.name) if told.leaving(box.name, *WAITED) else None
    values = {
        "name": told.name(box.name),
        "hit": None if hit is None else number(hit, Dimension.FRACTION),
        "takes": latency(told, box),
        "misses": None if hit is None or comes is None else number(comes * (1 - hit), Dimension.RATE),
    }
    if hit is not None or values["takes"]:
        yield Point("boxes.hit", values, about, ("hit", LATENCY_P99.name, DEMAND.name), 81)


def _behind(told: Telling, box: Component) -> list[str]:
    """Return the core of the way behind a cache: what a hit saves. A cache that is called saves what it asks itself."""
    entering = told.entering(box.name, *WAITED)
    if entering and all(arrow.kind is ArrowKind.CALL for arrow in entering):
        return [arrow.head for arrow in told.leaving(box.name, *WAITED)]
    for flow in told.facts.flows:
        for path in flow.paths:
            if box.name in path.components:
                rest = path.components[path.components.index(box.name) + 1 :]
                return [name for name in rest if not told.design.components[name].kind.supports]
    return [arrow.head for arrow in told.leaving(box.name, *WAITED)]


def _store(told: Telling, box: Component) -> Iterator[Point]:
    about = (box.name,)
    entering = told.entering(box.name, *WAITED)
    readers = told.names(arrow.tail for arrow in entering)
    feeders = told.entering(box.name, ArrowKind.ASYNC)
    stale, size = box.number("staleness"), box.number("size")
    values = _introduced(told, box) | {
        "readers": readers[:4],
        "missed": any(told.design.components[a.tail].kind.caches for a in entering),
        "takes": latency(told, box) if readers else None,
        "size": None if size is None else number(size, Dimension.SIZE),
    }
    yield Point("boxes.store", values, about, (LATENCY_P99.name,), 68)
    if stale is not None or feeders:
        values = {
            "name": told.name(box.name),
            "feeders": told.names(arrow.tail for arrow in feeders),
            "stale": None if stale is None else number(stale, Dimension.DURATION),
        }
        yield Point("boxes.fed", values, about, ("staleness",), 45)
    if does := notes(box):
        yield Point("boxes.work", {"name": told.name(box.name), "takes": None, **_does(does)}, about, rank=50)


def _job(told: Telling, box: Component) -> Iterator[Point]:
    feeds = told.names(arrow.head for arrow in told.leaving(box.name, ArrowKind.ASYNC))
    values = _introduced(told, box) | {"takes": latency(told, box), "feeds": feeds[:4]}
    yield Point("boxes.job", values, (box.name,), (LATENCY_P99.name,), 50)
    if does := notes(box):
        yield Point("boxes.work", {"name": told.name(box.name), "takes": None, **_does(does)}, (box.name,), rank=45)


def _aside(told: Telling, box: Component) -> Iterator[Point]:
    """Tell of what nothing waits for, a stream or a shadow, and of what waits until something fails."""
    if told.in_reserve(box.name):
        yield Point("boxes.reserve", _introduced(told, box), (box.name,), rank=70)
        yield from _model(told, box)
        yield from _work(told, box)
        return
    feeders = told.names(arrow.tail for arrow in told.entering(box.name, ArrowKind.ASYNC))
    values = _introduced(told, box) | {"feeders": feeders[:4], "takes": latency(told, box)}
    yield Point("boxes.aside", values, (box.name,), (LATENCY_P99.name,), 60)
    yield from _model(told, box)
    if does := notes(box):
        yield Point("boxes.work", {"name": told.name(box.name), "takes": None, **_does(does)}, (box.name,), rank=50)


def _model(told: Telling, box: Component) -> Iterator[Point]:
    """Tell what a language model is made of, where the design says so."""
    if not box.kind.infers:
        return
    counts = {name: box.number(name) for name in ("params", "batch", "context", "gpus")}
    values: dict[str, object] = {name: None if count is None else _counted(count) for name, count in counts.items()}
    words = {name: clean(box.text(name)) for name in ("precision", "batching", "gpu", "hardware")}
    if any(value is not None for value in values.values()) or any(words.values()):
        yield Point("boxes.model", {"name": told.name(box.name), **values, **words}, (box.name,), rank=58)


def _counted(count: float) -> Number:
    """Say a count in full where it has few digits, and write a large one as people do: `8B`."""
    figure = f"{count / 1e9:g}B" if count >= 1e9 else f"{count / 1e6:g}M" if count >= 1e6 else show_number(count, 9)
    return Number(say_number(count, 4), figure)


def _arrows(told: Telling, box: Component) -> Iterator[Point]:
    """Tell what the arrows out of a box say: how it splits, how often it tries, and the author's lines."""
    shares = [arrow for arrow in _forking(told, box) if arrow.share is not None]
    if shared := [arrow for arrow in shares if arrow.kind is ArrowKind.REQUEST]:
        yield _split(told, box, shared)
    for arrow in shares:
        if arrow.kind is ArrowKind.CALL:
            share = number(arrow.share or 0.0, Dimension.FRACTION)
            partly = {"name": told.name(box.name), "to": told.placed(arrow.head), "share": share}
            yield Point("boxes.partly", partly, (box.name, arrow.head), rank=60)
    for arrow in told.leaving(box.name, *WAITED):
        values = _patience(arrow)
        if any(value is not None for value in values.values()):
            names = {"name": told.name(box.name), "to": told.name(arrow.head), **values}
            yield Point("boxes.patience", names, (box.name, arrow.head), rank=48)
    for arrow in told.drawn_with(box):
        yield from author(arrow.says, 70, arrow.tail, arrow.head)


def _forking(told: Telling, box: Component) -> list[Arrow]:
    """Return what a box sends and waits for, to every copy of a region."""
    return [arrow for arrow in told.design.arrows if arrow.tail == box.name and arrow.kind in WAITED]


def _split(told: Telling, box: Component, shared: list[Arrow]) -> Point:
    forks: dict[int, list[Arrow]] = {}
    for arrow in shared:
        forks.setdefault(arrow.fork, []).append(arrow)
    arms = [
        {"share": number(group[0].share or 0.0, Dimension.FRACTION), "to": [told.placed(a.head) for a in group]}
        for group in forks.values()
    ]
    rest = [
        told.placed(arrow.head)
        for arrow in _forking(told, box)
        if arrow.share is None and arrow.kind is ArrowKind.REQUEST and arrow.flow == shared[0].flow
    ]
    return Point("boxes.split", {"name": told.name(box.name), "arms": arms, "rest": rest}, (box.name,), rank=66)


def _patience(arrow: Arrow) -> dict[str, Number | bool | None]:
    budget = arrow.number_of("retry_budget")
    fanout, quorum = arrow.number_of("fanout"), arrow.number_of("quorum")
    timeout, retries = arrow.number_of("timeout"), arrow.number_of("retries")
    hedge = arrow.hedge
    return {
        "fanout": None if fanout is None else number(fanout, Dimension.COUNT),
        "quorum": None if quorum is None else number(quorum, Dimension.COUNT),
        "timeout": None if timeout is None else number(timeout, Dimension.DURATION),
        "retries": None if not retries else number(retries, Dimension.COUNT),
        "backoff": None if not any(arrow.waits) else number(max(arrow.waits), Dimension.DURATION),
        "jitters": arrow.jitters or None,
        "budget": None if budget is None else number(budget, Dimension.FRACTION),
        "hedge": None if hedge is None else _hedge(hedge),
    }


def _hedge(hedge: Hedge) -> Number:
    """Return after what a second copy is sent: a time, or a percentile of the answers."""
    if hedge.fraction is not None:
        return Number(f"the {say_percentile(hedge.fraction)}", percentile_name(hedge.fraction))
    return number(hedge.seconds or 0.0, Dimension.DURATION)


def _telemetry(told: Telling, boxes: tuple[Component, ...], step: int) -> Passage:
    arrows = [arrow for box in boxes for arrow in told.drawn_with(box)]
    names = [told.name(box.name) for box in boxes]
    values = {"labels": [name.label for name in names], "arrows": rows(told, arrows)[:3]}
    about = tuple(box.name for box in boxes)
    waits = any(told.entering(box.name, *WAITED) for box in boxes)
    telling = {"names": names, "plural": len(names) > 1 or names[0].plural, "waits": waits}
    points = [Point("boxes.telemetry", telling, about, rank=42)]
    for box in boxes:
        points += [*author(box.texts("say"), 60, box.name), *author(box.texts("why"), 55, box.name)]
    return Passage(step, "row", values, tuple(points))


def _copies(told: Telling, box: Component) -> Iterator[Point]:
    """Tell once for each set of regions that what stands in one of them stands in all."""
    copies = told.copies(box.name)
    groups = [told.design.components[name].group or "" for name in copies]
    first = next((one.name for one in told.ordered if one.group == box.group), "")
    if copies and box.name == first:
        names = [group.rpartition(".")[2] for group in groups]
        yield Point("boxes.copies", {"name": told.name(box.name), "frames": names}, copies, rank=52)


def _waited_for(told: Telling, box: Component) -> bool:
    return box.kind.scheduled and any(box.name in path.components for f in told.facts.flows for path in f.paths)


def _missing(told: Telling) -> dict[str, object]:
    """Return who calls whom directly, for a step that has nothing to draw."""
    starts = [name for flow in told.design.flows for name in flow.starts if name in told.design.components]
    heads = [arrow.head for name in starts for arrow in told.leaving(name, *WAITED)]
    return {"callers": told.names(starts)[:3], "called": told.names(heads)[:3]}
