"""What differs between two designs, thing by thing and setting by setting, each by its name.

A thing that was renamed is one that is gone and one that is new: names are all there is to know a thing by.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import zip_longest

from archboard.design.model import Arrow, ArrowKind, Component, Design, Given, Promise, Settings
from archboard.design.targets import Override
from archboard.records import field_names, record

VERBS: Mapping[ArrowKind, str] = {
    ArrowKind.REQUEST: "request",
    ArrowKind.CALL: "call",
    ArrowKind.ASYNC: "async",
    ArrowKind.FAILURE: "failure",
}


@record
class Difference:
    """One difference. `before` is "" where something is new, `after` where it is gone.

    `what` is "design", "component", "arrow", "flow", "promise", "constant", "group" or "scenario"; `setting` names
    what of it differs, "" where the whole thing came or went.
    """

    what: str
    name: str
    setting: str
    before: str
    after: str

    @property
    def kind(self) -> str:
        """Whether it was added, removed or changed."""
        return "added" if not self.before else "removed" if not self.after else "changed"


def differences(before: Design, after: Design) -> Iterator[Difference]:
    """Yield the differences of two designs: constants, components, arrows, flows, promises, groups, scenarios."""
    yield from _changed("design", after.name, "name", before.name, after.name)
    yield from _changed("design", after.name, "title", before.title, after.title)
    for name in ("problem", "opening", "result", "tradeoff"):
        yield from _changed("design", after.name, name, " / ".join(before.said(name)), " / ".join(after.said(name)))
    if before.assumptions != after.assumptions:
        for name in field_names(before.assumptions):
            if name == "spans":
                continue
            first, second = getattr(before.assumptions, name), getattr(after.assumptions, name)
            yield from _changed("design", after.name, f"assume {name.replace('_', ' ')}", _bare(first), _bare(second))
    for name in _names(before.constants, after.constants):
        given = before.constants.get(name), after.constants.get(name)
        yield from _changed("constant", name, "", *(str(g.value) if g is not None else "" for g in given))
    for name in _names(before.components, after.components):
        yield from _component(name, before.components.get(name), after.components.get(name))
    arrows = {a.id: a for a in before.arrows}, {a.id: a for a in after.arrows}
    for name in _names(*arrows):
        yield from _arrow(name, arrows[0].get(name), arrows[1].get(name))
    yield from _flows(before, after)
    for name in _names(before.frames, after.frames):
        frames = before.frames.get(name), after.frames.get(name)
        yield from _changed("group", name, "", *(frame.title or name if frame else "" for frame in frames))
    yield from _scenarios(before, after)


def _bare(value: float | str | None) -> str:
    return "none" if value is None else value if isinstance(value, str) else f"{value:g}"


def _names(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[str, ...]:
    """Return the names of both, those of the first in its order, then what the second adds."""
    return tuple(dict.fromkeys((*before, *after)))


def _changed(what: str, name: str, setting: str, before: str, after: str) -> Iterator[Difference]:
    if before != after:
        yield Difference(what, name, setting, before, after)


def _component(name: str, before: Component | None, after: Component | None) -> Iterator[Difference]:
    if before is None or after is None:
        kinds = [f"{c.kind.name} {_quoted(c.title)}" if c is not None else "" for c in (before, after)]
        yield Difference("component", name, "", kinds[0], kinds[1])
        return
    yield from _changed("component", name, "kind", before.kind.name, after.kind.name)
    yield from _changed("component", name, "title", _quoted(before.title), _quoted(after.title))
    yield from _settings("component", name, before.settings, after.settings)


def _quoted(text: str) -> str:
    return f'"{text}"'


def _arrow(name: str, before: Arrow | None, after: Arrow | None) -> Iterator[Difference]:
    if before is None or after is None:
        kinds = [f"{VERBS[a.kind]}{f' {_quoted(a.label)}' if a.label else ''}" if a else "" for a in (before, after)]
        yield Difference("arrow", name, "", kinds[0], kinds[1])
        return
    yield from _changed("arrow", name, "label", before.label, after.label)
    yield from _changed("arrow", name, "flow", before.flow or "main", after.flow or "main")
    yield from _settings("arrow", name, before.settings, after.settings)


def _settings(what: str, name: str, before: Settings, after: Settings) -> Iterator[Difference]:
    """Yield the settings whose values differ, as they are written; where only a constant moved, it is told once."""
    for setting in _names(before, after):
        first, second = before.get(setting), after.get(setting)
        if first is not None and second is not None and first.value == second.value:
            continue
        words = _words(first), _words(second)
        if words[0] != words[1]:
            yield Difference(what, name, setting, *words)


def _words(given: Given | None) -> str:
    return " ".join(given.span.text.split()) if given is not None else ""


def _flows(before: Design, after: Design) -> Iterator[Difference]:
    first = {flow.name: flow for flow in before.flows}
    second = {flow.name: flow for flow in after.flows}
    for name in _names(first, second):
        one, other = first.get(name), second.get(name)
        if (one is None or other is None) and name != "main":
            yield Difference("flow", name, "", *(_quoted(flow.title) if flow else "" for flow in (one, other)))
            continue
        rates = [_words(flow.rate) if flow else "" for flow in (one, other)]
        yield from _changed("flow", name, "rate", *rates)
        yield from _promises(name, one.promises if one else (), other.promises if other else ())


def _promises(flow: str, before: tuple[Promise, ...], after: tuple[Promise, ...]) -> Iterator[Difference]:
    keys = dict.fromkeys((p.metric, p.policy, p.per) for p in (*before, *after))
    for key in keys:
        first = [p.text for p in before if (p.metric, p.policy, p.per) == key]
        second = [p.text for p in after if (p.metric, p.policy, p.per) == key]
        for one, other in zip_longest(first, second, fillvalue=""):
            yield from _changed("promise", flow, "", one, other)


def _scenarios(before: Design, after: Design) -> Iterator[Difference]:
    def written(design: Design) -> dict[str, str]:
        return {
            s.title: "; ".join((*(f"{o.target.path}: {_text(o)}" for o in s.overrides), s.expect or "")).rstrip("; ")
            for s in design.scenarios
        }

    first, second = written(before), written(after)
    for title in _names(first, second):
        old, new = (found.get(title) for found in (first, second))
        empty = "nothing changed in it"
        yield from _changed("scenario", title, "", *("" if t is None else t or empty for t in (old, new)))


def _text(override: Override) -> str:
    """Return the values of a scenario's setting as written, on one line."""
    return " ".join(override.words.split())
