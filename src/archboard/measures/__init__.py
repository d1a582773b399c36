"""Measures: from a Design to its Facts. The tables are the order in which numbers come to be.

A measure is a function of the analysis of one design and of the facts found before it. Those of SCALARS yield
single facts; the others one kind of record each, named after the field of `Facts` that they fill.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Any

from archboard.design.model import Design
from archboard.facts import Fact, Facts, indexed
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures import assumptions, cost, latency, machines, promises, staleness, storage
from archboard.measures import failure_modes as failures
from archboard.measures.analysis import Analysis
from archboard.measures.flow.failing import at_once
from archboard.measures.load import (
    attempts,
    cache_loss,
    capacity,
    demand,
    endless,
    failover,
    limits,
    throughput,
    two_points,
)
from archboard.measures.load import retry_storms as storms
from archboard.measures.load.fixed_point import settled
from archboard.measures.load.modes import slow_to_scale
from archboard.measures.models import fitting, memory, speed
from archboard.measures.moment import Moment
from archboard.measures.remedies import promises_and_overload as remedies
from archboard.measures.remedies import redundancy, surges
from archboard.measures.remedies import retry_storms as calming
from archboard.measures.uptime import availability
from archboard.records import replace
from archboard.verdicts import Verdict

__all__ = ["RECORDS", "SCALARS", "measure", "running", "verdicts"]

SCALARS: tuple[Callable[[Analysis, Facts], Iterator[Fact]], ...] = (
    demand.measure,
    capacity.measure,
    throughput.measure,
    attempts.measure,
    two_points.measure,
    latency.hops,
    storage.measure,
    cost.measure,
    machines.measure,
    memory.measure,
    speed.measure,
    staleness.measure,
    availability.measure,
    promises.own,
)
ONLY_SHOWN = (latency.hops, machines.measure, memory.measure, speed.measure)
"""Of the single facts those that no verdict is read from."""
RECORDS: tuple[tuple[str, Callable[[Analysis, Facts], Iterator[Any]]], ...] = (
    ("flows", latency.flows),
    ("verdicts", latency.verdicts),
    ("outages", availability.outages),
    ("verdicts", promises.measure),
    ("surges", limits.measure),
    ("surges", cache_loss.measure),
    ("surges", failover.measure),
    ("failures", failures.measure),
    ("storms", storms.measure),
    ("two_points", two_points.records),
    ("circles", endless.measure),
    ("remedies", remedies.measure),
    ("remedies", surges.measure),
    ("remedies", calming.measure),
    ("remedies", fitting.measure),
    ("remedies", fitting.spread),
    ("remedies", staleness.remedies),
    ("remedies", redundancy.measure),
    ("assumptions", assumptions.measure),
)


def measure(
    design: Design, transforms: Transforms | None = None, before: Mapping[str, float] | None = None
) -> Facts:
    """Return every fact of a design; what-ifs of one design may share the transforms of their hops.

    What comes suddenly meets the replicas that ran `before`, but for those that scale at once.
    """
    analysis, facts = _begun(design, transforms, before, SCALARS)
    for field, records in RECORDS:
        found: dict[str, Any] = {field: (*getattr(facts, field), *records(analysis, facts))}
        facts = replace(facts, **found)
    return facts


def running(design: Design, transforms: Transforms) -> Mapping[str, float]:
    """Return how many replicas run of each component of a design that scales, and nothing else of it."""
    return settled(design, transforms).moment.running


def verdicts(design: Design, transforms: Transforms | None = None) -> tuple[Verdict, ...]:
    """Return what becomes of every promise of a design, in the order of its facts, and nothing that is told beside."""
    needed = tuple(scalars for scalars in SCALARS if scalars not in ONLY_SHOWN)
    analysis, facts = _begun(design, transforms, None, needed)
    return (*latency.verdicts(analysis, facts, brief=True), *promises.measure(analysis, facts))


def _begun(
    design: Design, transforms: Transforms | None, before: Mapping[str, float] | None,
    wanted: Iterable[Callable[[Analysis, Facts], Iterator[Fact]]],
) -> tuple[Analysis, Facts]:  # fmt: skip
    """Return the analysis of a design and its single facts, those that are wanted."""
    ran = {} if before is None else slow_to_scale(design, before)
    analysis = settled(design, transforms or Transforms(), Moment(ran=ran))
    queued = frozenset(name for name in design.components if analysis.times.is_endless(name))
    shown, gates = latency.shown_percentile(design), MappingProxyType(dict(limits.gates(analysis)))
    waits_for = MappingProxyType({n: head for n in analysis.held_for if (head := analysis.waits_for(n))})
    facts = Facts(
        percentile=shown, queued=queued, running=MappingProxyType(dict(analysis.moment.running)), ran=ran, gates=gates,
        waits_for=waits_for, caught=at_once(analysis.caught, analysis.down),
    )  # fmt: skip
    for scalars in wanted:
        facts = replace(facts, scalars=indexed(scalars(analysis, facts), facts.scalars))
    return analysis, facts
