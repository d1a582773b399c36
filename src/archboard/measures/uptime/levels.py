"""Levels: the numbers of replicas that must be up in different moments, as chances that build on each other.

Who has three up has two up: that the higher number is, given that the lower is, is a chance of its own, independent of
everything else that is known. So one component is as many variables of a structure as it has levels.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from archboard.maths.reliability.structure import Structure
from archboard.records import record

Groups = tuple[tuple[str, ...], ...]
"""Of each group at least one is down, a fallback before what it stands in for."""


@record
class Level:
    """So many replicas that must be up, of so many that then run, in the moment that something else is down.

    `demand` is what comes then, requests a second.
    """

    needed: float
    count: float
    while_down: Groups
    demand: float

    def within(self, groups: Groups) -> bool:
        """Whether it is that of a moment of which no more is down than that."""
        return set(self.while_down) <= set(groups)


Levels = Mapping[str, Sequence[Level]]


def variable_of(name: str, level: Level) -> str:
    """Return what that so many are up, given that the next lower number is, is called."""
    return f"{name} {level.needed:g}"


def enough_up(structure: Structure, name: str, levels: Levels, covered: Collection[str]) -> int:
    """Return the node of whether enough of a component is up; what is `covered` is never down for others."""
    parts = [structure.variable(name)]
    for level in levels.get(name, ()):
        well = (
            structure.all_of(_up_while(structure, other, levels, level.while_down[at + 1 :])
                             for other in group if other not in covered)
            for at, group in enumerate(level.while_down)
        )  # fmt: skip
        parts.append(structure.any_of((*well, _up_while(structure, name, levels, level.while_down))))
    return structure.all_of(parts)


def _up_while(structure: Structure, name: str, levels: Levels, groups: Groups) -> int:
    """Return the node of whether so many of a component are up as it needs while all of some groups are down."""
    own = levels.get(name, ())
    most = max((level.needed for level in own if level.within(groups)), default=0.0)
    reached = (structure.variable(variable_of(name, level)) for level in own if level.needed <= most)
    return structure.all_of((structure.variable(name), *reached))
