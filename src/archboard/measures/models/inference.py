"""Inference: what one replica of a model needs and how fast it answers, from what the design states and the tables.

What a model states counts; what it does not state comes from the language model that `runs` names and from its
`gpu`; what is still missing is named, never guessed. Bytes, seconds, tokens a second.
"""

from __future__ import annotations

from functools import cached_property

from archboard.catalog.gpus import Gpu, gpu
from archboard.catalog.language_models import BYTES, QUANTISED, LanguageModel, language_model
from archboard.design.model import Assumptions, Component, Latency
from archboard.maths import memory
from archboard.maths.distributions.distribution import Distribution
from archboard.maths.distributions.from_percentiles import from_percentiles, from_range
from archboard.measures.metrics import DECODE_RATE, KV_CACHE
from archboard.measures.terms import assumed, exactly, number, stated
from archboard.records import replace
from archboard.units import Dimension, show_duration, show_number
from archboard.working import Calculation, Term, Working, difference, product, quotient, total

GENERATES = ("layers", "hidden", "heads", "kv_heads", "head_dim", "context", "prompt_tokens", "output_tokens")
"""Settings that say of a model that it writes token after token, and keeps a cache."""
SHOWN_AT = 0.99
"""The percentile at which the times to the first and to further tokens are facts."""


class Inference:
    """One model component under the design's assumptions; each number is None where an input is missing."""

    def __init__(self, component: Component, assumed: Assumptions) -> None:
        self.component = component
        self.assumed = assumed

    @cached_property
    def known(self) -> LanguageModel | None:
        """The language model that `runs` names, if the table has it."""
        return language_model(self.component.texts("runs"))

    @cached_property
    def hardware(self) -> Gpu | None:
        """The GPU, if the table has it."""
        return gpu(self.component.text("gpu"))

    @cached_property
    def generates(self) -> bool:
        """Whether it is a language model, which keeps a KV cache."""
        settings = self.component.settings
        return self.known is not None or any(name in settings for name in (*GENERATES, "ttft", "tpot"))

    def shape(self, name: str) -> float | None:
        """Return a number of the model's shape: as stated, or the table's."""
        given = self.component.number(name)
        return given if given is not None or self.known is None else getattr(self.known, name)

    @property
    def active_params(self) -> float | None:
        """Parameters used per token: all of them unless it is a mixture of experts."""
        return self.shape("active_params") or self.shape("params")

    @property
    def precision(self) -> str:
        """The precision of the weights; 16 bits where nothing is said, as models are published."""
        return self.component.text("precision") or "fp16"

    @property
    def kv_precision(self) -> str:
        """The precision of the cache: its own, that of the weights, or 16 bits beside quantised ones."""
        given = self.component.text("kv_precision")
        return given or ("fp16" if self.precision in QUANTISED else self.precision)

    @cached_property
    def weights(self) -> float | None:
        """Bytes of the weights."""
        params = self.shape("params")
        return None if params is None else memory.weights(params, BYTES[self.precision])

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Settings without which the KV cache is not known."""
        wanted = [] if self.shape("layers") else ["layers"]
        if self._width is None:
            if self.shape("kv_heads") is None and self.shape("heads") is None:
                wanted.append("heads")
            if self.shape("head_dim") is None and self.shape("hidden") is None:
                wanted.append("hidden")
            if wanted in ([], ["layers"]):
                wanted.append("head_dim")
        if self.tokens is None:
            wanted += [name for name in ("prompt_tokens", "output_tokens") if self.component.number(name) is None]
        return tuple(wanted)

    @property
    def _width(self) -> float | None:
        """Values that a layer keeps of a token, times two: kv_heads × head_dim; the hidden size with neither given."""
        heads, hidden = self.shape("heads"), self.shape("hidden")
        kv_heads = self.shape("kv_heads") or heads
        head_dim = self.shape("head_dim") or (hidden / heads if hidden and heads else None)
        if kv_heads and head_dim:
            return kv_heads * head_dim
        return hidden if self.shape("kv_heads") is None and self.shape("head_dim") is None else None

    @cached_property
    def per_token(self) -> float | None:
        """Bytes that one token keeps in the cache."""
        layers, width = self.shape("layers"), self._width
        return memory.kv_per_token(layers, 1, width, BYTES[self.kv_precision]) if layers and width else None

    @cached_property
    def tokens(self) -> float | None:
        """Tokens of one request: prompt and output, or else the context, or else the prompt of what writes nothing."""
        prompt, output = self.component.number("prompt_tokens"), self.component.number("output_tokens")
        if prompt is not None and output is not None:
            return prompt + output
        context = self.component.number("context")
        return prompt if context is None else context

    @property
    def batch(self) -> float:
        """Requests decoded together: `batch`, or what one replica works on at once, or one."""
        return self.component.number("batch") or self.component.number("concurrency") or 1.0

    @cached_property
    def kv_request(self) -> float | None:
        """Bytes that the cache of one request takes when it is full."""
        if not self.generates:
            return 0.0
        return None if self.per_token is None or self.tokens is None else self.per_token * self.tokens

    @cached_property
    def kv_cache(self) -> float | None:
        """Bytes of the cache of a whole batch."""
        return None if self.kv_request is None else self.kv_request * self.batch

    @cached_property
    def memory(self) -> float | None:
        """Bytes needed in all."""
        if self.weights is None or self.kv_cache is None:
            return None
        return memory.total_memory(self.weights, self.kv_cache, self.assumed.overhead)

    @property
    def gpus(self) -> float:
        """GPUs of one replica."""
        return self.component.number("gpus") or 1.0

    @cached_property
    def gpu_memory(self) -> float | None:
        """Bytes of one GPU: as stated, or the table's."""
        given = self.component.number("gpu_memory")
        return given if given is not None or self.hardware is None else self.hardware.memory

    @property
    def available(self) -> float | None:
        """Bytes of a replica's GPUs together."""
        return None if self.gpu_memory is None else self.gpu_memory * self.gpus

    @property
    def largest_batch(self) -> int | None:
        """How many requests fit."""
        if self.available is None or self.weights is None or not self.kv_request:
            return None
        return memory.largest_batch(self.available, self.weights, self.kv_request, self.assumed.overhead)

    @property
    def longest_context(self) -> int | None:
        """How many tokens each request of the batch may have."""
        if self.available is None or self.weights is None or not self.per_token:
            return None
        return memory.longest_context(self.available, self.weights, self.per_token, self.batch, self.assumed.overhead)

    @property
    def flops(self) -> float | None:
        """Dense operations a second of a replica's GPUs: in fp8 for fp8 weights where the GPU can, else in 16 bits."""
        if self.hardware is None:
            return None
        eight = self.hardware.flops8 if self.precision == "fp8" else None
        return (eight or self.hardware.flops) * self.gpus

    @property
    def bandwidth(self) -> float | None:
        """Bytes a second of a replica's GPUs."""
        return None if self.hardware is None else self.hardware.bandwidth * self.gpus

    @property
    def active_weights(self) -> float:
        """Bytes of the weights that one token reads."""
        return memory.weights(self.active_params or 0.0, BYTES[self.precision])

    @cached_property
    def ttft(self) -> Latency | None:
        """Time to the first token: stated, or computed from prompt and compute."""
        given = _stated(self.component, "ttft")
        prompt = self.component.number("prompt_tokens")
        if given is not None or self.flops is None or self.active_params is None or prompt is None:
            return given
        seconds = self.ttft_working.value
        return Latency(low=seconds, high=seconds, computed=True)

    @cached_property
    def ttft_working(self) -> Calculation:
        """How a time to the first token that is not stated came to be: 2 × active params × prompt ÷ compute."""
        prompt = number(self.component, "prompt_tokens", Dimension.COUNT, "prompt tokens")
        work = product(Dimension.COUNT, exactly(2.0, Dimension.COUNT), self.params_term("active_params"), prompt)
        return quotient(Dimension.DURATION, work, self._compute)

    @property
    def _compute(self) -> Working:
        """The operations a second that reading a prompt reaches."""
        whole = self.of_gpu(self.flops or 0.0, Dimension.COMPUTE)
        return product(Dimension.COMPUTE, whole, assumed(self.assumed.prefill, Dimension.FRACTION, "assume: prefill"))

    def of_gpu(self, value: float, dimension: Dimension) -> Term:
        """Return a number of the replica's GPUs together, as the table has it."""
        name = self.hardware.name if self.hardware is not None else ""
        return Term(value, dimension, by=f"{show_number(self.gpus)} × {name} of the table of GPUs")

    def params_term(self, name: str) -> Term:
        """Return the parameters, all or those used per token, as a term: where they stand or whose they are."""
        which = name if self.shape(name) else "params"
        return self.shape_term(which, text=f"{show_number((self.shape(which) or 0.0) / 1e9)}B params")

    @cached_property
    def decode_rate(self) -> float | None:
        """Tokens a second of one replica, its batch full: from a stated `tpot`, or from bandwidth."""
        given = _stated(self.component, "tpot")
        if given is not None:
            usual = _usual(given)
            return self.batch / usual if usual > 0 else None
        if not self.generates or self.bandwidth is None or self.flops is None or not self.active_params:
            return None
        return memory.decode_rate(
            self.bandwidth, self.active_weights, self.kv_request or 0.0, self.batch, self.assumed.decode,
            self.flops, self.active_params, self.assumed.prefill,
        )  # fmt: skip

    @cached_property
    def decode_working(self) -> Working:
        """How the tokens a second came to be."""
        given = _stated(self.component, "tpot")
        if given is not None:
            tpot = stated(self.component, "tpot", _usual(given), Dimension.DURATION)
            shown = replace(tpot, text=f"tpot {tpot.shown}")
            return quotient(Dimension.RATE, self.batch_term(" requests"), shown)
        two = exactly(2.0, Dimension.COUNT)
        by_compute = quotient(
            Dimension.RATE, self._compute, product(Dimension.COUNT, two, self.params_term("active_params")),
            note="compute-bound",
        )  # fmt: skip
        if self.decode_rate is not None and self.decode_rate >= by_compute.value * (1 - 1e-9):
            return by_compute
        weights = Term(
            self.active_weights, Dimension.SIZE, "weights",
            of=product(Dimension.SIZE, self.params_term("active_params"), self.bytes_term),
        )  # fmt: skip
        read: Working = weights
        if self.kv_cache:
            cache = Term(self.kv_cache, Dimension.SIZE, "KV cache", fact=(KV_CACHE.name, self.component.name))
            read = total(Dimension.SIZE, weights, cache)
        speed = self.of_gpu(self.bandwidth or 0.0, Dimension.BANDWIDTH)
        reached = assumed(self.assumed.decode, Dimension.FRACTION, "assume: decode")
        unknown = "" if self.kv_cache is not None else "the cache is not counted, its size is not known"
        written = product(Dimension.RATE, self.batch_term(" requests"), speed, reached)
        return quotient(Dimension.RATE, written, read, note=unknown)

    @property
    def bytes_term(self) -> Term:
        """The bytes of a parameter."""
        each = BYTES[self.precision]
        text = f"{each:g} bytes ({self.precision})"
        return stated(self.component, "precision", each, Dimension.COUNT, text=text)

    def shape_term(self, name: str, words: str = "", *, text: str = "") -> Term:
        """Return a number of the model's shape as a term: as stated, or the table's."""
        value = self.shape(name) or 0.0
        if name in self.component.settings:
            return stated(self.component, name, value, Dimension.COUNT, words, text=text)
        whose = self.known.name if self.known is not None else ""
        return Term(value, Dimension.COUNT, words, by=f"{whose} of the table of language models", text=text)

    @property
    def width_term(self) -> Term:
        """The values that a layer keeps of a token, once as a key and once as a value."""
        width = self._width or 0.0
        text = f"{show_number(width, 9)} values"
        heads, dim = ("kv_heads" if self.shape("kv_heads") else "heads"), self.shape_term("head_dim")
        if self.shape("head_dim") and self.shape(heads):
            of: Working = product(Dimension.COUNT, self.shape_term(heads), dim)
        elif self.shape("hidden") and self.shape("heads") and self.shape(heads):
            one = quotient(Dimension.COUNT, self.shape_term("hidden"), self.shape_term("heads"))
            of = product(Dimension.COUNT, self.shape_term(heads), one)
        else:
            of = self.shape_term("hidden")
        return Term(width, Dimension.COUNT, of=of, text=text)

    def batch_term(self, what: str = "") -> Term:
        """Return the batch as a term: as stated, or what one replica works on at once, or one."""
        text = f"batch of {show_number(self.batch)}{what}"
        setting = next((name for name in ("batch", "concurrency") if self.component.number(name)), "batch")
        return stated(self.component, setting, self.batch, Dimension.COUNT, text=text)

    @cached_property
    def tpot(self) -> Latency | None:
        """Time per further token: stated, or what a step of the batch takes."""
        given = _stated(self.component, "tpot")
        if given is not None or self.decode_rate is None:
            return given
        seconds = self.tpot_working.value
        return Latency(low=seconds, high=seconds, computed=True)

    @cached_property
    def tpot_working(self) -> Calculation:
        """How a time per further token that is not stated came to be."""
        rate = self.decode_rate or 0.0
        key = (DECODE_RATE.name, self.component.name)
        written = Term(rate, Dimension.RATE, fact=key, text=f"{show_number(rate)} tokens/s")
        return quotient(Dimension.DURATION, self.batch_term(), written)

    @cached_property
    def latency(self) -> Latency | None:
        """The whole answer: ttft + (output_tokens − 1) × tpot, each percentile with its own (slow together)."""
        output = self.component.number("output_tokens")
        if output is None or self.ttft is None:
            return None
        further = max(0.0, output - 1)
        if further == 0:
            return self.ttft
        if self.tpot is None:
            return None
        first, each = (distribution_of(part, self.assumed) for part in (self.ttft, self.tpot))
        if self.ttft.is_range and self.tpot.is_range:
            low, high = (getattr(self.ttft, end) + further * getattr(self.tpot, end) for end in ("low", "high"))
            return Latency(low=low, high=high, computed=True)
        declared = sorted({q for part in (self.ttft, self.tpot) for q, _ in part.percentiles})
        if len(declared) == 1 and (self.ttft.is_range or self.tpot.is_range):
            declared = sorted({0.5, *declared})
        return Latency(tuple((q, first.quantile(q) + further * each.quantile(q)) for q in declared), computed=True)

    def answer_at(self, fraction: float) -> Working:
        """Return how an answer's percentile comes to be of those of its two times."""
        assert self.ttft is not None
        first = self._time("ttft", self.ttft, fraction)
        further = max(0.0, (self.component.number("output_tokens") or 0.0) - 1)
        if further == 0 or self.tpot is None:
            return first
        count = number(self.component, "output_tokens", Dimension.COUNT)
        tokens = Term(further, Dimension.COUNT, of=difference(Dimension.COUNT, count, exactly(1.0, Dimension.COUNT)))
        return total(
            Dimension.DURATION, first, product(Dimension.DURATION, tokens, self._time("tpot", self.tpot, fraction))
        )

    def _time(self, name: str, latency: Latency, fraction: float) -> Term:
        """Return the percentile of the ttft or the tpot, as a term."""
        seconds = distribution_of(latency, self.assumed).quantile(fraction)
        fact = (name, self.component.name) if fraction == SHOWN_AT else None
        text = f"{name} {show_duration(seconds)}"
        if fact is not None or name not in self.component.settings:
            return Term(seconds, Dimension.DURATION, fact=fact or (name, self.component.name), text=text)
        return stated(self.component, name, seconds, Dimension.DURATION, text=text)

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Settings without which its latency is not known."""
        wanted = [name for name in ("output_tokens",) if self.component.number(name) is None]
        for name, value, needs in (("ttft", self.ttft, ("prompt_tokens", "params")), ("tpot", self.tpot, ("params",))):
            if value is None:
                unknown = [need for need in needs if need == "params" and self.active_params is None]
                unknown += [need for need in needs if need != "params" and self.component.number(need) is None]
                wanted += [need for need in (unknown if self.hardware is not None else [name]) if need not in wanted]
        return tuple(wanted)


def _stated(component: Component, name: str) -> Latency | None:
    given = component.settings.get(name)
    return given.value if given is not None and isinstance(given.value, Latency) else None


def _usual(latency: Latency) -> float:
    """Return the median where it is stated, or else the number that is."""
    if latency.is_range:
        return (latency.low + latency.high) / 2
    return latency.at(0.5) or latency.percentiles[0][1]


def distribution_of(latency: Latency, assumed: Assumptions) -> Distribution:
    """Return the distribution of a latency: uniform, or lognormal through its percentiles with the assumed tail."""
    if latency.is_range:
        return from_range(latency.low, latency.high)
    return from_percentiles(latency.percentiles, assumed.tail)
