"""A list or a page of what archboard knows, as people read it and as data."""

from __future__ import annotations

import json

from archboard.records import record


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
    return json.dumps(listing.data, ensure_ascii=False, indent=1) + "\n"
