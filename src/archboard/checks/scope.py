"""What a check may speak of: a mistake is told once, so whatever an earlier error touched is left alone."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component, Design, Flow
from archboard.diagnostics import Note


def sound_components(design: Design) -> Iterator[Component]:
    """Yield the components that no earlier error touched."""
    return (c for name, c in design.components.items() if name not in design.touched)


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


def rate_notes(design: Design) -> tuple[Note, ...]:
    """Return notes that point at where the clients' rates are given."""
    notes = []
    for component in design.components.values():
        given = component.settings.get("rate")
        if component.kind.name == "client" and given is not None:
            notes.append(Note(given.span, f"`{component.plain}` sends this"))
    return tuple(notes[:2])


def listed(names: list[str]) -> str:
    """Write names as a list of words in backticks: `a`, `b` and `c`."""
    quoted = [f"`{name}`" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"
