"""Memory and speed of transformer inference: weights, KV cache, what fits, and the two ends of the roofline.

Sizes are bytes, rates per second, compute FLOP/s, fractions 0..1. Whole numbers stay whole, so that a published
number of bytes comes out to the byte. Speeds are ideals: `efficiency` and `utilisation` say how much is reached.
"""

from __future__ import annotations

import math

OVERHEAD = 0.2
"""Activations, fragments and the framework, as a fraction of weights and cache (the seed's factor of 1.2)."""


def weights(params: float, bytes_per_param: float) -> float:
    """Return the bytes of a model's weights: params × bytes of the precision (4, 2, 1, or 0.5 for int4).

    Quantised formats also store scales, a few per cent more; those belong to the overhead.
    """
    return params * bytes_per_param


def kv_per_token(layers: float, kv_heads: float, head_dim: float, bytes_per_value: float) -> float:
    """Return the bytes that one token keeps in the KV cache: 2 × layers × kv_heads × head_dim × bytes.

    The 2 is a key and a value. With grouped queries `kv_heads` is fewer than the attention heads (Ainslie et al.,
    GQA, 2023); kv_heads × head_dim is the hidden size where every head has its own.
    """
    return 2 * layers * kv_heads * head_dim * bytes_per_value


def kv_cache(per_token: float, tokens: float, batch: float = 1) -> float:
    """Return the bytes of the KV cache: bytes per token × tokens of a request (prompt and output) × requests.

    For Llama-2-7B in fp16 with 2,048 tokens and a batch of 32 this is 34.4 GB. The seed says both 34 GB and, for the
    same model, about 20 GB; the formula, its own, gives the former.
    """
    return per_token * tokens * batch


ENGINE = 1e9
"""Bytes of each GPU that an engine takes for itself: its context, its graphs, what it communicates through."""
STEP_TOKENS = 2048
"""Tokens of the largest step, of which activations are kept."""
VALUES = 16
"""Values of 16 bits that a token has in flight, over the hidden size: the widest layer and its neighbours."""


def activations(hidden: float, gpus: float = 1) -> float:
    """Return the bytes beside weights and cache: activations of the largest step, and what the engine takes.

    Held against two logs of vLLM (tokens of cache that fit, a 7B model on 24 GB and a 70B model on 80 GB): within 3%.
    """
    return gpus * ENGINE + STEP_TOKENS * VALUES * 2 * hidden


def windowed_cache(
    per_layer: float, layers: float, tokens: float, window_layers: float = 0.0, window: float = 0.0
) -> float:
    """Return the bytes that a request keeps: of each layer and token, in some layers a window of tokens at most."""
    return per_layer * ((layers - window_layers) * tokens + window_layers * min(tokens, window))


def longest_windowed(
    room: float, per_layer: float, layers: float, window_layers: float = 0.0, window: float = 0.0, ends: float = 0.0
) -> float:
    """Return the tokens whose cache fits a room of so many bytes; at most where the model `ends`, if it does.

    Infinite where every layer has a window and the room holds it.
    """
    tokens = room / (per_layer * layers)
    if window > 0 and tokens > window:
        full = layers - window_layers
        beyond = room / per_layer - window_layers * window
        tokens = beyond / full if full > 0 else math.inf
    return min(tokens, ends) if ends > 0 else tokens


def total_memory(weights: float, kv: float, overhead: float = OVERHEAD) -> float:
    """Return the bytes needed in all: (weights + KV cache) × (1 + overhead)."""
    return (weights + kv) * (1 + overhead)


def largest_batch(memory: float, weights: float, kv_per_request: float, overhead: float = OVERHEAD) -> int:
    """Return how many requests' caches fit beside the weights, 0 where not even one does.

    Raises ValueError unless `kv_per_request` > 0.
    """
    if kv_per_request <= 0:
        raise ValueError(f"no batch of requests that keep {kv_per_request} bytes")
    return max(0, whole_of((memory / (1 + overhead) - weights) / kv_per_request))


def longest_context(
    memory: float, weights: float, per_token: float, batch: float = 1, overhead: float = OVERHEAD
) -> int:
    """Return how many tokens each of `batch` requests may keep beside the weights, 0 where not even one.

    Raises ValueError unless `per_token` and `batch` > 0.
    """
    if per_token <= 0 or batch <= 0:
        raise ValueError(f"no context of tokens that keep {per_token} bytes each, {batch} at a time")
    return max(0, whole_of((memory / (1 + overhead) - weights) / (per_token * batch)))


def whole_of(ratio: float) -> int:
    """Return the whole part; what lies a rounding below a whole number is that number."""
    return math.floor(ratio * (1 + 1e-12))


def decode_rate(
    bandwidth: float, active_weight_bytes: float, kv_bytes: float = 0.0, batch: float = 1, efficiency: float = 1.0,
    flops: float | None = None, active_params: float = 0.0, utilisation: float = 1.0,
) -> float:  # fmt: skip
    """Return the tokens a second of a whole batch: memory-bound until compute-bound.

    Every step reads the active weights once and the cache of every request (`kv_bytes` each), and gives one token to
    each: batch × bandwidth × efficiency ÷ (weights + batch × kv_bytes). Where `flops` is given it is at most
    flops × utilisation ÷ (2 × active_params) (roofline; Williams et al. 2009, Pope et al. 2022). Raises ValueError
    where nothing is read.
    """
    read = active_weight_bytes + batch * kv_bytes
    if read <= 0:
        raise ValueError("no rate of decoding where nothing is read")
    by_memory = batch * bandwidth * efficiency / read
    if flops is None or active_params <= 0:
        return by_memory
    return min(by_memory, flops * utilisation / flops_per_token(active_params))


def time_to_first_token(active_params: float, prompt_tokens: float, flops: float, utilisation: float = 1.0) -> float:
    """Return the seconds that a prompt takes: 2 × active params × tokens ÷ (FLOP/s × utilisation); compute-bound.

    Attention over the prompt itself is left out: 2 × layers × hidden × tokens² more, a fiftieth for each thousand
    tokens of a 7B model.
    """
    return flops_per_sequence(active_params, prompt_tokens) / (flops * utilisation)


def ops_per_byte(flops: float, bandwidth: float) -> float:
    """Return how many operations a GPU does while it reads a byte: below that, work is memory-bound."""
    return flops / bandwidth


def flops_per_token(params: float) -> float:
    """Return the operations of a forward pass for one token: 2 × (active) params, a multiply and an add each.

    The seed writes 2 × parameters × sequence length and calls it per token; that is `flops_per_sequence`.
    """
    return 2 * params


def flops_per_sequence(params: float, tokens: float) -> float:
    """Return the operations of a forward pass over a whole sequence: 2 × (active) params × tokens.

    7B parameters over 2,048 tokens are 28.7 TFLOP: the seed's "FLOPs per token", which is per sequence.
    """
    return flops_per_token(params) * tokens
