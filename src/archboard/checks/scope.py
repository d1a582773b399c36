"""What a check may speak of: a mistake is told once, so whatever an earlier error touched is left alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from archboard.design.model import ArrowKind, Component, Design, Flow
from archboard.diagnostics import Note


def sound_components(design: Design) -> Iterator[Component]:
    """Yield the components that no earlier error touched, nor anything that sends them requests."""
    unsound = downstream(design, design.touched)
    return (c for name, c in design.components.items() if name not in unsound)


def downstream(design: Design, sources: Iterable[str]) -> frozenset[str]:
    """Return some components and all that their requests reach."""
    reached = set(sources)
    if reached:
        heads: dict[str, list[str]] = {}
        for arrow in design.arrows:
            if arrow.kind is not ArrowKind.FAILURE:
                heads.setdefault(arrow.tail, []).append(arrow.head)
        waiting = sorted(reached)
        while waiting:
            new = set(heads.get(waiting.pop(), ())) - reached
            reached |= new
            waiting += sorted(new)
    return frozenset(reached)


def is_sound(design: Design, flow: str) -> bool:
    """Whether no earlier error touched anything on a flow."""
    found = design.flow(flow)
    return found is not None and _untouched(design, found)


def _untouched(design: Design, flow: Flow) -> bool:
    if not design.touched:
        return True
    return not any(name in design.touched for arrow in flow.arrows for name in (arrow.tail, arrow.head))


def all_sound(design: Design) -> bool:
    """Whether no earlier error touched anything that demand comes from."""
    return not design.touched


def rate_notes(design: Design) -> Mapping[str, tuple[Note, ...]]:
    """Return, for each component, notes that point at the rates of the first two clients that reach it."""
    notes: dict[str, tuple[Note, ...]] = {}
    for name, component in design.components.items():
        given = component.settings.get("rate")
        if component.kind.asks and given is not None:
            note = Note(given.span, f"`{component.plain}` sends this")
            for reached in sorted(downstream(design, (name,))):
                notes[reached] = (*notes.get(reached, ()), note)[:2]
    return notes


def listed(names: list[str]) -> str:
    """Write names as a list of words in backticks: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
