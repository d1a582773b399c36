"""Well-known language models: what `runs: "Llama-3-8B"` says of a model's shape.

Parameters are those of the published weights, counted tensor by tensor; the other columns stand in the model's
published `config.json`. Models that differ in training alone share a row.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from types import MappingProxyType

from archboard.records import record

BYTES: Mapping[str, float] = MappingProxyType(
    {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 0.5}
)
"""Bytes of one value in each precision."""

QUANTISED = ("fp8", "int8", "int4")
"""Precisions of weights beside which the KV cache usually stays in 16 bits."""


@record
class LanguageModel:
    """One model's shape. `active_params` are those used per token, all of them unless it is a mixture of experts.

    `aka` are other names of the same shape, `source` the repository whose configuration the row is from.
    """

    name: str
    params: int
    layers: int
    hidden: int
    heads: int
    kv_heads: int
    head_dim: int
    source: str
    aka: tuple[str, ...] = ()
    active_params: int | None = None


LANGUAGE_MODELS: tuple[LanguageModel, ...] = (
    LanguageModel(
        "Llama-2-7B", 6_738_415_616, 32, 4096, 32, 32, 128, "huggingface.co/meta-llama/Llama-2-7b-hf", ("Llama-7B",)
    ),
    LanguageModel(
        "Llama-2-13B", 13_015_864_320, 40, 5120, 40, 40, 128, "huggingface.co/meta-llama/Llama-2-13b-hf",
        ("Llama-13B",),
    ),
    LanguageModel("Llama-2-70B", 68_976_648_192, 80, 8192, 64, 8, 128, "huggingface.co/meta-llama/Llama-2-70b-hf"),
    LanguageModel(
        "Llama-3-8B", 8_030_261_248, 32, 4096, 32, 8, 128, "huggingface.co/meta-llama/Meta-Llama-3-8B",
        ("Llama-3.1-8B",),
    ),
    LanguageModel(
        "Llama-3-70B", 70_553_706_496, 80, 8192, 64, 8, 128, "huggingface.co/meta-llama/Meta-Llama-3-70B",
        ("Llama-3.1-70B", "Llama-3.3-70B"),
    ),
    LanguageModel(
        "Llama-3.1-405B", 405_853_388_800, 126, 16384, 128, 8, 128, "huggingface.co/meta-llama/Llama-3.1-405B"
    ),
    LanguageModel("Llama-3.2-1B", 1_235_814_400, 16, 2048, 32, 8, 64, "huggingface.co/meta-llama/Llama-3.2-1B"),
    LanguageModel("Llama-3.2-3B", 3_212_749_824, 28, 3072, 24, 8, 128, "huggingface.co/meta-llama/Llama-3.2-3B"),
    LanguageModel(
        "Mistral-7B", 7_241_732_096, 32, 4096, 32, 8, 128, "huggingface.co/mistralai/Mistral-7B-v0.1",
        ("Mistral-7B-v0.1", "Mistral-7B-Instruct-v0.1", "Mistral-7B-Instruct-v0.2"),
    ),
    LanguageModel(
        "Mistral-7B-v0.3", 7_248_023_552, 32, 4096, 32, 8, 128, "huggingface.co/mistralai/Mistral-7B-v0.3",
        ("Mistral-7B-Instruct-v0.3",),
    ),
    LanguageModel(
        "Mixtral-8x7B", 46_702_792_704, 32, 4096, 32, 8, 128, "huggingface.co/mistralai/Mixtral-8x7B-v0.1",
        active_params=12_879_925_248,
    ),
    LanguageModel(
        "Mixtral-8x22B", 140_620_634_112, 56, 6144, 48, 8, 128, "huggingface.co/mistralai/Mixtral-8x22B-v0.1",
        active_params=39_152_031_744,
    ),
    LanguageModel("Qwen2.5-0.5B", 494_032_768, 24, 896, 14, 2, 64, "huggingface.co/Qwen/Qwen2.5-0.5B"),
    LanguageModel("Qwen2.5-1.5B", 1_543_714_304, 28, 1536, 12, 2, 128, "huggingface.co/Qwen/Qwen2.5-1.5B"),
    LanguageModel("Qwen2.5-3B", 3_085_938_688, 36, 2048, 16, 2, 128, "huggingface.co/Qwen/Qwen2.5-3B"),
    LanguageModel("Qwen2.5-7B", 7_615_616_512, 28, 3584, 28, 4, 128, "huggingface.co/Qwen/Qwen2.5-7B"),
    LanguageModel("Qwen2.5-14B", 14_770_033_664, 48, 5120, 40, 8, 128, "huggingface.co/Qwen/Qwen2.5-14B"),
    LanguageModel("Qwen2.5-32B", 32_763_876_352, 64, 5120, 40, 8, 128, "huggingface.co/Qwen/Qwen2.5-32B"),
    LanguageModel("Qwen2.5-72B", 72_706_203_648, 80, 8192, 64, 8, 128, "huggingface.co/Qwen/Qwen2.5-72B"),
    LanguageModel("Qwen3-0.6B", 596_049_920, 28, 1024, 16, 8, 128, "huggingface.co/Qwen/Qwen3-0.6B"),
    LanguageModel("Qwen3-1.7B", 1_720_574_976, 28, 2048, 16, 8, 128, "huggingface.co/Qwen/Qwen3-1.7B"),
    LanguageModel("Qwen3-4B", 4_022_468_096, 36, 2560, 32, 8, 128, "huggingface.co/Qwen/Qwen3-4B"),
    LanguageModel("Qwen3-8B", 8_190_735_360, 36, 4096, 32, 8, 128, "huggingface.co/Qwen/Qwen3-8B"),
    LanguageModel("Qwen3-14B", 14_768_307_200, 40, 5120, 40, 8, 128, "huggingface.co/Qwen/Qwen3-14B"),
    LanguageModel("Qwen3-32B", 32_762_123_264, 64, 5120, 64, 8, 128, "huggingface.co/Qwen/Qwen3-32B"),
    LanguageModel(
        "Phi-3-mini", 3_821_079_552, 32, 3072, 32, 32, 96, "huggingface.co/microsoft/Phi-3-mini-4k-instruct",
        ("Phi-3.5-mini",),
    ),
    LanguageModel("Gemma-2-2B", 2_614_341_888, 26, 2304, 8, 4, 256, "huggingface.co/google/gemma-2-2b"),
    LanguageModel("Gemma-2-9B", 9_241_705_984, 42, 3584, 16, 8, 256, "huggingface.co/google/gemma-2-9b"),
    LanguageModel("Gemma-2-27B", 27_227_128_320, 46, 4608, 32, 16, 128, "huggingface.co/google/gemma-2-27b"),
)  # fmt: skip

_WORDS = re.compile(r"[a-z]+|\d+(?:\.\d+)*")


def language_model(texts: Iterable[str]) -> LanguageModel | None:
    """Return the one model that some texts name, the longest name winning; None where none or several are named.

    Names are compared word by word, so that `Llama 3 8B` and `meta-llama/Llama-3-8B-Instruct` are Llama-3-8B, and
    `Llama-3-80B` is not.
    """
    named: dict[str, LanguageModel] = {}
    for text in texts:
        words, at = _WORDS.findall(text.casefold()), 0
        while at < len(words):
            length, model = _named_at(words, at)
            if model is not None:
                named[model.name] = model
            at += max(1, length)
    return next(iter(named.values())) if len(named) == 1 else None


def _named_at(words: list[str], at: int) -> tuple[int, LanguageModel | None]:
    """Return the longest name that begins at a word, and how many words it has."""
    fits = [(len(name), at, model) for name, model in _NAMES if words[at : at + len(name)] == name]
    length, _, model = max(fits, key=lambda fit: fit[0], default=(0, at, None))
    return length, model


_NAMES: tuple[tuple[list[str], LanguageModel], ...] = tuple(
    (_WORDS.findall(name.casefold()), model) for model in LANGUAGE_MODELS for name in (model.name, *model.aka)
)
