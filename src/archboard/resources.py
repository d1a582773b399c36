"""The folders shipped beside the code: grammars, templates, designs and fonts, wherever archboard runs.

A wheel carries them inside the package; an editable install and a checkout have them at the top of the
repository. Both places are looked at, the package first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
PLACES = (PACKAGE, PACKAGE.parents[1])


@cache
def folder(name: str) -> Path:
    """Return a shipped folder: `grammars`, `templates`, `designs`, `fonts`; FileNotFoundError without it."""
    for place in PLACES:
        if (place / name).is_dir():
            return place / name
    raise FileNotFoundError(f"archboard was installed without its {name} folder (looked in {PLACES})")


def text(folder_name: str, name: str) -> str:
    """Return the text of a shipped file."""
    return (folder(folder_name) / name).read_text("utf-8")


def binary(folder_name: str, name: str) -> bytes:
    """Return the bytes of a shipped file."""
    return (folder(folder_name) / name).read_bytes()


def stamps(folder: str, rooms: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield size and date of each file of code in a folder and those within it, by name; at the top only `rooms`."""
    yield folder
    with os.scandir(folder) as entries:
        listed = sorted(entries, key=lambda entry: entry.name)
    for entry in listed:
        if entry.name.endswith((".py", ".json")):
            at = entry.stat()
            yield f"{entry.name} {at.st_size} {at.st_mtime_ns}"
        elif "." not in entry.name and (not rooms or entry.name in rooms) and entry.name != "__pycache__":
            yield from stamps(entry.path)
