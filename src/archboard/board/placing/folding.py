"""Long flows into rows of readable length, and lanes into their order from top to bottom."""

from __future__ import annotations

from collections.abc import Mapping
from math import log

from archboard.board.placing.core import Step

COLUMN = 235.0
ROW = 190.0
AROUND = 2.0
"""Rows that supports, fallbacks and telemetry usually add."""
SUPPORTS = 1.2
ASPECT = 1.9


def fold(steps: Mapping[str, Step], may_fold: bool) -> dict[str, int]:
    """Return the row order of each step's lane; columns are changed in place where the flow goes on below."""
    placed = [step for step in steps.values() if step.lane >= 0]
    lanes = 1 + max((step.lane for step in placed), default=0)
    columns = max((step.end for step in placed), default=0)
    starts = _starts(placed, columns, _folds(columns, lanes) if may_fold else 1)
    orders = {}
    for step in placed:
        turn = max(place for place, start in enumerate(starts) if start <= step.column)
        step.column -= starts[turn]
        orders[step.name] = turn * (2 * lanes + 1) + _order(step.lane, lanes)
    return orders


def _folds(columns: int, lanes: int) -> int:
    def strain(folds: int) -> float:
        wide = -(-columns // folds) * COLUMN
        tall = (folds * (lanes + SUPPORTS) + AROUND) * ROW
        return abs(log(max(wide, 1.0) / tall / ASPECT))

    return min(range(1, max(2, columns // 4 + 1)), key=lambda folds: (strain(folds), folds))


def _starts(placed: list[Step], columns: int, folds: int) -> list[int]:
    """Return the columns at which the rows start; no block is cut."""
    inside = {column for step in placed for column in range(step.column + 1, step.end)}
    long = -(-columns // folds)
    starts, wanted = [0], long
    for column in range(1, columns):
        if column >= wanted and column not in inside:
            starts.append(column)
            wanted = column + long
    return starts


def _order(lane: int, lanes: int) -> int:
    """Return where a lane stands: with three or more, arms lie on both sides of the main row."""
    if lanes < 3:
        return lane
    return (lane + 1) // 2 if lane % 2 else -(lane // 2)
