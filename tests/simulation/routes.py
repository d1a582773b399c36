"""What a flow's arrows say, looked up by the component they leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from archboard.design.model import Arrow, ArrowKind, Design, Flow

Stage = tuple[Arrow, ...]
"""Arrows taken at once."""


@dataclass(frozen=True, slots=True)
class Routes:
    """One flow: its alternatives with their chances, its calls in order, what nobody waits for, what stands in."""

    flow: str
    ways: Mapping[str, Sequence[tuple[float, Stage]]]
    calls: Mapping[str, Sequence[Stage]]
    asyncs: Mapping[str, Sequence[Arrow]]
    failures: Mapping[str, Sequence[Arrow]]
    reaches: dict[str, Mapping[str, int]]

    @classmethod
    def of(cls, flow: Flow) -> Routes:
        """Read a flow."""
        waited: dict[ArrowKind, dict[str, dict[int, list[Arrow]]]] = {ArrowKind.REQUEST: {}, ArrowKind.CALL: {}}
        asyncs: dict[str, list[Arrow]] = {}
        failures: dict[str, list[Arrow]] = {}
        for arrow in flow.arrows:
            if arrow.kind is not ArrowKind.ASYNC:
                waited[arrow.kind].setdefault(arrow.tail, {}).setdefault(arrow.fork, []).append(arrow)
            elif arrow.number_of("rate") is None:
                asyncs.setdefault(arrow.tail, []).append(arrow)
        for arrow in flow.failures:
            failures.setdefault(arrow.tail, []).append(arrow)
        ways = {name: alternatives([*forks.values()]) for name, forks in waited[ArrowKind.REQUEST].items()}
        calls = {name: [tuple(stage) for stage in forks.values()] for name, forks in waited[ArrowKind.CALL].items()}
        return cls(flow.name, ways, calls, asyncs, failures, {})

    def catcher(self, name: str) -> Arrow | None:
        """Return the failure arrow that an error of a component is answered by."""
        arrows = self.failures.get(name, ())
        return next((a for a in arrows if a.condition is not None and a.condition.kind == "error"), None)

    def patient(self, name: str) -> Arrow | None:
        """Return the failure arrow that what is given up of a component is answered by."""
        kinds = ("error", "timeout")
        arrows = self.failures.get(name, ())
        return next((a for a in arrows if a.condition is not None and a.condition.kind in kinds), None)

    def leads(self, name: str) -> bool:
        """Whether a component leads anywhere."""
        return bool(self.ways.get(name) or self.calls.get(name))

    def onward(self, name: str) -> list[Arrow]:
        """Return every arrow that a request may take out of a component."""
        return [arrow for _, stage in self.ways.get(name, ()) for arrow in stage]

    def reach(self, entry: str) -> Mapping[str, int]:
        """Return how many arrows lead to each component that requests out of one come by, itself entered once.

        Copies go their own ways and meet nothing.
        """
        if entry not in self.reaches:
            into = {entry: 1}
            waiting = [entry]
            while waiting:
                for arrow in self.onward(waiting.pop()):
                    if (arrow.number_of("fanout") or 1) == 1:
                        if arrow.head not in into:
                            waiting.append(arrow.head)
                        into[arrow.head] = into.get(arrow.head, 0) + 1
            self.reaches[entry] = into
        return self.reaches[entry]


def alternatives(forks: Sequence[Sequence[Arrow]]) -> list[tuple[float, Stage]]:
    """Return the alternatives among requests that leave a component: one, of all at once, where nothing is shared."""
    shares = [fork[0].share for fork in forks]
    if all(share is None for share in shares):
        return [(1.0, tuple(arrow for fork in forks for arrow in fork))]
    rest = 1.0 - sum(share for share in shares if share is not None)
    return [(rest if share is None else share, tuple(fork)) for share, fork in zip(shares, forks, strict=True)]


@dataclass(frozen=True, slots=True)
class Start:
    """Something that sends requests by itself: where they enter, how many a second, whether promises are about them.

    Without `routes` they go no further than where they enter.
    """

    entry: str
    rate: float
    routes: Routes | None
    promised: bool


def starts_of(design: Design) -> list[Start]:
    """Return all that sends requests, flow by flow; a client that starts two flows sends its rate in each."""
    found = []
    for flow in design.flows:
        routes = Routes.of(flow)
        rates = {name: design.components[name].number("rate") or 0.0 for name in flow.starts}
        clients = [name for name in flow.starts if design.components[name].kind.name == "client"] or list(rates)
        if flow.rate is not None:
            assert isinstance(flow.rate.value, float)
            total = sum(rates[name] for name in clients)
            for name in clients:
                rates[name] = flow.rate.value * (rates[name] / total if total else 1 / len(clients))
        found += [Start(name, rate, routes, name in clients) for name, rate in rates.items() if rate > 0]
        for arrow in flow.arrows:
            own = arrow.number_of("rate")
            if own is not None:
                found.append(Start(arrow.head, own * (arrow.number_of("fanout") or 1.0), None, promised=False))
    return found
