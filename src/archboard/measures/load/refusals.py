"""Refusals: the share of the requests that come to a component which it turns away at once, at the load of a moment.

A refusal takes no time and none of the component's calls. It is no answer: whoever asked tries again, as after an
error, or has none either.
"""

from __future__ import annotations

from archboard.design.model import Component
from archboard.measures.flow.times import Times


def refused_share(times: Times, component: Component) -> float:
    """Return the share of arrivals that a component refuses: every queue takes all that come, so none."""
    return 0.0
