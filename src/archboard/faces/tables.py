"""`archboard kinds --models` and `--gpus`: what the tables know, each row with its source."""

from __future__ import annotations

from collections.abc import Sequence

from archboard.catalog.gpus import GPUS, Gpu
from archboard.catalog.language_models import LANGUAGE_MODELS, LanguageModel
from archboard.columns import columns, padded
from archboard.records import shallow
from archboard.renderers.listing import Listing
from archboard.units import Dimension, show, show_size


def list_models() -> Listing:
    """Return every language model with its shape, a line each."""
    head = (
        "runs", "params", "active", "layers", "hidden", "heads", "kv_heads", "head_dim", "context", "kept", "experts",
        "source",
    )  # fmt: skip
    rows = _aligned([head, *(_model(model) for model in LANGUAGE_MODELS)])
    note = '`runs: "Llama-3-8B"` fills what a model does not give itself.'
    return Listing(f"{rows}\n{note}\n", [shallow(model) for model in LANGUAGE_MODELS])


def _model(model: LanguageModel) -> tuple[str, ...]:
    active = "" if model.active_params is None else f"{model.active_params:,}"
    shape = (model.layers, model.hidden, model.heads, model.kv_heads, model.head_dim)
    names = ", ".join((model.name, *model.aka))
    more = (f"{model.context:,}", _kept(model), f"{model.experts_used} of {model.experts}" if model.experts else "")
    return names, f"{model.params:,}", active, *(str(count) for count in shape), *more, model.source


def _kept(model: LanguageModel) -> str:
    """Return what the cache keeps of a token or of a request, where it is not keys and values of everything."""
    if model.kv_latent:
        return f"{model.kv_latent} values a layer"
    layers = "all" if model.window_layers == model.layers else f"{model.window_layers}"
    return f"{layers} layers: {model.window:,} tokens" if model.window else ""


def list_gpus() -> Listing:
    """Return every GPU with its memory, bandwidth and dense compute, a line each."""
    head = ("gpu", "memory", "bandwidth", "fp16, bf16", "fp8", "link", "source")
    rows = _aligned([head, *(_gpu(each) for each in GPUS)])
    note = "Compute is dense, without sparsity; a link is one direction. Of any other GPU give `gpu_memory`."
    return Listing(f"{rows}\n{note}\n", [shallow(each) for each in GPUS])


def _gpu(each: Gpu) -> tuple[str, ...]:
    eight = "" if each.flops8 is None else show(each.flops8, Dimension.COMPUTE)
    link = show(each.link, Dimension.BANDWIDTH)
    speeds = show(each.bandwidth, Dimension.BANDWIDTH), show(each.flops, Dimension.COMPUTE)
    return ", ".join((each.name, *each.aka)), show_size(each.memory), *speeds, eight, link, each.source


def _aligned(rows: Sequence[tuple[str, ...]]) -> str:
    widths = [max(columns(row[at]) for row in rows) for at in range(len(rows[0]))]
    return "".join("  ".join(padded(c, w) for c, w in zip(row, widths, strict=True)).rstrip() + "\n" for row in rows)
