"""Guards: the timeout, the retries and the hedge of an arrow, and how often they act.

An attempt is the hop and what it leads to until that has answered: for a call everything behind it, for a request
that goes on the stay in the next component. How often an attempt is late is read off its own network once, on a
usual day; demand counts attempts with it, and so does every what-if of the load.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from archboard.design.model import Arrow
from archboard.maths.distributions.distribution import Constant, Distribution, Uniform
from archboard.maths.errors import share_in_error
from archboard.maths.network import NetworkBuilder
from archboard.maths.percentiles.fourier import Transforms
from archboard.maths.percentiles.independent import independent, share_later
from archboard.maths.retries import expected_attempts
from archboard.maths.trying import Attempt, Tried, given_up, share_tried_again, tried
from archboard.records import record, replace


@record
class Turned:
    """An attempt that what is up refuses: how likely that is, and the node of the time until then.

    Requests whose last attempt was refused are `counted` among the others or not; `lost` of them have no answer.
    """

    chance: float
    node: int
    counted: bool = True
    lost: float = 1.0


@record
class Guard:
    """What happens on one arrow: `late` is the share of attempts that run into the timeout, seconds.

    `after` is when the second copy is sent, seconds, and `sent` the share of attempts in which it is; `refused` the
    share that comes back at once without an answer, because what answers is down. Of those that are not, the share
    `quick` is refused by what is up, and of the others `errors` bring an error after their time. `again` is the share
    of failed attempts that are tried again. `attempts` is the mean number per request, `given_up` the share of
    requests whose every attempt was late or refused: independently of each other, or where they wait in the same queue
    `together`, as far as that is known.
    """

    timeout: float | None
    waits: tuple[float, ...]
    after: float | None
    late: float = 0.0
    sent: float = 0.0
    refused: float = 0.0
    together: float | None = None
    errors: float = 0.0
    quick: float = 0.0
    again: float = 1.0
    partly: bool = False
    """Whether a wait is anything up to its value, each as likely."""

    @property
    def failing(self) -> float:
        """The share of attempts that bring no answer: refused, late, or an error."""
        none = self.refused + (1.0 - self.refused) * self.late
        return none + (1.0 - none) * self.erring if self.erring > 0 else none

    @property
    def erring(self) -> float:
        """The share of attempts, of those that are in time, that an error or a refusal answers."""
        return self.quick + (1.0 - self.quick) * self.errors

    @property
    def plain(self) -> bool:
        """Whether an attempt fails for being late alone, and each that fails is tried again, after just its wait."""
        return self.erring <= 0 and self.again >= 1 and not self.partly

    @property
    def attempts(self) -> float:
        """The mean number of attempts of a request."""
        return expected_attempts(self.failing * self.again, len(self.waits) + 1)

    @property
    def given_up(self) -> float:
        """The share of requests that no attempt answered."""
        if self.together is not None and self.refused <= 0:
            return self.together + (1.0 - self.together) * self._all_fail(self.erring)
        return self._all_fail(self.failing)

    @property
    def late_at_last(self) -> float:
        """The share of requests whose last attempt was late, where what they ask is up."""
        if self.together is not None:
            return self.together
        failing, late = self._up
        return self._all_fail(failing) * (late / failing) if late > 0 else 0.0

    @property
    def erring_at_last(self) -> float:
        """The share of requests whose last attempt brought an error or a refusal, where what they ask is up."""
        if self.together is not None:
            return (1.0 - self.together) * self._all_fail(self.erring)
        failing, late = self._up
        return self._all_fail(failing) * ((failing - late) / failing) if failing > late else 0.0

    @property
    def refused_at_last(self) -> float:
        """The share of requests whose last attempt was refused by what is up."""
        return self.erring_at_last * (self.quick / self.erring) if self.quick > 0 else 0.0

    @property
    def _up(self) -> tuple[float, float]:
        """The shares of attempts that fail, and that fail for being late, where what they ask is up."""
        failing = self.late + (1.0 - self.late) * self.erring if self.erring > 0 else self.late
        return failing, (1.0 - self.quick) * self.late

    def _all_fail(self, failing: float) -> float:
        return given_up(failing, len(self.waits) + 1, self.again)

    @property
    def passes(self) -> float:
        """How often a request passes the arrow: its attempts, and the second copies."""
        return self.attempts * (1.0 + self.sent)


def tried_again(arrow: Arrow, failing: float) -> float:
    """Return the share of failed attempts over an arrow that are tried again, by its budget."""
    return share_tried_again(failing, len(arrow.waits) + 1, arrow.number_of("retry_budget"))


def wait_of(seconds: float, partly: bool) -> Distribution:
    """Return how long a wait before a further attempt is: all of it, or anything up to it."""
    return Uniform(0.0, seconds) if partly and seconds > 0 else Constant(seconds)


def is_guarded(arrow: Arrow) -> bool:
    """Whether an arrow has a timeout, retries or a hedge."""
    return any(name in arrow.settings for name in ("timeout", "retries", "hedge"))


class Guards:
    """The guards of a design, each worked out when its attempt is first known; those of `still` arrows do not act.

    `partial` says of arrows whose attempts cover less than what they lead to what they cover. Where anything `refuses`,
    because its queue has an end, an attempt may bring no answer though nothing errs.
    """

    def __init__(self, transforms: Transforms, still: Collection[str] = (), refuses: bool = False) -> None:
        self.transforms = transforms
        self.refuses = refuses
        self.still = still
        self.partial: dict[str, str] = {}
        self.refused: dict[str, float] = {}
        """The chance that an attempt over an arrow is refused, where what it leads to is down."""
        self.errors: Mapping[str, float] = {}
        """The chance of an error at each visit of a component."""
        self._known: dict[str, Guard] = {}

    def known(self, arrow: Arrow) -> Guard | None:
        """Return an arrow's guard, if its attempt has been seen."""
        return self._known.get(arrow.id)

    def are_late_together(self, arrow: Arrow, share: float) -> None:
        """Say of how many requests over an arrow every attempt is late, where they are not independent."""
        self._known[arrow.id] = replace(self._known[arrow.id], together=share)

    def passes(self, arrow: Arrow) -> float:
        """Return how often a request that takes an arrow passes it."""
        guard = self._known.get(arrow.id)
        return 1.0 if guard is None else guard.passes

    def around(
        self, arrow: Arrow, attempt: int, build: NetworkBuilder, *, timed: bool, partial: str = "",
        split: tuple[int, int] | None = None,
    ) -> int:  # fmt: skip
        """Return an attempt with its hedge, its timeout and its retries around it.

        Where it is `split`, a second copy waits in the same queue as the first, and only the rest races.
        """
        guard = self._guard(arrow, attempt, build, timed, partial, split, None)
        if guard is None:
            return attempt
        if guard.after is not None:
            attempt = _raced(attempt, guard.after if timed else 0.0, guard.sent, build, split)
        if not guard.plain:
            return _tries(arrow.id, attempt, guard, build, None, timed=timed).whole(build)
        if guard.timeout is not None:
            waits = guard.waits if timed else (0.0,) * len(guard.waits)
            return build.attempts(attempt, guard.timeout, waits, guard.failing, arrow.id)
        return _refused(attempt, guard, build, timed=timed) if guard.refused > 0 else attempt

    def tries(
        self, arrow: Arrow | None, attempt: int, build: NetworkBuilder, *, timed: bool, partial: str = "",
        split: tuple[int, int] | None = None, turned: Turned | None = None,
    ) -> Tried:  # fmt: skip
        """Return what becomes of an attempt and of those that follow it; one without an arrow is made once."""
        guard = None if arrow is None else self._guard(arrow, attempt, build, timed, partial, split, turned)
        if guard is None:
            quick = 0.0 if turned is None else turned.chance
            guard = Guard(None, (), None, errors=share_in_error(build.network(attempt), self.errors), quick=quick)
        elif guard.after is not None:
            attempt = _raced(attempt, guard.after if timed else 0.0, guard.sent, build, split)
        return _tries("" if arrow is None else arrow.id, attempt, guard, build, turned, timed=timed)

    def _guard(
        self, arrow: Arrow, attempt: int, build: NetworkBuilder, timed: bool, partial: str,
        split: tuple[int, int] | None, turned: Turned | None,
    ) -> Guard | None:  # fmt: skip
        """Return the guard of an arrow if it has one that acts; it is worked out when its attempt is first seen."""
        if partial and is_guarded(arrow):
            self.partial[arrow.id] = partial
        if not is_guarded(arrow) or arrow.id in self.still:
            return None
        if timed and arrow.id not in self._known:
            self._known[arrow.id] = self._worked_out(arrow, attempt, build, split, turned)
        return self._known.get(arrow.id)

    def _worked_out(
        self, arrow: Arrow, attempt: int, build: NetworkBuilder, split: tuple[int, int] | None, turned: Turned | None
    ) -> Guard:
        after, sent = self._hedge(arrow, attempt, build)
        timeout = arrow.number_of("timeout")
        if timeout is not None and after is not None and after >= timeout:
            sent = 0.0  # the attempt is over by then
        late = 0.0
        if timeout is not None:
            made = attempt if after is None else _raced(attempt, after, sent, build, split)
            late = share_later(build.network(made), timeout, self.transforms)
        errors = share_in_error(build.network(attempt), self.errors) if self.errors or self.refuses else 0.0
        quick = 0.0 if turned is None else turned.chance
        refused = self.refused.get(arrow.id, 0.0)
        jitters = arrow.jitters and any(arrow.waits)
        found = Guard(timeout, arrow.waits, after, late, sent, refused, errors=errors, quick=quick, partly=jitters)
        return replace(found, again=tried_again(arrow, found.failing))

    def _hedge(self, arrow: Arrow, attempt: int, build: NetworkBuilder) -> tuple[float | None, float]:
        """Return when the second copy is sent, and how often."""
        hedge = arrow.hedge
        if hedge is None:
            return None, 0.0
        network = build.network(attempt)
        if hedge.seconds is not None:
            return hedge.seconds, share_later(network, hedge.seconds, self.transforms)
        assert hedge.fraction is not None
        after = independent(network, [hedge.fraction], self.transforms)[hedge.fraction].estimate
        return after, 1.0 - hedge.fraction


def _refused(attempt: int, guard: Guard, build: NetworkBuilder, *, timed: bool) -> int:
    """Return attempts that are never late, each made where the one before it was refused."""
    chance, whole = guard.refused, attempt
    for wait in reversed(guard.waits):
        again = build.series((build.hop(Constant(wait if timed else 0.0)), whole))
        whole = build.series((attempt, build.choice(((chance, again), (1.0 - chance, build.series(()))))))
    return whole


def _tries(
    name: str, attempt: int, guard: Guard, build: NetworkBuilder, turned: Turned | None, *, timed: bool
) -> Tried:
    """Return what becomes of attempts that fail as a guard says; what is down refuses after the usual time."""
    errors = guard.refused + (1.0 - guard.refused) * guard.errors
    quick, refused = (0.0, -1) if turned is None else (turned.chance, turned.node)
    times = (wait_of(wait, guard.partly) if timed else Constant(0.0) for wait in guard.waits)
    waits = [build.hop(time, name, waits=True) for time in times]
    one = Attempt(attempt, errors, quick, refused, guard.late, guard.timeout, name)
    return tried(build, one, waits, guard.again)


def unheard(build: NetworkBuilder, turned: Turned) -> int:
    """Return what tells whoever tries again of refusals that are not counted: it takes no time."""
    return build.refusal(build.series(()), turned.chance * turned.lost)


def _raced(attempt: int, after: float, sent: float, build: NetworkBuilder, split: tuple[int, int] | None) -> int:
    """Return an attempt of which a second copy is sent: what both wait for comes first."""
    if split is None:
        return build.hedged(attempt, after, sent)
    wait, rest = split
    return build.series((wait, build.hedged(rest, after, sent)))
