"""Asking: the questions of which a structure is made."""

from __future__ import annotations

from collections.abc import Generator
from typing import NamedTuple

UNLUCKY = -1
"""The visit in which nothing hits and all ways are taken."""
LATE, ERRED, PUNCTUAL, FAULTLESS, SPARED = "late", "erred", "punctual", "faultless", "spared"
"""How a question is asked: of a component that was given up itself or brought an error itself, where nothing is ever
given up, where nothing errs, and where a component and what it calls do not, because who asks tries again."""
WITHOUT_ERRORS = (PUNCTUAL, FAULTLESS)


class Asked(NamedTuple):
    """Whether a request that comes to a component is answered: on which visit, whether on a usual day, and how."""

    visit: int
    name: str
    usual: bool = False
    how: str = ""


Step = Generator[Asked, int, int]
