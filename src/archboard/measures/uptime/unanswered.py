"""Unanswered: the share of a flow's requests that fail because they are given up or find a queue full, arrow by arrow.

Each is the share lost over the arrow times that of requests for which it decides: behind a cache only the misses
come by, and what a fallback answers for loses nothing.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from archboard.design.model import Flow
from archboard.facts import Fact, Facts
from archboard.maths.reliability.decision_diagram import Answer
from archboard.measures.metrics import GIVEN_UP, REFUSED_SHARE, UNANSWERED
from archboard.measures.terms import found, known
from archboard.measures.uptime.lateness import DUST
from archboard.measures.uptime.structure import Needs
from archboard.units import Dimension
from archboard.working import Term, product, rest

DECIDES = "the structure of what a request needs"


def measure(facts: Facts, flow: Flow, needs: Needs, answer: Answer) -> Iterator[Fact]:
    """Yield what each arrow loses of a flow, where any is given up over it."""
    for arrow, lost in lost_over(needs, answer).items():
        late = _failing(facts, flow, needs, arrow)
        words = f"of the requests of `{flow.name}` that then fail"
        if late is None:
            yield Fact(UNANSWERED, arrow, found(lost, Dimension.FRACTION, DECIDES, alone=words))
            continue
        deciding = found(lost / late.value, Dimension.FRACTION, DECIDES, words)
        yield Fact(UNANSWERED, arrow, product(Dimension.FRACTION, late, deciding))


def _failing(facts: Facts, flow: Flow, needs: Needs, arrow: str) -> Term | None:
    """Return the share of what comes over an arrow that is refused or given up, None where no fact says it."""
    full, late = facts.get(REFUSED_SHARE, head_of(flow, arrow)), facts.get(GIVEN_UP, arrow)
    terms = [known(fact, words) for fact, words in ((full, "refused"), (late, "given up")) if fact and fact.value]
    if len(terms) == 2:
        left = product(Dimension.FRACTION, *(rest(term) for term in terms))
        either = rest(found(left.value, Dimension.FRACTION, "", of=left))
        terms = [found(either.value, Dimension.FRACTION, "", "refused or given up", of=either)]
    matches = terms and (full is None or math.isclose(terms[0].value, needs.late.get(arrow, 0.0), rel_tol=1e-9))
    return terms[0] if matches else None


def head_of(flow: Flow, arrow: str) -> str:
    """Return what an arrow leads to; of a component itself, where a flow starts there, that one."""
    return next((each.head for each in flow.arrows if each.id == arrow), arrow)


def by_queue(facts: Facts, flow: Flow, arrow: str) -> str:
    """Return the component whose full queue loses more over an arrow than is given up, "" where it is no queue."""
    head = head_of(flow, arrow)
    return head if (facts.value(REFUSED_SHARE, head) or 0.0) > (facts.value(GIVEN_UP, arrow) or 0.0) else ""


def told(facts: Facts, flow: Flow, arrow: str) -> str:
    """Return by what requests are lost over an arrow."""
    full = by_queue(facts, flow, arrow)
    return f"refused by the full queue of `{full}`" if full else f"given up over `{arrow}`"


def lost_over(needs: Needs, answer: Answer) -> Mapping[str, float]:
    """Return the share of requests that fail because an arrow gave them up, where that is any."""
    lost: dict[str, list[float]] = {}
    for name, arrow in needs.punctual.items():
        lost.setdefault(arrow, []).append((1.0 - needs.luck[name]) * answer.slopes.get(name, 0.0))
    sums = {arrow: math.fsum(parts) for arrow, parts in lost.items()}
    return {arrow: share for arrow, share in sums.items() if share > DUST}


def largest(facts: Facts, flow: Flow) -> tuple[str, float]:
    """Return the arrow over which most requests of a flow are lost, and the share; "" where none is."""
    own = {*(arrow.id for arrow in flow.arrows), *flow.starts}
    shares = [(fact.value or 0.0, fact.subject) for fact in facts.of(UNANSWERED) if fact.subject in own]
    share, arrow = max(shares, key=lambda pair: pair[0], default=(0.0, ""))
    return arrow, share
