"""Guards: the timeout, the retries and the hedge of an arrow, and how often they act.

An attempt is the hop and what it leads to until that has answered: for a call everything behind it, for a request
that goes on the stay in the next component. How often an attempt is late is read off its own network once, on a
usual day; demand counts attempts with it, and so does every what-if of the load.
"""

from __future__ import annotations

from collections.abc import Collection

from archboard.design.model import Arrow
from archboard.maths.network import NetworkBuilder
from archboard.maths.percentiles.fourier import Transforms
from archboard.maths.percentiles.independent import independent, share_later
from archboard.maths.retries import expected_attempts
from archboard.records import record


@record
class Guard:
    """What happens on one arrow: `late` is the share of attempts that run into the timeout, seconds.

    `after` is when the second copy is sent, seconds, and `sent` the share of attempts in which it is. `attempts` is
    the mean number per request, `given_up` the share of requests whose every attempt was late.
    """

    timeout: float | None
    waits: tuple[float, ...]
    after: float | None
    late: float = 0.0
    sent: float = 0.0

    @property
    def attempts(self) -> float:
        """The mean number of attempts of a request."""
        return expected_attempts(self.late, len(self.waits) + 1)

    @property
    def given_up(self) -> float:
        """The share of requests whose every attempt was late."""
        return self.late ** (len(self.waits) + 1)

    @property
    def passes(self) -> float:
        """How often a request passes the arrow: its attempts, and the second copies."""
        return self.attempts * (1.0 + self.sent)


def is_guarded(arrow: Arrow) -> bool:
    """Whether an arrow has a timeout, retries or a hedge."""
    return any(name in arrow.settings for name in ("timeout", "retries", "hedge"))


class Guards:
    """The guards of a design, each worked out when its attempt is first known; those of `still` arrows do not act.

    `partial` says of arrows whose attempts cover less than what they lead to what they cover.
    """

    def __init__(self, transforms: Transforms, still: Collection[str] = ()) -> None:
        self.transforms = transforms
        self.still = still
        self.partial: dict[str, str] = {}
        self._known: dict[str, Guard] = {}

    def known(self, arrow: Arrow) -> Guard | None:
        """Return an arrow's guard, if its attempt has been seen."""
        return self._known.get(arrow.id)

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
        if partial and is_guarded(arrow):
            self.partial[arrow.id] = partial
        if not is_guarded(arrow) or arrow.id in self.still:
            return attempt
        if timed and arrow.id not in self._known:
            self._known[arrow.id] = self._worked_out(arrow, attempt, build, split)
        guard = self._known.get(arrow.id)
        if guard is None:
            return attempt
        if guard.after is not None:
            attempt = _raced(attempt, guard.after if timed else 0.0, guard.sent, build, split)
        if guard.timeout is not None:
            waits = guard.waits if timed else (0.0,) * len(guard.waits)
            attempt = build.attempts(attempt, guard.timeout, waits, guard.late, arrow.id)
        return attempt

    def _worked_out(
        self, arrow: Arrow, attempt: int, build: NetworkBuilder, split: tuple[int, int] | None
    ) -> Guard:
        after, sent = self._hedge(arrow, attempt, build)
        timeout = arrow.number_of("timeout")
        if timeout is not None and after is not None and after >= timeout:
            sent = 0.0  # the attempt is over by then
        late = 0.0
        if timeout is not None:
            made = attempt if after is None else _raced(attempt, after, sent, build, split)
            late = share_later(build.network(made), timeout, self.transforms)
        return Guard(timeout, arrow.waits, after, late, sent)

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


def _raced(attempt: int, after: float, sent: float, build: NetworkBuilder, split: tuple[int, int] | None) -> int:
    """Return an attempt of which a second copy is sent: what both wait for comes first."""
    if split is None:
        return build.hedged(attempt, after, sent)
    wait, rest = split
    return build.series((wait, build.hedged(rest, after, sent)))
