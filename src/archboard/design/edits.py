"""What a target is in a design, and the design with it changed: for what is worked out of designs, not of words.

A constant was filled in when the design was read: what it is can be told here, but a change of it is compiled.
"""

from __future__ import annotations

from collections.abc import Iterator
from types import MappingProxyType
from typing import TypeVar

from archboard.catalog import setting
from archboard.design.model import Arrow, Component, Design, Given, Latency, Settings, SettingValue
from archboard.design.targets import Of, Target, arrow_setting, component_setting
from archboard.records import replace
from archboard.units import show

Owner = TypeVar("Owner", Component, Arrow)


def target_of(design: Design, subject: str, name: str) -> Target | None:
    """Return a setting of a component by its full name, or of an arrow by its id, if it has one of that name."""
    component = design.components.get(subject)
    if component is not None:
        return component_setting(subject, component.kind.name, name) if setting(component.kind.name, name) else None
    known = setting("arrow", name) is not None and any(arrow.id == subject for arrow in design.arrows)
    return arrow_setting(subject, name) if known else None


def given(design: Design, target: Target) -> Given | None:
    """Return what a design says of a target and where; of several members the first that has something to say."""
    if target.of is Of.CONSTANT:
        return design.constants.get(target.name)
    if target.of is Of.ASSUMPTION:
        span = design.assumptions.spans.get(target.name)
        return None if span is None else Given(getattr(design.assumptions, target.name), span)
    if target.of is Of.FLOW:
        flow = design.flow(target.owner)
        return flow.rate if flow is not None else None
    found = next((own[target.name] for own in _settings(design, target) if target.name in own), None)
    if target.percentile is None or found is None or not isinstance(found.value, Latency):
        return found
    seconds = found.value.at(target.percentile)
    return None if seconds is None else replace(found, value=seconds)


def assumed_value(design: Design, target: Target) -> str | None:
    """Return what a design takes for granted of an assumption, as people read it; None of anything else, or nothing."""
    value = getattr(design.assumptions, target.name) if target.of is Of.ASSUMPTION else None
    if not isinstance(value, float):
        return value
    assert target.dimension is not None, target.path
    return show(value, target.dimension)


def _settings(design: Design, target: Target) -> Iterator[Settings]:
    if target.of is Of.ARROW:
        yield from (arrow.settings for arrow in design.arrows if arrow.id in target.members)
    else:
        yield from (design.components[name].settings for name in target.members if name in design.components)


def with_value(design: Design, target: Target, value: SettingValue) -> Design:
    """Return a design in which a target has another value, what it stood in for said to be where it was."""
    match target.of:
        case Of.FLOW:
            flows = (
                replace(flow, rate=Given(value, flow.span if flow.rate is None else flow.rate.span))
                if flow.name == target.owner
                else flow
                for flow in design.flows
            )
            return replace(design, flows=tuple(flows))
        case Of.ARROW:
            changed = {a.id: _changed(a, target, value) for a in design.arrows if a.id in target.members}
            flows = (
                replace(
                    flow,
                    arrows=tuple(changed.get(a.id, a) for a in flow.arrows),
                    failures=tuple(changed.get(a.id, a) for a in flow.failures),
                )
                for flow in design.flows
            )
            return replace(design, arrows=tuple(changed.get(a.id, a) for a in design.arrows), flows=tuple(flows))
        case Of.COMPONENT | Of.GROUP:
            made = {name: _changed(design.components[name], target, value) for name in target.members}
            return replace(design, components=MappingProxyType({**design.components, **made}))
        case Of.ASSUMPTION:
            assert isinstance(value, float | str), target.path
            span = design.assumptions.spans.get(target.name, design.span)
            return replace(design, assumptions=design.assumptions.stating(target.name, value, span))
        case Of.CONSTANT:
            raise ValueError(f"{target.path} is a constant: compile the design with a change of it")


def _changed(owner: Owner, target: Target, value: SettingValue) -> Owner:
    """Return a component or an arrow with a setting changed; of a latency, one percentile where that is meant."""
    before, made = owner.settings.get(target.name), value
    if target.percentile is not None and isinstance(value, float):
        latency = before.value if before is not None and isinstance(before.value, Latency) else Latency()
        made = replace(
            latency, percentiles=tuple(sorted({**dict(latency.percentiles), target.percentile: value}.items()))
        )
    settings = {**owner.settings, target.name: Given(made, owner.place_of(target.name))}
    return replace(owner, settings=MappingProxyType(settings))
