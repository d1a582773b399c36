"""Terms of workings: numbers as they were written, taken from other facts, assumed, or found by a method."""

from __future__ import annotations

from archboard.catalog.assumptions import ASSUMED, OF_SETTING, OWNER
from archboard.design.model import Arrow, Assumptions, Component
from archboard.facts import Fact
from archboard.units import HOURS, MONTH, Dimension
from archboard.working import CONSTANT, Term, Unknown, Working


def stated(
    subject: Component | Arrow, setting: str, value: float, dimension: Dimension, words: str = "", *, text: str = "",
    alone: str = "",
) -> Term:  # fmt: skip
    """Return a setting of a component or an arrow as a term: where it was written, or that it is the default."""
    owner = subject.name if isinstance(subject, Component) else subject.id
    given = subject.settings.get(setting)
    if given is not None:
        return Term(value, dimension, words, owner, setting, given.span, text=text, alone=alone)
    row = OF_SETTING.get(setting, "")
    return Term(value, dimension, words, owner, setting, by="the default", text=text, alone=alone, assumption=row)


def number(subject: Component | Arrow, setting: str, dimension: Dimension, words: str = "") -> Term:
    """Return a setting that is known to be given, as a term."""
    value = subject.number(setting) if isinstance(subject, Component) else subject.number_of(setting)
    assert value is not None, setting
    return stated(subject, setting, value, dimension, words)


def replicas(component: Component, words: str = "") -> Term:
    """Return how many replicas a component may have at most."""
    return stated(component, "replicas", component.replicas.high, Dimension.COUNT, words)


def known(fact: Fact, words: str = "", *, text: str = "", value: float | None = None) -> Term:
    """Return another fact as a term; `value` in place of the fact's own twelve digits."""
    assert not isinstance(fact.working, Unknown), fact.subject
    exact = fact.working.value if value is None else value
    return Term(exact, fact.metric.dimension, words, fact=(fact.metric.name, fact.subject), text=text)


def assumed(
    assumptions: Assumptions, name: str, words: str = "", *, value: float | None = None, text: str = ""
) -> Term:
    """Return what the design takes for granted: where it says so, or that it does not; `value` in place of its own."""
    kind, at = ASSUMED[name.replace("_", " ")], assumptions.spans.get(name)
    number = float(getattr(assumptions, name) or 0.0) if value is None else value
    dimension = kind.dimension or Dimension.COUNT
    row = "" if at is not None else kind.name
    return Term(number, dimension, words, span=at, by=f"{OWNER}: {kind.name}", text=text, assumption=row)


def found(
    value: float, dimension: Dimension, by: str, words: str = "", *, of: Working | None = None, text: str = "",
    alone: str = "", assumption: str = "",
) -> Term:  # fmt: skip
    """Return a number that a method found which no sum shows; `assumption` where the method is an approximation."""
    return Term(value, dimension, words, by=by, of=of, text=text, alone=alone, assumption=assumption)


def exactly(value: float, dimension: Dimension, text: str = "", words: str = "", *, by: str = CONSTANT) -> Term:
    """Return a number of the formula itself; `by` is what it is, where neither words nor text say so."""
    return Term(value, dimension, words, by=by, text=text)


A_MONTH = exactly(MONTH, Dimension.DURATION, "730 h")
HOURS_A_MONTH = exactly(HOURS, Dimension.COUNT, "730 h")
