"""What `--set PATH=VALUE` says, read by the language itself, so that a slip is told as one in a file is.

Each assignment is a source of its own, named after its option. Its value is parsed as the value of a setting; its
path may also name an arrow by its id (`web->edge.latency`), which no file can. Where one path is set twice, the
later counts, as command lines have it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

from archboard.catalog import setting
from archboard.design.arrows import Arrows
from archboard.design.model import ArrowKind, Override
from archboard.design.refusal import Refusal
from archboard.design.resolve import Outline
from archboard.design.rules import UNKNOWN_NAME, UNKNOWN_SETTING, WRONG_VALUE
from archboard.design.scenarios import ARROW_PATH, arrow_id, check_override, overrides_by_target
from archboard.design.settings import constants_of, unknown_setting
from archboard.design.values import Constants, read_value
from archboard.diagnostics import Diagnostic, nearest
from archboard.language.parse import parse
from archboard.language.rules import SYNTAX
from archboard.language.syntax import Name, Path, Setting
from archboard.source import Source, Span

OPTION = "--set"
ARROW_BLANKS = re.compile(r"\s*(<->|~>|-x>|->)\s*")
_HELP = "write a path and a value as in a file: `{option} redis.hit=0%`"


@dataclass(frozen=True, slots=True)
class Changes:
    """What a command line changes in a design, and what of it could not be read."""

    overrides: tuple[Override, ...] = ()
    unread: tuple[Diagnostic, ...] = ()

    def and_(self, other: Changes) -> Changes:
        """Return these changes with others on top of them."""
        return Changes((*self.overrides, *other.overrides), (*self.unread, *other.unread))


def read_changes(assignments: Iterable[str], option: str = OPTION) -> Changes:
    """Return what `PATH=VALUE` assignments change; each holds a `=`."""
    overrides: dict[str, Override] = {}
    unread: list[Diagnostic] = []
    for text in assignments:
        source = Source(option, text)
        made = _read(source, option)
        if isinstance(made, Diagnostic):
            unread.append(made)
        else:
            overrides.pop(made.path, None)
            overrides[made.path] = made
    return Changes(tuple(overrides.values()), tuple(unread))


def _read(source: Source, option: str) -> Override | Diagnostic:
    """Return one assignment: the path as written, the value as the parser reads it behind a stand-in for the path."""
    written, _, value = source.text.partition("=")
    start = len(written) + 1
    document, wrong = parse(Source(source.path, f"{' ' * (start - 2)}_:{value}" if start > 1 else f"_:{value}"))
    shift = 0 if start > 1 else -1
    for d in wrong:
        message = d.message.replace("the end of the file", "the end")
        help = d.help if d.rule is not SYNTAX else _HELP.format(option=option)
        return replace(d, span=_moved(d.span, source, shift), message=message, help=help, notes=())
    first, *more = document.statements or (None,)
    if more or not isinstance(first, Setting):
        span = _moved(more[0].span, source, shift) if more else source.span(0, len(source.text))
        return SYNTAX.at(span, f"`{option}` takes one setting", f"give each a `{option}` of its own")
    path = path_in(source, 0, len(written))
    return Override(path.text, _moved(first.values, source, shift), source.span(start, len(source.text)), at=path)


def path_in(source: Source, start: int, end: int) -> Path:
    """Return a path as it stands between two offsets, the blanks in it left out; an arrow's id is one name."""
    names: list[Name] = []
    text = source.text[start:end]
    inner = ARROW_PATH.fullmatch(text)
    at = start
    for part in [inner["arrow"], inner["setting"]] if inner else text.split("."):
        lead = len(part) - len(part.lstrip())
        span = source.span(at + lead, at + max(lead, len(part.rstrip())))
        names.append(Name(ARROW_BLANKS.sub(r"\1", part.strip()), span))
        at += len(part) + 1
    return Path(tuple(names), names[0].span.to(names[-1].span))


def _moved(node: Any, source: Source, shift: int) -> Any:
    """Return a node of the stand-in as a node of what was typed: the same words at the same place."""
    if isinstance(node, Span):
        return source.span(node.start + shift, node.end + shift)
    if isinstance(node, tuple):
        return tuple(_moved(part, source, shift) for part in node)
    if is_dataclass(node) and not isinstance(node, type):
        return replace(node, **{f.name: _moved(getattr(node, f.name), source, shift) for f in fields(node)})
    return node


def understood(plan: Outline, changes: Changes) -> Changes:
    """Return the changes that a design can take; those that name nothing, or give it a wrong value, are told.

    A constant may stand on another that is changed with it.
    """
    targets = overrides_by_target(plan.found, plan.names, changes.overrides)
    constants, _ = constants_of(plan.found.constants, targets.constants, [])
    kept, told = [], list(changes.unread)
    for override in changes.overrides:
        assert override.at is not None, "changes are made by read_changes"
        if ARROW_PATH.fullmatch(override.path):
            problem = _check_arrow(plan, constants, override, override.at)
        else:
            problem = check_override(plan.found, plan.names, constants, override, override.at)
        if problem is None:
            kept.append(override)
        else:
            told.append(problem)
    return Changes(tuple(kept), tuple(told))


def unknown(plan: Outline, override: Override) -> Diagnostic | None:
    """Return what is wrong with the path of a change, whatever its value."""
    wrong = understood(plan, Changes((override,))).unread
    return next((d for d in wrong if d.rule is not WRONG_VALUE), None)


def _check_arrow(plan: Outline, constants: Constants, override: Override, path: Path) -> Diagnostic | None:
    """Return what is wrong with a change of an arrow's setting, if anything."""
    written, name = path.names
    known = {arrow.id: arrow for arrow in Arrows(plan.found, plan.names, constants, []).build()}
    arrow = known.get(arrow_id(plan.names, written.text))
    if arrow is None:
        guess = nearest(written.text, list(known))
        help = f"did you mean `{guess}`?" if guess else "name an arrow as the report does: `web->edge.latency`"
        return UNKNOWN_NAME.at(written.span, f"`{written.text}` is no arrow of this design", help)
    kind = setting("arrow", name.text)
    if name.text == "on" and arrow.kind is not ArrowKind.FAILURE:
        message = f"`on` is no setting of `{arrow.id}`: only failure arrows have a condition"
        return UNKNOWN_SETTING.at(name.span, message, "name a failure arrow: `ranker-x>popular.on`")
    if kind is None:
        return unknown_setting("arrow", Path((name,), name.span))
    value = read_value(kind, override.values, constants)
    return WRONG_VALUE.at(override.span, value.message, value.help) if isinstance(value, Refusal) else None
