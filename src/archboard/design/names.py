"""Names: a component's full name carries its groups; plain names are found from the inside out."""

from __future__ import annotations

from collections.abc import Iterable

from archboard.diagnostics import nearest
from archboard.records import field, record

WAY = 8
"""Names of a circle that are told."""


@record(frozen=False)
class Names:
    """All full names of one design, and which of them each shorter ending could mean."""

    full: set[str] = field(default_factory=set)
    endings: dict[str, list[str]] = field(default_factory=dict)
    guesses: int = 50
    """How many more names are guessed at: a file of nothing but unknown names must not take for ever."""

    @classmethod
    def of(cls, names: Iterable[str]) -> Names:
        """Index full names by every ending: `us.ranker` by `us.ranker` and `ranker`."""
        index = cls()
        for name in names:
            index.full.add(name)
            ending = name
            while True:
                index.endings.setdefault(ending, []).append(name)
                _, dot, ending = ending.partition(".")
                if not dot:
                    break
        return index

    def find(self, written: str, scope: str) -> tuple[str, ...]:
        """Return what a name means inside a scope: one full name, none, or the several it could be."""
        while scope:
            inner = f"{scope}.{written}"
            if inner in self.full:
                return (inner,)
            scope = scope.rpartition(".")[0]
        if written in self.full:
            return (written,)
        return tuple(self.endings.get(written, ()))

    def near(self, written: str) -> str | None:
        """Return the known name that was probably meant."""
        self.guesses -= 1
        if self.guesses < 0:
            return None
        return nearest(written, sorted({*self.full, *(e for e in self.endings if "." not in e)}))


def way_round(names: list[str]) -> str:
    """Return the names of a circle in order, of a large one the ends."""
    return " → ".join(names if len(names) <= WAY else [*names[: WAY // 2], "…", *names[-WAY // 2 :]])
