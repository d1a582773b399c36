"""Kinds of components: where each stands on the board and at which step it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of component; `role` is its hue on the board."""

    name: str
    step: int
    place: str
    role: str
    about: str


KINDS: tuple[Kind, ...] = (
    Kind("client", 1, "left", "client", "who sends requests"),
    Kind("gateway", 2, "entry", "entry", "API gateway, load balancer, CDN edge"),
    Kind("service", 3, "core", "core", "preprocess, postprocess, business logic, sidecar"),
    Kind("model", 3, "core", "core", "model inference: ANN index, ranker, LLM"),
    Kind("router", 3, "core", "core", "splits traffic: model routing, A/B, canary"),
    Kind("queue", 3, "core", "core", "stream or queue: Kafka, SQS"),
    Kind("job", 3, "core", "core", "batch, training, refresh pipelines"),
    Kind("external", 3, "core", "core", "third party API, human reviewer"),
    Kind("cache", 4, "above", "data", "Redis, semantic cache"),
    Kind("store", 4, "above", "data", "feature store, registry, database, vector index, object store"),
    Kind("telemetry", 4, "below", "telemetry", "logs, metrics, traces, alerts"),
    Kind("fallback", 5, "failure", "failure", "default features, cached result, rule-based answer, shed traffic"),
)
KIND: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in KINDS})
STEPS: tuple[str, ...] = (
    "Clients",
    "Entry point",
    "Core flow",
    "Supporting services",
    "Failure modes",
    "Numbers",
)
"""The six steps of the whiteboard, in order."""
