"""What a verdict hangs on, found by trying: each assumption that a design has, at another value that is as plausible.

The table of assumptions says which values those are. Each is a what-if of its own through the one entry; what comes of
it is kept from run to run like other answers that take long. How hops hang together is not turned: a verdict has the
answers to that already.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.catalog.assumptions import ASSUMPTION, OWNER, field_of
from archboard.compilation import Compilation
from archboard.compiler import Reading, verdicts_under
from archboard.conditions import Condition, Taken, Weight
from archboard.design.changes import Changes
from archboard.design.model import Design
from archboard.design.overrides import read_changes
from archboard.load import same
from archboard.maths.percentiles.kept_answers import Answers, asked_of_times
from archboard.records import record, replace
from archboard.verdicts import Judged, Verdict

SHOWN = 3
"""Assumptions that are told."""
MATTERS = 0.1
"""The part of the way to its limit that must be eaten for an assumption to be told that turns nothing."""
LARGEST = 300
"""Boxes and arrows of a design that is tried: a larger one takes long to work out, and is worked out a dozen times."""
SLOWEST = 120
"""Rounds until the loads of a design stand still; one that takes more is not worked out a dozen times again."""
TIED = ("0.5", "1")
"""Correlations that are as plausible as none: some, and hops that are all slow together."""
WORST = "worst case"


@record
class Outcome:
    """What became of one promise in a trial: its number, whether it holds, and its number with hops that are tied."""

    value: float | None
    ok: bool | None
    correlated: float | None = None


class Trials:
    """The what-ifs of one design, each run once, or read where an earlier run has kept what came of it."""

    def __init__(self, reading: Reading, changes: Changes, compilation: Compilation) -> None:
        self.reading = reading
        self.changes = changes
        self.compilation = compilation
        self._count = len(compilation.facts.verdicts)
        texts = tuple(source.text for source in reading.plan.sources)
        self._subject = (*texts, *(each.span.source.text for each in changes.assignments))

    def outcomes(self, assignments: tuple[str, ...]) -> tuple[Outcome, ...]:
        """Return what becomes of every promise under further assignments, as `--set` takes them."""

        def work() -> list[float]:
            return [number for verdict in self._tried(assignments) for number in _numbers(verdict)]

        name = f"verdicts with {' and '.join(assignments)}"
        return _outcomes(self.reading.transforms.answers.of(self._subject, name, (), (3 * self._count,), work))

    def _tried(self, assignments: tuple[str, ...]) -> tuple[Verdict, ...]:
        changes, base = self.changes.and_(read_changes(assignments)), self.compilation.design
        transforms = self.reading.transforms  # what comes of it is kept, not what it takes to find it
        with asked_of_times(Answers()), transforms.unrecorded():
            return verdicts_under(self.reading, changes, base, transforms)


def _numbers(verdict: Verdict) -> tuple[float, float, float]:
    state = {None: 0.0, False: 1.0, True: 2.0}[verdict.ok]
    tied = verdict.correlated if isinstance(verdict, Judged) else None
    return state, verdict.value or 0.0, tied or 0.0


def _outcomes(numbers: tuple[float, ...]) -> tuple[Outcome, ...]:
    found = []
    for state, value, tied in zip(numbers[::3], numbers[1::3], numbers[2::3], strict=True):
        ok = {0.0: None, 1.0: False, 2.0: True}[state]
        found.append(Outcome(None if ok is None else value, ok, tied or None))
    return tuple(found)


def weighed(reading: Reading, compilation: Compilation, changes: Changes) -> Compilation:
    """Return a compilation whose verdicts say what they hold by, with the assumptions that most hangs on."""
    design, facts = compilation.design, compilation.facts
    if not compilation.understood or not facts.judged or len(design.components) + len(design.arrows) > LARGEST:
        return compilation
    if reading.transforms.rounds > SLOWEST:
        return compilation
    trials = Trials(reading, changes, compilation)
    found: list[list[Condition]] = [[] for _ in facts.verdicts]
    for taken in facts.assumptions:
        for tried, assignments in _alternatives(taken, compilation):
            outcomes = trials.outcomes(assignments)
            for conditions, verdict, then in zip(found, facts.verdicts, outcomes, strict=True):
                if isinstance(verdict, Judged) and taken.row.may_turn(verdict.promise.kind):
                    of = replace(taken, subjects=_met(taken.subjects, design, verdict))
                    conditions.append(_condition(of, tried, assignments, verdict, then))
    for place, verdict in enumerate(facts.verdicts):
        if isinstance(verdict, Judged):
            found[place] += _dependence(trials, verdict, place)
    judged = [
        replace(verdict, conditions=_held_by(each)) if isinstance(verdict, Judged) else verdict
        for verdict, each in zip(facts.verdicts, found, strict=True)
    ]
    ranked = tuple(_ranked(facts.verdicts, found))[:SHOWN]
    return replace(compilation, facts=replace(facts, verdicts=tuple(judged)), hanging=ranked)


def _met(subjects: tuple[str, ...], design: Design, verdict: Judged) -> tuple[str, ...]:
    """Return those that a request of a promise's flow can meet; all of them where it meets none."""
    flow = design.flow(verdict.flow)
    arrows = (*flow.arrows, *flow.failures) if flow is not None else ()
    met = {name for arrow in arrows for name in (arrow.id, arrow.tail, arrow.head)}
    return tuple(name for name in subjects if name in met) or subjects


def _alternatives(taken: Taken, compilation: Compilation) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the other values of an assumption that a promise may hang on, each with what `--set` takes to try it."""
    row, design = taken.row, compilation.design
    made = any(row.may_turn(verdict.promise.kind) for verdict in compilation.facts.judged)
    if not taken.subjects or not made:
        return
    for value in row.instead:
        if row.setting is not None:
            yield value, (f"{OWNER}.{field_of(row.setting.name)}={value}",)
        elif row.set:
            counts = [design.components[name].replicas.high for name in taken.subjects]
            said = [value.format(replicas=f"{count:.0f}") for count in counts]
            named = zip(taken.subjects, said, strict=True)
            yield said[0] if len(set(said)) == 1 else "all", tuple(f"{name}.{row.set}={each}" for name, each in named)


def _dependence(trials: Trials, verdict: Judged, place: int) -> Iterator[Condition]:
    """Yield what becomes of a latency promise where hops hang together otherwise than its policy takes them to.

    The worst case takes the slowest of alternatives, whatever their chance: that of an independent answer counts
    only where every request goes the same way.
    """
    promise, worst = verdict.promise, verdict.worst_case
    if promise.fraction is None or promise.policy == "bound" or not verdict.ok:
        return
    if promise.policy == "sum":
        if worst is not None:
            yield _condition(Taken("sum"), WORST, (), verdict, Outcome(worst, promise.holds(worst)))
        return
    taken, certain = Taken("independence"), _is_certain(trials.compilation, verdict)
    if verdict.sum is not None and not promise.holds(verdict.sum):
        for tied in TIED:
            changes = (f"{OWNER}.correlation={tied}",)
            value = trials.outcomes(changes)[place].correlated
            if value is not None:
                yield _condition(taken, f"correlation {tied}", changes, verdict, Outcome(value, promise.holds(value)))
    if certain and worst is not None:
        yield _condition(taken, WORST, (), verdict, Outcome(worst, promise.holds(worst)))


def _is_certain(compilation: Compilation, verdict: Judged) -> bool:
    """Whether the worst way of a promise's flow is the only one."""
    flow = compilation.facts.flow(verdict.flow)
    return flow is not None and flow.worst is not None and same(flow.worst.probability, 1.0)


def _condition(taken: Taken, tried: str, changes: tuple[str, ...], verdict: Judged, then: Outcome) -> Condition:
    turns = then.ok is not verdict.ok
    return Condition(taken, tried, changes, then.value, then.ok, turns, _eaten(verdict, then))


def _eaten(verdict: Judged, then: Outcome) -> float:
    """Return how much of the way from a promise's number to its limit a trial takes; less than none away from it."""
    limit, value = verdict.promise.limit, verdict.value
    if then.value is None:
        return math.inf
    if then.value == value or not math.isfinite(value) or value == limit:
        return math.inf if then.ok is not verdict.ok else 0.0
    return (then.value - value) / (limit - value)


def _held_by(conditions: list[Condition]) -> tuple[Condition, ...]:
    """Return the conditions that turn a verdict: of each assumption the nearest value that does."""
    found: dict[str, Condition] = {}
    for condition in conditions:
        if condition.turns:
            found.setdefault(condition.taken.name, condition)
    return tuple(found.values())


def _ranked(verdicts: tuple[Verdict, ...], found: list[list[Condition]]) -> Iterator[Weight]:
    """Yield the assumptions that most hangs on: those that turn most verdicts, then those that eat most of a margin."""
    names = dict.fromkeys(condition.taken.name for each in found for condition in each)
    weights: list[Weight] = []
    for name in names:
        of = [(v, c) for v, each in zip(verdicts, found, strict=True) for c in each if c.taken.name == name]
        turned = [(v, c) for v, c in of if c.turns]
        verdict, worst = (turned or sorted(of, key=lambda pair: -pair[1].eats))[0]
        if worst.turns or worst.eats >= MATTERS:
            flows = {id(v) for v, _ in turned}
            weights.append(Weight(verdict.flow, verdict.promise.text, worst, len(flows)))
    place = {name: at for at, name in enumerate(ASSUMPTION)}
    weights.sort(key=lambda w: (-w.turns, -w.condition.eats, place[w.condition.taken.name]))
    yield from weights
