"""Ladders: what may answer in the place of a component, in the order tried."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from archboard.design.model import Arrow
from archboard.measures.flow.graph import FlowGraph
from archboard.measures.uptime.asking import ERRED, LATE, Asked
from archboard.measures.uptime.standing_in import CATCHING, crosses
from archboard.records import record


@record
class Rung:
    """One that may answer; `onward` has the ways that are then taken, None where the request ends.

    `down` is who must be down for it, "" where it answers for what was given up as well.
    """

    name: str
    onward: str | None
    down: str = ""
    via: Arrow | None = None


@record
class Ladder:
    """What may answer, in the order tried; `down` is the place of the ladder that must be down for it, if one must."""

    rungs: list[Rung]
    down: int | None = None
    via: Arrow | None = None


@record
class Standing:
    """The failure arrows `instead` of each component, which of them form a `circle`, and who is always `covered`."""

    graph: FlowGraph
    instead: Mapping[str, Sequence[Arrow]]
    circle: Mapping[str, int]
    covered: frozenset[str]

    def has_arrows(self, name: str) -> bool:
        """Whether a component leads anywhere."""
        return bool(self.graph.ways.get(name) or self.graph.calls.get(name))


def ladders_of(asked: Asked, standing: Standing) -> list[Ladder]:
    """Return what may answer, in the order tried; a failure arrow into another region begins a ladder of its own.

    On a usual day, what leads back to the component is left out; where it was given up itself, all but what
    catches that.
    """
    first, components = asked.name, standing.graph.design.components
    circle, seen = standing.circle.get(first), {first}
    ladders: list[Ladder] = []
    feet: list[tuple[Rung, int | None]] = [(Rung(first, first), None)]
    while feet:
        foot, above = feet.pop(0)
        waiting, ladder = [foot], Ladder([], above, foot.via)
        ladders.append(ladder)
        while waiting:
            rung = waiting.pop()
            name = rung.name
            given_up = name == first and asked.how in (LATE, ERRED) and name not in standing.covered
            onward = name if standing.has_arrows(name) else rung.onward
            if not given_up:
                ends = name != first and components[name].flag("ends")
                via = None if name == foot.name else rung.via
                ladder.rungs.append(Rung(name, None if ends else onward, rung.down, via))
            stands = onward is not None and components[onward].kind.caches  # what is behind a cache is then spared
            onward, below = None if stands else onward, list[Rung]()
            for arrow in standing.instead.get(name, ()):
                kind = "" if arrow.condition is None else arrow.condition.kind
                catches = kind == "error" if asked.how == ERRED else kind in CATCHING
                back = asked.usual and standing.circle.get(arrow.head) == circle
                if arrow.head in seen or back or (given_up and not catches):
                    continue
                seen.add(arrow.head)
                if crosses(standing.graph.design, arrow):
                    feet.append((Rung(arrow.head, onward, via=arrow), None if catches else len(ladders) - 1))
                else:
                    below.append(Rung(arrow.head, onward, "" if catches else name, arrow))
            waiting += below[::-1]
    return ladders
