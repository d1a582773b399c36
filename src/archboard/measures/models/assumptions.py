"""What the numbers of models take for granted: overhead, precision, efficiency, and how their times combine."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.measures.analysis import Analysis
from archboard.units import show_fraction


def measure(analysis: Analysis) -> Iterator[str]:
    """Yield a sentence for each assumption that models of the design rest on, and which."""
    models = [m for m in analysis.times.inferences.values() if m.weights is not None or m.generates]
    assumed = analysis.design.assumptions
    decoding = [m for m in models if m.tpot is not None and m.tpot.computed]
    reading = [m for m in models if m.ttft is not None and m.ttft.computed]
    timed = [(m, m.latency) for m in models if m.component.latency is None and m.latency is not None]
    halved = [m for m in models if m.generates and m.kv_precision != m.precision]
    overhead, prefill, decode = (show_fraction(part) for part in (assumed.overhead, assumed.prefill, assumed.decode))
    sentences = (
        (f"weights and KV cache need {overhead} more, for activations and the framework",
         [m for m in models if m.memory is not None]),
        ("weights without a precision are fp16",
         [m for m in models if m.weights and not m.component.text("precision")]),
        ("the KV cache beside quantised weights is fp16",
         [m for m in halved if not m.component.text("kv_precision")]),
        ("without a batch, one request is decoded at a time",
         [m for m in models if m.generates and not {"batch", "concurrency"} & set(m.component.settings)]),
        (f"reading a prompt reaches {prefill} of a GPU's dense compute", reading),
        (f"decoding reaches {decode} of a GPU's bandwidth, with the KV cache full", decoding),
        ("GPUs of one replica add up; what they tell each other is not counted",
         [m for m in (*reading, *decoding) if m.gpus > 1]),
        ("a token reads the experts it uses; a large batch reads nearly all of them, and is slower than this",
         [m for m in decoding if m.active_params != m.shape("params") and m.batch > 1]),
        ("ttft and tpot are computed, and no spread of them is known",
         [m for m, latency in timed if latency.is_range and latency.computed]),
        ("ttft and tpot are slow together: their percentiles add",
         [m for m, latency in timed if not latency.is_range]),
    )  # fmt: skip
    for sentence, concerned in sentences:
        names = list(dict.fromkeys(model.component.name for model in concerned))
        if names:
            more = f" and {len(names) - 6} more" if len(names) > 6 else ""
            yield f"{sentence}: {', '.join(names[:6])}{more}"
