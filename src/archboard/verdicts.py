"""Verdicts: one promise held against its number, or why it cannot be."""

from __future__ import annotations

from enum import Enum

from archboard.conditions import Condition
from archboard.design.model import Promise
from archboard.records import record
from archboard.working import Working


@record
class Judged:
    """One promise held against its number and how that came to be; `remark` is what is said of it instead, if anything.

    For latencies all three answers stand beside the value, which is the promise's policy's; `bracket` certifies the
    independent one. `worst_case` is the percentile under the worst dependence of the hops, `correlated` the one when
    they are tied as `assume: correlation` says. `conditions` are the assumptions that it comes out so by, where any was
    tried: with another value, which is as plausible, it would not.
    """

    flow: str
    promise: Promise
    value: float
    ok: bool
    working: Working
    remark: str = ""
    sum: float | None = None
    independent: float | None = None
    bound: float | None = None
    bracket: tuple[float, float] | None = None
    correlated: float | None = None
    worst_case: float | None = None
    conditions: tuple[Condition, ...] = ()


class Why(Enum):
    """Why a promise cannot be judged; who words it knows what the subject and the numbers are."""

    NO_START = "nothing starts the flow"
    NO_PERIOD = "nobody says how often a client reports"
    NO_NUMBER = "what it is held against is not known"
    OVER = "a component gets more than it carries, and its latency has no end"
    REFUSES = "the limit of a gateway turns requests away"
    FILLS = "the slots of a component fill while it waits for what gets more than it carries"
    FULL = "a component is full, and its queue has no end"
    STORM = "a component is in a retry storm"
    CIRCLE = "an arrow that nobody waits for closes a circle that feeds itself without end"
    DOWN = "a component is down"
    NO_LATENCY = "a component has no latency"
    NO_WORST_CASE = "a component or hop has no worst case"
    NO_FIRST_TOKEN = "no model says when its first token comes"
    NO_DEMAND = "something is paid by what it is asked, and no client gives a rate"
    NO_TOKENS = "something is paid by the token, and nothing says how many"
    OPEN = "the number is known to lie between two only"


@record
class Reason:
    """Why something is not judged: `subject` is the component or arrow that it is for, `numbers` are what prove it."""

    why: Why
    subject: str = ""
    numbers: tuple[float, ...] = ()


@record
class Unjudged:
    """One promise that cannot be held against anything, and why."""

    flow: str
    promise: Promise
    reason: Reason

    @property
    def value(self) -> None:
        """No number."""
        return

    @property
    def ok(self) -> None:
        """Neither kept nor missed."""
        return


Verdict = Judged | Unjudged
