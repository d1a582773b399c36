"""A first design for a load and an SLA: client, gateway, cache, service, store, fallback, telemetry.

Its shape is always the same; its sizes are solved. Latencies are shares of the promised one, scaled down until the
promises hold; replicas are what the compiler says is needed, on a usual day and when the cache is lost; then one more
where most downtime comes from, until the availability holds.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from archboard.catalog.promises import AVAILABILITY, THROUGHPUT
from archboard.compilation import Compilation
from archboard.compiler import compile_source
from archboard.design.dials import written
from archboard.design.model import Assumptions
from archboard.facts import Facts
from archboard.load import Load
from archboard.measures.metrics import CAPACITY, DEMAND, REPLICAS_NEEDED
from archboard.records import field, record, replace
from archboard.script.wording import environment
from archboard.sketch.answers import Wanted
from archboard.source import Source
from archboard.units import Dimension, percentile_name, show_fraction

LATENCY = 0.2
"""Seconds that the parts are shares of where no latency is promised."""
USED = 0.7
"""Part of a promised latency that a first budget uses."""
SHARES = {"edge": 0.05, "redis": 0.05, "app": 0.5, "db": 0.2, "hop": 0.05}
"""Parts of the budget: gateway, cache, service, store, and each of four hops."""
TIMEOUT = 0.6
"""Part of the promised latency after which the service is given up."""
SCALES = (1.0, 0.8, 0.6, 0.45, 0.3, 0.2, 0.1)
MEDIAN = 3.0
"""A tail is so many times its median."""
ROOM = 1.2
"""The gateway's limit over the load."""
EACH = {"edge": 10_000.0, "redis": 50_000.0, "db": 5_000.0}
"""Requests a second of one replica."""
TARGET = Assumptions().utilisation
LEAST = 2
TRIES = 24
TIMES = 3
"""Times the traffic in the scenario that asks for more."""
SPREAD = 8.0
"""About how many replicas of the service a load is divided among."""


@record
class Sizes:
    """What is solved for: how many of each box, how many of the service must be up, what is left of the latencies."""

    counts: Mapping[str, int] = field(default_factory=lambda: dict.fromkeys(("edge", "redis", "app", "db"), LEAST))
    needs: int = 1
    scale: float = 1.0


def first_design(name: str, wanted: Wanted) -> tuple[str, Compilation]:
    """Return a first design's text, and what the compiler makes of it."""
    sizes = Sizes()
    for scale in SCALES:
        sizes = replace(sizes, scale=scale)
        text, made = _made(name, wanted, sizes)
        if not any(d.rule.code in ("AB401", "AB402") for d in made.diagnostics if d.scenario is None):
            break
    facts = made.facts
    needs = int(Load(facts.value(DEMAND, "app") or 0.0, _each(wanted)).replicas())
    sizes = replace(sizes, counts={box: _needed(facts, box) for box in sizes.counts}, needs=needs)
    text, made = _made(name, wanted, sizes)
    for _ in range(TRIES):
        more = _more(made, sizes)
        if more is None:
            break
        sizes = replace(sizes, counts={**sizes.counts, more: sizes.counts[more] + 1})
        text, made = _made(name, wanted, sizes)
    return text, made


def _needed(facts: Facts, box: str) -> int:
    """Return how many of a box carry the load at its target, with or without the cache, and all that is let in."""
    usual = facts.value(REPLICAS_NEEDED, box) or 0.0
    each = (facts.value(CAPACITY, box) or 1.0) / LEAST
    here = [surge for surge in facts.surges if surge.component == box]
    at_limit = (Load(surge.demand, each).replicas() for surge in here)
    lost = (Load(surge.steady, each).replicas(TARGET) for surge in here if surge.cause == "loss")
    return int(max(LEAST, usual, *at_limit, *lost))


def _more(made: Compilation, sizes: Sizes) -> str | None:
    """Return the box whose further replica helps an availability most that is missed."""
    missed = [v.flow for v in made.facts.verdicts if v.promise.kind is AVAILABILITY and v.ok is False]
    outages = [o for o in made.facts.outages if o.flow in missed and o.component in sizes.counts]
    worst = max(outages, key=lambda outage: outage.seconds, default=None)
    return None if worst is None else worst.component


def _made(name: str, wanted: Wanted, sizes: Sizes) -> tuple[str, Compilation]:
    text = environment().get_template("en/first.arch.j2").render(_values(name, wanted, sizes)) + "\n"
    return text, compile_source(Source(f"{name}.arch", text))


def _values(name: str, wanted: Wanted, sizes: Sizes) -> dict[str, object]:
    promised = min((p.limit for p in wanted.promises if p.is_latency), default=LATENCY)
    top: float | None = max((p.fraction for p in wanted.promises if p.is_latency and p.fraction), default=0.99)
    top = None if any(p.metric == "max" for p in wanted.promises) else max(top or 0.0, 0.99)
    budget = promised * USED * sizes.scale / (1 + 3 * SHARES["hop"])
    each = {**EACH, "app": _each(wanted)}
    boxes = {
        box: {
            "latency": _latency(budget * SHARES[box], top),
            "throughput": _rate(each[box]),
            "replicas": count,
            "needs": sizes.needs,
        }
        for box, count in sizes.counts.items()
    }
    return {
        "name": name,
        "title": _quoted(name.replace("_", " ").replace("-", " ").capitalize()),
        "problem": _quoted(wanted.problem),
        "sla": wanted.sla,
        "rate": _rate(wanted.rate),
        "tripled": _rate(wanted.rate * TIMES),
        "refused": Load(wanted.rate * TIMES, _limit(wanted)).over,
        "limit": _rate(_limit(wanted)),
        "hop": _latency(budget * SHARES["hop"], top),
        "fallback": _time(budget * SHARES["hop"]),
        "timeout": _time(promised * TIMEOUT * min(1.0, sizes.scale * 1.25)),
        "target": show_fraction(TARGET),
        **boxes,
    }


def _limit(wanted: Wanted) -> float:
    """Return what the gateway lets through: the load and a fifth, and no less than is promised."""
    promised = [p.limit for p in wanted.promises if p.kind is THROUGHPUT]
    return max(_rounded(wanted.rate * ROOM, up=True), *promised, 0.0)


def _each(wanted: Wanted) -> float:
    """Return what one replica of the service carries: a round number that divides the limit among a handful."""
    wanted_each = _limit(wanted) / SPREAD
    ladder = [step * 10.0**power for power in range(1, 4) for step in (1, 2, 5)]
    return next((each for each in ladder if each >= wanted_each), ladder[-1] / 2.5)


def _rounded(value: float, *, up: bool = False) -> float:
    """Round to two digits, a latency down and a limit up."""
    if value <= 0:
        return value
    step = 10.0 ** (math.floor(math.log10(value)) - 1)
    return float(f"{(math.ceil(value / step - 1e-9) if up else math.floor(value / step + 1e-9)) * step:.12g}")


def _latency(seconds: float, top: float | None) -> str:
    """Write a latency by its median and highest promised percentile, or by its ends where the longest is promised."""
    if top is None:
        return f"{_time(seconds / MEDIAN)}..{_time(seconds)}"
    return f"p50 {_time(seconds / MEDIAN)}, {percentile_name(top)} {_time(seconds)}"


def _time(seconds: float) -> str:
    return written(_rounded(seconds), Dimension.DURATION)


def _rate(rate: float) -> str:
    """Write a rate as people do: `1.2k rps`, `3M rps`."""
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if rate >= size and float(f"{rate / size:.4g}") * size == rate:
            return f"{rate / size:.4g}{letter} rps"
    return written(rate, Dimension.RATE)


def _quoted(text: str) -> str:
    """Write a text in the language, on one line."""
    flat = " ".join(text.split()).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{flat}"'
