"""Marks: all that a renderer knows.

A `Scene` is one picture: groups of marks, each with the step at which it appears. Coordinates are
CSS pixels from the top left, y downwards. A renderer turns marks into bytes and computes nothing
but strokes; so a new format is one file, and every format shows the same board.
"""

from __future__ import annotations

from enum import Enum

from archboard.records import record

Point = tuple[float, float]


class Role(Enum):
    """What a mark is part of; a theme gives each role its hue."""

    CLIENT = "client"
    ENTRY = "entry"
    CORE = "core"
    DATA = "data"
    TELEMETRY = "telemetry"
    FAILURE = "failure"
    FRAME = "frame"
    INK = "ink"
    MUTED = "muted"
    GOOD = "good"
    BAD = "bad"


class Pen(Enum):
    """How a line is drawn."""

    SOLID = "solid"
    DASHED = "dashed"
    DOTTED = "dotted"


@record
class Box:
    """A rounded, filled rectangle; `seed` names its strokes; `fill` "pale", "paper", "strong" or "none"."""

    x: float
    y: float
    width: float
    height: float
    role: Role
    seed: str
    pen: Pen = Pen.SOLID
    fill: str = "pale"
    radius: float = 10.0
    sketched: bool = True


@record
class Line:
    """An orthogonal polyline with rounded corners, from tail to head.

    `head` and `tail` say whether an arrow head stands at the last and the first point.
    `route` marks the one line of an arrow that tests and tools read as its drawn route.
    """

    points: tuple[Point, ...]
    role: Role
    seed: str
    pen: Pen = Pen.SOLID
    head: bool = False
    tail: bool = False
    width: float = 1.6
    radius: float = 10.0
    route: bool = False
    sketched: bool = True


@record
class Cross:
    """A small cross over a failed arrow, so that colour is not the only sign."""

    x: float
    y: float
    size: float
    role: Role
    seed: str


@record
class Plate:
    """A rectangle the colour of the paper, behind a label."""

    x: float
    y: float
    width: float
    height: float


@record
class Text:
    """One line of text; (x, y) is the baseline's start, middle or end by `anchor`."""

    x: float
    y: float
    text: str
    size: float
    role: Role = Role.INK
    anchor: str = "start"
    bold: bool = False


@record
class Icon:
    """A picture from the icon catalogue, by its path there (`onprem/inmemory/redis.png`)."""

    x: float
    y: float
    size: float
    name: str


Mark = Box | Line | Cross | Plate | Text | Icon


@record
class Group:
    """Marks that belong together: a component, an arrow, its label, a frame, the budget bar, the legend.

    `kind` becomes the class (`component`, `arrow`, `label`, `frame`, `budget`, `legend`, `caption`, `title`);
    `attributes` the data-* attributes in order; `title` the hover text; `groups` nest (an arrow's label).
    `number` marks what appears only in step 6 although its group came earlier: it is a group of its own.
    """

    kind: str
    step: int
    marks: tuple[Mark, ...] = ()
    groups: tuple[Group, ...] = ()
    id: str = ""
    title: str = ""
    attributes: tuple[tuple[str, str], ...] = ()


@record
class Scene:
    """One picture. `step` is the last step it shows, 1 to 6; groups of later steps are already left out."""

    name: str
    step: int
    width: float
    height: float
    title: str
    description: str
    groups: tuple[Group, ...]
