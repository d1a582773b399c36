"""Zones: a design into the cells of one grid, frames and all.

A level is the inside of one frame, or the board itself. Its flow stands in lanes; what supports it over
the lane that uses it; fallbacks under the lanes, telemetry under those. A frame is laid out as a level of
its own and then stands in its parent as one block, its main row in line with its lane: so copies of a
region get the same columns, and a frame never holds a foreign box.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.board.placing.core import Step, acyclic, joined, links, place
from archboard.board.placing.folding import fold
from archboard.board.placing.supports import Lot, Spot, Supporting, settle
from archboard.catalog import ENTRY
from archboard.design.model import ArrowKind, Component, Design
from archboard.records import field, record

FLOW = ("left", ENTRY, "core")
Cell = tuple[int, int]
Rect = tuple[int, int, int, int]


@record
class Block:
    """A level laid out: cells (row, column) and frames (first and last row and column); row 0 is its main row."""

    cells: Mapping[str, Cell] = field(default_factory=dict)
    frames: Mapping[str, Rect] = field(default_factory=dict)
    columns: int = 1
    top: int = 0
    bottom: int = 0


@record
class Edge:
    """An arrow as a level sees it: between two of its things, and the components that they hold."""

    tail: str
    head: str
    kind: ArrowKind
    tail_component: str
    head_component: str


@record(frozen=False)
class Thing:
    """A component of a level, or a frame within it laid out already."""

    name: str
    place: str
    shape: str = ""
    client: bool = False
    block: Block = field(default_factory=Block)
    passing: bool = False


def grid(design: Design) -> Block:
    """Return the cells of the whole board."""
    parents = {name: frame.parent for name, frame in design.frames.items()}
    inside = _members(design, parents)
    edges = _edges(design, parents)
    blocks: dict[str | None, Block] = {}
    for frame in [*sorted(design.frames, key=lambda name: (-_depth(name, parents), name)), None]:
        things = {}
        for component in inside.components.get(frame, ()):
            things[component.name] = Thing(component.name, _place(component), client=component.place == "left")
            things[component.name].block = Block({component.name: (0, 0)})
        for child in inside.frames.get(frame, ()):
            if blocks[child].cells:
                things[_key(child)] = _framed(child, blocks[child], design)
        blocks[frame] = _level(things, edges.get(frame, []), root=frame is None)
    return blocks[None]


@record
class _Members:
    components: dict[str | None, list[Component]]
    frames: dict[str | None, list[str]]


def _key(frame: str) -> str:
    return f"[{frame}"


def _depth(name: str | None, parents: Mapping[str, str | None]) -> int:
    depth = 0
    while name is not None and name in parents:
        name, depth = parents[name], depth + 1
    return depth


def _place(component: Component) -> str:
    return component.place if component.place in (*FLOW, "above", "below", "failure") else "core"


def _members(design: Design, parents: Mapping[str, str | None]) -> _Members:
    components: dict[str | None, list[Component]] = {}
    frames: dict[str | None, list[str]] = {}
    for component in design.components.values():
        components.setdefault(component.group if component.group in parents else None, []).append(component)
    for name, parent in parents.items():
        frames.setdefault(parent if parent in parents else None, []).append(name)
    return _Members(components, frames)


def _edges(design: Design, parents: Mapping[str, str | None]) -> dict[str | None, list[Edge]]:
    """Return each level's edges: an arrow belongs to the innermost frame that holds both its ends."""

    def chain(component: Component) -> list[str]:
        found: list[str] = []
        frame = component.group
        while frame is not None and frame in parents:
            found.append(frame)
            frame = parents[frame]
        return [*reversed(found), component.name]

    chains = {name: chain(component) for name, component in design.components.items()}
    found: dict[str | None, list[Edge]] = {}
    for arrow in design.arrows:
        if arrow.tail == arrow.head or arrow.tail not in chains or arrow.head not in chains:
            continue
        tails, heads = chains[arrow.tail], chains[arrow.head]
        same = 0
        while tails[same] == heads[same]:
            same += 1
        tail = tails[same] if same == len(tails) - 1 else _key(tails[same])
        head = heads[same] if same == len(heads) - 1 else _key(heads[same])
        level = tails[same - 1] if same else None
        found.setdefault(level, []).append(Edge(tail, head, arrow.kind, arrow.tail, arrow.head))
    return found


def _framed(name: str, block: Block, design: Design) -> Thing:
    """Return a frame as one thing of its level: it stands in the flow if anything in it does."""
    places = {_place(design.components[member]) for member in block.cells}
    where = next((each for each in ("core", ENTRY, "left", "above", "failure", "below") if each in places), "core")
    if where in FLOW and len(places & set(FLOW)) > 1:
        where = "core"
    frames = {name: (block.top, 0, block.bottom, block.columns - 1), **block.frames}
    shape = (
        " ".join(sorted(member.rpartition(".")[2] for member in block.cells)) if design.frames[name].region else ""
    )
    framed = Block(block.cells, frames, block.columns, block.top, block.bottom)
    return Thing(_key(name), where, shape, "left" in places, framed)


def _level(things: dict[str, Thing], edges: list[Edge], *, root: bool) -> Block:
    edges = [edge for edge in edges if edge.tail in things and edge.head in things]
    _mark_passing(things, edges)
    flow = {name: thing for name, thing in things.items() if thing.place in FLOW or thing.passing}
    rest = {name: thing for name, thing in things.items() if name not in flow}
    steps = _steps(flow, rest, edges)
    strong, both = _layering(flow, edges)
    place(steps, both, strong)
    orders = fold(steps, may_fold=root)
    spots = {}
    for name, step in steps.items():
        if step.lane >= 0:
            inset = 0 if flow[name].block.columns > 1 else (step.width - 1) // 2
            spots[name] = Spot(0, orders[name], 0, step.column + inset)
    lots = {name: Lot(t.block.columns, t.block.top, t.block.bottom, t.block.cells) for name, t in things.items()}
    waiting = [Supporting(name, thing.place, thing.passing) for name, thing in sorted(things.items())]
    settled = settle(
        lots, spots, waiting, [(e.tail, e.head, e.tail_component, e.head_component, e.kind) for e in edges]
    )
    return _compressed(things, settled)


def _mark_passing(things: dict[str, Thing], edges: list[Edge]) -> None:
    """Mark what stands above although requests pass through it on their way along the flow."""
    requests = [edge for edge in edges if edge.kind is ArrowKind.REQUEST]
    marked = {
        name for name, thing in things.items() if thing.place == "above" and name == next(iter(thing.block.cells))
    }
    while True:
        along = {name for name, thing in things.items() if thing.place in FLOW} | marked
        left = {edge.tail for edge in requests if edge.head in along} & {
            edge.head for edge in requests if edge.tail in along
        }
        if marked <= left:
            break
        marked &= left
    for name, thing in things.items():
        thing.passing = thing.passing or name in marked


def _steps(flow: dict[str, Thing], rest: dict[str, Thing], edges: list[Edge]) -> dict[str, Step]:
    left = any(thing.place == "left" for thing in flow.values())
    entry = any(thing.place == ENTRY for thing in flow.values())
    first = {"left": 0, ENTRY: int(left)}
    extra = _room_above(flow, rest, edges)
    return {
        name: Step(
            name,
            0 if thing.client else first.get(thing.place, int(left) + int(entry)),
            max(thing.block.columns, extra.get(name, 1)),
            thing.place == "left",
        )
        for name, thing in flow.items()
    }


def _room_above(flow: dict[str, Thing], rest: dict[str, Thing], edges: list[Edge]) -> dict[str, int]:
    """Return how many columns to give what several things support alone, while the board is not wide yet."""
    near: dict[str, dict[str, None]] = {name: {} for name, thing in rest.items() if thing.place == "above"}
    for edge in edges:
        for one, other in ((edge.tail, edge.head), (edge.head, edge.tail)):
            if one in near and edge.kind is not ArrowKind.FAILURE:
                near[one][other] = None
    users: dict[str, list[str]] = {}
    for name in sorted(near):
        around = [other for other in near[name] if other in flow]
        for other in near[name]:
            around = around or [user for user in near.get(other, ()) if user in flow]
        if len(around) == 1:
            users.setdefault(around[0], []).append(name)
    spare = 6 - len(flow)
    wider = {}
    for name, supports in sorted(users.items(), key=lambda item: (-len(item[1]), item[0])):
        more = min(len(supports) - 1, 2, spare)
        if more > 0 and flow[name].block.columns == 1 and not flow[name].passing:
            wider[name], spare = 1 + more, spare - more
    return wider


def _layering(
    flow: dict[str, Thing], edges: list[Edge]
) -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Return what follows what: over requests and calls alone, and with what is sent without waiting."""
    front = {
        edge.head
        for edge in edges
        if edge.tail in flow
        and edge.head in flow
        and flow[edge.tail].place == "left"
        and flow[edge.head].place == ENTRY
    }
    pairs: dict[bool, list[tuple[str, str]]] = {True: [], False: []}
    for edge in edges:
        if edge.tail not in flow or edge.head not in flow or edge.kind is ArrowKind.FAILURE:
            continue
        tail, head = flow[edge.tail], flow[edge.head]
        alike = tail.shape != "" and tail.shape == head.shape
        backwards = head.place == "left" or (edge.head in front and tail.place not in ("left", ENTRY))
        if not alike and not backwards:
            pairs[edge.kind is not ArrowKind.ASYNC].append((edge.tail, edge.head))
    strong = acyclic(links(flow, pairs[True]))
    return strong, joined(strong, links(flow, pairs[False]))


def _compressed(things: dict[str, Thing], spots: Mapping[str, Spot]) -> Block:
    """Return spots as rows and columns without empty ones, counted from the main row."""
    taken: dict[str, tuple[tuple[int, int, int], int]] = {}
    frames: dict[str, tuple[tuple[int, int, int], int, tuple[int, int, int], int]] = {}
    for name, spot in spots.items():
        for member, (row, column) in things[name].block.cells.items():
            taken[member] = (spot.row(row), spot.column + column)
        for frame, (top, left, bottom, right) in things[name].block.frames.items():
            frames[frame] = (spot.row(top), spot.column + left, spot.row(bottom), spot.column + right)
    if not taken:
        return Block(columns=0)
    rows = {key: place for place, key in enumerate(sorted({row for row, _ in taken.values()}))}
    columns = {key: place for place, key in enumerate(sorted({column for _, column in taken.values()}))}
    main = sum(1 for row in rows if row < (0, 0, 0))
    cells = {name: (rows[row] - main, columns[column]) for name, (row, column) in taken.items()}
    shown = {
        name: (rows[top] - main, columns[left], rows[bottom] - main, columns[right])
        for name, (top, left, bottom, right) in frames.items()
    }
    return Block(cells, shown, len(columns), -main, len(rows) - 1 - main)
