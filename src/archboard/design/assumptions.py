"""Assumptions: what a design takes for granted where it does not say."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from archboard.catalog.settings import SHARED
from archboard.records import field, record, replace
from archboard.source import Span


@record
class Assumptions:
    """What the design takes for granted; each has a default that the report lists when it is used.

    The names are those of the table of assumptions. `spans` says where each was stated that was.
    """

    tail: float = 3.0
    utilisation: float = 0.7
    correlation: float | None = None
    common_cause: float | None = None
    storage: float | None = None
    """Dollars a byte a month."""
    egress: float | None = None
    """Dollars a byte that leaves: for a client, an external or another region."""
    overhead: float = 0.2
    """Of a model's weights and KV cache: activations, fragments, the framework; in the rule of thumb."""
    decode: float = 0.8
    """Fraction of a GPU's bandwidth that decoding reaches."""
    prefill: float = 0.5
    """Fraction of a GPU's dense compute that reading a prompt reaches."""
    mttr: float = 1800.0
    """Seconds that a repair takes where nobody says."""
    gpu_use: float = 0.9
    """Fraction of a GPU's memory that an engine takes."""
    step: float = 0.7e-3
    """Seconds that a step of a language model takes beside its arithmetic."""
    availability: float = 1.0
    """Of a replica of what says nothing of it."""
    balance: str = SHARED
    """Which replica a request waits for where nobody says."""
    hop: float = 0.0
    """Seconds that an arrow takes that says no latency."""
    spans: Mapping[str, Span] = field(default_factory=lambda: MappingProxyType({}), compare=False)

    def states(self, name: str) -> bool:
        """Whether the design says what to take for granted, be it the default."""
        return name in self.spans

    def stating(self, name: str, value: float | str, span: Span) -> Assumptions:
        """Return them with one of them stated."""
        changed: dict[str, Any] = {name: value, "spans": MappingProxyType({**self.spans, name: span})}
        return replace(self, **changed)

    def and_(self, later: Assumptions) -> Assumptions:
        """Return them with what is stated later in the place of what is stated here."""
        found = self
        for name, span in later.spans.items():
            found = found.stating(name, getattr(later, name), span)
        return found
