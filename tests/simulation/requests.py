"""One request on its way: forks and joins, calls, attempts, hedges, copies and quorums.

A walk takes a request from one component through all that its arrows lead to. Where ways meet it waits for every arrow:
a way that is not taken, or ends in a cache, passes on that nothing will come, so that nobody waits in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archboard.design.model import Arrow
from tests.simulation.engine import Action, Clock
from tests.simulation.routes import Routes

if TYPE_CHECKING:
    from tests.simulation.world import World

Answered = Callable[[bool], None]
"""Told whether the request goes on from there: not from a cache that had the answer."""


class Fate:
    """What became of a request and of all that it asked for: known once everything has ended."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[Callable[[], bool]] = []

    @property
    def answered(self) -> bool:
        """Whether nothing that it waited for was given up."""
        return all(part() for part in self.parts)


Copy = Callable[[Answered, Fate], None]
"""Sends one copy: whom to tell, and where to write down what it asks for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an answer is asked for over one arrow; times in seconds. `backoffs` holds the wait before each retry."""

    copies: int = 1
    quorum: int = 1
    hedge: float | None = None
    timeout: float | None = None
    backoffs: tuple[float, ...] = ()

    @property
    def plain(self) -> bool:
        """Whether there is one attempt and it may take as long as it likes."""
        return self.hedge is None and self.timeout is None


def policy_of(arrow: Arrow, hedge: float | None) -> Policy:
    """Return what an arrow says of attempts; without a timeout nothing is tried again."""
    copies = int(arrow.number_of("fanout") or 1)
    timeout = arrow.number_of("timeout")
    return Policy(
        copies, int(arrow.number_of("quorum") or copies), hedge, timeout, () if timeout is None else arrow.waits
    )


class Asking:
    """Asks once over an arrow, again when that is too late, until something answers or every attempt has timed out."""

    __slots__ = ("_attempt", "_clock", "_copy", "_open", "_policy", "_then", "_winner")

    def __init__(self, clock: Clock, policy: Policy, copy: Copy, then: Answered) -> None:
        self._winner: Fate | None = None
        self._clock = clock
        self._policy = policy
        self._copy = copy
        self._then = then
        self._attempt = 0
        self._open = False

    def begin(self) -> None:
        """Begin the next attempt: what is still under way of the last one goes on, but nobody listens."""
        self._attempt += 1
        self._open = True
        attempt, policy = self._attempt, self._policy
        self._send(attempt)
        if policy.hedge is not None:
            self._clock.after(policy.hedge, lambda: self._hedge(attempt))
        if policy.timeout is not None:
            self._clock.after(policy.timeout, lambda: self._give_up(attempt))

    def _waits_for(self, attempt: int) -> bool:
        return self._open and attempt == self._attempt

    def _send(self, attempt: int) -> None:
        fate = Fate()
        self._copy(lambda goes_on: self._answer(attempt, goes_on, fate), fate)

    def _hedge(self, attempt: int) -> None:
        if self._waits_for(attempt):
            self._send(attempt)

    @property
    def answered(self) -> bool:
        """Whether an attempt was in time, and nothing given up that it asked for."""
        return self._winner is not None and self._winner.answered

    @property
    def given_up(self) -> bool:
        """Whether no attempt was in time."""
        return self._winner is None

    def _answer(self, attempt: int, goes_on: bool, fate: Fate) -> None:
        if self._waits_for(attempt):
            self._open = False
            self._winner = fate
            self._then(goes_on)

    def _give_up(self, attempt: int) -> None:
        if not self._waits_for(attempt):
            return
        self._open = False
        if attempt > len(self._policy.backoffs):
            self._then(True)
        else:
            self._clock.after(self._policy.backoffs[attempt - 1], self.begin)


class Tally:
    """Goes on when so many have answered, however many more do."""

    __slots__ = ("_missing", "_then")

    def __init__(self, needed: int, then: Action) -> None:
        self._missing = needed
        self._then = then

    def count(self, _: bool = True) -> None:
        """Count an answer."""
        self._missing -= 1
        if self._missing == 0:
            self._then()


class Walk:
    """One request's way from a component on; `done` when nothing of it is on its way any more."""

    __slots__ = ("_batch", "_done", "_fate", "_live", "_missing", "_open", "_routes", "_world")

    def __init__(self, world: World, routes: Routes, batch: int, entry: str, done: Action, fate: Fate) -> None:
        self._fate = fate
        self._world = world
        self._routes = routes
        self._batch = batch
        self._done = done
        self._missing = dict(routes.reach(entry))
        self._live: set[str] = set()
        self._open = len(self._missing)
        self._arrive(entry, live=True)

    def _arrive(self, name: str, *, live: bool) -> None:
        if live:
            self._live.add(name)
        self._missing[name] -= 1
        if self._missing[name] == 0:
            if name in self._live:
                self._stay(name, lambda goes_on: self._leave(name, goes_on), self._fate)
            else:
                self._leave(name, False)

    def _stay(self, name: str, then: Answered, fate: Fate) -> None:
        station = self._world.stations[name]

        def refused() -> None:
            fate.parts.append(lambda: False)
            then(False)

        if name in self._world.free_while_calling:
            station.work(self._batch, lambda: self._worked(name, then, fate), refused)
            return

        def worked(free: Action) -> None:
            def leave(goes_on: bool) -> None:
                free()
                then(goes_on)

            self._worked(name, leave, fate)

        station.hold(self._batch, worked, refused)

    def _worked(self, name: str, then: Answered, fate: Fate) -> None:
        world, routes = self._world, self._routes
        for arrow in routes.asyncs.get(name, ()):
            if world.happens(arrow.share):
                for _ in range(world.policies[arrow.id].copies):
                    self._call(arrow, unheard, Fate())
        if world.happens(world.hits.get(name, 0.0)):
            then(False)
        else:
            self._stages(name, 0, then, fate)

    def _stages(self, name: str, at: int, then: Answered, fate: Fate) -> None:
        stages = self._routes.calls.get(name, ())
        if at == len(stages):
            then(True)
            return
        taken = [arrow for arrow in stages[at] if self._world.happens(arrow.share)]
        if not taken:
            self._stages(name, at + 1, then, fate)
            return
        answers = Tally(len(taken), lambda: self._stages(name, at + 1, then, fate))
        for arrow in taken:
            self._copies(arrow, self._call, answers.count, fate)

    def _call(self, arrow: Arrow, answered: Answered, fate: Fate) -> None:
        """Send one copy of a call, and wait for all that it leads to."""
        world, routes, batch = self._world, self._routes, self._batch
        done = lambda: answered(True)  # noqa: E731 - a name for what is done
        world.hops[arrow.id].work(batch, lambda: walk(world, routes, batch, arrow.head, done, fate))

    def _pass(self, arrow: Arrow, answered: Answered, fate: Fate) -> None:
        """Send one copy of a request as far as the next component has worked on it."""
        self._world.hops[arrow.id].work(self._batch, lambda: self._stay(arrow.head, answered, fate))

    def _copies(self, arrow: Arrow, send: Callable[[Arrow, Answered, Fate], None], then: Answered, fate: Fate) -> None:
        """Send all copies at once, each with attempts of its own; go on when enough have answered."""
        policy = self._world.policies[arrow.id]
        answered = Tally(policy.quorum, lambda: then(True)).count if policy.copies > 1 else then
        fates = [Fate() for _ in range(policy.copies)]
        fate.parts.append(lambda: sum(each.answered for each in fates) >= policy.quorum)
        for each in fates:
            self._ask(arrow, policy, send, answered, each)

    def _ask(
        self, arrow: Arrow, policy: Policy, send: Callable[[Arrow, Answered, Fate], None], then: Answered, fate: Fate
    ) -> None:
        if policy.plain and not self._world.watches(arrow):
            send(arrow, then, fate)
            return

        def copy(answered: Answered, own: Fate) -> None:
            send(arrow, self._world.timed(arrow, answered), own)

        asking = Asking(self._world.clock, policy, copy, then)
        fate.parts.append(lambda: asking.answered)
        self._world.asked.setdefault(arrow.id, []).append(lambda: asking.given_up)
        asking.begin()

    def _leave(self, name: str, goes_on: bool) -> None:
        ways = self._routes.ways.get(name, ())
        chosen = self._world.choose([share for share, _ in ways]) if goes_on else None
        for at, (_, stage) in enumerate(ways):
            for arrow in stage:
                self._onward(arrow, live=goes_on and at == chosen)
        self._end()

    def _onward(self, arrow: Arrow, *, live: bool) -> None:
        policy = self._world.policies[arrow.id]
        if policy.copies > 1:
            if live:
                self._open += 1
                self._copies(arrow, self._call, lambda _: self._end(), self._fate)
        elif not live:
            self._arrive(arrow.head, live=False)
        elif policy.plain and not self._world.watches(arrow):
            self._world.hops[arrow.id].work(self._batch, lambda: self._arrive(arrow.head, live=True))
        else:
            assert self._missing[arrow.head] == 1, f"attempts where ways meet: {arrow.id}"
            self._ask(arrow, policy, self._pass, lambda goes_on: self._leave(arrow.head, goes_on), self._fate)

    def _end(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._done()


def walk(world: World, routes: Routes, batch: int, entry: str, done: Action, fate: Fate) -> None:
    """Send a request on its way from a component."""
    Walk(world, routes, batch, entry, done, fate)


def unheard(_: bool) -> None:
    """Wait for nothing."""
