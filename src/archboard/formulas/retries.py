"""Retries, hedges and fan-outs: what asking again, twice, or many at once does to load and tail."""

from __future__ import annotations

from archboard.formulas.model import INSIDE, SHARE, WHOLE, Formula, Input, Range, Topic
from archboard.maths import fanout, retries
from archboard.units import Dimension

FAILING = Input("failing", "the share of attempts that fail", Dimension.FRACTION, "10%", within=SHARE)
ATTEMPTS = Input("attempts", "attempts at most, the first one counted", Dimension.COUNT, "3", within=WHOLE)
MANY = Input("n", "how many are asked", Dimension.COUNT, "100", within=WHOLE)
SLOW = Input("slow", "the share of answers that are late", Dimension.FRACTION, "1%", within=SHARE)
FEW = Range(1.0, 20.0, whole=True)


def _needed(n: float, k: float, quantile: float) -> float:
    if k > n:
        raise ValueError(f"{k:g} of {n:g} are never there")
    return fanout.needed_quantile(quantile, int(n), int(k))


RETRIES = Topic(
    "Retries, hedges and fan-out",
    (
        Formula(
            "attempts",
            "mean number of attempts, which is what retries do to the load",
            "mean attempts",
            "(1 − {failing}^{attempts}) ÷ (1 − {failing})",
            (FAILING, ATTEMPTS),
            Dimension.RATIO,
            lambda failing, attempts: retries.expected_attempts(failing, int(attempts)),
            "attempts fail independently; under overload they do not, and retries feed themselves",
            "geometric series",
            metric="attempts",
            operator="attempts",
        ),
        Formula(
            "retry-success",
            "the chance that one of the attempts succeeds",
            "success",
            "1 − {failing}^{attempts}",
            (FAILING, ATTEMPTS),
            Dimension.FRACTION,
            lambda failing, attempts: retries.success(failing, int(attempts)),
            "attempts fail independently",
            "product rule",
        ),
        Formula(
            "retry-amplification",
            "requests at the bottom for one at the top when every layer retries",
            "amplification",
            "{attempts}^{layers}",
            (
                Input("layers", "layers that retry", Dimension.COUNT, "3", within=FEW),
                Input("attempts", "attempts of each", Dimension.COUNT, "4", within=FEW),
            ),
            Dimension.RATIO,
            lambda layers, attempts: retries.amplification(int(layers), int(attempts)),
            "everything fails at the bottom: retry in one layer, with a budget",
            "Beyer et al., Site Reliability Engineering (2016), §22",
        ),
        Formula(
            "retry-time",
            "the longest that a request with retries takes",
            "worst time",
            "{attempts} × {timeout} + waits of {backoffs}, the last repeating",
            (
                ATTEMPTS,
                Input("timeout", "of each attempt", Dimension.DURATION, "100ms"),
                Input("backoffs", "the waits between attempts", Dimension.DURATION, "50ms,100ms", "0", many=True),
            ),
            Dimension.DURATION,
            lambda attempts, timeout, backoffs: retries.worst_time(timeout, int(attempts), backoffs),
            "every attempt times out; without jitter",
            "sum",
        ),
        Formula(
            "retry-budget",
            "the most load that a retry budget lets through",
            "load",
            "1 + {budget}",
            (Input("budget", "retries at most, as a share of requests", Dimension.FRACTION, "10%", within=SHARE),),
            Dimension.RATIO,
            retries.budgeted_load,
            "whatever fails",
            "Beyer et al., Site Reliability Engineering (2016), §21",
        ),
        Formula(
            "hedge-load",
            "load of asking a second one after a percentile",
            "load",
            "1 + (1 − {after})",
            (Input("after", "the percentile after which a second is asked", Dimension.FRACTION, "95%", within=SHARE),),
            Dimension.RATIO,
            lambda after: 1 + (1 - after),
            "no cancelling; the second is asked once",
            "Dean and Barroso, The Tail at Scale (2013)",
        ),
        Formula(
            "hedge-tail",
            "the share still late when so many are asked at once",
            "still late",
            "{slow}^{n}",
            (SLOW, Input("n", "how many are asked for the same", Dimension.COUNT, "2", "2", WHOLE)),
            Dimension.FRACTION,
            lambda slow, n: slow**n,
            "slow independently of each other: the same overloaded store makes both slow",
            "Dean and Barroso, The Tail at Scale (2013)",
        ),
        Formula(
            "fan-out",
            "the chance that a request which needs all is late",
            "late",
            "1 − (1 − {slow})^{n}",
            (MANY, SLOW),
            Dimension.FRACTION,
            lambda n, slow: fanout.any_slow(int(n), slow),
            "slow independently of each other; all together it is the chance of one, and never more than the sum",
            "Dean and Barroso, The Tail at Scale (2013)",
        ),
        Formula(
            "fan-out-quantile",
            "the percentile of one that is a percentile of the k-th of n",
            "percentile of one",
            "u with P(at least {k} of {n} within u) = {quantile}",
            (
                MANY,
                Input("k", "how many are waited for", Dimension.COUNT, "100", within=WHOLE),
                Input("quantile", "the percentile of the whole", Dimension.FRACTION, "99%", "99%", INSIDE),
            ),
            Dimension.FRACTION,
            _needed,
            "slow independently of each other",
            "order statistics; David and Nagaraja (2003)",
        ),
    ),
)
