"""The page to print, laid out: every line of every table at its place in points, so that it all fits on one page.

Lines are broken by measured widths, never cut. The largest letters that hold everything are taken; where the smallest
do not, tables show fewer rows and count the rest. Both the PDF and the HTML are drawn from this one layout.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from archboard.board.marks import Role, Scene
from archboard.board.writing.text_widths import ascent, descent, text_width, wrap
from archboard.records import record, replace
from archboard.renderers.sheet.contents import Cell, Contents, Row, Table

PAPERS = {"a4": (595.28, 841.89), "letter": (612.0, 792.0)}
MARGIN = 26.0
GUTTER = 16.0
BETWEEN = 7.0
COLUMN_GAP = 7.0
BAR = 34.0
TITLE = 18.0
LEAST_TITLE = 12.0
VERDICT = 11.0
BELOW = 9.0
HEADING = 1.18
SIZES = (9.6, 9.2, 8.8, 8.4, 8.0)
SMALLER = (7.6, 7.2, 6.9, 6.6)
SMALLEST = (6.2, 5.8, 5.4, 5.0)
LIMITS = (24, 16, 12, 10, 8, 7, 6, 5, 4, 3, 2, 1)
ALL = 10_000
EACH = (3, 2, 1)
"""Of how many components each formula of a design is shown."""
MOST_LINES = 4
LARGEST = 0.72
"""Points to a pixel of a picture at most: small designs are not blown up."""
PARTS = (0.34, 0.16)
"""The parts of the page's height that the board and the budget may take, each also what the other leaves."""


@record
class Fit:
    """One way to make it fit: the size of the letters, the rows of a table, the rows under each heading in one."""

    size: float
    rows: int
    each: int


@record
class Line:
    """One cell as it is drawn: its lines, from `x` on in so much width, the first `y` under the block's top."""

    x: float
    y: float
    width: float
    lines: tuple[str, ...]
    cell: Cell


@record
class Block:
    """One table at its place; `columns` are the widths of its columns with their gaps, `rows` its cells by row."""

    title: str
    x: float
    y: float
    width: float
    height: float
    size: float
    head: float
    columns: tuple[float, ...]
    rows: tuple[tuple[Line, ...], ...]


@record
class Picture:
    """A scene at its place, so many points to a pixel."""

    scene: Scene
    x: float
    y: float
    scale: float


@record
class Paper:
    """The whole page; `y` counts downwards from its top."""

    width: float
    height: float
    contents: Contents
    titles: tuple[str, ...]
    title: float
    """The size of the title's letters."""
    below: tuple[str, ...]
    pictures: tuple[Picture, ...]
    blocks: tuple[Block, ...]


def leading(size: float) -> float:
    """Return the height of a line of text."""
    return ascent(size) + descent(size)


def lay_out(contents: Contents, scenes: Sequence[Scene], paper: str) -> Paper:
    """Return the page: head, pictures, the tables left and right, then those under them in two columns."""
    width, height = PAPERS[paper]
    inner = width - 2 * MARGIN
    title, titles = _title(contents, inner)
    below = _broken(contents.below, BELOW, inner, 2) if contents.below else ()
    head = MARGIN + len(titles) * leading(title) + len(below) * leading(BELOW) + 5
    pictures = tuple(_pictures(scenes, inner, head, height))
    top = max((p.y + p.scene.height * p.scale for p in pictures), default=head) + BETWEEN
    bottom = height - MARGIN - 4
    blocks: list[Block] = []
    for fit in _tries():
        blocks = _arranged(contents, fit, top, inner)
        if max((block.y + block.height for block in blocks), default=0.0) <= bottom:
            break
    return Paper(width, height, contents, titles, title, below, pictures, _spread(blocks, top, bottom))


def _title(contents: Contents, inner: float) -> tuple[float, tuple[str, ...]]:
    """Return the size of the title's letters and its lines: smaller where it is long, beside the verdict."""
    room = inner - text_width(contents.verdict.text, VERDICT) - COLUMN_GAP
    fitting = TITLE * min(1.0, room / max(text_width(contents.title, TITLE), 1.0))
    size = max(fitting, LEAST_TITLE)
    return size, _broken(contents.title, size, room + 0.1, 2)


def _tries() -> Iterator[Fit]:
    """Yield what to try: everything in ever smaller letters, formulas of fewer components, then fewer rows."""
    for each in EACH:
        for size in SIZES:
            yield Fit(size, ALL, each)
    for size in SMALLER:
        yield Fit(size, ALL, EACH[-1])
    for limit in LIMITS:
        yield Fit(SMALLER[-1], limit, EACH[-1])
    for size in SMALLEST:
        yield Fit(size, LIMITS[-1], EACH[-1])


def _pictures(scenes: Sequence[Scene], inner: float, top: float, height: float) -> Iterator[Picture]:
    """Yield the scenes one under the other, as wide as the page where their heights allow."""
    left = math.fsum(PARTS) * height
    for scene, part in zip(scenes, PARTS, strict=False):
        room = part * height if scene is not scenes[-1] else left
        scale = min(inner / scene.width, room / scene.height, LARGEST)
        yield Picture(scene, MARGIN + (inner - scene.width * scale) / 2, top, scale)
        top += scene.height * scale + 4
        left -= scene.height * scale


def _arranged(contents: Contents, fit: Fit, top: float, inner: float) -> list[Block]:
    """Return the tables in two columns, and the last ones in two under them; one alone has its title over both."""
    half = (inner - GUTTER) / 2
    blocks = _in_columns([_block(table, fit, 0.0, half) for table in contents.tables], top, half)
    top = max((block.y + block.height + BETWEEN for block in blocks), default=top)
    if len(contents.last) != 1:
        return blocks + _in_columns([_block(table, fit, 0.0, half) for table in contents.last], top, half)
    heading = replace(_block(replace(contents.last[0], groups=()), fit, MARGIN, inner), y=top)
    parts = _halves(contents.last[0], fit, half)
    return [*blocks, heading, *_in_columns(parts, top + heading.height, half)]


def _in_columns(parts: Sequence[Block], top: float, half: float) -> list[Block]:
    """Return blocks in order, the first of them left and the rest right, the taller column as short as can be."""
    first = _halved([part.height + BETWEEN for part in parts])
    columns = ((MARGIN, parts[:first]), (MARGIN + half + GUTTER, parts[first:]))
    return [placed for x, column in columns for placed in _stacked([replace(part, x=x) for part in column], top)]


def _halves(table: Table, fit: Fit, width: float) -> list[Block]:
    """Return a table without its title as two blocks of about one height; groups stay whole."""
    bare = replace(table, title="")
    first = _halved([_block(replace(bare, groups=(each,)), fit, 0.0, width).height for each in bare.groups])
    groups = (bare.groups[:first], bare.groups[first:])
    return [_block(replace(bare, groups=part), fit, 0.0, width) for part in groups if part]


def _halved(heights: Sequence[float]) -> int:
    """Return how many of a row of blocks go left, so that the taller column is as short as can be."""
    return min(range(len(heights) + 1), key=lambda n: (max(math.fsum(heights[:n]), math.fsum(heights[n:])), -n))


def _stacked(blocks: Iterable[Block], top: float) -> list[Block]:
    placed = []
    for block in blocks:
        placed.append(replace(block, y=top))
        top += block.height + BETWEEN
    return placed


def _spread(blocks: Sequence[Block], top: float, bottom: float) -> tuple[Block, ...]:
    """Return the blocks with some of the room that is left put between them: at most as much again as there is."""
    end = max((block.y + block.height for block in blocks), default=bottom)
    if end <= top or end >= bottom:
        return tuple(blocks)
    stretch = min((bottom - end) / (end - top), 0.06)
    return tuple(replace(block, y=top + (block.y - top) * (1 + stretch)) for block in blocks)


def _block(table: Table, fit: Fit, x: float, width: float) -> Block:
    """Return one table laid out in a width, with as many rows as are to fit."""
    size = fit.size
    shown = [row for group in table.groups for row in _limited(table, group, fit)]
    columns = _widths(shown, table.wide, size, width)
    line = leading(size)
    head = leading(size * HEADING) + 3 if table.title else 0.0
    y, rows = head, []
    for row in shown:
        cells = tuple(_lines(row, columns, size, width, y))
        rows.append(cells)
        y += line * max(len(cell.lines) for cell in cells)
    return Block(table.title, x, 0.0, width, y, size, head, columns, tuple(rows))


def _limited(table: Table, group: tuple[Row, ...], fit: Fit) -> tuple[Row, ...]:
    """Return the first rows of a group, and how many more there are: in its heading, or under them."""
    if not table.headed:
        left = len(group) - fit.rows
        return group if left <= 0 else (*group[: fit.rows], (Cell(f"+ {left} more", Role.MUTED),))
    (heading,), rows = group[0], group[1:]
    left = len(rows) - fit.each
    if left <= 0:
        return group
    return (replace(heading, text=f"{heading.text}  (+ {left} more)"),), *rows[: fit.each]


def _widths(rows: Sequence[Row], wide: int, size: float, width: float) -> tuple[float, ...]:
    """Return the widths of the columns, their gaps included: each what it needs, and one what is left."""
    count = max((len(row) for row in rows), default=1)
    needed = [max((_needs(row[i], size) for row in rows if len(row) > max(i, 1)), default=0.0) for i in range(count)]
    needed = [each + COLUMN_GAP if each else 0.0 for each in needed]
    if count == 1:
        return (width,)
    needed = _levelled(needed, wide, width - min(needed[wide], width * 0.3))
    needed[wide] = width - math.fsum(each for i, each in enumerate(needed) if i != wide)
    return tuple(needed)


def _levelled(needed: Sequence[float], wide: int, room: float) -> list[float]:
    """Return widths of which all but one come to the room at most; the widest give way, the narrow stay whole."""
    others = sorted(each for i, each in enumerate(needed) if i != wide)
    for place, each in enumerate(others):
        most = room / (len(others) - place)
        if each > most:
            return [min(width, most) for width in needed]
        room -= each
    return list(needed)


def _needs(cell: Cell, size: float) -> float:
    return BAR if cell.bar is not None else text_width(cell.text, size) + (0.5 if cell.text else 0.0)


def _lines(row: Row, columns: Sequence[float], size: float, width: float, y: float) -> Iterator[Line]:
    if len(row) == 1:
        yield Line(0.0, y, width, _broken(row[0].text, size, width), row[0])
        return
    x = 0.0
    for i, (cell, room) in enumerate(zip(row, columns, strict=False)):
        free = room - (COLUMN_GAP if i + 1 < len(columns) else 0.0)
        yield Line(x, y, free, _broken(cell.text, size, free), cell)
        x += room


def _broken(text: str, size: float, width: float, most: int = MOST_LINES) -> tuple[str, ...]:
    """Return a text in lines; what takes more than so many ends in an ellipsis."""
    indent = text[: len(text) - len(text.lstrip(" "))]
    lines = wrap(text, size, max(width - text_width(indent, size), size))
    if len(lines) > most:
        last = lines[most - 1]
        while last and text_width(f"{last}…", size) > width:
            last = last[:-1]
        lines = (*lines[: most - 1], f"{last}…")
    return tuple(indent + line for line in lines)
