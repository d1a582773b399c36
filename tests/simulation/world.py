"""One run: a design's components as stations, requests that arrive at random, and what became of them."""

from __future__ import annotations

import gc
import math
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np

from archboard.design.model import Arrow, Component, Design
from tests.simulation.engine import (
    Balanced,
    Clock,
    Distribution,
    Draw,
    Station,
    chances,
    distribution_of,
    mean_of,
    one_by_one,
    pick,
)
from tests.simulation.requests import Answered, Bucket, Fate, Policy, policy_of, walk
from tests.simulation.routes import Start, starts_of
from tests.simulation.statistics import BATCHES, UNSEEN, Interval, of_batches

Delays = Mapping[str, float]
"""Seconds after which a hedge is sent, by arrow."""

WARM_UP = BATCHES
"""The batch of requests that find the system still filling up; it is not counted."""


class World:
    """Everything a request meets on its way. `times` draws otherwise than the design says, by component or arrow."""

    def __init__(
        self, design: Design, seed: int, times: Mapping[str, Distribution], delays: Delays, watched: Collection[str]
    ) -> None:
        self.clock = Clock()
        self.policies: dict[str, Policy] = {arrow.id: policy_of(arrow, delays.get(arrow.id)) for arrow in design.arrows}
        self.buckets = {arrow.id: Bucket(arrow.number_of("retry_budget")) for arrow in design.arrows}
        self.errors: dict[str, float] = {n: c.number("errors") or 0.0 for n, c in design.components.items()}
        self.ends = {name for name, component in design.components.items() if component.flag("ends")}
        self.hits: dict[str, float] = {n: c.number("hit") or 0.0 for n, c in design.components.items()}
        self.free_while_calling = {n for n, c in design.components.items() if c.flag("free while calling")}
        self.asked: dict[str, list[Callable[[], bool]]] = {}
        self.fates: dict[str, list[Fate]] = {}
        self.seen: dict[str, list[float]] = {arrow: [] for arrow in watched}
        self._seeds = np.random.SeedSequence(seed)
        self._chance = self.chance = chances(self._dice())
        self._tail = design.assumptions.tail
        self.stations = {name: self._component(c, times.get(name)) for name, c in design.components.items()}
        self.hops = {
            arrow.id: self._station(times.get(arrow.id) or distribution_of(arrow.latency, self._tail), None)
            for arrow in design.arrows
        }

    def _dice(self) -> np.random.Generator:
        return np.random.default_rng(self._seeds.spawn(1)[0])

    def _component(self, component: Component, times: Distribution | None) -> Station | Balanced:
        """Return a component at work: one queue before all its replicas, or one before each."""
        distribution = times or distribution_of(component.latency, self._tail)
        places, replicas = places_of(component, self._tail), int(component.replicas.high)
        way, room = component.text("balance"), component.number("queue")
        if not way or way == "shared" or places is None or replicas < 2:
            return self._station(distribution, places, room)
        each = [self._station(distribution, places // replicas, room) for _ in range(replicas)]
        return Balanced(each, way, chances(self._dice()))

    def _station(self, distribution: Distribution | None, places: int | None, room: float | None = None) -> Station:
        draw = None if distribution is None else one_by_one(distribution, self._dice())
        return Station(self.clock, draw, places, BATCHES + 1, math.inf if room is None else room)

    def arrivals(self, rate: float) -> Draw:
        """Return a function that gives the seconds between one arrival and the next."""
        return one_by_one(lambda dice, count: dice.exponential(1 / rate, count), self._dice())

    def happens(self, share: float | None) -> bool:
        """Throw dice for a share, None being all."""
        return share is None or self._chance() < share

    def errs(self, name: str) -> bool:
        """Throw dice for whether a visit of a component brings an error."""
        return self.errors[name] > 0 and self._chance() < self.errors[name]

    def choose(self, weights: Sequence[float]) -> int:
        """Throw dice for one of several alternatives."""
        return pick(self._chance(), weights) if len(weights) > 1 else 0

    def watches(self, arrow: Arrow) -> bool:
        """Whether the time of every copy sent over an arrow is written down."""
        return arrow.id in self.seen

    def timed(self, arrow: Arrow, answered: Answered) -> Answered:
        """Write down how long a copy takes that is sent now, if its arrow is watched."""
        if arrow.id not in self.seen:
            return answered
        sent = self.clock.now

        def note(goes_on: bool, erred: bool) -> None:
            self.seen[arrow.id].append(self.clock.now - sent)
            answered(goes_on, erred)

        return note


def places_of(component: Component, tail: float) -> int | None:
    """Return on how many requests a component can work at once, None where its latency already holds the waiting."""
    latency = component.latency
    if latency is None or not latency.service:
        return None
    concurrency, throughput = component.number("concurrency"), component.number("throughput")
    if concurrency is None:
        concurrency = max(1, round((throughput or 0.0) * mean_of(latency, tail)))
    return int(component.replicas.high * concurrency)


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of so many requests showed.

    Seconds each request took by flow, in order, and whether nothing that it waited for was given up; the share of
    requests given up over each arrow; visits and work per second, by batch, and of the visits the share refused.
    """

    requests: int
    times: Mapping[str, np.ndarray]
    answered: Mapping[str, np.ndarray]
    given_up: Mapping[str, float]
    visits: Mapping[str, list[float]]
    busy: Mapping[str, list[float]]
    refused: Mapping[str, list[float]]

    def demand(self, name: str) -> Interval:
        """Return the visits per second of a component or an arrow."""
        return self._rate(self.visits[name])

    def utilisation(self, component: Component) -> Interval | None:
        """Return how full a component is, by what it can carry or by what it can work on at once."""
        throughput, concurrency = component.number("throughput"), component.number("concurrency")
        replicas = component.replicas.high
        if throughput is not None:
            return self._rate([visits / (replicas * throughput) for visits in self.visits[component.name]])
        if concurrency is not None:
            return self._rate([busy / (replicas * concurrency) for busy in self.busy[component.name]])
        return None

    def _rate(self, batches: list[float]) -> Interval:
        return of_batches(batches).widened(UNSEEN / self.requests)


def simulate(
    design: Design,
    requests: int,
    *,
    seed: int = 20_240_601,
    warm_up: int = 0,
    times: Mapping[str, Distribution] | None = None,
) -> Run:
    """Send requests through a design and say what became of them, the first `warm_up` aside.

    Where a hedge waits for a percentile, runs without it, and as many as there are such hedges, tell how long that is.
    """
    with unswept():
        return _simulated(design, requests, seed, warm_up, times or {})


@contextmanager
def unswept() -> Iterator[None]:
    """Let no collector walk through the millions of small things that a run makes: it took six times as long."""
    usual = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if usual:
            gc.enable()


def _simulated(
    design: Design, requests: int, seed: int, warm_up: int, times: Mapping[str, Distribution]
) -> Run:
    fractions = {a.id: h.fraction for a in design.arrows if (h := a.hedge) and h.fraction is not None}
    delays = {a.id: h.seconds for a in design.arrows if (h := a.hedge) and h.seconds is not None}
    for pilot in range(len(fractions)):
        world = World(design, seed + 1 + pilot, times, delays, fractions)
        send(world, starts_of(design), requests, 0)
        delays |= {arrow: float(np.quantile(world.seen[arrow], q)) for arrow, q in fractions.items()}
    world = World(design, seed, times, delays, ())
    taken = send(world, starts_of(design), requests, warm_up)
    return summary(world, taken, requests, sum(start.rate for start in starts_of(design)))


def send(world: World, starts: list[Start], requests: int, warm_up: int) -> dict[str, list[float]]:
    """Let requests arrive, as by chance as they do, and all of them end; return how long each took, by flow."""
    rates = [start.rate for start in starts]
    between, clock = world.arrivals(sum(rates)), world.clock
    taken: dict[str, list[float]] = {s.routes.flow: [] for s in starts if s.routes is not None}

    def arrive(number: int) -> None:
        begin = starts[world.choose(rates)]
        batch = number * BATCHES // requests if number >= 0 else WARM_UP
        if begin.routes is None:
            world.stations[begin.entry].work(batch, lambda: None)
        else:
            times, sent = taken[begin.routes.flow], clock.now
            at = len(times)
            fate = Fate()
            if begin.promised and number >= 0:
                times.append(0.0)
                world.fates.setdefault(begin.routes.flow, []).append(fate)

                def done(erred: bool) -> None:
                    times[at], fate.erred = clock.now - sent, erred

                walk(world, begin.routes, batch, begin.entry, done, fate)
            else:
                walk(world, begin.routes, batch, begin.entry, lambda _: None, fate)
        if number + 1 < requests:
            clock.after(between(), lambda: arrive(number + 1))

    arrive(-warm_up)
    clock.run()
    return taken


def summary(world: World, taken: Mapping[str, list[float]], requests: int, rate: float) -> Run:
    """Return what was counted in so many requests as if they came at just their rate per second."""
    weight = rate / (requests / BATCHES)
    counted = {**world.stations, **world.hops}
    return Run(
        requests,
        {flow: np.array(times) for flow, times in taken.items()},
        {flow: np.array([float(fate.answered) for fate in fates]) for flow, fates in world.fates.items()},
        {arrow: sum(given_up() for given_up in asked) / len(asked) for arrow, asked in world.asked.items()},
        {name: [visits * weight for visits in station.visits[:BATCHES]] for name, station in counted.items()},
        {name: [seconds * weight for seconds in station.seconds[:BATCHES]] for name, station in counted.items()},
        {
            name: [of / max(all_, 1) for of, all_ in zip(station.refused, station.visits[:BATCHES], strict=False)]
            for name, station in counted.items()
        },
    )
