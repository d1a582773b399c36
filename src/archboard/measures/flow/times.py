"""Times: how long each component and each hop of a design takes, read once and shared by all measures.

What a design states is its latency. What it does not state a component may still have, worked out of what it runs;
`latency` answers for both, and every measure asks here rather than the component.
"""

from __future__ import annotations

from archboard.catalog.settings import QUEUE
from archboard.design.model import Arrow, ArrowKind, Component, Design, Latency
from archboard.maths.distributions.distribution import Constant, Distribution
from archboard.measures.flow.queue import Queue, queue_of
from archboard.measures.models.inference import Inference, distribution_of
from archboard.measures.moment import Moment

NO_TIME = Constant(0.0)
NEVER = Constant(1e9)
"""Seconds, thirty years: an answer that does not come."""
USUAL = Moment()


class Times:
    """The time of every component and arrow of one design, as distributions; seconds.

    The moment says at which rates, with how many replicas and calls of which length something waits in front of those
    whose latency is service time, and how many requests a language model writes at once.
    """

    def __init__(self, design: Design, moment: Moment = USUAL) -> None:
        self.design = design
        self.moment = moment
        self._known: dict[str, Distribution] = {}
        self._stated: dict[int, Distribution] = {}
        self._queues: dict[str, Queue | None] = {}
        self.inferences = {
            name: Inference(component, design.assumptions, moment.arriving.get(name, 0.0), self.replicas(component))
            for name, component in design.components.items()
            if component.kind.infers
        }

    def latency(self, subject: Component | Arrow) -> Latency | None:
        """Return what is known of a component's or an arrow's latency: as stated, or a model's as worked out."""
        if subject.latency is not None:
            return subject.latency
        if isinstance(subject, Arrow):
            hop = self.design.assumptions.hop
            return Latency((), hop, hop) if hop > 0 and subject.kind is not ArrowKind.FAILURE else None
        model = self.inferences.get(subject.name)
        return None if model is None else model.latency

    def of(self, subject: Component | Arrow) -> Distribution:
        """Return how long a component or a hop takes; no time at all where nothing is known."""
        name = subject.name if isinstance(subject, Component) else subject.id
        if name not in self._known:
            made = NEVER if name in self.moment.hung else self.served(subject)
            queue = self.queue(subject) if isinstance(subject, Component) else None
            self._known[name] = made if queue is None else queue.before(made)
        return self._known[name]

    def queue(self, component: Component) -> Queue | None:
        """Return the queue before a component whose latency is service time, None where there is none, or no end."""
        if component.name not in self._queues:
            latency, rate = self.latency(component), self.moment.arriving.get(component.name, 0.0)
            found = None
            if latency is not None and latency.service:
                found = self._queue_of(component, latency, rate)
            self._queues[component.name] = found
        return self._queues[component.name]

    def _queue_of(self, component: Component, latency: Latency, rate: float) -> Queue | None:
        balance = component.text("balance") or self.design.assumptions.balance
        return queue_of(component, latency, self.served(component), rate, self.moment, balance)

    def serves(self, name: str) -> bool:
        """Whether what waits at a component is worked out: its latency is service time, or a model's at its load."""
        model = self.inferences.get(name)
        if model is not None and model.waits:
            return True
        latency = self.latency(self.design.components[name])
        return latency is not None and latency.service

    def is_bounded(self, name: str) -> bool:
        """Whether only so many may wait at a component: its queue has an end, and what finds it full is refused."""
        return self.design.components[name].number(QUEUE) is not None

    def is_endless(self, name: str) -> bool:
        """Whether what waits at a component is worked out, and may grow without end."""
        return self.serves(name) and not self.is_bounded(name)

    def replicas(self, component: Component) -> float:
        """Return how many replicas run at this moment: of a range as many as it says, of which the most otherwise."""
        return self.moment.running.get(component.name, component.replicas.high)

    def served(self, subject: Component | Arrow) -> Distribution:
        """Return a latency as it is stated, without what waits in front."""
        latency = self.latency(subject)
        if latency is None:
            return NO_TIME
        if latency is not subject.latency:
            return distribution_of(latency, self.design.assumptions)
        if id(latency) not in self._stated:  # the design keeps it, so that no other gets its place
            self._stated[id(latency)] = distribution_of(latency, self.design.assumptions)
        return self._stated[id(latency)]
