"""Model memory and compute: what a transformer weighs, what a request keeps, how fast tokens come."""

from __future__ import annotations

from archboard.formulas.model import ANY, PART, POSITIVE, WHOLE, Formula, Input, Topic
from archboard.maths import memory
from archboard.units import Dimension

PARAMS = Input("params", "parameters, of a mixture those that a token uses", Dimension.COUNT, "7B", within=POSITIVE)
BYTES = Input("bytes", "bytes of a number: FP32 4, FP16 2, INT8 1, INT4 0.5", Dimension.COUNT, "2", "2", POSITIVE)
LAYERS = Input("layers", "layers", Dimension.COUNT, "32", within=WHOLE)
TOKENS = Input("tokens", "tokens of a request, prompt and output", Dimension.COUNT, "2048", within=POSITIVE)
BATCH = Input("batch", "requests at once", Dimension.COUNT, "32", "1", POSITIVE)
OVERHEAD = Input("overhead", "activations and the rest, of the sum", Dimension.FRACTION, "20%", "20%", ANY)
WEIGHTS = Input("weights", "bytes of the weights", Dimension.SIZE, "14GB")
PER_TOKEN = Input("kv_token", "bytes that a token keeps", Dimension.SIZE, "524288B", within=POSITIVE)
MEMORY = Input("memory", "memory of the GPUs together", Dimension.SIZE, "80GB", within=POSITIVE)
FLOPS = Input("flops", "dense operations a second", Dimension.COMPUTE, "125 TFLOPS", within=POSITIVE)
BANDWIDTH = Input("bandwidth", "memory bandwidth", Dimension.BANDWIDTH, "600GB/s", within=POSITIVE)
REACHED = Input("efficiency", "the part of the bandwidth that is reached", Dimension.FRACTION, "80%", "80%", PART)

MODELS = Topic(
    "Model memory and compute",
    (
        Formula(
            "weights",
            "what a model weighs",
            "weights",
            "{params} × {bytes}",
            (Input("params", "all parameters", Dimension.COUNT, "7B", within=POSITIVE), BYTES),
            Dimension.SIZE,
            memory.weights,
            "every expert of a mixture must be there; quantised formats add a few per cent of scales",
            "arithmetic",
            seed="Memory (weights) = Parameters × bytes_per_param",
            metric="weights",
        ),
        Formula(
            "kv-token",
            "what one token keeps in the KV cache",
            "bytes a token",
            "2 × {layers} × {kv_heads} × {head_dim} × {bytes}",
            (
                LAYERS,
                Input("kv_heads", "heads of keys and values", Dimension.COUNT, "32", within=WHOLE),
                Input("head_dim", "size of a head", Dimension.COUNT, "128", within=WHOLE),
                BYTES,
            ),
            Dimension.SIZE,
            memory.kv_per_token,
            "a key and a value per layer; fewer kv_heads with grouped queries, 1 with one for all",
            "Ainslie et al., GQA (2023)",
            metric="kv_token",
        ),
        Formula(
            "kv-cache",
            "what the requests at once keep",
            "KV cache",
            "2 × {batch} × {tokens} × {layers} × {hidden} ÷ {groups} × {bytes}",
            (
                Input("batch", "requests at once", Dimension.COUNT, "32", within=POSITIVE),
                TOKENS,
                LAYERS,
                Input("hidden", "hidden size, heads × head size", Dimension.COUNT, "4096", within=WHOLE),
                Input(
                    "groups", "heads that share a key and a value, 4 in Llama-3-8B", Dimension.COUNT, "1", "1", WHOLE
                ),
                BYTES,
            ),
            Dimension.SIZE,
            lambda batch, tokens, layers, hidden, groups, bytes: memory.kv_cache(
                memory.kv_per_token(layers, 1, hidden / groups, bytes), tokens, batch
            ),
            "every request at its full length; paged caches hold what is used",
            "Kwon et al., vLLM (2023); Ainslie et al., GQA (2023)",
            seed="Memory (KV cache) = 2 × batch × seq_len × num_layers × hidden_dim × 2 bytes",
            differs="34 GB for its example is right, the 20 GB told elsewhere is not; grouped queries divide it",
            metric="kv_cache",
        ),
        Formula(
            "total-memory",
            "what a model needs in all",
            "memory",
            "({weights} + {kv}) × (1 + {overhead})",
            (WEIGHTS, Input("kv", "bytes of the KV cache", Dimension.SIZE, "34.4GB"), OVERHEAD),
            Dimension.SIZE,
            memory.total_memory,
            "inference; training needs gradients and optimiser states too",
            "the interview sheet's factor of 1.2",
            seed="Total memory ≈ 1.2 × (weights + KV + activations)",
            differs="the 20% is the activations and the rest, counted once: 58 GB for its example, not 40",
            metric="memory",
        ),
        Formula(
            "largest-batch",
            "how many requests fit beside the weights",
            "batch",
            "({memory} ÷ (1 + {overhead}) − {weights}) ÷ ({kv_token} × {tokens}), rounded down",
            (MEMORY, WEIGHTS, PER_TOKEN, TOKENS, OVERHEAD),
            Dimension.COUNT,
            lambda memory_, weights, kv_token, tokens, overhead: memory.largest_batch(
                memory_, weights, kv_token * tokens, overhead
            ),
            "every request at its full length",
            "arithmetic",
            seed="Max batch size before memory OOM: Memory / (KV cache + activations)",
            differs="the weights are taken off the memory first, and the KV cache is that of one request",
            unit="requests",
            metric="largest_batch",
        ),
        Formula(
            "longest-context",
            "how many tokens each request may keep",
            "context",
            "({memory} ÷ (1 + {overhead}) − {weights}) ÷ ({kv_token} × {batch}), rounded down",
            (MEMORY, WEIGHTS, PER_TOKEN, BATCH, OVERHEAD),
            Dimension.COUNT,
            memory.longest_context,
            "as far as memory goes; the model has a limit of its own",
            "arithmetic",
            unit="tokens",
            metric="longest_context",
        ),
        Formula(
            "flops-token",
            "operations of a forward pass for one token",
            "FLOPs a token",
            "2 × {params}",
            (PARAMS,),
            Dimension.COUNT,
            memory.flops_per_token,
            "dense part; attention adds about 2% for each 1,000 tokens of a 7B model",
            "Kaplan et al., Scaling Laws (2020), §2.1",
            unit="FLOP",
        ),
        Formula(
            "flops-sequence",
            "operations of a forward pass over a sequence",
            "FLOPs",
            "2 × {params} × {tokens}",
            (PARAMS, TOKENS),
            Dimension.COUNT,
            memory.flops_per_sequence,
            "dense part; attention adds about 2% for each 1,000 tokens of a 7B model",
            "Kaplan et al., Scaling Laws (2020), §2.1",
            seed="FLOPs per token (transformer) ≈ 2 × parameters × sequence_length",
            differs="that is per sequence: 28.7 TFLOP for 7B and 2,048 tokens; a token takes 2 × params, 14 GFLOP",
            unit="FLOP",
        ),
        Formula(
            "ttft",
            "time to the first token",
            "TTFT",
            "2 × {params} × {prompt} ÷ ({flops} × {utilisation})",
            (
                PARAMS,
                Input("prompt", "tokens of the prompt", Dimension.COUNT, "1000", within=POSITIVE),
                FLOPS,
                Input("utilisation", "the part of the FLOPS that is reached", Dimension.FRACTION, "50%", "50%", PART),
            ),
            Dimension.DURATION,
            memory.time_to_first_token,
            "compute-bound prefill, no queueing, one prompt at a time",
            "Pope et al., Efficiently Scaling Transformer Inference (2022)",
            metric="ttft",
        ),
        Formula(
            "tpot",
            "time per output token",
            "TPOT",
            "({weights} + {batch} × {kv}) ÷ ({bandwidth} × {efficiency})",
            (BANDWIDTH, WEIGHTS, Input("kv", "KV cache of a request", Dimension.SIZE, "1GB", "0B"), BATCH, REACHED),
            Dimension.DURATION,
            lambda bandwidth, weights, kv, batch, efficiency: (
                batch / memory.decode_rate(bandwidth, weights, kv, batch, efficiency)
            ),
            "memory-bound decoding: every step reads the active weights and each request's cache",
            "Williams et al., roofline (2009); Pope et al. (2022)",
            metric="tpot",
        ),
        Formula(
            "decode-rate",
            "tokens a second of a whole batch",
            "decode rate",
            "{batch} × {bandwidth} × {efficiency} ÷ ({weights} + {batch} × {kv})",
            (BANDWIDTH, WEIGHTS, Input("kv", "KV cache of a request", Dimension.SIZE, "1GB", "0B"), BATCH, REACHED),
            Dimension.RATE,
            memory.decode_rate,
            "while memory-bound: at most FLOPS ÷ (2 × params), which large batches reach",
            "Williams et al., roofline (2009); Pope et al. (2022)",
            unit="tokens/s",
            metric="decode_rate",
        ),
        Formula(
            "llm-latency",
            "time of a whole answer",
            "latency",
            "{ttft} + ({output} − 1) × {tpot}",
            (
                Input("ttft", "time to the first token", Dimension.DURATION, "224ms"),
                Input("tpot", "time per output token", Dimension.DURATION, "29ms"),
                Input("output", "tokens of the answer", Dimension.COUNT, "200", within=WHOLE),
            ),
            Dimension.DURATION,
            lambda ttft, tpot, output: ttft + (output - 1) * tpot,
            "no queueing; streaming shows the first token after the TTFT",
            "definition",
        ),
        Formula(
            "ops-per-byte",
            "how much work a byte read must carry to keep a GPU busy",
            "intensity",
            "{flops} ÷ {bandwidth}",
            (FLOPS, BANDWIDTH),
            Dimension.COUNT,
            memory.ops_per_byte,
            "below it work is memory-bound: decoding at a small batch always is",
            "Williams et al., roofline (2009)",
            unit="FLOP a byte",
        ),
    ),
)
