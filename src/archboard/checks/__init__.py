"""Checks: from Design and Facts to Diagnostics. One concern a file; its docstring is `archboard explain`.

Adding a check is one file and one line in CHECKS. A check judges facts; it computes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archboard.checks import (
    at_limit,
    availability_missed,
    busy,
    cache_loss,
    context_end,
    cost_missed,
    endless,
    expectation,
    extrapolated,
    failover_overload,
    failure_latency,
    heads,
    hidden_misses,
    latency_missed,
    little,
    memory_misfit,
    no_latency,
    no_path,
    overload,
    policies,
    promise_missed,
    retry_storm,
    single_point,
    staleness_missed,
    throughput_missed,
    timeouts,
    too_fast,
    two_points,
    unknown_model,
    untouched,
    uptime_contradicted,
)
from archboard.design import rules as design_rules
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule
from archboard.facts import Facts
from archboard.language import rules as language_rules

__all__ = ["CHECKS", "RULES", "check"]

CHECKS: tuple[tuple[Rule, Callable[[Design, Facts], Iterator[Diagnostic]]], ...] = (
    (endless.RULE, endless.check),
    (untouched.RULE, untouched.check),
    (no_path.RULE, no_path.check),
    (latency_missed.RULE, latency_missed.check),
    (failure_latency.RULE, failure_latency.check),
    (no_latency.RULE, no_latency.check),
    (timeouts.RULE, timeouts.check),
    (policies.RULE, policies.check),
    (hidden_misses.RULE, hidden_misses.check),
    (extrapolated.RULE, extrapolated.check),
    (overload.RULE, overload.check),
    (busy.RULE, busy.check),
    (at_limit.RULE, at_limit.check),
    (little.RULE, little.check),
    (retry_storm.RULE, retry_storm.check),
    (two_points.RULE, two_points.check),
    (throughput_missed.RULE, throughput_missed.check),
    (availability_missed.RULE, availability_missed.check),
    (uptime_contradicted.RULE, uptime_contradicted.check),
    (single_point.RULE, single_point.check),
    (cache_loss.RULE, cache_loss.check),
    (memory_misfit.RULE, memory_misfit.check),
    (context_end.RULE, context_end.check),
    (heads.RULE, heads.check),
    (unknown_model.RULE, unknown_model.check),
    (too_fast.RULE, too_fast.check),
    (failover_overload.RULE, failover_overload.check),
    (cost_missed.RULE, cost_missed.check),
    (staleness_missed.RULE, staleness_missed.check),
    *promise_missed.CHECKS,
)
_DECLARED = (*language_rules.RULES, *design_rules.RULES, *(rule for rule, _ in CHECKS), expectation.RULE)
RULES: tuple[Rule, ...] = tuple(sorted({rule.code: rule for rule in _DECLARED}.values(), key=lambda rule: rule.code))
"""Every rule there is, by code."""


def check(design: Design, facts: Facts) -> tuple[Diagnostic, ...]:
    """Return everything that the facts of a design say against it."""
    return tuple(found for _, judge in CHECKS for found in judge(design, facts))
