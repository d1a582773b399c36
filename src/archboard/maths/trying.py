"""Trying again: what becomes of attempts that may be late, may be refused at once, or may bring an error.

An attempt fails in one of two ways: after its usual time, with an error, or at once, refused. With a timeout it may be
late besides, whatever it would have brought. Each attempt draws anew, and errs however long it took. What becomes of
all of them is laid out flat: answered after so many failures, or given up after so many, each with its time. Those
whose last attempt was refused are apart from the others: what takes no time must make nothing look quicker.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from archboard.maths.network import NetworkBuilder, Outcome
from archboard.records import record

Option = tuple[float, int, float]
"""Probability, node, and the probability where an attempt takes longer than its timeout."""


@record
class Attempt:
    """One attempt of a request: its node, and how it may fail.

    `errors` is the chance of an error after its time, `quick` that of a refusal, whose time is the node `refused`;
    `late` the chance that it takes longer than `timeout`, seconds, which neither changes.
    """

    part: int
    errors: float = 0.0
    quick: float = 0.0
    refused: int = -1
    late: float = 0.0
    timeout: float | None = None
    name: str = ""


@record
class Tried:
    """What becomes of all attempts: they end `answered`, `late`, or the last one brought an error, or was `refused`."""

    attempt: Attempt
    answered: tuple[Option, ...]
    late: tuple[Option, ...]
    erred: tuple[Option, ...]
    refused: tuple[Option, ...]

    @property
    def errors(self) -> float:
        """The share of requests whose last attempt brought an error, or was refused."""
        return math.fsum(chance for chance, _, _ in (*self.erred, *self.refused))

    @property
    def turned_away(self) -> float:
        """The share of requests whose last attempt was refused."""
        return math.fsum(chance for chance, _, _ in self.refused)

    def whole(self, build: NetworkBuilder, otherwise: int | None = None, errors: float = 1.0) -> int:
        """Return all of it as one node; after an error what there is `otherwise` answers, but for a share of errors."""
        erred, refused = self.erred, self.refused
        if otherwise is not None:
            erred = tuple((chance, build.series((node, otherwise)), slow) for chance, node, slow in erred)
            refused = tuple((chance, build.series((node, otherwise)), slow) for chance, node, slow in refused)
        options = [one for each in zip(self.answered, refused, erred, self.late, strict=True) for one in each]
        return self._outcome(build, options, self.errors * errors)

    def let_in(self, build: NetworkBuilder, unheard: float = 0.0) -> int:
        """Return the time of all but those whose last attempt was refused; `unheard` of them have no answer either."""
        options = [one for each in zip(self.answered, self.erred, self.late, strict=True) for one in each]
        total = math.fsum(chance for chance, _, _ in options)
        erred = math.fsum(chance for chance, _, _ in self.erred) / total if total > 0 else 0.0
        return self._outcome(build, options, erred + (1.0 - erred) * unheard)

    def refusals(self, build: NetworkBuilder, errors: float = 1.0) -> int:
        """Return the time of those whose last attempt was refused, and that many of them have no answer."""
        return self._outcome(build, self.refused, errors)

    def in_error(self, build: NetworkBuilder) -> int:
        """Return the time of those whose last attempt brought an error, or was refused."""
        return self._outcome(build, [one for each in zip(self.refused, self.erred, strict=True) for one in each], 0.0)

    def without_error(self, build: NetworkBuilder) -> int:
        """Return the time of all others."""
        return self._outcome(build, [one for each in zip(self.answered, self.late, strict=True) for one in each], 0.0)

    def _outcome(self, build: NetworkBuilder, options: Sequence[Option], errors: float) -> int:
        total = math.fsum(chance for chance, _, _ in options)
        possible = [(chance / total, node, slow) for chance, node, slow in options if chance > 0 or slow > 0]
        timeout, part = self.attempt.timeout, self.attempt.part
        slow = tuple(each for _, _, each in possible)
        chances = tuple((chance, node) for chance, node, _ in possible)
        if timeout is None or not any(slow):
            return build.add(Outcome(chances, errors))
        return build.add(Outcome(chances, errors, slow, part, timeout))


def tried(build: NetworkBuilder, attempt: Attempt, waits: Sequence[int], again: float = 1.0) -> Tried:
    """Return what becomes of an attempt and of those that follow it, each after the node of a wait.

    `again` is the share of failed attempts that are tried again, while there are waits left.
    """
    quick, late = attempt.quick, (1.0 - attempt.quick) * attempt.late
    slow_error = (1.0 - attempt.quick) * (1.0 - attempt.late) * attempt.errors
    errors, good = quick + slow_error, (1.0 - attempt.quick) * (1.0 - attempt.late) * (1.0 - attempt.errors)
    failing = errors + late
    answer, too_late = attempt.part, attempt.part
    if attempt.timeout is not None:
        answer = build.cut(attempt.part, attempt.timeout, 1.0 - attempt.late, attempt.name)
        too_late = build.cut(attempt.part, attempt.timeout, 1.0 - attempt.late, attempt.name, late=True)
    fails = error = answer if quick <= 0 else _either(build, ((slow_error, answer), (quick, attempt.refused)))
    if attempt.timeout is not None and failing > 0:
        chances = ((errors / failing, error), (late / failing, too_late))
        fails = build.add(Outcome(chances, 0.0, (0.0, 1.0), attempt.part, attempt.timeout))
    answered, lates, erred, refused = list[Option](), list[Option](), list[Option](), list[Option]()
    before, chance, slow = build.series(()), 1.0, 1.0
    for wait in (*waits, None):
        more = 0.0 if wait is None else again
        answered.append((chance * good, _after(build, before, answer), 0.0))
        lates.append((chance * late * (1.0 - more), _after(build, before, too_late), slow * (1.0 - more)))
        erred.append((chance * slow_error * (1.0 - more), _after(build, before, answer), 0.0))
        turned = attempt.refused if quick > 0 else answer
        refused.append((chance * quick * (1.0 - more), _after(build, before, turned), 0.0))
        if wait is not None:
            before = _after(build, before, build.series((fails, wait)))
        chance, slow = chance * failing * more, slow * more
    if attempt.timeout is None:
        lates = [(chance, node, 0.0) for chance, node, _ in lates]
    return Tried(attempt, tuple(answered), tuple(lates), tuple(erred), tuple(refused))


def _after(build: NetworkBuilder, before: int, node: int) -> int:
    nothing = build.series(())
    return node if before == nothing else build.series((before, node))


def _either(build: NetworkBuilder, options: Sequence[tuple[float, int]]) -> int:
    total = math.fsum(chance for chance, _ in options)
    return build.choice([(chance / total, node) for chance, node in options])


def share_tried_again(failing: float, attempts: int, budget: float | None) -> float:
    """Return the share of failed attempts that are tried again, so that retries are at most `budget` of the first.

    Of n attempts that each fail by p, a share b of the failures tried again, the retries are bp + (bp)² + … of the
    first attempts; all failures are tried again where that is within the budget.
    """
    if budget is None or failing <= 0 or attempts <= 1:
        return 1.0
    if _retries(failing, attempts) <= budget:
        return 1.0
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        low, high = (low, middle) if _retries(failing * middle, attempts) > budget else (middle, high)
    return low


def _retries(failing: float, attempts: int) -> float:
    return math.fsum(failing**further for further in range(1, attempts))


def given_up(failing: float, attempts: int, again: float = 1.0) -> float:
    """Return the share of requests that no attempt answers: p^n where every failure is tried again."""
    if again >= 1:
        return failing**attempts
    tried_again = failing * again
    short = math.fsum(tried_again**further for further in range(attempts - 1)) * failing * (1.0 - again)
    return short + failing * tried_again ** (attempts - 1)
