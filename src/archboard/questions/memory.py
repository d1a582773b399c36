"""Does the model still fit with twice the context, with twice the batch; and what does the batch do to its speed."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.compilation import Compilation
from archboard.design.model import Component
from archboard.load import Load
from archboard.measures.metrics import (
    DECODE_RATE,
    GPU_USABLE,
    KV_CACHE,
    LARGEST_BATCH,
    LONGEST_CONTEXT,
    MEMORY,
    TPOT,
)
from archboard.questions.asking import Asking, Draft, Set
from archboard.questions.outcomes import outcome
from archboard.script.model import Point
from archboard.script.names import clean
from archboard.script.speech import Number, number
from archboard.units import Dimension

DIGITS = 2
CONTEXT = ("prompt_tokens", "output_tokens")


def questions(asking: Asking) -> Iterator[Draft]:
    """Yield both questions for each model whose memory and GPU are known."""
    for box in asking.told.ordered:
        needed, has = asking.facts.value(MEMORY, box.name), asking.facts.value(GPU_USABLE, box.name)
        if needed and has:
            yield from _doubled(asking, box, "context", _twice(asking, box, _context(box)))
            yield from _doubled(asking, box, "batch", _twice(asking, box, ("batch",)))


def _context(box: Component) -> tuple[str, ...]:
    stated = tuple(name for name in CONTEXT if box.number(name))
    return stated or (("context",) if box.number("context") else ())


def _twice(asking: Asking, box: Component, settings: tuple[str, ...]) -> Set:
    known = (
        (name, setting, asking.dial(f"{name}.{setting}")) for name in asking.alike(box.name) for setting in settings
    )
    return tuple(dial.assignment(2 * (dial.now or 0.0)) for _, _, dial in known if dial is not None)


def _doubled(asking: Asking, box: Component, what: str, change: Set) -> Iterator[Draft]:
    if not change:
        return
    tried = asking.what_if(change)
    needed, has = tried.facts.value(MEMORY, box.name), tried.facts.value(GPU_USABLE, box.name)
    if not tried.understood or needed is None or has is None:
        return
    most = asking.facts.value(LONGEST_CONTEXT if what == "context" else LARGEST_BATCH, box.name)
    gpus = box.number("gpus") or 1.0
    values = {
        "name": asking.told.name(box.name),
        "what": what,
        "before": _size(asking.usual, MEMORY.name, box),
        "needed": _size(tried, MEMORY.name, box),
        "cache": _size(tried, KV_CACHE.name, box),
        "has": _size(tried, GPU_USABLE.name, box),
        "fits": not Load(needed, has).over,
        "fitted": not Load(asking.facts.value(MEMORY, box.name) or 0.0, has).over,
        "most": number(most, Dimension.COUNT, 4) if most else None,
        "gpu": clean(box.text("gpu")),
        "gpus": number(gpus, Dimension.COUNT) if gpus > 1 else None,
        "rates": _pair(asking.usual, tried, DECODE_RATE.name, box, Dimension.COUNT),
        "pace": _pair(asking.usual, tried, TPOT.name, box, Dimension.DURATION),
        "after": outcome(asking, tried),
    }
    facts = (MEMORY.name, LONGEST_CONTEXT.name if what == "context" else LARGEST_BATCH.name)
    answer = [Point("memory.fits", values, (box.name,), facts)]
    if what == "batch" and values["rates"] is not None:
        answer.append(Point("memory.speed", values, (box.name,), (DECODE_RATE.name, TPOT.name)))
    yield Draft("memory", Point(f"memory.{what}", values, (box.name,)), tuple(answer), (change,))


def _size(made: Compilation, metric: str, box: Component) -> Number | None:
    value = made.facts.value(metric, box.name)
    return None if value is None else number(value, Dimension.SIZE, DIGITS)


def _pair(before: Compilation, after: Compilation, metric: str, box: Component, dimension: Dimension) -> object:
    values = [made.facts.value(metric, box.name) for made in (before, after)]
    if None in values or values[0] == values[1]:
        return None
    return {"before": number(values[0] or 0.0, dimension), "after": number(values[1] or 0.0, dimension)}
