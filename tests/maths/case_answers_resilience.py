"""How the engines of `maths`, and compiled designs, answer the published cases about timeouts, retries and fan-out."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.maths import fanout, retries
from archboard.maths.distributions.distribution import Exponential
from archboard.maths.distributions.percentile_curve import integral
from archboard.maths.network import Network, NetworkBuilder
from archboard.maths.percentiles.closed_form import closed_share
from archboard.maths.percentiles.independent import independent
from archboard.maths.percentiles.mean import mean_of
from archboard.maths.percentiles.sum_and_bound import bound_of, sum_of
from archboard.maths.queues import sojourn_exceeds
from archboard.maths.search import least
from archboard.source import Source

Inputs = Mapping[str, Any]


def _exponential(i: Inputs) -> Exponential:
    return Exponential(i["mean_ms"] / 1000)


def _hedged(i: Inputs) -> float:
    build = NetworkBuilder()
    network = build.network(build.hedged(build.hop(_exponential(i)), i["hedge_after_ms"] / 1000, 0.0))
    return 1000 * independent(network, [i["p"]])[i["p"]].estimate


def _quorum(i: Inputs) -> float:
    build = NetworkBuilder()
    network = build.network(build.quorum(build.hop(_exponential(i)), i["n"], i["k"]))
    return 1000 * independent(network, [i["p"]])[i["p"]].estimate


def _tied(i: Inputs) -> float:
    return 1000 * _exponential(i).quantile(fanout.needed_quantile(i["p"], i["copies"], 1))


def _db_down(i: Inputs) -> float:
    return retries.worst_time(i["timeout_ms"], i["attempts"], [i["backoff_ms"]]) + i["fallback_ms"] + i["rest_ms"]


def _late(i: Inputs) -> float:
    return 1 - _exponential(i).cdf(i["timeout_ms"] / 1000)


def _feedback(i: Inputs) -> object:
    """Follow one server's retries to where they settle, unless the compiler finds that they never do."""
    if "AB505" in {d.rule.code for d in retrying(i).diagnostics}:
        return "error:retry_storm"
    rate, before = i["offered_rps"], 0.0
    while abs(rate - before) > 1e-9 * rate:
        failing = sojourn_exceeds(i["timeout_s"], rate, 1 / i["mu_rps"])
        before, rate = rate, i["offered_rps"] * retries.expected_attempts(failing, i["retries"] + 1)
    return rate


def retrying(i: Inputs) -> Compilation:
    """Compile a client that tries one server again, whose service has the percentiles of one without memory."""
    mean, shares = 1000 / i["mu_rps"], (1, 5, 10, 25, 50, 75, 90, 95, 99, 99.9)
    service = ", ".join(f"p{share:g} {-mean * math.log(1 - share / 100):.12g}ms" for share in shares) + ", service"
    text = (
        f"client web {{ rate: {i['offered_rps']} rps }}\nservice s {{ latency: {service}; concurrency: 1 }}\n"
        f"web -> s {{ timeout: {1000 * i['timeout_s']}ms; retries: {i['retries']} }}"
    )
    return compile_source(Source("case.arch", text))


def _mean_of_quorum(i: Inputs) -> float:
    build = NetworkBuilder()
    return 1000 * _mean(build.network(build.quorum(build.hop(_exponential(i)), i["n"], i["k"])), i["mean_ms"] / 20)


def _cut(i: Inputs) -> float:
    build = NetworkBuilder()
    timeout = i["timeout_ms"] / 1000
    return 1000 * _mean(build.network(build.attempts(build.hop(_exponential(i)), timeout)), timeout)


def _mean(network: Network, longest: float) -> float:
    """Add up the shares that take longer than each time, and hold the mean that ships against that."""
    mean = integral(lambda t: 1 - (closed_share(network, t) or 0.0), 0.0, longest)
    assert abs(mean_of(network) - mean) <= 1e-5 * mean
    return mean


def _slow_bounds(i: Inputs) -> list[float]:
    """Return the chance that any of many is late: all late together, each by its own luck, never two at once."""
    build, n, slow = NetworkBuilder(), i["n"], i["per_leaf_slow"]
    leaf = Exponential(1.0)
    network = build.network(build.fork(build.hop(leaf, str(at)) for at in range(n)))
    late = leaf.quantile(1 - slow)
    together = least(lambda q: sum_of(network, q) >= late, 0.0, 1.0)
    never_two = least(lambda q: bound_of(network, q) >= late, 0.0, 1.0)
    return [1 - together, fanout.any_slow(n, slow), 1 - never_two]


ANSWERS: dict[str, Callable[[Inputs], object]] = {
    "failure_scenario_breaker_open": lambda i: i["fallback_ms"] + i["rest_ms"],
    "failure_scenario_db_down": _db_down,
    "fanout_2000_at_1e4": lambda i: fanout.any_slow(i["n"], 1 - i["per_leaf_ok"]),
    "fanout_20_bounds": _slow_bounds,
    "good_enough_95of100_exp10_p99": _quorum,
    "hedge_exp10_at_p95_p99": _hedged,
    "quorum_2of3_exp10_mean": _mean_of_quorum,
    "quorum_2of3_exp10_p99": _quorum,
    "retry_amplification_aws_3_5": lambda i: retries.amplification(i["layers"], i["attempts_per_layer"]),
    "retry_amplification_sre_4_3": lambda i: retries.amplification(i["layers"], i["attempts_per_layer"]),
    "retry_budget_10pct_max_load": lambda i: retries.budgeted_load(i["retry_budget"]),
    "retry_expected_attempts": lambda i: retries.expected_attempts(i["fail_prob"], i["max_attempts"]),
    "retry_feedback_fixed_point": _feedback,
    "retry_feedback_no_solution": _feedback,
    "retry_worst_case_time": lambda i: retries.worst_time(i["timeout_ms"], i["attempts"], i["backoff_ms"]),
    "tied_two_copies_exp10_p99": _tied,
    "timeout_one_retry_success": lambda i: retries.success(_late(i), i["retries"] + 1),
    "timeout_truncated_mean": _cut,
}
