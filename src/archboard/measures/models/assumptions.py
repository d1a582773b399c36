"""What the numbers of models take for granted: memory, precision, efficiency, lengths, and how times combine."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.measures.analysis import Analysis
from archboard.units import show_duration, show_fraction


def measure(analysis: Analysis) -> Iterator[str]:
    """Yield a sentence for each assumption that models of the design rest on, and which."""
    models = [m for m in analysis.times.inferences.values() if m.weights is not None or m.generates]
    assumed = analysis.design.assumptions
    served = [m for m in models if m.saturation is not None]
    timed = [m for m in models if m.component.latency is None and m.latency is not None]
    halved = [m for m in models if m.generates and m.kv_precision != m.precision]
    mixed = [m for m in served if m.active_params != m.shape("params")]
    use, prefill, decode = (show_fraction(part) for part in (assumed.gpu_use, assumed.prefill, assumed.decode))
    sentences = (
        (f"an engine takes {use} of a GPU's memory, 1 GB of it for itself, and works on 2,048 tokens a step",
         [m for m in models if m.memory is not None]),
        ("weights without a precision are as they are published",
         [m for m in models if m.weights and not m.component.text("precision")]),
        ("the KV cache beside quantised weights is fp16",
         [m for m in halved if not m.component.text("kv_precision")]),
        ("without a batch, one request is decoded at a time",
         [m for m in models if m.generates and not {"batch", "concurrency"} & set(m.component.settings)]),
        (f"reading a prompt reaches {prefill} of a GPU's dense compute", served),
        (f"a step reaches {decode} of a GPU's bandwidth, and takes {show_duration(assumed.step)} more", served),
        ("prompts are read in the steps of others", [m for m in served if m.chunked]),
        ("requests arrive at random, and each replica gets its even part of them", [m for m in served if m.waits]),
        ("every answer has the tokens that are stated, and no spread of them is known",
         [m for m in served if isinstance(m.component.number("output_tokens"), float)]),
        ("every prompt has the tokens that are stated, and no spread of them is known",
         [m for m in served if isinstance(m.component.number("prompt_tokens"), float)]),
        ("two all-reduces a layer go over the link of the GPUs, 10 µs each and what they carry",
         [m for m in served if m.gpus > 1]),
        ("tokens choose their experts evenly, and each for itself", [m for m in mixed if m.experts_bytes]),
        ("a token reads its active weights, whatever the batch; give `experts` and `experts_used` to have them counted",
         [m for m in mixed if not m.experts_bytes]),
        ("ttft and tpot are slow together: their percentiles add",
         [m for m in timed if not (m.stated("ttft") is None and m.stated("tpot") is None)
          and m.latency is not None and not m.latency.is_range]),
    )  # fmt: skip
    for sentence, concerned in sentences:
        names = list(dict.fromkeys(model.component.name for model in concerned))
        if names:
            more = f" and {len(names) - 6} more" if len(names) > 6 else ""
            yield f"{sentence}: {', '.join(names[:6])}{more}"
