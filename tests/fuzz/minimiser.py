"""The least of a file that still fails in the same way: lines go first, then tokens."""

from __future__ import annotations

from collections.abc import Callable

from tests.fuzz.mutations import TOKEN


def least(text: str, fails: Callable[[str], bool], tries: int = 400) -> str:
    """Return a part of a text that still fails, after at most so many tries."""
    left = [tries]

    def still(parts: list[str], join: str) -> bool:
        left[0] -= 1
        return fails(join.join(parts))

    lines = _without(text.split("\n"), lambda parts: still(parts, "\n"), left)
    return "".join(_without(TOKEN.findall("\n".join(lines)), lambda parts: still(parts, ""), left))


def _without(parts: list[str], fails: Callable[[list[str]], bool], left: list[int]) -> list[str]:
    """Take out ever shorter runs of parts, as long as what is left fails."""
    run = max(len(parts) // 2, 1)
    while run and left[0] > 0:
        at = 0
        while at < len(parts) and left[0] > 0:
            fewer = parts[:at] + parts[at + run :]
            if fewer and fails(fewer):
                parts = fewer
            else:
                at += run
        run //= 2
    return parts
