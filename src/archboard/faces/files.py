"""The disk, as the faces use it: designs read, results written whole or not at all.

Results are made in memory first, written beside their place, and moved there in one go; an interrupted or failed
run leaves what was there before. Everything that goes wrong here is a `Trouble`: one sentence and exit code 2.
"""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from archboard.diagnostics import nearest
from archboard.faces.interruptions import alone_in, signals_held
from archboard.source import LARGEST

SKIPPED = ("output", "node_modules", "__pycache__", "build", "dist")
DRAFT = ".archboard-draft-"
"""How the folder begins in which files wait until all of them are whole."""
_read: list[os.stat_result] = []
"""The designs that this run has read: nothing else is written in their place."""


class Trouble(Exception):  # noqa: N818 - it is shown to people, who have trouble, not errors
    """Something the disk refused: a sentence for the person, and perhaps a hint."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


def designs(paths: tuple[str, ...]) -> list[str]:
    """Return the files that paths mean: a folder is every .arch file below it, in order of name."""
    found: list[str] = []
    for path in paths:
        if not path:
            raise Trouble("a file without a name cannot be read", "name a design, or . for all below this folder")
        place = Path(path)
        if path == "-" or not place.is_dir():
            found.append(path)
            continue
        inside = sorted(str(file) for file in _below(place))
        if not inside:
            raise Trouble(f"no .arch file below {path}", "write one, or name another folder")
        found += inside
    return list(dict.fromkeys(found))


def _below(folder: Path) -> list[Path]:
    files: list[Path] = []
    for current, folders, names in os.walk(folder, onerror=_unlisted):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
        files += [Path(current) / name for name in names if name.endswith(".arch")]
    for file in files:
        if file.exists() and not file.is_file():
            raise Trouble(f"{file} cannot be read: it is no file", "name the designs one by one, or move it away")
    return files


def _unlisted(error: OSError) -> None:
    """Tell of a folder that cannot be looked into: what is in it is neither checked nor known to be missing."""
    raise Trouble(f"{error.filename} cannot be read: {_reason(error)}", "name the designs one by one") from None


def content(path: str) -> bytes:
    """Return a design's bytes, as many as one may have and one more; `-` is what comes in."""
    try:
        if path == "-":
            return b"" if sys.stdin is None else sys.stdin.buffer.read(LARGEST + 1)
        with Path(path).open("rb") as stream:
            _read.append(os.fstat(stream.fileno()))
            return stream.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        raise Trouble(f"{path} cannot be read: {_reason(error)}", _meant(path)) from None


def _meant(path: str) -> str:
    """Return the nearest file name in the same folder."""
    place = Path(path)
    try:
        names = [file.name for file in place.parent.iterdir() if file.suffix == ".arch" and file.is_file()]
    except (OSError, ValueError):
        return ""
    guess = nearest(place.name, sorted(names)) or nearest(f"{place.name}.arch", sorted(names))
    return f"did you mean {place.parent / guess}?" if guess and guess != place.name else ""


def _reason(error: Exception) -> str:
    return (getattr(error, "strerror", None) or str(error) or type(error).__name__).lower()


def write(path: str, data: bytes, *, design: bool = False) -> None:
    """Write one file whole, or leave what was there; `-` is what goes out. Only a `design` takes a design's place."""
    if path == "-":
        _put_out(data)
        return
    place = Path(path)
    with suppress(OSError, RuntimeError):
        place = place.resolve() if place.is_symlink() else place
    if place.exists() and not place.is_file():
        _stream(place, data)
        return
    write_all(place.parent, {place.name: data}, make=False, design=design)


def _put_out(data: bytes) -> None:
    try:
        if sys.stdout is None:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        sys.stdout.buffer.write(data)
        sys.stdout.buffer.flush()
    except BrokenPipeError:  # whoever read has had enough
        raise
    except (OSError, ValueError) as error:
        raise Trouble(f"the output cannot be written: {_reason(error)}") from None


def _stream(place: Path, data: bytes) -> None:
    """Write to something that is no file: a device, a pipe."""
    try:
        with place.open("wb") as stream:
            stream.write(data)
    except OSError as error:
        raise Trouble(f"{place} cannot be written: {_reason(error)}") from None


def write_all(folder: Path, files: Mapping[str, bytes], *, make: bool = True, design: bool = False) -> None:
    """Write files into a folder: all of them are on the disk before the first one takes its place.

    One process at a time writes into a folder, and clears what one that was killed has left there.
    """
    import shutil  # noqa: PLC0415 - slow to import, and checking writes nothing
    import tempfile  # noqa: PLC0415 - slow to import, and checking writes nothing

    draft: Path | None = None
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        for name in files:
            _spare(folder / name, design)
        with alone_in(folder) as alone:
            for left in folder.glob(f"{DRAFT}*") if alone else ():
                shutil.rmtree(left, ignore_errors=True)
            draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=folder))
            for name, data in files.items():
                _whole(draft / name, data)
            _move(draft, folder, tuple(files))
    except OSError as error:
        where = folder if make else folder / next(iter(files))
        raise Trouble(f"{where} cannot be written: {_reason(error)}", "nothing there was changed") from None
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


def _spare(place: Path, design: bool) -> None:
    """Refuse to write over what was read, whatever it is called here, and over any design with what is none."""
    try:
        there = place.stat()
    except OSError:
        return
    if not design and (place.suffix == ".arch" or any(os.path.samestat(there, one) for one in _read)):
        raise Trouble(f"{place} is a design, and stays as it is", "name another file to write to")


def _whole(path: Path, data: bytes) -> None:
    with path.open("wb") as stream:
        stream.write(data)
        stream.flush()
        os.fsync(stream.fileno())
    path.chmod(0o666 & ~_umask())


def _umask() -> int:
    current = os.umask(0)
    os.umask(current)
    return current


def _move(draft: Path, folder: Path, names: tuple[str, ...]) -> None:
    """Move files into place; a signal in these few instants waits until the last one is there."""
    for name in names:
        if (folder / name).is_dir():
            raise IsADirectoryError(21, f"{folder / name} is a folder")
    with signals_held():
        for name in names:
            (draft / name).replace(folder / name)
