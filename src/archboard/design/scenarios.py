"""What-ifs: scenario blocks read and checked, and overrides as the values that they give, by whose settings they are.

`--set`, scenarios, sweeps and solving all come down to `Override`s, whose targets `design/paths.py` has found.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from types import MappingProxyType

from archboard.catalog import setting
from archboard.design.collect import RawBlock
from archboard.design.edits import given
from archboard.design.model import Component, Design, Given, Latency, Scenario, Settings
from archboard.design.paths import Paths
from archboard.design.refusal import Refusal
from archboard.design.rules import SETTING_TWICE, WRONG_VALUE
from archboard.design.targets import Of, Override, Target, component_setting
from archboard.design.values import Constants, read_percentile, read_value
from archboard.diagnostics import Diagnostic, Note
from archboard.language import syntax
from archboard.records import field, record, replace
from archboard.units import show_rate


@record(frozen=False)
class ByOwner:
    """Overrides by what they change: component, flow and arrow, and the values of constants."""

    components: dict[str, list[Override]] = field(default_factory=dict)
    flows: dict[str, list[Override]] = field(default_factory=dict)
    constants: dict[str, tuple[syntax.Value, ...]] = field(default_factory=dict)
    arrows: dict[str, list[Override]] = field(default_factory=dict)
    assumptions: list[Override] = field(default_factory=list)


def by_owner(overrides: Iterable[Override]) -> ByOwner:
    """Sort overrides by what they change, each in the order given."""
    found = ByOwner()
    for override in overrides:
        target = override.target
        match target.of:
            case Of.CONSTANT:
                found.constants[target.name] = override.values
            case Of.ASSUMPTION:
                found.assumptions.append(override)
            case Of.FLOW:
                found.flows.setdefault(target.owner, []).append(override)
            case Of.ARROW:
                for member in target.members:
                    found.arrows.setdefault(member, []).append(override)
            case Of.COMPONENT | Of.GROUP:
                for member in target.members:
                    found.components.setdefault(member, []).append(override)
    return found


def overridden(own: Settings, overrides: Iterable[Override], constants: Constants, told: list[Diagnostic]) -> Settings:
    """Return settings with overrides in their place, the later ones counting; a wrong one is told where it stands.

    A percentile changes the latency that is there when all whole settings are in their place.
    """
    changed = dict(own)
    for override in sorted(overrides, key=lambda each: each.target.percentile is not None):
        name = override.target.name
        value = value_of(override, changed.get(name), constants)
        if isinstance(value, Diagnostic):
            told.append(value)
        else:
            changed[name] = value
    return MappingProxyType(changed)


def value_of(override: Override, base: Given | None, constants: Constants) -> Given | Diagnostic:
    """Return the value that an override gives its target, where that is `base` without it, or what is wrong with it."""
    target = override.target
    assert target.kind is not None, "a constant is filled in where it is used"
    if target.percentile is None:
        value = read_value(target.kind, override.values, constants)
    else:
        latency = base.value if base is not None and isinstance(base.value, Latency) else None
        value = read_percentile(target.kind, target.percentile, override.values, constants, latency)
    if isinstance(value, Refusal):
        return WRONG_VALUE.at(override.span, value.message, value.help)
    return Given(value, override.span)


def wrong_value(override: Override, base: Given | None, constants: Constants) -> Diagnostic | None:
    """Return what is wrong with an override's value, if anything is; a constant may be anything."""
    value = value_of(override, base, constants) if override.target.kind is not None else None
    return value if isinstance(value, Diagnostic) else None


def read_scenarios(paths: Paths, design: Design, constants: Constants, told: list[Diagnostic]) -> tuple[Scenario, ...]:
    """Return the scenarios of a file over its design, what is wrong in them told."""
    return tuple(_scenario(block, paths, design, constants, told) for block in paths.found.scenarios)


def _scenario(block: RawBlock, paths: Paths, design: Design, constants: Constants, told: list[Diagnostic]) -> Scenario:
    kept: dict[Target, Override] = {}
    expect: str | None = None
    expect_span = None
    for item in block.settings:
        if item.path.text == "expect":
            kind = setting("scenario", "expect")
            assert kind is not None
            value = read_value(kind, item.values, constants)
            if isinstance(value, Refusal):
                told.append(WRONG_VALUE.at(item.span, value.message, value.help))
            elif isinstance(value, str):
                expect, expect_span = value, item.span
            continue
        target = paths.target(item.path, block.scope)
        if isinstance(target, Diagnostic):
            told.append(target)
            continue
        span = item.span if target.percentile is None else item.path.names[-1].span.to(item.span)
        override = Override(target, item.values, span)
        problem = wrong_value(override, given(design, replace(target, percentile=None)), constants)
        if problem is not None:
            told.append(problem)
        elif target in kept:
            told.append(
                SETTING_TWICE.at(
                    item.path.span, f"`{item.path.text}` is given twice in one block", "keep one of them",
                    Note(kept[target].span, "the first is here, and it counts"),
                )
            )  # fmt: skip
        else:
            kept[target] = override
    return Scenario(block.title, tuple(kept.values()), expect, block.span, expect_span)


def losses(scenario: Scenario, before: Design, then: Design) -> tuple[Override, ...]:
    """Return what a scenario loses all at once: what goes down, and caches that from then on answer nothing."""
    return tuple(
        each for each in scenario.overrides
        if any(_is_lost(before.components[name], then.components[name]) for name in each.target.members
               if name in before.components and name in then.components and each.target.name in ("down", "hit"))
    )  # fmt: skip


def _is_lost(before: Component, then: Component) -> bool:
    fell = bool(before.number("hit")) and not then.number("hit")
    return fell or (then.flag("down") and not before.flag("down"))


def bursts(design: Design) -> Iterator[Scenario]:
    """Yield each client's burst as a scenario of its own."""
    for name, component in design.components.items():
        written, burst = component.settings.get("burst"), component.number("burst")
        if written is None or burst is None:
            continue
        value = syntax.Value((syntax.Number(burst, "rps", written.span),), written.span)
        title = f"{component.title} at its burst of {show_rate(burst)}"
        sent = Override(component_setting(name, component.kind.name, "rate"), (value,), written.span)
        yield Scenario(title, (sent,), None, written.span)
