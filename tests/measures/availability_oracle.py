"""Availability by going through everything that can happen: all components up or down, all outcomes of chance.

Follows one request through the arrows as they are written; shares no code with what it judges but the design itself.
Failure arrows must not lead back to where they come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from itertools import product
from math import comb

from archboard.design.model import Arrow, ArrowKind, Design, Flow

ORDER = ("down", "error", "timeout")
Luck = dict[tuple[str, ...], int]


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


def availability(design: Design, flow: Flow, starts: Mapping[str, float]) -> float:
    """Return how likely a request of a flow is answered."""
    chances = {name: together(design, name) for name in design.components}
    unsure = [name for name, chance in chances.items() if 0 < chance < 1]
    total = 0.0
    for states in product((True, False), repeat=len(unsure)):
        up = {name: chance >= 1 for name, chance in chances.items()} | dict(zip(unsure, states, strict=True))
        weight = 1.0
        for name in unsure:
            weight *= chances[name] if up[name] else 1 - chances[name]
        for start, share in starts.items():
            total += weight * share * _expected(Request(design, flow, up), start)
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

    def __init__(self, design: Design, flow: Flow, up: Mapping[str, bool]) -> None:
        self.design, self.up = design, up
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

    def answered(self, name: str, visit: tuple[str, ...]) -> bool:
        tried = {name}
        elsewhere = [(name, name)]
        for entry, onward in elsewhere:
            if self.someone(entry, onward, visit, tried, elsewhere, first=entry == name):
                return True
        return False

    def someone(
        self, name: str, onward: str, visit: tuple[str, ...], tried: set[str], elsewhere: list[tuple[str, str]],
        first: bool,
    ) -> bool | None:  # fmt: skip
        """Return whether the request is answered once somebody takes it; None where nobody does."""
        component = self.design.components[name]
        own = bool(self.out(name, ArrowKind.REQUEST) or self.out(name, ArrowKind.CALL))
        onward = name if own else onward
        if self.up[name]:
            hit = component.number("hit") if component.kind.name == "cache" else None
            if hit and (own or first) and self.chance((*visit, name, "hit"), [1 - hit, hit]):
                return True
            if all(self.called(a, visit) for a in self.out(name, ArrowKind.CALL)):
                return True if component.flag("ends") and not first else self.goes_on(onward, visit)
        heads = [a.head for a in self.failures if a.tail == name and a.head not in tried]
        tried.update(heads)
        found: bool | None = None
        for head in heads:
            if self.region(head) != self.region(name) and self.region(head) and self.region(name):
                elsewhere.append((head, onward))
            elif found is None:
                found = self.someone(head, onward, visit, tried, elsewhere, first=False)
        return found

    def region(self, name: str) -> str:
        return next((f for f, about in self.design.frames.items() if about.region and name.startswith(f + ".")), "")

    def called(self, arrow: Arrow, visit: tuple[str, ...]) -> bool:
        share = 1.0 if arrow.share is None else arrow.share
        if 0 < share < 1 and not self.chance((*visit, arrow.id), [1 - share, share]):
            return True
        return share == 0 or self.sent(arrow, visit)

    def sent(self, arrow: Arrow, visit: tuple[str, ...]) -> bool:
        copies = int(arrow.number_of("fanout") or 1)
        answers = [self.answered(arrow.head, (*visit, arrow.id, str(copy))) for copy in range(copies)]
        return sum(answers) >= int(arrow.number_of("quorum") or copies)

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
            self.sent(a, visit) if (a.number_of("fanout") or 1) > 1 else self.answered(a.head, visit) for a in arrows
        )
