"""Unanswered: the share of a flow's requests that fail because they are given up, arrow by arrow.

Each is the share given up over the arrow times that of requests for which it decides: behind a cache only the misses
come by, and what a fallback answers for loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Flow
from archboard.facts import Fact, Facts
from archboard.maths.reliability.decision_diagram import Answer
from archboard.measures.metrics import GIVEN_UP, UNANSWERED
from archboard.measures.terms import found, known
from archboard.measures.uptime.lateness import DUST
from archboard.measures.uptime.structure import Needs
from archboard.units import Dimension
from archboard.working import product

DECIDES = "the structure of what a request needs"


def measure(facts: Facts, flow: Flow, needs: Needs, answer: Answer) -> Iterator[Fact]:
    """Yield what each arrow loses of a flow, where any is given up over it."""
    given_up = {fact.subject: fact for fact in facts.of(GIVEN_UP)}
    for arrow, lost in lost_over(needs, answer).items():
        fact = given_up.get(arrow)
        words = f"of the requests of `{flow.name}` that then fail"
        if fact is None or not fact.value:
            yield Fact(UNANSWERED, arrow, found(lost, Dimension.FRACTION, DECIDES, alone=words))
            continue
        late = known(fact, "given up")
        deciding = found(lost / late.value, Dimension.FRACTION, DECIDES, words)
        yield Fact(UNANSWERED, arrow, product(Dimension.FRACTION, late, deciding))


def lost_over(needs: Needs, answer: Answer) -> Mapping[str, float]:
    """Return the share of requests that fail because an arrow gave them up, where that is any."""
    lost: dict[str, list[float]] = {}
    for name, arrow in needs.punctual.items():
        lost.setdefault(arrow, []).append((1.0 - needs.luck[name]) * answer.slopes.get(name, 0.0))
    sums = {arrow: math.fsum(parts) for arrow, parts in lost.items()}
    return {arrow: share for arrow, share in sums.items() if share > DUST}


def largest(facts: Facts, flow: Flow) -> tuple[str, float]:
    """Return the arrow over which most requests of a flow are lost, and the share; "" where none is."""
    own = {arrow.id for arrow in flow.arrows}
    shares = [(fact.value or 0.0, fact.subject) for fact in facts.of(UNANSWERED) if fact.subject in own]
    share, arrow = max(shares, key=lambda pair: pair[0], default=(0.0, ""))
    return arrow, share
