"""More replicas: the change that runs so many of a component, the end of its range that must move told apart.

What lasts runs all of a range: its top must rise. What comes suddenly (a burst, a lost cache, a failover) meets what
ran before, as many as were needed then: there only the lower end helps, or a range that scales at once.
"""

from __future__ import annotations

from collections.abc import Mapping

from archboard.design.model import Component, Replicas
from archboard.design.targets import component_setting
from archboard.facts import Change
from archboard.load import Load

A_MINUTE = 60.0
"""Seconds that a range takes to scale where nothing is said."""


def at_least(component: Component, count: float) -> Change:
    """Return the change after which so many run, whatever is asked."""
    return _change(component, count, Replicas(count, max(count, component.replicas.high)))


def up_to(component: Component, count: float) -> Change:
    """Return the change after which so many run where as many are needed."""
    return _change(component, count, Replicas(min(component.replicas.low, count), count))


def carrying(component: Component, load: Load, ran: Mapping[str, float], target: float = 1.0) -> Change:
    """Return the fewest replicas that carry a load at a target, where the capacity is that of all, or of what `ran`."""
    running = ran.get(component.name)
    if running is None:
        return up_to(component, load.replicas(target, component.replicas.high))
    return at_least(component, load.replicas(target, running))


def at_once(component: Component, change: Change) -> tuple[tuple[Change, ...], ...]:
    """Return what does instead of a higher lower end: to scale at once, where the top of the range suffices."""
    before, after = component.replicas, change.after
    if not isinstance(after, Replicas) or after.low == before.low or after.low > before.high:
        return ()
    target = component_setting(component.name, component.kind.name, "scale")
    return ((Change(target, component.number("scale") or A_MINUTE, 0.0),),)


def _change(component: Component, count: float, within: Replicas) -> Change:
    before = component.replicas
    target = component_setting(component.name, component.kind.name, "replicas")
    return Change(target, before.high, count) if before.low == before.high else Change(target, before, within)
