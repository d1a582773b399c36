"""What `--set PATH=VALUE` says, read by the language itself, so that a slip is told as one in a file is.

Each assignment is a source of its own, named after its option. Its value is parsed as the value of a setting; its
path may also name an arrow by its id (`web->edge.latency`), which no file can. Where one target is set twice, the
later counts, as command lines have it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from archboard.design.changes import OPTION, Assignment, Changes
from archboard.design.paths import Paths, path_in
from archboard.design.resolve import Outline
from archboard.design.scenarios import by_owner, wrong_value
from archboard.design.settings import constants_of
from archboard.design.targets import Override, Target
from archboard.diagnostics import Diagnostic
from archboard.language.parse import parse
from archboard.language.rules import SYNTAX
from archboard.language.syntax import Setting, Value
from archboard.records import field_names, is_record, replace
from archboard.source import Source, Span

_HELP = "write a path and a value as in a file: `{option} redis.hit=0%`"


def read_changes(assignments: Iterable[str], option: str = OPTION) -> Changes:
    """Return what `PATH=VALUE` assignments change; each holds a `=`."""
    made = [_read(Source(option, text), option) for text in assignments]
    return Changes(
        tuple(each for each in made if isinstance(each, Assignment)),
        tuple(each for each in made if isinstance(each, Diagnostic)),
    )


def _read(source: Source, option: str) -> Assignment | Diagnostic:
    """Return one assignment: the path as written, the value as the parser reads it behind a stand-in for the path."""
    written, _, value = source.text.partition("=")
    start = len(written) + 1
    stand_in = f"{' ' * (start - 2)}_:{value}" if start > 1 else f"_:{value}"
    document, wrong = parse(Source(source.path, stand_in, "the end"))
    shift = 0 if start > 1 else -1
    for d in wrong:
        help = d.help if d.rule is not SYNTAX else _HELP.format(option=option)
        return replace(d, span=_moved(d.span, source, shift), help=help, notes=())
    first, *more = document.statements or (None,)
    if more or not isinstance(first, Setting):
        span = _moved(more[0].span, source, shift) if more else source.span(0, len(source.text))
        return SYNTAX.at(span, f"`{option}` takes one setting", f"give each a `{option}` of its own")
    values: tuple[Value, ...] = _moved(first.values, source, shift)
    return Assignment(path_in(source, 0, len(written)), values, source.span(start, len(source.text)))


def _moved(node: Any, source: Source, shift: int) -> Any:
    """Return a node of the stand-in as a node of what was typed: the same words at the same place."""
    if isinstance(node, Span):
        return source.span(node.start + shift, node.end + shift)
    if isinstance(node, tuple):
        return tuple(_moved(part, source, shift) for part in node)
    if is_record(node):
        return replace(node, **{name: _moved(getattr(node, name), source, shift) for name in field_names(node)})
    return node


def understood(plan: Outline, changes: Changes) -> tuple[tuple[Override, ...], tuple[Diagnostic, ...]]:
    """Return the changes that a design can take; those that name nothing, or give it a wrong value, are told.

    A constant may stand on another that is changed with it.
    """
    paths = Paths(plan.found, plan.names)
    meant: dict[Target | str, Override | Diagnostic] = {}
    for each in changes.assignments:
        target = paths.target(each.path)
        key = each.path.text if isinstance(target, Diagnostic) else target
        meant.pop(key, None)
        span = each.span
        if isinstance(target, Target) and target.percentile is not None:
            span = each.path.names[-1].span.to(span)  # of `ranker.latency.p99=30ms` the value is `p99=30ms`
        meant[key] = target if isinstance(target, Diagnostic) else Override(target, each.values, span)
    overrides = [each for each in meant.values() if isinstance(each, Override)]
    constants, _ = constants_of(plan.found.constants, by_owner(overrides).constants, [])
    kept, told = [], list(changes.unread)
    for found in meant.values():
        problem = found if isinstance(found, Diagnostic) else wrong_value(found, None, constants)
        if problem is not None:
            told.append(problem)
        elif isinstance(found, Override):
            kept.append(found)
    return tuple(kept), tuple(told)
