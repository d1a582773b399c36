"""Unanswered: the share of a flow's requests that fail though all is up: given up, refused, or lost to an error.

Each is the share given up or refused over an arrow, or answered by a component with an error, times that of requests
for which it decides: behind a cache only the misses come by, and what a fallback answers for loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Flow
from archboard.facts import Fact, Facts
from archboard.maths.reliability.decision_diagram import Answer
from archboard.measures.metrics import ERRORS, GIVEN_UP, LATE, LOST_TO_ERRORS, REFUSED_SHARE, UNANSWERED
from archboard.measures.terms import found, known
from archboard.measures.uptime.lateness import DUST
from archboard.measures.uptime.structure import Needs
from archboard.units import Dimension, show_fraction
from archboard.working import Term, product, rest

DECIDES = "the structure of what a request needs"


def measure(facts: Facts, flow: Flow, needs: Needs, answer: Answer) -> Iterator[Fact]:
    """Yield what each arrow and each component loses of a flow, and what errs in all.

    An arrow loses what is given up or refused over it, a component what it answers with an error; what it refuses of
    itself, where a flow starts there or it stands in, is said like that of an arrow.
    """
    for (subject, errs), lost in _lost(needs, answer).items():
        words = f"of the requests of `{flow.name}` that then fail"
        metric, first = LOST_TO_ERRORS if errs else UNANSWERED, _failing(facts, needs, subject, errs)
        if first is None:
            yield Fact(metric, subject, found(lost, Dimension.FRACTION, DECIDES, alone=words))
            continue
        deciding = found(lost / first.value, Dimension.FRACTION, DECIDES, words)
        yield Fact(metric, subject, product(Dimension.FRACTION, first, deciding))
    if needs.faults:
        yield _errors(flow, needs)


def _errors(flow: Flow, needs: Needs) -> Fact:
    """Return the share of a flow's requests that end in an error, all being up and nothing late."""
    well = {**needs.luck, **dict.fromkeys((name for name in needs.punctual if name not in needs.faults), 1.0)}
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


def _failing(facts: Facts, needs: Needs, subject: str, errs: bool) -> Term | None:
    """Return the share of what comes over an arrow that is refused or given up, None where no fact says it.

    Where it `errs`, the share that a component answers with an error. What an arrow that tries again gives up has in it
    what is refused in every attempt.
    """
    lost, head = needs.lost, head_of(needs.graph.flow, subject)
    errors, late = facts.get(ERRORS, subject), facts.get(GIVEN_UP, subject)
    full = None if subject in lost.over else facts.get(REFUSED_SHARE, head)
    named = ((errors, "errors"),) if errs else ((full, "refused"), (late, "given up"))
    terms = [known(fact, words) for fact, words in named if fact and fact.value]
    if len(terms) == 2:
        left = product(Dimension.FRACTION, *(rest(term) for term in terms))
        either = rest(found(left.value, Dimension.FRACTION, "", of=left))
        terms = [found(either.value, Dimension.FRACTION, "", "refused or given up", of=either)]
    if errs or not terms or head not in needs.graph.bounded:
        return terms[0] if terms else None
    away = lost.over[subject] if subject in lost.over else lost.quick.get(head, 0.0)
    share = 1.0 - (1.0 - lost.late.get(subject, 0.0)) * (1.0 - away)
    return terms[0] if math.isclose(terms[0].value, share, rel_tol=1e-9) else None


def head_of(flow: Flow, arrow: str) -> str:
    """Return what an arrow leads to; of a component itself, where a flow starts there, that one."""
    return next((each.head for each in flow.arrows if each.id == arrow), arrow)


def by_queue(facts: Facts, subject: str, head: str) -> bool:
    """Whether the full queue of the head of an arrow, or of a component itself, loses more than is late or errs."""
    full, late = facts.value(REFUSED_SHARE, head) or 0.0, facts.value(LATE, subject) or 0.0
    errs = 0.0 if head == subject else (facts.value(ERRORS, subject) or 0.0) - full
    return full > max(late, errs)


def told(facts: Facts, flow: Flow, arrow: str) -> str:
    """Return by what requests are lost over an arrow."""
    head = head_of(flow, arrow)
    return f"refused by the full queue of `{head}`" if by_queue(facts, arrow, head) else f"given up over `{arrow}`"


def lost_over(needs: Needs, answer: Answer) -> Mapping[str, float]:
    """Return the share of requests that fail because an arrow gave them up or a component erred, where that is any."""
    lost: dict[str, list[float]] = {}
    for (subject, _), share in _lost(needs, answer).items():
        lost.setdefault(subject, []).append(share)
    return {subject: math.fsum(shares) for subject, shares in lost.items()}


def _lost(needs: Needs, answer: Answer) -> Mapping[tuple[str, bool], float]:
    """Return the same, and whether it is a component that answered with an error."""
    boxes, lost = needs.graph.design.components, dict[tuple[str, bool], list[float]]()
    for name, subject in needs.punctual.items():
        one = (1.0 - needs.luck[name]) * answer.slopes.get(name, 0.0)
        lost.setdefault((subject, subject in boxes and name in needs.faults), []).append(one)
    sums = {subject: math.fsum(parts) for subject, parts in lost.items()}
    return {subject: share for subject, share in sums.items() if share > DUST}


def largest(facts: Facts, flow: Flow) -> tuple[str, float]:
    """Return the arrow over which most requests of a flow are lost, and the share; "" where none is."""
    own = {*(arrow.id for arrow in flow.arrows), *flow.starts}
    shares = [(fact.value or 0.0, fact.subject) for fact in facts.of(UNANSWERED) if fact.subject in own]
    share, arrow = max(shares, key=lambda pair: pair[0], default=(0.0, ""))
    return arrow, share
