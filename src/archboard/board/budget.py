"""The budget bar."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.board.furniture import Sheet
from archboard.board.marks import Group
from archboard.design.model import Design
from archboard.facts import Facts


def budget(design: Design, facts: Facts, sheet: Sheet) -> Iterator[Group]:
    """Yield."""
    yield from ()
