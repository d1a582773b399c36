"""`archboard check`: one report for one or many designs; many that no run has judged before are judged on all cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence

from archboard.design.changes import UNCHANGED, Changes
from archboard.faces.colour import colour
from archboard.faces.files import content, designs, write
from archboard.faces.kept_reports import Asked, Part, known
from archboard.records import record
from archboard.renderers import formats, written

Paint = Callable[[str, str], str]
FEW = 4
"""Up to so many designs are judged here: another process costs more than it saves."""


@record
class Checked:
    """What came of a check: the report, and how many errors and warnings are in it."""

    output: bytes
    errors: int
    warnings: int


def checked(
    paths: tuple[str, ...], form: str | None = None, changes: Changes = UNCHANGED, *, strict: bool = False
) -> int:
    """Put out the report of all designs that paths mean, in a form or the usual one; return the exit code."""
    found = check_all(designs(paths), form or next(iter(formats("report"))), colour(), changes)
    write("-", found.output)
    return 1 if found.errors or (strict and found.warnings) else 0


def check_all(paths: list[str], form: str, paint: Paint | None, changes: Changes = UNCHANGED) -> Checked:
    """Return the report of all designs, in the order given, whoever finished first."""
    asked = [Asked(path, content(path), form, paint is not None) for path in paths]
    parts = {place: part for place, each in enumerate(asked) if not changes and (part := known(each)) is not None}
    unknown = [place for place in range(len(asked)) if place not in parts]
    if unknown:
        parts |= zip(unknown, _judged([asked[place] for place in unknown], changes), strict=True)
    errors, warnings = sum(part[1] for part in parts.values()), sum(part[2] for part in parts.values())
    return Checked(written("report", form, [parts[place][0] for place in range(len(asked))]), errors, warnings)


def _judged(asked: Sequence[Asked], changes: Changes) -> list[Part]:
    """Return the parts of designs that are not known, few of them judged here, many on all cores."""
    from archboard.faces.judging import judged  # late: the whole compiler  # noqa: PLC0415

    if len(asked) <= FEW or (os.cpu_count() or 1) == 1:
        return [judged(each, changes) for each in asked]
    from archboard.faces.workers import pool  # noqa: PLC0415 - only many designs need it

    # from the first design on in other processes and from the last on here, until they meet
    with pool(min(os.cpu_count() or 1, len(asked)) - 1) as others:
        begun = [others.submit(judged, each, changes) for each in asked]
        here = {i: judged(asked[i], changes) for i in reversed(range(len(asked))) if begun[i].cancel()}
        return [here[i] if i in here else begun[i].result() for i in range(len(asked))]
