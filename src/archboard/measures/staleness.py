"""Staleness: how old what a flow delivers can get: the time until its next run, and the time that a run takes.

Along the longest chain from what starts the flow, its jobs if it has any: the period of what starts it (its `every`; of
a job or a flow else 1 ÷ its rate), the p99 of every component and hop, and where an arrow `~>` has a rate of its own
the wait for its next turn. What a client waits for is where delivery ends. Alternatives count their longest way, caches
their misses. The rate of a client is that of all its devices together and says nothing of how often one of them
reports: without its `every` the age of what it starts is not known.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.catalog import promises
from archboard.design.edits import target_of
from archboard.design.model import Arrow, ArrowKind, Component, Design, Flow, Promise
from archboard.design.targets import Target, flow_rate
from archboard.facts import Change, Cure, Fact, Facts, Gap, Remedy, Shrinking, tidy
from archboard.measures.analysis import Analysis
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.metrics import STALENESS
from archboard.measures.terms import exactly, found
from archboard.records import record
from archboard.source import Span
from archboard.units import DAY, HOUR, Dimension, show_duration
from archboard.working import Term, Unknown, Working, quotient, total

NEXT_RUN, NEXT_REPORT = "next run", "next report"
LISTED = 12
"""Steps that a working names."""


@record
class Step:
    """One wait or work on the chain: the setting it is, of what, how it is called, and its seconds."""

    owner: str
    setting: str
    name: str
    seconds: float
    span: Span

    @property
    def path(self) -> str:
        """The setting as it is written to change it."""
        return f"{self.owner}.{self.setting}"

    @property
    def is_period(self) -> bool:
        """Whether it is a wait for the next turn."""
        return self.setting in ("rate", "every")


Chain = tuple[Step, ...]


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield the age of what each flow delivers that promises one or that no client starts."""
    for flow in analysis.design.flows:
        if _promises(flow) or not _has_client(analysis, flow):
            chain, silent = longest(analysis, flow), unsaid(analysis.design, flow)
            if silent and _promises(flow):
                alone = f", and the way alone takes {show_duration(_sum(chain))}" if chain else ""
                yield Fact(STALENESS, flow.name, Unknown(f"no `every` says how often `{silent[0]}` reports{alone}"))
            elif chain and not silent:
                yield Fact(STALENESS, flow.name, _working(analysis, flow, chain))


def unsaid(design: Design, flow: Flow) -> tuple[str, ...]:
    """Return the clients that start what a flow delivers and do not say how often each of their devices reports."""
    starts = (design.components[name] for name in _starts(design, flow))
    return tuple(start.name for start in starts if start.kind.asks and "every" not in start.settings)


def _promises(flow: Flow) -> tuple[Promise, ...]:
    return tuple(promise for promise in flow.promises if promise.kind is promises.STALENESS)


def _has_client(analysis: Analysis, flow: Flow) -> bool:
    return any(analysis.design.components[name].kind.asks for name in flow.starts)


def _sum(chain: Chain) -> float:
    return tidy(math.fsum(step.seconds for step in chain))


def longest(analysis: Analysis, flow: Flow, changed: Mapping[str, float] | None = None) -> Chain:
    """Return the longest chain of a flow, its own period first; `changed` gives steps other seconds, by path."""
    starts = _starts(analysis.design, flow)
    clients = [name for name in flow.starts if analysis.design.components[name].kind.asks]
    search = _Search(analysis, analysis.graphs[flow.name], changed or {}, [n for n in clients if n not in starts])
    found: list[Chain] = []
    for name in starts:
        found.append((*_period(search, flow, analysis.design.components[name]), *search.chain(name)))
    return max(found, key=_sum, default=())


def _starts(design: Design, flow: Flow) -> tuple[str, ...]:
    """Return the jobs that nothing in the flow leads to; where there are none, whatever starts it."""
    entered = {arrow.head for arrow in flow.arrows}
    first = [name for name in dict.fromkeys(arrow.tail for arrow in flow.arrows) if name not in entered]
    jobs = tuple(name for name in first if design.components[name].kind.scheduled)
    return jobs or tuple(dict.fromkeys((*flow.starts, *first)))


def _period(search: _Search, flow: Flow, start: Component) -> Chain:
    """Return the wait for what starts a flow to do so again."""
    every = start.number("every")
    if every is not None:
        return (search.step(start.name, "every", NEXT_REPORT, every, start.place_of("every")),) if every else ()
    stated = flow.rate.value if flow.rate is not None and not start.kind.asks else None
    if flow.rate is not None and isinstance(stated, float):
        return (search.step(flow.name, "rate", NEXT_RUN, 1 / stated, flow.rate.span),) if stated else ()
    rate = None if start.kind.asks else start.number("rate")
    return (search.step(start.name, "rate", NEXT_RUN, 1 / rate, start.place_of("rate")),) if rate else ()


class _Search:
    """The longest chains of one flow, from the end back; arrows that would close a circle are left out."""

    def __init__(self, analysis: Analysis, graph: FlowGraph, changed: Mapping[str, float], clients: list[str]) -> None:
        self.analysis = analysis
        self.graph = graph
        self.changed = changed
        self.known: dict[str, Chain] = {}
        self.waited: dict[str, Chain] = {}
        self.served = graph.led_to(clients)
        """What clients wait for: what reaches it from a job has arrived."""

    def step(self, owner: str, setting: str, name: str, seconds: float, span: Span) -> Step:
        """Return a step with its own seconds or the changed ones."""
        return Step(owner, setting, name, tidy(self.changed.get(f"{owner}.{setting}", seconds)), span)

    def chain(self, start: str) -> Chain:
        """Return the longest chain from a component on, itself included."""
        stack, open_ = [start], set[str]()
        while stack:
            name = stack[-1]
            heads = [a.head for a in self._onward(name) if a.head not in self.known and a.head not in open_]
            if name not in self.known and heads and name not in open_:
                open_.add(name)
                stack += heads
                continue
            stack.pop()
            open_.discard(name)
            if name not in self.known:
                self.known[name], self.waited[name] = self._longest(name)
        return self.known[start]

    def _onward(self, name: str) -> list[Arrow]:
        if name in self.served:
            return []
        return [*self.graph.waited_for(name), *self.graph.asyncs.get(name, ())]

    def _longest(self, name: str) -> tuple[Chain, Chain]:
        """Return the longest chain from a component on, and the longest that whoever calls it waits for."""
        so_far: Chain = ()
        if name not in self.served:
            component = self.analysis.design.components[name]
            seconds, span = self.analysis.times.of(component).quantile(0.99), component.place_of("latency")
            so_far = (self.step(name, "latency", f"`{name}`", seconds, span),) if seconds > 0 else ()
        ends: list[Chain] = [so_far]
        onward = [arrow for arrow in self._onward(name) if arrow.head in self.known]
        for stage in () if name in self.served else self.graph.calls.get(name, ()):
            called = [arrow for arrow in stage if arrow.head in self.known]
            ends += [(*so_far, *self._hop(arrow), *self.known[arrow.head]) for arrow in called]
            arms = [(*self._hop(arrow), *self.waited[arrow.head]) for arrow in called]
            so_far = (*so_far, *max(arms, key=_sum, default=()))
        waited = [so_far]
        for arrow in onward:
            if arrow.kind is not ArrowKind.CALL:
                ends.append((*so_far, *self._hop(arrow), *self.known[arrow.head]))
            if arrow.kind is ArrowKind.REQUEST:
                waited.append((*so_far, *self._hop(arrow), *self.waited[arrow.head]))
        return max((*ends, so_far), key=_sum), max(waited, key=_sum)

    def _hop(self, arrow: Arrow) -> Chain:
        steps = []
        rate = arrow.number_of("rate")
        if rate and arrow.kind is ArrowKind.ASYNC:
            span = arrow.place_of("rate")
            steps.append(self.step(arrow.id, "rate", f"refresh of `{arrow.head}`", 1 / rate, span))
        seconds = self.analysis.times.of(arrow).quantile(0.99)
        if seconds > 0:
            span = arrow.place_of("latency")
            steps.append(self.step(arrow.id, "latency", f"`{arrow.tail}` to `{arrow.head}`", seconds, span))
        return tuple(steps)


def _working(analysis: Analysis, flow: Flow, chain: Chain) -> Working:
    """Return the steps in order, the largest named where there are several."""
    steps = [_term(step) for step in chain]
    if len(steps) > LISTED:
        more = total(Dimension.DURATION, *steps[LISTED:])
        rest = found(more.value, Dimension.DURATION, "", of=more, text=f"{len(steps) - LISTED} more {more.shown}")
        steps = [*steps[:LISTED], rest]
    triggered = "" if chain[0].name in (NEXT_RUN, NEXT_REPORT) else _triggered(analysis.design, flow)
    most = max(chain, key=lambda step: step.seconds)
    largest = f"{most.name} is most of it" if 2 * most.seconds > _sum(chain) and len(chain) > 1 else ""
    note = "; ".join(word for word in (triggered, largest, *_older(analysis, chain)) if word)
    return total(Dimension.DURATION, *steps, note=note)


def _triggered(design: Design, flow: Flow) -> str:
    """Return what is said where nothing is waited for: it is sent at once, or somebody starts it."""
    at_once = any(design.components[name].number("every") == 0 for name in _starts(design, flow))
    return "sent as it happens" if at_once else "once triggered"


def _term(step: Step) -> Term:
    """Return a step as a term: of a period the one that the rate comes to."""
    text = f"{step.name} {show_duration(step.seconds)}"
    of = None
    if step.setting == "rate":
        rate = Term(1 / step.seconds, Dimension.RATE, owner=step.owner, setting="rate", span=step.span)
        of = quotient(Dimension.DURATION, exactly(1.0, Dimension.COUNT, by="a run"), rate)
    return Term(
        step.seconds, Dimension.DURATION, owner=step.owner, setting=step.setting, span=step.span, of=of, text=text
    )


def _older(analysis: Analysis, chain: Chain) -> tuple[str, ...]:
    """Return a word on each store of the chain whose contents get older there than it says."""
    words, age = [], 0.0
    for step in chain:
        age += step.seconds
        head = next((a.head for a in analysis.design.arrows if a.id == step.owner), step.owner)
        component = analysis.design.components.get(head)
        stated = component.number("staleness") if component is not None else None
        if stated is not None and age > stated:
            words.append(f"`{head}` says {show_duration(stated)}, and is {show_duration(age)} old by then")
    return tuple(dict.fromkeys(words))


def remedies(analysis: Analysis, facts: Facts) -> Iterator[Cure]:
    """Yield for each staleness promise missed the one step that could shrink enough, or how much all of them must."""
    for verdict in facts.missed:
        flow, promise = analysis.design.flow(verdict.flow), verdict.promise
        if promise.kind is not promises.STALENESS or flow is None:
            continue
        gap, excess = Gap(promise.kind.code, flow.name, promise), verdict.value - promise.limit
        chain = longest(analysis, flow)
        for step in sorted(chain, key=lambda step: -step.seconds):
            room = step.seconds - excess
            after = _rounded_down(room * 0.99 if promise.operator == "<" else room)
            if after > 0 and promise.holds(_sum(longest(analysis, flow, {step.path: after}))):
                yield Remedy(gap, (_change(analysis, step, after),))
                break
        else:
            most = max(chain, key=lambda step: step.seconds)
            yield Shrinking(gap, promise.limit / verdict.value, _target(analysis, most))


def _change(analysis: Analysis, step: Step, after: float) -> Change:
    """Return the change of a step's setting: a wait for the next turn is shortened by a higher rate."""
    target = _target(analysis, step)
    by_rate = step.setting == "rate"
    return Change(target, 1 / step.seconds, 1 / after) if by_rate else Change(target, step.seconds, after)


def _target(analysis: Analysis, step: Step) -> Target:
    return target_of(analysis.design, step.owner, step.setting) or flow_rate(step.owner)


def _rounded_down(seconds: float) -> float:
    """Return a duration of two digits that is no longer, in the unit that people would say it in."""
    if seconds <= 0:
        return 0.0
    unit = next((unit for unit in (DAY, HOUR, 60.0) if seconds >= 2 * unit), 1.0)
    digit = 10.0 ** (math.floor(math.log10(seconds / unit)) - 1)
    return float(f"{math.floor(seconds / unit / digit + 1e-9) * digit * unit:.12g}")
