"""How the engines of memory and cost, and the table of models, answer the published cases about models and cost."""

from collections.abc import Callable, Mapping
from typing import Any

from archboard.catalog.language_models import language_model
from archboard.maths import cost
from archboard.maths import memory as m

GIB = 2**30
Inputs = Mapping[str, Any]
Ask = Callable[[Inputs], object]


def _per_token(i: Inputs) -> float:
    return m.kv_per_token(i["layers"], i["kv_heads"], i["head_dim"], i["bytes"])


def _weights(i: Inputs) -> float:
    return m.weights(i["params"], i["bytes"]) / GIB


def _decoding(i: Inputs) -> float:
    return m.decode_rate(i["bandwidth_GBps"] * 1e9, m.weights(i["params"], i["bytes"]))


def _first_token(i: Inputs) -> float:
    return 1000 * m.time_to_first_token(i["params"], i["tokens"], i["dense_tflops"] * 1e12)


def _ops(i: Inputs) -> float:
    return m.ops_per_byte(i["tflops"] * 1e12, i["bandwidth_GBps"] * 1e9)


def _blocks(room: str) -> Ask:
    def whole(i: Inputs) -> int:
        return m.longest_context(i[room] * GIB, 0, i["kv_bytes_per_token"], 1, 0) // int(i["block_tokens"])

    return whole


def _at_once(i: Inputs) -> float:
    """Return how many requests of full context the tokens of a cache serve: its bytes by theirs."""
    tokens = i["tokens"] if "tokens" in i else i["blocks"] * i["block_tokens"]
    return m.kv_cache(1, tokens) / m.kv_cache(1, i["max_model_len"])


def _mixture(i: Inputs) -> float:
    model = language_model(["Mixtral-8x7B"])
    assert model is not None and (model.params, model.layers, model.hidden) == (i["total"], i["layers"], i["h"])
    assert model.active_params is not None
    return model.active_params


ANSWERS: dict[str, Ask] = {
    "cost_per_million_requests": lambda i: cost.per_million_requests(i["replicas"], i["usd_per_hour"], i["rps"]),
    "cost_per_million_tokens": lambda i: cost.per_million_tokens(i["usd_per_hour"], i["tokens_per_s"]),
    "decode_roofline_H200_Llama-3-70B": _decoding,
    "decode_roofline_L4_Llama-3-8B": _decoding,
    "kv_fp8_halves": lambda i: m.kv_per_token(32, 8, 128, i["bytes"]),
    "kv_per_token_Llama-2-70B": _per_token,
    "kv_per_token_Llama-3-70B": _per_token,
    "kv_per_token_Llama-3-8B": _per_token,
    "kv_per_token_Mistral-7B-v0.1": _per_token,
    "kv_per_token_Qwen2.5-7B": _per_token,
    "mixtral_active_params": _mixture,
    "ops_per_byte_A10": _ops,
    "ops_per_byte_H100": _ops,
    "prefill_ttft_lower_bound_H100-SXM": _first_token,
    "prefill_ttft_lower_bound_L4": _first_token,
    "vllm_26_60gib_13618_blocks": _blocks("kv_gib"),
    "vllm_cpu_blocks_Llama-2-7B": _blocks("swap_gib"),
    "vllm_cpu_blocks_Llama-3-8B": _blocks("swap_gib"),
    "vllm_cpu_blocks_Mistral-7B-v0.1": _blocks("swap_gib"),
    "vllm_cpu_blocks_Qwen3-4B": _blocks("swap_gib"),
    "vllm_cpu_blocks_opt-125m": _blocks("swap_gib"),
    "vllm_llama31_70b_w8a8_concurrency": _at_once,
    "vllm_qwen25_7b_3090_concurrency": _at_once,
    "vllm_qwen3_235b_tp4": lambda i: m.longest_context(i["kv_gib"] * GIB, 0, i["kv_bytes_per_token_per_gpu"], 1, 0),
    "vllm_qwen3_4b_1394_blocks": _blocks("kv_gib"),
    "weights_bf16_Llama-2-7B": _weights,
    "weights_bf16_Llama-3-70B": _weights,
    "weights_bf16_Llama-3-8B": _weights,
    "weights_bf16_Mistral-7B-v0.1": _weights,
    "weights_bf16_Mixtral-8x7B": _weights,
}
