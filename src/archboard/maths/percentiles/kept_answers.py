"""Answers of the slow functions that are kept from run to run: a subject and a question, as text → the numbers found.

A subject is a network, or the time of one queue. What is asked is kept whole and compared whole, floats to the last
digit, so an answer is only ever given to the very question it was found for. Nothing here knows a file: a face hands
in what is known and takes away what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

Kept = Mapping[str, Mapping[str, str]]
"""By subject, by question: the numbers, with blanks between them."""
NONE = "-"
"""What is kept of a question that has no answer."""
LARGEST = 500
"""Nodes of a network that is kept: a larger one takes long to write down, and longer to work out, too."""


class Answers:
    """What was found in earlier runs, and what was asked in this one; without `known`, nothing is kept."""

    def __init__(self, known: Kept | None = None) -> None:
        self.known = known
        self.asked: dict[str, dict[str, str]] = {}
        self.found = 0
        self._last: tuple[object, str] = None, ""

    def of(
        self, subject: object, name: str, about: tuple[float, ...], counts: tuple[int, ...],
        work: Callable[[], Sequence[float]],
    ) -> tuple[float, ...]:  # fmt: skip
        """Return what a function finds of a subject: times or shares, from 0, and as many as one of `counts`."""
        if self.known is None or len(getattr(subject, "nodes", ())) > LARGEST:
            return tuple(work())
        text = self._written(subject)
        question = " ".join((name, *map(repr, about)))
        numbers = _read(self.known.get(text, {}).get(question), counts)
        if numbers is None:
            numbers = tuple(float(number) for number in work())
            self.found += 1
        self.asked.setdefault(text, {})[question] = " ".join(map(repr, numbers)) or NONE
        return numbers

    def note(self, subject: str, question: str, answer: str) -> None:
        """Keep what was found of a subject otherwise than by asking, on one line each."""
        self.asked.setdefault(subject, {})[question] = answer
        self.found += 1

    def _written(self, subject: object) -> str:
        """Return a subject as text; the same one is asked several things in a row."""
        if self._last[0] is not subject:
            self._last = subject, repr(subject)
        return self._last[1]


_of_times = Answers()


def of_times() -> Answers:
    """Return the answers that times ask by themselves: they are asked from everywhere, and know no network."""
    return _of_times


@contextmanager
def asked_of_times(answers: Answers) -> Iterator[None]:
    """Let times ask these answers for a while."""
    global _of_times
    before, _of_times = _of_times, answers
    try:
        yield
    finally:
        _of_times = before


def _read(kept: str | None, counts: tuple[int, ...]) -> tuple[float, ...] | None:
    """Return numbers that were kept; None for what cannot be an answer."""
    try:
        numbers = () if kept == NONE else tuple(map(float, (kept or "").split())) or None
    except ValueError:
        return None
    return numbers if numbers is not None and len(numbers) in counts and all(each >= 0 for each in numbers) else None
