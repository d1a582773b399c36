"""Replicas of a language model that hold a latency promise: its times follow its load, and no setting makes it faster.

A replica more takes its part of the load, so that fewer run at once and fewer prompts are in the way. Below the time of
a prompt and its steps alone no number of them gets.
"""

from __future__ import annotations

from archboard.design.model import Promise, Replicas
from archboard.maths.network import Hop, Network
from archboard.maths.percentiles.fourier import Transforms
from archboard.measures.latency import answers
from archboard.measures.models.fitting import changed
from archboard.measures.models.inference import Inference, distribution_of
from archboard.measures.remedies.fewest import fewest

MOST = 32
"""Times as many replicas are tried at most."""


def enough_replicas(
    model: Inference, network: Network, promise: Promise, transforms: Transforms, *, first: bool
) -> float | None:
    """Return the fewest replicas at which a promise holds, up to its `first` token or in full; None where none do."""
    name, now = model.component.name, model.component.replicas.high

    def holds(count: float) -> bool:
        tried = changed(model.component, "replicas", Replicas(count, count))
        more = Inference(tried, model.assumed, model.arriving)
        latency = more.ttft if first else more.latency
        if latency is None or more.saturation is None or more.arriving >= count * more.saturation:
            return False
        time = distribution_of(latency, model.assumed)
        nodes = tuple(
            Hop(time, node.name) if isinstance(node, Hop) and node.name == name else node for node in network.nodes
        )
        value = answers(Network(nodes, network.root), promise, transforms, full=False).by(promise.policy)
        return value is not None and promise.holds(value)

    return fewest(now, MOST * now, holds)
