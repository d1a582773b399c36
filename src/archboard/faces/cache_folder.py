"""The user's cache folder: answers of the slow functions, one small file per design, read and written around a run.

`ARCHBOARD_CACHE` names another folder, or is `off`. A file is used only if it was written by the very code that would
work the answer out anew, and is whole. Whatever else is found there, or cannot be read or written, costs time and
nothing more: no error of the disk leaves this module. Nothing read is ever executed: it is text, and holds numbers.
"""

from __future__ import annotations

import os
import stat
import sys
from binascii import crc32
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from importlib.machinery import PathFinder
from pathlib import Path
from typing import TYPE_CHECKING

import archboard
from archboard import __version__
from archboard.maths.percentiles.kept_answers import Answers, Kept, asked_of_times
from archboard.resources import stamps

if TYPE_CHECKING:
    from archboard.maths.percentiles.fourier import Transforms

LARGEST = 2**17
"""Bytes of a file; what was not asked for longest goes first."""
MOST = 256
"""Files; the oldest go first."""
_ENDING = ".answers"
CODE = ("catalog", "checks", "design", "faces", "language", "maths", "measures", "renderers", "words")
"""The rooms that percentiles, verdicts and reports come from."""
LIBRARIES = (("numpy", "version.py"), ("wcwidth", "__init__.py"))
"""What else they come from, each with the file that says which one it is."""
_SUBJECT, _ANSWER = "= ", "\t"


@contextmanager
def remembering(path: str) -> Iterator[Transforms]:
    """Give what earlier runs found out about a design, and keep what this one adds."""
    from archboard.maths.percentiles.fourier import Transforms  # late: a kept report needs none  # noqa: PLC0415

    place = _place(path)
    if place is None:
        yield Transforms()
        return
    answers = Answers(_read(place))
    with asked_of_times(answers):
        yield Transforms(answers=answers)
    if answers.found:
        _write(place, _text(answers))


def kept(path: str) -> Kept:
    """Return all that earlier runs have kept of a design."""
    place = _place(path)
    return {} if place is None else _read(place)


def cache_folder() -> Path | None:
    """Return where answers are kept; None where nowhere."""
    named = os.environ.get("ARCHBOARD_CACHE", "")
    if named:
        return None if named == "off" else Path(named).absolute()
    try:
        if sys.platform == "win32":
            home = Path(os.environ.get("LOCALAPPDATA", ""))
        elif sys.platform == "darwin":
            home = Path("~/Library/Caches").expanduser()
        else:
            home = Path(os.environ.get("XDG_CACHE_HOME", ""))
            home = home if home.is_absolute() else Path("~/.cache").expanduser()
    except RuntimeError:  # nobody's home
        return None
    return home / "archboard" if home.is_absolute() else None


def _place(path: str) -> Path | None:
    """Return the file that keeps a design's answers; two designs that share one only push each other out."""
    try:
        folder = cache_folder()
        design = os.fsencode(Path(path).absolute())
    except (OSError, ValueError):
        return None
    return folder / f"{crc32(design):08x}{_ENDING}" if folder is not None and _writer() else None


@cache
def _writer() -> str:
    """Return the code that works answers out, to the date of every file, in one line; nothing where it is not known."""
    parts = [__version__, sys.version, sys.platform]
    try:
        files = [stamp for folder in archboard.__path__ for stamp in stamps(folder, CODE)]
        parts += files
        for name, file in LIBRARIES:
            library = PathFinder.find_spec(name)
            if library is None or library.origin is None or not files:
                return ""
            at = Path(library.origin).with_name(file).stat()
            parts += [library.origin, str(at.st_size), str(at.st_mtime_ns)]
    except OSError:
        return ""
    return " ".join(parts).replace("\n", " ")


def _read(place: Path) -> Kept:
    """Return the answers in a file, none unless all of it is as it was written."""
    try:
        handle = os.open(place, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
        with open(handle, "rb") as stream:  # noqa: PTH123 - a pipe in its place must not be waited for
            content = stream.read(LARGEST + 1) if stat.S_ISREG(os.fstat(handle).st_mode) else b""
        head, _, body = content.partition(b"\n")
        return _parsed(body.decode()) if len(content) <= LARGEST and head == _head(body) else {}
    except (OSError, ValueError):
        return {}


def _head(body: bytes) -> bytes:
    return f"{crc32(body):08x} {_writer()}".encode(errors="surrogateescape")


def _parsed(text: str) -> Kept:
    known: dict[str, dict[str, str]] = {}
    answers: dict[str, str] = {}
    for line in text.split("\n"):
        if line.startswith(_SUBJECT):
            answers = known.setdefault(line.removeprefix(_SUBJECT), {})
        else:
            question, _, numbers = line.partition(_ANSWER)
            answers[question] = numbers
    return known


def _text(answers: Answers) -> str:
    """Return what is worth keeping: all that was asked, then as much of the rest as there is room for."""
    lines: list[str] = []
    known = answers.known or {}
    room = LARGEST - len(_writer()) - 100
    for subject in dict.fromkeys((*answers.asked, *known)):
        found = {**known.get(subject, {}), **answers.asked.get(subject, {})}
        part = "\n".join((_SUBJECT + subject, *(question + _ANSWER + said for question, said in found.items())))
        room -= len(part.encode(errors="replace")) + 1
        if room < 0:
            break
        lines.append(part)
    return "\n".join(lines)


def _write(place: Path, text: str) -> None:
    """Put a file in its place in one go, so that whoever reads at the same time finds the old one or the new."""
    draft = place.with_name(f"{place.name}.{os.getpid()}")
    with suppress(OSError, ValueError):
        body = text.encode()
        place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not place.exists():
            _make_room(place.parent)
        with draft.open("xb") as stream:  # none that is there is followed or written over
            try:
                stream.write(_head(body) + b"\n" + body)
                stream.close()
                draft.replace(place)
            finally:
                draft.unlink(missing_ok=True)


def _make_room(folder: Path) -> None:
    """Remove the oldest files where there are too many, and nothing that is not ours."""
    kept = sorted((path.lstat().st_mtime_ns, path) for path in folder.iterdir() if _ENDING in path.name)
    for _, path in kept[: max(0, len(kept) - MOST + 1)]:
        with suppress(OSError):
            path.unlink()
