"""A moment: what is the case besides what the design says, and what has to be known of it before it can be measured.

What has failed is given. The load, the replicas that run and the time that calls take follow from the design, and in
turn decide how long something waits: they are those of an analysis before, until nothing changes any more.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.design.model import Arrow
from archboard.records import field, record


@record
class Stay:
    """How long something takes: its mean, seconds, and its variance, seconds squared."""

    mean: float
    variance: float


@record
class Moment:
    """What an analysis takes for given.

    `failed` has for each failed component the failure arrow that answers for it, beside what the design has down;
    `hung` components never answer; `stuck` ones get more than they carry, so that who waits for them waits until he
    gives up, though what is asked of them is still what they are sent on a usual day; `ran` are the replicas of what
    has had no time to scale. `arriving` is the rate at each component, per second, for which queues are worked out, and
    `batches` how many come at once where copies do; `calling` how long the calls out of a component hold its slots;
    `running` the replicas that run of a range.
    The guards of `still` arrows do not act: nothing is cut, tried again or hedged there. `opened` has for each
    component before which a breaker is open, because too much of what it is asked fails, the arrow that answers.
    """

    failed: Mapping[str, Arrow] = field(default_factory=dict)
    opened: Mapping[str, Arrow] = field(default_factory=dict)
    hung: frozenset[str] = frozenset()
    stuck: frozenset[str] = frozenset()
    ran: Mapping[str, float] = field(default_factory=dict)
    still: frozenset[str] = frozenset()
    arriving: Mapping[str, float] = field(default_factory=dict)
    calling: Mapping[str, Stay] = field(default_factory=dict)
    running: Mapping[str, float] = field(default_factory=dict)
    batches: Mapping[str, int] = field(default_factory=dict)

    def is_close(self, other: Moment, still: float) -> bool:
        """Whether another moment has the same loads, replicas and calls but for a relative difference."""
        pairs = [(rate, other.arriving.get(name, 0.0)) for name, rate in self.arriving.items()]
        pairs += [(stay.mean, other.calling[name].mean) for name, stay in self.calling.items() if name in other.calling]
        alike = self.calling.keys() == other.calling.keys() and self.running == other.running
        alike = alike and self.batches == other.batches
        return alike and all(abs(one - two) <= still * abs(one) for one, two in pairs)
