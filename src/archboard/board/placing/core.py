"""The core of the board: which column and which lane each step of the flow stands in.

A column is the longest way to it over what is waited for; the longest way of all is lane 0, one straight
row, and the arms of forks and alternatives take further lanes. Cycles are opened where a walk in the order of
names closes them. Ties come from names, so the order of a file moves nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from heapq import heapify, heappop, heappush
from math import ceil, sqrt

from archboard.records import record

Links = Mapping[str, tuple[str, ...]]


@record(frozen=False)
class Step:
    """One thing in the flow: the least column it may stand in, how many columns it fills, and where it got."""

    name: str
    first: int = 0
    width: int = 1
    client: bool = False
    column: int = 0
    lane: int = 0

    @property
    def end(self) -> int:
        """The first column right of it."""
        return self.column + self.width


def links(names: Iterable[str], pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    """Return each name's successors, sorted, once each; what leads to itself or elsewhere is left out."""
    found: dict[str, set[str]] = {name: set() for name in names}
    for tail, head in pairs:
        if tail != head and tail in found and head in found:
            found[tail].add(head)
    return {name: tuple(sorted(heads)) for name, heads in found.items()}


def acyclic(forward: Links) -> dict[str, tuple[str, ...]]:
    """Return the links without those that close a cycle, walking from sources first, by name."""
    entered = {head for heads in forward.values() for head in heads}
    state: dict[str, int] = {}
    kept: dict[str, list[str]] = {name: [] for name in forward}
    for root in sorted(forward, key=lambda name: (name in entered, name)):
        if root in state:
            continue
        state[root] = 1
        walk = [(root, iter(forward[root]))]
        while walk:
            name, heads = walk[-1]
            head = next(heads, None)
            if head is None:
                state[name] = 2
                walk.pop()
            elif state.get(head) != 1:
                kept[name].append(head)
                if head not in state:
                    state[head] = 1
                    walk.append((head, iter(forward[head])))
    return {name: tuple(heads) for name, heads in kept.items()}


def joined(strong: Links, weak: Links) -> dict[str, tuple[str, ...]]:
    """Return strong links (without a cycle) and weak ones, but for those that lie among cycles."""
    both = {name: tuple(sorted({*heads, *weak.get(name, ())})) for name, heads in strong.items()}
    tied = set(both) - set(_peeled(both)) - set(_peeled(backward(both)))
    return {
        name: tuple(head for head in heads if head in strong[name] or not (name in tied and head in tied))
        for name, heads in both.items()
    }


def _peeled(forward: Links) -> list[str]:
    return ordered(forward, dict.fromkeys(forward, 0))


def backward(forward: Links) -> dict[str, tuple[str, ...]]:
    """Return the links the other way round."""
    found: dict[str, list[str]] = {name: [] for name in forward}
    for tail in sorted(forward):
        for head in forward[tail]:
            found[head].append(tail)
    return {name: tuple(tails) for name, tails in found.items()}


def ordered(forward: Links, first: Mapping[str, int]) -> list[str]:
    """Return names with every link pointing on, smallest `first` and then name first where there is a choice."""
    waiting = dict.fromkeys(forward, 0)
    for heads in forward.values():
        for head in heads:
            waiting[head] += 1
    ready = [(first[name], name) for name, count in waiting.items() if count == 0]
    heapify(ready)
    found = []
    while ready:
        _, name = heappop(ready)
        found.append(name)
        for head in forward[name]:
            waiting[head] -= 1
            if waiting[head] == 0:
                heappush(ready, (first[head], head))
    return found


def longest(steps: Mapping[str, Step], forward: Links, strong: Links) -> list[str]:
    """Return the longest way through the flow, from a client if one can start it."""
    order = ordered(forward, dict.fromkeys(forward, 0))
    reach: dict[str, int] = {}
    for name in reversed(order):
        reach[name] = steps[name].width + max((reach[head] for head in forward[name]), default=0)
    if not reach:
        return []
    name = min(reach, key=lambda each: (not steps[each].client or not forward[each], -reach[each], each))
    way = [name]
    while forward[name]:
        here = name
        name = min(forward[here], key=lambda head: (-reach[head], head not in strong[here], head))
        way.append(name)
    return way


def place(steps: Mapping[str, Step], forward: Links, strong: Links) -> None:
    """Give every step its column and lane; clients beside the main row get lane -1: a place is found later."""
    main = longest(steps, forward, strong)
    before = backward(forward)
    lanes = Lanes(max(6, ceil(sqrt(len(steps)))), frozenset(main))
    alone = []
    for name in ordered(forward, {name: step.first for name, step in steps.items()}):
        step = steps[name]
        step.column = max([step.first, *(steps[tail].end for tail in before[name])])
        if step.client and name not in lanes.main:
            step.column, step.lane = 0, -1
        elif not forward[name] and not before[name] and name not in lanes.main:
            alone.append(step)
        else:
            lanes.put(step, [steps[tail] for tail in before[name]])
    lanes.put_alone(alone, max((step.end for step in steps.values()), default=0))


class Lanes:
    """Rows of the core, each with the columns already taken."""

    def __init__(self, most: int, main: frozenset[str]) -> None:
        self.most = most
        self.main = main
        self.taken: dict[int, set[int]] = {}

    def put(self, step: Step, before: list[Step]) -> None:
        """Find a lane: the main one, else the one it comes from, else the first that is free."""
        if step.name in self.main:
            step.lane = 0
        else:
            wanted = [tail.lane for tail in sorted(before, key=lambda tail: (-tail.end, tail.name)) if tail.lane > 0]
            while not any(self._fits(lane, step) for lane in (*wanted, *range(1, self.most + 1))):
                step.column += 1
            step.lane = next(lane for lane in (*wanted, *range(1, self.most + 1)) if self._fits(lane, step))
        self._take(step)

    def put_alone(self, alone: list[Step], columns: int) -> None:
        """Fill steps that nothing touches into rows, after the rest."""
        wide = max(columns, 4, ceil(sqrt(1.6 * len(alone))))
        column, lane = 0, 0
        for step in sorted(alone, key=lambda each: each.name):
            while True:
                step.column, step.lane = column, lane
                fits = column >= step.first and self._fits(lane, step)
                column, lane = (column + 1, lane) if column + 1 < wide else (0, lane + 1)
                if fits:
                    break
            self._take(step)

    def _fits(self, lane: int, step: Step) -> bool:
        taken = self.taken.get(lane, set())
        return not any(column in taken for column in range(step.column, step.end))

    def _take(self, step: Step) -> None:
        self.taken.setdefault(step.lane, set()).update(range(step.column, step.end))
