"""Latency and throughput: what one caller, many callers and a tail come to."""

from __future__ import annotations

from archboard.formulas.model import ANY, INSIDE, POSITIVE, Formula, Input, Topic
from archboard.maths import queues
from archboard.maths.distributions import tails
from archboard.units import Dimension

LATENCY = Input("latency", "mean time of a request", Dimension.DURATION, "50ms", within=POSITIVE)
MEAN = Input("mean", "mean latency", Dimension.DURATION, "20ms", within=POSITIVE)
DEVIATION = Input("deviation", "standard deviation of the latency", Dimension.DURATION, "10ms")
SIGMAS = Input("sigmas", "how many standard deviations", Dimension.COUNT, "3", "3", ANY)
QUANTILE = Input("quantile", "the share of requests within it", Dimension.FRACTION, "99%", "99%", INSIDE)

LATENCIES = Topic(
    "Latency and throughput",
    (
        Formula(
            "single-thread",
            "the most that one caller gets who waits for each answer",
            "throughput",
            "1 ÷ {latency}",
            (LATENCY,),
            Dimension.RATE,
            queues.single_thread_ceiling,
            "one request at a time, mean latency",
            "Little (1961) at a concurrency of one",
            seed="Throughput = 1 / (Latency per request)",
        ),
        Formula(
            "throughput",
            "what so many requests at once come to",
            "throughput",
            "{concurrency} ÷ ({latency} + {overhead})",
            (
                Input("concurrency", "requests served at once", Dimension.COUNT, "32", within=POSITIVE),
                LATENCY,
                Input("overhead", "mean time of a request outside of it", Dimension.DURATION, "5ms", "0"),
            ),
            Dimension.RATE,
            lambda concurrency, latency, overhead: queues.throughput_of(concurrency, latency + overhead),
            "mean times that do not grow with the concurrency: a ceiling, reached only with work always waiting",
            "Little (1961)",
            seed="Throughput = Concurrency / (Latency + Overhead)",
            metric="capacity",
            reads="concurrency",
        ),
        Formula(
            "little",
            "requests in a system at once, by Little's law",
            "in flight",
            "{rate} × {latency}",
            (Input("rate", "requests a second", Dimension.RATE, "10k rps"), LATENCY),
            Dimension.COUNT,
            queues.in_flight,
            "any stable system in the long run; the mean time in it, waiting included, never a p99",
            "Little (1961)",
            seed="Optimal concurrency = Latency × Throughput_target",
            differs="an average, not an optimum: with no more servers than that, every burst waits; see `replicas`",
            unit="requests",
            metric="in_flight",
        ),
        Formula(
            "p99-rule",
            "the rule of thumb for a tail",
            "tail",
            "{mean} + {sigmas} × {deviation}",
            (MEAN, DEVIATION, SIGMAS),
            Dimension.DURATION,
            tails.mean_plus,
            "a first guess; a measured p99 is always better, and latencies are not normal",
            "normal tables: Φ(3) = 99.87%",
            seed="P99 latency ≈ (Avg latency) + 3 × (Std deviation)",
            differs="3σ is the p99.87 of a normal, whose p99 is 2.33σ, and between p98 and p99.87 of a lognormal: "
            "see `p99-normal`, `p99-lognormal`, `rule-reach`",
        ),
        Formula(
            "p99-normal",
            "a percentile of a normal",
            "percentile",
            "{mean} + z({quantile}) × {deviation}",
            (MEAN, DEVIATION, QUANTILE),
            Dimension.DURATION,
            lambda mean, deviation, quantile: tails.normal_quantile(quantile, mean, deviation),
            "sums of many small independent times; z(99%) = 2.326",
            "Wichura, AS 241 (1988), for z",
        ),
        Formula(
            "p99-lognormal",
            "a percentile of a lognormal",
            "percentile",
            "exp(ln {mean} − s² ÷ 2 + s × z({quantile})), s² = ln(1 + ({deviation} ÷ {mean})²)",
            (MEAN, DEVIATION, QUANTILE),
            Dimension.DURATION,
            lambda mean, deviation, quantile: tails.lognormal_quantile(quantile, mean, deviation),
            "skewed times of one kind, as most services have; not a mixture of hits and misses",
            "Johnson, Kotz and Balakrishnan (1994), §14",
        ),
        Formula(
            "rule-reach",
            "what share of requests mean + 3σ covers, if lognormal",
            "reach",
            "share of requests below {mean} + {sigmas} × {deviation}",
            (MEAN, DEVIATION, SIGMAS),
            Dimension.FRACTION,
            lambda mean, deviation, sigmas: tails.lognormal_reach(sigmas, mean, deviation),
            "a lognormal of this mean and deviation",
            "Johnson, Kotz and Balakrishnan (1994), §14",
        ),
    ),
)
