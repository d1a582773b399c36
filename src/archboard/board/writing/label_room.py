"""Ways into pixels, again and again until every label and every frame's title has a place.

A label first gets room on the longest leg of its line, then at an end of it, then more; a title of which lines take
the strip gets room beside its boxes. Each round works everything out anew, so nothing is left over from the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise

from archboard.board.placing.frames import Edges, Title, entitled, kept_for, pads, titles
from archboard.board.placing.geometry import Drawing, Pads, Rect, draw
from archboard.board.routing.routes import Cell, Terrain, Way
from archboard.board.routing.tracks import Room, Slots, bands, ports, slots
from archboard.board.routing.untangling import Orders, rerouted, untangled
from archboard.board.writing import arrow_labels as labels
from archboard.board.writing.arrow_words import Inscription
from archboard.design.model import Design
from archboard.records import record, replace

ROUNDS = 16
CROSS_ROOM = 30.0


@record
class Grid:
    """The cells of the board: who stands where, the frames, and the size of what each box holds."""

    cells: Mapping[str, Cell]
    frames: Mapping[str, Edges]
    sizes: Mapping[str, tuple[float, float]]
    terrain: Terrain


@record
class Settling:
    """A routed grid and what is written on its lines."""

    design: Design
    grid: Grid
    ways: tuple[Way, ...]
    written: Mapping[int, Inscription]

    def untangled(self) -> Settling:
        """Return it with other ways for lines that cross where that helps."""
        rooms = self._rooms()

        def drawn(ways: tuple[Way, ...]) -> Drawing:
            tried = replace(self, ways=ways)
            lines = slots(ways, rooms, self.grid.terrain)
            return tried._drawn(rooms, lines, {}, Pads({}, {}, {}, {}))

        return replace(self, ways=rerouted(self.ways, self.grid.terrain, drawn))

    def _rooms(self) -> dict[str, Room]:
        by_name = {way.wire.name: way for way in self.ways}
        return {f"a{n}": _room(by_name[f"a{n}"], found, self.grid.terrain, 0) for n, found in self.written.items()}

    def settled(self) -> tuple[Drawing, dict[str, Rect], dict[str, Title]]:
        """Return the pixels, the places of labels and the titles of frames."""
        grid, terrain = self.grid, self.grid.terrain
        by_name = {way.wire.name: way for way in self.ways}
        words = {f"a{number}": found for number, found in self.written.items()}
        rooms = self._rooms()
        tags = [_tag(by_name[name], found) for name, found in words.items()]
        tried = dict.fromkeys(words, 0)
        beside: frozenset[str] = frozenset()
        orders = self._orders(rooms)
        for _ in range(ROUNDS):
            written = titles(self.design, grid.frames, terrain, beside)
            drawing = self._drawn(rooms, slots(self.ways, rooms, terrain), orders, pads(grid.frames, written, beside))
            reserved = frozenset(name for name in tried if tried[name])
            places, failed = labels.place(tags, drawing, reserved, kept_for(drawing, written, beside))
            heads, crowded = entitled(drawing, written, places)
            if not failed and crowded <= beside:
                break
            beside |= crowded
            for name in failed:
                tried[name] += 1
                rooms[name] = _room(by_name[name], words[name], terrain, tried[name])
        return drawing, places, heads

    def _drawn(self, rooms: Mapping[str, Room], lines: Slots, orders: Orders, kept: Pads) -> Drawing:
        found = ports(self.ways, lines, orders)
        tracks = bands(self.ways, rooms, found, self.grid.terrain)
        return draw(self.grid.cells, kept, self.grid.sizes, self.ways, found, tracks, self.grid.terrain)

    def _orders(self, rooms: Mapping[str, Room]) -> Orders:
        lines = slots(self.ways, rooms, self.grid.terrain)
        kept = Pads({}, {}, {}, {})
        first = {key: tuple(inside) for key, inside in lines.items()}
        return untangled(self.ways, first, lambda orders: self._drawn(rooms, lines, orders, kept))


def _tag(way: Way, words: Inscription) -> labels.Tag:
    own = {way.wire.name}
    if way.wire.along:
        own.add(f"spine {way.wire.along}")
    return labels.Tag(way.wire.name, words.width, words.height, frozenset(own))


def _room(way: Way, words: Inscription, terrain: Terrain, tried: int) -> Room:
    """Return the room a label is given: first on its longest leg, then at an end, then more of it."""
    more = 14.0 * max(0, tried - 2)
    parts = ["head", "tail"] if way.wire.bundle else ["tail", "head"]
    if way.legs and tried == 0:
        longest = _longest(way, words, terrain)
        if longest is not None:
            return Room(words.width, words.height, "leg", longest)
    part = parts[(tried - 1 if way.legs else tried) % 2]
    more += CROSS_ROOM if way.wire.kind == "failure" and not way.legs else 0.0
    return Room(words.width + more, words.height + more, part)


def _longest(way: Way, words: Inscription, terrain: Terrain) -> int | None:
    points = terrain.points(way)[1:-1]
    best: tuple[float, int] | None = None
    for place, (a, b) in enumerate(pairwise(points)):
        leg = way.legs[place]
        spare = abs(a[1] - b[1]) - words.height if leg.upright else abs(a[0] - b[0]) - words.width
        if spare > 40 and (best is None or spare > best[0]):
            best = (spare, place)
    return best[1] if best else None
