"""Facts: every computed number, with its subject and its working.

Measures produce facts from a design; checks judge them, scenes draw them, the script speaks them,
`explain` shows them. Nothing downstream computes. Values are in SI units; None says that there is no
valid number, and the working says why.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from archboard.conditions import Taken
from archboard.cures import Change as Change
from archboard.cures import Cure as Cure
from archboard.cures import Fallback as Fallback
from archboard.cures import Gap as Gap
from archboard.cures import Hopeless as Hopeless
from archboard.cures import Remedy as Remedy
from archboard.cures import Shrinking as Shrinking
from archboard.design.model import Arrow, Design
from archboard.load import Load, exceeds
from archboard.records import field, record
from archboard.units import Dimension, OwnDimension, show
from archboard.verdicts import Judged, Unjudged, Verdict
from archboard.working import Term, Unknown, Working


@record
class Metric:
    """Something that can be worked out about a subject; `name` is an interface of the JSON."""

    name: str
    dimension: Dimension | OwnDimension
    about: str


@record
class Fact:
    """One number, what it is about and how it came to be: its value is what its working comes to, to twelve digits.

    What comes to no finite number is unknown.

    `subject` is a component's full name, an arrow's id, a flow's name, or the design's.
    """

    metric: Metric
    subject: str
    working: Working | Unknown
    value: float | None = field(init=False)

    def __post_init__(self) -> None:
        value = self.working.value
        if value is not None and not math.isfinite(value):
            alone = self.working.alone if isinstance(self.working, Term) else ""
            object.__setattr__(self, "working", Unknown(alone or "it comes to no finite number"))
            value = None
        object.__setattr__(self, "value", None if value is None else tidy(value))

    @property
    def shown(self) -> str:
        """The value as people read it."""
        return "none" if self.value is None else show(self.value, self.metric.dimension)

    @property
    def told(self) -> str:
        """The working as people read it; where there is no number, why."""
        return str(self.working)


@record
class Item:
    """One contributor to a latency: a component, or a hop between two; `seconds` at each promised percentile.

    `subject` is the component's name or the arrow's id. `caller` is set on the parts of a call made inside
    another component. `cumulative` is the sum so far, at the same percentiles, on a flow's worst way.
    """

    subject: str
    is_hop: bool
    seconds: Mapping[str, float]
    cumulative: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    caller: str | None = None
    attempts: int = 0
    """Where every attempt runs into its timeout: how many there are; the seconds are those of all, and their waits."""
    copies: tuple[tuple[int, int], ...] = ()
    """Copies it stands in, the outer first: how many, how many must answer; none of none: the queue that they share."""

    waits: bool = False
    """Whether it is the wait before a further attempt over the arrow."""

    @property
    def among(self) -> str:
        """Which of the copies that it stands in the seconds are those of, in words; "" where it stands in none."""
        return " in the ".join(_which(*each) for each in reversed(self.copies))


@record
class PathFact:
    """One way through a flow: how likely, through what, and its sum at each promised percentile ("p99", "mean")."""

    probability: float
    components: tuple[str, ...]
    items: tuple[Item, ...]
    sums: Mapping[str, float]
    kind: str = ""
    """`hit` where a cache answers, `miss` where every cache on it misses, "" where no cache is on it."""


@record
class FlowFact:
    """One flow's ways: `paths` lists the worst first, then the likeliest; `total` counts them all.

    `components` are all that a request of the flow may wait for, forked arms and calls included.
    """

    flow: str
    rate: float | None
    total: int
    paths: tuple[PathFact, ...]
    components: tuple[str, ...] = ()

    @property
    def worst(self) -> PathFact | None:
        """The way with the largest sum: the budget on the whiteboard."""
        return self.paths[0] if self.paths else None


@record
class FailureFact:
    """One failure arrow as a mode of one flow: the latency promises judged again.

    `path` is the way that is then worst, where a promise is missed; `overloads` names what then gets more than it
    carries, and does not on a usual day: such a mode is not held, whatever its promises say.
    """

    arrow: Arrow
    flow: str
    component: str
    to: str
    on: str
    detection: float | None
    verdicts: tuple[Verdict, ...]
    path: PathFact | None
    working: str
    overloads: tuple[str, ...] = ()

    @property
    def ok(self) -> bool | None:
        """Whether the mode holds: every promise kept and nothing overloaded; None where nothing is promised."""
        if self.overloads or any(verdict.ok is False for verdict in self.verdicts):
            return False
        return True if self.verdicts and all(verdict.ok for verdict in self.verdicts) else None


@record
class Surge:
    """What one component gets when something gives way.

    `cause` is "limit" (the gateway `source` lets through its whole limit), "loss" (the cache `source` answers
    nothing and its gateway, if any, is at its limit) or "failover" (the component or frame `source` fails, and the
    failure arrow with the id `arrow` is taken). Rates per second; `usual` is the demand of the base, and for a
    loss `steady` is the demand with the cache lost at the usual client rate. `queued` as in a load. Where slots are
    held longer than usual, `carries` says what is left of the `before` that it carries on a usual day, and `waits_for`
    for which overloaded callee, if it is one.
    """

    cause: str
    source: str
    component: str
    demand: float
    capacity: float
    usual: float
    steady: float
    working: Working
    arrow: str = ""
    queued: bool = False
    before: float | None = None
    carries: Working | None = None
    waits_for: str = ""

    @property
    def load(self) -> Load:
        """What the component then gets beside what it carries."""
        return self.at(self.demand)

    @property
    def overloads(self) -> bool:
        """Whether it is more than the component carries."""
        return self.load.over

    @property
    def tips_over(self) -> bool:
        """Whether it is more than the component carries, and the everyday load is not."""
        before = self.capacity if self.before is None else self.before
        more = exceeds(self.demand, self.usual) or exceeds(before, self.capacity)
        return self.overloads and more and not Load(self.usual, before, self.queued).over

    def at(self, demand: float) -> Load:
        """Return another demand beside what the component carries: the usual one, the steady one."""
        return Load(demand, self.capacity, self.queued)


@record
class Storm:
    """A component that carries what is asked of it and not what is asked again; rates per second.

    `offered` is its demand if nothing were tried again, `arrow` whose retries bring the most. `demand` is None where
    retries feed themselves and no rate is stable.
    """

    component: str
    arrow: str
    offered: float
    capacity: float
    demand: float | None


@record
class TwoPoints:
    """A queue that is stable, and would stay overloaded once every attempt is late; rates per second.

    `demand` is what it gets, `late` what it would get then and `capacity` what it carries; `arrow` is whose attempts
    bring the most. It would stay so `since` the clients send that much.
    """

    component: str
    arrow: str
    demand: float
    late: float
    capacity: float
    since: float


@record
class Circle:
    """Arrows that nobody waits for and that feed themselves without end; `last` is the one that closes the circle."""

    arrows: tuple[Arrow, ...]
    last: Arrow


@record
class Outage:
    """What one component does to the availability of a flow.

    `seconds` of downtime a month would be gone were it always up, a `share` of the flow's; while it alone is down,
    `lost` of the flow's requests fail, `unanswered` of them even if whatever takes over carried what then comes.
    """

    flow: str
    component: str
    seconds: float
    share: float
    lost: float
    unanswered: float


@record
class Facts:
    """Everything worked out of one design under one set of overrides, in the order found."""

    scalars: Mapping[tuple[str, str], Fact] = field(default_factory=lambda: MappingProxyType({}))
    verdicts: tuple[Verdict, ...] = ()
    flows: tuple[FlowFact, ...] = ()
    failures: tuple[FailureFact, ...] = ()
    surges: tuple[Surge, ...] = ()
    storms: tuple[Storm, ...] = ()
    two_points: tuple[TwoPoints, ...] = ()
    circles: tuple[Circle, ...] = ()
    outages: tuple[Outage, ...] = ()
    remedies: tuple[Cure, ...] = ()
    assumptions: tuple[Taken, ...] = ()
    percentile: str = "p99"
    """What boxes and hops are shown at: the first percentile that is promised, p99 where none is."""
    queued: frozenset[str] = frozenset()
    """Components whose latency is service time: the queue before them is worked out."""
    gates: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    """The gateways with a limit that all requests to a component pass, itself where it is one, by the component."""
    running: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """How many replicas run of each component that scales."""
    ran: Mapping[str, float] = field(default_factory=lambda: MappingProxyType({}))
    """Of those, what has had no time to scale."""
    waits_for: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """What holds its slots for something that gets more than it carries, and for what."""
    caught: frozenset[str] = frozenset()
    """What is down and refuses at once whoever asks it, and is answered for: what comes to it is no load."""
    _subjects: dict[str, list[Fact]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __iter__(self) -> Iterator[Fact]:
        return iter(self.scalars.values())

    def get(self, metric: Metric | str, subject: str) -> Fact | None:
        """Return what is known of a metric for a subject, if anything."""
        return self.scalars.get((metric if isinstance(metric, str) else metric.name, subject))

    def value(self, metric: Metric | str, subject: str) -> float | None:
        """Return the number alone, if there is one."""
        fact = self.get(metric, subject)
        return None if fact is None else fact.value

    def running_capacity(self, component: str) -> Fact | None:
        """Return what of a component runs carries: beside this, and not beside all that may run, it is as full."""
        return self.get("capacity_running", component) or self.get("capacity", component)

    def load(self, component: str) -> Load | None:
        """Return what a component gets beside what it carries, where both are known; what is down carries nothing."""
        demand, capacity = self.value("demand", component), self.value("capacity", component)
        if demand is None or capacity is None or component in self.caught:
            return None
        return Load(demand, capacity, component in self.queued)

    def overloaded(self, component: str) -> bool:
        """Whether a component is known to get more than it carries."""
        load = self.load(component)
        return load is not None and load.over

    def memory(self, model: str) -> Load | None:
        """Return the bytes a model needs beside those an engine takes of its GPUs, where both are known."""
        needed, has = self.value("memory", model), self.value("gpu_usable", model)
        return None if needed is None or has is None else Load(needed, has)

    def of(self, metric: Metric | str) -> tuple[Fact, ...]:
        """Return every subject's fact of one metric, in the order found."""
        name = metric if isinstance(metric, str) else metric.name
        return tuple(fact for (known, _), fact in self.scalars.items() if known == name)

    def refused_by_limits(self) -> tuple[Fact, ...]:
        """Return what each limit turns away; what a full queue does is told apart from it."""
        return tuple(fact for fact in self.of("refused") if fact.subject in self.gates.get(fact.subject, ()))

    def about(self, subject: str) -> tuple[Fact, ...]:
        """Return every fact of one subject, in the order found."""
        if not self._subjects:
            for fact in self:
                self._subjects.setdefault(fact.subject, []).append(fact)
        return tuple(self._subjects.get(subject, ()))

    @property
    def judged(self) -> tuple[Judged, ...]:
        """Every promise that has a number, in the order found."""
        return tuple(verdict for verdict in self.verdicts if isinstance(verdict, Judged))

    @property
    def missed(self) -> tuple[Judged, ...]:
        """Every promise that is not kept."""
        return tuple(verdict for verdict in self.judged if not verdict.ok)

    @property
    def unjudged(self) -> tuple[Unjudged, ...]:
        """Every promise that has no number."""
        return tuple(verdict for verdict in self.verdicts if isinstance(verdict, Unjudged))

    def flow(self, name: str) -> FlowFact | None:
        """Return what is known of a flow's ways."""
        return next((flow for flow in self.flows if flow.flow == name), None)

    def largest_outage(self, flow: str) -> Outage | None:
        """Return what adds most to the downtime of a flow, if anything does."""
        known = [outage for outage in self.outages if outage.flow == flow and outage.seconds > 0]
        return max(known, key=lambda outage: outage.seconds, default=None)

    def remedy(self, gap: Gap) -> Cure | None:
        """Return what would close a gap, if it was looked for."""
        return next((found for found in self.remedies if found.gap == gap), None)


def _which(copies: int, needed: int) -> str:
    if copies == 0:
        return "queue"
    return f"slowest of {copies:,}" if needed == copies else f"answer {needed:,} of {copies:,}"


def whole(design: Design) -> str:
    """Return the subject of what is about a whole design: its name, told apart from what in it has the same."""
    within = design.name in design.components or design.flow(design.name) is not None
    return f"design {design.name}" if within else design.name


def tidy(value: float) -> float:
    """Drop the last bits of rounding, so that 24 ms summed from hops is 24 ms: twelve digits stay."""
    return value if not math.isfinite(value) or value == 0 else float(f"{value:.12g}")


def indexed(
    facts: Iterable[Fact], known: Mapping[tuple[str, str], Fact] = MappingProxyType({})
) -> Mapping[tuple[str, str], Fact]:
    """Return facts by metric and subject, after those that are known; the first of two alike stays."""
    found = dict(known)
    for fact in facts:
        found.setdefault((fact.metric.name, fact.subject), fact)
    return MappingProxyType(found)
