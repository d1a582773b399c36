"""Scaling rules of thumb: factors to start from, and what they cannot mean."""

from __future__ import annotations

from archboard.formulas.model import PART, POSITIVE, Formula, Input, Topic
from archboard.maths import scaling
from archboard.units import Dimension

LATENCY = Input("latency", "time before", Dimension.DURATION, "80ms")
TIMES = Input("times", "how many times as large the batch gets", Dimension.RATIO, "2x", "2x", POSITIVE)


def _sped_up(latency: float, factor: float) -> float:
    return latency / factor


def _factor(usual: str, about: str) -> Input:
    return Input("factor", about, Dimension.RATIO, usual, usual, POSITIVE)


SCALING = Topic(
    "Scaling rules of thumb",
    (
        Formula(
            "gpu-speedup",
            "a transformer moved from CPU to GPU",
            "latency after",
            "{latency} ÷ {factor}",
            (LATENCY, _factor("10x", "5× to 20×, by the size of the batch")),
            Dimension.DURATION,
            _sped_up,
            "a start until measured; the part that moves only (`amdahl`), transfers not counted",
            "rule of thumb of the interview sheet",
            seed="CPU to GPU speedup (transformers): 5× – 20× (depends on batch size)",
        ),
        Formula(
            "int8-speedup",
            "a model quantised from FP32 to INT8",
            "latency after",
            "{latency} ÷ {factor}",
            (LATENCY, _factor("2.5x", "2× to 3×; the weights shrink by 4")),
            Dimension.DURATION,
            _sped_up,
            "hardware with INT8 kernels; reading a quarter of the bytes bounds it by 4 where memory is the limit",
            "rule of thumb of the interview sheet",
            seed="FP32 → INT8 quantization speedup: 2× – 3×",
        ),
        Formula(
            "fp16-speedup",
            "a model in FP16 instead of FP32",
            "latency after",
            "{latency} ÷ {factor}",
            (LATENCY, _factor("2x", "about 2×, as the bytes halve")),
            Dimension.DURATION,
            _sped_up,
            "memory-bound work; with tensor cores compute-bound work gains more",
            "rule of thumb of the interview sheet",
            seed="FP32 → FP16 speedup: ~2×",
        ),
        Formula(
            "batch-throughput",
            "throughput of a larger batch, by the rule",
            "throughput after",
            "{throughput} × {factor}^log₂ {times}",
            (
                Input("throughput", "requests or tokens a second before", Dimension.RATE, "400 rps"),
                TIMES,
                _factor("1.5x", "1.5× per doubling"),
            ),
            Dimension.RATE,
            lambda throughput, times, factor: scaling.grown(throughput, factor, times),
            "while memory and compute last; 1.5× a doubling goes with a latency of 2 ÷ 1.5 = 1.33×",
            "rule of thumb of the interview sheet",
            seed="Batch size doubling (inference): 1.5× throughput, 1.2× latency",
            differs="the two cannot both hold: twice the batch in 1.2× the time is 2 ÷ 1.2 = 1.67× (`batch-gain`)",
        ),
        Formula(
            "batch-latency",
            "latency of a larger batch, by the rule",
            "latency after",
            "{latency} × {factor}^log₂ {times}",
            (LATENCY, TIMES, _factor("1.2x", "1.2× per doubling")),
            Dimension.DURATION,
            lambda latency, times, factor: scaling.grown(latency, factor, times),
            "while memory and compute last; 1.2× a doubling goes with a throughput of 1.67×",
            "rule of thumb of the interview sheet",
        ),
        Formula(
            "batch-gain",
            "throughput gained by a larger batch, from both factors",
            "gain",
            "{times} ÷ {slower}",
            (TIMES, Input("slower", "how many times as long a batch takes", Dimension.RATIO, "1.2x", "1.2x", POSITIVE)),
            Dimension.RATIO,
            scaling.batch_gain,
            "batches always full",
            "Little (1961)",
        ),
        Formula(
            "amdahl",
            "what a faster part is worth to the whole",
            "speed-up",
            "1 ÷ (1 − {part} + {part} ÷ {factor})",
            (
                Input("part", "the part of the time that gets faster", Dimension.FRACTION, "60%", within=PART),
                Input("factor", "how many times as fast", Dimension.RATIO, "10x", within=POSITIVE),
            ),
            Dimension.RATIO,
            scaling.amdahl,
            "the rest stays as it is: at most 1 ÷ (1 − part)",
            "Amdahl (1967)",
        ),
    ),
)
