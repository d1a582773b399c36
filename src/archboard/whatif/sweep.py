"""`sweep`: what a design's numbers are over a grid of one or two settings.

The places of the grid are independent, so they may be tried anywhere: a `Task` carries everything that another process
or machine needs, and gives the same points wherever it runs.
"""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import product

from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading
from archboard.design.changes import Changes
from archboard.design.dials import Dial
from archboard.design.paths import Paths
from archboard.diagnostics import nearest
from archboard.facts import Fact
from archboard.measures.metrics import METRICS
from archboard.records import record
from archboard.trials import Column, Point
from archboard.verdicts import Verdict
from archboard.working import Unknown

Place = tuple[float, ...]


@record
class Pick:
    """Where a column's number is found: a promise by its place among the verdicts, or a fact by metric and subject."""

    column: Column
    promise: int | None = None
    fact: tuple[str, str] = ("", "")


@record
class Task:
    """A question over a grid: the design as read, the changes that hold everywhere, what to turn and what to record."""

    reading: Reading
    changes: Changes
    dials: tuple[Dial, ...]
    picks: tuple[Pick, ...]

    def packed(self) -> bytes:
        """Return the task as it goes to another process."""
        return pickle.dumps(self, protocol=5)


def axis(dial: Dial, ends: tuple[float, float], steps: int, logarithmic: bool) -> tuple[float, ...]:
    """Return the numbers at which a setting is tried, both ends among them; whole ones each once."""
    low, high = ends
    parts = (n / (steps - 1) for n in range(steps))
    if logarithmic:
        numbers = [low * (high / low) ** part for part in parts]
    else:
        numbers = [low + (high - low) * part for part in parts]
    numbers[0], numbers[-1] = low, high
    tidied = (float(round(n)) if dial.whole else float(f"{n:.12g}") for n in numbers)
    return tuple(dict.fromkeys(tidied))


def places(axes: Sequence[tuple[float, ...]]) -> list[Place]:
    """Return the places of a grid, the last axis changing fastest."""
    return list(product(*axes))


def tried(task: Task, at: Place) -> Point:
    """Return what is found at one place of a grid."""
    changes = task.changes
    for dial, number in zip(task.dials, at, strict=True):
        changes = changes.and_(dial.turned(number))
    made = compile_reading(task.reading, changes, scenarios=False)
    values: list[float | None] = []
    holds: list[bool | None] = []
    for pick in task.picks:
        verdict = made.facts.verdicts[pick.promise] if pick.promise is not None and made.understood else None
        values.append(verdict.value if verdict is not None else made.facts.value(*pick.fact))
        holds.append(verdict.ok if verdict is not None else None)
    codes = tuple(dict.fromkeys(d.rule.code for d in made.diagnostics if d.is_error))
    return Point(at, tuple(values), tuple(holds), made.ok, codes)


@lru_cache(maxsize=1)
def _unpacked(packed: bytes) -> Task:
    task: Task = pickle.loads(packed)
    return task


def tried_all(packed: bytes, at: tuple[Place, ...]) -> tuple[Point, ...]:
    """Return what is found at some places: what a worker does."""
    task = _unpacked(packed)
    return tuple(tried(task, place) for place in at)


def chunks(at: Sequence[Place], workers: int) -> list[tuple[Place, ...]]:
    """Return the places in parts, a few for each worker, in order."""
    size = max(1, -(-len(at) // (workers * 4)))
    return [tuple(at[start : start + size]) for start in range(0, len(at), size)]


def picks(compilation: Compilation, paths: Paths, wanted: Iterable[str]) -> tuple[Pick, ...] | str:
    """Return what to record: every promise, or what was asked for; or why something asked for is not known.

    Asked for may be a metric that is promised (`p99`), one of a flow's (`search.p99`), a fact (`ranker.utilisation`),
    or a fact's metric, of all that have it (`utilisation`).
    """
    verdicts = compilation.facts.verdicts
    asked = tuple(wanted)
    if not asked:
        chosen = [_promise(place, verdict) for place, verdict in enumerate(verdicts) if verdict.value is not None]
        chosen = chosen or [_promise(place, verdict) for place, verdict in enumerate(verdicts)]
        return tuple(chosen) or tuple(_fact(f) for f in compilation.facts.of("utilisation"))
    found: dict[str, Pick] = {}
    for name in asked:
        meant = list(_meant(compilation, paths, name))
        if not meant:
            return _unknown(compilation, name)
        found.update((pick.column.name, pick) for pick in meant)
    return tuple(found.values())


def _meant(compilation: Compilation, paths: Paths, name: str) -> Iterator[Pick]:
    facts = compilation.facts
    promised = False
    for place, verdict in enumerate(facts.verdicts):
        names = (verdict.promise.metric, f"{verdict.flow}.{verdict.promise.metric}", verdict.promise.text)
        if "".join(name.split()) in ["".join(n.split()) for n in names]:
            promised = True
            yield _promise(place, verdict)
    if promised:
        return
    known = {subject for _, subject in facts.scalars}
    written, _, metric = name.rpartition(".")
    full = paths.things(written)
    owner = full[0] if len(full) == 1 else written
    for fact in facts:
        if (fact.subject, fact.metric.name) == (owner, metric) or (not owner and fact.metric.name == name):
            yield _fact(fact)
    for absent in METRICS:
        if absent.name == metric and owner in known and facts.get(metric, owner) is None:
            yield _fact(Fact(absent, owner, Unknown("not known of the design as it is")))


def _promise(place: int, verdict: Verdict) -> Pick:
    promise = verdict.promise
    name = promise.text if verdict.flow == "main" else f"{verdict.flow}: {promise.text}"
    return Pick(Column(name, promise.kind.dimension, promise.limit, promise.operator), place)


def _fact(fact: Fact) -> Pick:
    name = f"{fact.subject}.{fact.metric.name}"
    return Pick(Column(name, fact.metric.dimension), fact=(fact.metric.name, fact.subject))


def _unknown(compilation: Compilation, name: str) -> str:
    facts = compilation.facts
    known = [f"{f.subject}.{f.metric.name}" for f in facts] + [f.metric.name for f in facts]
    known += [v.promise.metric for v in facts.verdicts]
    guess = nearest(name, list(dict.fromkeys(known)))
    hint = f" Did you mean {guess!r}?" if guess else " `archboard explain FILE` lists what is known."
    return f"nothing is known of {name!r}.{hint}"
