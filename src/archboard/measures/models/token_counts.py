"""Token counts: how many tokens a request reads or writes, as stated or the mean of those whose percentiles are."""

from __future__ import annotations

from archboard.design.lengths import Lengths
from archboard.design.model import Component
from archboard.maths.distributions.from_percentiles import from_percentiles
from archboard.measures.terms import exactly, stated
from archboard.records import replace
from archboard.units import Dimension
from archboard.working import Calculation, Operator, Term

MEAN_LENGTH = Operator(
    "mean length", lambda *parts: from_percentiles(tuple(zip(parts[::2], parts[1::2], strict=True))).mean(), ", ".join
)


def mean_count(component: Component, name: str) -> float | None:
    """Return the tokens of a setting: as stated, or the mean of what percentiles state; None where it says none."""
    given = component.settings.get(name)
    if given is None or not isinstance(given.value, Lengths):
        return component.number(name)
    return from_percentiles(given.value.percentiles).mean()


def mean_term(component: Component, name: str, words: str = "") -> Term:
    """Return the tokens of a setting as a term: as stated, or their mean."""
    given = component.settings.get(name)
    term = stated(component, name, mean_count(component, name) or 0.0, Dimension.COUNT, words)
    if given is None or not isinstance(given.value, Lengths):
        return term
    parts: list[Term] = []
    for q, tokens in given.value.percentiles:
        parts += (exactly(q, Dimension.FRACTION), stated(component, name, tokens, Dimension.COUNT))
    of = Calculation(MEAN_LENGTH, tuple(parts), Dimension.COUNT, text="of the lognormal through what is stated")
    return replace(term, of=of, text=f"{term.shown} {words}".strip() + " on average")
