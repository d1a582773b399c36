"""From what was written to what was meant: Document → Design.

`outline` reads names and structure once; `realise` turns settings into values, under the overrides of a what-if if
there are any. A file with errors gives a smaller Design, never none.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import PurePath
from types import MappingProxyType

from archboard.catalog import Kind, kind_of
from archboard.catalog.settings import QUEUE
from archboard.design.arrows import Arrows
from archboard.design.collect import Collection, RawComponent, collect
from archboard.design.flows import WAITED, Flows
from archboard.design.hardware import unknown_gpu
from archboard.design.imports import load
from archboard.design.model import (
    NOTHING,
    Arrow,
    Assumptions,
    Component,
    Design,
    Flow,
    Given,
    Promise,
    Settings,
    SettingValue,
)
from archboard.design.names import Names, way_round
from archboard.design.paths import Paths
from archboard.design.queues import idle_queue
from archboard.design.rules import UNKNOWN_NAME, WRONG_VALUE
from archboard.design.scenarios import by_owner, overridden, read_scenarios, value_of
from archboard.design.settings import constants_of, read_settings
from archboard.design.targets import Override
from archboard.diagnostics import Diagnostic
from archboard.language.syntax import Document
from archboard.records import record, replace
from archboard.source import Source, Span


@record
class Outline:
    """Names and structure of a design, before any value is read."""

    source: Source
    found: Collection
    names: Names
    sources: tuple[Source, ...]
    diagnostics: tuple[Diagnostic, ...]


def outline(document: Document) -> Outline:
    """Read a document and its imports down to names and structure."""
    loaded = load(document)
    found = collect(loaded.statements)
    names = Names.of([*found.components, *found.frames])
    return Outline(document.source, found, names, loaded.sources, (*loaded.diagnostics, *found.diagnostics))


def realise(
    plan: Outline, overrides: tuple[Override, ...] = (), base: Design | None = None
) -> tuple[Design, tuple[Diagnostic, ...]]:
    """Return the design of an outline, with overrides in the place of what the file says.

    `base` is the design without some of them: where no constant and no arrow changes, all that they do not touch
    is taken from it.
    """
    realisation = _Realisation(plan, overrides)
    if base is None or realisation.changes_structure:
        return realisation.design()
    return realisation.changed(base)


class _Realisation:
    """One pass over an outline; `told` gathers diagnostics, `touched` the components they concern."""

    def __init__(self, plan: Outline, overrides: tuple[Override, ...]) -> None:
        self.plan = plan
        self.found = plan.found
        self.told: list[Diagnostic] = []
        self.touched = set(plan.found.touched)
        self.overrides = by_owner(overrides)
        self.changes_structure = bool(self.overrides.constants or self.overrides.arrows)
        self.constants, self.shown = constants_of(plan.found.constants, self.overrides.constants, self.told)

    def design(self) -> tuple[Design, tuple[Diagnostic, ...]]:
        found = self.found
        block = found.designs[0] if found.designs else None
        span = block.span if block else self.plan.source.span(0, 0)
        own, _ = read_settings("design", block.settings if block else (), self.constants, self.told)
        components = self._components()
        building = Arrows(found, self.plan.names, self.constants, self.told, self.touched, self._changed_arrow)
        arrows = building.build()
        flows = Flows(found, components, arrows, self.told, self.touched)
        kept = flows.build(self._flow_settings(), _promises(own), span)
        waited = {name for flow in kept for name in _behind_clients(flow.arrows, components)}
        components = {name: _placed(component, waited) for name, component in components.items()}
        assume, talk = own.get("assume"), own.get("talk")
        design = Design(
            _name(block.name if block else "", self.plan.source.path),
            block.title if block else _name("", self.plan.source.path),
            span, MappingProxyType(components), arrows, kept, MappingProxyType(found.frames), (),
            self._assumed(assume.value if assume is not None else None),
            _texts(own), self.shown, frozenset(self.touched),
            talk.value if talk is not None and isinstance(talk.value, float) else None,
        )  # fmt: skip
        scenarios = read_scenarios(Paths(found, self.plan.names), design, self.constants, self.told)
        return replace(design, scenarios=scenarios), _distinct(self.told)

    def changed(self, base: Design) -> tuple[Design, tuple[Diagnostic, ...]]:
        """Return the base with the components and flow rates that the overrides change, and those like them."""
        found = self.found.components
        touched = set(self.overrides.components)
        if any(s.path.text == "like" for raw in found.values() for s in raw.settings):
            touched = set(found)
        settings: dict[str, Settings] = {}
        for raw in found.values() if touched else ():
            if raw.name in touched:
                settings[raw.name], _ = read_settings(_owner(raw), raw.settings, self.constants, [])
        self._override(settings)
        components = dict(base.components)
        known: dict[str, Settings] = {}
        for name in settings:
            made = self._component(found[name], self._inherited(found[name], settings, known))
            components[name] = replace(made, place=base.components[name].place)
        flows = tuple(self._with_rate(flow) for flow in base.flows)
        assumed = self._assumed(base.assumptions)
        changed = replace(base, components=MappingProxyType(components), flows=flows, assumptions=assumed)
        return changed, _distinct(self.told)

    def _assumed(self, own: SettingValue | None) -> Assumptions:
        """Return what the design takes for granted, overrides in the place of what it says."""
        found = own if isinstance(own, Assumptions) else Assumptions()
        for override in self.overrides.assumptions:
            value = value_of(override, None, self.constants)
            if isinstance(value, Diagnostic):
                self.told.append(value)
            elif isinstance(value.value, float | str):
                found = found.stating(override.target.name, value.value, override.span)
        return found

    def _with_rate(self, flow: Flow) -> Flow:
        own = MappingProxyType({"rate": flow.rate}) if flow.rate is not None else NOTHING
        return replace(flow, rate=self._changed_flow(flow.name, own).get("rate"))

    def _flow_settings(self) -> Mapping[str, Settings]:
        settings = {}
        for name, block in self.found.flows.items():
            own, _ = read_settings("flow", block.settings, self.constants, self.told)
            settings[name] = self._changed_flow(name, own)
        return settings

    def _changed_flow(self, name: str, own: Settings) -> Settings:
        overrides = self.overrides.flows.get(name)
        return overridden(own, overrides, self.constants, self.told) if overrides else own

    def _changed_arrow(self, name: str, own: Settings) -> Settings:
        overrides = self.overrides.arrows.get(name)
        return overridden(own, overrides, self.constants, self.told) if overrides else own

    def _components(self) -> dict[str, Component]:
        settings: dict[str, Settings] = {}
        for raw in self.found.components.values():
            settings[raw.name], understood = read_settings(_owner(raw), raw.settings, self.constants, self.told)
            if not understood:
                self.touched.add(raw.name)
        self._override(settings)
        found = self.found.components
        known: dict[str, Settings] = {}
        return {name: self._component(raw, self._inherited(raw, settings, known)) for name, raw in found.items()}

    def _override(self, settings: dict[str, Settings]) -> None:
        """Put overrides in the place of what components say themselves.

        A percentile of a latency that comes from another by `like` changes it there where it has come to.
        """
        for name, overrides in self.overrides.components.items():
            whole = [each for each in overrides if each.target.percentile is None]
            settings[name] = overridden(settings[name], whole, self.constants, self.told)
        for name, overrides in self.overrides.components.items():
            parts = [each for each in overrides if each.target.percentile is not None]
            if parts:
                inherited = self._inherited(self.found.components[name], settings, {})
                settings[name] = overridden(inherited, parts, self.constants, self.told)

    def _inherited(
        self, raw: RawComponent, settings: Mapping[str, Settings], known: dict[str, Settings]
    ) -> Settings:
        """Return settings with what `like` brings, from the nearest model to the farthest; `known` are those so far."""
        chain, current = {raw.name: raw}, raw
        while current.name not in known and (like := settings[current.name].get("like")) is not None:
            model = self._model(str(like.value), like.span, current)
            if model is None:
                break
            if model.name in chain:
                circle = [*chain][[*chain].index(model.name) :]
                message = f"`{model.name}` is like itself: {way_round([*circle, model.name])}"
                self._wrong(like.span, message, "break the circle", raw.name)
                self.touched.update(circle)
                known |= {name: settings[name] for name in chain}
                break
            chain[model.name] = current = model
        above = ""
        for name in reversed(chain):
            if name not in known:
                known[name] = _with_those_of(settings[name], known[above], above) if above else settings[name]
            above = name
        return known[raw.name]

    def _model(self, written: str, span: Span, raw: RawComponent) -> RawComponent | None:
        meant = self.plan.names.find(written, raw.scope)
        model = self.found.components.get(meant[0]) if len(meant) == 1 else None
        if model is None:
            guess = self.plan.names.near(written)
            self.told.append(
                UNKNOWN_NAME.at(
                    span, f"`{written}` is no component of this design",
                    f"did you mean `{guess}`?" if guess else "name a component of the same kind",
                    subject=written,
                )
            )  # fmt: skip
            self.touched.add(raw.name)
        elif model.kind != raw.kind:
            message = f"`{raw.plain}` is a {raw.kind} and cannot be like `{written}`, a {model.kind}"
            self._wrong(span, message, f"name another {raw.kind}", raw.name)
            model = None
        return model

    def _wrong(self, span: Span, message: str, help: str, name: str) -> None:
        self.told.append(WRONG_VALUE.at(span, message, help, subject=name))
        self.touched.add(name)

    def _component(self, raw: RawComponent, settings: Settings) -> Component:
        kind = kind_of(raw.kind)
        unknown = unknown_gpu(settings)
        if unknown is not None:
            self._wrong(settings["gpu"].span, unknown.message, unknown.help, raw.name)
        idle = idle_queue(settings) if raw.name not in self.touched else None
        if idle is not None:
            self._wrong(settings[QUEUE].span, idle.message, idle.help, raw.name)
            settings = MappingProxyType({name: given for name, given in settings.items() if name != QUEUE})
        settings = _with_rate(kind, settings)
        component = Component(raw.name, kind, raw.title, settings, raw.span, raw.scope or None, kind.step, kind.place)
        step, place = component.number("step"), component.text("place")
        if step is not None or place:
            return replace(component, step=int(step) if step is not None else kind.step, place=place or kind.place)
        return component


def _with_rate(kind: Kind, settings: Settings) -> Settings:
    """Return settings with the rate that the period of what runs on a schedule makes, where none is stated."""
    every = settings.get("every")
    if every is None or not every.value or "rate" in settings or not kind.scheduled:
        return settings
    assert isinstance(every.value, float)
    return MappingProxyType({**settings, "rate": Given(1 / every.value, every.span, every.origin)})


def _owner(raw: RawComponent) -> str:
    """Return the kind whose settings it has: an unknown kind is read as a service."""
    return kind_of(raw.kind).name


def _behind_clients(arrows: tuple[Arrow, ...], components: Mapping[str, Component]) -> set[str]:
    """Return the components that something on a client's flow waits for."""
    outgoing: dict[str, list[str]] = {}
    for arrow in arrows:
        if arrow.kind in WAITED:
            outgoing.setdefault(arrow.tail, []).append(arrow.head)
    waiting = [name for name in outgoing if components[name].kind.asks]
    reached = set(waiting)
    while waiting:
        for head in outgoing.get(waiting.pop(), ()):
            if head not in reached:
                reached.add(head)
                waiting.append(head)
    return reached


def _placed(component: Component, waited: set[str]) -> Component:
    """Put what runs on a schedule, and no client waits for, above the core."""
    if component.kind.scheduled and "place" not in component.settings and component.name not in waited:
        return replace(component, place="above")
    return component


def _promises(own: Settings) -> tuple[Promise, ...]:
    sla = own.get("sla")
    return tuple(p for p in sla.value if isinstance(p, Promise)) if sla and isinstance(sla.value, tuple) else ()


def _texts(own: Settings) -> Mapping[str, tuple[str, ...]]:
    kept = {}
    for name in ("problem", "opening", "result", "tradeoff"):
        given = own.get(name)
        if given is not None and isinstance(given.value, tuple):
            kept[name] = tuple(text for text in given.value if isinstance(text, str))
    return MappingProxyType(kept)


def _with_those_of(own: Settings, models: Settings, model: str) -> Settings:
    """Return settings with what another component adds to them, and whose that is."""
    merged = {name: Given(given.value, given.span, given.origin or model) for name, given in models.items()}
    merged = {**own, **{name: given for name, given in merged.items() if name not in own and name != "like"}}
    return MappingProxyType(merged) if len(merged) != len(own) else own


def _name(name: str, path: str) -> str:
    """Return the design's name, or one made of its file's, safe as a folder."""
    if name:
        return name
    stem = PurePath(path).stem if path != "-" else "design"
    safe = "".join(letter if letter.isalnum() or letter in "_-" else "-" for letter in stem).strip("-")
    return safe or "design"


def _distinct(told: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Tell the same mistake once: the copies of a region repeat it."""
    seen: set[tuple[str, int, int, str]] = set()
    kept = []
    for d in told:
        key = (d.span.source.path, d.span.start, d.span.end, d.rule.code)
        if key not in seen:
            seen.add(key)
            kept.append(d)
    return tuple(kept)
