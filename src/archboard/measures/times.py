"""Times: how long each component and each hop of a design takes, read once and shared by all measures.

What a design states is its latency. What it does not state a component may still have, worked out of what it runs;
`latency` answers for both, and every measure asks here rather than the component.
"""

from __future__ import annotations

from archboard.design.model import Arrow, Component, Design, Latency
from archboard.maths.distribution import Constant, Distribution
from archboard.measures.inference import Inference, distribution_of

NO_TIME = Constant(0.0)


class Times:
    """The time of every component and arrow of one design, as distributions; seconds."""

    def __init__(self, design: Design) -> None:
        self.design = design
        self._known: dict[str, Distribution] = {}
        self.inferences = {
            name: Inference(component, design.assumptions)
            for name, component in design.components.items()
            if component.kind.name == "model"
        }

    def latency(self, subject: Component | Arrow) -> Latency | None:
        """Return what is known of a component's or an arrow's latency: as stated, or a model's as worked out."""
        if subject.latency is not None or isinstance(subject, Arrow):
            return subject.latency
        model = self.inferences.get(subject.name)
        return None if model is None else model.latency

    def of(self, subject: Component | Arrow) -> Distribution:
        """Return how long a component or a hop takes; no time at all where nothing is known."""
        name = subject.name if isinstance(subject, Component) else subject.id
        if name not in self._known:
            self._known[name] = self._made(subject)
        return self._known[name]

    def _made(self, subject: Component | Arrow) -> Distribution:
        latency = self.latency(subject)
        return NO_TIME if latency is None else distribution_of(latency, self.design.assumptions)
