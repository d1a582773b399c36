"""Caches: what they keep from the origin, and what an answer takes."""

from __future__ import annotations

from archboard.formulas.model import POSITIVE, SHARE, Formula, Input, Topic
from archboard.maths import caches as maths
from archboard.units import Dimension

RATE = Input("rate", "requests a second that ask the cache", Dimension.RATE, "5k rps")
HIT = Input("hit", "the share that it answers", Dimension.FRACTION, "92%", within=SHARE)

CACHES = Topic(
    "Caches",
    (
        Formula(
            "origin-load",
            "what a cache lets through to the origin",
            "origin load",
            "{rate} × (1 − {hit})",
            (RATE, HIT),
            Dimension.RATE,
            maths.origin_load,
            "a warm cache; an empty one lets everything through",
            "definition of a hit ratio",
            metric="demand",
            reads="hit",
        ),
        Formula(
            "hit-needed",
            "the hit ratio that spares an origin",
            "hit ratio",
            "1 − {capacity} ÷ {rate}",
            (
                Input("rate", "requests a second that ask the cache", Dimension.RATE, "5k rps", within=POSITIVE),
                Input("capacity", "requests a second that the origin carries", Dimension.RATE, "1k rps"),
            ),
            Dimension.FRACTION,
            maths.hit_needed,
            "0 where the origin carries everything itself",
            "definition of a hit ratio",
        ),
        Formula(
            "cache-mean",
            "mean time of an answer with a cache",
            "mean",
            "{hit} × {hit_time} + (1 − {hit}) × {miss_time}",
            (
                HIT,
                Input("hit_time", "mean time of a hit", Dimension.DURATION, "2ms"),
                Input("miss_time", "mean time of a miss, look-up included", Dimension.DURATION, "30ms"),
            ),
            Dimension.DURATION,
            maths.mean_latency,
            "means only: percentiles cannot be weighted like this, and above 1% misses the p99 is one of a miss",
            "law of total expectation",
        ),
    ),
)
