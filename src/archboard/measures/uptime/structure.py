"""A flow turned into a structure: what must be up for one request to be answered.

A component answers when it is up and its calls are answered; then the request goes on. Where it cannot answer, what
its failure arrows lead to answers in its place. Each component is one variable however often it is met. Each visit has
its own luck: a cache's hit, the way a share takes, an answer in time. A visit is a way in: all requests that meet at a
component are one, each call and each copy of a fan-out is another.

A request that is given up, every attempt over an arrow late, is not answered unless something answers that is there for
it: on a timeout or an error, of what was waited for or of a caller. What is late is not down: `on: down` catches none.

An error is luck of a visit of the component that brings it. Over an arrow that tries again it is luck of that arrow,
for all that its attempts cover: there, nothing errs by itself. It is caught by a failure arrow on an error alone.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from functools import cached_property
from types import MappingProxyType

from archboard.design.model import Arrow, ArrowKind
from archboard.maths.circles import circles
from archboard.maths.reliability.decision_diagram import Diagram
from archboard.maths.reliability.replicas import k_of_n
from archboard.maths.reliability.structure import NO, YES, Structure
from archboard.measures.flow.graph import FlowGraph, copies_of
from archboard.measures.flow.mode import hit_ratio
from archboard.measures.uptime.asking import (
    ERRED,
    FAULTLESS,
    LATE,
    PUNCTUAL,
    SPARED,
    UNLUCKY,
    WITHOUT_ERRORS,
    Asked,
    Step,
)
from archboard.measures.uptime.ladders import Rung, Standing, ladders_of
from archboard.measures.uptime.levels import Levels, enough_up, variable_of
from archboard.measures.uptime.lost import NOTHING, Lost
from archboard.measures.uptime.standing_in import TRIED, answering, leading_to

VISITS = 500
"""Visits of which each has its own luck; in further ones everything that can be needed is."""
COPIES = 32
"""Copies of one request of which each has its own luck; of more, everything that can be needed is."""

_MOSTLY = 0.5
"""The part of what is lost that must be refused by a full queue for it to be told so."""


class Needs:
    """The structure of one flow, as a diagram ready to be asked; several starts are alternatives by their weights.

    `luck` holds the chance of each outcome that is no component's; `unlucky` says that for some visits the worst was
    taken, so that the answer is at least what is worked out. `covered` components are taken to have a fallback that
    is always up. Where it is asked what is served in `full`, an answer of what answers only partly is none. `lost` says
    what is late or errs; `punctual` says of which arrow or component an outcome is that nothing was, `faults` the same
    of errors, and `noticed` of which failure arrow; `refusals` are those of a full queue. `levels` says of what more
    must be up while something else is down.
    """

    def __init__(
        self, graph: FlowGraph, failures: Iterable[Arrow], weights: Mapping[str, float],
        covered: frozenset[str] = frozenset(), lost: Lost = NOTHING, *, full: bool = False,
        levels: Levels = MappingProxyType({}),
    ) -> None:  # fmt: skip
        self.graph = graph
        self.structure = Structure()
        self.luck: dict[str, float] = {}
        self.punctual: dict[str, str] = {}
        self.faults: dict[str, str] = {}
        self.refusals: set[str] = set()
        self.noticed: dict[str, Arrow] = {}
        self.levels = levels
        self.lost = lost
        self.full = full
        self.unlucky = False
        self.covered = covered
        self._instead: dict[str, list[Arrow]] = {}
        for arrow in failures:
            if arrow.condition is not None and answering(graph.design, arrow):
                self._instead.setdefault(arrow.tail, []).append(arrow)
        for arrows in self._instead.values():
            arrows.sort(key=lambda arrow: TRIED.index(arrow.condition.kind if arrow.condition else "down"))
        edges: dict[str, list[str]] = {name: [arrow.head for arrow in graph.waited_for(name)] for name in graph.order}
        for name, arrows in self._instead.items():
            edges.setdefault(name, []).extend(arrow.head for arrow in arrows)
        self._circle = circles(edges)
        self._standing = Standing(graph, self._instead, self._circle, covered)
        faulty = [name for name in edges if any(map(lost.errs, graph.waited_for(name)))]
        tardy = [name for name in edges if any(lost.late.get(arrow.id) for arrow in graph.waited_for(name))] + faulty
        self._faulty = leading_to(edges, faulty)
        self._tardy = leading_to(edges, tardy)
        self._chancy = leading_to(edges, [*tardy, *lost.own, *lost.quick, *filter(self._is_chancy, edges)])
        self._visits: dict[tuple[int, str, int], int] = {}
        self._known: dict[Asked, int] = {}
        total = math.fsum(weights.values())
        shares = {name: weight / total if total > 0 else 1 / len(weights) for name, weight in weights.items()}
        options = [(share, self._begun(name)) for name, share in shares.items()]
        self.root = self._one_of("start", options)
        self.diagram = Diagram(self.structure, self.root)

    def _is_chancy(self, name: str) -> bool:
        calls = (arrow for stage in self.graph.calls.get(name, ()) for arrow in stage)
        ways = self.graph.ways.get(name, ())
        return self._hit(name) > 0 or len(ways) > 1 or any(call.share not in (None, 1.0) for call in calls)

    def _begun(self, name: str) -> int:
        """Return the node of whether a request is answered that starts at a component."""
        answered, fine = self._answered(Asked(0, name)), self._fine(Asked(0, name), 0, name, name)
        caught = NO if fine == YES else self._answered(Asked(0, name, how=ERRED))
        return self.structure.if_else(fine, answered, caught)

    def _noticed(self, arrow: Arrow | None) -> int:
        """Return the node of whether a failure has been noticed; how often it has, whoever knows the failures sets."""
        if arrow is None or not arrow.number_of("detect"):
            return YES
        name = f"{arrow.id} noticed"
        self.noticed[name] = arrow
        self.luck.setdefault(name, 1.0)
        return self.structure.variable(name)

    def _is_full(self, name: str) -> bool:
        return self.graph.design.components[name].answers == "fully"

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
        answers = []
        ladders = ladders_of(asked, self._standing)
        for ladder in ladders:
            answer = yield from self._ladder(asked, ladder.rungs)
            if ladder.down is not None and asked.how != PUNCTUAL and asked.name in self._tardy:
                above = yield from self._ladder(asked._replace(how=PUNCTUAL), ladders[ladder.down].rungs)
                answer = self.structure.if_else(above, NO, answer)
            answers.append(self.structure.all_of((self._noticed(ladder.via), answer)))
        return self.structure.any_of(answers)

    def _able(self, asked: Asked, name: str, how: str = PUNCTUAL) -> Step:
        """Return whether a component answers, or would do so where nothing was given up, or nothing erred."""
        calls = yield from self._calls(asked._replace(how=how), name)
        hit = self._by_chance(asked.visit, name, self._hit(name))
        return self.structure.all_of((self._up(name), self.structure.any_of((hit, calls))))

    @cached_property
    def further(self) -> tuple[str, ...]:
        """The variables of what must be up beyond what a usual day needs."""
        return tuple(variable_of(name, level) for name, levels in self.levels.items() for level in levels)

    def always_up(self, name: str) -> Mapping[str, float]:
        """Return the chances of a component that there is always enough of."""
        return {name: 1.0, **{variable_of(name, level): 1.0 for level in self.levels.get(name, ())}}

    def _up(self, name: str) -> int:
        """Return the node of whether enough of a component is up for what comes to it in that moment."""
        if name in self.lost.opened and name not in self.covered:
            return NO
        return enough_up(self.structure, name, self.levels, self.covered)

    def _ladder(self, asked: Asked, rungs: list[Rung]) -> Step:
        """Return whether the first of some that can answer does, and what is then behind it does too."""
        join, visit = self.structure, asked.visit
        groups: list[tuple[list[int], int]] = []
        for rung in rungs:
            up = self._up(rung.name)
            if rung.name != asked.name:
                up = join.all_of((up, self._fine(asked, visit, rung.name, rung.name)))
            calls = yield from self._calls(asked, rung.name)
            partly = self.full and rung.name != asked.name and not self._is_full(rung.name)
            after = YES if rung.onward is None else (yield from self._ways(asked, rung.onward))
            after = NO if partly else after
            hit = self._by_chance(visit, rung.name, self._hit(rung.name)) if rung.onward == rung.name else NO
            if rung.name in self.covered:
                up = calls = YES
            if len(rungs) == 1:
                return join.all_of((up, join.any_of((hit, join.all_of((calls, after))))))
            need, after = join.all_of((up, join.any_of((hit, calls)))), join.any_of((hit, after))
            need = join.all_of((self._noticed(rung.via), need))
            if rung.down in self._tardy and asked.how != PUNCTUAL:
                need = join.if_else((yield from self._able(asked, rung.down)), NO, need)
            if self._takes_no_errors(asked, rung):
                need = join.if_else((yield from self._able(asked, asked.name, FAULTLESS)), NO, need)
            if groups and groups[-1][1] == after:
                groups[-1][0].append(need)
            else:
                groups.append(([need], after))
        answered = NO
        for needs, after in reversed(groups):
            answered = join.if_else(join.any_of(needs), after, answered)
        return answered

    def _takes_no_errors(self, asked: Asked, rung: Rung) -> bool:
        """Whether something stands in for what is late, and not for what errs, of a component whose calls may err."""
        condition = rung.via.condition if rung.via is not None and rung.via.tail == asked.name else None
        late = condition is not None and condition.kind == "timeout"
        return late and asked.name in self._faulty and asked.how not in (LATE, *WITHOUT_ERRORS)

    def _calls(self, asked: Asked, name: str) -> Step:
        """Return whether all calls of a component are answered."""
        asked = asked._replace(how=FAULTLESS) if asked.how == SPARED else asked
        answers = []
        for stage in self.graph.calls.get(name, ()):
            for arrow in stage:
                sent = yield from self._sent(asked, arrow)
                share = 1.0 if arrow.share is None else arrow.share
                taken = YES if asked.visit == UNLUCKY and share > 0 else self._by_chance(asked.visit, arrow.id, share)
                answers.append(self.structure.if_else(taken, sent, YES))
        return self.structure.all_of(answers)

    def _ways(self, asked: Asked, name: str) -> Step:
        """Return whether what a request goes on to from a component answers; a component without ways on does."""
        visit, asked = asked.visit, asked._replace(how="") if asked.how == SPARED else asked
        options: list[tuple[float, int]] = []
        for share, arrows in self.graph.ways.get(name, ()):
            arms = []
            for arrow in arrows:
                apart = copies_of(arrow) > 1
                arms.append((yield from (self._sent(asked, arrow) if apart else self._over(asked, visit, arrow))))
            options.append((share, self.structure.all_of(arms)))
        if visit == UNLUCKY:
            return self.structure.all_of(option for _, option in options)
        return self._one_of(f"{visit} {name} takes", options)

    def _sent(self, asked: Asked, arrow: Arrow) -> Step:
        """Return whether a call, or enough of the copies of a request, are answered."""
        copies = copies_of(arrow)
        quorum = int(arrow.number_of("quorum") or copies)
        if arrow.head not in self._chancy:
            return (yield from self._alike(asked, arrow, copies, quorum))
        if copies > COPIES:
            return (yield from self._over(asked, self._bad_luck(), arrow, copies))
        answers = []
        for copy in range(copies):
            visit = self._visit(asked.visit, arrow, copy)
            answers.append((yield from self._over(asked, visit, arrow, mark=f" {copy}")))
        return self._enough(quorum, answers)

    def _alike(self, asked: Asked, arrow: Arrow, copies: int, quorum: int) -> Step:
        """Return the same of copies that nothing tells apart but whether each is in time."""
        late = self._late(asked, arrow)
        if late <= 0 or copies == 1:
            return (yield from self._over(asked, 0, arrow))
        answered = yield self._next(asked, 0, arrow)
        caught = yield self._next(asked, 0, arrow, LATE)
        if caught == NO or copies > COPIES:
            # of very many copies with a fallback, none is late or both must answer: at least so often
            self.unlucky |= caught != NO
            chance = k_of_n(copies, quorum if caught == NO else copies, 1.0 - late)
            return self.structure.if_else(
                self._in_time(asked, arrow, chance), answered, self.structure.all_of((answered, caught))
            )
        each = [self._in_time(asked, arrow, 1.0 - late, f" {copy}") for copy in range(copies)]
        return self._enough(quorum, [self.structure.if_else(in_time, answered, caught) for in_time in each])

    def _enough(self, quorum: int, answers: list[int]) -> int:
        return self.structure.all_of(answers) if quorum >= len(answers) else self.structure.at_least(quorum, answers)

    def _over(self, asked: Asked, visit: int, arrow: Arrow, copies: int = 1, mark: str = "") -> Step:
        """Return whether what comes over an arrow is answered: in time, or by what is there for what is given up."""
        answered = yield from self._good(asked, visit, arrow, copies, mark)
        late = self._late(asked, arrow)
        if late <= 0:
            return answered
        caught = yield self._next(asked, visit, arrow, LATE)
        if asked.visit == UNLUCKY or copies > 1:
            caught = self.structure.all_of((answered, caught))
        return self.structure.if_else(self._in_time(asked, arrow, (1.0 - late) ** copies, mark), answered, caught)

    def _good(self, asked: Asked, visit: int, arrow: Arrow, copies: int, mark: str) -> Step:
        """Return whether what comes over an arrow in time is answered: without an error, or by what is there for it."""
        again = arrow.id in self.lost.over
        call = arrow.kind is ArrowKind.CALL
        spares = again and asked.how not in WITHOUT_ERRORS
        answered = yield self._next(asked, visit, arrow, (FAULTLESS if call else SPARED) if spares else "")
        if again:
            over, name = self.lost.over[arrow.id], f"{visit} {arrow.id}{mark} without error"
            away = self.lost.away.get(arrow.id, 0.0)
            fine = self._lucky(asked, arrow.head, name, arrow.id, over, copies, away)
        else:
            fine = self._fine(asked, visit, arrow.head, arrow.id, copies)
        if fine == YES:
            return answered
        caught = NO
        if not (again and call and self.graph.ways.get(arrow.head)):  # where the error may be of what follows
            caught = yield self._next(asked, visit, arrow, ERRED)
        if asked.visit == UNLUCKY or copies > 1:
            caught = self.structure.all_of((answered, caught))
        return self.structure.if_else(fine, answered, caught)

    def _fine(self, asked: Asked, visit: int, name: str, by: str, copies: int = 1) -> int:
        """Return the node of a visit, `by` an arrow, that a full queue does not refuse, and that brings no error."""
        full, errors = self.lost.quick.get(name, 0.0), self.lost.own.get(name, 0.0)
        let_in = self._lucky(asked, name, f"{visit} {name} let in", by, full, copies, 1.0)
        good = self._lucky(asked, name, f"{visit} {name} without error", name, errors, copies)
        return self.structure.all_of((let_in, good))

    def _lucky(
        self, asked: Asked, name: str, variable: str, subject: str, chance: float, copies: int, away: float = 0.0
    ) -> int:
        """Return the node of visits of which none is lost by a chance, of a subject; the part `away` is of refusals."""
        if chance <= 0 or asked.how in WITHOUT_ERRORS or name in self.covered:
            return YES
        good = (1.0 - chance) ** copies
        if asked.visit == UNLUCKY:
            good = max(0.0, 1.0 - (1.0 - good) * self._most[name])
        self.luck[variable] = good
        self.punctual[variable] = subject
        if away < 1:
            self.faults[variable] = subject
        if away > _MOSTLY:
            self.refusals.add(variable)
        return self.structure.variable(variable)

    def _late(self, asked: Asked, arrow: Arrow) -> float:
        """Return the share of requests over an arrow that are given up."""
        return 0.0 if asked.how == PUNCTUAL else self.lost.late.get(arrow.id, 0.0)

    def _in_time(self, asked: Asked, arrow: Arrow, chance: float, mark: str = "") -> int:
        """Return the node of an answer in time; where visits are not told apart, of all that there can be."""
        name = f"{asked.visit} {arrow.id} in time{mark}"
        if asked.visit == UNLUCKY:
            chance = max(0.0, 1.0 - (1.0 - chance) * self._most[arrow.tail])
        self.luck[name] = chance
        self.punctual[name] = arrow.id
        return self.structure.variable(name)

    @cached_property
    def _most(self) -> Mapping[str, float]:
        """How often a request comes to each component at most."""
        most = dict.fromkeys(self.graph.order, 0.0)
        for name in self.graph.order:
            most[name] = most[name] or 1.0
            for arrow in self.graph.waited_for(name):
                most[arrow.head] += most[name] * copies_of(arrow)
        return most

    def _next(self, asked: Asked, visit: int, arrow: Arrow, how: str = "") -> Asked:
        """Return the question about the end of an arrow: on a usual day where what stands in leads back there."""
        back = self._circle.get(arrow.head) == self._circle.get(asked.name)
        if not how and asked.how == PUNCTUAL and arrow.head in self._tardy:
            how = PUNCTUAL
        elif not how and asked.how == FAULTLESS and arrow.head in self._faulty:
            how = FAULTLESS
        return Asked(visit, arrow.head, back and (asked.usual or arrow.tail != asked.name), how)

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
