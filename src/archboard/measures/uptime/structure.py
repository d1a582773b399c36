"""A flow turned into a structure: what must be up for one request to be answered.

A component answers when it is up and its calls are answered; then the request goes on. Where it cannot answer, what
its failure arrows lead to answers in its place. Each component is one variable however often it is met. Each visit has
its own luck: a cache's hit, the way a share takes. A visit is a way in: all requests that meet at a component are
one, each call and each copy of a fan-out is another.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Mapping

from archboard.design.model import Arrow, ArrowKind, Design
from archboard.maths.circles import circles
from archboard.maths.reliability.decision_diagram import Diagram
from archboard.maths.reliability.structure import NO, YES, Structure
from archboard.measures.flow.graph import FlowGraph, copies_of
from archboard.measures.flow.network import hit_ratio
from archboard.records import record

VISITS = 500
"""Visits of which each has its own luck; in further ones everything that can be needed is."""
COPIES = 32
"""Copies of one request of which each has its own luck; of more, everything that can be needed is."""
GAINING = ("down", "error", "timeout")
"""Conditions under which somebody answers in another's place, in the order they are tried; others shed."""
UNLUCKY = -1
"""The visit in which nothing hits and all ways are taken."""

Asked = tuple[int, str, bool]
"""Whether a request that comes to a component is answered: the visit, its name, whether on a usual day only."""
Step = Generator[Asked, int, int]


@record
class Rung:
    """One that may answer; `onward` has the ways that are then taken, None where the request ends."""

    name: str
    onward: str | None


class Needs:
    """The structure of one flow, as a diagram ready to be asked; several starts are alternatives by their weights.

    `luck` holds the chance of each outcome that is no component's; `unlucky` says that for some visits the worst was
    taken, so that the answer is at least what is worked out. `covered` components are taken to have a fallback that
    is always up.
    """

    def __init__(
        self, graph: FlowGraph, failures: Iterable[Arrow], weights: Mapping[str, float],
        covered: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.graph = graph
        self.structure = Structure()
        self.luck: dict[str, float] = {}
        self.unlucky = False
        self.covered = covered
        self._instead: dict[str, list[Arrow]] = {}
        for arrow in failures:
            if arrow.kind is ArrowKind.FAILURE and arrow.condition is not None and arrow.condition.kind in GAINING:
                self._instead.setdefault(arrow.tail, []).append(arrow)
        for arrows in self._instead.values():
            arrows.sort(key=lambda arrow: GAINING.index(arrow.condition.kind if arrow.condition else "down"))
        edges: dict[str, list[str]] = {name: [arrow.head for arrow in graph.waited_for(name)] for name in graph.order}
        for name, arrows in self._instead.items():
            edges.setdefault(name, []).extend(arrow.head for arrow in arrows)
        self._circle = circles(edges)
        self._chancy = self._with_luck(edges)
        self._visits: dict[tuple[int, str, int], int] = {}
        self._known: dict[Asked, int] = {}
        total = math.fsum(weights.values())
        shares = {name: weight / total if total > 0 else 1 / len(weights) for name, weight in weights.items()}
        options = [(share, self._answered((0, name, False))) for name, share in shares.items()]
        self.root = self._one_of("start", options)
        self.diagram = Diagram(self.structure, self.root)

    def _with_luck(self, edges: Mapping[str, list[str]]) -> set[str]:
        """Return the components from which a request may meet an outcome of chance."""
        before: dict[str, list[str]] = {}
        for tail, heads in edges.items():
            for head in heads:
                before.setdefault(head, []).append(tail)
        waiting = [name for name in edges if self._is_chancy(name)]
        found = set(waiting)
        while waiting:
            fresh = [tail for tail in before.get(waiting.pop(), ()) if tail not in found]
            found.update(fresh)
            waiting += fresh
        return found

    def _is_chancy(self, name: str) -> bool:
        calls = (arrow for stage in self.graph.calls.get(name, ()) for arrow in stage)
        ways = self.graph.ways.get(name, ())
        return self._hit(name) > 0 or len(ways) > 1 or any(call.share not in (None, 1.0) for call in calls)

    def _hit(self, name: str) -> float:
        return hit_ratio(self.graph.design.components[name])

    def _answered(self, asked: Asked) -> int:
        """Return the node of whether a request is answered; each question is worked out once, without recursion."""
        known, result = self._known, -1
        waiting = [(asked, self._answering(asked))]
        while waiting:
            asked, steps = waiting[-1]
            try:
                wanted = next(steps) if result < 0 else steps.send(result)
            except StopIteration as done:
                known[asked] = result = done.value
                waiting.pop()
                continue
            result = known.get(wanted, -1)
            if result < 0:
                waiting.append((wanted, self._answering(wanted)))
        return known[asked]

    def _answering(self, asked: Asked) -> Step:
        """Put together all that may answer: the component and what stands in for it, and other regions as a whole."""
        ladders = []
        for ladder in self._ladders(asked):
            ladders.append((yield from self._ladder(asked, ladder)))
        return self.structure.any_of(ladders)

    def _ladders(self, asked: Asked) -> list[list[Rung]]:
        """Return what may answer, in the order tried; a failure arrow into another region begins a ladder of its own.

        On a usual day, what leads back to the component is left out.
        """
        _, first, usual = asked
        circle, seen = self._circle.get(first), {first}
        ladders: list[list[Rung]] = []
        feet = [(first, first)]
        while feet:
            waiting, ladder = [feet.pop(0)], list[Rung]()
            ladders.append(ladder)
            while waiting:
                name, onward = waiting.pop()
                ends = name != first and self.graph.design.components[name].flag("ends")
                onward = name if self._has_arrows(name) else onward
                ladder.append(Rung(name, None if ends else onward))
                below: list[tuple[str, str]] = []
                for arrow in self._instead.get(name, ()):
                    if arrow.head not in seen and not (usual and self._circle.get(arrow.head) == circle):
                        seen.add(arrow.head)
                        (feet if crosses(self.graph.design, arrow) else below).append((arrow.head, onward))
                waiting += below[::-1]
        return ladders

    def _ladder(self, asked: Asked, rungs: list[Rung]) -> Step:
        """Return whether the first of some that can answer does, and what is then behind it does too."""
        join, visit = self.structure, asked[0]
        groups: list[tuple[list[int], int]] = []
        for rung in rungs:
            up = join.variable(rung.name)
            calls = yield from self._calls(asked, rung.name)
            after = YES if rung.onward is None else (yield from self._ways(asked, rung.onward))
            hit = self._by_chance(visit, rung.name, self._hit(rung.name)) if rung.onward == rung.name else NO
            if rung.name in self.covered:
                up = calls = YES
            if len(rungs) == 1:
                return join.all_of((up, join.any_of((hit, join.all_of((calls, after))))))
            need, after = join.all_of((up, join.any_of((hit, calls)))), join.any_of((hit, after))
            if groups and groups[-1][1] == after:
                groups[-1][0].append(need)
            else:
                groups.append(([need], after))
        answered = NO
        for needs, after in reversed(groups):
            answered = join.if_else(join.any_of(needs), after, answered)
        return answered

    def _calls(self, asked: Asked, name: str) -> Step:
        """Return whether all calls of a component are answered."""
        answers = []
        for stage in self.graph.calls.get(name, ()):
            for arrow in stage:
                sent = yield from self._sent(asked, arrow)
                share = 1.0 if arrow.share is None else arrow.share
                taken = YES if asked[0] == UNLUCKY and share > 0 else self._by_chance(asked[0], arrow.id, share)
                answers.append(self.structure.if_else(taken, sent, YES))
        return self.structure.all_of(answers)

    def _ways(self, asked: Asked, name: str) -> Step:
        """Return whether what a request goes on to from a component answers; a component without ways on does."""
        visit = asked[0]
        options: list[tuple[float, int]] = []
        for share, arrows in self.graph.ways.get(name, ()):
            arms = []
            for arrow in arrows:
                apart = copies_of(arrow) > 1
                arms.append((yield from self._sent(asked, arrow)) if apart else (yield self._next(asked, visit, arrow)))
            options.append((share, self.structure.all_of(arms)))
        if visit == UNLUCKY:
            return self.structure.all_of(option for _, option in options)
        return self._one_of(f"{visit} {name} takes", options)

    def _sent(self, asked: Asked, arrow: Arrow) -> Step:
        """Return whether a call, or enough of the copies of a request, are answered."""
        copies = copies_of(arrow)
        if arrow.head not in self._chancy:
            return (yield self._next(asked, 0, arrow))
        if copies > COPIES:
            return (yield self._next(asked, self._bad_luck(), arrow))
        answers = []
        for copy in range(copies):
            answers.append((yield self._next(asked, self._visit(asked[0], arrow, copy), arrow)))
        quorum = int(arrow.number_of("quorum") or copies)
        return self.structure.all_of(answers) if quorum >= copies else self.structure.at_least(quorum, answers)

    def _next(self, asked: Asked, visit: int, arrow: Arrow) -> Asked:
        """Return the question about the end of an arrow: on a usual day where what stands in leads back there."""
        _, first, usual = asked
        back = self._circle.get(arrow.head) == self._circle.get(first)
        return visit, arrow.head, back and (usual or arrow.tail != first)

    def _visit(self, visit: int, arrow: Arrow, copy: int) -> int:
        if visit == UNLUCKY:
            return visit
        key = visit, arrow.id, copy
        if key not in self._visits and len(self._visits) >= VISITS:
            return self._bad_luck()
        return self._visits.setdefault(key, len(self._visits) + 1)

    def _bad_luck(self) -> int:
        self.unlucky = True
        return UNLUCKY

    def _by_chance(self, visit: int, what: str, chance: float) -> int:
        """Return the node of an outcome of one visit."""
        if visit == UNLUCKY or chance <= 0:
            return NO
        if chance >= 1:
            return YES
        name = f"{visit} {what}"
        self.luck[name] = chance
        return self.structure.variable(name)

    def _one_of(self, what: str, options: list[tuple[float, int]]) -> int:
        """Return the node of one of several, by chance."""
        if not options:
            return YES
        result, left = options[-1][1], options[-1][0]
        for at in range(len(options) - 2, -1, -1):
            share, option = options[at]
            left += share
            taken = self._by_chance(0, f"{what} {at}", share / left if left > 0 else 0.0)
            result = self.structure.if_else(taken, option, result)
        return result

    def _has_arrows(self, name: str) -> bool:
        return bool(self.graph.ways.get(name) or self.graph.calls.get(name))


def crosses(design: Design, arrow: Arrow) -> bool:
    """Whether an arrow leads from one region into another: then the whole region fails over."""
    regions = region_of(design, arrow.tail), region_of(design, arrow.head)
    return None not in regions and regions[0] != regions[1]


def region_of(design: Design, name: str) -> str | None:
    """Return the region that a component stands in, if any: the outermost of nested ones."""
    found = None
    frame = design.components[name].group
    while frame is not None and (about := design.frames.get(frame)) is not None:
        found = frame if about.region else found
        frame = about.parent
    return found
