"""Cures: what would close a gap that a check finds, found by solving on the same arithmetic."""

from __future__ import annotations

from archboard.design.model import Promise, Replicas
from archboard.design.targets import Target
from archboard.records import record


@record
class Gap:
    """What a remedy is for: a check by its code, what it finds wrong, and of promises which one, in which failure."""

    code: str
    subject: str
    promise: Promise | None = None
    arrow: str = ""


@record
class Change:
    """One setting with another value: a number, a range of replicas, or where it is a choice a word.

    A number is rounded to what is shown of it, towards what holds.
    """

    target: Target
    before: float | str | Replicas
    after: float | str | Replicas


@record
class Fallback:
    """Something that answers in a component's place when that is `on`, and is always up."""

    component: str
    on: str = "down"


@record
class Remedy:
    """What closes a gap, found by solving: `changes` do so together, and so does each of the `others`.

    `comfortable` is the value of the one change at which its target is met with room; `least` what the number in
    question cannot be below: where that is more than the change says, it helps, and does not close the gap.
    """

    gap: Gap
    changes: tuple[Change | Fallback, ...]
    others: tuple[tuple[Change, ...], ...] = ()
    comfortable: float | None = None
    least: float | None = None

    @property
    def change(self) -> Change | None:
        """The first change of a setting, if it begins with one."""
        return self.changes[0] if self.changes and isinstance(self.changes[0], Change) else None


@record
class Shrinking:
    """No single change closes a gap: every part of it must become `factor` of itself, and `largest` is the largest."""

    gap: Gap
    factor: float
    largest: Target


@record
class Hopeless:
    """Nothing that was tried closes a gap: the promise must give. A fallback for the worst `helped` would help."""

    gap: Gap
    helped: int = 0


Cure = Remedy | Shrinking | Hopeless
