"""`archboard sweep`: one or two settings over a grid, as a table, CSV, data or a chart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from archboard.compiler import Reading, compile_reading, read_bytes
from archboard.design.changes import Changes
from archboard.design.dials import Dial, dial_of
from archboard.design.paths import Paths
from archboard.design.ranges import read_range
from archboard.diagnostics import Diagnostic
from archboard.faces.comparing import Paint, named, say_errors, told
from archboard.faces.files import content
from archboard.faces.parallel import FEW, cores, here, on_cluster, on_cores
from archboard.faces.products import Look
from archboard.faces.progress import Progress
from archboard.records import record, shallow
from archboard.renderers import written
from archboard.renderers.report.diagnostics import plain
from archboard.trials import Point, Sweep
from archboard.whatif.sweep import Place, Task, axis, chunks, picks, places, tried_all

OPTION = "--over"
MOST = 100_000
"""Places of one grid."""


@record
class Asked:
    """What a sweep is to do: the settings and their ranges as typed, how finely, what to record, and who works."""

    over: tuple[str, ...]
    steps: int | None
    logarithmic: bool
    of: tuple[str, ...]
    workers: int | None
    dask: str | None


def swept(path: str, asked: Asked, changes: Changes, paint: Paint | None) -> Sweep | None:
    """Return a design's numbers over a grid; None where the design, its changes or a path were not understood."""
    if len(asked.over) > 2:
        raise click.UsageError("A sweep goes over one or two settings.")
    reading = read_bytes(named(path), content(path))
    compilation = compile_reading(reading, changes, scenarios=False)
    if not told(compilation, paint):
        return None
    made = [_axis(reading, changes, text, asked) for text in asked.over]
    wrong = [found for found in made if isinstance(found, Diagnostic)]
    if wrong:
        say_errors(wrong, paint)
        return None
    ready = [found for found in made if not isinstance(found, Diagnostic)]
    dials, axes = tuple(dial for dial, _ in ready), tuple(numbers for _, numbers in ready)
    if len(dials) == 2 and dials[0].path == dials[1].path:
        raise click.UsageError(f"{dials[0].path} is swept twice: name two settings.")
    chosen = picks(compilation, Paths(reading.plan.found, reading.plan.names), asked.of)
    if isinstance(chosen, str):
        raise click.UsageError(chosen)
    task, at = Task(reading, changes, dials, chosen), places(axes)
    if len(at) > MOST:
        raise click.UsageError(f"{len(at):,} places are too many: {MOST:,} at most.")
    design = compilation.design
    points = tuple(_points(task, at, asked))
    columns = tuple(pick.column for pick in chosen)
    return Sweep(design.name, design.title, dials, axes, asked.logarithmic, columns, points)


def _axis(
    reading: Reading, changes: Changes, text: str, asked: Asked
) -> tuple[Dial, tuple[float, ...]] | Diagnostic:
    """Return the setting of one `PATH=a..b` and the numbers at which it is tried."""
    design = compile_reading(reading, changes, scenarios=False).design
    written, _, _ = text.partition("=")
    dial = dial_of(reading.plan, design, written, OPTION)
    if isinstance(dial, Diagnostic):
        return dial
    ends = read_range(dial, text, OPTION, len(written) + 1)
    if isinstance(ends, Diagnostic):
        return ends
    if asked.logarithmic and ends[0] <= 0:
        raise click.UsageError(f"--log cannot begin at zero: give {dial.path} a range that begins above it.")
    steps = asked.steps or (21 if len(asked.over) == 1 else 9)
    return dial, axis(dial, ends, steps, asked.logarithmic)


def _points(task: Task, at: Sequence[Place], asked: Asked) -> Iterator[Point]:
    """Yield the grid's points in order, tried here, on all cores, or on a cluster."""
    workers = asked.workers or cores()
    if asked.dask is not None:
        parts = chunks(at, 16)
        done = on_cluster(asked.dask, tried_all, task.packed(), parts)
    elif workers > 1 and len(at) > FEW:
        parts = chunks(at, workers)
        done = on_cores(workers, tried_all, task.packed(), parts)
    else:
        parts = chunks(at, len(at))
        done = here(tried_all, task.packed(), parts)
    with Progress("sweeping", len(at)) as progress:
        for points in done:
            progress.step(len(points))
            yield from points


def rendered(sweep: Sweep, form: str, path: str, look: Look, paint: Paint | None) -> bytes:
    """Return a sweep in a form: as a table, as data, as a chart."""
    return written("sweep", form, sweep, paint=paint or plain, path=named(path), **shallow(look))
