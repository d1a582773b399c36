"""Availability by going through everything that can happen: all components up or down, all outcomes of chance.

Follows one request through the arrows as they are written; shares no code with what it judges but the design itself.
Failure arrows must not lead back to where they come from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from itertools import product
from math import comb
from types import MappingProxyType

from archboard.design.model import Arrow, ArrowKind, Design, Flow

ORDER = ("down", "error", "timeout")
CATCHING = ("error", "timeout")
Luck = dict[tuple[str, ...], int]
Way = tuple[str, str, bool, bool]
"""One that may answer: its name, from where the request goes on, whether it comes first, whether it was given up."""


class Undecided(Exception):  # noqa: N818 - it is no error
    """An outcome of chance that is not yet settled: its name and the chances of its outcomes."""

    def __init__(self, name: tuple[str, ...], chances: list[float]) -> None:
        self.name, self.chances = name, chances


def together(design: Design, name: str) -> float:
    """Return how likely enough replicas of a component are up, added up case by case."""
    component = design.components[name]
    n, k = int(component.replicas.high), int(component.number("needs") or 1)
    stated = component.number("availability")
    a = 0.0 if component.flag("down") else 1.0 if stated is None else stated
    beta = design.assumptions.common_cause or 0.0
    alone = Fraction(1 - beta) * Fraction(1 - a)
    up = sum(comb(n, m) * (1 - alone) ** m * alone ** (n - m) for m in range(k, n + 1))
    return max(0.0, float(up - Fraction(beta) * Fraction(1 - a)))


def availability(
    design: Design, flow: Flow, starts: Mapping[str, float], late: Mapping[str, float] = MappingProxyType({})
) -> float:
    """Return how likely a request of a flow is answered; `late` is the share that is given up over each arrow."""
    chances = {name: together(design, name) for name in design.components}
    unsure = [name for name, chance in chances.items() if 0 < chance < 1]
    total = 0.0
    for states in product((True, False), repeat=len(unsure)):
        up = {name: chance >= 1 for name, chance in chances.items()} | dict(zip(unsure, states, strict=True))
        weight = 1.0
        for name in unsure:
            weight *= chances[name] if up[name] else 1 - chances[name]
        for start, share in starts.items():
            total += weight * share * _expected(Request(design, flow, up, late), start)
    return total


def _expected(request: Request, start: str) -> float:
    """Return the chance of an answer, every undecided outcome gone through as it is met."""
    total, waiting = 0.0, [(1.0, Luck())]
    while waiting:
        weight, luck = waiting.pop()
        request.luck = luck
        try:
            total += weight * request.answered(start, ())
        except Undecided as open_:
            for outcome, chance in enumerate(open_.chances):
                if chance > 0:
                    waiting.append((weight * chance, {**luck, open_.name: outcome}))
    return total


class Request:
    """One request in one state of the world."""

    def __init__(self, design: Design, flow: Flow, up: Mapping[str, bool], late: Mapping[str, float]) -> None:
        self.design, self.up, self.late = design, up, late
        self.punctual = False
        self.luck: Luck = {}
        self.arrows = [a for a in flow.arrows if a.kind is not ArrowKind.ASYNC]
        failing = [a for a in flow.failures if a.condition and a.condition.kind in ORDER]
        self.failures = sorted(failing, key=lambda a: ORDER.index(a.condition.kind))  # type: ignore[union-attr]

    def chance(self, name: tuple[str, ...], chances: list[float]) -> int:
        if name not in self.luck:
            raise Undecided(name, chances)
        return self.luck[name]

    def out(self, name: str, kind: ArrowKind) -> list[Arrow]:
        return [a for a in self.arrows if a.tail == name and a.kind is kind]

    def answered(self, name: str, visit: tuple[str, ...], *, given_up: bool = False) -> bool:
        """Return whether a request is answered that comes to a component, or was given up there."""
        tried = {name}
        elsewhere: list[tuple[str, str, Way | None]] = [(name, name, None)]
        for entry, onward, before in elsewhere:
            if before is not None and self.were_it_punctual(lambda b=before: self.someone(*b, visit, set(tried), [])):
                continue
            first = entry == name
            if self.someone(entry, onward, first, given_up and first, visit, tried, elsewhere):
                return True
        return False

    def were_it_punctual(self, asked: Callable[[], bool | None]) -> bool:
        """Return what were so if nothing was ever given up."""
        kept, self.punctual = self.punctual, True
        try:
            return bool(asked())
        finally:
            self.punctual = kept

    def someone(
        self, name: str, onward: str, first: bool, given_up: bool, visit: tuple[str, ...], tried: set[str],
        elsewhere: list[tuple[str, str, Way | None]],
    ) -> bool | None:  # fmt: skip
        """Return whether the request is answered once somebody takes it; None where nobody does."""
        component = self.design.components[name]
        own = bool(self.out(name, ArrowKind.REQUEST) or self.out(name, ArrowKind.CALL))
        me: Way = (name, onward, first, False)
        onward = name if own else onward
        spared = self.design.components[onward].kind.name == "cache" if onward else True
        only_late = given_up
        if self.up[name] and not given_up:
            hit = component.number("hit") if component.kind.name == "cache" else None
            if hit and (own or first) and self.chance((*visit, name, "hit"), [1 - hit, hit]):
                return True
            if all(self.called(a, visit) for a in self.out(name, ArrowKind.CALL)):
                return True if component.flag("ends") and not first else self.goes_on(onward, visit)
            calls = self.out(name, ArrowKind.CALL)
            only_late = self.were_it_punctual(lambda: all(self.called(a, visit) for a in calls))
        arrows = [a for a in self.failures if a.tail == name and a.head not in tried and self.catches(a, only_late)]
        tried.update(a.head for a in arrows)
        found: bool | None = None
        for arrow in arrows:
            head = arrow.head
            if self.region(head) != self.region(name) and self.region(head) and self.region(name):
                waits = arrow.condition is not None and arrow.condition.kind == "down"
                elsewhere.append((head, "" if spared else onward, me if waits else None))
            elif found is None:
                found = self.someone(head, "" if spared else onward, False, False, visit, tried, elsewhere)
        return found

    def catches(self, arrow: Arrow, only_late: bool) -> bool:
        return not only_late or (arrow.condition is not None and arrow.condition.kind in CATCHING)

    def region(self, name: str) -> str:
        return next((f for f, about in self.design.frames.items() if about.region and name.startswith(f + ".")), "")

    def called(self, arrow: Arrow, visit: tuple[str, ...]) -> bool:
        share = 1.0 if arrow.share is None else arrow.share
        if 0 < share < 1 and not self.chance((*visit, arrow.id), [1 - share, share]):
            return True
        return share == 0 or self.sent(arrow, visit)

    def sent(self, arrow: Arrow, visit: tuple[str, ...]) -> bool:
        copies = int(arrow.number_of("fanout") or 1)
        answers = [self.over(arrow, visit, (*visit, arrow.id, str(copy)), str(copy)) for copy in range(copies)]
        return sum(answers) >= int(arrow.number_of("quorum") or copies)

    def over(self, arrow: Arrow, visit: tuple[str, ...], there: tuple[str, ...], copy: str = "") -> bool:
        """Return whether what is sent over an arrow is answered, in time or by what is there for what is late."""
        late = 0.0 if self.punctual else self.late.get(arrow.id, 0.0)
        given_up = late > 0 and bool(self.chance((*visit, arrow.id, "late", copy), [1 - late, late]))
        return self.answered(arrow.head, there, given_up=given_up)

    def goes_on(self, name: str, visit: tuple[str, ...]) -> bool:
        arrows = self.out(name, ArrowKind.REQUEST)
        if any(a.share is not None for a in arrows):
            forks = list(dict.fromkeys(a.fork for a in arrows))
            stated = {f: next((a.share for a in arrows if a.fork == f), None) for f in forks}
            rest = 1 - sum(s or 0.0 for s in stated.values())
            shares = [rest if stated[f] is None else stated[f] or 0.0 for f in forks]
            taken = forks[self.chance((*visit, name, "takes"), shares)]
            arrows = [a for a in arrows if a.fork == taken]
        return all(
            self.sent(a, visit) if (a.number_of("fanout") or 1) > 1 else self.over(a, visit, visit) for a in arrows
        )
