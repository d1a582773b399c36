"""A flow turned into an activity network: what a request waits for, in order.

Each visit of a component is a hop named after it, each arrow a hop named by its id; cache hits and shares are
choices, parallel arrows forks that end where their ways meet again. In a failure mode the failed component's time
and calls become the detection time and the fallback's.

`walk(name, stop)` is the heart: the ways from a component to where its fork ends. It returns what ended on the way
(hits, answers) and what reached the stop, with probabilities. Walks are made backwards and remembered: none goes deep.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from itertools import product

from archboard.design.model import Arrow
from archboard.maths.network import Network, NetworkBuilder
from archboard.measures.flow.catching import Around, answered_instead, let_in, split, turned
from archboard.measures.flow.graph import FlowGraph, Ways, copies_of
from archboard.measures.flow.guards import is_guarded
from archboard.measures.flow.mode import USUAL, End, Mode, Walk, few, hit_ratio
from archboard.measures.flow.noticing import fallback
from archboard.measures.flow.queue import Queue
from archboard.measures.flow.times import NO_TIME
from archboard.measures.load.refusals import refused

HOP = "the hop alone, where parallel ways meet"
LOOKUP = "the lookup alone, before a cache that calls others"
_COMBINATIONS = 6
"""Arms of one fork that may each end early or go on: beyond this many, an early end is taken to go on."""


class Activity:
    """Builds the networks of one flow in one mode; without `timed` hops take no time, for demand alone.

    A latency is that of the requests that are admitted. Where they are `counted`, those too that a full queue refuses:
    they are answered at once, and go no further. What becomes of an error or a refusal of a component that is `outside`
    is whoever asked for this network's business.
    """

    def __init__(
        self, graph: FlowGraph, mode: Mode = USUAL, builder: NetworkBuilder | None = None, *, timed: bool = True,
        counted: bool = False, outside: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.graph = graph
        self.mode = mode
        self.timed = timed
        self.counted = counted
        self.build = builder or NetworkBuilder()
        self.nothing = self.build.series(())
        self.overlaps = False
        self.outside, self._inside = outside, dict[str, Activity]()
        self._walks: dict[tuple[str, str | None], Walk] = {}
        self._prepare()

    def network(self, weights: Mapping[str, float]) -> Network:
        """Return the flow's network; several starts are alternatives by their weights."""
        total = math.fsum(weights.values())
        if len(weights) == 1 or total <= 0:
            share = {name: 1.0 / len(weights) for name in weights}
        else:
            share = {name: weight / total for name, weight in weights.items()}
        return self.build.network(self.build.choice([(share[name], self.whole(name)) for name in weights]))

    def whole(self, name: str) -> int:
        """Return the node of everything from a component to its answer."""
        walk = self.walk(name, None)
        return self._either(walk.ended)

    def _prepare(self) -> None:
        """Walk in reverse topological order everything that other walks will ask for; what stands in comes first."""
        entered = {arrow.head for arrows in self.graph.asyncs.values() for arrow in arrows}
        for name in self.graph.order:
            entered.update(a.head for stage in self.graph.calls.get(name, ()) for a in stage)
            entered.update(a.head for _, arrows in self.graph.ways.get(name, ()) for a in arrows if copies_of(a) > 1)
        backwards = self.graph.order[::-1]
        caught = self.graph.catching.values() if self.graph.may_err else ()
        standing_in = self.graph.led_to(arrow.head for arrow in (*self.mode.failed.values(), *caught))
        for name in (*(name for name in backwards if name in standing_in), *backwards):
            ways = self.graph.ways.get(name, ())
            if len(ways) > 1 or any(len(arrows) > 1 for _, arrows in ways):
                for _, arrows in ways:
                    for arrow in arrows:
                        self.walk(arrow.head, self._meeting(name, ways))
            if name in entered:
                self.walk(name, None)

    def _meeting(self, name: str, ways: Ways) -> str | None:
        """Return where ways meet; alternatives, which wait for nobody, go on apart where an attempt leads there."""
        join = self.graph.joins.get(name)
        if all(len(arrows) == 1 for _, arrows in ways):
            while join is not None and join in self.graph.guards_into:
                join = self.graph.joins[join]
        return join

    def walk(self, name: str, stop: str | None) -> Walk:
        """Return what becomes of requests from a component on, up to `stop`."""
        key = (name, stop)
        if key not in self._walks:
            self._walks[key] = self._walked(name, stop)
        return self._walks[key]

    def _walked(self, name: str, stop: str | None, via: Arrow | None = None, *, apart: bool = False) -> Walk:
        """Return the same, not remembered, after the hop of the arrow `via`; `apart` from what its copies wait for."""
        ended: list[End] = []
        chance, parts = 1.0, [self.nothing]
        current: str | None = name
        while current is not None and current != stop:
            current, ways, goes_on = self._visit(current, parts, ended, chance, via, apart=apart)
            via, apart = None, False
            chance *= goes_on
            if chance <= 0:
                return Walk(tuple(ended), None)
            if not ways:
                ended.append((chance, self._series(parts)))
                return Walk(tuple(ended), None)
            if len(ways) == 1 and len(ways[0][1]) == 1 and copies_of(ways[0][1][0]) == 1:
                via = ways[0][1][0]
                current = via.head
                continue
            join = self._meeting(current, ways)
            branch = self._branches(ways, join)
            before = self._series(parts)
            ended += [(chance * p, self.build.series((before, node))) for p, node in few(self.build, branch.ended)]
            if branch.reached is None:
                return Walk(tuple(ended), None)
            chance *= branch.reached[0]
            parts = [before, branch.reached[1]]
            current = join
        if via is not None:
            parts.append(self.guarded(Around(via, self.hop(via), None, HOP)))
        return Walk(tuple(ended), (chance, self._series(parts)))

    def _series(self, parts: list[int]) -> int:
        """Put the parts so far into one node, which they then are."""
        node = self.build.series([part for part in parts if part != self.nothing])
        parts[:] = [node]
        return node

    def _visit(
        self, name: str, parts: list[int], ended: list[End], chance: float, via: Arrow | None, *, apart: bool = False
    ) -> tuple[str, Ways, float]:
        """Add what a request meets at a component; return who goes on, the ways, and the share that takes them."""
        if name not in self.mode.failed:
            return self._work(name, parts, ended, chance, via, apart=apart)
        other, onward, ends = fallback(self, name, parts, via)
        if ends or not self.has_arrows(other):
            parts.append(self.own(other))
            return onward, () if ends else self.graph.ways.get(onward, ()), 1.0
        if self._leads_back(other):
            whole = Activity(self.graph, USUAL, self.build, timed=self.timed, counted=self.counted).whole(other)
            parts.append(whole)
            return other, (), 1.0
        return self._work(other, parts, ended, chance, None)

    def _work(
        self, name: str, parts: list[int], ended: list[End], chance: float, via: Arrow | None, *, apart: bool = False
    ) -> tuple[str, Ways, float]:
        """Add a component's own time and calls; what a cache answers, a gateway or a full queue refuses ends here.

        An attempt by the arrow `via` covers both, or the own time alone where some end after it.
        """
        answered, refused, calls = self._answered(name), self._refused(name), bool(self.graph.calls.get(name))
        alone = answered > 0 or refused > 0
        stay = self.own(name, apart=apart) if alone else self.stay(name, apart=apart)
        goes_on = self._reach(name, parts, ended, chance, via, stay, alone=alone, partial=LOOKUP if calls else "")
        if not alone:
            return name, self.graph.ways.get(name, ()), goes_on
        for share in (answered, refused):
            if share > 0:
                ended.append((chance * goes_on * share, self._series(parts)))
                goes_on *= 1.0 - share
        if goes_on > 0 and calls and self.catcher(name) is not None:
            asked = self.build.series(self.calls(name))
            goes_on *= self._reach(name, parts, ended, chance * goes_on, None, asked, alone=True, inside=True)
        elif goes_on > 0:
            parts += self.calls(name)
        return name, self.graph.ways.get(name, ()), goes_on

    def _reach(
        self, name: str, parts: list[int], ended: list[End], chance: float, via: Arrow | None, stay: int, *,
        alone: bool, partial: str = "", inside: bool = False,
    ) -> float:  # fmt: skip
        """Add the hop to a component and the stay there, with the attempts of the arrow around both.

        Returns the share that goes on from there: not those for which something else answers an error, and ends it, nor
        those that are refused at last; who is `inside` already is refused nothing.
        """
        rest, turn = None, None if inside else turned(self, name, via)
        if turn is None and self.catcher(name) is None and (via is None or not is_guarded(via)):
            parts += (stay,) if via is None else (self.hop(via), stay)
            return 1.0
        if via is not None and via.hedge is not None:
            rest = self.own(via.head, apart=True) if alone else self.stay(via.head, apart=True)
        attempt = stay if via is None else self.build.series((self.hop(via), stay))
        caught = answered_instead(self, name, around := Around(via, attempt, turn, partial if alone else "", rest))
        if caught is None and turn is not None:
            node, away, refusal = let_in(self, around)
            if away > 0:
                ended.append((chance * away, self.build.series((self._series(parts), refusal))))
            parts.append(node)
            return 1.0 - away
        if caught is None:
            parts.append(attempt if via is None else self.guarded(around))
            return 1.0
        if caught.ended > 0:
            ended.append((chance * caught.ended, self.build.series((self._series(parts), caught.instead))))
        if caught.ended < 1:
            parts.append(caught.node)
        return 1.0 - caught.ended

    def guarded(self, around: Around) -> int:
        """Return an attempt with its guard; a second copy waits with the first, and each takes the rest."""
        arrow, both = around.arrow, split(self, around)
        assert arrow is not None
        guards, partial = self.graph.guards, around.partial
        return guards.around(arrow, around.attempt, self.build, timed=self.timed, partial=partial, split=both)

    def queue(self, name: str) -> Queue | None:
        """Return the queue before a component, None where there is none, or it takes no time here."""
        none = not self.timed or name in self.mode.failed or name in self.graph.times.moment.hung
        return None if none else self.graph.times.queue(self.graph.design.components[name])

    def goes_on(self, name: str, via: Arrow | None = None) -> float:
        """Return the share of requests that a component itself neither answers nor refuses, those counted."""
        return (1.0 - self.refused_at_last(name, via)) * self.goes_on_admitted(name)

    def goes_on_admitted(self, name: str) -> float:
        """Return the same share of those that its queue lets in."""
        return (1.0 - self._answered(name)) * (1.0 - self._refused(name))

    def refused_at_last(self, name: str, via: Arrow | None) -> float:
        """Return the share of requests whose last attempt, by an arrow or the only one, finds a queue full."""
        if not self.counted or name in self.outside:
            return 0.0
        guard = None if via is None else self.graph.guards.known(via)
        return refused(self.graph.times, name) if guard is None else guard.refused_at_last

    def _answered(self, name: str) -> float:
        return 0.0 if name in self.mode.lost else hit_ratio(self.graph.design.components[name])

    def _refused(self, name: str) -> float:
        return 1.0 - self.mode.admitted.get(name, 1.0)

    def has_arrows(self, name: str) -> bool:
        """Whether a component leads anywhere."""
        return bool(self.graph.ways.get(name) or self.graph.calls.get(name))

    def _leads_back(self, name: str) -> bool:
        """Whether what answers in a failure leads to something failed: then it is followed as on a usual day."""
        return not self.mode.failed.keys().isdisjoint(self.graph.led_to((name,)))

    def stay(self, name: str, *, apart: bool = False) -> int:
        """Return one node for a component's own time and its calls."""
        return self.build.series((self.own(name, apart=apart), *self.calls(name)))

    def calls(self, name: str) -> list[int]:
        """Return the calls of a component in the order written; one statement's targets run at once."""
        nodes = []
        for stage in self.graph.calls.get(name, ()):
            arms = []
            for arrow in stage:
                share = 1.0 if arrow.share is None else arrow.share
                arms.append(self.build.choice(((share, self.sent(arrow)), (1.0 - share, self.nothing))))
            nodes.append(self.build.fork(arms))
        return nodes

    def sent(self, arrow: Arrow) -> int:
        """Return a call, or copies of a request, until as many of them are answered as must be."""
        copies, rest, queue = copies_of(arrow), self._whole_apart(arrow), self.queue(arrow.head)
        needed = int(arrow.number_of("quorum") or copies)
        if rest is not None and queue is not None and queue.batch > 1 and not is_guarded(arrow):
            each = self.build.series((self.hop(arrow), rest))
            shared = self.build.hop(queue.together, arrow.head, waits=True)
            return self.build.series((shared, self.build.quorum(each, copies, needed)))
        if is_guarded(arrow) and arrow.head in self.mode.failed:
            attempts = self._either(self._walked(arrow.head, None, arrow).ended)
        else:
            attempts = self._asked(arrow, rest)
        return self.build.quorum(attempts, copies, needed)

    def _asked(self, arrow: Arrow, rest: int | None) -> int:
        """Return the attempts of a call; what answers an error of its target does so after the last of them."""
        name, turn, catches = arrow.head, turned(self, arrow.head, arrow), self.catcher(arrow.head) is not None
        if (catches and self.graph.ways.get(name)) or (turn is None and not catches):
            whole = self.build.series((self.hop(arrow), self.whole(name)))
            return self.guarded(Around(arrow, whole, None, rest=rest))
        whole = self.build.series((self.hop(arrow), self.inside(name).whole(name)))
        caught = answered_instead(self, name, around := Around(arrow, whole, turn, rest=rest), ends=False)
        if caught is not None:
            return caught.node
        if turn is None:
            return self.guarded(around)
        node, away, refusal = let_in(self, around)
        return self.build.choice(((away, refusal), (1.0 - away, node)))

    def inside(self, name: str) -> Activity:
        """Return the same where what becomes of an error of a component is told outside."""
        if name not in self._inside:
            self._inside[name] = Activity(
                self.graph, self.mode, self.build, timed=self.timed, counted=self.counted, outside=self.outside | {name}
            )
        return self._inside[name]

    def catcher(self, name: str) -> Arrow | None:
        """Return the failure arrow that answers an error of a component, where any errs and it has one."""
        arrow = self.graph.catching.get(name)
        return None if arrow is None or name in self.outside or not self.graph.may_err else arrow

    def _whole_apart(self, arrow: Arrow) -> int | None:
        """Return all from an arrow's head to its answer but the wait that its copies share, where there is one."""
        none = self.queue(arrow.head) is None or (copies_of(arrow) == 1 and arrow.hedge is None)
        return None if none else self._either(self._walked(arrow.head, None, apart=True).ended)

    def hop(self, arrow: Arrow) -> int:
        """Return the hop of an arrow's own time."""
        return self.build.hop(self.graph.time_on(arrow) if self.timed else NO_TIME, arrow.id)

    def own(self, name: str, *, apart: bool = False) -> int:
        """Return the hop of a component's own time; `apart` without the wait that its copies share."""
        if apart and (queue := self.queue(name)) is not None:
            return self.build.hop(queue.apart(self.graph.times.served(self.graph.design.components[name])), name)
        return self.build.hop(self.graph.time_of(name) if self.timed else NO_TIME, name)

    def _branches(self, ways: Ways, join: str | None) -> Walk:
        """Return what becomes of requests at a split, up to where its ways meet again."""
        ended: list[End] = []
        reached: list[End] = []
        for chance, arrows in ways:
            walk = self._arm(arrows[0], join) if len(arrows) == 1 else self._fork(arrows, join)
            ended += [(chance * p, node) for p, node in walk.ended]
            if walk.reached is not None:
                reached.append((chance * walk.reached[0], walk.reached[1]))
        total = math.fsum(p for p, _ in reached)
        return Walk(tuple(ended), (total, self._either(tuple(reached))) if total > 0 else None)

    def _arm(self, arrow: Arrow, join: str | None) -> Walk:
        """Return what becomes of requests on an arrow; copies go on apart, each until its own answer."""
        if copies_of(arrow) > 1:
            return Walk(((1.0, self.sent(arrow)),), None)
        if is_guarded(arrow):
            return self._walked(arrow.head, join, arrow)
        walk = self.walk(arrow.head, join)
        hop = self.hop(arrow)
        return Walk(
            tuple((p, self.build.series((hop, node))) for p, node in walk.ended),
            None if walk.reached is None else (walk.reached[0], self.build.series((hop, walk.reached[1]))),
        )

    def _fork(self, arrows: tuple[Arrow, ...], join: str | None) -> Walk:
        """Return a fork: every arm must finish; one that ended early is waited for, but does not go on."""
        arms = [self._arm(arrow, join) for arrow in arrows]
        overlap = self._overlaps(arrows, join)
        self.overlaps |= overlap
        together = self.build.overlap if overlap else self.build.fork
        mixed = sum(1 for arm in arms if arm.ended and arm.reached is not None)
        if join is None or mixed > _COMBINATIONS:
            everything = [self._either((*arm.ended, *((arm.reached,) if arm.reached else ()))) for arm in arms]
            end = (1.0, together(everything))
            return Walk((end,), None) if join is None else Walk((), end)
        ended: list[End] = []
        reached: list[End] = []
        for outcome in product(*(self._outcomes(arm) for arm in arms)):
            chance = 1.0
            for p, _, _ in outcome:
                chance *= p
            node = together([arm for _, arm, _ in outcome])
            (reached if any(on for _, _, on in outcome) else ended).append((chance, node))
        total = math.fsum(p for p, _ in reached)
        return Walk(tuple(ended), (total, self._either(tuple(reached))) if total > 0 else None)

    def _outcomes(self, arm: Walk) -> list[tuple[float, int, bool]]:
        """Return an arm's ends as (probability, node, whether it goes on)."""
        outcomes = []
        total = math.fsum(p for p, _ in arm.ended)
        if total > 0:
            outcomes.append((total, self._either(arm.ended), False))
        if arm.reached is not None:
            outcomes.append((arm.reached[0], arm.reached[1], True))
        return outcomes

    def _overlaps(self, arrows: tuple[Arrow, ...], join: str | None) -> bool:
        """Whether arms share components before they meet: then the flow is not series-parallel."""
        seen: set[str] = set()
        for arrow in arrows:
            if arrow.head == join or copies_of(arrow) > 1:
                continue
            inside = self.graph.reachable(arrow.head, join)
            if not seen.isdisjoint(inside):
                return True
            seen |= inside
        return False

    def _either(self, ends: tuple[End, ...]) -> int:
        """Return alternatives as one node, their probabilities made to sum to one."""
        total = math.fsum(p for p, _ in ends)
        if total <= 0:
            return self.nothing
        return self.build.choice([(p / total, node) for p, node in ends])
