"""Kinds of components: where each stands on the board, and by which traits everything else tells them apart.

A new kind is a line of `KINDS`. No other module knows a kind by its name: what is done for some kinds and not for
others hangs on a trait, and so does which settings a kind accepts.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from archboard.records import record


@record
class Kind:
    """One kind of component; `role` is its hue on the board, `called` what a sentence calls one of it."""

    name: str
    step: int
    place: str
    role: str
    about: str
    called: str = ""

    ours: bool = True
    """Run by whoever runs the design: it can be scaled, and what it sends to what is not ours leaves the system."""
    starts: bool = False
    """Starts requests, as many as its `rate` says."""
    limits: bool = False
    """Lets through no more than its `limit` and refuses the rest."""
    caches: bool = False
    """Answers a share of the requests itself, its `hit`: only the misses go on."""
    stores: bool = False
    """Keeps data, of a `size` and a `growth`, in `copies`, and as old as its `staleness` says."""
    buffers: bool = False
    """Holds what it is sent: until somebody takes it, or in `copies` for its `retention`."""
    infers: bool = False
    """Runs a model: what it takes, carries and needs follows from the model's shape, its tokens and its GPU."""
    watches: bool = False
    """Hears how the others fare: it has no load to be held against, and no request fails without it."""
    stands_in: bool = False
    """Answers where another fails: it is not sized, and takes no time but what it states."""

    @property
    def noun(self) -> str:
        """What a sentence calls one of it: its name, where the table gives no other."""
        return self.called or self.name

    @property
    def asks(self) -> bool:
        """Whether it is where requests come from outside: who sends them, and waits for the answers."""
        return self.starts and not self.ours

    @property
    def scheduled(self) -> bool:
        """Whether it starts at times of its own, so that nobody outside waits for what it starts."""
        return self.starts and self.ours

    @property
    def third_party(self) -> bool:
        """Whether others run it and the design calls it."""
        return not self.ours and not self.starts

    @property
    def keeps_arrivals(self) -> bool:
        """Whether what it is sent stays in it, for its `retention`: a log, a queue, what listens to the others."""
        return self.buffers or self.watches

    @property
    def enters(self) -> bool:
        """Whether requests from outside come in through it."""
        return self.place == ENTRY

    @property
    def works(self) -> bool:
        """Whether it does a part of the work that requests are there for: the core, as it is told and sized."""
        return not (self.asks or self.enters or self.caches or self.stores or self.watches or self.stands_in)

    @property
    def supports(self) -> bool:
        """Whether it stands beside the row of the core, and is no stage of it for being met on the way."""
        return self.caches or self.stores or self.watches or self.scheduled

    @property
    def takes_time(self) -> bool:
        """Whether a promise of a latency needs to know its own."""
        return not (self.asks or self.stands_in)


ENTRY = "entry"
PLACES = ("left", ENTRY, "core", "above", "below")
KINDS: tuple[Kind, ...] = (
    Kind("client", 1, "left", "client", "who sends requests", ours=False, starts=True),
    Kind("gateway", 2, ENTRY, "entry", "API gateway, load balancer, firewall", limits=True),
    Kind("cdn", 2, ENTRY, "entry", "edge cache: CloudFront, Fastly, Akamai", "CDN", caches=True, stores=True),
    Kind("service", 3, "core", "core", "preprocess, postprocess, business logic, sidecar"),
    Kind("model", 3, "core", "core", "model inference: ANN index, ranker, LLM", infers=True),
    Kind("router", 3, "core", "core", "splits traffic: model routing, A/B, canary"),
    Kind("queue", 3, "core", "core", "stream or queue: Kafka, SQS", buffers=True),
    Kind("job", 3, "core", "core", "batch, training, refresh pipelines", starts=True),
    Kind("external", 3, "core", "core", "third party API, human reviewer", ours=False),
    Kind("cache", 4, "above", "data", "Redis, semantic cache", caches=True, stores=True),
    Kind(
        "store", 4, "above", "data", "feature store, registry, database, vector index, object store", stores=True,
    ),
    Kind("telemetry", 4, "below", "telemetry", "logs, metrics, traces, alerts", watches=True),
    Kind(
        "fallback", 5, "failure", "failure", "default features, cached result, rule-based answer, shed traffic",
        stands_in=True,
    ),
)  # fmt: skip
KIND: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in KINDS})
STEPS: tuple[str, ...] = (
    "Clients",
    "Entry point",
    "Core flow",
    "Supporting services",
    "Failure modes",
    "Numbers",
)
"""The six steps of the whiteboard, in order."""


def kind_of(word: str) -> Kind:
    """Return the kind that a word names; a word that names none is read as a service."""
    return KIND.get(word) or KIND["service"]
