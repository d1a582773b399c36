"""`archboard check`: one report for one or many designs; many are checked on all cores."""

from __future__ import annotations

import os
from typing import Any

from archboard.compiler import UNCHANGED, compile_reading, read_bytes
from archboard.design.overrides import Changes
from archboard.faces.cache_folder import remembering
from archboard.faces.colour import paint as coloured_text
from archboard.faces.files import content
from archboard.faces.options import written
from archboard.records import record
from archboard.renderers import formats
from archboard.renderers.report.diagnostics import Paint, plain
from archboard.worth import weighed

Part = tuple[Any, int, int]
"""What a form of the report makes of one design, and how many errors and warnings are in it."""

FEW = 4
"""Up to so many designs are checked here: another process costs more than it saves."""


@record
class Checked:
    """What came of a check: the report, and how many errors and warnings are in it."""

    output: bytes
    errors: int
    warnings: int


def check_all(paths: list[str], form: str, paint: Paint | None, changes: Changes = UNCHANGED) -> Checked:
    """Return the report of all designs, in the order given, whoever finished first."""
    contents = [(path, content(path)) for path in paths]
    if len(contents) <= FEW or (os.cpu_count() or 1) == 1:
        parts = [_one(path, data, form, paint or plain, changes) for path, data in contents]
    else:
        parts = _spread(contents, form, paint is not None, changes)
    errors, warnings = sum(part[1] for part in parts), sum(part[2] for part in parts)
    return Checked(written("report", form, [part[0] for part in parts]), errors, warnings)


def _spread(contents: list[tuple[str, bytes]], form: str, coloured: bool, changes: Changes) -> list[Part]:
    """Check from the first design on in other processes and from the last on here, until they meet."""
    from archboard.faces.workers import pool  # noqa: PLC0415 - only many designs need it

    workers = min(os.cpu_count() or 1, len(contents)) - 1
    with pool(workers) as others:
        asked = [(path, data, form, coloured, changes) for path, data in contents]
        begun = [others.submit(_painted, *each) for each in asked]
        here = {i: _painted(*asked[i]) for i in reversed(range(len(asked))) if begun[i].cancel()}
        return [here[i] if i in here else begun[i].result() for i in range(len(asked))]


def _painted(path: str, data: bytes, form: str, coloured: bool, changes: Changes) -> Part:
    return _one(path, data, form, coloured_text if coloured else plain, changes)


def _one(path: str, data: bytes, form: str, paint: Paint, changes: Changes) -> Part:
    """Return one design's part of the report with its errors and warnings."""
    with remembering(path) as transforms:
        reading = read_bytes("stdin" if path == "-" else path, data, transforms)
        compilation = weighed(reading, compile_reading(reading, changes), changes)
    errors = sum(d.is_error for d in compilation.diagnostics)
    part = formats("report")[form].of_one(compilation, paint=paint)
    return part, errors, len(compilation.diagnostics) - errors
