"""Conditions in words: what a verdict holds by, and the lines at the end of a check."""

from __future__ import annotations

from archboard.conditions import Condition, Weight
from archboard.facts import Facts
from archboard.verdicts import Judged
from archboard.words.verdicts import both, per

MARKS = {True: "✓", False: "✗", None: "not judged"}
"""The signs of a verdict; they read without colour."""


def held_by(verdict: Judged) -> tuple[str, ...]:
    """Return what a verdict comes out so by, each with what becomes of it otherwise."""
    return tuple(f"if {each.taken.held}: {_then(verdict, each)}" for each in verdict.conditions)


def promises_held_by(facts: Facts) -> tuple[str, ...]:
    """Return each promise that comes out as it does by an assumption, with its sign and what it comes out so by."""
    return tuple(
        f"{MARKS[verdict.ok]} {verdict.promise.printed} {words}"
        for verdict in facts.judged
        for words in held_by(verdict)
    )


def hangs_on(facts: Facts, hanging: tuple[Weight, ...] | None) -> tuple[str, ...]:
    """Return the lines that say what the verdict hangs on most, or the one that says that it hangs on nothing tried."""
    if hanging is None:
        return ()
    if not hanging:
        return ("nothing: whatever else was tried of what is assumed, each promise comes out as it does, with room",)
    return tuple(_line(facts, weight) for weight in hanging)


def _line(facts: Facts, weight: Weight) -> str:
    verdict = judged(facts, weight)
    condition = weight.condition
    several = f", and {weight.turns - 1} more" if condition.turns and weight.turns > 1 else ""
    flow = "" if verdict.flow == "main" else f" of {verdict.flow}"
    then = f"{at(condition)} {verdict.promise.metric}{flow} is {_of(verdict, condition)}{several}"
    return f"{condition.taken.held} (assumed); {then} · {remedy(condition)}"


def judged(facts: Facts, weight: Weight) -> Judged:
    """Return the verdict that an assumption does most to."""
    return next(v for v in facts.judged if v.flow == weight.flow and v.promise.text == weight.promise)


def remedy(condition: Condition) -> str:
    """Return what would state an assumption, or which promise does without it."""
    return f"state `{condition.taken.stated}`" if condition.taken.row.is_default else "promise it `by bound`"


def at(condition: Condition) -> str:
    """Return what was tried in its place, in words."""
    if condition.tried == "worst case":
        return "in the worst case"
    return f"at {condition.tried}"


def _then(verdict: Judged, condition: Condition) -> str:
    if condition.value is None:
        return f"{at(condition)} it is not judged"
    return f"{at(condition)} it is {_value(verdict, condition)} {MARKS[condition.ok]}"


def _value(verdict: Judged, condition: Condition) -> str:
    assert condition.value is not None
    return f"{both(verdict.promise, condition.value)[0]}{per(verdict.promise)}"


def _of(verdict: Judged, condition: Condition) -> str:
    """Return the number of a trial beside the limit, and whether it holds: `61 ms of 50 ms ✗`."""
    if condition.value is None:
        return MARKS[None]
    limit = both(verdict.promise, condition.value)[1]
    return f"{_value(verdict, condition)} of {limit}{per(verdict.promise)} {MARKS[condition.ok]}"
