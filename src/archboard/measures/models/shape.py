"""Shape: what one replica of a model keeps in memory, from what the design states and the tables.

What a model states counts; what it does not state comes from the language model that `runs` names and from its
`gpu`; what is still missing is named, never guessed. Bytes and tokens.
"""

from __future__ import annotations

from functools import cached_property

from archboard.catalog.formats import BYTES, FORMAT, SIXTEEN, Format, experts, kept, quantised
from archboard.catalog.gpus import Gpu, gpu
from archboard.catalog.language_models import LanguageModel, language_model
from archboard.design.lengths import Lengths
from archboard.design.model import Assumptions, Component
from archboard.maths import memory
from archboard.measures.models.token_counts import mean_count, mean_term
from archboard.measures.terms import exactly, found, stated
from archboard.units import Dimension, show_number
from archboard.working import TIMES, Calculation, Term, Working, product, quotient, total

GENERATES = (
    "layers", "hidden", "heads", "kv_heads", "head_dim", "kv_latent", "context", "prompt_tokens", "output_tokens",
)  # fmt: skip
"""Settings that say of a model that it writes token after token, and keeps a cache."""


class Shape:
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
        """Return a number of the model's shape: as stated, or the table's, where it has one."""
        given = self.component.number(name)
        return given if given is not None or self.known is None else getattr(self.known, name) or None

    @property
    def active_params(self) -> float | None:
        """Parameters used per token: all of them unless it is a mixture of experts."""
        return self.shape("active_params") or self.shape("params")

    @property
    def precision(self) -> str:
        """The precision of the weights; that of its release where nothing is said, which is 16 bits for most."""
        released = self.known.published if self.known is not None else ""
        return self.component.text("precision") or released or "fp16"

    @property
    def format(self) -> Format:
        """The format of the weights."""
        return FORMAT[self.precision]

    @property
    def kv_precision(self) -> str:
        """The precision of the cache: its own, that of the weights, or 16 bits beside quantised ones."""
        given = self.component.text("kv_precision")
        return given or (self.precision if self.format.bits >= SIXTEEN else "fp16")

    @cached_property
    def kept(self) -> float:
        """Parameters that stay in 16 bits beside quantised ones, where the table knows which."""
        return kept(self._row, self.format)

    @property
    def _row(self) -> LanguageModel | None:
        """The row of the table, where all its parameters are meant."""
        return None if {"params", "active_params"} & set(self.component.settings) else self.known

    @cached_property
    def quantised(self) -> float:
        """Parameters in the format of the weights."""
        return quantised(self._row, self.shape("params") or 0.0, self.format)

    @cached_property
    def weights(self) -> float | None:
        """Bytes of the weights: those in their format, and those that stay in 16 bits."""
        params = self.shape("params")
        return None if params is None else self.weights_working.value

    @property
    def weights_working(self) -> Working:
        """How the bytes of the weights come to be."""
        params = self.params_term("params")
        if not self.kept:
            return product(Dimension.SIZE, params, self.bytes_term)
        left = Term(self.quantised, Dimension.COUNT, by=params.by, text=f"{show_number(self.quantised / 1e9)}B params")
        ends = Term(self.kept, Dimension.COUNT, by=params.by, text=f"{show_number(self.kept / 1e9)}B kept")
        sixteen = exactly(SIXTEEN / 8, Dimension.COUNT, "2 bytes (fp16)")
        return total(
            Dimension.SIZE, product(Dimension.SIZE, left, self.bytes_term), product(Dimension.SIZE, ends, sixteen)
        )

    @property
    def bytes_term(self) -> Term:
        """The bytes of a parameter in the format of the weights."""
        each = self.format.bits / 8
        text = f"{each:g} bytes ({self.precision})"
        return stated(self.component, "precision", each, Dimension.COUNT, text=text)

    @cached_property
    def experts_bytes(self) -> float:
        """Bytes of all experts that tokens choose among."""
        if self.known is None or not self.known.experts or self._row is None:
            return self._own_experts
        chosen = experts(self.known)
        form = self.format
        part = self.quantised if form.keeps == "but experts" else chosen
        return part * form.bits / 8

    @property
    def _own_experts(self) -> float:
        """Bytes of the experts of a mixture that the design states: what is not active is those not chosen."""
        count, used, whole = self.shape("experts"), self.shape("experts_used"), self.shape("params")
        active = self.shape("active_params")
        if not (count and used and whole and active) or count <= used:
            return 0.0
        return (whole - active) / (count - used) * count * self.format.bits / 8

    @cached_property
    def missing(self) -> tuple[str, ...]:
        """Settings without which the KV cache is not known."""
        wanted = [] if self.shape("layers") else ["layers"]
        if self.width is None:
            if self.shape("kv_heads") is None and self.shape("heads") is None:
                wanted.append("heads")
            if self.shape("head_dim") is None and self.shape("hidden") is None:
                wanted.append("hidden")
            if wanted in ([], ["layers"]):
                wanted.append("head_dim")
        if self.tokens is None:
            wanted += [name for name in ("prompt_tokens", "output_tokens") if self.count(name) is None]
        return tuple(wanted)

    @property
    def width(self) -> float | None:
        """Values that a layer keeps of a token as keys, and as many as values; the hidden size with neither given."""
        heads, hidden = self.shape("heads"), self.shape("hidden")
        kv_heads = self.shape("kv_heads") or heads
        head_dim = self.shape("head_dim") or (hidden / heads if hidden and heads else None)
        if kv_heads and head_dim:
            return kv_heads * head_dim
        return hidden if self.shape("kv_heads") is None and self.shape("head_dim") is None else None

    @cached_property
    def per_layer(self) -> float | None:
        """Bytes that one layer keeps of a token: keys and values, or the latent vector that stands for both."""
        each, latent = BYTES[self.kv_precision], self.shape("kv_latent")
        if latent:
            return latent * each
        return memory.kv_per_token(1, 1, self.width, each) if self.width else None

    @cached_property
    def per_token(self) -> float | None:
        """Bytes that one token keeps in the cache while every layer looks back on it."""
        layers = self.shape("layers")
        return layers * self.per_layer if layers and self.per_layer else None

    @property
    def windowed(self) -> tuple[float, float]:
        """How many layers look back on a window of tokens only, and on how many; none without a window."""
        window, layers = self.shape("window"), self.shape("layers") or 0.0
        if not window:
            return 0.0, 0.0
        return min(layers, self.shape("window_layers") or layers), window

    def kept_of(self, tokens: float) -> float | None:
        """Return the bytes that a request of so many tokens keeps, once."""
        layers = self.shape("layers")
        if not layers or self.per_layer is None:
            return None
        return memory.windowed_cache(self.per_layer, layers, tokens, *self.windowed)

    def count(self, name: str) -> float | None:
        """Return the tokens in or out: as stated, or the mean of those whose percentiles are."""
        return mean_count(self.component, name)

    def longest(self, name: str) -> float | None:
        """Return the tokens in or out: as stated, or the highest percentile that is."""
        given = self.component.settings.get(name)
        if given is not None and isinstance(given.value, Lengths):
            return given.value.longest
        return self.component.number(name)

    def tokens_term(self, name: str, words: str = "") -> Term:
        """Return the tokens in or out as a term: as stated, or their mean."""
        return mean_term(self.component, name, words)

    @cached_property
    def tokens(self) -> float | None:
        """Tokens of one request: prompt and output, or else the context, or else the prompt of what writes nothing."""
        prompt, output = self.count("prompt_tokens"), self.count("output_tokens")
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
        return None if self.tokens is None else self.kept_of(self.tokens)

    @cached_property
    def kv_cache(self) -> float | None:
        """Bytes of the cache of a whole batch."""
        return None if self.kv_request is None else self.kv_request * self.batch

    @property
    def gpus(self) -> float:
        """GPUs of one replica."""
        return self.component.number("gpus") or 1.0

    @property
    def copies(self) -> float:
        """GPUs that keep the same keys and values: more than one where there are fewer KV heads than GPUs."""
        heads = 1.0 if self.shape("kv_latent") else self.shape("kv_heads") or self.shape("heads")
        return max(1.0, self.gpus / heads) if heads else 1.0

    def divides(self, gpus: float) -> bool:
        """Whether heads and KV heads can be spread over so many GPUs: evenly, or each KV head copied as often."""
        heads, kv_heads = self.shape("heads"), self.shape("kv_heads") or self.shape("heads")
        if not heads or not kv_heads:
            return True
        if self.shape("kv_latent"):
            kv_heads = 1.0
        return heads % gpus == 0 and (kv_heads % gpus == 0 or gpus % kv_heads == 0)

    @cached_property
    def activations(self) -> float | None:
        """Bytes of the activations of the largest step, and what the engine itself takes of each GPU."""
        if self.weights is None:
            return None
        return memory.activations(self.shape("hidden") or 0.0 if self.generates else 0.0, self.gpus)

    @cached_property
    def memory(self) -> float | None:
        """Bytes needed in all: weights, cache and activations."""
        if self.weights is None or self.kv_cache is None or self.activations is None:
            return None
        return self.weights + self.kv_cache * self.copies + self.activations

    @cached_property
    def gpu_memory(self) -> float | None:
        """Bytes of one GPU: as stated, or the table's."""
        given = self.component.number("gpu_memory")
        return given if given is not None or self.hardware is None else self.hardware.memory

    @property
    def usable(self) -> float | None:
        """Bytes of a replica's GPUs that an engine takes."""
        return None if self.gpu_memory is None else self.gpu_memory * self.gpus * self.assumed.gpu_use

    @property
    def room(self) -> float | None:
        """Bytes that are left for caches beside weights and activations."""
        if self.usable is None or self.weights is None or self.activations is None:
            return None
        return self.usable - self.weights - self.activations

    @property
    def largest_batch(self) -> int | None:
        """How many requests fit."""
        if self.room is None or not self.kv_request:
            return None
        return max(0, memory.whole_of(self.room / (self.kv_request * self.copies)))

    @property
    def longest_context(self) -> int | None:
        """How many tokens each request of the batch may have, at most what the model was made for."""
        layers = self.shape("layers")
        if self.room is None or not self.per_layer or not layers:
            return None
        fits = memory.longest_windowed(
            self.room / self.batch / self.copies, self.per_layer, layers, *self.windowed, self.ends or 0.0
        )
        return max(0, memory.whole_of(fits)) if fits < 1e18 else None

    @property
    def ends(self) -> float | None:
        """The longest context that the model was made for, where the table knows it."""
        return float(self.known.context) if self.known is not None and self.known.context else None

    def params_term(self, name: str) -> Term:
        """Return the parameters, all or those used per token, as a term: where they stand or whose they are."""
        which = name if self.shape(name) else "params"
        return self.shape_term(which, text=f"{show_number((self.shape(which) or 0.0) / 1e9)}B params")

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
        width = self.width or 0.0
        text = f"{show_number(width, 9)} values"
        heads, dim = ("kv_heads" if self.shape("kv_heads") else "heads"), self.shape_term("head_dim")
        alike = "" if heads == "kv_heads" else "kv heads"
        if self.shape("head_dim") and self.shape(heads):
            of: Working = Calculation(TIMES, (self.shape_term(heads), dim), Dimension.COUNT, assumption=alike)
        elif self.shape("hidden") and self.shape("heads") and self.shape(heads):
            one = quotient(Dimension.COUNT, self.shape_term("hidden"), self.shape_term("heads"))
            of = Calculation(TIMES, (self.shape_term(heads), one), Dimension.COUNT, assumption=alike or "head dim")
        else:
            of = found(width, Dimension.COUNT, "", of=self.shape_term("hidden"), assumption="kv width")
        return Term(width, Dimension.COUNT, of=of, text=text)

    def batch_term(self, what: str = "") -> Term:
        """Return the batch as a term: as stated, or what one replica works on at once, or one."""
        text = f"batch of {show_number(self.batch)}{what}"
        setting = next((name for name in ("batch", "concurrency") if self.component.number(name)), "batch")
        return stated(self.component, setting, self.batch, Dimension.COUNT, text=text)
