"""What stops a run from outside, and what another run does at the same time.

A signal ends a run as an exception, so that whatever was begun is tidied up; where files take their place it waits.
"""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

try:
    import fcntl
except ImportError:  # Windows has another kind of lock, which folders cannot take
    fcntl = None  # type: ignore[assignment]

SIGNALS = tuple(getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP") if hasattr(signal, name))
heard: list[int] = []
"""The signals that came: a library may catch whatever passes it, and raise something of its own."""
SOON = 0.01
"""Seconds."""
PATIENCE = 10.0
"""Seconds that one run waits until another has written into the same folder."""


class Stopped(BaseException):
    """A signal asked this run to end."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


def stop_on_signals() -> None:
    """End by an exception on every signal that asks for an end, and that nobody wanted to be ignored."""
    for number in SIGNALS:
        with suppress(ValueError, OSError):  # only the main thread may
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                signal.signal(number, _stop)


    sys.unraisablehook = _unraised


def _unraised(about: sys.UnraisableHookArgs) -> None:
    """Raise a stop again, a moment later, that came where nothing can be raised: in a finaliser, or at a fork."""
    if isinstance(about.exc_value, Stopped) and hasattr(signal, "setitimer"):
        signal.signal(signal.SIGALRM, _stop)
        signal.setitimer(signal.ITIMER_REAL, SOON)
    else:
        sys.__unraisablehook__(about)


def _stop(number: int, _: FrameType | None) -> None:
    heard.append(number)
    raise Stopped(number)


@contextmanager
def signals_held() -> Iterator[None]:
    """Let signals wait until a block is done; outside the main thread none comes."""
    held: list[int] = []
    before = {}
    try:
        for number in SIGNALS:
            if signal.getsignal(number) not in (signal.SIG_IGN, None):
                before[number] = signal.signal(number, lambda which, _: held.append(which))
    except ValueError:
        before = {}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if held:
        _stop(held[0], None)


@contextmanager
def alone_in(folder: Path) -> Iterator[bool]:
    """Wait until no other run writes into a folder; gives whether that is known, which some disks cannot say."""
    handle = None
    try:
        if fcntl is not None:
            with suppress(OSError):
                handle = os.open(folder, os.O_RDONLY)
        yield handle is not None and _locked(handle)
    finally:
        if handle is not None:
            os.close(handle)  # and with it the lock


def _locked(handle: int) -> bool:
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.02)
        except OSError:
            return False
        else:
            return True
