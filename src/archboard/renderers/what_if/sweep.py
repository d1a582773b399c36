"""A sweep as a table to read, as CSV and as data."""

from __future__ import annotations

import csv
from io import StringIO
from typing import Any

from archboard import __version__
from archboard.renderers.comparison.json_form import finite
from archboard.renderers.report.diagnostics import Paint, clean, plain
from archboard.renderers.report.text import mark
from archboard.renderers.tables import aligned
from archboard.strict_json import dumps
from archboard.trials import Column, Point, Sweep
from archboard.units import show


def render_text(sweep: Sweep, paint: Paint = plain) -> str:
    """Return a sweep as people read it: a row a value, or, of two settings, a table per number."""
    head = f"{paint(clean(sweep.name), 'bold')}  {clean(sweep.title)}"
    if len(sweep.dials) == 1:
        return f"{head}\n\n{_rows(sweep, paint)}\n\n{holding_words(sweep)}\n"
    tables = [_matrix(sweep, place, paint) for place in range(len(sweep.columns))]
    return "\n\n".join([head, *tables, holding_words(sweep)]) + "\n"


def _rows(sweep: Sweep, paint: Paint) -> str:
    dial = sweep.dials[0]
    top = ("", dial.label, *(clean(c.name) for c in sweep.columns), "")
    rows = [
        (
            mark(point.ok),
            dial.show(point.at[0]),
            *(_cell(column, point, place) for place, column in enumerate(sweep.columns)),
            ", ".join(point.codes),
        )
        for point in sweep.points
    ]
    return aligned(f"over {dial.path}", [top, *rows], paint)


def _cell(column: Column, point: Point, place: int) -> str:
    value, holds = point.values[place], point.holds[place]
    shown = "–" if value is None else show(value, column.dimension)
    return f"{shown} {mark(holds)}" if column.promised and value is not None else shown


def _matrix(sweep: Sweep, place: int, paint: Paint) -> str:
    down, across = sweep.dials
    columns = sweep.axes[1]
    top = (f"{down.path} ↓  {across.path} →", *(across.show(n) for n in columns))
    rows = []
    for start, number in zip(range(0, len(sweep.points), len(columns)), sweep.axes[0], strict=True):
        row = sweep.points[start : start + len(columns)]
        cells = (f"{_bare(sweep.columns[place], p, place)} {mark(_verdict(sweep, p, place))}" for p in row)
        rows.append((down.show(number), *cells))
    return aligned(clean(sweep.columns[place].name), [top, *rows], paint)


def _bare(column: Column, point: Point, place: int) -> str:
    value = point.values[place]
    return "–" if value is None else show(value, column.dimension)


def _verdict(sweep: Sweep, point: Point, place: int) -> bool | None:
    """Return whether a cell holds: its promise's verdict, or of a plain number that nothing is wrong at all."""
    return point.holds[place] if sweep.columns[place].promised else point.ok


def holding_words(sweep: Sweep) -> str:
    """Return in one line at how many places everything holds, and of one setting where."""
    held = [point for point in sweep.points if point.ok]
    count = f"{len(held):,} of {len(sweep.points):,} hold everything"
    if len(sweep.dials) > 1 or not held or len(held) == len(sweep.points):
        return count
    dial, spans = sweep.dials[0], []
    start: Point | None = None
    for before, point in zip((None, *sweep.points), (*sweep.points, None), strict=True):
        if point is not None and point.ok:
            start = start or point
        elif start is not None and before is not None:
            low, high = dial.show(start.at[0]), dial.show(before.at[0])
            spans.append(low if low == high else f"{low} to {high}")
            start = None
    return f"{count}: {', '.join(spans)}"


def render_csv(sweep: Sweep) -> str:
    """Return a sweep as CSV, a line a place, SI base units; whether each promise holds stands beside its value."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    head = [f"{d.path} [{_unit(d.unit, d.dimension.value)}]" for d in sweep.dials]
    for column in sweep.columns:
        head.append(f"{column.name} [{column.dimension.value}]")
        head += [f"{column.name} holds"] if column.promised else []
    writer.writerow([*head, "ok", "codes"])
    for point in sweep.points:
        row = [repr(n) for n in point.at]
        for column, value, holds in zip(sweep.columns, point.values, point.holds, strict=True):
            row.append("" if value is None else repr(value))
            row += [_word(holds)] if column.promised else []
        writer.writerow([*row, _word(point.ok), " ".join(point.codes)])
    return out.getvalue()


def _unit(written: str | None, stored: str) -> str:
    return stored if written is None else written or "count"


def _word(holds: bool | None) -> str:
    return {True: "yes", False: "no", None: ""}[holds]


def render_json(sweep: Sweep, path: str) -> str:
    """Return a sweep as one object, SI base units."""
    made: dict[str, Any] = {
        "archboard": __version__,
        "file": path,
        "over": [
            {"path": d.path, "unit": _unit(d.unit, d.dimension.value), "now": d.now, "values": list(numbers)}
            for d, numbers in zip(sweep.dials, sweep.axes, strict=True)
        ],
        "of": [
            {"name": c.name, "unit": c.dimension.value, "limit": c.limit, "operator": c.operator or None}
            for c in sweep.columns
        ],
        "points": [
            {
                "at": list(p.at), "values": [finite(v) for v in p.values], "holds": list(p.holds), "ok": p.ok,
                "codes": list(p.codes),
            }
            for p in sweep.points
        ],
    }  # fmt: skip
    return dumps(made, 1) + "\n"
