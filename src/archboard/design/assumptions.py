"""Assumptions: what a design takes for granted where it does not say."""

from __future__ import annotations

from archboard.records import record


@record
class Assumptions:
    """What the design takes for granted; each has a default that the report lists when it is used."""

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
