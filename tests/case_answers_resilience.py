"""How the public functions of `maths` answer the published cases about timeouts, retries, hedges and fan-out."""

import math
from collections.abc import Callable, Mapping
from typing import Any

from archboard.maths import fanout, retries
from archboard.maths.distribution import Exponential
from archboard.maths.grid import independent
from archboard.maths.network import NetworkBuilder

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
    mu, timeout = i["mu_rps"], i["timeout_s"]
    try:
        return retries.stable_rate(
            i["offered_rps"], lambda rate: math.exp(-(mu - rate) * timeout), i["retries"] + 1, mu
        )
    except retries.RetryStorm:
        return "error:retry_storm"


ANSWERS: dict[str, Callable[[Inputs], object]] = {
    "failure_scenario_breaker_open": lambda i: i["fallback_ms"] + i["rest_ms"],
    "failure_scenario_db_down": _db_down,
    "fanout_2000_at_1e4": lambda i: fanout.any_slow(i["n"], 1 - i["per_leaf_ok"]),
    "fanout_20_bounds": lambda i: list(fanout.slow_bounds(i["n"], i["per_leaf_slow"])),
    "good_enough_95of100_exp10_p99": _quorum,
    "hedge_exp10_at_p95_p99": _hedged,
    "quorum_2of3_exp10_mean": lambda i: fanout.mean_of_exponentials(i["mean_ms"], i["n"], i["k"]),
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
    "timeout_truncated_mean": lambda i: 1000 * retries.truncated_mean(_exponential(i), i["timeout_ms"] / 1000),
}
