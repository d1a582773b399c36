"""Rates: how the demand of a component and the rate on an arrow came to be, from what the loads recorded.

Within a flow an arrow's rate is that of its tail times its factors: what a gateway admits, what a cache misses, its
share, its copies, its attempts. Where there is one way to a component, its working is one chain of factors from the
source on. Factors that do not come to the rate that was recorded are never written: the share of the tail's requests
that the network of the flow found stands in their place.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from archboard.design.model import Arrow, ArrowKind, Flow
from archboard.measures.analysis import Analysis
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.flow.mode import hit_ratio
from archboard.measures.load.refusals import refused
from archboard.measures.metrics import ARROW_RATE, ATTEMPTS, DEMAND, HEDGED, REFUSED_SHARE
from archboard.measures.terms import exactly, found, number, stated
from archboard.records import record, replace
from archboard.units import Dimension
from archboard.working import LARGEST, Calculation, Term, Working, product, quotient, rest, total

RATE = Dimension.RATE
_SAME = 1e-11
"""Two ways to one rate differ by rounding only."""
_SHOWN = 5e-4
"""Factors nearer to one are not worth a word."""
_LONG = 8
"""Factors of one chain; a longer way begins anew at the component before."""
_LISTED = 6
"""Arrivals that are told one by one."""
NETWORK = "the network of the flow"


@record
class Way:
    """The one way to a component: the rate at its `origin`, whether that is all it gets, and the factors since."""

    origin: str
    base: Term
    whole: bool
    factors: tuple[Term, ...] = ()
    sends: bool = False

    @property
    def working(self) -> Working:
        """The rate at its end."""
        if self.factors:
            return product(RATE, self.base, *self.factors)
        does = "sends" if self.sends else "gets"
        return replace(self.base, alone=f"all that `{self.origin}` {does}" if self.whole else "")


class Rates:
    """The workings of every rate of a design, flow by flow."""

    def __init__(self, analysis: Analysis) -> None:
        self.analysis = analysis
        self.loads = analysis.loads
        self._whole: dict[tuple[str, str], Working] = {}
        self._parts: dict[tuple[str, str], tuple[Working, ...]] = {}
        self.ways: dict[tuple[str, str], Way] = {}
        for flow in analysis.design.flows:
            _InFlow(self, flow).follow()

    def keep(self, flow: str, name: str, whole: Working, parts: tuple[Working, ...]) -> None:
        """Remember how what a component gets in one flow came to be, as a whole and arrival by arrival."""
        self._whole[flow, name] = whole
        self._parts[flow, name] = parts

    def of(self, flow: str, name: str) -> Working | None:
        """Return how a component's rate in one flow came to be."""
        return self._whole.get((flow, name))

    def source(self, flow: Flow, name: str, rate: float) -> Working:
        """Return how what a component sends of itself in one flow came to be."""
        sent = _InFlow(self, flow).source(name, rate)
        return replace(sent, alone="") if isinstance(sent, Term) else sent

    def demand(self, name: str) -> Working:
        """Return how all that a component gets came to be."""
        flows = [flow.name for flow in self.analysis.design.flows if (flow.name, name) in self._whole]
        parts = [part for flow in flows for part in self._parts[flow, name]]
        leading = (arrow for arrow in self.analysis.design.arrows if arrow.head == name)
        parts += [self.sent(arrow) for arrow in leading if self._fixed(arrow)]
        if len(flows) == 1 and len(parts) == len(self._parts[flows[0], name]):
            return self._whole[flows[0], name]
        if len(parts) == 1:
            return parts[0]
        most = max(parts, key=lambda part: part.value)
        if most.value > (1 - _SHOWN) * math.fsum(part.value for part in parts):
            chain = next((self._whole[f, name] for f in flows if self._parts[f, name] == (most,)), most)
            parts = [chain if part is most else part for part in parts]
        return _sum(parts)

    def _fixed(self, arrow: Arrow) -> bool:
        own = arrow.kind is ArrowKind.ASYNC and arrow.number_of("rate") is not None
        return own and arrow.id in self.loads.arrows

    def sent(self, arrow: Arrow) -> Working:
        """Return an arrival that does not follow the requests: the arrow's own rate, times its copies."""
        return Term(self.loads.arrows[arrow.id], RATE, f"(from `{arrow.tail}`)", fact=(ARROW_RATE.name, arrow.id))

    def on(self, arrow: Arrow) -> Working:
        """Return how the rate on an arrow came to be, over all flows."""
        if self._fixed(arrow):
            own = number(arrow, "rate", RATE)
            copies = arrow.number_of("fanout")
            if copies in (None, 1):
                return replace(own, alone="its own rate")
            return product(RATE, own, number(arrow, "fanout", Dimension.COUNT, "(fan-out)"))
        flows = [flow for flow in self.analysis.design.flows if self.loads.taken.get(flow.name, {}).get(arrow.id)]
        parts = [_InFlow(self, flow).on(arrow) for flow in flows]
        return total(RATE, *parts) if parts else found(self.loads.arrows[arrow.id], RATE, NETWORK)


class _InFlow:
    """The rates of one flow."""

    def __init__(self, rates: Rates, flow: Flow) -> None:
        self.rates = rates
        self.analysis = rates.analysis
        self.flow = flow
        self.graph: FlowGraph = rates.analysis.graphs[flow.name]
        self.own = rates.loads.per_flow.get(flow.name, {})
        self.taken = rates.loads.taken.get(flow.name, {})

    def follow(self) -> None:
        """Work out every component's arrivals, tails before heads."""
        incoming: dict[str, list[Arrow]] = {}
        for arrow in (*self.flow.arrows, *self.flow.failures):
            if self.taken.get(arrow.id):
                incoming.setdefault(arrow.head, []).append(arrow)
        sources = self.analysis.sources(self.flow)
        for name in dict.fromkeys((*self.graph.order, *self.own)):
            if name in self.own:
                self._arrive(name, sources.get(name, 0.0), incoming.get(name, []))

    def _arrive(self, name: str, sent: float, arrows: Sequence[Arrow]) -> None:
        rate = self.own[name]
        parts: list[Working] = [self.source(name, sent)] if sent > 0 else []
        parts += [
            Term(self.taken[arrow.id], RATE, f"(from `{arrow.tail}`)", fact=(ARROW_RATE.name, arrow.id))
            if self._alone(arrow)
            else found(self.taken[arrow.id], RATE, NETWORK, f"(from `{arrow.tail}` in `{self.flow.name}`)")
            for arrow in arrows
        ]
        come = math.fsum(part.value for part in parts)
        if not _same(come, rate):
            whole = self._once(rate, parts, come)
            self.rates.keep(self.flow.name, name, whole, (whole,))
        elif len(parts) == 1 and sent > 0:
            if isinstance(parts[0], Term):
                base = replace(parts[0], alone="")
                self.rates.ways[self.flow.name, name] = Way(name, base, self._is_all(name), sends=True)
            self.rates.keep(self.flow.name, name, parts[0], tuple(parts))
        elif len(parts) == 1:
            way = self.rates.ways[self.flow.name, name] = self._way(name, arrows[0])
            self.rates.keep(self.flow.name, name, way.working, tuple(parts))
        else:
            self.rates.keep(self.flow.name, name, _sum(parts), tuple(parts))

    def _alone(self, arrow: Arrow) -> bool:
        """Whether what takes an arrow takes it in this flow."""
        return _same(self.rates.loads.arrows.get(arrow.id, 0.0), self.taken[arrow.id])

    def source(self, name: str, rate: float) -> Working:
        """Return what a component sends of itself: its rate, or its part of the flow's."""
        if self.flow.rate is None:
            component, alone = self.analysis.design.components[name], f"sent by `{name}` itself"
            several = sum(1 for graph in self.analysis.graphs.values() if name in graph.starts) > 1
            words = f"(`{name}` in `{self.flow.name}`)" if several else f"(`{name}`)"
            return stated(component, "rate", rate, RATE, words, alone=alone)
        span = self.flow.rate.span
        whole = self.flow.rate.value
        if not isinstance(whole, float) or _same(whole, rate):
            return Term(rate, RATE, f"(`{self.flow.name}`)", self.flow.name, "rate", span)
        part = found(rate / whole, Dimension.FRACTION, "the rates of what starts the flow", f"(part of `{name}`)")
        return product(RATE, Term(whole, RATE, "", self.flow.name, "rate", span), part)

    def _once(self, rate: float, parts: Sequence[Working], come: float) -> Working:
        """Return arrivals of which several belong to one request, which counts once."""
        if parts and all(_same(part.value, rate) for part in parts):
            return Calculation(LARGEST, tuple(parts), RATE, "parallel arms of one request, counted once")
        if not parts or come <= 0:
            return found(rate, RATE, NETWORK)
        once = found(rate / come, Dimension.FRACTION, NETWORK, "(parallel arms counted once)")
        return product(RATE, _sum(parts), once)

    def _way(self, name: str, arrow: Arrow) -> Way:
        """Return the one way to a component, from where it was last whole."""
        tail, since = arrow.tail, self._factors(arrow)
        one = Way(tail, self._before(arrow), self._is_all(tail), since)
        before = self.rates.ways.get((self.flow.name, tail))
        if before is None:
            return one
        way = replace(before, factors=(*before.factors, *since))
        told = sum(1 for factor in way.factors if not factor.hidden)
        return way if told <= _LONG and _same(way.base.value * _product(way.factors), self.own[name]) else one

    def _is_all(self, name: str) -> bool:
        """Whether what a component gets in this flow is all that it gets."""
        return bool(self.own.get(name)) and _same(self.own[name], self.rates.loads.demand.get(name, 0.0))

    def _tail(self, name: str) -> Term:
        """Return what a component gets in this flow as one number."""
        rate, working = self.own.get(name, 0.0), self.rates.of(self.flow.name, name)
        if self._is_all(name):
            return Term(rate, RATE, f"(`{name}`)", fact=(DEMAND.name, name))
        return Term(rate, RATE, f"(`{name}` in `{self.flow.name}`)", by=NETWORK, of=working)

    def on(self, arrow: Arrow) -> Working:
        """Return how the rate on an arrow came to be in this flow."""
        return product(RATE, self._before(arrow), *self._factors(arrow))

    def _before(self, arrow: Arrow) -> Term:
        """Return what comes to an arrow's tail, or to what failed there."""
        if arrow.kind is ArrowKind.FAILURE or not self.own.get(arrow.tail):
            return found(self.taken[arrow.id], RATE, NETWORK, f"(in place of `{arrow.tail}`)")
        return self._tail(arrow.tail)

    def _factors(self, arrow: Arrow) -> tuple[Term, ...]:
        """Return what the way over an arrow multiplies the rate of its tail with."""
        come, rate = self._before(arrow).value, self.taken[arrow.id]
        factors = self._written(arrow)
        if _same(come * _product(factors), rate):
            return factors
        again = self.analysis.guards.passes(entry) if (entry := self._entry(arrow.tail)) is not None else 1.0
        if again > 1 and _same(come * _product(factors) / again, rate):
            tried = found(again, Dimension.COUNT, "the guard of the arrow that leads there")
            once = quotient(Dimension.FRACTION, exactly(1.0, Dimension.COUNT, by="a request"), tried)
            return (*factors, _hidden(found(1 / again, Dimension.FRACTION, "", "(attempts that go on)", of=once)))
        return (found(rate / come, Dimension.FRACTION, NETWORK, f"(of what `{arrow.tail}` gets)"),)

    def _entry(self, name: str) -> Arrow | None:
        """Return the one arrow by which a component is entered, where it is one."""
        entering = [arrow for arrow in self.flow.arrows if arrow.head == name and self.taken.get(arrow.id)]
        return entering[0] if len(entering) == 1 else None

    def _written(self, arrow: Arrow) -> tuple[Term, ...]:
        """Return the factors that the file gives an arrow."""
        tail = self.analysis.design.components[arrow.tail]
        waited = arrow.kind in (ArrowKind.REQUEST, ArrowKind.CALL)
        factors: list[Term] = []
        admitted = self.rates.loads.admitted.get(arrow.tail, 1.0)
        if waited and admitted < 1:
            demand, limit = self.rates.loads.demand[arrow.tail], number(tail, "limit", RATE)
            arriving = Term(demand, RATE, fact=(DEMAND.name, arrow.tail))
            words = f"(limit of `{arrow.tail}`)"
            of = quotient(Dimension.FRACTION, limit, arriving)
            factors.append(found(admitted, Dimension.FRACTION, "", words, of=of if _same(of.value, admitted) else None))
        full = refused(self.analysis.times, arrow.tail)
        if full > 0:
            share = Term(full, Dimension.FRACTION, fact=(REFUSED_SHARE.name, arrow.tail))
            words = f"(let in by `{arrow.tail}`)"
            factors.append(_hidden(found(1 - full, Dimension.FRACTION, "", words, of=rest(share))))
        hit = hit_ratio(tail)
        if waited and hit > 0:
            missed = rest(number(tail, "hit", Dimension.FRACTION))
            factors.append(found(1 - hit, Dimension.FRACTION, "", f"(misses of `{arrow.tail}`)", of=missed))
        factors += self._share(arrow)
        if arrow.number_of("fanout") not in (None, 1):
            factors.append(number(arrow, "fanout", Dimension.COUNT, "(fan-out)"))
        guard = self.analysis.guards.known(arrow) if waited else None
        if guard is not None and guard.attempts > 1:
            tried = Term(guard.attempts, Dimension.COUNT, "(attempts)", fact=(ATTEMPTS.name, arrow.id))
            factors.append(_hidden(tried))
        if guard is not None and guard.sent > 0:
            second = Term(guard.sent, Dimension.FRACTION, fact=(HEDGED.name, arrow.id))
            both = total(Dimension.COUNT, exactly(1.0, Dimension.COUNT, by="the first copy"), second)
            factors.append(_hidden(found(1 + guard.sent, Dimension.COUNT, "", "(hedged)", of=both)))
        return tuple(factors)

    def _share(self, arrow: Arrow) -> list[Term]:
        """Return the share of the requests that take an arrow, where it is not all of them."""
        if arrow.kind is not ArrowKind.REQUEST:
            share = 1.0 if arrow.share is None else arrow.share
        else:
            ways = self.graph.ways.get(arrow.tail, ())
            share = next((p for p, arrows in ways if any(a.id == arrow.id for a in arrows)), 1.0)
        if share == 1:
            return []
        if arrow.share is not None and _same(share, arrow.share):
            return [number(arrow, "share", Dimension.FRACTION, "(share)")]
        return [found(share, Dimension.FRACTION, "what the other shares leave", "(share)")]


def _hidden(factor: Term) -> Term:
    """Return a factor that is not worth a word where it is nearly one."""
    return replace(factor, hidden=abs(factor.value - 1) < _SHOWN)


def _product(factors: Sequence[Working]) -> float:
    return math.prod(factor.value for factor in factors)


def _sum(parts: Sequence[Working]) -> Working:
    """Return arrivals added up; of many the last in one, and those too small for a word without one."""
    little = _SHOWN * math.fsum(part.value for part in parts)
    parts = [replace(p, hidden=p.value < little) if isinstance(p, Term) else p for p in parts]
    if len(parts) <= _LISTED:
        return total(RATE, *parts)
    more = total(RATE, *parts[_LISTED:])
    last = found(more.value, RATE, "", f"({len(parts) - _LISTED} more)", of=more)
    return total(RATE, *parts[:_LISTED], last)


def _same(one: float, other: float) -> bool:
    return math.isclose(one, other, rel_tol=_SAME, abs_tol=1e-300)
