"""The Design: what was meant.

Names are resolved to full names, regions copied out, `like` and `let` filled in, quantities turned
into SI units; every value still knows the words it came from. All of it is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from archboard.catalog import Kind
from archboard.catalog.promises import FIRST_TOKEN, LATENCY, PromiseKind
from archboard.design.assumptions import Assumptions as Assumptions
from archboard.design.lengths import Lengths
from archboard.design.targets import Override
from archboard.records import field, record
from archboard.source import Span
from archboard.units import Money


@record
class Latency:
    """What was said of a latency: percentiles (fraction, seconds) in order, or a range low..high.

    `service` is bare service time, to which waiting is added; else measured, it holds its queueing. `assumed` says
    that one percentile was given and the tail is assumed. `computed` is not stated; without a known spread low is high.
    """

    percentiles: tuple[tuple[float, float], ...] = ()
    low: float = 0.0
    high: float = 0.0
    service: bool = False
    computed: bool = False

    @property
    def is_range(self) -> bool:
        """Whether it was given as best..worst."""
        return not self.percentiles

    @property
    def assumed(self) -> bool:
        """Whether its spread is assumed, not stated."""
        return len(self.percentiles) == 1

    def at(self, fraction: float) -> float | None:
        """Return the percentile exactly as declared, if it was."""
        return next((seconds for known, seconds in self.percentiles if known == fraction), None)


@record
class Replicas:
    """How many replicas run: `low` equals `high` unless they scale with demand."""

    low: float
    high: float


@record
class Condition:
    """When a failure arrow is taken: timeout or latency (seconds), breaker (share), error, down or overload."""

    kind: str
    seconds: float | None = None
    share: float | None = None

    @property
    def sheds(self) -> bool:
        """Whether it drops requests instead of answering them."""
        return self.kind in ("overload", "latency")


@record
class Hedge:
    """When a second copy is sent: after a percentile of the callee, or after some seconds."""

    fraction: float | None = None
    seconds: float | None = None


@record
class Backoff:
    """Seconds before each further attempt: the last of `waits` repeats, or doubles; with `jitter` anything up to it."""

    waits: tuple[float, ...]
    exponential: bool = False
    jitter: bool = False

    def before(self, further: int) -> float:
        """Return the wait before a further attempt, 0 the first of them."""
        if further < len(self.waits):
            return self.waits[further]
        return self.waits[-1] * (2.0 ** (further - len(self.waits) + 1) if self.exponential else 1.0)


@record
class Promise:
    """One SLA: a metric, an operator, a limit in SI units, and for latencies the percentile and policy.

    `metric` is what is promised as a word (`p99`, `mean`, `ttft p99`, `cost`), `kind` its row of the table; `per` is
    what a limit is per, "" where it is per nothing; `text` the promise as written, `printed` as it is typeset.
    """

    kind: PromiseKind
    metric: str
    operator: str
    limit: float
    span: Span
    text: str
    printed: str
    fraction: float | None = None
    policy: str = "sum"
    per: str = ""

    @property
    def is_latency(self) -> bool:
        """Whether it is judged on the flow's latency."""
        return self.kind is LATENCY

    @property
    def bounds_one(self) -> bool:
        """Whether it says how long one request may take, and not what many take together."""
        return self.is_timed and self.metric.rpartition(" ")[2] != "mean"

    @property
    def is_first_token(self) -> bool:
        """Whether it is judged on the time to the first token."""
        return self.kind is FIRST_TOKEN

    @property
    def is_timed(self) -> bool:
        """Whether it is judged on how long a request of the flow takes, to its end or to its first token."""
        return self.kind.of_times

    def holds(self, value: float) -> bool:
        """Return whether a value keeps the promise."""
        match self.operator:
            case "<":
                return value < self.limit
            case "<=":
                return value <= self.limit
            case ">":
                return value > self.limit
            case _:
                return value >= self.limit


SettingValue = (
    float | str | bool | Latency | Lengths | Replicas | Condition | Hedge | Backoff | Money | Assumptions
    | tuple[str, ...] | tuple[Promise, ...]
)  # fmt: skip


@record
class Given:
    """A value and the words that gave it; `origin` names the component it was taken from by `like`."""

    value: SettingValue
    span: Span
    origin: str | None = None


Settings = Mapping[str, Given]
NOTHING: Settings = MappingProxyType({})
_ONE, _AT_ONCE = Replicas(1.0, 1.0), Backoff((0.0,))


def _number(settings: Settings, name: str) -> float | None:
    given = settings.get(name)
    return given.value if given is not None and isinstance(given.value, float) else None


def _texts(settings: Settings, name: str) -> tuple[str, ...]:
    given = settings.get(name)
    if given is None or not isinstance(given.value, tuple):
        return ()
    return tuple(text for text in given.value if isinstance(text, str))


@record
class Component:
    """One box. `name` carries its groups (`us.ranker`); `span` is where it was named."""

    name: str
    kind: Kind
    title: str
    settings: Settings
    span: Span
    group: str | None = None
    step: int = 3
    place: str = "core"

    @property
    def plain(self) -> str:
        """Its name without its groups."""
        return self.name.rpartition(".")[2]

    def number(self, name: str) -> float | None:
        """Return a quantity in SI units, if it was given."""
        return _number(self.settings, name)

    def texts(self, name: str) -> tuple[str, ...]:
        """Return the texts of a setting, none if it was not given."""
        return _texts(self.settings, name)

    def text(self, name: str) -> str:
        """Return a single text or word, "" if it was not given."""
        given = self.settings.get(name)
        return given.value if given is not None and isinstance(given.value, str) else ""

    def flag(self, name: str) -> bool:
        """Return whether a yes-or-no setting says yes."""
        given = self.settings.get(name)
        return given is not None and given.value is True

    @property
    def answers(self) -> str:
        """How a request is answered by it in another's place: `no`, `partly` (as by a fallback), or `fully`."""
        said = self.text("answers")
        return said if said and said != "yes" else "partly" if self.kind.stands_in else "fully"

    @property
    def latency(self) -> Latency | None:
        """What was said of its latency, if anything."""
        given = self.settings.get("latency")
        return given.value if given is not None and isinstance(given.value, Latency) else None

    @property
    def replicas(self) -> Replicas:
        """How many run; one where nothing is said."""
        given = self.settings.get("replicas")
        return given.value if given is not None and isinstance(given.value, Replicas) else _ONE

    @property
    def price(self) -> Money | None:
        """The price of one replica, if it was given."""
        given = self.settings.get("price")
        return given.value if given is not None and isinstance(given.value, Money) else None

    def place_of(self, name: str) -> Span:
        """Return where a setting was given, or else where the component was named."""
        given = self.settings.get(name)
        return self.span if given is None else given.span


class ArrowKind(Enum):
    """The four arrows of the language."""

    REQUEST = "request"
    CALL = "call"
    ASYNC = "async"
    FAILURE = "failure"


@record
class Arrow:
    """One hop from a component to another, by full names.

    `number` counts arrows in the order written, from 1; `id` names it for facts (`web->edge`, `#2` after a second one
    alike). Arrows of one stage of one statement (`a -> b & c`) share `fork`: one alternative when shares are about,
    called at the same time when calls. `flow` is the flow it belongs to, None for arrows written outside every flow.
    """

    number: int
    id: str
    kind: ArrowKind
    tail: str
    head: str
    fork: int
    settings: Settings
    span: Span
    label: str = ""
    flow: str | None = None

    def number_of(self, name: str) -> float | None:
        """Return a quantity in SI units, if it was given."""
        return _number(self.settings, name)

    @property
    def share(self) -> float | None:
        """The fraction of the requests that take it, if it was given."""
        return self.number_of("share")

    @property
    def latency(self) -> Latency | None:
        """What was said of the hop's latency, if anything."""
        given = self.settings.get("latency")
        return given.value if given is not None and isinstance(given.value, Latency) else None

    @property
    def condition(self) -> Condition | None:
        """When a failure arrow is taken."""
        given = self.settings.get("on")
        return given.value if given is not None and isinstance(given.value, Condition) else None

    @property
    def hedge(self) -> Hedge | None:
        """When a second copy is sent."""
        given = self.settings.get("hedge")
        return given.value if given is not None and isinstance(given.value, Hedge) else None

    @property
    def waits(self) -> tuple[float, ...]:
        """Seconds before each further attempt: as many as there are retries."""
        if not self.settings:
            return ()
        given = self.settings.get("backoff")
        backoff = given.value if given is not None and isinstance(given.value, Backoff) else _AT_ONCE
        return tuple(backoff.before(i) for i in range(int(self.number_of("retries") or 0)))

    @property
    def jitters(self) -> bool:
        """Whether each wait before a further attempt is anything up to its value."""
        given = self.settings.get("backoff")
        return given is not None and isinstance(given.value, Backoff) and given.value.jitter

    @property
    def says(self) -> tuple[str, ...]:
        """Lines to speak where it is drawn."""
        return _texts(self.settings, "say")

    def place_of(self, name: str) -> Span:
        """Return where a setting was given, or else the arrow's own words."""
        given = self.settings.get(name)
        return self.span if given is None else given.span


@record
class Flow:
    """A named flow of requests, or `main`: the arrows outside every flow and the design's own promises.

    `arrows` holds its request, call and async arrows; `failures` the failure arrows that apply to it, those
    written outside every flow included. `rate` overrides the rate of the component that starts it.
    """

    name: str
    title: str
    arrows: tuple[Arrow, ...]
    failures: tuple[Arrow, ...]
    promises: tuple[Promise, ...]
    starts: tuple[str, ...]
    span: Span
    rate: Given | None = None
    problem: tuple[str, ...] = ()


@record
class Frame:
    """A frame around components: a group, or one copy of a region."""

    name: str
    title: str
    parent: str | None
    region: bool
    span: Span


@record
class Scenario:
    """A what-if of the file: its title, its overrides, and what is expected of it (ok, fail or None)."""

    title: str
    overrides: tuple[Override, ...]
    expect: str | None
    span: Span
    expect_span: Span | None = None


@record
class Design:
    """A whole design, told in `talk` seconds at most. Mappings as written; `touched` are components of an error."""

    name: str
    title: str
    span: Span
    components: Mapping[str, Component] = field(default_factory=lambda: MappingProxyType({}))
    arrows: tuple[Arrow, ...] = ()
    flows: tuple[Flow, ...] = ()
    frames: Mapping[str, Frame] = field(default_factory=lambda: MappingProxyType({}))
    scenarios: tuple[Scenario, ...] = ()
    assumptions: Assumptions = Assumptions()
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=lambda: MappingProxyType({}))
    constants: Mapping[str, Given] = field(default_factory=lambda: MappingProxyType({}))
    touched: frozenset[str] = frozenset()
    talk: float | None = None

    def said(self, name: str) -> tuple[str, ...]:
        """Return the design's texts of one kind: problem, opening, result, tradeoff."""
        return self.texts.get(name, ())

    @property
    def scales(self) -> bool:
        """Whether anything runs as many replicas as its demand needs."""
        return any(component.replicas.low < component.replicas.high for component in self.components.values())

    def flow(self, name: str) -> Flow | None:
        """Return a flow by name."""
        return next((flow for flow in self.flows if flow.name == name), None)
