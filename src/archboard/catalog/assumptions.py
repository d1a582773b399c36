"""Assumptions: everything that a number may take for granted, one row each, and nobody else lists them.

A `default` stands where a design says nothing; whoever states it takes it off the list. An approximation is a method
that is not exact: nothing that is stated replaces it. The list of the report, the marks in workings, what a verdict
holds by and what is tried at the end of a check all read this table; whom it concerns `measures/assumptions` finds.

A default that `assume:` sets has a `setting`; `assume: tail 5x`, `--set assume.tail=5x` and a scenario set it alike.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.catalog.promises import (
    AVAILABILITY,
    COST,
    FIRST_TOKEN,
    LATENCY,
    SERVED_IN_FULL,
    STALENESS,
    THROUGHPUT,
    PromiseKind,
)
from archboard.catalog.settings import BALANCES, Form, SettingKind
from archboard.records import record
from archboard.units import Dimension

OWNER = "assume"
"""What a setting of the assumptions is a setting of, in paths: `assume.tail`."""
UP = (AVAILABILITY.name, SERVED_IN_FULL.name)
TIMES = (LATENCY.name, FIRST_TOKEN.name)
BILL = (COST.name,)
ANY = (*TIMES, THROUGHPUT.name, *UP, *BILL, STALENESS.name)


@record
class Assumption:
    """One thing that is taken for granted.

    `says` is the sentence of the report, without whom it concerns; `{value}` stands for what it is at, and in what a
    verdict `holds` by `{is}` for is or are. `state` is what states it, of a component with its name as `{name}`; "" for
    an approximation. `instead` are other values that are as plausible, the nearer first, and `why` says why they are;
    each is tried where a promise of `touches` is made, by the names of their kinds. `set` is the setting that takes
    them, where it is no `assume:`. A `quiet` row is marked in workings alone: it says how something is computed, or
    that what is drawn once is there once. A `whole` one is about the design, and names nobody.
    """

    name: str
    says: str
    state: str = ""
    holds: str = ""
    setting: SettingKind | None = None
    instead: tuple[str, ...] = ()
    why: str = ""
    touches: tuple[str, ...] = ()
    set: str = ""
    quiet: bool = False
    whole: bool = False

    @property
    def is_default(self) -> bool:
        """Whether it stands where nothing is said; otherwise it is an approximation."""
        return bool(self.state)

    def may_turn(self, promise: PromiseKind) -> bool:
        """Whether a promise of a kind may come out otherwise with another value."""
        return promise.name in self.touches


def _assume(
    name: str, example: str, dimension: Dimension, low: float, high: float, about: str, form: Form = Form.ASSUMED
) -> SettingKind:
    return SettingKind(name, form, about, example, (OWNER,), dimension, low, high)


_RATIO, _FRACTION, _DURATION, _MONEY = Dimension.RATIO, Dimension.FRACTION, Dimension.DURATION, Dimension.MONEY
_CHOSEN = SettingKind(
    "balance", Form.CHOICE, "which replica a request waits for", "balance random", (OWNER,), choices=BALANCES
)
TAIL = _assume("tail", "tail 3x", _RATIO, 1.0, 1e6, "p99 over p50 of a single duration")
UTILISATION = _assume("utilisation", "utilisation 70%", _FRACTION, 1e-6, 1.0, "how full a component should be at most")
CORRELATION = _assume("correlation", "correlation 0.3", _FRACTION, 0.0, 1.0, "of the times of any two hops")
COMMON_CAUSE = _assume(
    "common cause", "common cause 10%", _FRACTION, 0.0, 1.0, "part of a replica's failures that take all of them"
)
STORAGE = _assume("storage", "storage $0.023/GB", _MONEY, 0.0, 0.0, "price of what is kept, a month")
EGRESS = _assume("egress", "egress $0.09/GB", _MONEY, 0.0, 0.0, "price of what leaves the system")
OVERHEAD = _assume("overhead", "overhead 20%", _FRACTION, 0.0, 10.0, "of weights and cache, in the rule of thumb")
DECODE = _assume("decode", "decode 80%", _FRACTION, 1e-6, 1.0, "part of a GPU's bandwidth that a step reaches")
PREFILL = _assume("prefill", "prefill 50%", _FRACTION, 1e-6, 1.0, "part of a GPU's compute that a prompt reaches")
GPU_USE = _assume("gpu use", "gpu use 90%", _FRACTION, 1e-6, 1.0, "part of a GPU's memory that an engine takes")
STEP = _assume("step", "step 0.7ms", _DURATION, 0.0, 1.0, "what a step takes beside its arithmetic")
MTTR = _assume("mttr", "mttr 30min", _DURATION, 1e-3, 1e9, "how long a repair takes")
UPTIME = _assume("availability", "availability 99.9%", _FRACTION, 0.0, 1.0, "of one replica that states none")
HOP = _assume("hop", "hop 0.5ms", _DURATION, 0.0, 1e9, "how long an arrow takes that states no latency")

DEFAULTS: tuple[Assumption, ...] = (
    Assumption(
        "tail", "a single latency is its p99, and p99 = {value} × p50", "assume: tail 5x",
        "p99 is {value} × p50 of {named}", TAIL, ("10x",),
        "one leaf server's p99 is ten times its p50 in Dean and Barroso, The Tail at Scale (2013), table 1", ANY,
    ),
    Assumption(
        "hop", "an arrow without a latency takes no time", "assume: hop 0.5ms", "going over {named} takes no time", HOP,
        ("0.5ms",), "a round trip within one data centre, in the numbers that Jeff Dean gives",
        (*TIMES, STALENESS.name),
    ),
    Assumption("fallback time", "a fallback without a latency takes no time", "{name}.latency: …"),
    Assumption(
        "balance", "replicas without `balance` share one queue", "assume: balance random",
        "all replicas of {named} share one queue", _CHOSEN, ("random",),
        "what a load balancer does that knows nothing of its targets", ANY,
    ),
    Assumption(
        "concurrency", "without `concurrency` a replica serves as many at once as its throughput asks",
        "{name}.concurrency: …",
    ),
    Assumption(
        "availability", "availability is 100% where none is stated", "{name}.availability: …",
        "{named} {is} never down (no availability stated)", UPTIME, ("99.9%",),
        "what managed services commonly promise for themselves", UP,
    ),
    Assumption(
        "needs by load", "as many replicas must be up as carry the demand where `needs` is not stated",
        "{name}.needs: …",
    ),
    Assumption(
        "needs", "one replica of several is enough where neither `needs` nor a capacity is stated", "{name}.needs: …",
        "one replica of {named} is enough", instead=("{replicas}",), set="needs", touches=UP,
        why="nothing says that fewer carry the load",
    ),
    Assumption(
        "mttr", "a repair takes {value} where no `mttr` is stated", "assume: mttr 4h",
        "a repair of {named} takes {value}", MTTR, ("4h",), "somebody has to be called, and come", UP,
    ),
    Assumption(
        "common cause", "components and their replicas fail independently of each other", "assume: common cause 10%",
        "no replicas of {named} fail together", COMMON_CAUSE, ("10%",),
        "IEC 61508-6, annex D: one to ten in a hundred failures are common to redundant parts", UP, whole=True,
    ),
    Assumption(
        "utilisation", "utilisation above {value} is a warning", "assume: utilisation 60%",
        "{named} {is} to be {value} full", UTILISATION, ("85%", "50%"),
        "what fills machines, and what leaves room for half of them to fail", ANY, whole=True,
    ),
    Assumption(
        "storage", "what is kept costs nothing where no price is stated", "assume: storage $0.023/GB",
        "keeping what is in {named} costs nothing", STORAGE, ("$0.023/GB",),
        "Amazon S3 Standard, first tier, per month", BILL,
    ),
    Assumption(
        "egress", "what leaves costs nothing where no price is stated", "assume: egress $0.09/GB",
        "sending what leaves over {named} costs nothing", EGRESS, ("$0.09/GB",),
        "Amazon EC2 to the internet, first tier", BILL,
    ),
    Assumption(
        "price", "what states no price costs nothing", "{name}.price: …",
    ),
    Assumption(
        "gpu use", "an engine takes {value} of a GPU's memory", "assume: gpu use 95%",
        "an engine takes {value} of the GPUs of {named}", GPU_USE, ("80%",), "other processes share the GPU", ANY,
    ),
    Assumption(
        "precision", "weights without a precision are as they are published", "{name}.precision: fp16",
    ),
    Assumption(
        "kv precision", "the KV cache beside quantised weights is fp16", "{name}.kv_precision: fp8",
    ),
    Assumption("batch", "without a batch, one request is decoded at a time", "{name}.batch: 8"),
    Assumption(
        "prefill", "reading a prompt reaches {value} of a GPU's dense compute", "assume: prefill 40%",
        "reading a prompt reaches {value} of the compute of {named}", PREFILL, ("30%",),
        "short prompts and small batches fill a GPU less", ANY,
    ),
    Assumption(
        "decode", "a step reaches {value} of a GPU's bandwidth", "assume: decode 70%",
        "a step reaches {value} of the bandwidth of {named}", DECODE, ("50%",),
        "small batches and older kernels reach half of it", ANY,
    ),
    Assumption(
        "step", "a step takes {value} more", "assume: step 1ms", "a step of {named} takes {value} more", STEP,
        ("3ms",), "engines that schedule between steps in Python", ANY,
    ),
    Assumption(
        "overhead", "by rule of thumb a model takes {value} more than its weights and cache", "assume: overhead 10%",
        setting=OVERHEAD, quiet=True,
    ),
    Assumption("replicas", "what states no replicas runs once", "{name}.replicas: 2", quiet=True),
    Assumption("gpus", "a replica has one GPU", "{name}.gpus: 2", quiet=True),
    Assumption("kv heads", "a model has as many KV heads as heads", "{name}.kv_heads: 8"),
    Assumption("head dim", "a head has hidden ÷ heads values", "{name}.head_dim: 128"),
    Assumption("kv width", "each layer keeps as many values of a token as it is wide", "{name}.heads: 32"),
)  # fmt: skip
"""What stands where nothing is said."""

METHODS: tuple[Assumption, ...] = (
    Assumption("lognormal", "a latency is lognormal through its percentiles", quiet=True),
    Assumption("curve", "between its percentiles a latency is a curve, with lognormal ends", quiet=True),
    Assumption("uniform", "best..worst latencies are uniform"),
    Assumption("arrivals", "requests arrive at random and wait for a free server, first come first served"),
    Assumption("servers", "the wait before several servers is fitted to simulations", quiet=True),
    Assumption("full queue", "what finds a queue full is refused at once, and waits are those of what is admitted"),
    Assumption("copies at once", "copies come to a queue at once, and share the wait of the first"),
    Assumption("hedge", "a hedge joins the queue of what it hedges, and waits as long"),
    Assumption("balanced", "{value}, and nobody changes queues"),
    Assumption("measured", "a measured latency holds its queue, whatever `balance` says"),
    Assumption("memoryless", "a single service time has no stated spread, and its queue is that of exponential ones"),
    Assumption("attempts", "attempts are late independently of each other, and a late one is not called off"),
    Assumption("errors", "errors come independently of each other, of what is up and of how long an answer takes"),
    Assumption("attempt", "an attempt is {value}"),
    Assumption("untried", "without a timeout nothing is retried on a usual day"),
    Assumption("settled", "retries come evenly spread over time, and the load settles", quiet=True),
    Assumption(
        "independence", "the independent answer takes hops to be slow independently of each other",
        holds="hops are slow independently of each other", instead=("correlation 0.5", "correlation 1", "worst case"),
        why="what they share, hosts, networks, collectors, slows them together", touches=TIMES,
    ),
    Assumption(
        "sum", "the sum takes hops to be slow together, in the same requests", quiet=True,
        holds="hops are slow in the same requests", instead=("worst case",),
        why="hops that are late in different requests spoil more of them", touches=TIMES,
    ),
    Assumption("arms", "arms of a fork are slow independently of each other in a mean", quiet=True),
    Assumption("network", "arms that share a component: half way from the slowest of them to all apart", quiet=True),
    Assumption("copula", "hops are tied with a correlation of {value} (Gaussian copula) in the correlated answer"),
    Assumption("tied", "the correlated answer is not worked out for more than {value} hops"),
    Assumption(
        "failures",
        "components and their replicas fail independently of each other, but {value} of a replica's failures take all"
        " of its kind at once",
    ),
    Assumption("apart", "components fail independently of each other", quiet=True),
    Assumption("shared", "what many requests share is counted from below", quiet=True),
    Assumption("engine", "an engine keeps 1 GB of a GPU for itself, and works on 2,048 tokens a step"),
    Assumption("launch", "the kernels of a layer take 70 µs to start", quiet=True),
    Assumption("chunked", "prompts are read in the steps of others"),
    Assumption("even", "requests arrive at random, and each replica gets its even part of them"),
    Assumption("chain", "the number of running requests is a birth–death chain", quiet=True),
    Assumption("answers", "every answer has the tokens that are stated, and no spread of them is known"),
    Assumption("prompts", "every prompt has the tokens that are stated, and no spread of them is known"),
    Assumption("link", "two all-reduces a layer go over the link of the GPUs, 10 µs each and what they carry"),
    Assumption("experts", "tokens choose their experts evenly, and each for itself"),
    Assumption(
        "active",
        "a token reads its active weights, whatever the batch; give `experts` and `experts_used` to have them counted",
    ),
    Assumption("together", "ttft and tpot are slow together: their percentiles add"),
    Assumption("kept", "what is kept in {named} is not worked out: {value}", whole=True),
)  # fmt: skip
"""How something is computed that cannot be computed exactly, or that nothing says exactly."""

ASSUMPTIONS: tuple[Assumption, ...] = (*DEFAULTS, *METHODS)
ASSUMPTION: Mapping[str, Assumption] = {row.name: row for row in ASSUMPTIONS}
OF_SETTING: Mapping[str, str] = {
    "replicas": "replicas", "needs": "needs", "availability": "availability", "precision": "precision",
    "kv_precision": "kv precision", "batch": "batch", "gpus": "gpus",
    "concurrency": "concurrency",
}  # fmt: skip
"""The default that stands in the place of a setting of a component or an arrow."""
ASSUMED: Mapping[str, SettingKind] = {
    **{row.setting.name: row.setting for row in DEFAULTS if row.setting is not None}, CORRELATION.name: CORRELATION,
}  # fmt: skip
"""What `assume:` takes, by its words."""


def field_of(name: str) -> str:
    """Return the name of an assumption as one word, as fields and paths have it: `common_cause`."""
    return name.replace(" ", "_")
