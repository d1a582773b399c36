"""A block's settings turned into values: unknown ones, doubled ones and wrong ones are told, the rest kept."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import islice
from types import MappingProxyType

from archboard.catalog import KIND, Form, SettingKind, owners_of, setting, settings_of
from archboard.design.model import Assumptions, Given, Settings
from archboard.design.names import way_round
from archboard.design.refusal import Refusal
from archboard.design.rules import SETTING_TWICE, UNKNOWN_SETTING, WRONG_VALUE
from archboard.design.values import Constants, read_value
from archboard.diagnostics import Diagnostic, Note, nearest
from archboard.language import syntax
from archboard.records import replace
from archboard.source import Span


def read_settings(
    owner: str, written: Iterable[syntax.Setting], constants: Constants, told: list[Diagnostic]
) -> tuple[Settings, bool]:
    """Return the values of a block, and whether every setting of it was understood."""
    given: dict[str, Given] = {}
    places: dict[str, syntax.Setting] = {}
    before = len(told)
    for item in written:
        name = item.path.text
        kind = setting(owner, name)
        if kind is None:
            told.append(unknown_setting(owner, item.path))
            continue
        if name in places and not kind.repeats:
            told.append(
                SETTING_TWICE.at(
                    item.path.span, f"`{name}` is given twice in one block", "keep one of them",
                    Note(places[name].path.span, "the first is here, and it counts"), aspect=name,
                )
            )  # fmt: skip
            continue
        places.setdefault(name, item)
        if kind.aside and len(item.values) > 1 and _words(item.values[-1]) == kind.aside:
            given[kind.aside] = Given(value=True, span=item.values[-1].span)
            item = replace(item, values=item.values[:-1])
        for values in _parts(kind, item):
            span = values[0].span.to(values[-1].span) if values else item.span
            value = read_value(kind, values, constants)
            if isinstance(value, Refusal):
                told.append(WRONG_VALUE.at(span, value.message, value.help, aspect=name))
            else:
                given[name] = _joined(given[name], Given(value, span)) if name in given else Given(value, span)
    return MappingProxyType(given), len(told) == before


def _words(value: syntax.Value) -> str:
    """Return a value of words alone as one text, "" if it is another."""
    words = [atom.text for atom in value.atoms if isinstance(atom, syntax.Path)]
    return " ".join(words) if len(words) == len(value.atoms) else ""


def _parts(kind: SettingKind, item: syntax.Setting) -> tuple[tuple[syntax.Value, ...], ...]:
    """Return a setting's values as they are read: promises and assumptions each by itself, so that one may be wrong."""
    alone = kind.form in (Form.PROMISES, Form.ASSUMPTIONS)
    return tuple((value,) for value in item.values) if alone and item.values else (item.values,)


def _joined(first: Given, second: Given) -> Given:
    """Put a repeated setting's values after the first's; of assumptions the later ones win."""
    if isinstance(first.value, tuple) and isinstance(second.value, tuple):
        return Given((*first.value, *second.value), first.span)
    if isinstance(first.value, Assumptions) and isinstance(second.value, Assumptions):
        return Given(first.value.and_(second.value), first.span)
    return first


def unknown_setting(owner: str, path: syntax.Path) -> Diagnostic:
    """Say that a kind of thing has no such setting, which it may have meant, and who has it."""
    name = path.text
    known = [kind.name for kind in settings_of(owner)]
    owners = owners_of(name)
    guess = nearest(name, known)
    if len(path.names) > 1:
        help = "write the name of a setting alone; paths belong into a scenario"
    elif guess is not None:
        help = f"did you mean `{guess}`?"
    elif owners:
        help = f"`{name}` belongs to {_listed(owners)}"
    else:
        help = f"{_article(owner)} has {', '.join(known[:12])}{' …' if len(known) > 12 else ''}"
    if guess is not None and owners:
        help += f" (`{name}` belongs to {_listed(owners)})"
    return UNKNOWN_SETTING.at(path.span, f"`{name}` is no setting of {_article(owner)}", help, aspect=name)


def _listed(owners: tuple[str, ...]) -> str:
    if len(owners) >= len(KIND):
        return "components"
    return owners[0] if len(owners) == 1 else f"{', '.join(owners[:-1])} and {owners[-1]}"


def _article(owner: str) -> str:
    return f"an {owner}" if owner[0] in "aeio" else f"a {owner}"


def constants_of(
    written: Iterable[syntax.Setting], overridden: Mapping[str, tuple[syntax.Value, ...]], told: list[Diagnostic]
) -> tuple[Constants, Settings]:
    """Return the constants of all `let` blocks, those that stand on others filled in."""
    first: dict[str, syntax.Setting] = {}
    atoms: dict[str, tuple[syntax.Atom, ...]] = {}
    spans: dict[str, Span] = {}
    for item in written:
        name = item.path.text
        if name in first:
            told.append(
                SETTING_TWICE.at(
                    item.path.span, f"`{name}` is given twice", "keep one of them",
                    Note(first[name].path.span, "the first is here, and it counts"), subject=name,
                )
            )  # fmt: skip
            continue
        first[name] = item
        values = overridden.get(name, item.values)
        if len(item.path.names) > 1 or len(values) != 1:
            help = "write `pods: 20`"
            told.append(WRONG_VALUE.at(item.span, f"`{name}` wants one name and one value", help, subject=name))
            continue
        atoms[name], spans[name] = values[0].atoms, values[0].span
    filled = _filled(atoms, told, first)
    shown = {name: Given(" ".join(a.span.text for a in value), spans[name]) for name, value in filled.items()}
    return MappingProxyType(filled), MappingProxyType(shown)


LONGEST = 1_000
"""Words that a constant may come to: what doubles line by line is a million words after twenty."""


def _filled(
    atoms: dict[str, tuple[syntax.Atom, ...]], told: list[Diagnostic], first: Mapping[str, syntax.Setting]
) -> dict[str, tuple[syntax.Atom, ...]]:
    """Return each constant with those it stands on put in their places, the innermost first."""
    filled: dict[str, tuple[syntax.Atom, ...]] = {}
    for start in atoms:
        chain = {start: None} if start not in filled else {}
        while chain:
            name = next(reversed(chain))
            inner = next((word for word in _named(atoms[name], atoms) if word not in filled), None)
            if inner is not None and inner not in chain:
                chain[inner] = None
                continue
            if inner is not None:
                _tell_circle(list(chain), inner, told, first)
                filled |= {each: _numbers(atoms[each]) for each in chain}
                break
            filled[name] = _put_in(name, atoms[name], filled, told, first)
            del chain[name]
    return {name: filled[name] for name in atoms}


def _named(value: Iterable[syntax.Atom], known: Collection[str]) -> Iterator[str]:
    return (atom.text for atom in value if isinstance(atom, syntax.Path) and atom.text in known)


def _numbers(value: Iterable[syntax.Atom]) -> tuple[syntax.Atom, ...]:
    return tuple(atom for atom in value if not isinstance(atom, syntax.Path))


def _put_in(
    name: str, value: tuple[syntax.Atom, ...], filled: Mapping[str, tuple[syntax.Atom, ...]],
    told: list[Diagnostic], first: Mapping[str, syntax.Setting],
) -> tuple[syntax.Atom, ...]:  # fmt: skip
    """Return a value with constants in the place of their names, as long as that is of a length to be read."""
    parts = [filled.get(atom.text, (atom,)) if isinstance(atom, syntax.Path) else (atom,) for atom in value]
    together = tuple(islice((atom for part in parts for atom in part), LONGEST + 1))
    if len(together) <= LONGEST:
        return together
    message = f"`{name}` comes to more than {LONGEST:,} words"
    told.append(WRONG_VALUE.at(first[name].span, message, "write `pods: 20`: a constant is one value", subject=name))
    return _numbers(value)


def _tell_circle(
    chain: list[str], inner: str, told: list[Diagnostic], first: Mapping[str, syntax.Setting]
) -> None:
    circle = way_round([*chain[chain.index(inner) :], inner])
    message = f"`{inner}` stands on itself: {circle}"
    told.append(WRONG_VALUE.at(first[inner].span, message, "give one of them a number", subject=inner))
