"""Memory and speed of models: what a replica needs against what its GPUs have, how fast it writes, what that costs.

The arithmetic is in `inference` and `maths.memory`; here it becomes facts, each with its working.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.language_models import BYTES
from archboard.design.model import Latency
from archboard.design.targets import component_setting
from archboard.facts import Change, Fact, Facts, Gap, Metric, Remedy
from archboard.load import Load
from archboard.maths.memory import total_memory, whole_of
from archboard.measures.analysis import Analysis
from archboard.measures.cost import hourly, running_of
from archboard.measures.load.capacity import tokens_per_second
from archboard.measures.metrics import (
    COST_MILLION_TOKENS,
    COST_MILLION_TOKENS_FULL,
    DECODE_RATE,
    DEMAND,
    GPU_MEMORY,
    KV_CACHE,
    KV_TOKEN,
    LARGEST_BATCH,
    LATENCY_P99,
    LONGEST_CONTEXT,
    MEMORY,
    MEMORY_USED,
    TOKENS_CAPACITY,
    TOKENS_DEMAND,
    TPOT,
    TTFT,
    WEIGHTS,
)
from archboard.measures.models.inference import SHOWN_AT, Inference, distribution_of
from archboard.measures.terms import assumed, exactly, known, number, replicas, stated
from archboard.records import replace
from archboard.units import HOUR, Dimension, show_number, show_size
from archboard.working import (
    OVER,
    Calculation,
    Operator,
    Term,
    Unknown,
    Working,
    difference,
    product,
    quotient,
    total,
)

FITS = Operator(
    "whole ÷",
    lambda room, each: float(max(0, whole_of(room / each))),
    lambda texts: f"{texts[0]} ÷ {texts[1]}",
    2,
    (2, 3),
)


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield memory, speed, tokens and their cost for every model whose parameters, cache or times are known."""
    for model in analysis.times.inferences.values():
        if model.weights is None and not model.generates:
            continue
        yield from _needed(model)
        yield from _fitting(model)
        yield from _speed(model)
        yield from _tokens(model, facts)


def named(settings: tuple[str, ...]) -> str:
    """Write the settings that a number needs: `layers`, `heads` and `prompt_tokens`."""
    quoted = [f"`{name}`" for name in settings]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _needed(model: Inference) -> Iterator[Fact]:
    name = model.component.name
    if model.shape("params") is None:
        needs = "needs `params`, or a `runs` that the table of language models has"
        yield Fact(WEIGHTS, name, Unknown(needs))
    else:
        params = model.params_term("params")
        if model.known is not None and "params" not in model.component.settings:
            params = replace(params, text=f"{params.text} of {model.known.name}")
        yield Fact(WEIGHTS, name, product(Dimension.SIZE, params, model.bytes_term))
    if model.generates:
        yield from _cache(model)
    if model.weights is None:
        return
    if model.kv_cache is None:
        yield Fact(MEMORY, name, Unknown(f"the KV cache is not known: it needs {named(model.missing)}"))
        return
    parts = [_weights(model)]
    if model.generates:
        parts.append(Term(model.kv_cache, Dimension.SIZE, "KV cache", fact=(KV_CACHE.name, name)))
    yield Fact(MEMORY, name, product(Dimension.SIZE, total(Dimension.SIZE, *parts), _with_overhead(model)))


def _weights(model: Inference) -> Term:
    return Term(model.weights or 0.0, Dimension.SIZE, "weights", fact=(WEIGHTS.name, model.component.name))


def _with_overhead(model: Inference) -> Term:
    """Return what weights and cache are multiplied with: one and the overhead."""
    return assumed(1 + model.assumed.overhead, Dimension.COUNT, "1 + assume: overhead")


def _cache(model: Inference) -> Iterator[Fact]:
    name = model.component.name
    if model.per_token is not None:
        layers = model.shape_term("layers", "layers")
        each = BYTES[model.kv_precision]
        bytes_each = stated(
            model.component, "kv_precision", each, Dimension.COUNT, text=f"{each:g} bytes ({model.kv_precision})"
        )
        two = exactly(2.0, Dimension.COUNT)
        yield Fact(KV_TOKEN, name, product(Dimension.SIZE, two, layers, model.width_term, bytes_each))
    if model.kv_cache is None or model.per_token is None or model.tokens is None:
        yield Fact(KV_CACHE, name, Unknown(f"needs {named(model.missing)}"))
        return
    per_token = Term(
        model.per_token, Dimension.SIZE, fact=(KV_TOKEN.name, name),
        text=f"{show_number(model.per_token / 1000)} KB a token",
    )  # fmt: skip
    yield Fact(KV_CACHE, name, product(Dimension.SIZE, per_token, _tokens_kept(model), model.batch_term()))


def _tokens_kept(model: Inference) -> Term:
    """Return the tokens that a request keeps in the cache: prompt and answer, or the context."""
    tokens, component = model.tokens or 0.0, model.component
    text = f"{show_number(tokens, 9)} tokens"
    if component.number("prompt_tokens") is not None and component.number("output_tokens") is not None:
        both = (number(component, name, Dimension.COUNT) for name in ("prompt_tokens", "output_tokens"))
        return Term(tokens, Dimension.COUNT, of=total(Dimension.COUNT, *both), text=text)
    setting = "prompt_tokens" if component.number("context") is None else "context"
    return stated(component, setting, tokens, Dimension.COUNT, text=text)


def _fitting(model: Inference) -> Iterator[Fact]:
    name, component, needed = model.component.name, model.component, model.memory
    if model.available is None or model.gpu_memory is None:
        return
    gpu = component.text("gpu") or "GPU"
    count = stated(component, "gpus", model.gpus, Dimension.COUNT)
    shown = f"{gpu} of {show_size(model.gpu_memory)}" if model.gpus > 1 else gpu
    if "gpu_memory" in component.settings:
        one = stated(component, "gpu_memory", model.gpu_memory, Dimension.SIZE, text=shown)
    else:
        one = Term(model.gpu_memory, Dimension.SIZE, by=f"{gpu} of the table of GPUs", text=shown)
    has = Fact(GPU_MEMORY, name, product(Dimension.SIZE, count, one))
    yield has
    if needed is not None:
        wants = Term(needed, Dimension.SIZE, fact=(MEMORY.name, name))
        of = f"{wants.shown} of {has.shown}"
        yield Fact(MEMORY_USED, name, Calculation(OVER, (wants, known(has)), Dimension.FRACTION, text=of))
    if model.weights is None:
        return
    room = difference(Dimension.SIZE, quotient(Dimension.SIZE, known(has), _with_overhead(model)), _weights(model))
    if model.largest_batch is not None and model.kv_request:
        request = Term(
            model.kv_request, Dimension.SIZE, "a request",
            of=product(Dimension.SIZE, _of_token(model), _tokens_kept(model)),
        )  # fmt: skip
        yield Fact(LARGEST_BATCH, name, Calculation(FITS, (room, request), Dimension.COUNT))
    if model.longest_context is not None and model.per_token:
        one_more = product(Dimension.SIZE, _of_token(model), model.batch_term())
        yield Fact(LONGEST_CONTEXT, name, Calculation(FITS, (room, one_more), Dimension.COUNT))


def _of_token(model: Inference) -> Term:
    return Term(model.per_token or 0.0, Dimension.SIZE, "a token", fact=(KV_TOKEN.name, model.component.name))


def _speed(model: Inference) -> Iterator[Fact]:
    name = model.component.name
    if not model.generates:
        return
    for metric, latency in ((TTFT, model.ttft), (TPOT, model.tpot)):
        if latency is not None:
            yield Fact(metric, name, _time(model, metric, latency))
    if model.latency is None and model.component.latency is None:
        yield Fact(LATENCY_P99, name, Unknown(f"needs {named(model.unanswered)}"))
    if model.decode_rate is not None:
        yield Fact(DECODE_RATE, name, model.decode_working)
    elif model.hardware is None and model.component.text("gpu"):
        why = f"`{model.component.text('gpu')}` is not in the table, so its bandwidth and compute are not known"
        yield Fact(DECODE_RATE, name, Unknown(f"{why}: give `ttft` and `tpot`"))


def _time(model: Inference, metric: Metric, latency: Latency) -> Working:
    """Return the p99 of a model's ttft or tpot: as stated, or as worked out."""
    if metric.name not in model.component.settings:
        return model.ttft_working if metric is TTFT else model.tpot_working
    value = latency.at(SHOWN_AT)
    value = distribution_of(latency, model.assumed).quantile(SHOWN_AT) if value is None else value
    return stated(model.component, metric.name, value, Dimension.DURATION, alone="as stated")


def _tokens(model: Inference, facts: Facts) -> Iterator[Fact]:
    """Yield tokens asked for and available, and what a million of those written costs."""
    component, output = model.component, model.component.number("output_tokens")
    name = component.name
    if model.decode_rate is None or not model.generates:
        return
    one = tokens_per_second(model)
    available = Fact(TOKENS_CAPACITY, name, product(Dimension.RATE, replicas(component), one))
    yield available
    requests = facts.get(DEMAND, name)
    priced = component.price is not None and component.price.hourly is not None
    if requests is not None and requests.value and output:
        answer = number(component, "output_tokens", Dimension.COUNT, "output tokens")
        asked = Fact(TOKENS_DEMAND, name, product(Dimension.RATE, known(requests, "requests"), answer))
        yield asked
        if priced:
            served = asked if (asked.value or 0.0) <= (available.value or 0.0) else available
            dollars = product(Dimension.MONEY, running_of(component, facts), hourly(component))
            yield Fact(COST_MILLION_TOKENS, name, _million(dollars, known(served, text=_rate_of(served))))
    if priced and model.decode_rate > 0:
        full = tokens_per_second(model, "tokens/s of a full batch")
        yield Fact(COST_MILLION_TOKENS_FULL, name, _million(hourly(component), full))


def _rate_of(tokens: Fact) -> str:
    return f"{show_number(tokens.value or 0.0)} tokens/s"


def _million(dollars: Working, tokens: Term) -> Calculation:
    """Return the dollars for a million tokens of so many dollars an hour and so many tokens a second."""
    million = exactly(1e6, Dimension.COUNT, "1M tokens")
    hour = exactly(HOUR, Dimension.DURATION, "1 h")
    each = product(Dimension.COUNT, tokens, hour)
    return quotient(Dimension.MONEY, product(Dimension.MONEY, dollars, million), each)


def remedies(analysis: Analysis, facts: Facts) -> Iterator[Remedy]:
    """Yield for each model that does not fit what would: a smaller batch, more GPUs, fewer bits."""
    for model in analysis.times.inferences.values():
        least = model.memory or total_memory(model.weights or 0.0, 0.0, model.assumed.overhead)
        if model.available is None or model.gpu_memory is None or not Load(least, model.available).over:
            continue
        batch = model.largest_batch or 0
        gpus = Load(least, model.gpu_memory).replicas()
        more = _change(model, "gpus", model.gpus, gpus)
        if batch >= 1:
            yield Remedy(_gap(model), (_change(model, "batch", model.batch, float(batch)),), (more,))
            continue
        others, fewer, context = [], _fewer_bits(model), model.component.number("context")
        if fewer:
            others.append(_change(model, "precision", model.precision, fewer))
        if context is not None and context == model.tokens and model.longest_context:
            others.append(_change(model, "context", context, float(model.longest_context)))
        yield Remedy(_gap(model), (more,), tuple(others))


def _gap(model: Inference) -> Gap:
    return Gap("AB701", model.component.name)


def _change(model: Inference, setting: str, before: float | str, after: float | str) -> Change:
    return Change(component_setting(model.component.name, model.component.kind.name, setting), before, after)


def _fewer_bits(model: Inference) -> str:
    """Return the finest precision of the weights at which everything fits, "" where none does."""
    params, available = model.shape("params"), model.available
    if params is None or available is None:
        return ""
    for precision in ("fp16", "int8", "int4"):
        fewer = BYTES[precision] < BYTES[model.precision]
        needed = total_memory(params * BYTES[precision], model.kv_cache or 0.0, model.assumed.overhead)
        if fewer and not Load(needed, available).over:
            return precision
    return ""
