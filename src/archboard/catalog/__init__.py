"""The catalogue: kinds of components, their settings and dimensions, the steps of the board."""

from __future__ import annotations

from archboard.catalog.assumptions import ASSUMED
from archboard.catalog.kinds import ENTRY, KIND, KINDS, STEPS, Kind, kind_of
from archboard.catalog.settings import COMPONENT, SETTINGS, THINGS, Form, SettingKind

__all__ = [
    "COMPONENT",
    "ENTRY",
    "KIND",
    "KINDS",
    "SETTINGS",
    "STEPS",
    "THINGS",
    "Form",
    "Kind",
    "SettingKind",
    "kind_of",
    "owners_of",
    "setting",
    "settings_of",
]

_BY_OWNER: dict[str, dict[str, SettingKind]] = {}
for _kind in (*SETTINGS, *ASSUMED.values()):
    for _owner in _kind.owners:
        _BY_OWNER.setdefault(_owner, {})[_kind.name] = _kind


def setting(owner: str, name: str) -> SettingKind | None:
    """Return the setting a kind of thing has under a name."""
    return _BY_OWNER.get(owner, {}).get(name)


def settings_of(owner: str) -> tuple[SettingKind, ...]:
    """Return all settings of a kind of thing, in the order of the table."""
    return tuple(_BY_OWNER.get(owner, {}).values())


def owners_of(name: str) -> tuple[str, ...]:
    """Return the kinds of things that have a setting of this name."""
    return tuple(owner for owner, known in _BY_OWNER.items() if name in known)
