"""Progress on stderr, once a command works for longer than a second."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from archboard.faces.messages import BACK, say, steerable

PATIENCE = 1.0
"""Seconds of work after which progress is shown."""


class Progress:
    """Says how far a command is: on a terminal on one line, which it clears at the end, elsewhere once."""

    def __init__(self, words: str, total: int = 0) -> None:
        self.words = words
        self.total = total
        self.done = 0
        self._next = time.monotonic() + PATIENCE
        self._shown = False

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._shown and steerable(sys.stderr):
            say(BACK, nl=False)

    def step(self, count: int = 1) -> None:
        """Note that some more is done."""
        self.done += count
        now = time.monotonic()
        if now < self._next:
            return
        terminal = steerable(sys.stderr)
        of = f" of {self.total:,}" if self.total else ""
        if terminal:
            say(f"{BACK}{self.words}: {self.done:,}{of} …", nl=False)
        elif not self._shown:
            say(f"{self.words} …")
        self._shown = True
        self._next = now + 0.2
