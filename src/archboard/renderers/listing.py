"""A list or a page of what archboard knows, as people read it and as data."""

from __future__ import annotations

from archboard.records import record
from archboard.strict_json import dumps


@record
class Listing:
    """What is known: as text for a terminal, and as data."""

    text: str
    data: object


def render_text(listing: Listing) -> str:
    """Return the text."""
    return listing.text


def render_json(listing: Listing) -> str:
    """Return the data."""
    return dumps(listing.data, 1) + "\n"
