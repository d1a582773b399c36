"""Formulas: the cheat sheet as a table, each line with units, range, validity and source, and each of them computable.

It is the one-page sheet of the document that archboard grew from, corrected where that is wrong, and what an architect
is asked for besides. The sums are functions of `maths`; here stands how they are written, asked and read.
"""

from __future__ import annotations

from archboard.formulas.availability import AVAILABILITIES
from archboard.formulas.caches import CACHES
from archboard.formulas.capacity import CAPACITIES
from archboard.formulas.cost import COSTS
from archboard.formulas.drift import DRIFT
from archboard.formulas.latency import LATENCIES
from archboard.formulas.memory import MODELS
from archboard.formulas.model import Formula, Input, Topic
from archboard.formulas.retries import RETRIES
from archboard.formulas.scaling import SCALING

__all__ = ["FORMULA", "FORMULAS", "TOPICS", "Formula", "Input", "Topic"]

TOPICS: tuple[Topic, ...] = (
    LATENCIES,
    CAPACITIES,
    CACHES,
    RETRIES,
    AVAILABILITIES,
    MODELS,
    DRIFT,
    COSTS,
    SCALING,
)
FORMULAS: tuple[Formula, ...] = tuple(formula for topic in TOPICS for formula in topic.formulas)
FORMULA = {formula.name: formula for formula in FORMULAS}
