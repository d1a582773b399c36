"""Memory of models: what a replica needs against what its GPUs have, and what of it would fit.

The arithmetic is in `shape` and `maths.memory`; here it becomes facts, each with its working.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.formats import BYTES
from archboard.facts import Fact, Facts
from archboard.maths import memory
from archboard.maths.memory import whole_of
from archboard.measures.analysis import Analysis
from archboard.measures.metrics import (
    CONTEXT_END,
    GPU_MEMORY,
    GPU_USABLE,
    HEADS_GPU,
    KV_CACHE,
    KV_HEADS_GPU,
    KV_TOKEN,
    LARGEST_BATCH,
    LONGEST_CONTEXT,
    MEMORY,
    MEMORY_RULE,
    MEMORY_USED,
    REQUEST_TOKENS,
    WEIGHTS,
)
from archboard.measures.models.shape import Shape
from archboard.measures.terms import assumed, exactly, found, known, number, stated
from archboard.records import replace
from archboard.units import Dimension, show_number, show_size
from archboard.working import OVER, Calculation, Operator, Term, Unknown, Working, difference, product, quotient, total

FITS = Operator(
    "whole ÷",
    lambda room, each: float(max(0, whole_of(room / each))),
    lambda texts: f"{texts[0]} ÷ {texts[1]}",
    2,
    (2, 3),
)
KEPT = Operator(
    "cache of a request",
    lambda per_layer, layers, tokens, windows, window: memory.windowed_cache(
        per_layer, layers, tokens, windows, window
    ),
    ", ".join,
)
LONGEST = Operator(
    "longest context",
    lambda room, batch, copies, per_layer, layers, windows, window, ends: float(
        max(0, whole_of(memory.longest_windowed(room / batch / copies, per_layer, layers, windows, window, ends)))
    ),
    ", ".join,
)
SIZE, COUNT = Dimension.SIZE, Dimension.COUNT


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield what every model needs whose parameters, cache or times are known, and what of it would fit."""
    for model in analysis.times.inferences.values():
        if model.weights is not None or model.generates:
            yield from _needed(model)
            yield from _fitting(model)
            yield from _shaped(model)


def _shaped(model: Shape) -> Iterator[Fact]:
    """Yield the tokens of a request and where the model ends, and the heads of a GPU where there are several."""
    name = model.component.name
    if model.ends is not None and model.known is not None and model.tokens is not None:
        yield Fact(REQUEST_TOKENS, name, _most_tokens(model))
        by = f"{model.known.name} of the table of language models"
        yield Fact(CONTEXT_END, name, Term(model.ends, COUNT, by=by))
    heads = model.shape("heads")
    if model.gpus > 1 and heads:
        gpus = number(model.component, "gpus", COUNT, "GPUs")
        yield Fact(HEADS_GPU, name, quotient(COUNT, model.shape_term("heads", "heads"), gpus))
        which = "kv_heads" if model.shape("kv_heads") else "heads"
        kv_heads = model.shape_term(which, "KV heads")
        if model.shape("kv_latent"):
            kv_heads = exactly(1.0, COUNT, "1 latent vector")
        yield Fact(KV_HEADS_GPU, name, quotient(COUNT, kv_heads, gpus))


def _most_tokens(model: Shape) -> Working:
    """Return the tokens of a request at most: as stated, or at the highest percentiles that are."""
    prompt, output = model.longest("prompt_tokens"), model.longest("output_tokens")
    if prompt is None or output is None or prompt + output == model.tokens:
        return _tokens_kept(model)
    each = (("prompt_tokens", prompt), ("output_tokens", output))
    return total(COUNT, *(stated(model.component, name, tokens, COUNT) for name, tokens in each))


def named(settings: tuple[str, ...]) -> str:
    """Write the settings that a number needs: `layers`, `heads` and `prompt_tokens`."""
    quoted = [f"`{name}`" for name in settings]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _needed(model: Shape) -> Iterator[Fact]:
    name = model.component.name
    if model.shape("params") is None:
        needs = "needs `params`, or a `runs` that the table of language models has"
        yield Fact(WEIGHTS, name, Unknown(needs))
    else:
        yield Fact(WEIGHTS, name, _named_weights(model))
    if model.generates:
        yield from _cache(model)
    if model.weights is None:
        return
    if model.kv_cache is None:
        yield Fact(MEMORY, name, Unknown(f"the KV cache is not known: it needs {named(model.missing)}"))
        return
    parts = [_weights(model)]
    if model.generates:
        parts.append(Term(model.kv_cache, SIZE, "KV cache", fact=(KV_CACHE.name, name)))
    kept = [parts[0], *(product(SIZE, part, *_copies(model)) for part in parts[1:])]
    yield Fact(MEMORY, name, total(SIZE, *kept, _activations(model)))
    more = total(COUNT, exactly(1.0, COUNT, by="weights and cache"), assumed(model.assumed, "overhead"))
    rule = found(more.value, COUNT, "", of=more)
    yield Fact(MEMORY_RULE, name, product(SIZE, total(SIZE, *parts), rule))


def _named_weights(model: Shape) -> Working:
    """Return how the weights come to be, with the name of the table's row whose parameters they are."""
    working = model.weights_working
    if model.known is None or "params" in model.component.settings or not isinstance(working, Calculation):
        return working
    first = working.parts[0]
    if isinstance(first, Term):
        return replace(working, parts=(replace(first, text=f"{first.text} of {model.known.name}"), *working.parts[1:]))
    return working


def _weights(model: Shape) -> Term:
    return Term(model.weights or 0.0, SIZE, "weights", fact=(WEIGHTS.name, model.component.name))


def _activations(model: Shape) -> Term:
    """Return what an engine needs beside weights and cache."""
    by = "activations of a step of 2,048 tokens, 32 bytes × hidden each, and 1 GB of each GPU for the engine"
    return found(model.activations or 0.0, SIZE, by, "activations and engine", assumption="engine")


def _cache(model: Shape) -> Iterator[Fact]:
    name, component = model.component.name, model.component
    if model.per_token is not None:
        layers, each = model.shape_term("layers", "layers"), BYTES[model.kv_precision]
        text = f"{each:g} bytes ({model.kv_precision})"
        bytes_each = stated(component, "kv_precision", each, COUNT, text=text)
        if model.shape("kv_latent"):
            latent = model.shape_term("kv_latent", "latent values")
            yield Fact(KV_TOKEN, name, product(SIZE, layers, latent, bytes_each))
        else:
            two = exactly(2.0, COUNT, by="keys and values")
            yield Fact(KV_TOKEN, name, product(SIZE, two, layers, model.width_term, bytes_each))
    if model.kv_cache is None or model.per_token is None or model.tokens is None:
        yield Fact(KV_CACHE, name, Unknown(f"needs {named(model.missing)}"))
        return
    yield Fact(KV_CACHE, name, product(SIZE, *_request(model), model.batch_term()))


def _request(model: Shape) -> tuple[Working, ...]:
    """Return the cache of one request as factors: bytes a token and tokens, or with windows what the layers keep."""
    per_token = Term(
        model.per_token or 0.0, SIZE, fact=(KV_TOKEN.name, model.component.name),
        text=f"{show_number((model.per_token or 0.0) / 1000)} KB a token",
    )  # fmt: skip
    windows, window = model.windowed
    if not windows or (model.tokens or 0.0) <= window:
        return per_token, _tokens_kept(model)
    layers = model.shape_term("layers")
    each = Term((model.per_token or 0.0) / layers.value, SIZE, by="a token of one layer")
    text = f"{show_size(model.kv_request or 0.0)} a request, {show_number(windows)} layers of which keep "
    kept = exactly(windows, COUNT, by="layers with a window")
    parts = (each, layers, _tokens_kept(model), kept, model.shape_term("window"))
    return (Calculation(KEPT, parts, SIZE, text=f"{text}{show_number(window)} tokens"),)


def _copies(model: Shape) -> tuple[Term, ...]:
    """Return how often keys and values are kept, where there are fewer KV heads than GPUs."""
    if model.copies <= 1:
        return ()
    by = "GPUs over KV heads: each of them holds a copy"
    return (Term(model.copies, COUNT, by=by, text=f"{show_number(model.copies)} copies"),)


def _tokens_kept(model: Shape) -> Term:
    """Return the tokens that a request keeps in the cache: prompt and answer, or the context."""
    tokens, component = model.tokens or 0.0, model.component
    text = f"{show_number(tokens, 9)} tokens"
    if model.count("prompt_tokens") is not None and model.count("output_tokens") is not None:
        both = (model.tokens_term(name) for name in ("prompt_tokens", "output_tokens"))
        return Term(tokens, COUNT, of=total(COUNT, *both), text=text)
    setting = "prompt_tokens" if component.number("context") is None else "context"
    return stated(component, setting, tokens, COUNT, text=text)


def _fitting(model: Shape) -> Iterator[Fact]:
    name, component, needed = model.component.name, model.component, model.memory
    if model.usable is None or model.gpu_memory is None:
        return
    gpu = component.text("gpu") or "GPU"
    count = stated(component, "gpus", model.gpus, COUNT)
    shown = f"{gpu} of {show_size(model.gpu_memory)}" if model.gpus > 1 else gpu
    if "gpu_memory" in component.settings:
        one = stated(component, "gpu_memory", model.gpu_memory, SIZE, text=shown)
    else:
        one = Term(model.gpu_memory, SIZE, by=f"{gpu} of the table of GPUs", text=shown)
    has = Fact(GPU_MEMORY, name, product(SIZE, count, one))
    yield has
    use = assumed(model.assumed, "gpu_use")
    usable = Fact(GPU_USABLE, name, product(SIZE, known(has), use))
    yield usable
    if needed is not None:
        wants = Term(needed, SIZE, fact=(MEMORY.name, name))
        of = f"{wants.shown} of {usable.shown}"
        yield Fact(MEMORY_USED, name, Calculation(OVER, (wants, known(usable)), Dimension.FRACTION, text=of))
    if model.weights is not None:
        yield from _most(model, difference(SIZE, difference(SIZE, known(usable), _weights(model)), _activations(model)))


def _most(model: Shape, room: Working) -> Iterator[Fact]:
    """Yield the largest batch and the longest context that fit a room beside weights and activations."""
    name = model.component.name
    if model.largest_batch is not None and model.kv_request:
        each, copies = product(SIZE, *_request(model)), _copies(model)
        request = Term(each.value * model.copies, SIZE, "a request", of=product(SIZE, each, *copies))
        yield Fact(LARGEST_BATCH, name, Calculation(FITS, (room, request), COUNT))
    if model.longest_context is None or not model.per_token:
        return
    windows, window = model.windowed
    ends, layers = model.ends or 0.0, model.shape_term("layers")
    per_token = Term(model.per_token, SIZE, "a token", fact=(KV_TOKEN.name, name))
    each = Term(model.per_token / layers.value, SIZE, "a token of a layer", of=None, by="kv_token ÷ layers")
    longest = Term(ends, COUNT, by="the context that the table of language models has")
    parts = (
        room, model.batch_term(), exactly(model.copies, COUNT, by="copies of the cache"), each, layers,
        exactly(windows, COUNT, by="layers with a window"), exactly(window, COUNT, by="tokens of the window"), longest,
    )  # fmt: skip
    bound = ends > 0 and model.longest_context >= ends
    many = "".join(f" × {term.inline}" for term in _copies(model))
    sum_ = f"({room.inline}) ÷ ({per_token.inline} × {model.batch_term().inline}{many})"
    text = f"{show_number(ends, 9)}, where {model.known.name if model.known else 'it'} ends" if bound else sum_
    yield Fact(LONGEST_CONTEXT, name, Calculation(LONGEST, parts, COUNT, text=text))
