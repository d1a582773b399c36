"""Full queues: how much of what comes to a component finds its queue full, and how much is let in."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.facts import Fact
from archboard.measures.analysis import Analysis
from archboard.measures.flow.percentiles import filled
from archboard.measures.metrics import ADMITTED, REFUSED, REFUSED_SHARE
from archboard.measures.terms import known
from archboard.units import Dimension
from archboard.working import difference, product


def at_the_queue(analysis: Analysis, demand: Fact) -> Iterator[Fact]:
    """Yield what a queue that ends refuses of all that arrives, as a share and a second, and what it lets in."""
    component = analysis.design.components[demand.subject]
    queue = analysis.times.queue(component)
    if queue is None or queue.places is None or demand.value is None:
        return
    share = Fact(REFUSED_SHARE, component.name, filled(analysis, component, queue)[0])
    refused = Fact(REFUSED, component.name, product(Dimension.RATE, known(demand), known(share, "refused")))
    yield share
    yield refused
    yield Fact(ADMITTED, component.name, difference(Dimension.RATE, known(demand), known(refused)))
