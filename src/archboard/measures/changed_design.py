"""Variants: a design with one thing changed, for measures that look for the value at which something holds."""

from __future__ import annotations

from collections.abc import Iterable

from archboard.design.edits import with_value
from archboard.design.model import Design, Flow, Replicas
from archboard.design.targets import arrow_setting, component_setting, flow_rate


def with_replicas(design: Design, name: str, replicas: float) -> Design:
    """Return a design in which one component has so many replicas."""
    count = component_setting(name, design.components[name].kind.name, "replicas")
    return with_value(design, count, Replicas(replicas, replicas))


def with_down(design: Design, names: Iterable[str]) -> Design:
    """Return a design in which some components are down."""
    for name in names:
        design = with_value(design, component_setting(name, design.components[name].kind.name, "down"), True)
    return design


def with_retries(design: Design, arrow_id: str, retries: float) -> Design:
    """Return a design in which one arrow tries again so often."""
    return with_value(design, arrow_setting(arrow_id, "retries"), retries)


def with_budget(design: Design, arrow_id: str, budget: float) -> Design:
    """Return a design in which what one arrow tries again is held to a share of first attempts."""
    return with_value(design, arrow_setting(arrow_id, "retry_budget"), budget)


def with_rate_times(design: Design, flow: Flow, times: float) -> Design:
    """Return a design in which whatever starts a flow sends so many times its rate."""
    if flow.rate is not None and isinstance(flow.rate.value, float):
        return with_value(design, flow_rate(flow.name), flow.rate.value * times)
    for name in flow.starts:
        component = design.components[name]
        rate = component.number("rate")
        if rate is not None:
            design = with_value(design, component_setting(name, component.kind.name, "rate"), rate * times)
    return design
