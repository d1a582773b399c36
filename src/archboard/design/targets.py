"""Targets: what a what-if, a remedy or a question may change, as values: one thing of a design and a setting of it.

A path as people write it (`redis.hit`, `us.replicas`, `web->edge.latency`, `search.rate`, `pods`) becomes a `Target`
once, in `design/paths.py`; who makes one of what is known already calls a function of this module. Two that are equal
change the same thing, however they were written.
"""

from __future__ import annotations

from enum import Enum

from archboard.catalog import Form, SettingKind, setting
from archboard.catalog.assumptions import OWNER, field_of
from archboard.language.syntax import Value
from archboard.records import record
from archboard.source import Span
from archboard.units import Dimension, percentile_name

_NOUNS = {
    "hit": "hit ratio", "rate": "rate", "replicas": "number of replicas", "latency": "latency", "limit": "limit",
    "on": "wait",
}  # fmt: skip
_WAITS = (Form.LATENCY, Form.CONDITION, Form.HEDGE, Form.BACKOFF)
"""Forms of values whose numbers are durations, though their kind has no dimension."""


class Of(Enum):
    """What a target is a setting of. A constant of a `let` is a setting of nothing."""

    COMPONENT = "component"
    GROUP = "group"
    ARROW = "arrow"
    FLOW = "flow"
    CONSTANT = "constant"
    ASSUMPTION = "assumption"


@record
class Target:
    """One thing that can be changed.

    `owner` is the full name of a component, group or flow, or an arrow's id, "" for a constant, `assume` for an
    assumption; `name` the setting, or the constant. `kind` says what its values are; a constant's may be anything, and
    it has none. `members` are the components or arrows that change with it: one, or those of a group that have the
    setting. `percentile` is the one of a latency that is meant, None for all of it.
    """

    of: Of
    owner: str
    name: str
    kind: SettingKind | None
    members: tuple[str, ...] = ()
    percentile: float | None = None

    @property
    def path(self) -> str:
        """Return what `--set` takes to name it, by full names: `us.ranker.replicas`."""
        whole = f"{self.owner}.{self.name}" if self.owner else self.name
        return whole if self.percentile is None else f"{whole}.{percentile_name(self.percentile)}"

    @property
    def label(self) -> str:
        """Its name on an axis or in a table: a percentile stands behind its latency as in a file."""
        whole = f"{self.owner}.{self.name}" if self.owner else self.name
        return whole if self.percentile is None else f"{whole} {percentile_name(self.percentile)}"

    @property
    def noun(self) -> str:
        """What it is, for a sentence: `hit ratio`, or where that would say too little its path in backticks."""
        return f"`{self.path}`" if self.kind is None or self.percentile else _NOUNS.get(self.name, f"`{self.path}`")

    @property
    def dimension(self) -> Dimension | None:
        """What its numbers measure; None where its values are no numbers, or are those of a constant."""
        if self.kind is None or self.kind.dimension is not None:
            return None if self.kind is None else self.kind.dimension
        return Dimension.DURATION if self.kind.form in _WAITS else None


@record
class Override:
    """One setting of a what-if: what it changes, the values that it gets, and the words that say so."""

    target: Target
    values: tuple[Value, ...]
    span: Span

    @property
    def words(self) -> str:
        """Its values as written."""
        return self.values[0].span.to(self.values[-1].span).text if self.values else ""


def component_setting(component: str, kind: str, name: str) -> Target:
    """Return a setting of a component of some kind: `ranker`, `model`, `replicas`."""
    return Target(Of.COMPONENT, component, name, _kind(kind, name), (component,))


def arrow_setting(arrow: str, name: str) -> Target:
    """Return a setting of an arrow, by its id."""
    return Target(Of.ARROW, arrow, name, _kind("arrow", name), (arrow,))


def flow_rate(flow: str) -> Target:
    """Return the rate of a flow that has one of its own."""
    return Target(Of.FLOW, flow, "rate", _kind("flow", "rate"))


def assumption(kind: SettingKind) -> Target:
    """Return something that the design takes for granted: `tail`, `common cause`."""
    return Target(Of.ASSUMPTION, OWNER, field_of(kind.name), kind)


def constant(name: str) -> Target:
    """Return a constant of a `let`."""
    return Target(Of.CONSTANT, "", name, None)


def _kind(owner: str, name: str) -> SettingKind:
    found = setting(owner, name)
    assert found is not None, f"{owner} has no {name}"
    return found
