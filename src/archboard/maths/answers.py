"""Answers of the slow functions that are kept from run to run: a network and a question, as text → the numbers found.

What is asked is kept whole and compared whole, floats to the last digit, so an answer is only ever given to the very
question it was found for. Nothing here knows a file: a face hands in what is known and takes away what was asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from archboard.maths.network import Network

Kept = Mapping[str, Mapping[str, str]]
"""By network, by question: the numbers, with blanks between them."""
NONE = "-"
"""What is kept of a question that has no answer."""
LARGEST = 500
"""Nodes of a network that is kept: a larger one takes long to write down, and longer to work out, too."""


class Answers:
    """What was found in earlier runs, and what was asked in this one."""

    def __init__(self, known: Kept) -> None:
        self.known = known
        self.asked: dict[str, dict[str, str]] = {}
        self.found = 0
        self._last: tuple[Network, str] | None = None

    def of(
        self, network: Network, name: str, about: tuple[float, ...], sizes: tuple[int, ...],
        work: Callable[[], Sequence[float]],
    ) -> tuple[float, ...]:  # fmt: skip
        """Return the numbers that a function finds of a network, as many as one of `sizes`; times or shares, from 0."""
        if len(network.nodes) > LARGEST:
            return tuple(work())
        text = self._written(network)
        question = " ".join((name, *map(repr, about)))
        numbers = _read(self.known.get(text, {}).get(question), sizes)
        if numbers is None:
            numbers = tuple(float(number) for number in work())
            self.found += 1
        self.asked.setdefault(text, {})[question] = " ".join(map(repr, numbers)) or NONE
        return numbers

    def _written(self, network: Network) -> str:
        """Return a network as text; the same one is asked several things in a row."""
        if self._last is None or self._last[0] is not network:
            self._last = network, repr(network)
        return self._last[1]


def _read(kept: str | None, sizes: tuple[int, ...]) -> tuple[float, ...] | None:
    """Return numbers that were kept; None for what cannot be an answer."""
    try:
        numbers = () if kept == NONE else tuple(map(float, (kept or "").split())) or None
    except ValueError:
        return None
    return numbers if numbers is not None and len(numbers) in sizes and all(each >= 0 for each in numbers) else None
