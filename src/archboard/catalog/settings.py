"""Settings: what may be written where, in which dimension and range.

A new setting is a line here; the parser does not know it, and the resolver reads it from the table.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from archboard.catalog.formats import CACHES, PRECISIONS
from archboard.catalog.kinds import KINDS, PLACES, Kind
from archboard.records import field, record
from archboard.units import Dimension

BALANCES = SHARED, RANDOM, ROUND_ROBIN, LEAST_LOADED = "shared", "random", "round robin", "least loaded"
"""How requests get to replicas: from one queue before all of them, or each to the queue of one."""
QUEUE = "queue"
"""How many may wait at a component; the kind of component of that name is another thing."""


class Form(Enum):
    """The shapes of values beyond a plain quantity."""

    QUANTITY = "a quantity"
    LATENCY = "a latency"
    LENGTHS = "a count, or percentiles of it"
    RANGE = "a count or a range of counts"
    TEXT = "a text in quotes"
    TEXTS = "one or more texts in quotes"
    MONEY = "a price"
    CHOICE = "one of a few words"
    FLAG = "yes or no"
    COMPONENT = "the name of a component"
    PROMISES = "promises"
    CONDITION = "when it fails"
    HEDGE = "a percentile or a duration"
    BACKOFF = "one or more durations"
    ASSUMPTIONS = "assumptions"
    ASSUMED = "an assumption"


@record
class SettingKind:
    """One setting: its form, dimension, permitted range (in SI units, ends included) and an example.

    `owners` are the kinds of things that have it; `whole` wants a whole number; `positive` refuses zero.
    """

    name: str
    form: Form
    about: str
    example: str
    owners: tuple[str, ...]
    dimension: Dimension | None = None
    low: float = 0.0
    high: float = 1e18
    whole: bool = False
    positive: bool = False
    choices: tuple[str, ...] = field(default=())
    repeats: bool = False
    aside: str = ""
    """Words that may follow the value, and are a flag of their own by that name."""
    on: tuple[str, ...] = ()
    """The signs of the arrows on which it does something; empty where it does on all."""
    beside: str = ""
    """The setting without which it does nothing."""
    instead: tuple[tuple[str, str], ...] = ()
    """Signs of arrows on which it does nothing, each with what was probably meant there."""


FREE = "free while calling"
"""Said of a concurrency: what waits for an answer holds no slot."""


REQUEST, CALL, ASYNC, FAILURE = "->", "<->", "~>", "-x>"
WAITED = (REQUEST, CALL)
"""The arrows at whose end somebody waits: only there is given up, tried again and counted who answers."""
USUAL = (REQUEST, CALL, ASYNC)
"""The arrows that are taken on a usual day."""


LONGEST = 2e6
"""Tokens of a prompt or an answer: what is read today, and what the queue of a server can be followed for."""


def _kinds(fit: Callable[[Kind], bool]) -> tuple[str, ...]:
    return tuple(kind.name for kind in KINDS if fit(kind))


COMPONENT = tuple(kind.name for kind in KINDS)
STARTING = _kinds(lambda kind: kind.starts)
ASKING = _kinds(lambda kind: kind.asks)
ASKED = _kinds(lambda kind: not kind.asks)
LIMITING = _kinds(lambda kind: kind.limits)
CACHING = _kinds(lambda kind: kind.caches)
MODEL = _kinds(lambda kind: kind.infers)
READING = _kinds(lambda kind: kind.infers or kind.third_party)
STORE = _kinds(lambda kind: kind.stores)
RETAINING = _kinds(lambda kind: kind.stores or kind.keeps_arrivals)
AGEING = _kinds(lambda kind: kind.stores or kind.infers)
REPLACING = _kinds(lambda kind: not kind.asks and not kind.scheduled)
STANDING_IN = _kinds(lambda kind: kind.stands_in)


def _quantity(
    name: str, dimension: Dimension, about: str, example: str, owners: tuple[str, ...], *, low: float = 0.0,
    high: float = 1e18, whole: bool = False, positive: bool = False, on: tuple[str, ...] = (), beside: str = "",
    instead: tuple[tuple[str, str], ...] = (),
) -> SettingKind:  # fmt: skip
    return SettingKind(
        name, Form.QUANTITY, about, example, owners, dimension, low, high, whole=whole, positive=positive, on=on,
        beside=beside, instead=instead,
    )  # fmt: skip


def _count(name: str, about: str, example: str, owners: tuple[str, ...] = MODEL) -> SettingKind:
    return _quantity(name, Dimension.COUNT, about, example, owners, low=1, whole=True)


_ANY: tuple[SettingKind, ...] = (
    SettingKind("latency", Form.LATENCY, "how long it takes", "p50 3ms, p99 10ms", COMPONENT),
    _quantity("throughput", Dimension.RATE, "what one replica carries", "500 rps", COMPONENT, positive=True),
    SettingKind(
        "replicas", Form.RANGE, "how many run; a range scales with demand", "20", COMPONENT,
        Dimension.COUNT, 1, 1e9, whole=True,
    ),
    _quantity("scale", Dimension.DURATION, "how long a range takes to run more; 0s is at once", "60s", COMPONENT),
    SettingKind(
        "concurrency", Form.QUANTITY, "requests one replica holds at once, its calls included", "8", COMPONENT,
        Dimension.COUNT, positive=True, aside=FREE,
    ),
    SettingKind(
        "balance", Form.CHOICE, "which replica a request waits for, where latency is service time", "least loaded",
        COMPONENT, choices=BALANCES,
    ),
    _quantity(
        QUEUE, Dimension.COUNT, "how many may wait for a server, before more are refused; latency is service time",
        "100", ASKED, high=1e6, whole=True,
    ),
    _quantity("availability", Dimension.FRACTION, "of one replica", "99.9%", COMPONENT, high=1),
    _quantity("errors", Dimension.FRACTION, "of its answers, drawn anew at each attempt", "0.1%", ASKED, high=1),
    _quantity("mtbf", Dimension.DURATION, "time between failures of one replica", "30 days", COMPONENT, positive=True),
    _quantity("mttr", Dimension.DURATION, "time to repair it", "30min", COMPONENT, positive=True),
    _quantity("failures", Dimension.RATE, "how often one replica fails", "2/month", COMPONENT),
    _quantity("needs", Dimension.COUNT, "replicas that must be up", "2", COMPONENT, low=1, whole=True),
    SettingKind(
        "price", Form.MONEY, "of one replica by time, or of a request or a token", "$0.50/h", COMPONENT,
        Dimension.MONEY,
    ),
    _quantity("cpu", Dimension.COUNT, "cores of one replica", "4", COMPONENT),
    _quantity("memory", Dimension.SIZE, "of one replica", "16 GB", COMPONENT),
    SettingKind("does", Form.TEXTS, "short notes written under the box", '"auth", "rate limiting"', COMPONENT),
    SettingKind("runs", Form.TEXTS, "its technology", '"XGBoost int8 on ONNX Runtime"', COMPONENT),
    SettingKind("holds", Form.TEXTS, "what is kept in it", '"top 100 results"', COMPONENT),
    SettingKind("icon", Form.TEXT, "the technology whose icon it shows", '"redis"', COMPONENT),
    SettingKind("owner", Form.TEXT, "who looks after it", '"search team"', COMPONENT),
    SettingKind(
        "say", Form.TEXTS, "a line to speak", '"A 5% safety buffer."', (*COMPONENT, "arrow"), repeats=True
    ),
    SettingKind("why", Form.TEXTS, "a trade-off to speak", '"A GPU would not pay."', COMPONENT, repeats=True),
    SettingKind("like", Form.COMPONENT, "takes what it does not set from another", "ranker", COMPONENT),
    _quantity("step", Dimension.COUNT, "the step it is drawn at", "3", COMPONENT, low=1, high=6, whole=True),
    SettingKind(
        "place", Form.CHOICE, "where on the board", "above", COMPONENT, choices=PLACES,
    ),
    SettingKind("down", Form.FLAG, "whether it is down (in a what-if)", "yes", COMPONENT),
    SettingKind(
        "answers", Form.CHOICE, "how it answers in another's place: not, partly, fully", "no", REPLACING,
        choices=("no", "partly", "fully", "yes"),
    ),
    SettingKind("ends", Form.FLAG, "whether the request ends here", "yes", STANDING_IN),
)  # fmt: skip

_PARTICULAR: tuple[SettingKind, ...] = (
    _quantity(
        "rate", Dimension.RATE, "requests it sends", "10k rps", (*STARTING, "flow", "arrow"), on=(ASYNC,),
        instead=tuple((sign, "it carries what its sender gets: give it a `share`, or write `~>`") for sign in WAITED),
    ),
    _quantity(
        "every", Dimension.DURATION, "how often each of its devices reports, or it runs; 0s as things happen", "4s",
        STARTING,
    ),
    _quantity("burst", Dimension.RATE, "its peak rate, judged as a scenario", "30k rps", ASKING),
    _quantity("hit", Dimension.FRACTION, "share of requests it answers", "80%", CACHING, high=1),
    _quantity("limit", Dimension.RATE, "requests it lets through", "10.5k rps", LIMITING),
    _quantity("params", Dimension.COUNT, "parameters", "7B", MODEL, positive=True),
    _quantity("active_params", Dimension.COUNT, "parameters used per token", "13B", MODEL, positive=True),
    SettingKind(
        "precision", Form.CHOICE, "of the weights", "int8", MODEL,
        choices=PRECISIONS,
    ),
    SettingKind(
        "kv_precision", Form.CHOICE, "of the KV cache; 16 bits beside quantised weights unless given", "fp8", MODEL,
        choices=CACHES,
    ),
    _count("layers", "transformer layers", "32"),
    _count("hidden", "hidden size", "4096"),
    _count("heads", "attention heads", "32"),
    _count("kv_heads", "key and value heads", "8"),
    _count("head_dim", "size of a head", "128"),
    _count("kv_latent", "values that stand for all heads of a layer in the cache, where attention is latent", "576"),
    _count("window", "tokens that layers with a window look back on", "4096"),
    _count("window_layers", "layers with a window; all of them unless given", "23"),
    _count("experts", "experts of a layer", "8"),
    _count("experts_used", "experts that a token uses", "2"),
    _count("context", "tokens of context", "8192"),
    _count("batch", "requests decoded together on one replica", "32"),
    SettingKind(
        "batching", Form.CHOICE, "how requests are batched", "continuous", MODEL,
        choices=("static", "dynamic", "continuous"),
    ),
    SettingKind("prompt_tokens", Form.LENGTHS, "tokens in", "500", READING, Dimension.COUNT, high=LONGEST),
    SettingKind(
        "output_tokens", Form.LENGTHS, "tokens out", "p50 150, p99 900", READING, Dimension.COUNT, high=LONGEST,
    ),
    _quantity("prefix_hit", Dimension.FRACTION, "share of a prompt that is cached already", "60%", MODEL, high=0.999),
    _quantity("speculative", Dimension.RATIO, "tokens that a step gives a request, checked drafts and all", "2x", MODEL,
              low=1, high=16),
    SettingKind("chunked", Form.FLAG, "whether prompts are read in the steps of others", "no", MODEL),
    SettingKind("ttft", Form.LATENCY, "time to the first token", "p99 300ms", MODEL),
    SettingKind("tpot", Form.LATENCY, "time per further token", "20ms", MODEL),
    SettingKind("gpu", Form.TEXT, "the GPU of a replica", "A10G", MODEL),
    _count("gpus", "GPUs of one replica", "2"),
    _quantity("gpu_memory", Dimension.SIZE, "of one GPU", "24 GB", MODEL, positive=True),
    SettingKind("hardware", Form.TEXT, "what it runs on", '"CPU, AVX-512"', MODEL),
    _quantity("size", Dimension.SIZE, "what it stores", "200 GB", STORE),
    _quantity("growth", Dimension.BANDWIDTH, "how fast it grows", "2 GB/day", STORE),
    _quantity("retention", Dimension.DURATION, "how long it is kept", "90 days", RETAINING),
    _quantity("copies", Dimension.COUNT, "copies kept", "3", RETAINING, low=1, whole=True),
    _quantity("staleness", Dimension.DURATION, "how old its contents may be", "1h", AGEING),
)  # fmt: skip

_ARROW = ("arrow",)
_ARROWS: tuple[SettingKind, ...] = (
    SettingKind("latency", Form.LATENCY, "the network hop", "p50 0.2ms, p99 0.5ms", _ARROW),
    _quantity("share", Dimension.FRACTION, "of the requests", "30%", _ARROW, high=1, on=USUAL),
    _quantity(
        "fanout", Dimension.COUNT, "parallel copies, all must answer", "20", _ARROW, low=1, high=1e6, whole=True,
        on=USUAL,
    ),
    _quantity(
        "quorum", Dimension.COUNT, "copies that must answer", "2", _ARROW, low=1, high=1e6, whole=True, on=WAITED,
        beside="fanout",
    ),
    _quantity(
        "timeout", Dimension.DURATION, "how long it waits", "25ms", _ARROW, positive=True, on=WAITED,
        instead=((FAILURE, "say when it is taken: `on: timeout 15ms`"),),
    ),
    _quantity("retries", Dimension.COUNT, "further attempts", "2", _ARROW, high=100, whole=True, on=WAITED),
    _quantity(
        "retry_budget", Dimension.FRACTION, "further attempts at most, as a share of the first ones", "10%", _ARROW,
        high=1, on=WAITED, beside="retries",
    ),
    SettingKind(
        "backoff", Form.BACKOFF, "wait before each further attempt", "10ms exponential jitter", _ARROW, on=WAITED,
        beside="retries",
    ),
    SettingKind("hedge", Form.HEDGE, "when a second copy is sent", "p95", _ARROW, on=WAITED),
    _quantity("payload", Dimension.SIZE, "size of a message", "2 KB", _ARROW, on=USUAL),
    SettingKind(
        "on", Form.CONDITION, "when the failure arrow is taken", "timeout 15ms", _ARROW, on=(FAILURE,),
        instead=tuple((sign, "draw the arrow as `-x>`") for sign in USUAL),
    ),
    _quantity(
        "detect", Dimension.DURATION, "until what is down is noticed: its requests are lost", "60s", _ARROW,
        on=(FAILURE,),
    ),
)  # fmt: skip

_DESIGN = ("design",)
_PROMISING = ("design", "flow")
_TEXTS: tuple[SettingKind, ...] = (
    SettingKind("problem", Form.TEXTS, "what is asked", '"Recommend 20 of 10M items."', _PROMISING, repeats=True),
    SettingKind("opening", Form.TEXTS, "the first words", '"I use a two-stage funnel."', _DESIGN, repeats=True),
    SettingKind("result", Form.TEXTS, "the last words", '"24 ms of 50."', _DESIGN, repeats=True),
    SettingKind("tradeoff", Form.TEXTS, "what is given up", '"We shed bots."', _DESIGN, repeats=True),
    _quantity("talk", Dimension.DURATION, "how long the walkthrough may take", "8min", _DESIGN, positive=True),
    SettingKind("sla", Form.PROMISES, "what is promised", "p99 < 50ms, cost <= $900/month", _PROMISING, repeats=True),
    SettingKind("assume", Form.ASSUMPTIONS, "what is taken for granted", "tail 3x", _DESIGN, repeats=True),
    SettingKind("expect", Form.CHOICE, "what the what-if should find", "fail", ("scenario",), choices=("ok", "fail")),
)  # fmt: skip

SETTINGS: tuple[SettingKind, ...] = (*_ANY, *_PARTICULAR, *_ARROWS, *_TEXTS)
THINGS = ("design", "flow", "group", "region", "scenario", "let", "import")
"""The kinds of things that are not components."""
