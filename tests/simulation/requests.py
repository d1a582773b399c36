"""One request on its way: forks and joins, calls, attempts, hedges, copies and quorums.

A walk takes a request from one component through all that its arrows lead to. Where ways meet it waits for every arrow:
a way that is not taken, or ends in a cache, passes on that nothing will come, so that nobody waits in vain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from archboard.design.model import Arrow, ArrowKind
from tests.simulation.engine import Action, Clock, Draw
from tests.simulation.routes import Routes

if TYPE_CHECKING:
    from tests.simulation.world import World

Answered = Callable[[bool, bool], None]
"""Told whether the request goes on from there (not from a cache that had the answer), and whether it erred there."""
Ended = Callable[[bool], None]
"""Told whether anything erred, and nothing answered for it."""


class Fate:
    """What became of a request and of all that it asked for: known once everything has ended."""

    __slots__ = ("erred", "parts")

    def __init__(self) -> None:
        self.erred = False
        self.parts: list[Callable[[], bool]] = []

    @property
    def answered(self) -> bool:
        """Whether nothing that it waited for was given up, or erred."""
        return not self.erred and all(part() for part in self.parts)


Copy = Callable[[Answered, Fate], None]
"""Sends one copy: whom to tell, and where to write down what it asks for."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an answer is asked for over one arrow; times in seconds. `backoffs` holds the wait before each retry.

    With `jitter` a wait is anything up to that. Retries are at most a `budget` of first attempts.
    """

    copies: int = 1
    quorum: int = 1
    hedge: float | None = None
    timeout: float | None = None
    backoffs: tuple[float, ...] = ()
    budget: float | None = None
    jitter: bool = False

    @property
    def plain(self) -> bool:
        """Whether there is one attempt and it may take as long as it likes."""
        return self.hedge is None and self.timeout is None and not self.backoffs


class Bucket:
    """What retries over an arrow are taken out of: each first attempt puts its share in."""

    __slots__ = ("_budget", "_left")

    def __init__(self, budget: float | None) -> None:
        self._budget = budget
        self._left = 0.0

    def fill(self) -> None:
        """Put in what a first attempt brings."""
        self._left += self._budget or 0.0

    def take(self) -> bool:
        """Take out a retry, if there is one left."""
        if self._budget is None:
            return True
        if self._left < 1 - 1e-9:
            return False
        self._left -= 1
        return True


def policy_of(arrow: Arrow, hedge: float | None) -> Policy:
    """Return what an arrow says of attempts."""
    copies = int(arrow.number_of("fanout") or 1)
    timeout = arrow.number_of("timeout")
    return Policy(
        copies, int(arrow.number_of("quorum") or copies), hedge, timeout, arrow.waits,
        arrow.number_of("retry_budget"), arrow.jitters,
    )  # fmt: skip


class Asking:
    """Asks once over an arrow, again when that is too late or errs, until something answers or no attempt is left."""

    __slots__ = ("_attempt", "_bucket", "_chance", "_clock", "_copy", "_open", "_policy", "_then", "_winner")

    def __init__(
        self, clock: Clock, policy: Policy, bucket: Bucket, chance: Draw, copy: Copy, then: Answered
    ) -> None:
        self._bucket = bucket
        self._chance = chance
        self._winner: Fate | None = None
        self._clock = clock
        self._policy = policy
        self._copy = copy
        self._then = then
        self._attempt = 0
        self._open = False

    def begin(self) -> None:
        """Begin the next attempt: what is still under way of the last one goes on, but nobody listens."""
        if self._attempt == 0:
            self._bucket.fill()
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
        self._copy(lambda goes_on, erred: self._answer(attempt, goes_on, erred, fate), fate)

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

    def _answer(self, attempt: int, goes_on: bool, erred: bool, fate: Fate) -> None:
        if self._waits_for(attempt):
            self._open = False
            if not (erred and self._again()):
                self._winner = Fate() if erred else fate
                self._then(goes_on, erred)

    def _again(self) -> bool:
        """Plan the next attempt, if there is one."""
        if self._attempt > len(self._policy.backoffs) or not self._bucket.take():
            return False
        wait = self._policy.backoffs[self._attempt - 1]
        self._clock.after(wait * self._chance() if self._policy.jitter else wait, self.begin)
        return True

    def _give_up(self, attempt: int) -> None:
        if not self._waits_for(attempt):
            return
        self._open = False
        if not self._again():
            self._then(True, False)


class Tally:
    """Goes on when so many have answered, however many more do; told whether any of those erred."""

    __slots__ = ("_erred", "_missing", "_then")

    def __init__(self, needed: int, then: Ended) -> None:
        self._erred = False
        self._missing = needed
        self._then = then

    def count(self, _: bool, erred: bool) -> None:
        """Count an answer."""
        self._missing -= 1
        self._erred |= erred
        if self._missing == 0:
            self._then(self._erred)


class Walk:
    """One request's way from a component on; `done` when nothing of it is on its way any more.

    Who tries again over the arrow to its first component looks after the errors of that himself: it is `bare`.
    """

    __slots__ = ("_bare", "_batch", "_done", "_erred", "_fate", "_live", "_missing", "_open", "_routes", "_world")

    def __init__(
        self, world: World, routes: Routes, batch: int, entry: str, done: Ended, fate: Fate, *, bare: bool = False
    ) -> None:
        self._fate = fate
        self._bare = entry if bare else ""
        self._erred = False
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
                self._stay(name, lambda goes_on, erred: self._leave(name, goes_on, erred), self._fate)
            else:
                self._go(name, False)

    def _stay(self, name: str, then: Answered, fate: Fate) -> None:
        station = self._world.stations[name]

        def refused() -> None:
            then(False, True)

        if name in self._world.free_while_calling:
            station.work(self._batch, lambda: self._worked(name, then, fate), refused)
            return

        def worked(free: Action) -> None:
            def leave(goes_on: bool, erred: bool) -> None:
                free()
                then(goes_on, erred)

            self._worked(name, leave, fate)

        station.hold(self._batch, worked, refused)

    def _worked(self, name: str, then: Answered, fate: Fate) -> None:
        world, routes = self._world, self._routes
        erred = world.errs(name)
        for arrow in routes.asyncs.get(name, ()):
            if world.happens(arrow.share):
                for _ in range(world.policies[arrow.id].copies):
                    self._call(arrow, unheard, Fate())
        if world.happens(world.hits.get(name, 0.0)):
            then(False, erred)
        else:
            self._stages(name, 0, then, fate, erred)

    def _stages(self, name: str, at: int, then: Answered, fate: Fate, erred: bool) -> None:
        stages = self._routes.calls.get(name, ())
        if at == len(stages):
            then(True, erred)
            return
        taken = [arrow for arrow in stages[at] if self._world.happens(arrow.share)]
        if not taken:
            self._stages(name, at + 1, then, fate, erred)
            return
        answers = Tally(len(taken), lambda failed: self._stages(name, at + 1, then, fate, erred or failed))
        for arrow in taken:
            self._copies(arrow, self._call, answers.count, fate)

    def _call(self, arrow: Arrow, answered: Answered, fate: Fate) -> None:
        """Send one copy of a call, and wait for all that it leads to."""
        world, routes, batch = self._world, self._routes, self._batch
        done = lambda erred: answered(True, erred)  # noqa: E731 - a name for what is done
        bare = not routes.ways.get(arrow.head)
        world.hops[arrow.id].work(batch, lambda: walk(world, routes, batch, arrow.head, done, fate, bare=bare))

    def _pass(self, arrow: Arrow, answered: Answered, fate: Fate) -> None:
        """Send one copy of a request as far as the next component has worked on it."""
        self._world.hops[arrow.id].work(self._batch, lambda: self._stay(arrow.head, answered, fate))

    def _copies(self, arrow: Arrow, send: Callable[[Arrow, Answered, Fate], None], then: Answered, fate: Fate) -> None:
        """Send all copies at once, each with attempts of its own; go on when enough have answered."""
        policy = self._world.policies[arrow.id]
        answered = Tally(policy.quorum, lambda erred: then(True, erred)).count if policy.copies > 1 else then
        fates = [Fate() for _ in range(policy.copies)]
        fate.parts.append(lambda: sum(each.answered for each in fates) >= policy.quorum)
        for each in fates:
            self._ask(arrow, policy, send, answered, each)

    def _ask(
        self, arrow: Arrow, policy: Policy, send: Callable[[Arrow, Answered, Fate], None], then: Answered, fate: Fate
    ) -> None:
        if arrow.kind is ArrowKind.CALL and not self._routes.ways.get(arrow.head):
            then = self._caught(arrow.head, then)
        if policy.plain and not self._world.watches(arrow):
            send(arrow, then, fate)
            return

        def copy(answered: Answered, own: Fate) -> None:
            send(arrow, self._world.timed(arrow, answered), own)

        world = self._world
        asking = Asking(world.clock, policy, world.buckets[arrow.id], world.chance, copy, then)
        fate.parts.append(lambda: asking.answered or (asking.given_up and self._stands_in(arrow.head)))
        self._world.asked.setdefault(arrow.id, []).append(lambda: asking.given_up)
        asking.begin()

    def _caught(self, name: str, then: Answered) -> Answered:
        """Let what is there for it answer an error of a component that is called."""
        arrow = self._routes.catcher(name)
        if arrow is None:
            return then
        world, routes, batch = self._world, self._routes, self._batch

        def instead(goes_on: bool, erred: bool) -> None:
            if not erred:
                then(goes_on, False)
                return
            done = lambda failed: then(goes_on, failed)  # noqa: E731 - a name for what is done
            world.hops[arrow.id].work(batch, lambda: walk(world, routes, batch, arrow.head, done, Fate()))

        return instead

    def _stands_in(self, name: str) -> bool:
        """Whether something answers for what is late of a component, and does not err itself."""
        arrow = self._routes.patient(name)
        return arrow is not None and not self._world.errs(arrow.head)

    def _leave(self, name: str, goes_on: bool, erred: bool) -> None:
        """Go on from a component, or from what answers an error of it."""
        arrow = self._routes.catcher(name) if erred and name != self._bare else None
        if arrow is None:
            self._erred |= erred
            self._go(name, goes_on)
            return
        world, routes, batch, head = self._world, self._routes, self._batch, arrow.head
        goes_on = not (head in world.ends or routes.leads(head) or world.hits.get(name, 0.0) > 0)

        def done(failed: bool) -> None:
            self._erred |= failed
            self._go(name, goes_on)

        world.hops[arrow.id].work(batch, lambda: walk(world, routes, batch, head, done, Fate()))

    def _go(self, name: str, goes_on: bool) -> None:
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
                self._copies(arrow, self._call, self._sent, self._fate)
        elif not live:
            self._arrive(arrow.head, live=False)
        elif policy.plain and not self._world.watches(arrow):
            self._world.hops[arrow.id].work(self._batch, lambda: self._arrive(arrow.head, live=True))
        else:
            assert self._missing[arrow.head] == 1, f"attempts where ways meet: {arrow.id}"
            leave = lambda goes_on, erred: self._leave(arrow.head, goes_on, erred)  # noqa: E731 - to where it goes
            self._ask(arrow, policy, self._pass, leave, self._fate)

    def _sent(self, _: bool, erred: bool) -> None:
        self._erred |= erred
        self._end()

    def _end(self) -> None:
        self._open -= 1
        if self._open == 0:
            self._done(self._erred)


def walk(
    world: World, routes: Routes, batch: int, entry: str, done: Ended, fate: Fate, *, bare: bool = False
) -> None:
    """Send a request on its way from a component."""
    Walk(world, routes, batch, entry, done, fate, bare=bare)


def unheard(_: bool, __: bool) -> None:
    """Wait for nothing."""
