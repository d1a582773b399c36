"""Formats of weights and caches: bits of a value, what a format leaves in 16 bits, and who says so."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from archboard.catalog.language_models.shape import LanguageModel
from archboard.records import record

SIXTEEN = 16.0
"""Bits of what a format does not touch."""


@record
class Format:
    """One format of weights: mean `bits` of what it is applied to, scales included; `source` who says so.

    `keeps` is what stays in 16 bits: nothing, the `embeddings` at both ends, or all `but experts` of a mixture. `eight`
    says that a GPU with units for 8-bit floats computes in them.
    """

    name: str
    bits: float
    source: str
    keeps: str = ""
    eight: bool = False
    aka: tuple[str, ...] = ()


_GROUPS = "a scale and a zero point a group of 128; Qwen2.5 documentation, memory measured with vLLM"
_GGUF = "llama.cpp, tools/quantize/README.md, bits a weight of Llama-3.1-8B"
FORMATS: tuple[Format, ...] = (
    Format("fp32", 32, "IEEE 754"),
    Format("fp16", 16, "IEEE 754"),
    Format("bf16", 16, "bfloat16: Wang and Kanwar 2019"),
    Format(
        "fp8", 8, "E4M3: Micikevicius et al. 2022; vLLM and TensorRT-LLM keep the embeddings", "embeddings", eight=True
    ),
    Format("int8", 8.25, f"GPTQ, {_GROUPS}", "embeddings"),
    Format("int4", 4.25, f"AWQ and GPTQ, {_GROUPS}", "embeddings", aka=("awq", "gptq")),
    Format("nf4", 4.5, "QLoRA (Dettmers et al. 2023): blocks of 64 with a scale of 32 bits", "embeddings"),
    Format("mxfp4", 4.25, "OCP Microscaling 1.0: blocks of 32 with a scale of 8 bits", "but experts"),
    Format("q4_k_m", 4.8944, _GGUF),
    Format("q5_k_m", 5.7036, _GGUF),
    Format("q8_0", 8.5008, _GGUF),
)
FORMAT: Mapping[str, Format] = MappingProxyType({name: each for each in FORMATS for name in (each.name, *each.aka)})
PRECISIONS = tuple(FORMAT)
"""What may stand as the precision of weights."""
CACHES = ("fp32", "fp16", "bf16", "fp8", "int8", "int4")
"""What may stand as the precision of a cache."""
BYTES: Mapping[str, float] = MappingProxyType(
    {"fp32": 4.0, "fp16": 2.0, "bf16": 2.0, "fp8": 1.0, "int8": 1.0, "int4": 0.5}
)
"""Bytes of one value of a cache in each precision."""


def kept(model: LanguageModel | None, form: Format) -> float:
    """Return the parameters that stay in 16 bits in a format: more than the model has where embeddings are untied.

    A quantised file holds both ends, even where the model ties them. Without a table's row nothing is known to stay.
    """
    if model is None or not form.keeps:
        return 0.0
    if form.keeps == "but experts" and model.experts:
        return model.params - experts(model)
    ends = 2.0 * model.vocabulary * model.hidden
    return max(ends, float(model.kept)) if form.name == "fp8" else ends


def quantised(model: LanguageModel | None, params: float, form: Format) -> float:
    """Return the parameters that a format is applied to."""
    if model is None or not form.keeps:
        return params
    if form.keeps == "but experts" and model.experts:
        return experts(model)
    if form.name == "fp8" and model.kept:
        return params - model.kept
    return params - (1.0 if model.tied else 2.0) * model.vocabulary * model.hidden


def experts(model: LanguageModel) -> float:
    """Return the parameters of all experts that a token may choose, what is active beside the chosen ones left out."""
    active = model.active_params if model.active_params is not None else model.params
    if model.experts <= model.experts_used:
        return 0.0
    return (model.params - active) / (model.experts - model.experts_used) * model.experts
