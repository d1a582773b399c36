"""Supports, fallbacks, telemetry and further clients: the free spot nearest to what each belongs to.

Each wants the column of its neighbours. A row further away, a neighbouring column and a column past the
edge have their price, and the cheapest free spot wins; ties go to the earlier name and the left.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping

from archboard.design.model import ArrowKind
from archboard.records import field, record

LANES, FAILURE, BELOW = 0, 1, 2
FURTHER_ROW = {"above": 1.6, "failure": 3.0, "below": 3.0}
OUTSIDE = 1.7
Key = tuple[int, int, int]
Touch = tuple[str, str, str, str, ArrowKind]


@record
class Spot:
    """Where a thing stands: its main row (zone, lane, how far from the lane) and its first column."""

    zone: int
    lane: int
    offset: int
    column: int

    def row(self, inner: int) -> Key:
        """Return the row of one of its own rows."""
        return (self.zone, self.lane, self.offset + inner)


@record
class Lot:
    """The room a thing takes, and the cells within it."""

    columns: int
    top: int
    bottom: int
    cells: Mapping[str, tuple[int, int]]


@record
class Supporting:
    """A thing by name, its zone, and whether requests pass through it."""

    name: str
    place: str
    passing: bool


@record(frozen=False)
class Ground:
    """What is taken so far, and by what."""

    lots: Mapping[str, Lot]
    spots: dict[str, Spot] = field(default_factory=dict)
    taken: dict[Key, set[int]] = field(default_factory=dict)
    width: int = 1

    def put(self, name: str, spot: Spot) -> None:
        """Put a thing on its spot."""
        lot = self.lots[name]
        self.spots[name] = spot
        for inner in range(lot.top, lot.bottom + 1):
            self.taken.setdefault(spot.row(inner), set()).update(range(spot.column, spot.column + lot.columns))
        if spot.zone == LANES:
            self.width = max(self.width, spot.column + lot.columns)

    def free(self, name: str, spot: Spot) -> bool:
        """Whether a thing may stand on a spot."""
        lot = self.lots[name]
        for inner in range(lot.top, lot.bottom + 1):
            taken = self.taken.get(spot.row(inner))
            if taken and any(column in taken for column in range(spot.column, spot.column + lot.columns)):
                return False
        return spot.column >= 0

    def nearest(self, name: str, row: Spot, wanted: float, within: float) -> Spot | None:
        """Return the free spot of a row nearest to a column, none further off than `within`."""
        middle = (self.lots[name].columns - 1) / 2
        first = round(wanted - middle)
        for away in range(int(within) + 2):
            for column in dict.fromkeys((first - away, first + away)):
                spot = Spot(row.zone, row.lane, row.offset, column)
                if abs(column + middle - wanted) <= within + 1 and self.free(name, spot):
                    return spot
        return None


def settle(
    lots: Mapping[str, Lot], spots: Mapping[str, Spot], things: Iterable[Supporting], touches: Iterable[Touch]
) -> dict[str, Spot]:
    """Return a spot for everything, given those of the flow."""
    waiting = list(things)
    passing = {thing.name for thing in waiting if thing.passing}
    ground = Ground(lots)
    for name, spot in spots.items():
        if name not in passing:
            ground.put(name, spot)
    for name in sorted(passing & set(spots)):
        _above(ground, name, spots[name], 0.0)
    touching = list(touches)
    for place in ("above", "failure", "below", "left"):
        names = [thing.name for thing in waiting if thing.place == place and thing.name not in ground.spots]
        _waves(ground, place, names, touching)
    return ground.spots


def _above(ground: Ground, name: str, under: Spot, reach: float) -> None:
    """Stand over a spot, as low as is free."""
    offset = under.offset
    while True:
        offset -= 1
        row = Spot(under.zone, under.lane, offset - ground.lots[name].bottom, under.column)
        found = ground.nearest(name, row, under.column, reach) if reach else row
        if found is not None and ground.free(name, found):
            ground.put(name, found)
            return


def _waves(ground: Ground, place: str, names: list[str], touches: list[Touch]) -> None:
    """Settle what touches things already settled, then what touches those, and at last the rest."""
    near = _neighbours(names, touches)
    waiting = set(names)
    while waiting:
        ready = {name: _anchors(ground, near[name]) for name in sorted(waiting)}
        wave = sorted(
            (name for name in ready if ready[name]), key=lambda n: (_away(ready[n]), _wanted(ready[n]), n)
        )
        if not wave:
            wave = sorted(waiting)
        for name in wave:
            anchors = ready[name] or [(Spot(LANES, 0, 0, 0), (ground.width - 1) / 2)]
            ground.put(name, _best(ground, place, name, anchors))
        waiting -= set(wave)


def _neighbours(names: list[str], touches: list[Touch]) -> dict[str, list[tuple[str, str]]]:
    near: dict[str, set[tuple[str, str]]] = {name: set() for name in names}
    failing: dict[str, set[tuple[str, str]]] = {name: set() for name in names}
    for tail, head, tail_component, head_component, kind in touches:
        found = failing if kind is ArrowKind.FAILURE else near
        if tail in near:
            found[tail].add((head, head_component))
        if head in near:
            found[head].add((tail, tail_component))
    return {name: sorted(near[name] or failing[name]) for name in names}


def _anchors(ground: Ground, near: list[tuple[str, str]]) -> list[tuple[Spot, float]]:
    found: list[tuple[Spot, float]] = []
    for thing, component in near:
        if thing in ground.spots:
            spot = ground.spots[thing]
            found.append((spot, spot.column + ground.lots[thing].cells[component][1]))
    return found


def _away(anchors: list[tuple[Spot, float]]) -> int:
    """Return how far from its lane the nearest neighbour stands: what is closest chooses first."""
    return min(abs(spot.offset) for spot, _ in anchors)


def _wanted(anchors: list[tuple[Spot, float]]) -> float:
    return math.fsum(column for _, column in anchors) / len(anchors)


def _best(ground: Ground, place: str, name: str, anchors: list[tuple[Spot, float]]) -> Spot:
    wanted = _wanted(anchors)
    if place == "left":
        return _beside(ground, name, anchors)
    best: tuple[float, int, Spot] | None = None
    for price, row in _rows(ground, place, name, anchors):
        if best is not None and price >= best[0]:
            break
        found = ground.nearest(name, row, wanted, best[0] - price if best else ground.width + len(ground.spots))
        if found is None:
            continue
        middle = found.column + (ground.lots[name].columns - 1) / 2
        outside = OUTSIDE if found.column + ground.lots[name].columns > ground.width else 0.0
        cost = (price + abs(middle - wanted) + outside, found.column, found)
        best = min(best, cost, key=lambda each: each[:2]) if best else cost
    assert best is not None
    return best[2]


def _rows(ground: Ground, place: str, name: str, anchors: list[tuple[Spot, float]]) -> Iterator[tuple[float, Spot]]:
    """Return rows from the nearest on, each with the price of its distance."""
    lot = ground.lots[name]
    if place != "above":
        zone = FAILURE if place == "failure" else BELOW
        for row in range(len(ground.spots) + 2):
            yield row * FURTHER_ROW[place], Spot(zone, 0, row - lot.top, 0)
    lanes = sorted(spot.lane for spot, _ in anchors if spot.zone == LANES)
    lane = lanes[0] if len(set(lanes)) > 1 else lanes[len(lanes) // 2] if lanes else 0
    nearest = min((spot.offset for spot, _ in anchors if spot.zone == LANES and spot.lane == lane), default=0)
    rest_on_support = nearest < 0
    for row in range(1, len(ground.spots) + 3):
        price = abs(row + nearest) * 1.15 if rest_on_support else (row - 1) * FURTHER_ROW[place]
        yield price, Spot(LANES, lane, -row - lot.bottom, 0)


def _beside(ground: Ground, name: str, anchors: list[tuple[Spot, float]]) -> Spot:
    """Return the spot in the first column nearest to the row of what a client talks to, in a row that exists."""
    rows = sorted(ground.taken)
    target = min(spot.row(0) for spot, _ in anchors)
    here = rows.index(target) if target in rows else 0
    lot = ground.lots[name]
    for place in sorted(range(len(rows)), key=lambda each: (abs(each - here), -each)):
        zone, lane, offset = rows[place]
        spot = Spot(zone, lane, offset, 0)
        if zone != BELOW and lot.top == lot.bottom and ground.free(name, spot):
            return spot
    lane = 1 + max((key[1] for key in rows if key[0] == LANES), default=0)
    return Spot(LANES, lane, 0, 0)
