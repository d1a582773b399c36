"""What a change did: to each promise, to the numbers, to the what-ifs, and to what is found wrong."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator

from archboard.compilation import Compilation
from archboard.diagnostics import Diagnostic
from archboard.facts import Fact, Facts
from archboard.measures.metrics import SATURATES_AT
from archboard.records import record
from archboard.verdicts import Verdict

FIRST = (
    "throughput", "availability", "served_in_full", "cost_month", "cost_request", "staleness", "utilisation", "demand",
    "refused",
    "replicas_needed", "saturates_at", "memory", "largest_batch", "ttft", "tpot", "decode_rate", "downtime_month",
    "latency_p99", "waiting", "in_flight", "capacity",
)  # fmt: skip
"""The metrics that people ask for first, in that order; the others follow in the order found."""
LAST = ("downtime_year", "error_budget", "unavailability_share", "lost_when_down", "little_limit", "little_concurrency")
"""Those that follow from what was said before."""


@record
class PromiseChange:
    """One promise before and after; None where there was none. `failure` names the failure arrow it is judged in."""

    flow: str
    before: Verdict | None
    after: Verdict | None
    failure: str = ""

    @property
    def verdict(self) -> Verdict:
        """The later of its verdicts."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def delta(self) -> float | None:
        """How much its value rose, where both are known."""
        if self.before is None or self.after is None or self.before.value is None or self.after.value is None:
            return None
        return self.after.value - self.before.value

    @property
    def lost(self) -> bool:
        """Whether it held, and is there still, and holds no longer or cannot be judged any more."""
        return self.before is not None and self.before.ok is True and self.after is not None and not self.after.ok

    @property
    def won(self) -> bool:
        """Whether it holds, and did not before."""
        return self.after is not None and self.after.ok is True and self.before is not None and not self.before.ok

    @property
    def changed(self) -> bool:
        """Whether its value, its verdict or its limit differs."""
        if self.before is None or self.after is None:
            return True
        pair = self.before, self.after
        ends = [(v.ok, v.promise.limit, v.promise.operator, v.value is None) for v in pair]
        return ends[0] != ends[1] or not _alike(self.before.value, self.after.value)


@record
class FactChange:
    """One number before and after; None where there was none."""

    before: Fact | None
    after: Fact | None

    @property
    def fact(self) -> Fact:
        """The later of its facts."""
        found = self.after or self.before
        assert found is not None
        return found

    @property
    def ratio(self) -> float:
        """How many times itself it became, 1 or more either way; infinite where it came, went, or was nothing."""
        first, second = (fact.value if fact is not None else None for fact in (self.before, self.after))
        if first is None or second is None or not (math.isfinite(first) and math.isfinite(second)):
            return math.inf
        low, high = sorted((abs(first), abs(second)))
        return high / low if low > 0 else math.inf


@record
class ScenarioChange:
    """A what-if of the file whose outcome differs: whether it holds, None where it is not there."""

    title: str
    before: bool | None
    after: bool | None


@record
class Saturation:
    """The component that fills up first as the clients send more, and the client rate at which it is full."""

    component: str
    rate: float
    working: str


def promise_changes(before: Facts, after: Facts) -> Iterator[PromiseChange]:
    """Yield every promise of either, matched by flow, metric and policy; then those judged in failure modes."""
    first, second = _by_key(before), _by_key(after)
    for key in dict.fromkeys((*first, *second)):
        yield PromiseChange(key[0], first.get(key), second.get(key), key[1])


_Key = tuple[str, str, str, str, str, int]


def _by_key(facts: Facts) -> dict[_Key, Verdict]:
    judged = [(verdict, "") for verdict in facts.verdicts]
    judged += [(verdict, failure.arrow.id) for failure in facts.failures for verdict in failure.verdicts]
    found: dict[_Key, Verdict] = {}
    seen: Counter[tuple[str, str, str, str, str]] = Counter()
    for verdict, failure in judged:
        promise = verdict.promise
        key = (verdict.flow, failure, promise.metric, promise.policy, promise.per)
        found[*key, seen[key]] = verdict
        seen[key] += 1
    return found


def fact_changes(before: Compilation, after: Compilation) -> Iterator[FactChange]:
    """Yield every fact that differs: the metrics asked for first, of each the largest change first."""
    names = dict.fromkeys((*before.facts.scalars, *after.facts.scalars))
    pairs = (FactChange(before.facts.scalars.get(key), after.facts.scalars.get(key)) for key in names)
    changes = [pair for pair in pairs if not _same(pair)]
    order = {name: place for place, name in enumerate(FIRST)}
    order.update(dict.fromkeys(LAST, len(FIRST) + 1))
    yield from sorted(changes, key=lambda c: (order.get(c.fact.metric.name, len(FIRST)), -c.ratio))


def _same(change: FactChange) -> bool:
    first, second = change.before, change.after
    return first is not None and second is not None and _alike(first.value, second.value)


def _alike(first: float | None, second: float | None) -> bool:
    if first is None or second is None:
        return first is second
    return first == second or math.isclose(first, second, rel_tol=1e-9)


def scenario_changes(before: Compilation, after: Compilation) -> Iterator[ScenarioChange]:
    """Yield the what-ifs whose outcome differs."""
    first = {result.scenario.title: result.ok for result in before.scenarios}
    second = {result.scenario.title: result.ok for result in after.scenarios}
    for title in dict.fromkeys((*first, *second)):
        if first.get(title) != second.get(title):
            yield ScenarioChange(title, first.get(title), second.get(title))


def first_to_saturate(facts: Facts) -> Saturation | None:
    """Return what is full first as the clients send more."""
    found = [fact for fact in facts.of(SATURATES_AT) if fact.value is not None]
    if not found:
        return None
    first = min(found, key=lambda fact: fact.value or 0.0)
    return Saturation(first.subject, first.value or 0.0, first.told)


def new_diagnostics(before: Compilation, after: Compilation) -> Iterator[Diagnostic]:
    """Yield what is found in the later and nothing like it in the earlier."""
    known = Counter(_finding(d) for d in before.diagnostics)
    for d in after.diagnostics:
        key = _finding(d)
        known[key] -= 1
        if known[key] < 0:
            yield d


def _finding(d: Diagnostic) -> tuple[str, str | None, str, str]:
    """Return what makes two diagnostics one: code, what-if, and what they are about; where the text is, its words."""
    return d.rule.code, d.scenario, d.subject or d.aspect or d.span.text, d.aspect
