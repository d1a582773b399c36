"""`archboard check`: one report for one or many designs; many are checked on all cores."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from archboard.compilation import Compilation
from archboard.compiler import UNCHANGED, compile_bytes
from archboard.design.overrides import Changes
from archboard.faces.colour import paint as coloured_text
from archboard.faces.files import content

FEW = 4
"""Up to so many designs are checked here: another process costs more than it saves."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What came of a check: the report, and how many errors and warnings are in it."""

    output: str
    errors: int
    warnings: int


def check_all(
    paths: list[str], form: str, paint: Callable[[str, str], str] | None, changes: Changes = UNCHANGED
) -> Checked:
    """Return the report of all designs, in the order given, whoever finished first."""
    contents = [(path, content(path)) for path in paths]
    if len(contents) <= FEW or (os.cpu_count() or 1) == 1:
        parts = [_one(path, data, form, paint, changes) for path, data in contents]
    else:
        parts = _spread(contents, form, paint is not None, changes)
    errors, warnings = sum(part[1] for part in parts), sum(part[2] for part in parts)
    return Checked(_joined([part[0] for part in parts], form), errors, warnings)


def _spread(
    contents: list[tuple[str, bytes]], form: str, coloured: bool, changes: Changes
) -> list[tuple[str, int, int]]:
    from concurrent.futures import ProcessPoolExecutor  # noqa: PLC0415 - only many designs need it

    workers = min(os.cpu_count() or 1, len(contents))
    with ProcessPoolExecutor(workers) as pool:
        size = -(-len(contents) // (workers * 2))
        asked = ((path, data, form, coloured, changes) for path, data in contents)
        return list(pool.map(_painted, *zip(*asked, strict=True), chunksize=size))


def _painted(path: str, data: bytes, form: str, coloured: bool, changes: Changes) -> tuple[str, int, int]:
    return _one(path, data, form, coloured_text if coloured else None, changes)


def _one(
    path: str, data: bytes, form: str, paint: Callable[[str, str], str] | None, changes: Changes
) -> tuple[str, int, int]:
    """Return one design's part of the report with its errors and warnings."""
    compilation = compile_bytes("stdin" if path == "-" else path, data, changes)
    errors = sum(d.is_error for d in compilation.diagnostics)
    return _rendered(compilation, form, paint), errors, len(compilation.diagnostics) - errors


def _rendered(compilation: Compilation, form: str, paint: Callable[[str, str], str] | None) -> str:
    match form:
        case "json":
            from archboard.renderers.report_json import as_data  # noqa: PLC0415 - one form is wanted, not four

            return json.dumps(as_data(compilation))
        case "sarif":
            from archboard.renderers.report_sarif import as_results  # noqa: PLC0415 - one form is wanted, not four

            return json.dumps(as_results(compilation))
        case "github":
            from archboard.renderers.report_github import render_github  # noqa: PLC0415 - one form is wanted, not four

            return render_github(compilation)
        case _:
            from archboard.renderers.report_diagnostics import plain  # noqa: PLC0415 - one form is wanted, not four
            from archboard.renderers.report_text import render_text  # noqa: PLC0415 - one form is wanted, not four

            return render_text(compilation, paint or plain)


def _joined(parts: list[str], form: str) -> str:
    match form:
        case "json":
            from archboard.renderers.report_json import render_json  # noqa: PLC0415 - one form is wanted, not four

            found: list[dict[str, Any]] = [json.loads(part) for part in parts]
            return render_json(found)
        case "sarif":
            from archboard.renderers.report_sarif import render_sarif  # noqa: PLC0415 - one form is wanted, not four

            return render_sarif([result for part in parts for result in json.loads(part)])
        case "github":
            return "".join(parts)
        case _:
            return "\n".join(parts)
