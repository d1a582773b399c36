"""The metrics of facts: names that the JSON, the board, the script and `explain` share."""

from __future__ import annotations

from collections.abc import Mapping

from archboard.catalog.promises import PROMISES
from archboard.facts import Metric
from archboard.units import Dimension

DEMAND = Metric("demand", Dimension.RATE, "requests that arrive each second")
CAPACITY = Metric("capacity", Dimension.RATE, "requests it can carry each second")
CAPACITY_RUNNING = Metric("capacity_running", Dimension.RATE, "requests that what runs of a range carries each second")
UTILISATION = Metric("utilisation", Dimension.FRACTION, "demand over capacity")
IN_FLIGHT = Metric("in_flight", Dimension.COUNT, "requests in it at once, by Little's law")
REPLICAS_NEEDED = Metric("replicas_needed", Dimension.COUNT, "replicas that keep it at its utilisation target")
SATURATES_AT = Metric("saturates_at", Dimension.RATE, "client rate at which it is full")
LIMITS_AT = Metric("limits_at", Dimension.RATE, "client rate at which a gateway's limit is reached")
REFUSED = Metric("refused", Dimension.RATE, "requests that a limit or a full queue turns away each second")
ADMITTED = Metric("admitted", Dimension.RATE, "requests that a limit or a queue lets through each second")
REFUSED_SHARE = Metric("refused_share", Dimension.FRACTION, "requests that find the queue of a component full")
ARROW_RATE = Metric("arrow_rate", Dimension.RATE, "requests that take an arrow each second")
LATENCY_P50 = Metric("latency_p50", Dimension.DURATION, "median of a component or a hop")
LATENCY_P99 = Metric("latency_p99", Dimension.DURATION, "99th percentile of a component or a hop")
LATENCY_MEAN = Metric("latency_mean", Dimension.DURATION, "mean of a component or a hop")
THROUGHPUT = Metric("throughput", Dimension.RATE, "highest client rate of a flow that exceeds no capacity or limit")
CLIENT_RATE = Metric("client_rate", Dimension.RATE, "requests a flow is started with each second")
AVAILABILITY = Metric("availability", Dimension.FRACTION, "of a component's replicas together, or of a flow")
DOWNTIME_MONTH = Metric("downtime_month", Dimension.DURATION, "downtime a month")
DOWNTIME_YEAR = Metric("downtime_year", Dimension.DURATION, "downtime a year")
SERVED_IN_FULL = Metric("served_in_full", Dimension.FRACTION, "requests of a flow answered without any fallback")
UNNOTICED = Metric("unnoticed", Dimension.FRACTION, "requests of a flow that fail before a failure is noticed")
BY_REPAIR = Metric("by_repair", Dimension.FRACTION, "what failures and repairs come to where it is said twice")
EACH_UP = Metric("each_up", Dimension.FRACTION, "availability of one replica, where its failures are stated")
NEEDS_FAILING = Metric("needs_failing", Dimension.COUNT, "most replicas that must be up while something else is down")
NEEDS = Metric("needs", Dimension.COUNT, "replicas that must be up: as stated, or as carry the demand")
ERROR_BUDGET = Metric("error_budget", Dimension.COUNT, "requests of a flow that may fail a month")
UNAVAILABILITY_SHARE = Metric(
    "unavailability_share", Dimension.FRACTION, "share of a flow's downtime that would be gone were it always up"
)
LOST_WHEN_DOWN = Metric("lost_when_down", Dimension.FRACTION, "share of a flow's requests that fail while it is down")
UNANSWERED = Metric("unanswered", Dimension.FRACTION, "share of a flow's requests that fail because an arrow gives up")
COST_MONTH = Metric("cost_month", Dimension.MONEY, "dollars a month")
COST_REQUEST = Metric("cost_request", Dimension.MONEY, "dollars a request")

COST_FLOW = Metric("cost_flow", Dimension.MONEY, "dollars a month for what a flow's requests use")
CORES = Metric("cores", Dimension.COUNT, "cores of all replicas that run")
MAIN_MEMORY = Metric("main_memory", Dimension.SIZE, "main memory of all replicas that run")

LITTLE_LIMIT = Metric("little_limit", Dimension.RATE, "requests a second that concurrency and latency allow a replica")
LITTLE_CONCURRENCY = Metric("little_concurrency", Dimension.COUNT, "concurrency that the declared throughput needs")
ATTEMPTS = Metric("attempts", Dimension.COUNT, "mean attempts of a request over an arrow")
LATE = Metric("late", Dimension.FRACTION, "attempts over an arrow that run into its timeout")
REFUSALS = Metric("refusals", Dimension.FRACTION, "attempts over an arrow that come back at once: what answers is down")
GIVEN_UP = Metric("given_up", Dimension.FRACTION, "requests over an arrow whose every attempt is late or refused")
ERRORS = Metric(
    "errors", Dimension.FRACTION, "answers that are errors: of a component, of attempts over an arrow, of a flow"
)
FAILING = Metric("failing", Dimension.FRACTION, "attempts that fail before a breaker, which opens above its share")
LOST_TO_ERRORS = Metric(
    "lost_to_errors", Dimension.FRACTION, "share of a flow's requests that fail because a component errs"
)
HEDGED = Metric("hedged", Dimension.FRACTION, "attempts over an arrow that send a second copy")
DEMAND_LATE = Metric("demand_late", Dimension.RATE, "requests a second to a queue if every attempt were late")
OVERLOADED_FROM = Metric(
    "overloaded_from", Dimension.RATE, "client rate from which retries can keep a queue overloaded after a burst"
)
WAITING = Metric("waiting", Dimension.FRACTION, "requests that wait for a free server")
MEAN_WAIT = Metric("mean_wait", Dimension.DURATION, "mean time in the queue, over all requests")

STORED = Metric("stored", Dimension.SIZE, "bytes that are kept, copies included")
TRAFFIC = Metric("traffic", Dimension.BANDWIDTH, "bytes a second that take an arrow")
EGRESS = Metric("egress", Dimension.BANDWIDTH, "bytes a second that leave on an arrow")
COST_STORAGE = Metric("cost_storage", Dimension.MONEY, "dollars a month for what is kept")
COST_EGRESS = Metric("cost_egress", Dimension.MONEY, "dollars a month for what leaves on an arrow")

WEIGHTS = Metric("weights", Dimension.SIZE, "bytes of a model's weights")
KV_TOKEN = Metric("kv_token", Dimension.SIZE, "bytes that one token keeps in the KV cache")
KV_CACHE = Metric("kv_cache", Dimension.SIZE, "bytes of the KV cache of a full batch")
MEMORY = Metric("memory", Dimension.SIZE, "bytes a replica of a model needs: weights, KV cache and activations")
MEMORY_RULE = Metric("memory_rule", Dimension.SIZE, "the same by rule of thumb: weights, KV cache, a fifth more")
GPU_MEMORY = Metric("gpu_memory", Dimension.SIZE, "bytes of the GPUs of a replica")
GPU_USABLE = Metric("gpu_usable", Dimension.SIZE, "bytes of them that an engine takes")
MEMORY_USED = Metric("memory_used", Dimension.FRACTION, "memory needed over what an engine takes of the GPUs")
LARGEST_BATCH = Metric("largest_batch", Dimension.COUNT, "requests at once that fit beside the weights")
LONGEST_CONTEXT = Metric("longest_context", Dimension.COUNT, "tokens of each request that fit, the batch full")
REQUEST_TOKENS = Metric("request_tokens", Dimension.COUNT, "tokens of a request: prompt and answer, or its context")
CONTEXT_END = Metric("context_end", Dimension.COUNT, "tokens of the longest context that the model was made for")
HEADS_GPU = Metric("heads_gpu", Dimension.COUNT, "attention heads that each GPU of a replica has")
KV_HEADS_GPU = Metric("kv_heads_gpu", Dimension.COUNT, "KV heads of each GPU of a replica, below one where copied")
PROMPT_TIME = Metric("prompt_time", Dimension.DURATION, "time in which a replica reads a prompt, alone")
STEP_TIME = Metric("step_time", Dimension.DURATION, "time of a step with the batch full, no prompt in it")
SATURATION = Metric("saturation", Dimension.RATE, "requests a second at which one replica is full")
STEP_ALONE = Metric("step_alone", Dimension.DURATION, "time of a step with one request alone")
LATENCY_LEAST = Metric("latency_least", Dimension.DURATION, "shortest answer that the hardware allows")
RUNNING = Metric("running", Dimension.COUNT, "requests that one replica writes at once, on average")
TTFT = Metric("ttft", Dimension.DURATION, "time to the first token, at p99")
TPOT = Metric("tpot", Dimension.DURATION, "time per further token, at p99")
DECODE_RATE = Metric("decode_rate", Dimension.RATE, "tokens a second of one replica, its batch full")
TOKENS_CAPACITY = Metric("tokens_capacity", Dimension.RATE, "tokens a second that all replicas can write")
TOKENS_DEMAND = Metric("tokens_demand", Dimension.RATE, "tokens a second that requests ask for")
COST_MILLION_TOKENS = Metric("cost_million_tokens", Dimension.MONEY, "dollars a million tokens written, as served")
COST_MILLION_TOKENS_FULL = Metric(
    "cost_million_tokens_full", Dimension.MONEY, "dollars a million tokens written, if every batch were full"
)
STALENESS = Metric("staleness", Dimension.DURATION, "age of what a flow delivers, just before it is replaced")


def latency_at(percentile: str) -> Metric:
    """Return the metric of a hop's latency at a percentile, by its name (`p95`)."""
    known = {"p50": LATENCY_P50, "p99": LATENCY_P99}
    return known.get(percentile) or Metric(f"latency_{percentile}", Dimension.DURATION, f"{percentile} of a hop")


OWN: Mapping[str, Metric] = {
    held.metric: Metric(held.metric, kind.dimension, held.about)
    for kind in PROMISES if kind.measure is not None for held in kind.held
}  # fmt: skip
"""The metrics that promises with a measure of their own bring along."""

METRICS: tuple[Metric, ...] = (
    DEMAND,
    CAPACITY,
    CAPACITY_RUNNING,
    UTILISATION,
    IN_FLIGHT,
    REPLICAS_NEEDED,
    SATURATES_AT,
    REFUSED,
    ADMITTED,
    REFUSED_SHARE,
    ARROW_RATE,
    LATENCY_P50,
    LATENCY_P99,
    LATENCY_MEAN,
    THROUGHPUT,
    CLIENT_RATE,
    AVAILABILITY,
    NEEDS,
    NEEDS_FAILING,
    UNNOTICED,
    BY_REPAIR,
    EACH_UP,
    SERVED_IN_FULL,
    DOWNTIME_MONTH,
    DOWNTIME_YEAR,
    ERROR_BUDGET,
    UNAVAILABILITY_SHARE,
    LOST_WHEN_DOWN,
    UNANSWERED,
    LOST_TO_ERRORS,
    COST_MONTH,
    COST_FLOW,
    COST_REQUEST,
    CORES,
    MAIN_MEMORY,
    STORED,
    TRAFFIC,
    EGRESS,
    COST_STORAGE,
    COST_EGRESS,
    LITTLE_LIMIT,
    LITTLE_CONCURRENCY,
    ATTEMPTS,
    LATE,
    GIVEN_UP,
    ERRORS,
    FAILING,
    HEDGED,
    DEMAND_LATE,
    OVERLOADED_FROM,
    WAITING,
    MEAN_WAIT,
    WEIGHTS,
    KV_TOKEN,
    KV_CACHE,
    MEMORY,
    MEMORY_RULE,
    GPU_MEMORY,
    GPU_USABLE,
    MEMORY_USED,
    LARGEST_BATCH,
    LONGEST_CONTEXT,
    REQUEST_TOKENS,
    CONTEXT_END,
    HEADS_GPU,
    KV_HEADS_GPU,
    PROMPT_TIME,
    STEP_TIME,
    SATURATION,
    STEP_ALONE,
    LATENCY_LEAST,
    RUNNING,
    TTFT,
    TPOT,
    DECODE_RATE,
    TOKENS_CAPACITY,
    TOKENS_DEMAND,
    COST_MILLION_TOKENS,
    COST_MILLION_TOKENS_FULL,
    STALENESS,
    *OWN.values(),
)
