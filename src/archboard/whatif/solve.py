"""`solve`: the values of one setting at which the promises hold.

A trial compiles the design with the setting turned. Asked about all promises, it holds where `check` finds no error;
asked about one, where that one holds. A coarse scan and bisection find the ends (see `maths.search`); each end is then
rounded to the safe side and tried once more.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from archboard.catalog.ranges import outside
from archboard.compilation import Compilation
from archboard.compiler import Reading, compile_reading
from archboard.design.changes import Changes
from archboard.design.dials import Dial
from archboard.maths.search import Reasons, Stretch, stretches
from archboard.records import replace
from archboard.trials import Finding, Reached, Solution
from archboard.units import Dimension
from archboard.verdicts import Judged, Verdict
from archboard.whatif.words import no_answer
from archboard.words.verdicts import shown_value, told

DIGITS = (4, 5, 6, 8, 10, 12)
SCAN = 32
NEVER_ZERO = ("rate", "burst")
"""Settings without which there is nothing to judge: no one asks what holds where no one comes."""


class Trials:
    """One setting of one design, tried at numbers; each is compiled once."""

    def __init__(self, reading: Reading, changes: Changes, dial: Dial, promise: int | None) -> None:
        self.reading = reading
        self.changes = changes
        self.dial = dial
        self.promise = promise
        self.tick: Callable[[], None] = lambda: None
        self._made: dict[float, Compilation] = {}

    def at(self, number: float) -> Compilation:
        """Return the design with the setting at a number."""
        if number not in self._made:
            turned = self.changes.and_(self.dial.turned(number))
            self._made[number] = compile_reading(self.reading, turned, scenarios=False)
            self.tick()
        return self._made[number]

    def reasons(self, number: float) -> Reasons:
        """Return why a number does not do; nothing where it does."""
        made = self.at(number)
        if self.promise is not None and made.understood:
            verdict = made.facts.verdicts[self.promise]
            return frozenset() if verdict.ok else frozenset({"missed" if verdict.ok is False else "not judged"})
        found = ((d.rule.code, d.span.start, d.subject, d.aspect) for d in made.diagnostics if d.is_error)
        return frozenset(found)

    def verdict(self, number: float) -> Verdict | None:
        """Return the verdict that is asked about; of all, None."""
        made = self.at(number)
        return made.facts.verdicts[self.promise] if self.promise is not None and made.understood else None

    def findings(self, number: float) -> tuple[Finding, ...]:
        """Return what stands against a number."""
        verdict = self.verdict(number)
        if verdict is not None:
            judged = isinstance(verdict, Judged)
            words = f"{verdict.promise.metric} is {shown_value(verdict)}" if judged else told(verdict)
            return (Finding("", words),)
        return tuple(Finding(d.rule.code, d.message) for d in self.at(number).diagnostics if d.is_error)

    @property
    def tried(self) -> dict[float, Compilation]:
        """Everything tried so far, by number."""
        return self._made


def solve(trials: Trials, between: tuple[float, float] | None) -> Solution:
    """Return where the promises hold: everywhere that was searched, from or up to some value, or nowhere."""
    dial = trials.dial
    scan = scanned(dial, between)
    found = stretches(trials.reasons, scan, whole=dial.whole)
    ends = tuple(end for stretch in found for end in _ends(trials, stretch))
    now = None if dial.now is None else not trials.reasons(dial.now)
    promise = ""
    if trials.promise is not None:
        promise = trials.at(scan[0]).facts.verdicts[trials.promise].promise.text
    solution = Solution(dial, promise, (scan[0], scan[-1]), now, found, ends, _nearest(dial, ends))
    if found:
        return solution
    reason, best = no_answer(trials.dial, trials.tried, trials.promise, scan)
    return replace(solution, reason=reason, best=best)


def scanned(dial: Dial, between: tuple[float, float] | None) -> list[float]:
    """Return the numbers of the coarse scan, rising: what it is now among them where that lies between the ends."""
    now = dial.now
    if between is not None:
        points = _spread(*between, dial.whole)
    elif dial.dimension is Dimension.FRACTION and dial.high <= 1:
        nines = [1 - 10.0**-n for n in (2, 3, 4)]
        points = [dial.low, 1e-4, 1e-3, 1e-2, *(n / 10 for n in range(1, 10)), *nines, dial.high]
    elif dial.whole:
        points = _counts(dial.low, min(dial.high, max(now or 1.0, 8.0) * 1024))
    else:
        middle = now or {Dimension.DURATION: 0.01, Dimension.RATE: 1000.0}.get(dial.dimension, 1.0)
        points = [middle * 4.0**n for n in range(-10, 11)]
        points += [] if dial.positive or dial.low > 0 or dial.target.name in NEVER_ZERO else [0.0]
    low, high = between or (dial.low, dial.high)
    points += [now] if now is not None else []
    there = (p for p in points if not outside(p, dial.dimension))
    return sorted({p for p in there if low <= p <= high and not (dial.positive and p == 0)})


def _spread(low: float, high: float, whole: bool) -> list[float]:
    if low > 0 and high / low > 100:
        points = [low * (high / low) ** (n / SCAN) for n in range(SCAN + 1)]
    else:
        points = [low + (high - low) * n / SCAN for n in range(SCAN + 1)]
    points[0], points[-1] = low, high
    return [float(round(p)) for p in points] if whole else points


def _counts(low: float, high: float) -> list[float]:
    points, at = [], max(low, 0.0)
    while at < high:
        points.append(float(at))
        at = max(at + 1, float(round(at * 1.5)))
    return [*points, float(math.floor(high))]


def _ends(trials: Trials, stretch: Stretch) -> list[Reached]:
    """Return the ends of a stretch beyond which something fails, rounded into it and tried once more."""
    found = []
    for value, beyond, up in ((stretch.low, stretch.below, True), (stretch.high, stretch.above, False)):
        if beyond is None:
            continue
        safe = value
        for digits in DIGITS:
            rounded = trials.dial.rounded(value, up, digits)
            if stretch.low <= rounded <= stretch.high and not trials.reasons(rounded):
                safe = rounded
                break
        outward = trials.dial.rounded(beyond, not up, DIGITS[0])
        if outward != beyond and stretch.low != outward and trials.reasons(outward):
            beyond = outward
        found.append(Reached(safe, _deciding(trials, safe, beyond), beyond, trials.findings(beyond)))
    return found


def _deciding(trials: Trials, safe: float, beyond: float) -> Verdict | None:
    """Return the verdict, at a safe end, of the promise that is missed beyond it."""
    asked = trials.verdict(safe)
    if asked is not None:
        return asked
    here, there = trials.at(safe).facts.verdicts, trials.at(beyond).facts.verdicts
    return next((one for one, other in zip(here, there, strict=False) if one.ok and other.ok is False), None)


def _nearest(dial: Dial, ends: tuple[Reached, ...]) -> Reached | None:
    """Return the end nearest to what the setting is now, by ratio where there is one."""
    now = dial.now

    def distance(end: Reached) -> float:
        if now is None:
            return 0.0
        fraction = dial.dimension is Dimension.FRACTION
        return abs(end.value - now) if fraction or now <= 0 or end.value <= 0 else abs(math.log(end.value / now))

    return min(ends, key=distance, default=None)
