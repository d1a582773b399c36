"""`archboard questions`: an interview about one design, in the form that is asked for."""

from __future__ import annotations

from archboard.compiler import compile_reading, read_bytes
from archboard.design.changes import Changes
from archboard.faces.cache_folder import remembering
from archboard.faces.comparing import Answer, Paint, named, told
from archboard.faces.files import content
from archboard.questions import interview
from archboard.renderers import written
from archboard.renderers.report.diagnostics import plain


def interviewed(path: str, changes: Changes, form: str, paint: Paint | None) -> Answer | None:
    """Return the questions and answers; the exit code is that of the design. None where it was not understood."""
    with remembering(path) as transforms:
        reading = read_bytes(named(path), content(path), transforms)
        compilation = compile_reading(reading, changes)
        if not told(compilation, paint):
            return None
        found = interview(reading, changes)
    assert found is not None, "a design that was understood can be asked"
    return Answer(written("questions", form, found, paint=paint or plain), 0 if compilation.ok else 1)
