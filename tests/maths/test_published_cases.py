"""Published tables, public logs and closed forms, answered by the engines that `archboard` itself runs.

`RUN` says how each case is asked, together with the `case_answers_*` files beside this one, a topic each.
"""

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from importlib import import_module
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from archboard.compiler import compile_source
from archboard.maths import queues
from archboard.maths.distributions.distribution import (
    Constant,
    Discrete,
    Distribution,
    Exponential,
    Lognormal,
    Mixture,
    Queued,
    Uniform,
)
from archboard.maths.distributions.from_percentiles import from_percentiles, from_range
from archboard.maths.network import Network, NetworkBuilder
from archboard.maths.percentiles.independent import independent
from archboard.maths.percentiles.mean import mean_of
from archboard.maths.percentiles.sum_and_bound import bound_of, minmax, sum_of
from archboard.maths.search import least
from archboard.measures.flow.queue import queue_of
from archboard.measures.flow.times import USUAL
from archboard.source import Source
from tests.maths.case_answers_resilience import retrying

Inputs = Mapping[str, Any]
Ask = Callable[[Inputs], object]

CASES = {
    case["name"]: case
    for case in json.loads((Path(__file__).parents[1] / "data/analysis_cases.json").read_text("utf-8"))["cases"]
}


def fit(p50: float, p99: float) -> Distribution:
    return from_percentiles([(0.5, p50 / 1000), (0.99, p99 / 1000)])


def in_series(*distributions: Distribution) -> Network:
    build = NetworkBuilder()
    return build.network(build.series(build.hop(each) for each in distributions))


def components(inputs: Inputs) -> Network:
    return in_series(*(fit(each["p50_ms"], each["p99_ms"]) for each in inputs["components"]))


def path(inputs: Inputs, cache_as_one_hop: bool) -> Network:
    build = NetworkBuilder()
    parts = []
    for each in inputs["path"]:
        if "hit" in each:
            parts.append(cache(build, each, cache_as_one_hop))
        else:
            parts.append(build.hop(fit(each["p50"], each["p99"]), each["name"]))
    return build.network(build.series(parts))


def cache(build: NetworkBuilder, each: Inputs, as_one_hop: bool) -> int:
    hit, miss = fit(each["hit_p50"], each["hit_p99"]), fit(each["miss_p50"], each["miss_p99"])
    if as_one_hop:
        return build.hop(Mixture(((each["hit"], hit), (1 - each["hit"], miss))))
    return build.choice([(each["hit"], build.hop(hit)), (1 - each["hit"], build.hop(miss))])


def alone(inputs: Inputs) -> Network:
    build = NetworkBuilder()
    return build.network(cache(build, inputs, as_one_hop=False))


def cached_exponentials(inputs: Inputs) -> Network:
    build = NetworkBuilder()
    hit, miss = (build.hop(Exponential(inputs[name] / 1000)) for name in ("hit_mean_ms", "miss_mean_ms"))
    return build.network(build.choice([(inputs["hit"], hit), (1 - inputs["hit"], miss)]))


def exponentials(inputs: Inputs) -> Network:
    return in_series(*[Exponential(inputs["mean_ms"] / 1000)] * inputs["n"])


def two_tiers(inputs: Inputs) -> Network:
    build = NetworkBuilder()
    first, second, origin = (build.hop(from_percentiles([(0.99, inputs[name] / 1000)], tail=1)) for name in LEVELS)
    behind = build.choice([(inputs["l2_hit"], build.series([])), (1 - inputs["l2_hit"], origin)])
    missed = build.series([second, behind])
    looked = build.choice([(inputs["l1_hit"], build.series([])), (1 - inputs["l1_hit"], missed)])
    return build.network(build.series([first, looked]))


LEVELS = ("l1_ms", "l2_ms", "origin_ms")


def outliers(inputs: Inputs) -> Network:
    rare = inputs["outlier_prob"]
    base, late = inputs["base_ms"] / 1000, (inputs["base_ms"] + inputs["outlier_ms"]) / 1000
    return in_series(*[Discrete(((1 - rare, base), (rare, late)))] * inputs["hops"])


def parallel(inputs: Inputs) -> Network:
    build = NetworkBuilder()
    return build.network(build.fork(build.hop(Exponential(mean / 1000)) for mean in inputs["mean_ms"]))


def segments(inputs: Inputs) -> Network:
    return in_series(*(from_range(low / 1000, high / 1000) for low, high in inputs["segments_ms"]))


def queued(rate: float, mu: float, servers: int = 1) -> Distribution:
    """Return the time in queue and service of what has no memory, as a component of a design has it."""
    text = f"service s {{ latency: 1s, service; concurrency: 1; replicas: {servers} }}"
    component = compile_source(Source("case.arch", text)).design.components["s"]
    service = Exponential(1 / mu)
    assert component.latency is not None
    queue = queue_of(component, component.latency, service, rate, USUAL)
    assert queue is not None
    return queue.before(service)


def waiting(inputs: Inputs) -> Distribution:
    """Return the time in the queue alone."""
    whole = queued(inputs["lambda_rps"], inputs["mu_rps"], inputs["servers"])
    assert isinstance(whole, Queued)
    return replace(whole, service=Constant(0.0))


def sojourn(inputs: Inputs) -> float:
    return queued(inputs["lambda_rps"], inputs["mu_rps"], inputs.get("servers", 1)).mean()


def tandem(inputs: Inputs) -> Network:
    return in_series(*(queued(inputs["lambda_rps"], mu) for mu in inputs["mu_rps"]))


def ms(network: Network, q: float) -> float:
    return 1000 * independent(network, [q])[q].estimate


def sigma(inputs: Inputs) -> float:
    fitted = fit(inputs["p50_ms"], inputs["p99_ms"])
    assert isinstance(fitted, Lognormal)
    return fitted.sigma


def verdict(inputs: Inputs) -> str:
    total, most = 1000 * sum_of(segments(inputs), 0.99), inputs["expected_ms"][1]
    return f"violation:{total:g}>{most:g}" if total > most else "holds"


def stable(inputs: Inputs) -> object:
    try:
        return queues.mean_wait(inputs["lambda_rps"], 1 / inputs["mu_rps"], inputs["servers"])
    except queues.Unstable:
        return "error:unstable"


def erlang_c(inputs: Inputs) -> float:
    return queues.erlang_c(inputs["servers"], inputs["offered_load_erlang"])


def served(inputs: Inputs) -> tuple[float, float, int]:
    return inputs["lambda_rps"], 1 / inputs["mu_rps"], inputs.get("servers", 1)


def sojourn_quantile(inputs: Inputs) -> float:
    return queues.sojourn_quantile(inputs["p"], *served(inputs))


def branches(inputs: Inputs) -> float | None:
    """Compile what a request visits so often, and ask for the most that it lets through."""
    boxes, calls = [], []
    for at, station in enumerate(inputs["stations"]):
        boxes.append(f"service s{at} {{ throughput: {station['cap_rps']} rps }}")
        visits = station["visits"]
        often = f"share: {100 * visits:g}%" if visits < 1 else f"fanout: {visits}"
        calls.append(f"edge <-> s{at} {{ {often} }}")
    text = "\n".join(["client web { rate: 1 rps }", "gateway edge", *boxes, "web -> edge", *calls])
    return compile_source(Source("case.arch", text)).facts.value("throughput", "main")


def closed_system(inputs: Inputs) -> float:
    """Return the response time at which so many jobs make just the throughput of the servers."""
    jobs, most = inputs["closed_jobs"], queues.throughput_of(inputs["servers"], inputs["service_s"])
    return least(lambda time: queues.throughput_of(jobs, time + inputs["think_s"]) <= most, 0.0, 10.0)


def servers_for_wait(inputs: Inputs) -> int:
    load = inputs["rps"] * inputs["service_s"]
    return next(n for n in count(math.floor(load) + 1) if queues.erlang_c(n, load) <= inputs["max_p_wait"])


NO_ENGINE = {"mm1k_loss"}
"""A queue with room for so many: nothing that ships refuses what does not fit, so nothing is asked."""

RUN: dict[str, Ask] = {
    "lognormal_fit_p999_10_50": lambda i: 1000 * fit(i["p50_ms"], i["p99_ms"]).quantile(0.999),
    "lognormal_fit_sigma_10_50": sigma,
    "osate_minmax_sum": lambda i: [1000 * t for t in minmax(segments(i))],
    "osate_nested_flow_sum": verdict,
    "path10_independent_p50": lambda i: ms(path(i, False), i["p"]),
    "path10_independent_p99": lambda i: ms(path(i, True), i["p"]),
    "path10_sum_of_p50": lambda i: 1000 * sum_of(path(i, True), 0.5),
    "path10_sum_of_p99": lambda i: 1000 * sum_of(path(i, True), 0.99),
    "path10_union_bound_p99": lambda i: 1000 * bound_of(path(i, True), i["p"]),
    "sum_10_exp_mean10_p95": lambda i: ms(exponentials(i), i["p"]),
    "sum_10_exp_sum_of_p99": lambda i: 1000 * sum_of(exponentials(i), 0.99),
    "sum_10_lognormal_10_50_comonotonic_p99": lambda i: 1000 * sum_of(components(i), i["p"]),
    "sum_10_lognormal_10_50_p50": lambda i: ms(components(i), i["p"]),
    "sum_10_lognormal_10_50_p99.9": lambda i: ms(components(i), i["p"]),
    "sum_10_lognormal_mean": lambda i: 1000 * mean_of(components(i)),
    "sum_3_uniform_p99": lambda i: ms(in_series(*[Uniform(i["low_ms"] / 1000, i["high_ms"] / 1000)] * i["n"]), i["p"]),
    "sum_p50_underestimates_median": lambda i: ms(exponentials(i), 0.5) / (1000 * sum_of(exponentials(i), 0.5)),
    "sum_p99_not_a_bound_rare_outlier": lambda i: ms(outliers(i), i["p"]),
    "cache80_exp_mean": lambda i: 1000 * mean_of(cached_exponentials(i)),
    "cache80_exp_p99": lambda i: ms(cached_exponentials(i), i["p"]),
    "cache995_lognormal_p99": lambda i: ms(alone(i), i["p"]),
    "cache995_lognormal_p99.9": lambda i: ms(alone(i), i["p"]),
    "two_tier_cache_mean": lambda i: 1000 * mean_of(two_tiers(i)),
    "branch_throughput_cap": branches,
    "parallel_two_exp_p99": lambda i: ms(parallel(i), i["p"]),
    "erlang_c_14_10_pwait": erlang_c,
    "erlang_c_2_1_exact_third": erlang_c,
    "erlang_c_c100_a90": erlang_c,
    "erlang_c_c10_a8": erlang_c,
    "erlang_c_c2_a1": erlang_c,
    "erlang_c_mitan_55_48_asa": lambda i: queues.mean_wait(
        i["arrivals"] / i["per_seconds"], i["service_s"], i["servers"]
    ),
    "kingman_gg1": lambda i: queues.mean_wait_general(
        i["rho"] / i["service_s"], i["service_s"], arrivals_scv=i["ca2"], service_scv=i["cs2"]
    ),
    "littles_law_concurrency": lambda i: queues.in_flight(i["rps"], i["latency_s"]),
    "mg1_pk_scv4_wait": lambda i: queues.mean_wait_general(
        i["lambda_rps"], i["service_s"], service_scv=i["scv_service"]
    ),
    "mm1_mean_sojourn": sojourn,
    "mm1_sojourn_p99": sojourn_quantile,
    "mm4_mean_sojourn": sojourn,
    "mm4_sojourn_p50": sojourn_quantile,
    "mm4_sojourn_p95": sojourn_quantile,
    "mm4_sojourn_p99": sojourn_quantile,
    "mm4_wait_p99": lambda i: waiting(i).quantile(i["p"]),
    "pdq_aws_tomcat_response": closed_system,
    "replicas_for_p99_sojourn_200ms": lambda i: queues.servers_for_sojourn(
        i["p"], i["rps"], i["service_s"], i["target_s"]
    ),
    "replicas_for_pwait_20pct": servers_for_wait,
    "tandem_mm1_sojourn_p99": lambda i: ms(tandem(i), i["p"]) / 1000,
    "unstable_rho_ge_1": stable,
}
for _file in sorted(Path(__file__).parent.glob("case_answers_*.py")):
    RUN |= import_module(f"tests.maths.{_file.stem}").ANSWERS


@pytest.mark.parametrize("name", RUN)
def test_a_published_case_comes_out_within_its_tolerance(name: str) -> None:
    case = CASES[name]
    answer = RUN[name](case["inputs"])
    if case["tolerance_kind"] == "exact":
        assert answer == case["expected"]
    else:
        within = {case["tolerance_kind"]: case["tolerance"]}
        assert answer == pytest.approx(case["expected"], **{"rel": 0.0, "abs": 0.0, **within})


def test_every_case_is_run() -> None:
    assert set(RUN) | NO_ENGINE == set(CASES)


def test_retries_of_a_compiled_design_settle_where_those_without_memory_do() -> None:
    """Its service is known by ten percentiles, and joined between them."""
    case = CASES["retry_feedback_fixed_point"]
    assert retrying(case["inputs"]).facts.value("demand", "s") == pytest.approx(case["expected"], rel=2e-3)


def test_the_independent_bracket_contains_the_published_value() -> None:
    for name, q in (("path10_independent_p50", 0.5), ("path10_independent_p99", 0.99)):
        answer = independent(path(CASES[name]["inputs"], True), [q])[q]

        assert answer.floor <= CASES[name]["expected"] / 1000 <= answer.ceiling
        assert answer.ceiling - answer.floor <= 0.005 * answer.estimate
        assert not math.isinf(answer.ceiling)
