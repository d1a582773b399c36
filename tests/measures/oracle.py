"""A second opinion on a design: its arrows followed request by request, with dice.

Nothing here is shared with the measures or their mathematics; only the compiled design is read. Thousands of requests
travel at once, each an element of every array. A request is a set of tokens that follow the arrows: a live one is
worked on where it arrives, a spent one (a cache answered) only tells the places behind it that nothing more will
come, so that where ways meet a request waits for all of them.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from archboard.design.model import Arrow, ArrowKind, Component, Design, Flow, Latency
from archboard.maths.distributions.from_percentiles import from_percentiles

Times = NDArray[np.float64]
Mask = NDArray[np.bool_]
Way = tuple[str, ...]
Stages = list[tuple[float, list[Arrow]]]

Z = NormalDist().inv_cdf


def lognormal(latency: Latency, tail: float) -> tuple[float, float]:
    """Return mu and sigma through the outermost percentiles, or through one and an assumed p99 of `tail` medians."""
    if len(latency.percentiles) == 1:
        ((q, seconds),) = latency.percentiles
        sigma = math.log(tail) / Z(0.99)
        return math.log(seconds) - sigma * Z(q), sigma
    (low, first), *_, (high, second) = latency.percentiles
    sigma = (math.log(second) - math.log(first)) / (Z(high) - Z(low))
    return math.log(first) - sigma * Z(low), sigma


def quantile(latency: Latency | None, q: float, tail: float) -> float:
    """Return a percentile of a hop, 0 where nothing is said of it.

    How three percentiles are joined is a choice, not a fact: it is the measured one's.
    """
    if latency is None:
        return 0.0
    if latency.is_range:
        return latency.low + q * (latency.high - latency.low)
    if len(latency.percentiles) > 2 or latency.percentiles[0][1] <= 0:
        return from_percentiles(latency.percentiles, tail).quantile(q)
    mu, sigma = lognormal(latency, tail)
    return math.exp(mu + sigma * Z(q))


@dataclass(slots=True)
class Trips:
    """What became of requests: seconds each took, how often it passed a component or arrow, and drew a time there."""

    times: Times
    passed: dict[str, Times] = field(default_factory=dict)
    drawn: dict[str, Times] = field(default_factory=dict)
    certain: bool = False

    def mean(self, subject: str) -> float:
        """Return the passes per request."""
        return float(self.passed[subject].mean()) if subject in self.passed else 0.0

    def error(self, subject: str) -> float:
        """Return the standard error of `mean`; what was always or never seen may yet happen otherwise once."""
        count = len(self.times)
        seen = float(self.passed[subject].std()) / math.sqrt(count)
        return seen if self.certain else max(seen, 1 / count)


@dataclass(frozen=True, slots=True)
class Load:
    """A rate per second and its standard error."""

    rate: float
    error: float


class Oracle:
    """Follows the requests of one design; `even` dice show every alternative often, however rare it is."""

    def __init__(self, design: Design, count: int = 20_000, seed: int = 1, *, even: bool = False) -> None:
        self.design = design
        self.count = count
        self.seed = seed
        self.even = even

    def flow(self, flow: Flow, **mode: object) -> Follower:
        """Return one who follows the requests of one flow."""
        return Follower(self, flow, **mode)  # type: ignore[arg-type]

    def trips(self, flow: Flow, **mode: object) -> Trips:
        """Return what becomes of the requests that a flow's promises are about."""
        rates = self.starts(flow)
        total = sum(rates.values())
        names = list(rates)
        chances = [rate / total if total else 1 / len(rates) for rate in rates.values()]
        follower = self.flow(flow, **mode)
        chosen = follower.dice.choice(len(names), size=self.count, p=chances)
        times = np.zeros(self.count)
        for index, name in enumerate(names):
            here = chosen == index
            times = np.where(here, follower.follow(name, here), times)
        return Trips(times, follower.passed, follower.drawn)

    def sources(self, flow: Flow) -> dict[str, float]:
        """Return whatever sends requests of a flow by itself, with its rate."""
        entered = {arrow.head for arrow in flow.arrows}
        rates = {}
        for arrow in flow.arrows:
            rate = self.design.components[arrow.tail].number("rate")
            if arrow.tail in flow.starts or (arrow.tail not in entered and rate):
                rates[arrow.tail] = rate or 0.0
        if flow.rate is not None and isinstance(flow.rate.value, float):
            firsts = self._firsts(flow)
            total = sum(rates[name] for name in firsts)
            for name in firsts:
                rates[name] = flow.rate.value * (rates[name] / total if total else 1 / len(firsts))
        return rates

    def starts(self, flow: Flow) -> dict[str, float]:
        """Return those that the flow's promises are about: clients, or where there are none whatever starts it."""
        rates = self.sources(flow)
        return {name: rates[name] for name in self._firsts(flow)}

    def _firsts(self, flow: Flow) -> list[str]:
        clients = [name for name in flow.starts if self.design.components[name].kind.name == "client"]
        return clients or list(flow.starts)

    def loads(
        self,
        scale: float = 1.0,
        lost: Collection[str] = (),
        *,
        limits: bool = True,
        only: Collection[str] | None = None,
        failed: Mapping[str, Arrow] | None = None,
    ) -> dict[str, Load]:
        """Return the rate at every component and arrow; gateways admit no more than their limit.

        Everything that sends by itself sends `scale` times as much, or where `only` is given those alone.
        """
        admitted: dict[str, float] = {}
        for _ in range(12 if limits else 1):
            loads = self._loads(scale, lost, admitted, only, failed or {})
            fitting = {}
            for name, component in self.design.components.items():
                limit = component.number("limit")
                if limit is not None and limits and name in loads and loads[name].rate > limit:
                    fitting[name] = limit / loads[name].rate
            if all(abs(admitted.get(n, 1.0) - fitting.get(n, 1.0)) < 1e-9 for n in {*admitted, *fitting}):
                break
            admitted = fitting
        return loads

    def _loads(
        self,
        scale: float,
        lost: Collection[str],
        admitted: Mapping[str, float],
        only: Collection[str] | None,
        failed: Mapping[str, Arrow],
    ) -> dict[str, Load]:
        found: dict[str, tuple[float, float]] = {}

        def add(subject: str, rate: float, error: float) -> None:
            before = found.get(subject, (0.0, 0.0))
            found[subject] = before[0] + rate, math.hypot(before[1], error)

        for flow in self.design.flows:
            for name, rate in self.sources(flow).items():
                if rate <= 0:
                    continue
                failing = {tail: arrow for tail, arrow in failed.items() if arrow in flow.failures}
                follower = self.flow(flow, lost=lost, admitted=admitted, failed=failing)
                trips = Trips(
                    follower.follow(name, np.ones(self.count, bool)), follower.passed, certain=follower.certain
                )
                for subject in trips.passed:
                    times = rate * (scale if only is None or name in only else 1.0)
                    add(subject, times * trips.mean(subject), times * trips.error(subject))
            for arrow in flow.arrows:
                own = arrow.number_of("rate")
                if own is not None and arrow.kind is ArrowKind.ASYNC:
                    for subject in (arrow.head, arrow.id):
                        add(subject, own * (arrow.number_of("fanout") or 1.0), 0.0)
        return {subject: Load(*load) for subject, load in found.items()}

    def random_hops(self, flow: Flow, **mode: object) -> int:
        """Return how many hops of a request can be slow, each as often as a request can pass it."""
        trips = Oracle(self.design, 4_000, self.seed, even=True).trips(flow, **mode)
        return sum(int(n.max()) for n in trips.drawn.values())


class Follower:
    """Follows the requests of one flow, on a usual day or when something is failed, lost or at its limit."""

    def __init__(
        self,
        oracle: Oracle,
        flow: Flow,
        *,
        failed: Mapping[str, Arrow] | None = None,
        lost: Collection[str] = (),
        admitted: Mapping[str, float] | None = None,
        waits: bool = True,
    ) -> None:
        self.oracle = oracle
        self.components = oracle.design.components
        self.tail = oracle.design.assumptions.tail
        self.dice = np.random.default_rng(oracle.seed)
        self.failed = failed or {}
        self.lost = lost
        self.admitted = admitted or {}
        self.waits = waits
        self.certain = True
        self.passed: dict[str, Times] = {}
        self.drawn: dict[str, Times] = {}
        self.ways: dict[str, Stages] = {}
        self.calls: dict[str, list[list[Arrow]]] = {}
        self.asyncs: dict[str, list[Arrow]] = {}
        self._read(flow)

    def _read(self, flow: Flow) -> None:
        requests: dict[str, dict[int, list[Arrow]]] = {}
        calls: dict[str, dict[int, list[Arrow]]] = {}
        for arrow in flow.arrows:
            if arrow.kind is ArrowKind.ASYNC:
                self.asyncs.setdefault(arrow.tail, []).append(arrow)
            else:
                found = requests if arrow.kind is ArrowKind.REQUEST else calls
                found.setdefault(arrow.tail, {}).setdefault(arrow.fork, []).append(arrow)
        self.calls = {name: list(stages.values()) for name, stages in calls.items()}
        for name, stages in requests.items():
            shares = [stage[0].share for stage in stages.values()]
            if all(share is None for share in shares):
                self.ways[name] = [(1.0, [arrow for stage in stages.values() for arrow in stage])]
            else:
                rest = 1.0 - sum(share or 0.0 for share in shares)
                self.ways[name] = [
                    (rest if share is None else share, stage)
                    for share, stage in zip(shares, stages.values(), strict=True)
                ]

    # What is said of a component.

    def hit(self, name: str) -> float:
        component = self.components[name]
        if component.kind.name != "cache" or name in self.lost:
            return 0.0
        return component.number("hit") or 0.0

    def instead(self, name: str) -> tuple[list[Arrow], str | None]:
        """Return the failure arrows taken one after the other, and where the request then goes on from, if anywhere."""
        taken = []
        current = name
        while current in self.failed and len(taken) <= len(self.failed):
            arrow = self.failed[current]
            taken.append(arrow)
            current = arrow.head
        assert taken[-1].condition is not None
        other: Component = self.components[current]
        if taken[-1].condition.sheds or other.flag("ends"):
            return taken, None
        failed = [arrow.tail for arrow in taken]
        onward = next((n for n in (current, *failed[:0:-1]) if self.ways.get(n) or self.calls.get(n)), name)
        spared = onward != current and self.components[onward].kind.name in ("cache", "cdn")
        return taken, None if spared else onward

    def stages(self, name: str) -> Stages:
        if name not in self.failed:
            return [] if self.hit(name) >= 1 else self.ways.get(name, [])
        taken, onward = self.instead(name)
        return [] if onward is None or onward == taken[-1].head else self.ways.get(onward, [])

    def heads(self, name: str) -> list[str]:
        if name in self.failed:
            taken, onward = self.instead(name)
            if onward == taken[-1].head:
                return [onward]
        return [arrow.head for chance, stage in self.stages(name) if chance > 0 for arrow in stage]

    def order(self, entry: str) -> list[str]:
        """Return everything that requests out of a component reach, each after all that lead to it."""
        done: dict[str, None] = {}

        def visit(name: str) -> None:
            if name not in done:
                for head in self.heads(name):
                    visit(head)
                done[name] = None

        visit(entry)
        return list(reversed(done))

    # Requests that travel.

    def follow(self, entry: str, requests: Mask) -> Times:
        """Send requests to a component; return how long each takes until nothing of it is on its way."""
        live = {name: np.zeros(len(requests), bool) for name in self.order(entry)}
        clock = {name: np.zeros(len(requests)) for name in live}
        live[entry] = requests.copy()
        finished = np.zeros(len(requests))
        for name in live:
            here, now = live[name], clock[name]
            here, now, onward = self._failing(name, here, now) if name in self.failed else self._work(name, here, now)
            finished = np.maximum(finished, np.where(live[name] | self.waits, now, 0.0))
            if onward is not None:
                live[onward] |= here
                clock[onward] = np.maximum(clock[onward], now)
                continue
            spent = ~here
            for taken, stage in self._chosen(self.stages(name), here):
                for arrow in stage:
                    if arrow.number_of("fanout"):
                        finished = np.maximum(finished, now + self._send(arrow, taken, split=False))
                        continue
                    there = now + self._hop(arrow, taken)
                    live[arrow.head] |= taken
                    reached = np.where(taken | (spent & self.waits), there, 0.0)
                    clock[arrow.head] = np.maximum(clock[arrow.head], reached)
        return np.where(requests, finished, 0.0)

    def _work(self, name: str, here: Mask, now: Times) -> tuple[Mask, Times, str | None]:
        now = now + self._pass(name, self.components[name].latency, here)
        drawn, self.drawn = self.drawn, {}
        for arrow in self.asyncs.get(name, ()):
            if arrow.number_of("rate") is None:
                self._send(arrow, here)
        self.drawn = drawn
        for chance in (self.hit(name), 1.0 - self.admitted.get(name, 1.0)):
            here = here & ~self._happens(chance)
        for stage in self.calls.get(name, ()):
            now = now + np.maximum.reduce([self._send(arrow, here) for arrow in stage])
        return here, now, None

    def _failing(self, name: str, here: Mask, now: Times) -> tuple[Mask, Times, str | None]:
        taken, onward = self.instead(name)
        for arrow in taken:
            condition = arrow.condition
            assert condition is not None
            if condition.kind == "error":
                now = now + self._pass(arrow.tail, self.components[arrow.tail].latency, here)
            elif condition.kind == "timeout":
                self._pass(arrow.tail, None, here)
                now = now + np.where(here, condition.seconds or 0.0, 0.0)
            now = now + self._hop(arrow, here)
        last = taken[-1].head
        if onward == last:
            return here, now, last
        now = now + self._pass(last, self.components[last].latency, here)
        return (here if onward is not None else here & False), now, None

    def _send(self, arrow: Arrow, here: Mask, *, split: bool = True) -> Times:
        """Send a call, all its copies at once; return how long the slowest takes."""
        taken = here & self._happens(arrow.share if arrow.share is not None and split else 1.0)
        slowest = np.zeros(len(here))
        for _ in range(int(arrow.number_of("fanout") or 1)):
            slowest = np.maximum(slowest, self._hop(arrow, taken) + self.follow(arrow.head, taken))
        return slowest

    def _chosen(self, stages: Stages, here: Mask) -> Iterator[tuple[Mask, list[Arrow]]]:
        thrown = self.dice.random(len(here))
        possible = [(chance, stage) for chance, stage in stages if chance > 0]
        self.certain &= len(possible) < 2
        below = 0.0
        for index, (chance, stage) in enumerate(possible):
            above = below + (1 / len(possible) if self.oracle.even else chance)
            last = index == len(possible) - 1
            yield here & (thrown >= below) & ((thrown < above) | last), stage
            below = above

    def _happens(self, chance: float) -> Mask:
        self.certain &= chance in (0, 1)
        even = self.oracle.even and 0 < chance < 1
        return self.dice.random(self.oracle.count) < (0.5 if even else chance)

    def _hop(self, arrow: Arrow, taken: Mask) -> Times:
        return self._pass(arrow.id, arrow.latency, taken)

    def _pass(self, subject: str, latency: Latency | None, here: Mask) -> Times:
        """Count those that pass a component or an arrow, and draw how long each takes."""
        self.passed[subject] = self.passed.get(subject, 0.0) + here
        if latency is None or (latency.percentiles and latency.percentiles[0][1] <= 0):
            return np.zeros(len(here))
        if latency.low < latency.high or not latency.is_range:
            self.drawn[subject] = self.drawn.get(subject, 0.0) + here
        if latency.is_range:
            drawn = self.dice.uniform(latency.low, latency.high, len(here))
        else:
            drawn = self.dice.lognormal(*lognormal(latency, self.tail), len(here))
        return np.where(here, drawn, 0.0)

    # Ways on the whiteboard.

    def longest(self, entry: str, q: float, *, apart: bool = True) -> float:
        """Return the sum of the hops' percentiles on the worst way from a component on.

        Copies are slow each for itself, and the slowest counts; or, where they are not `apart`, all at once.
        """
        known: dict[str, float] = {}
        for name in reversed(self.order(entry)):
            further = (hop + known[head] if head else hop for hop, head in self._on(name, q, apart))
            known[name] = self._own(name, q, apart) + max(further, default=0.0)
        return known[entry]

    def _on(self, name: str, q: float, apart: bool) -> Iterator[tuple[float, str]]:
        if name in self.failed:
            taken, onward = self.instead(name)
            if onward == taken[-1].head:
                yield 0.0, onward
                return
        for chance, stage in self.stages(name):
            for arrow in stage:
                if chance > 0 and arrow.number_of("fanout"):
                    yield self._sent(arrow, q, apart), ""
                elif chance > 0:
                    yield quantile(arrow.latency, q, self.tail), arrow.head

    def _sent(self, arrow: Arrow, q: float, apart: bool) -> float:
        """Return how long an arrow takes and all behind it: in copies, the slowest of them at its own percentile."""
        within = q ** (1 / (arrow.number_of("fanout") or 1.0)) if apart else q
        return quantile(arrow.latency, within, self.tail) + self.longest(arrow.head, within, apart=apart)

    def _own(self, name: str, q: float, apart: bool) -> float:
        if name not in self.failed:
            stages = self.calls.get(name, ())
            called = 0.0 if self.hit(name) >= 1 else sum(self._stage(stage, q, apart) for stage in stages)
            return quantile(self.components[name].latency, q, self.tail) + called
        total = 0.0
        taken, onward = self.instead(name)
        for arrow in taken:
            assert arrow.condition is not None
            if arrow.condition.kind == "error":
                total += quantile(self.components[arrow.tail].latency, q, self.tail)
            elif arrow.condition.kind == "timeout":
                total += arrow.condition.seconds or 0.0
            total += quantile(arrow.latency, q, self.tail)
        last = taken[-1].head
        return total if onward == last else total + quantile(self.components[last].latency, q, self.tail)

    def _stage(self, stage: list[Arrow], q: float, apart: bool) -> float:
        return max(0.0 if arrow.share == 0 else self._sent(arrow, q, apart) for arrow in stage)

    def every_way(self, entry: str) -> list[Way]:
        """Return each way through, as the components it passes; of parallel arms each is a way of its own."""
        ways = []
        for inside in self._stays(entry):
            ways += [(entry, *inside, *rest) for rest in self._rests(entry)]
        if self.hit(entry) >= 1:
            return [(entry,)]
        return [*ways, (entry,)] if self.hit(entry) > 0 else ways

    def _stays(self, name: str) -> list[Way]:
        stays: list[Way] = [()]
        for stage in self.calls.get(name, ()):
            arms: list[Way] = []
            for arrow in stage:
                if arrow.share != 0:
                    arms += self.every_way(arrow.head) * int(arrow.number_of("fanout") or 1)
                if arrow.share is not None and arrow.share < 1:
                    arms.append(())
            stays = [(*before, *arm) for before in stays for arm in arms]
        return stays

    def _rests(self, name: str) -> list[Way]:
        heads = self.heads(name)
        return [way for head in heads for way in self.every_way(head)] if heads else [()]
