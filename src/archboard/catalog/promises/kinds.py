"""What can be promised: one row each, and nobody else lists them.

A row says how a promise is written, what its limit measures, which fact of which subject it is held against, and which
check tells that it is missed. A row with a `measure` of its own brings that fact along, with the page that `explain`
prints: then it stands in a file of its own beside this one, and a line in `PROMISES` is all that it takes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from archboard.records import record
from archboard.units import HOURS, Dimension, OwnDimension, money, show
from archboard.working import Working

REQUEST, MONTH = "request", "month"


@record
class Held:
    """The fact that a promise is held against: of its flow, or of the whole design.

    `per` is what a limit is per, "" where it is per nothing; `unknown` says why there is no such fact, where there is
    none; where it is `rated`, it needs the rate of a client. `about` is what `explain` says of a
    metric that a measure of its own brings.
    """

    metric: str
    unknown: str
    per: str = ""
    whole: bool = False
    rated: bool = False
    about: str = ""


@record
class Run:
    """What runs of a component: of which kind it is, how many replicas, and the numbers among its settings."""

    component: str
    kind: str
    replicas: float
    settings: Mapping[str, float]


@record
class Running:
    """All that runs, under the design's name, and the requests a second that each flow is started with."""

    design: str
    runs: tuple[Run, ...]
    rates: Mapping[str, float]


@record
class Reading:
    """A number that a measure of its own finds, with how it came to be."""

    metric: str
    subject: str
    working: Working


@record
class PromiseKind:
    """Something that can be promised.

    `rises` says that more is better. Where it is `of_times`, it is one number of how long a request takes, by a policy:
    a percentile behind the `name` (which for a latency is no word at all), or one of the `words` that stand for one.
    `wanted` is what a limit that is per something must be. `code` is the check's that tells of a missed one; with `why`
    that check is the one for all kinds that have none of their own.
    """

    name: str
    dimension: Dimension | OwnDimension
    example: str
    code: str
    rises: bool = False
    of_times: bool = False
    words: tuple[str, ...] = ()
    held: tuple[Held, ...] = ()
    wanted: str = ""
    slack: float = 1e-12
    why: str = ""
    measure: Callable[[Running], Iterator[Reading]] | None = None

    def against(self, per: str) -> Held:
        """Return the fact that a promise per something is held against."""
        return next(held for held in self.held if held.per == per)

    def shown(self, value: float) -> str:
        """Return a number of what is promised as people read it."""
        return show(value, self.dimension)

    def limit(self, value: float, unit: str) -> tuple[float, str] | None:
        """Return a limit that is per something, and what; None where it is neither."""
        known = {held.per for held in self.held}
        if isinstance(self.dimension, OwnDimension):
            sign, _, per = unit.partition("/")
            size = self.dimension.size(sign)
            return (value * size, per) if size is not None and per in known else None
        amount = money(value, unit)
        if amount is None:
            return None
        if amount.per in known:
            return amount.dollars, amount.per
        return (amount.hourly * HOURS, MONTH) if amount.hourly is not None else None


LATENCY = PromiseKind(
    "", Dimension.DURATION, "p99 < 50ms", "AB401", of_times=True, words=("mean", "max"),
)  # fmt: skip
FIRST_TOKEN = PromiseKind("ttft", Dimension.DURATION, "ttft p99 < 300ms", "AB401", of_times=True)
THROUGHPUT = PromiseKind(
    "throughput", Dimension.RATE, "throughput >= 10k rps", "AB506", rises=True,
    held=(Held("throughput", "no client gives a rate", rated=True),), slack=1e-6,
)  # fmt: skip
AVAILABILITY = PromiseKind(
    "availability", Dimension.FRACTION, "availability >= 99.9%", "AB601", rises=True,
    held=(Held("availability", "nothing starts this flow"),),
)  # fmt: skip
SERVED_IN_FULL = PromiseKind(
    "served in full", Dimension.FRACTION, "served in full >= 99%", "AB605", rises=True,
    held=(Held("served_in_full", "nothing starts this flow"),),
    why="""Fewer requests are answered in full than are promised.

`availability` counts every answer, that of a fallback too; `served in full` only those that no fallback gave: not a
cached page, default features or a smaller answer, because something was down or given up. What takes over as well as
what it stands in for (a second region, a replica of a store) serves in full, unless it says `answers: partly`.
""",
)  # fmt: skip
COST = PromiseKind(
    "cost", Dimension.MONEY, "cost <= $0.0005/request", "AB702", wanted="dollars a request or a month",
    held=(
        Held("cost_request", "no price, or no rate of a client", REQUEST, rated=True),
        Held("cost_month", "no component has a price", MONTH, whole=True),
    ),
)  # fmt: skip
STALENESS = PromiseKind(
    "staleness", Dimension.DURATION, "staleness <= 3 days", "AB703",
    held=(Held("staleness", "no step of the flow takes any time"),),
)  # fmt: skip
