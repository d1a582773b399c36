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

from archboard.design.model import Arrow, Component, Condition
from archboard.maths.distributions.distribution import Constant
from archboard.maths.network import Network, NetworkBuilder
from archboard.measures.flow.graph import FlowGraph, Ways, copies_of
from archboard.measures.flow.guards import is_guarded
from archboard.measures.flow.queue import Queue
from archboard.measures.flow.times import NO_TIME
from archboard.measures.flow.walks import USUAL as USUAL
from archboard.measures.flow.walks import End, Walk
from archboard.measures.flow.walks import Mode as Mode
from archboard.measures.load.refusals import refused

HOP = "the hop alone, where parallel ways meet"
LOOKUP = "the lookup alone, before a cache that calls others"
_COMBINATIONS = 6
"""Arms of one fork that may each end early or go on: beyond this many, an early end is taken to go on."""


class Activity:
    """Builds the networks of one flow in one mode; without `timed` hops take no time, for demand alone.

    A latency is that of the requests that are admitted. Where they are `counted`, those too that a full queue refuses:
    they are answered at once, and go no further.
    """

    def __init__(
        self, graph: FlowGraph, mode: Mode = USUAL, builder: NetworkBuilder | None = None, *, timed: bool = True,
        counted: bool = False,
    ) -> None:  # fmt: skip
        self.graph = graph
        self.mode = mode
        self.timed = timed
        self.counted = counted
        self.build = builder or NetworkBuilder()
        self.nothing = self.build.series(())
        self.overlaps = False
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
        standing_in = self.graph.led_to(arrow.head for arrow in self.mode.failed.values())
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
            ended += [(chance * p, self.build.series((before, node))) for p, node in branch.ended]
            if branch.reached is None:
                return Walk(tuple(ended), None)
            chance *= branch.reached[0]
            parts = [before, branch.reached[1]]
            current = join
        if via is not None:
            parts.append(self._guarded(via, self._hop(via), HOP))
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
        other, onward, ends = self._fallback(name, parts, via)
        if ends or not self._has_arrows(other):
            parts.append(self._own(other))
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
        goes_on = self._admitted(name)
        if goes_on < 1:
            met = [] if via is None else [self._hop(via)]
            ended.append((chance * (1 - goes_on), self.build.series((self._series(parts), *met, self._met(name)))))
        answered, refused = self._answered(name), self._refused(name)
        alone = answered > 0 or refused > 0
        calls = bool(self.graph.calls.get(name))
        stay = self._own(name, apart=apart) if alone else self.stay(name, apart=apart)
        parts += self._reached(via, stay, LOOKUP if alone and calls else "", alone=alone)
        if not alone:
            return name, self.graph.ways.get(name, ()), goes_on
        for share in (answered, refused):
            if share > 0:
                ended.append((chance * goes_on * share, self._series(parts)))
                goes_on *= 1.0 - share
        if goes_on > 0:
            parts += self.calls(name)
        return name, self.graph.ways.get(name, ()), goes_on

    def _reached(self, via: Arrow | None, stay: int, partial: str, *, alone: bool) -> tuple[int, ...]:
        """Return the hop to a component and the stay there, with the attempts of the arrow around both."""
        if via is None:
            return (stay,)
        hop = self._hop(via)
        if not is_guarded(via):
            return (hop, stay)
        rest = None
        if via.hedge is not None:
            rest = self._own(via.head, apart=True) if alone else self.stay(via.head, apart=True)
        return (self._guarded(via, self.build.series((hop, stay)), partial, rest),)

    def _guarded(self, arrow: Arrow, attempt: int, partial: str = "", rest: int | None = None) -> int:
        """Return an attempt with its guard; a second copy waits with the first, and each takes the `rest`."""
        split, queue = None, self._queue(arrow.head)
        if rest is not None and queue is not None and arrow.hedge:
            shared = self.build.hop(queue.together, arrow.head, waits=True)
            split = (shared, self.build.series((self._hop(arrow), rest)))
        return self.graph.guards.around(arrow, attempt, self.build, timed=self.timed, partial=partial, split=split)

    def _queue(self, name: str) -> Queue | None:
        none = not self.timed or name in self.mode.failed or name in self.graph.times.moment.hung
        return None if none else self.graph.times.queue(self.graph.design.components[name])

    def goes_on(self, name: str) -> float:
        """Return the share of requests that a component itself neither answers nor refuses."""
        return self._admitted(name) * self.goes_on_admitted(name)

    def goes_on_admitted(self, name: str) -> float:
        """Return the same share of those that its queue lets in."""
        return (1.0 - self._answered(name)) * (1.0 - self._refused(name))

    def _admitted(self, name: str) -> float:
        """Return the share of requests that do not find a queue full, where those that do are counted."""
        return 1.0 - refused(self.graph.times, name) if self.counted else 1.0

    def _met(self, name: str) -> int:
        """Return a visit of a component that takes no time."""
        return self.build.hop(NO_TIME, name)

    def _answered(self, name: str) -> float:
        return 0.0 if name in self.mode.lost else hit_ratio(self.graph.design.components[name])

    def _refused(self, name: str) -> float:
        return 1.0 - self.mode.admitted.get(name, 1.0)

    def _fallback(self, name: str, parts: list[int], via: Arrow | None) -> tuple[str, str, bool]:
        """Add the detection of a failure, and of those of its fallbacks that fail too.

        Returns what answers, whose ways on are then taken if it has none itself, and whether the request ends there:
        what answers in a cache's place spares what is behind the cache, unless it leads there itself.
        """
        onward, seen, sheds = name, set[str](), False
        while name in self.mode.failed and name not in seen:
            seen.add(name)
            onward = name if self._has_arrows(name) else onward
            failure = self.mode.failed[name]
            condition = failure.condition or Condition("down")
            parts += self._noticed(name, condition, via)
            parts.append(self._hop(failure))
            via = None
            name, sheds = failure.head, condition.sheds
        components = self.graph.design.components
        spares = not self._has_arrows(name) and components[onward].kind.caches
        stays_failed = components[name].answers == "no"
        return name, onward, sheds or spares or stays_failed or components[name].flag("ends")

    def _noticed(self, name: str, condition: Condition, via: Arrow | None) -> list[int]:
        """Return the hop to what failed and what passes until it is given up: every attempt, one of what is up."""
        asking = name in self.graph.asking
        hop = [] if via is None else [self._hop(via)]
        timeout = None if via is None else via.number_of("timeout")
        match condition.kind:
            case "error":
                attempt = [*hop, self._own(name), *(self.calls(name) if asking else ())]
            case "timeout" if condition.seconds is not None:
                attempt = [*hop, self.build.hop(Constant(condition.seconds), name)]
            case "timeout":
                attempt = [self.build.hop(Constant(timeout or 0.0), name)]
            case _:
                return hop
        if via is None or asking:
            return attempt
        nodes = [once := self.build.series(attempt)]
        if timeout is not None and self.timed:
            nodes = [once := self.build.attempts(once, timeout, name=via.id)]
        for wait in via.waits:
            nodes += [self.build.hop(Constant(wait if self.timed else 0.0)), once]
        return nodes

    def _has_arrows(self, name: str) -> bool:
        return bool(self.graph.ways.get(name) or self.graph.calls.get(name))

    def _leads_back(self, name: str) -> bool:
        """Whether what answers in a failure leads to something failed: then it is followed as on a usual day."""
        return not self.mode.failed.keys().isdisjoint(self.graph.led_to((name,)))

    def stay(self, name: str, *, apart: bool = False) -> int:
        """Return one node for a component's own time and its calls."""
        return self.build.series((self._own(name, apart=apart), *self.calls(name)))

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
        copies, rest, queue = copies_of(arrow), self._whole_apart(arrow), self._queue(arrow.head)
        needed = int(arrow.number_of("quorum") or copies)
        if rest is not None and queue is not None and queue.batch > 1 and not is_guarded(arrow):
            each = self.build.series((self._hop(arrow), rest))
            shared = self.build.hop(queue.together, arrow.head, waits=True)
            return self.build.series((shared, self.build.quorum(each, copies, needed)))
        if is_guarded(arrow) and arrow.head in self.mode.failed:
            attempts = self._either(self._walked(arrow.head, None, arrow).ended)
        else:
            attempts = self._guarded(arrow, self.build.series((self._hop(arrow), self.whole(arrow.head))), rest=rest)
        return self.build.quorum(attempts, copies, needed)

    def _whole_apart(self, arrow: Arrow) -> int | None:
        """Return all from an arrow's head to its answer but the wait that its copies share, where there is one."""
        none = self._queue(arrow.head) is None or (copies_of(arrow) == 1 and arrow.hedge is None)
        return None if none else self._either(self._walked(arrow.head, None, apart=True).ended)

    def _hop(self, arrow: Arrow) -> int:
        return self.build.hop(self.graph.time_on(arrow) if self.timed else NO_TIME, arrow.id)

    def _own(self, name: str, *, apart: bool = False) -> int:
        """Return the hop of a component's own time; `apart` without the wait that its copies share."""
        if apart and (queue := self._queue(name)) is not None:
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
        hop = self._hop(arrow)
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


def hit_ratio(component: Component) -> float:
    """Return the share of requests that a cache answers itself; 0 for everything else."""
    return component.number("hit") or 0.0
