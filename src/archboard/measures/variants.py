"""Variants: a design with one thing changed, for measures that look for the value at which something holds."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

from archboard.design.model import Design, Flow, Given, Replicas, Settings, SettingValue
from archboard.source import Span


def with_replicas(design: Design, name: str, replicas: float) -> Design:
    """Return a design in which one component has so many replicas."""
    return _with_setting(design, name, "replicas", Replicas(replicas, replicas))


def with_retries(design: Design, arrow_id: str, retries: float) -> Design:
    """Return a design in which one arrow tries again so often."""
    arrows = {
        arrow.id: replace(arrow, settings=_changed(arrow.settings, "retries", retries, arrow.span))
        for arrow in design.arrows
        if arrow.id == arrow_id
    }
    flows = tuple(replace(flow, arrows=tuple(arrows.get(a.id, a) for a in flow.arrows)) for flow in design.flows)
    return replace(design, arrows=tuple(arrows.get(arrow.id, arrow) for arrow in design.arrows), flows=flows)


def with_rate_times(design: Design, flow: Flow, times: float) -> Design:
    """Return a design in which whatever starts a flow sends so many times its rate."""
    if flow.rate is not None and isinstance(flow.rate.value, float):
        changed = replace(flow, rate=replace(flow.rate, value=flow.rate.value * times))
        return replace(design, flows=tuple(changed if each.name == flow.name else each for each in design.flows))
    for name in flow.starts:
        rate = design.components[name].number("rate")
        if rate is not None:
            design = _with_setting(design, name, "rate", rate * times)
    return design


def _with_setting(design: Design, name: str, setting: str, value: SettingValue) -> Design:
    component = design.components[name]
    changed = replace(component, settings=_changed(component.settings, setting, value, component.span))
    return replace(design, components=MappingProxyType({**design.components, name: changed}))


def _changed(settings: Settings, name: str, value: SettingValue, span: Span) -> Settings:
    given = settings.get(name)
    return MappingProxyType({**settings, name: Given(value, span if given is None else given.span)})
