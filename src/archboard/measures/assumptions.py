"""Assumptions: what the numbers took for granted because the design does not say, listed so that none is hidden."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Facts
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
    yield from _availability(study)
    loaded = [n for n, c in design.components.items() if c.number("throughput") is not None]
    if loaded:
        yield f"utilisation above {show_fraction(design.assumptions.utilisation)} is a warning"


def _availability(study: Study) -> Iterator[str]:
    design = study.design
    met: dict[str, None] = {}
    for flow in design.flows:
        if study.weights(flow):
            diagram = study.needs(flow).diagram
            met.update(dict.fromkeys(name for name in (*diagram.always, *diagram.others) if name in design.components))
    needed = [design.components[name] for name in met if design.components[name].kind.name not in ("client", "job")]
    silent = [c.name for c in needed if "availability" not in c.settings and not c.flag("down")]
    stated = [c for c in needed if "availability" in c.settings]
    if silent:
        yield f"availability is 100% where none is stated: {_listed(silent)}"
    enough = [c.name for c in stated if c.replicas.high > 1 and "needs" not in c.settings]
    if enough:
        yield f"one replica of several is enough where `needs` is not stated: {_listed(enough)}"
    if stated:
        beta = design.assumptions.common_cause
        alike = f", but {show_fraction(beta)} of a replica's failures take all of its kind at once" if beta else ""
        yield f"components and their replicas fail independently of each other{alike}"


def _listed(names: list[str]) -> str:
    return ", ".join(names[:6]) + (f" and {len(names) - 6} more" if len(names) > 6 else "")
