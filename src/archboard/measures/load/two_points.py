"""Two stable points: a queue that is stable as it is, and stays overloaded once a burst has made it late.

What is overloaded answers after every timeout. If the attempts that are then made bring it more than it carries, it
stays so, however long the burst is over: a second point beside the one that the load without a burst settles at. It is
found by taking the component's answer to come later than anything waits, and everything that fills up with it; the
load of clients from which it exists is the least one at which it still gets more than it carries.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterator, Mapping

from archboard.design.model import Arrow, Design, Flow
from archboard.facts import Fact, Facts, TwoPoints
from archboard.load import Load
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.analysis import Analysis
from archboard.measures.changed_design import with_rate_times
from archboard.measures.load.fixed_point import capacity_at, retrying
from archboard.measures.metrics import CAPACITY, DEMAND_LATE, OVERLOADED_FROM
from archboard.measures.moment import Moment
from archboard.measures.terms import found, known
from archboard.units import Dimension, show_number
from archboard.working import Working, quotient

_HALVINGS = 30
_STRAIGHT = 1e-4
"""How far to either side of the rate that a straight line promises it is tried."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield, for each queue that would stay overloaded, what it then gets and the client rate from which it does."""
    for name in _queues(analysis):
        capacity, usual = facts.get(CAPACITY, name), facts.load(name)
        demand = demand_late(analysis.design, analysis.transforms, name)
        if capacity is None or usual is None or usual.over or not at_late(usual, demand).over:
            continue
        arrow = retrying(analysis, name)
        late = found(demand, Dimension.RATE, f"the network, with every attempt over {arrow} late")
        yield Fact(DEMAND_LATE, name, late)
        yield Fact(OVERLOADED_FROM, name, _least(analysis, name, usual, capacity, demand))


def records(analysis: Analysis, facts: Facts) -> Iterator[TwoPoints]:
    """Yield the queues that would stay overloaded."""
    for fact in facts.of(OVERLOADED_FROM):
        late, load = facts.value(DEMAND_LATE, fact.subject), facts.load(fact.subject)
        if fact.value is not None and late is not None and load is not None:
            arrow = retrying(analysis, fact.subject)
            yield TwoPoints(fact.subject, arrow, load.demand, late, load.capacity, fact.value)


def at_late(usual: Load, demand: float) -> Load:
    """Return a queue's load with another demand."""
    return Load(demand, usual.capacity, queued=True)


def demand_late(design: Design, transforms: Transforms, name: str) -> float:
    """Return what a component gets while it answers later than anything waits, and what fills up with it does too."""
    late: frozenset[str] = frozenset((name,))
    arriving: Mapping[str, float] = {}
    while True:
        analysis = Analysis(design, transforms, Moment(hung=late, arriving=arriving, opened=before_late(design, late)))
        arriving = analysis.loads.demand
        served = (other for other in design.components if analysis.times.is_endless(other))
        full = {n for n in served if Load(arriving.get(n, 0.0), capacity_at(analysis, n)).full}
        if full <= late:
            return arriving.get(name, 0.0)
        late |= full


def before_late(design: Design, late: Collection[str]) -> Mapping[str, Arrow]:
    """Return the breakers before what never answers in time, which are then open."""
    arrows = (arrow for flow in design.flows for arrow in flow.failures if arrow.tail in late)
    return {a.tail: a for a in arrows if a.condition is not None and a.condition.share is not None}


def _queues(analysis: Analysis) -> list[str]:
    """Return the queues that something guarded leads to; where a storm is on there is no point below it."""
    if analysis.storms or not analysis.coupled:
        return []
    return [name for name in analysis.design.components if name in analysis.coupled and _may_be_late(analysis, name)]


def _may_be_late(analysis: Analysis, name: str) -> bool:
    """Whether who waits in a full queue waits longer than the attempt that is tried again; where it has no end, yes."""
    queue = analysis.times.queue(analysis.design.components[name])
    if analysis.times.is_endless(name) or queue is None or queue.places is None:
        return analysis.times.is_endless(name)
    timeout = analysis.arrows[arrow].number_of("timeout") if (arrow := retrying(analysis, name)) else None
    return timeout is not None and (queue.places + 1) * queue.occupied / queue.servers > timeout


def _least(analysis: Analysis, name: str, usual: Load, capacity: Fact, demand: float) -> Working:
    """Return the least rate of clients at which a queue would stay overloaded."""
    flows = [flow for flow in analysis.design.flows if name in analysis.loads.per_flow.get(flow.name, {})]
    rate = math.fsum(math.fsum(analysis.weights(flow).values()) for flow in flows)

    def stays(times: float) -> bool:
        changed = _sending(analysis.design, flows, times)
        return at_late(usual, demand_late(changed, analysis.transforms, name)).over

    straight = usual.capacity / demand
    if stays(straight * (1 + _STRAIGHT)) and not stays(straight * (1 - _STRAIGHT)):
        visits = demand / rate
        text = f"{show_number(visits)} a request, every attempt late"
        each = found(visits, Dimension.COUNT, "the network, with every attempt late", text=text)
        return quotient(Dimension.RATE, known(capacity, "capacity"), each)
    low, high = 0.0, 1.0
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if stays(middle) else (middle, high)
    by = "settling the design at other rates, every attempt late"
    return found(high * rate, Dimension.RATE, by, assumption="settled")


def _sending(design: Design, flows: list[Flow], times: float) -> Design:
    """Return a design in which the clients of some flows send so many times their rates; one of several flows once."""
    started: set[str] = set()
    for flow in flows:
        if flow.rate is None and not started.isdisjoint(flow.starts):
            continue
        started.update(flow.starts)
        design = with_rate_times(design, flow, times)
    return design
