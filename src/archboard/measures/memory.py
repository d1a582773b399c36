"""Memory and speed of models: what a replica needs against what its GPUs have, how fast it writes, what that costs.

The arithmetic is in `inference` and `maths.memory`; here it becomes facts, each with its working.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.catalog.language_models import BYTES
from archboard.design.targets import component_setting
from archboard.facts import Change, Fact, Facts, Gap, Remedy
from archboard.maths.cost import per_million_tokens
from archboard.maths.memory import total_memory
from archboard.measures.cost import replicas_running
from archboard.measures.inference import Inference, distribution_of
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
    REPLICAS_NEEDED,
    TOKENS_CAPACITY,
    TOKENS_DEMAND,
    TPOT,
    TTFT,
    WEIGHTS,
)
from archboard.measures.study import Study
from archboard.units import show_money, show_number, show_rate, show_size


def measure(study: Study, facts: Facts) -> Iterator[Fact]:
    """Yield memory, speed, tokens and their cost for every model whose parameters, cache or times are known."""
    for model in study.times.inferences.values():
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
    params = model.shape("params")
    if params is None:
        yield Fact(WEIGHTS, name, None, "needs `params`, or a `runs` that the table of language models has")
    else:
        of = f" of {model.known.name}" if model.known is not None and "params" not in model.component.settings else ""
        working = f"{show_number(params / 1e9)}B params{of} × {BYTES[model.precision]:g} bytes ({model.precision})"
        yield Fact(WEIGHTS, name, model.weights, working)
    if model.generates:
        yield from _cache(model)
    if model.weights is not None:
        overhead = f" × {show_number(1 + model.assumed.overhead)}"
        parts = f"{show_size(model.weights)} weights"
        if model.kv_cache is None:
            yield Fact(MEMORY, name, None, f"the KV cache is not known: it needs {named(model.missing)}")
        else:
            parts = f"({parts} + {show_size(model.kv_cache)} KV cache)" if model.generates else parts
            yield Fact(MEMORY, name, model.memory, parts + overhead)


def _cache(model: Inference) -> Iterator[Fact]:
    name = model.component.name
    if model.per_token is not None:
        layers = show_number(model.shape("layers") or 0.0)
        width = show_number(model.per_token / 2 / (model.shape("layers") or 1.0) / BYTES[model.kv_precision], 9)
        bytes_each = f"{BYTES[model.kv_precision]:g} bytes ({model.kv_precision})"
        working = f"2 × {layers} layers × {width} values × {bytes_each}"
        yield Fact(KV_TOKEN, name, model.per_token, working)
    if model.kv_cache is None or model.per_token is None or model.tokens is None:
        yield Fact(KV_CACHE, name, None, f"needs {named(model.missing)}")
        return
    working = f"{show_number(model.per_token / 1000)} KB a token × {show_number(model.tokens, 9)} tokens"
    yield Fact(KV_CACHE, name, model.kv_cache, f"{working} × batch of {show_number(model.batch)}")


def _fitting(model: Inference) -> Iterator[Fact]:
    name, available, needed = model.component.name, model.available, model.memory
    if available is None or model.gpu_memory is None:
        return
    gpu = model.component.text("gpu") or "GPU"
    working = f"{show_number(model.gpus)} × {gpu}" + (f" of {show_size(model.gpu_memory)}" if model.gpus > 1 else "")
    yield Fact(GPU_MEMORY, name, available, working)
    if needed is not None:
        working = f"{show_size(needed)} of {show_size(available)}"
        yield Fact(MEMORY_USED, name, needed / available, working)
    if model.weights is None:
        return
    room = f"{show_size(available)} ÷ {show_number(1 + model.assumed.overhead)} − {show_size(model.weights)} weights"
    if model.largest_batch is not None and model.kv_request:
        working = f"({room}) ÷ {show_size(model.kv_request)} a request"
        yield Fact(LARGEST_BATCH, name, float(model.largest_batch), working)
    if model.longest_context is not None and model.per_token:
        working = f"({room}) ÷ ({show_size(model.per_token)} a token × batch of {show_number(model.batch)})"
        yield Fact(LONGEST_CONTEXT, name, float(model.longest_context), working)


def _speed(model: Inference) -> Iterator[Fact]:
    name = model.component.name
    if not model.generates:
        return
    for metric, latency in ((TTFT, model.ttft), (TPOT, model.tpot)):
        if latency is not None:
            value = latency.at(0.99)
            value = distribution_of(latency, model.assumed).quantile(0.99) if value is None else value
            yield Fact(metric, name, value, latency.working or "as stated")
    if model.latency is None and model.component.latency is None:
        yield Fact(LATENCY_P99, name, None, f"needs {named(model.unanswered)}")
    if model.decode_rate is not None:
        yield Fact(DECODE_RATE, name, model.decode_rate, model.decode_working)
    elif model.hardware is None and model.component.text("gpu"):
        working = f"`{model.component.text('gpu')}` is not in the table, so its bandwidth and compute are not known"
        yield Fact(DECODE_RATE, name, None, f"{working}: give `ttft` and `tpot`")


def _tokens(model: Inference, facts: Facts) -> Iterator[Fact]:
    """Yield tokens asked for and available, and what a million of those written costs."""
    component, output = model.component, model.component.number("output_tokens")
    name, replicas = component.name, component.replicas.high
    if model.decode_rate is None or not model.generates:
        return
    working = f"{show_number(replicas)} × {show_number(model.decode_rate)} tokens/s"
    yield Fact(TOKENS_CAPACITY, name, replicas * model.decode_rate, working)
    requests = facts.value(DEMAND, name)
    hourly = component.price.hourly if component.price is not None else None
    if requests and output:
        working = f"{show_rate(requests)} requests × {show_number(output)} output tokens"
        yield Fact(TOKENS_DEMAND, name, requests * output, working)
        if hourly is not None:
            running = replicas_running(component, facts.value(REPLICAS_NEEDED, name))
            served = min(requests * output, replicas * model.decode_rate)
            working = f"{show_number(running)} × {show_money(hourly)}/h ÷ {show_number(served)} tokens/s"
            yield Fact(COST_MILLION_TOKENS, name, per_million_tokens(running * hourly, served), working)
    if hourly is not None and model.decode_rate > 0:
        working = f"{show_money(hourly)}/h ÷ {show_number(model.decode_rate)} tokens/s of a full batch"
        yield Fact(COST_MILLION_TOKENS_FULL, name, per_million_tokens(hourly, model.decode_rate), working)


def remedies(study: Study, facts: Facts) -> Iterator[Remedy]:
    """Yield for each model that does not fit what would: a smaller batch, more GPUs, fewer bits."""
    for model in study.times.inferences.values():
        least = model.memory or total_memory(model.weights or 0.0, 0.0, model.assumed.overhead)
        if model.available is None or model.gpu_memory is None or least <= model.available:
            continue
        batch = model.largest_batch or 0
        gpus = math.ceil(least / model.gpu_memory * (1 - 1e-12))
        more = _change(model, "gpus", model.gpus, float(gpus))
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
        if fewer and needed <= available:
            return precision
    return ""
