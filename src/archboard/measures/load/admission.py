"""Admission: which fraction of what comes to each gateway it lets through, so that no more passes than its limit.

What a gateway refuses never comes behind it; where what stands behind leads back to it, by `~>`, it does not come again
either: limits and circles are one set of equations. Where a fraction f is let through of one gateway on a circle, there
comes a ÷ (1 − b f), a geometric series of rounds: two loads tell a and b, and those the f at which f times what comes
is the limit. Several gateways are solved in turn until none changes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from archboard.measures.load.arrivals import Loads
from archboard.records import record

_ROUNDS = 1000
_STILL = 1e-12

Brought = Callable[[Mapping[str, float]], Loads]
"""What the loads are if each gateway lets through such a fraction."""
Whole = Callable[[Loads], Mapping[str, float]]
"""What comes to each component in all, where the loads are those of some flows only."""


@record
class Gates:
    """The gateways of some flows: their limits, per second, their places on the way, and all that each leads to."""

    limits: Mapping[str, float]
    rank: Mapping[str, int]
    behind: Mapping[str, frozenset[str]]

    def settled(self, brought: Brought, whole: Whole) -> Loads:
        """Return the loads once every gateway lets through what fits its limit."""
        admitted: dict[str, float] = {}
        loads = brought(admitted)
        endless = loads.endless
        circling = {name for name in self.limits if name in self.behind[name]}
        for _ in range(_ROUNDS if circling else 2 * len(self.limits)):
            demand = whole(loads)
            over = [n for n in self.limits if _misfits(self.limits[n], demand.get(n, 0.0), admitted.get(n, 1.0))]
            if not over:
                break
            for first in self._foremost(over):
                closed = whole(brought({**admitted, first: 0.0}))[first] if first in circling else demand[first]
                admitted[first] = _fraction(self.limits[first], demand[first], closed, admitted.get(first, 1.0))
            loads = brought(admitted)
        loads.admitted = admitted
        loads.endless = endless
        return loads

    def _foremost(self, names: list[str]) -> list[str]:
        """Return the names that nothing else of them leads to; they do not change each other's demand."""
        behind = frozenset().union(*(self.behind[name] for name in names))
        return [name for name in names if name not in behind] or [min(names, key=self.rank.__getitem__)]


def _misfits(limit: float, demand: float, admitted: float) -> bool:
    """Whether a gateway's admission does not yet fit its demand."""
    return demand > 0 and abs(admitted - min(1.0, limit / demand)) > _STILL


def _fraction(limit: float, demand: float, closed: float, admitted: float) -> float:
    """Return the fraction that brings a limit through, of demands with a fraction `admitted` and with none of it."""
    if demand <= closed or admitted <= 0:
        return min(1.0, limit / demand)
    again = (1 - closed / demand) / admitted
    return min(1.0, limit / (closed + limit * again))
