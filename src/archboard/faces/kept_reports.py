"""Reports that earlier runs have written: a design that nobody touched, nor the code, is not judged anew.

A report is kept among the answers of its design. What it was made of is kept whole and compared whole: the bytes of
the design, its name as it is shown, the form and whether it has colours; the file itself names the code. Reports of a
design that imports another file, or under changes, are not kept, nor those that are data and no text.
"""

from __future__ import annotations

import re
from binascii import crc32
from typing import TYPE_CHECKING, Any

from archboard.faces.cache_folder import LARGEST, kept
from archboard.records import record

if TYPE_CHECKING:
    from archboard.maths.percentiles.kept_answers import Answers

Part = tuple[Any, int, int]
"""What a form of the report makes of one design, and how many errors and warnings are in it."""

QUESTION = "report"
_KEPT = re.compile(r"(\d{1,9}) (\d{1,9}) ([0-9a-f]{8}) ([ -~]*)")
"""Errors, warnings, a checksum of all that is said, and the text in ASCII, on one line."""


@record
class Asked:
    """A design by its path and its bytes, and the form in which its report is wanted."""

    path: str
    content: bytes
    form: str
    coloured: bool

    @property
    def subject(self) -> str:
        """What the report is made of, on one line."""
        return repr((QUESTION, self.path, self.form, self.coloured, self.content))


def known(asked: Asked) -> Part | None:
    """Return the report that an earlier run has kept, None where none has."""
    if len(asked.content) > LARGEST:
        return None
    found = _KEPT.fullmatch(kept(asked.path).get(asked.subject, {}).get(QUESTION, ""))
    if found is None or found[3] != _checksum(found[1], found[2], found[4]):
        return None
    return found[4].encode().decode("unicode_escape"), int(found[1]), int(found[2])


def keep(answers: Answers, asked: Asked, part: Part) -> None:
    """Put a report among the answers of its design, where these are kept and it is a text."""
    report, errors, warnings = part
    if answers.known is None or not isinstance(report, str) or len(asked.content) > LARGEST:
        return
    text = report.encode("unicode_escape").decode()
    numbers = str(errors), str(warnings)
    answers.note(asked.subject, QUESTION, " ".join((*numbers, _checksum(*numbers, text), text)))


def _checksum(*parts: str) -> str:
    return f"{crc32(' '.join(parts).encode()):08x}"
