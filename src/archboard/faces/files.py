"""The disk, as the faces use it: designs read, results written whole or not at all.

Results are made in memory first, written beside their place, and moved there in one go; an interrupted or failed
run leaves what was there before. Everything that goes wrong here is a `Trouble`: one sentence and exit code 2.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from archboard.diagnostics import nearest

SKIPPED = ("output", "node_modules", "__pycache__", "build", "dist")


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
    for current, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in SKIPPED]
        files += [Path(current) / name for name in names if name.endswith(".arch")]
    return files


def content(path: str) -> bytes:
    """Return a design's bytes; `-` is what comes in."""
    try:
        return sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
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


def write(path: str, data: bytes) -> None:
    """Write one file whole, or leave what was there; `-` is what goes out."""
    if path == "-":
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except OSError as error:
            raise Trouble(f"the output cannot be written: {_reason(error)}") from None
        return
    place = Path(path)
    if place.exists() and not place.is_file():
        _stream(place, data)
        return
    write_all(place.parent, {place.name: data}, make=False)


def _stream(place: Path, data: bytes) -> None:
    """Write to something that is no file: a device, a pipe."""
    try:
        with place.open("wb") as stream:
            stream.write(data)
    except OSError as error:
        raise Trouble(f"{place} cannot be written: {_reason(error)}") from None


def write_all(folder: Path, files: Mapping[str, bytes], *, make: bool = True) -> None:
    """Write files into a folder: all of them are on the disk before the first one takes its place."""
    import shutil  # noqa: PLC0415 - slow to import, and checking writes nothing
    import tempfile  # noqa: PLC0415 - slow to import, and checking writes nothing

    draft: Path | None = None
    try:
        if make:
            folder.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=".archboard-", dir=folder))
        for name, data in files.items():
            _whole(draft / name, data)
        _move(draft, folder, tuple(files))
    except OSError as error:
        where = folder if make else folder / next(iter(files))
        raise Trouble(f"{where} cannot be written: {_reason(error)}", "nothing there was changed") from None
    finally:
        if draft is not None:
            shutil.rmtree(draft, ignore_errors=True)


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
    """Move files into place; a Ctrl-C in these few instants waits until the last one is there."""
    for name in names:
        if (folder / name).is_dir():
            raise IsADirectoryError(21, f"{folder / name} is a folder")
    held: list[int] = []
    main = _can_hold()
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number)) if main else None
    try:
        for name in names:
            (draft / name).replace(folder / name)
    finally:
        if main:
            signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt


def _can_hold() -> bool:
    """Whether this is the main thread, where signals can be held."""
    try:
        signal.signal(signal.SIGINT, signal.getsignal(signal.SIGINT))
    except (ValueError, TypeError):
        return False
    return True
