"""What the numbers of models take for granted: memory, precision, efficiency, lengths, and how times combine."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.conditions import Taken
from archboard.measures.analysis import Analysis
from archboard.measures.models.inference import Inference
from archboard.units import show_duration, show_fraction


def measure(analysis: Analysis) -> Iterator[Taken]:
    """Yield each assumption that models of the design rest on, and which."""
    models = [m for m in analysis.times.inferences.values() if m.weights is not None or m.generates]
    assumed, states = analysis.design.assumptions, analysis.design.assumptions.states
    served = [m for m in models if m.saturation is not None]
    timed = [m for m in models if m.component.latency is None and m.latency is not None]
    halved = [m for m in models if m.generates and m.kv_precision != m.precision]
    mixed = [m for m in served if m.active_params != m.shape("params")]
    cached = [m for m in models if m.per_token is not None and not m.shape("kv_latent")]
    sized = [m for m in models if m.memory is not None]
    concerned: tuple[tuple[str, str, list[Inference]], ...] = (
        ("gpu use", show_fraction(assumed.gpu_use), [] if states("gpu_use") else sized),
        ("engine", "", sized),
        ("precision", "", [m for m in models if m.weights and not m.component.text("precision")]),
        ("kv precision", "", [m for m in halved if not m.component.text("kv_precision")]),
        ("kv heads", "", [m for m in cached if not m.shape("kv_heads")]),
        ("head dim", "", [m for m in cached if not m.shape("head_dim") and m.shape("heads")]),
        ("kv width", "", [m for m in cached if not m.shape("head_dim") and not m.shape("heads")]),
        ("batch", "", [m for m in models if m.generates and not {"batch", "concurrency"} & set(m.component.settings)]),
        ("prefill", show_fraction(assumed.prefill), [] if states("prefill") else served),
        ("decode", show_fraction(assumed.decode), [] if states("decode") else served),
        ("step", show_duration(assumed.step), [] if states("step") else served),
        ("chunked", "", [m for m in served if m.chunked]),
        ("even", "", [m for m in served if m.waits]),
        ("answers", "", [m for m in served if isinstance(m.component.number("output_tokens"), float)]),
        ("prompts", "", [m for m in served if isinstance(m.component.number("prompt_tokens"), float)]),
        ("link", "", [m for m in served if m.gpus > 1]),
        ("experts", "", [m for m in mixed if m.experts_bytes]),
        ("active", "", [m for m in mixed if not m.experts_bytes]),
        ("together", "",
         [m for m in timed if not (m.stated("ttft") is None and m.stated("tpot") is None)
          and m.latency is not None and not m.latency.is_range]),
    )  # fmt: skip
    for name, value, among in concerned:
        names = dict.fromkeys(model.component.name for model in among)
        if names:
            yield Taken(name, value, (*names,))
