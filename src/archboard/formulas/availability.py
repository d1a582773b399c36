"""Availability and reliability: of one thing, of many, and what it allows."""

from __future__ import annotations

from archboard.formulas.model import ANY, POSITIVE, SHARE, WHOLE, Formula, Input, Topic
from archboard.maths.reliability import replicas as reliability
from archboard.units import Dimension

UPTIME = Input("uptime", "time that it was up", Dimension.DURATION, "8751h", within=POSITIVE)
DOWNTIME = Input("downtime", "time that it was down", Dimension.DURATION, "9h")
FAILURES = Input("failures", "how often it failed", Dimension.COUNT, "3", within=POSITIVE)
EACH = Input("availability", "of each one", Dimension.FRACTION, "99%", within=SHARE)
NUMBER = Input("n", "how many", Dimension.COUNT, "2", within=WHOLE)
PROMISED = Input("availability", "the availability", Dimension.FRACTION, "99.9%", within=SHARE)


def _k_of_n(n: float, k: float, availability: float, beta: float) -> float:
    if k > n:
        raise ValueError(f"{k:g} of {n:g} can never be up")
    return reliability.k_of_n(int(n), int(k), availability, beta)


AVAILABILITIES = Topic(
    "Availability and reliability",
    (
        Formula(
            "availability",
            "the share of time that something was up",
            "availability",
            "{uptime} ÷ ({uptime} + {downtime})",
            (UPTIME, DOWNTIME),
            Dimension.FRACTION,
            lambda uptime, downtime: uptime / (uptime + downtime),
            "of the time measured; say which window",
            "definition",
            seed="Availability = Uptime / (Uptime + Downtime)",
        ),
        Formula(
            "mtbf",
            "mean time between failures",
            "MTBF",
            "{uptime} ÷ {failures}",
            (UPTIME, FAILURES),
            Dimension.DURATION,
            lambda uptime, failures: uptime / failures,
            "uptime only, so that MTBF ÷ (MTBF + MTTR) is the availability",
            "IEC 60050-192",
            seed="MTBF (Mean Time Between Failures): Total uptime / number of failures",
            differs="some books call this MTTF, and MTBF the sum of both; with few failures it says little",
        ),
        Formula(
            "mttr",
            "mean time to recover",
            "MTTR",
            "{downtime} ÷ {failures}",
            (DOWNTIME, FAILURES),
            Dimension.DURATION,
            lambda downtime, failures: downtime / failures,
            "from the failure to the repair, detection included",
            "IEC 60050-192",
            seed="MTTR (Mean Time To Recover): Total downtime / number of failures",
        ),
        Formula(
            "repaired",
            "the availability of what fails and is repaired",
            "availability",
            "{mtbf} ÷ ({mtbf} + {mttr})",
            (
                Input("mtbf", "mean time up between failures", Dimension.DURATION, "150days", within=POSITIVE),
                Input("mttr", "mean time to recover", Dimension.DURATION, "1h"),
            ),
            Dimension.FRACTION,
            reliability.repaired,
            "in the long run",
            "AWS, Availability and Beyond",
        ),
        Formula(
            "parallel",
            "of several of which one is enough",
            "together",
            "1 − (1 − {availability})^{n}",
            (EACH, NUMBER),
            Dimension.FRACTION,
            lambda availability, n: reliability.k_of_n(int(n), 1, availability),
            "they fail independently, and whoever asks moves over at once: a shared cause is the real limit",
            "product rule",
            seed="Parallel redundancy: 1 - (1 - A)^n",
            differs="for independent failures only; `k-of-n` takes a common cause",
        ),
        Formula(
            "series",
            "of what needs all of several",
            "together",
            "product of {each}",
            (Input("each", "of each one", Dimension.FRACTION, "99.95%,99.9%,99.5%", within=SHARE, many=True),),
            Dimension.FRACTION,
            reliability.series,
            "they fail independently; each counted once however often it is asked",
            "product rule; Treynor et al., The Calculus of Service Availability (2017)",
            metric="availability",
            operator="×",
        ),
        Formula(
            "k-of-n",
            "of replicas of which some may be down",
            "together",
            "P(at least {k} of {n} up at {availability}; common cause {beta})",
            (
                NUMBER,
                Input("k", "how many must be up", Dimension.COUNT, "1", within=WHOLE),
                EACH,
                Input(
                    "beta",
                    "the part of a replica's downtime that takes all at once",
                    Dimension.FRACTION,
                    "10%",
                    "0%",
                    SHARE,
                ),
            ),
            Dimension.FRACTION,
            _k_of_n,
            "independent but for the common cause (beta factor)",
            "binomial; IEC 61508-6 and NUREG/CR-4780 for the beta factor",
            metric="availability",
            operator="k of n",
        ),
        Formula(
            "downtime",
            "what an availability allows in time",
            "downtime",
            "(1 − {availability}) × {window}",
            (PROMISED, Input("window", "the time looked at", Dimension.DURATION, "1year", "1year", ANY)),
            Dimension.DURATION,
            reliability.downtime,
            "an average over many windows",
            "definition",
            seed="99.9% = 8.76 hours downtime/year",
            metric="downtime_month",
        ),
        Formula(
            "error-budget",
            "what an availability allows in failed requests",
            "error budget",
            "(1 − {availability}) × {requests}",
            (PROMISED, Input("requests", "requests of the window", Dimension.COUNT, "100M")),
            Dimension.COUNT,
            reliability.error_budget,
            "an availability counted in requests, not in time",
            "Beyer et al., Site Reliability Engineering (2016), §3",
            unit="requests",
            metric="error_budget",
        ),
    ),
)
