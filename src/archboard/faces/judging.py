"""One design worked out and put in a form of the report: what `check` does where no earlier run knows the report."""

from __future__ import annotations

from archboard.compiler import Reading, compile_reading, read_bytes
from archboard.design.changes import Changes
from archboard.faces.cache_folder import remembering
from archboard.faces.colour import paint as coloured_text
from archboard.faces.kept_reports import Asked, Part, keep
from archboard.language.syntax import Thing
from archboard.renderers import formats
from archboard.renderers.report.diagnostics import plain
from archboard.worth import weighed


def judged(asked: Asked, changes: Changes) -> Part:
    """Return one design's part of the report with its errors and warnings."""
    with remembering(asked.path) as transforms:
        reading = read_bytes("stdin" if asked.path == "-" else asked.path, asked.content, transforms)
        compilation = weighed(reading, compile_reading(reading, changes), changes)
        errors = sum(d.is_error for d in compilation.diagnostics)
        paint = coloured_text if asked.coloured else plain
        report = formats("report")[asked.form].of_one(compilation, paint=paint)
        part = report, errors, len(compilation.diagnostics) - errors
        if not changes and _stands_alone(reading):
            keep(transforms.answers, asked, part)
    return part


def _stands_alone(reading: Reading) -> bool:
    """Whether all that is said of a design stands in its own file."""
    return not any(isinstance(each, Thing) and each.kind.text == "import" for each in reading.document.statements)
