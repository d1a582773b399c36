"""Step 6, models: what they keep in memory against their GPUs, how fast they write, what a million tokens cost."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog import promises
from archboard.design.model import Component
from archboard.facts import Metric
from archboard.measures.metrics import (
    COST_MILLION_TOKENS,
    COST_MILLION_TOKENS_FULL,
    GPU_USABLE,
    KV_CACHE,
    LARGEST_BATCH,
    MEMORY,
    MEMORY_RULE,
    STALENESS,
    TOKENS_CAPACITY,
    TOKENS_DEMAND,
    WEIGHTS,
)
from archboard.script.model import MUST, Passage, Point
from archboard.script.names import clean
from archboard.script.speech import Number, number
from archboard.script.telling import Telling
from archboard.units import Dimension

DIGITS = 2
"""Digits of a size that is heard; speeds have one more."""


def passages(told: Telling) -> Iterator[Passage]:
    """Yield what models need and how fast they are, where either is known: the dearest, and what does not fit."""
    known = {fact.subject for metric in (MEMORY, TOKENS_DEMAND) for fact in told.facts.of(metric)}
    boxes = [box for box in told.ordered if box.kind.infers and box.name in known]
    dearest = max(boxes, key=_dollars, default=None)
    points = tuple(
        point for box in boxes if box is dearest or not _fits(told, box)
        for point in (*_memory(told, box), *_tokens(told, box))
    )  # fmt: skip
    if points:
        yield Passage(6, "models", {}, points)


def _dollars(box: Component) -> float:
    return box.replicas.high * (box.number("price") or 0.0)


def _fits(told: Telling, box: Component) -> bool:
    memory = told.facts.memory(box.name)
    return memory is None or not memory.over


def _heard(told: Telling, metric: Metric, box: Component) -> Number | None:
    value = told.facts.value(metric, box.name)
    if value is not None and metric.dimension is Dimension.MONEY and value >= 1:
        return number(round(value, 2), metric.dimension, 4)
    return None if value is None else number(value, metric.dimension, DIGITS)


def _memory(told: Telling, box: Component) -> Iterator[Point]:
    if told.facts.value(MEMORY, box.name) is None:
        return
    fits, batch = _fits(told, box), told.facts.value(LARGEST_BATCH, box.name)
    values = {
        "name": told.name(box.name),
        "weights": _heard(told, WEIGHTS, box),
        "cache": _heard(told, KV_CACHE, box),
        "memory": _heard(told, MEMORY, box),
        "rule": _rule(told, box),
        "has": _heard(told, GPU_USABLE, box),
        "gpu": clean(box.text("gpu")),
        "gpus": number(box.number("gpus") or 1.0, Dimension.COUNT),
        "one": (box.number("gpus") or 1.0) == 1,
        "fits": fits,
        "batch": number(batch, Dimension.COUNT) if batch and not fits else None,
    }
    about = (WEIGHTS.name, KV_CACHE.name, MEMORY.name)
    yield Point("models.memory", values, (box.name,), about, 72 if fits else MUST)


def _rule(told: Telling, box: Component) -> Number | None:
    """Return what the rule of thumb says, to three digits, where it would be told from the sum."""
    rule = told.facts.value(MEMORY_RULE, box.name)
    return None if rule is None or not box.kind.infers or not box.number("batch") else number(rule, Dimension.SIZE, 3)


def _tokens(told: Telling, box: Component) -> Iterator[Point]:
    asked, can = told.facts.value(TOKENS_DEMAND, box.name), told.facts.value(TOKENS_CAPACITY, box.name)
    if asked is None or can is None:
        return
    values = {
        "name": told.name(box.name),
        "can": number(can, Dimension.COUNT, DIGITS + 1),
        "asked": number(asked, Dimension.COUNT, DIGITS + 1),
        "served": _heard(told, COST_MILLION_TOKENS, box),
        "full": _heard(told, COST_MILLION_TOKENS_FULL, box),
    }
    yield Point("models.tokens", values, (box.name,), (TOKENS_CAPACITY.name, COST_MILLION_TOKENS.name), 56)


def aged(told: Telling) -> Iterator[Point]:
    """Tell how old what a flow delivers gets, where it promises neither that nor how long it takes."""
    verdicts = told.facts.verdicts
    promising = {v.flow for v in verdicts if v.promise.is_latency or v.promise.kind is promises.STALENESS}
    for fact in told.facts.of(STALENESS):
        if fact.value and fact.subject not in promising:
            values = {"flow": told.flow_name(fact.subject), "age": number(fact.value, Dimension.DURATION)}
            yield Point("models.aged", values, (fact.subject,), (STALENESS.name,), 46)
