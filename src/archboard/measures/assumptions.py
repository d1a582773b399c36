"""Assumptions: what the numbers took for granted because the design does not say, listed so that none is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Facts
from archboard.maths.correlation import MOST_HOPS
from archboard.measures.study import Study
from archboard.units import show_fraction, show_number


def measure(study: Study, facts: Facts) -> Iterator[str]:
    """Yield one sentence per assumption that a number of this design rests on."""
    design = study.design
    known = [(name, study.times.latency(component)) for name, component in design.components.items()]
    known += [(arrow.id, study.times.latency(arrow)) for arrow in design.arrows]
    single = [name for name, latency in known if latency is not None and latency.assumed]
    if single:
        yield f"a single latency is its p99, and p99 = {show_number(design.assumptions.tail)} × p50: {_listed(single)}"
    ranges = [n for n, latency in known if n in design.components and latency is not None and latency.is_range]
    if ranges:
        yield f"best..worst latencies are uniform: {_listed(ranges)}"
    if any(verdict.independent is not None for verdict in facts.verdicts):
        yield "the independent answer takes hops to be slow independently of each other"
    correlation = design.assumptions.correlation
    if correlation is not None and any(verdict.correlated is not None for verdict in facts.verdicts):
        tied = f"tied with a correlation of {show_number(correlation)} (Gaussian copula)"
        yield f"hops are {tied} in the correlated answer"
    elif correlation is not None and any(verdict.independent is not None for verdict in facts.verdicts):
        yield f"the correlated answer is not worked out for more than {MOST_HOPS} hops"
    loaded = [n for n, c in design.components.items() if c.number("throughput") is not None]
    if loaded:
        yield f"utilisation above {show_fraction(design.assumptions.utilisation)} is a warning"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
