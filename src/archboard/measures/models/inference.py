"""Inference: how fast one replica of a model answers at its load, from what the design states and the tables.

What a model states counts: its `ttft`, `tpot`, `latency` and `throughput` win over what is computed. What it does not
state is that of a server of `maths.serving`, made of its shape, its tokens and its GPU, at the rate that arrives.
Seconds, requests a second.
"""

from __future__ import annotations

import math
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from archboard.design.lengths import Lengths as Stated
from archboard.design.model import Assumptions, Component, Latency
from archboard.maths.distributions.distribution import Distribution
from archboard.maths.distributions.from_percentiles import from_percentiles, from_range
from archboard.measures.models.shape import Shape

if TYPE_CHECKING:
    from archboard.maths.serving.saturation import Asked, Lengths
    from archboard.maths.serving.step import Server
    from archboard.maths.serving.under_load import Served

SHOWN_AT = 0.99
"""The percentile at which the times to the first and to further tokens are facts."""
STRATA = (
    *(i / 20 for i in range(18)), 0.9, 0.92, 0.94, 0.955, 0.965, 0.975, 0.9825, 0.9875, 0.9925, 0.9965, 0.9985, 0.9995,
    0.9999, 1.0,
)  # fmt: skip
"""Where lengths whose percentiles are stated are parted: finer where they are long."""
NEARLY = 0.98
"""The load, of the saturation, whose times stand for those of an overload, which nobody is shown."""


class Inference(Shape):
    """One model component at a rate of requests a second over all its replicas that run, all of them unless said."""

    def __init__(
        self, component: Component, assumed: Assumptions, arriving: float = 0.0, running: float | None = None
    ) -> None:
        super().__init__(component, assumed)
        self.arriving = arriving
        self.running = component.replicas.high if running is None else running

    @property
    def flops(self) -> float | None:
        """Dense operations a second of a replica's GPUs: in fp8 for fp8 weights where the GPU can, else in 16 bits."""
        if self.hardware is None:
            return None
        eight = self.hardware.flops8 if self.format.eight else None
        return (eight or self.hardware.flops) * self.gpus

    @property
    def bandwidth(self) -> float | None:
        """Bytes a second of a replica's GPUs."""
        return None if self.hardware is None else self.hardware.bandwidth * self.gpus

    @cached_property
    def server(self) -> Server | None:
        """The server that one replica is, where its GPU and parameters are known."""
        from archboard.maths.serving import step  # noqa: PLC0415 - for models alone

        if self.hardware is None or self.weights is None or not self.generates or not self.active_params:
            return None
        layers, hidden, link = self.shape("layers"), self.shape("hidden"), None
        if self.gpus > 1 and layers and hidden:
            around = 2 * (self.gpus - 1) / self.gpus
            link = step.Link(2 * layers, around * hidden * 2, self.hardware.link)
        mixture = bool(self.experts_bytes)
        unknown = self.weights * self.active_params / (self.shape("params") or self.active_params)
        count = (self.known.experts if self.known is not None else 0) or self.component.number("experts") or 0.0
        chosen = (self.known.experts_used if self.known is not None else 0) or self.component.number("experts_used")
        return step.Server(
            shared=self.weights - self.experts_bytes if mixture else unknown,
            active=self.active_params, bandwidth=(self.bandwidth or 0.0) * self.assumed.decode,
            compute=(self.flops or 0.0) * self.assumed.prefill,
            expert=self.experts_bytes / count if mixture and count else 0.0, experts=count if mixture else 0.0,
            chosen=chosen or 0.0, fixed=self.assumed.step, launch=step.LAUNCH * (layers or 0.0), link=link,
            chunked=self.chunked,
        )  # fmt: skip

    @property
    def chunked(self) -> bool:
        """Whether prompts are read in the steps of others: not where it says no, or its batches are not continuous."""
        given = self.component.settings.get("chunked")
        return given.value is not False if given is not None else self.component.text("batching") in ("", "continuous")

    @property
    def written(self) -> float:
        """Tokens that a step gives each running request."""
        return self.component.number("speculative") or 1.0

    @property
    def read(self) -> float | None:
        """Tokens of a prompt that must be read: what is not cached already, one at least."""
        prompt = self.count("prompt_tokens")
        return None if prompt is None else max(1.0, prompt * (1 - (self.component.number("prefix_hit") or 0.0)))

    @cached_property
    def asked(self) -> Asked | None:
        """What requests ask of the server, at least one token of answer; None where the prompt is not known."""
        from archboard.maths.serving.saturation import Asked  # noqa: PLC0415 - for models alone

        prompt = self.count("prompt_tokens")
        if prompt is None or self.read is None:
            return None
        answers = self._spread("output_tokens", 1.0)
        squares = math.fsum(share * tokens**2 for share, tokens in answers)
        halfway = squares / math.fsum(share * tokens for share, tokens in answers) / 2
        cache = self.kept_of(prompt + halfway)
        prompts = self._spread("prompt_tokens", 1 - (self.component.number("prefix_hit") or 0.0))
        return Asked(prompts, answers, (cache or 0.0) * self.copies, self.written)

    def _spread(self, name: str, part: float) -> Lengths:
        """Return the tokens in or out with their shares: one, or strata of the lognormal through what is stated.

        One token at least, and no more than the model was made for.
        """
        given, mean = self.component.settings.get(name), self.count(name) or 0.0
        if given is None or not isinstance(given.value, Stated):
            return ((1.0, max(1.0, mean * part)),)
        lengths, most = from_percentiles(given.value.percentiles), self.ends or math.inf
        middles = [(high - low, min(most, lengths.quantile((low + high) / 2))) for low, high in pairwise(STRATA)]
        scale = mean / math.fsum(share * tokens for share, tokens in middles)
        return tuple((share, max(1.0, tokens * scale * part)) for share, tokens in middles)

    @cached_property
    def saturation(self) -> float | None:
        """Requests a second of one replica, its batch full; of the batch what the memory holds."""
        return None if self.count("output_tokens") is None else self._full

    @cached_property
    def _full(self) -> float | None:
        """Where the server saturates, for one token of answer where the design does not say how many."""
        from archboard.maths.serving.saturation import saturation  # noqa: PLC0415 - for models alone

        if self.server is None or self.asked is None:
            return None
        return saturation(self.server, self.asked, self.places)

    @property
    def places(self) -> float:
        """Requests that run at once at most: the batch, or what of it the memory holds."""
        fits = self.largest_batch
        return max(1.0, min(self.batch, float(fits))) if fits else self.batch

    @cached_property
    def served(self) -> Served | None:
        """How one replica answers its part of the requests that arrive; near its saturation where they are more.

        The rate is taken to five digits: whoever looks for a load that stands still need not ask for each last one.
        """
        from archboard.maths.serving.under_load import served  # noqa: PLC0415 - for models alone

        if self.server is None or self.asked is None or self._full is None:
            return None
        rate = float(f"{self.arriving / max(1.0, self.running):.5g}")
        return served(self.server, self.asked, self.places, min(rate, NEARLY * self._full))

    @property
    def waits(self) -> bool:
        """Whether its latency follows its load: it is computed, or one of its two times is."""
        if self.component.latency is not None or self.saturation is None:
            return False
        return self.stated("ttft") is None or self.stated("tpot") is None

    def stated(self, name: str) -> Latency | None:
        """Return a time of the model as stated."""
        given = self.component.settings.get(name)
        return given.value if given is not None and isinstance(given.value, Latency) else None

    @cached_property
    def step(self) -> float | None:
        """Seconds of a step with the batch full, nothing being read."""
        if self.server is None:
            return None
        cache = self.asked.cache if self.asked is not None else (self.kv_request or 0.0) * self.copies
        return self.server.step(self.places, cache, 0.0, self.written)

    @cached_property
    def alone(self) -> float | None:
        """Seconds of a step with one request alone."""
        if self.server is None:
            return None
        return self.server.step(1.0, self.asked.cache if self.asked is not None else 0.0, 0.0, self.written)

    @cached_property
    def decode_rate(self) -> float | None:
        """Tokens a second of one replica, its batch full and nothing being read: by a stated `tpot` or its steps."""
        given = self.stated("tpot")
        if given is not None:
            usual = usual_of(given)
            return self.batch / usual if usual > 0 else None
        return None if self.step is None else self.places * self.written / self.step

    @cached_property
    def ttft(self) -> Latency | None:
        """Time to the first token: stated, or computed from prompt, compute and load."""
        return self.stated("ttft") or (None if self.served is None else _curve(self.served.ttft))

    @cached_property
    def tpot(self) -> Latency | None:
        """Time per further token: stated, or computed from the steps at the load."""
        if self.stated("tpot") is not None or self.served is None or self.count("output_tokens") is None:
            return self.stated("tpot")
        return _curve(self.served.tpot, 1 / self.written)

    @cached_property
    def latency(self) -> Latency | None:
        """The whole answer: as the server gives it, or ttft + (output_tokens − 1) × tpot where one of them is stated.

        Then each percentile is that of both: they are slow together.
        """
        output = self.count("output_tokens")
        if output is None or self.ttft is None:
            return None
        further = max(0.0, output - 1)
        if further == 0:
            return self.ttft
        if self.tpot is None:
            return None
        if self.served is not None and self.stated("ttft") is None and self.stated("tpot") is None:
            return _curve(self.served.latency)
        if self.ttft.is_range and self.tpot.is_range:
            low, high = (getattr(self.ttft, end) + further * getattr(self.tpot, end) for end in ("low", "high"))
            return Latency(low=low, high=high, computed=True)
        first, each = (distribution_of(part, self.assumed) for part in (self.ttft, self.tpot))
        told = [part for part in (self.ttft, self.tpot) if not part.computed] or [self.ttft, self.tpot]
        declared = sorted({q for part in told for q, _ in part.percentiles})
        if len(declared) == 1 and (self.ttft.is_range or self.tpot.is_range or self.waits):
            declared = sorted({0.5, *declared})
        if not declared:
            declared = [0.5, 0.99]
        return Latency(tuple((q, first.quantile(q) + further * each.quantile(q)) for q in declared), computed=True)

    @cached_property
    def slots(self) -> float | None:
        """Requests a second of one replica whose times are stated: a request holds its place until it is answered."""
        if self.stated("tpot") is None or self.latency is None or self.component.latency is not None:
            return None
        held = distribution_of(self.latency, self.assumed).mean()
        return self.batch / held if held > 0 else None

    @property
    def unanswered(self) -> tuple[str, ...]:
        """Settings without which its latency is not known."""
        wanted = [name for name in ("output_tokens",) if self.count(name) is None]
        for name, value in (("ttft", self.ttft), ("tpot", self.tpot)):
            if value is None:
                unknown = ["params"] if self.active_params is None else []
                unknown += ["prompt_tokens"] if self.count("prompt_tokens") is None else []
                wanted += [need for need in (unknown if self.hardware is not None else [name]) if need not in wanted]
        return tuple(wanted)


def _curve(points: tuple[tuple[float, float], ...], factor: float = 1.0) -> Latency:
    """Return percentiles as a latency; a single time where they are all one."""
    seconds = [each * factor for _, each in points]
    if seconds[-1] <= seconds[0] * (1 + 1e-9):
        return Latency(low=seconds[0], high=seconds[0], computed=True)
    return Latency(tuple((q, each) for (q, _), each in zip(points, seconds, strict=True)), computed=True)


def usual_of(latency: Latency) -> float:
    """Return the median where it is stated, or else the number that is."""
    if latency.is_range:
        return (latency.low + latency.high) / 2
    return latency.at(0.5) or latency.percentiles[0][1]


def distribution_of(latency: Latency, assumed: Assumptions) -> Distribution:
    """Return the distribution of a latency: uniform, or lognormal through its percentiles with the assumed tail."""
    if latency.is_range:
        return from_range(latency.low, latency.high)
    return from_percentiles(latency.percentiles, assumed.tail)
