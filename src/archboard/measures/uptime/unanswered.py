"""Unanswered: the share of a flow's requests that fail though all is up, given up over an arrow or lost to an error.

Each is the share given up over an arrow, or answered by a component with an error, times that of requests for which it
decides: behind a cache only the misses come by, and what a fallback answers for loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Flow
from archboard.facts import Fact, Facts
from archboard.maths.reliability.decision_diagram import Answer
from archboard.measures.metrics import ERRORS, GIVEN_UP, LOST_TO_ERRORS, UNANSWERED
from archboard.measures.terms import found, known
from archboard.measures.uptime.lateness import DUST
from archboard.measures.uptime.structure import Needs
from archboard.units import Dimension, show_fraction
from archboard.working import Term, product, rest

DECIDES = "the structure of what a request needs"


def measure(facts: Facts, flow: Flow, needs: Needs, answer: Answer) -> Iterator[Fact]:
    """Yield what each arrow and each component loses of a flow, where any is given up or errs, and what errs in all."""
    given_up = {fact.subject: fact for fact in facts.of(GIVEN_UP)}
    for subject, lost in lost_over(needs, answer).items():
        words = f"of the requests of `{flow.name}` that then fail"
        box = subject in needs.graph.design.components
        metric, fact = (LOST_TO_ERRORS, facts.get(ERRORS, subject)) if box else (UNANSWERED, given_up.get(subject))
        if fact is None or not fact.value:
            yield Fact(metric, subject, found(lost, Dimension.FRACTION, DECIDES, alone=words))
            continue
        first = known(fact, "errors" if box else "given up")
        deciding = found(lost / first.value, Dimension.FRACTION, DECIDES, words)
        yield Fact(metric, subject, product(Dimension.FRACTION, first, deciding))
    if needs.faults:
        yield _errors(flow, needs)


def _errors(flow: Flow, needs: Needs) -> Fact:
    """Return the share of a flow's requests that end in an error, all being up and nothing late."""
    well = {**needs.luck, **dict.fromkeys(needs.punctual.keys() - needs.faults.keys(), 1.0)}
    well.update(dict.fromkeys((*needs.graph.design.components, *needs.further, *needs.noticed), 1.0))
    erring = 1.0 - needs.diagram.answer(well).value
    always = [(name, subject) for name, subject in needs.faults.items() if name in needs.diagram.always]
    factors = [
        found(needs.luck[name], Dimension.FRACTION, "its errors", text=f"{show_fraction(needs.luck[name])} {subject}")
        for name, subject in always
    ]
    good = product(Dimension.FRACTION, *factors) if factors else None
    if good is not None and math.isclose(good.value, 1.0 - erring, rel_tol=1e-14):
        fine = Term(good.value, Dimension.FRACTION, of=good, text=f"{good}")
        return Fact(ERRORS, flow.name, rest(fine))
    alone = f"of the requests of `{flow.name}`, all being up and nothing late"
    return Fact(ERRORS, flow.name, found(erring, Dimension.FRACTION, DECIDES, alone=alone))


def lost_over(needs: Needs, answer: Answer) -> Mapping[str, float]:
    """Return the share of requests that fail because an arrow gave them up or a component erred, where that is any."""
    lost: dict[str, list[float]] = {}
    for name, subject in needs.punctual.items():
        lost.setdefault(subject, []).append((1.0 - needs.luck[name]) * answer.slopes.get(name, 0.0))
    sums = {subject: math.fsum(parts) for subject, parts in lost.items()}
    return {subject: share for subject, share in sums.items() if share > DUST}


def largest(facts: Facts, flow: Flow) -> tuple[str, float]:
    """Return the arrow over which most requests of a flow are lost, and the share; "" where none is."""
    own = {arrow.id for arrow in flow.arrows}
    shares = [(fact.value or 0.0, fact.subject) for fact in facts.of(UNANSWERED) if fact.subject in own]
    share, arrow = max(shares, key=lambda pair: pair[0], default=(0.0, ""))
    return arrow, share
