"""Traffic equations: what arrives where streams feed each other, circles included.

A stream carries what enters it from outside and, of every other stream, so many times that stream's rate:
λᵢ = γᵢ + Σⱼ λⱼ pⱼᵢ (Jackson 1957). What feeds itself by less than it takes has one solution; by as much or more, none.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence

from archboard.maths.circles import circles

Feeds = Mapping[str, float]
"""What one request of a stream brings to each other stream, itself included, requests."""


def balanced(outside: Mapping[str, float], feeds: Callable[[str], Feeds]) -> tuple[dict[str, float], list[list[str]]]:
    """Return the rate of every stream that anything comes to, and the circles that feed themselves without end.

    `outside` is per second and in the order in which streams are looked at. A stream of such a circle has no rate, and
    is left out; what it feeds gets nothing of it.
    """
    fed: dict[str, Feeds] = {}
    waiting = list(outside)[::-1]
    while waiting:
        name = waiting.pop()
        if name not in fed:
            fed[name] = {head: part for head, part in feeds(name).items() if part > 0}
            waiting += [head for head in list(fed[name])[::-1] if head not in fed]
    number = circles({name: list(found) for name, found in fed.items()})
    members: dict[int, list[str]] = {}
    for name in fed:
        members.setdefault(number[name], []).append(name)
    rates: dict[str, float] = {}
    endless: list[list[str]] = []
    coming = {name: [outside.get(name, 0.0)] for name in fed}
    for at in sorted(members, reverse=True):  # what feeds stands behind what it feeds in the order of circles
        names = members[at]
        solved = _solved(names, {name: math.fsum(coming[name]) for name in names}, fed)
        if solved is None:
            endless.append(names)
            continue
        rates.update(solved)
        for name, rate in solved.items():
            for head, part in fed[name].items():
                if number[head] != at:
                    coming[head].append(rate * part)
    return rates, endless


def _solved(names: Sequence[str], come: Mapping[str, float], fed: Mapping[str, Feeds]) -> dict[str, float] | None:
    """Return the rates of streams that feed each other, None where they do so without end."""
    if len(names) == 1 and names[0] not in fed[names[0]]:
        return {names[0]: come[names[0]]}
    matrix = [[(1.0 if i == j else 0.0) - fed[j].get(i, 0.0) for j in names] for i in names]
    if not _ends(matrix):
        return None
    return dict(zip(names, eliminated(matrix, [come[name] for name in names]), strict=True))


def _ends(matrix: Sequence[Sequence[float]]) -> bool:
    """Whether I − P of a circle is a regular M-matrix: (I − P) y = 1 has a positive solution (Berman, Plemmons)."""
    try:
        solution = eliminated(matrix, [1.0] * len(matrix))
    except ZeroDivisionError:
        return False
    return all(0 < value < 1e12 for value in solution)


def eliminated(matrix: Sequence[Sequence[float]], right: Sequence[float]) -> list[float]:
    """Solve square equations (Gauss, with pivots); raises ZeroDivisionError where they have no one solution."""
    rows = [[*row, value] for row, value in zip(matrix, right, strict=True)]
    size = len(rows)
    for at in range(size):
        pivot = max(range(at, size), key=lambda i: abs(rows[i][at]))
        rows[at], rows[pivot] = rows[pivot], rows[at]
        for i in range(at + 1, size):
            factor = rows[i][at] / rows[at][at]
            if factor:
                rows[i] = [value - factor * above for value, above in zip(rows[i], rows[at], strict=True)]
    solution = [0.0] * size
    for at in range(size - 1, -1, -1):
        known = math.fsum(rows[at][i] * solution[i] for i in range(at + 1, size))
        solution[at] = (rows[at][size] - known) / rows[at][at]
    return solution
