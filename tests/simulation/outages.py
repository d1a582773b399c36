"""Replicas that break and are repaired, and what requests find that arrive meanwhile.

Time is in requests: one arrives per unit on average. Outages are long beside a request, so that each meets one state of
everything however often it comes by, and short beside a run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np

from archboard.design.model import Arrow, Component, Design
from tests.simulation.engine import Clock, Draw, chances, mean_of, pick
from tests.simulation.routes import Routes, Start, starts_of
from tests.simulation.statistics import BATCHES, Interval, of_batches

NOTHING: Mapping[str, float] = MappingProxyType({})
CYCLE = 10.0
"""From one failure of a replica to the next, on average."""


class Replica:
    """Up for a time and down for a time, by turns, both without memory; up at the share of time it is available."""

    __slots__ = ("_clock", "_dice", "_down", "_up", "up")

    def __init__(self, clock: Clock, dice: np.random.Generator, availability: float) -> None:
        self._clock = clock
        self._dice = dice
        self._up = CYCLE * availability
        self._down = CYCLE * (1 - availability)
        self.up = bool(dice.random() < availability)
        if 0 < availability < 1:
            self._wait()

    def _wait(self) -> None:
        self._clock.after(self._dice.exponential(self._up if self.up else self._down), self._turn)

    def _turn(self) -> None:
        self.up = not self.up
        self._wait()


class Machines:
    """All replicas of one component."""

    def __init__(
        self, clock: Clock, dice: np.random.Generator, component: Component, demand: float, tail: float
    ) -> None:
        availability = component.number("availability")
        self._replicas = [
            Replica(clock, dice, 1.0 if availability is None else availability)
            for _ in range(int(component.replicas.high))
        ]
        self._each = carried_by_one(component, tail)
        carrying = min(math.ceil(demand / self._each), len(self._replicas)) if self._each else 1
        self._stated = component.number("needs") is not None
        self._needed = int(component.number("needs") or max(1, carrying))
        self._down = component.flag("down")

    @property
    def up(self) -> bool:
        """Whether as many are up as are needed."""
        return not self._down and sum(replica.up for replica in self._replicas) >= self._needed

    def carries(self, demand: float) -> bool:
        """Whether as many are up as that takes, unless it says how many it needs whatever comes."""
        if self._stated or not self._each:
            return True
        return sum(replica.up for replica in self._replicas) * self._each >= demand * (1 - 1e-9)


def carried_by_one(component: Component, tail: float) -> float | None:
    """Return what one replica carries a second, where it says so or serves one request a server; no calls counted."""
    stated, latency = component.number("throughput"), component.latency
    if stated is not None or latency is None or not latency.service:
        return stated
    return (component.number("concurrency") or 1.0) / mean_of(latency, tail)


class Visit:
    """What one request finds: whether everything that it needs is up, or has something up that stands in."""

    def __init__(
        self, design: Design, routes: Routes, up: Mapping[str, bool], chance: Draw, late: Mapping[str, float]
    ) -> None:
        self._late = late
        self._components = design.components
        self._routes = routes
        self._up = up
        self._chance = chance
        self.met: dict[str, int] = {}

    def answered(self, entry: str) -> bool:
        """Return whether it is answered from a component on; where ways meet it comes by once."""
        return self._goes_through(entry, {})

    def _goes_through(self, name: str, known: dict[str, bool], over: Arrow | None = None) -> bool:
        if name not in known:
            served, onward = self._served(name, (), given_up=self._gives_up(over))
            stage = self._stage(onward) if served and onward is not None else ()
            known[name] = served and all(self._arrives(arrow, known) for arrow in stage)
        return known[name]

    def _gives_up(self, arrow: Arrow | None) -> bool:
        return arrow is not None and self._chance() < self._late.get(arrow.id, 0.0)

    def _arrives(self, arrow: Arrow, known: dict[str, bool]) -> bool:
        return self._enough(arrow) if arrow.number_of("fanout") else self._goes_through(arrow.head, known, arrow)

    def _served(self, name: str, failed: tuple[str, ...], *, given_up: bool = False) -> tuple[bool, str | None]:
        """Return whether a component or what stands in for it does its work, and from where the request goes on.

        What was given up is not down: only an answer to timeouts or errors stands in for it.
        """
        if self._up[name]:
            self.met[name] = self.met.get(name, 0) + 1
        if self._up[name] and not given_up:
            if self._chance() < (self._components[name].number("hit") or 0.0):
                return True, None
            if all(self._called(arrow) for stage in self._routes.calls.get(name, ()) for arrow in stage):
                return True, name
        for arrow in self._routes.failures.get(name, ()):
            if arrow.condition is None or arrow.condition.sheds or arrow.head in failed:
                continue
            if given_up and arrow.condition.kind == "down":
                continue
            served, onward = self._served(arrow.head, (*failed, name))
            if served:
                return True, self._after(name, arrow.head, onward)
        return False, None

    def _after(self, name: str, other: str, onward: str | None) -> str | None:
        """Return from where a request goes on that something else answered: from there if it leads anywhere.

        What answers in the place of a cache does so itself.
        """
        if onward is None or self._components[other].flag("ends"):
            return None
        if self._routes.ways.get(onward) or self._components[name].kind.name in ("cache", "cdn"):
            return onward
        return name

    def _stage(self, name: str) -> tuple[Arrow, ...]:
        ways = self._routes.ways.get(name, ())
        return ways[pick(self._chance(), [share for share, _ in ways])][1] if ways else ()

    def _called(self, arrow: Arrow) -> bool:
        return not self._chance() < (1.0 if arrow.share is None else arrow.share) or self._enough(arrow)

    def _enough(self, arrow: Arrow) -> bool:
        copies = int(arrow.number_of("fanout") or 1)
        answers = [self._goes_through(arrow.head, {}, arrow) for _ in range(copies)]
        return sum(answers) >= (arrow.number_of("quorum") or copies)


def availabilities(
    design: Design, requests: int, late: Mapping[str, float] = NOTHING, demand: Mapping[str, float] = NOTHING, *,
    seed: int = 20_240_601, moves: bool = False,
) -> dict[str, Interval]:  # fmt: skip
    """Return the share of each flow's requests that are answered, while replicas break and are repaired.

    `late` is the share of requests over an arrow that are given up, `demand` what comes to a component a second: it
    is down where not so many replicas are up as carry that, unless it says how many must be. Where load `moves`, it is
    down as well where they do not carry what comes while just that is down which is: found by sending requests, until
    nothing else gives way.
    """
    clock = Clock()
    generators = [np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(len(design.components) + 2)]
    chance, arrivals = chances(generators[0]), generators[1]
    machines = {
        name: Machines(clock, dice, component, demand.get(name, 0.0), design.assumptions.tail)
        for dice, (name, component) in zip(generators[2:], design.components.items(), strict=True)
    }
    entries: dict[str, list[Start]] = {}
    for start in starts_of(design):
        if start.promised and start.routes is not None:
            entries.setdefault(start.routes.flow, []).append(start)
    answered = {flow: [0] * BATCHES for flow in entries}
    coming: dict[tuple[str, ...], dict[str, float]] = {}

    def arrive(number: int) -> None:
        up = {name: machine.up for name, machine in machines.items()}
        while moves:
            down = tuple(name for name in up if not up[name])
            if down not in coming:
                every = [start for starts in entries.values() for start in starts]
                coming[down] = come_to(design, every, up, chance, late)
            full = [name for name in up if up[name] and not machines[name].carries(coming[down].get(name, 0.0))]
            if not full:
                break
            up |= dict.fromkeys(full, False)
        for flow, starts in entries.items():
            begin = starts[pick(chance(), [start.rate for start in starts])]
            assert begin.routes is not None
            visit = Visit(design, begin.routes, up, chance, late)
            answered[flow][number * BATCHES // requests] += visit.answered(begin.entry)
        if number + 1 < requests:
            clock.after(arrivals.exponential(), lambda: arrive(number + 1))
        else:
            clock.stop()

    arrive(0)
    clock.run()
    return {flow: of_batches([count * BATCHES / requests for count in counts]) for flow, counts in answered.items()}


SENT = 2_000
"""Requests by which it is found what comes to each component while some are down."""


def come_to(
    design: Design, starts: list[Start], up: Mapping[str, bool], chance: Draw, late: Mapping[str, float]
) -> dict[str, float]:
    """Return what comes to each component a second while all stays as it is, by the ways that requests take."""
    found: dict[str, float] = {}
    for start in starts:
        assert start.routes is not None
        for _ in range(SENT):
            visit = Visit(design, start.routes, up, chance, late)
            visit.answered(start.entry)
            for name, times in visit.met.items():
                found[name] = found.get(name, 0.0) + times * start.rate / SENT
    return found
