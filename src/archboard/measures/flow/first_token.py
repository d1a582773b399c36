"""The time to the first token of a flow: its latency up to the first token of the last language model on the way.

A request streams: what comes after the last model's first token is not waited for. So these are the times of a flow
seen up to there: the last model takes its ttft and what it calls, what follows it takes no time, and everything
before takes what it takes. Where requests come to a component both with and without a model behind them, it counts.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.design.model import Arrow, Component, Latency
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.mode import hit_ratio
from archboard.measures.flow.times import Times

NOTHING = Latency()


class FirstToken(Times):
    """The times of one flow up to its first token; `failed` components take the failure arrow given for each."""

    def __init__(self, graph: FlowGraph, failed: Mapping[str, Arrow]) -> None:
        super().__init__(graph.design, graph.times.moment)
        self.inferences = graph.times.inferences
        self.graph = graph
        self.failed = failed
        self.last: set[str] = set()
        self.after: set[str] = set()
        self._comes: dict[str, bool] = {}
        self._surely: dict[str, bool] = {}
        for name in reversed(graph.order):
            self._comes[name] = self._speaks(name) or any(self._comes[a.head] for a in graph.waited_for(name))
            self._surely[name] = self._is_certain(name)
        self._follow()

    def latency(self, subject: Component | Arrow) -> Latency | None:
        """Return what of a latency is waited for until the first token."""
        name = subject.name if isinstance(subject, Component) else subject.id
        if name in self.after:
            return NOTHING
        return self.inferences[name].ttft if name in self.last else super().latency(subject)

    def _speaks(self, name: str) -> bool:
        """Whether a component, or what answers in its place, is a language model whose ttft is known."""
        return self._model(name) is not None

    def _model(self, name: str) -> str | None:
        name = self.failed[name].head if name in self.failed else name
        model = self.inferences.get(name)
        return name if model is not None and model.generates and model.ttft is not None else None

    def _is_certain(self, name: str) -> bool:
        """Whether every request that comes to a component meets a language model from there on."""
        if self._speaks(name):
            return True
        if hit_ratio(self.design.components[name]) > 0:
            return False
        ways = self.graph.ways.get(name, ())
        return self._calls_one(name) or (bool(ways) and all(any(self._surely[a.head] for a in w) for _, w in ways))

    def _calls_one(self, name: str) -> bool:
        return any(self._is_met(stage) for stage in self.graph.calls.get(name, ()))

    def _is_met(self, stage: tuple[Arrow, ...]) -> bool:
        return any(self._surely[arrow.head] and arrow.share is None for arrow in stage)

    def _follow(self) -> None:
        """Go along the flow: note which models are the last, and what only comes after one."""
        arrivals: dict[str, list[tuple[bool, bool]]] = {}
        meetings = self._meetings()
        for name in self.graph.order:
            came = arrivals.get(name, [])
            more = any(later for later, _ in came)
            enough = any if name in meetings else all
            passed = bool(came) and enough(earlier for _, earlier in came)
            if passed and not more and not self._comes[name]:
                self.after.add(name)
            onward = [arrow for _, arrows in self.graph.ways.get(name, ()) for arrow in arrows]
            calls = self.graph.calls.get(name, ())
            model = self._model(name)
            if model and not more and not any(self._comes[arrow.head] for arrow in self.graph.waited_for(name)):
                self.last.add(model)
            for at, stage in enumerate(calls):
                rest = (*(arrow for later in calls[at + 1 :] for arrow in later), *onward)
                self._pass(stage, arrivals, more or any(self._comes[arrow.head] for arrow in rest), passed)
                passed = passed or self._is_met(stage)
            self._pass(onward, arrivals, more, passed or model is not None)

    def _meetings(self) -> set[str]:
        """Return the components at which a request waits for all arms of a fork that no chance divides further."""
        found: set[str] = set()
        for name, ways in self.graph.ways.items():
            join = self.graph.joins[name]
            if join is None or len(ways) > 1 or len(ways[0][1]) < 2:
                continue
            inside = self.graph.reachable(name, join)
            chances = (len(self.graph.ways.get(each, ())) > 1 or hit_ratio(self.design.components[each]) > 0
                       for each in sorted(inside))  # fmt: skip
            entering = {tail for tail in self.graph.ways if any(join == a.head for a in self.graph.waited_for(tail))}
            if entering <= inside and not any(chances):
                found.add(join)
        return found

    def _pass(
        self, arrows: tuple[Arrow, ...] | list[Arrow], arrivals: dict[str, list[tuple[bool, bool]]],
        more: bool, passed: bool,
    ) -> None:  # fmt: skip
        """Hand on to the heads of some arrows whether a model is still to come, and whether one was surely met."""
        for arrow in arrows:
            arrivals.setdefault(arrow.head, []).append((more, passed))
            if passed and not more and not self._comes[arrow.head]:
                self.after.add(arrow.id)
