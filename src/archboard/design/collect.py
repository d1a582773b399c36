"""The first walk over a Document: what is declared where, regions copied out, nothing yet converted.

Statements are gathered into one flat `Collection`. Each raw thing keeps the scope (the groups around it) in
which its names are to be read.
"""

from __future__ import annotations

from collections.abc import Iterable

from archboard.catalog import KIND, THINGS
from archboard.design.model import Frame
from archboard.design.rules import TWICE, UNKNOWN_KIND, UNKNOWN_NAME, UNKNOWN_SETTING
from archboard.diagnostics import Diagnostic, Note, nearest
from archboard.language import syntax
from archboard.language.rules import UNREADABLE
from archboard.records import field, record
from archboard.source import Span


@record
class RawComponent:
    """A component as declared: full name, kind as written, and the settings of its block."""

    name: str
    kind: str
    title: str
    settings: tuple[syntax.Setting, ...]
    span: Span
    scope: str

    @property
    def plain(self) -> str:
        """Its name without its groups."""
        return self.name.rpartition(".")[2]


@record
class RawArrow:
    """An arrow statement, the scope its names are read in, and its flow (None outside every flow)."""

    arrow: syntax.Arrow
    scope: str
    flow: str | None


@record
class RawBlock:
    """A design, flow, scenario or let block."""

    name: str
    title: str
    settings: tuple[syntax.Setting, ...]
    span: Span
    scope: str = ""


@record(frozen=False)
class Collection:
    """Everything declared, in the order written."""

    designs: list[RawBlock] = field(default_factory=list)
    components: dict[str, RawComponent] = field(default_factory=dict)
    frames: dict[str, Frame] = field(default_factory=dict)
    flows: dict[str, RawBlock] = field(default_factory=dict)
    arrows: list[RawArrow] = field(default_factory=list)
    scenarios: list[RawBlock] = field(default_factory=list)
    constants: list[syntax.Setting] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    diagnostics: list[Diagnostic] = field(default_factory=list)
    seen: dict[str, Span] = field(default_factory=dict)

    def declare(self, name: str, span: Span, what: str) -> bool:
        """Note a full name; report and refuse a second of the same."""
        first = self.seen.get(name)
        if first is None:
            self.seen[name] = span
            return True
        if first is not span and not (first.source is span.source and first.start == span.start):
            self.diagnostics.append(
                TWICE.at(
                    span, f"`{name}` is defined twice", f"give this {what} a name of its own",
                    Note(first, f"`{name}` is first defined here"), subject=name,
                )
            )  # fmt: skip
            self.touched.add(name)
        return False


MOST = 10_000
"""Components, groups and arrows together that a design is read with, copies of regions included."""


def collect(statements: Iterable[syntax.Statement]) -> Collection:
    """Gather all that a file and its imports declare, as far as it is not too much for any measure."""
    found = Collection()
    _walk(found, _few_enough(found, tuple(statements)), "", None)
    return found


def _few_enough(found: Collection, statements: tuple[syntax.Statement, ...]) -> tuple[syntax.Statement, ...]:
    """Return the statements up to the one with which there are too many things: nothing of it is copied."""
    total = 0
    for at, statement in enumerate(statements):
        size = _size(statement)
        total += size
        if total > MOST:
            span = statement.head if isinstance(statement, syntax.Thing) else statement.span
            what = f"with the copies of its regions this is {size:,} components and arrows" if size > MOST else (
                f"here the design has more than {MOST:,} components and arrows"
            )
            help = f"draw a part of it: no design has more than {MOST:,}, copies included"
            found.diagnostics.append(UNREADABLE.at(span, what, help))
            return statements[:at]
    return statements


def _size(statement: syntax.Statement) -> int:
    """Return how many things a statement comes to, each name of a region with all that is in it."""
    if not isinstance(statement, syntax.Thing):
        return int(isinstance(statement, syntax.Arrow))
    if statement.kind.text in ("group", "region", "flow"):
        inside = 1
        for each in statement.body or ():
            inside += _size(each)
        return inside * max(1, len(statement.names))
    return max(1, len(statement.names))


def _walk(found: Collection, statements: tuple[syntax.Statement, ...], scope: str, flow: str | None) -> None:
    for statement in statements:
        match statement:
            case syntax.Arrow():
                found.arrows.append(RawArrow(statement, scope, flow))
            case syntax.Thing():
                _thing(found, statement, scope, flow)
            case syntax.Setting():
                _stray(found, statement, scope)


def _stray(found: Collection, setting: syntax.Setting, scope: str) -> None:
    where = f"group `{scope}`" if scope else "the file itself"
    found.diagnostics.append(
        UNKNOWN_SETTING.at(
            setting.path.span, f"`{setting.path.text}` is a setting of nothing: {where} has no settings",
            "put it into the braces of the thing it belongs to",
        )
    )  # fmt: skip


def _thing(found: Collection, thing: syntax.Thing, scope: str, flow: str | None) -> None:
    match thing.kind.text:
        case "import":
            return
        case "group" | "region":
            _frames(found, thing, scope, flow)
        case "design":
            _design(found, thing)
        case "flow":
            _flow(found, thing, scope)
        case "scenario":
            found.scenarios.append(_block(found, thing, scope, thing.title.text if thing.title else _name(thing)))
        case "let":
            found.constants += _settings(found, thing)
        case _:
            _components(found, thing, scope)


def _name(thing: syntax.Thing) -> str:
    return thing.names[0].text if thing.names else ""


def _title(thing: syntax.Thing, name: str) -> str:
    if thing.title is not None and thing.title.text.strip():
        return thing.title.text
    spoken = name.replace("_", " ").replace("-", " ")
    return spoken[:1].upper() + spoken[1:]


def _settings(found: Collection, thing: syntax.Thing) -> tuple[syntax.Setting, ...]:
    """Return a block's settings; whatever else stands in it does not belong there."""
    inside: list[syntax.Setting] = []
    for statement in thing.body or ():
        if isinstance(statement, syntax.Setting):
            inside.append(statement)
            continue
        span = statement.head if isinstance(statement, syntax.Thing) else statement.span
        found.diagnostics.append(
            UNKNOWN_SETTING.at(
                span, f"`{thing.kind.text}` holds settings only, not `{_first_words(span)}`",
                f"move it out of the braces of the {thing.kind.text}",
            )
        )  # fmt: skip
    return tuple(inside)


def _first_words(span: Span) -> str:
    text = " ".join(span.text.split())
    return text if len(text) <= 40 else f"{text[:37]}…"


def _block(found: Collection, thing: syntax.Thing, scope: str, title: str) -> RawBlock:
    return RawBlock(_name(thing), title, _settings(found, thing), thing.head, scope)


def _design(found: Collection, thing: syntax.Thing) -> None:
    block = _block(found, thing, "", _title(thing, _name(thing)))
    if found.designs:
        found.diagnostics.append(
            TWICE.at(
                thing.head, f"`{block.name or 'design'}` is a second design in one file",
                "keep one `design` block; put the other into a file of its own",
                Note(found.designs[0].span, "the first is here"),
            )
        )  # fmt: skip
        return
    found.designs.append(block)


def _flow(found: Collection, thing: syntax.Thing, scope: str) -> None:
    name = _name(thing)
    if not name:
        found.diagnostics.append(UNKNOWN_NAME.at(thing.head, "a flow has no name", "write `flow search { … }`"))
        return
    inside = tuple(s for s in thing.body or () if isinstance(s, syntax.Setting))
    first = found.flows.get(name)
    if first is not None or name == "main":
        notes = (Note(first.span, f"`{name}` is first defined here"),) if first else ()
        reason = "is defined twice" if first else "is the flow of the arrows outside every flow"
        found.diagnostics.append(
            TWICE.at(
                thing.names[0].span, f"`{name}` {reason}", "give this flow a name of its own", *notes, subject=name,
            )
        )  # fmt: skip
    else:
        found.flows[name] = RawBlock(name, _title(thing, name), inside, thing.head, scope)
    rest = tuple(s for s in thing.body or () if not isinstance(s, syntax.Setting))
    _walk(found, rest, scope, name)


def _frames(found: Collection, thing: syntax.Thing, scope: str, flow: str | None) -> None:
    if not thing.names:
        found.diagnostics.append(
            UNKNOWN_NAME.at(thing.head, f"a {thing.kind.text} has no name", f"write `{thing.kind.text} us {{ … }}`")
        )
    for name in thing.names:
        full = f"{scope}.{name.text}" if scope else name.text
        title = _title(thing, name.text)
        if len(thing.names) > 1:
            title = f"{title} · {name.text}" if thing.title else _title(thing, name.text)
        if found.declare(full, name.span, thing.kind.text):
            found.frames[full] = Frame(full, title, scope or None, thing.kind.text == "region", name.span)
        _walk(found, thing.body or (), full, flow)


def _components(found: Collection, thing: syntax.Thing, scope: str) -> None:
    kind = thing.kind.text
    if kind not in KIND:
        guess = nearest(kind, [*KIND, *THINGS])
        found.diagnostics.append(
            UNKNOWN_KIND.at(
                thing.kind.span, f"`{kind}` is not a kind of thing",
                f"did you mean `{guess}`?" if guess else f"write one of {', '.join(KIND)}", subject=kind,
            )
        )  # fmt: skip
    if not thing.names:
        found.diagnostics.append(
            UNKNOWN_NAME.at(thing.head, f"a {kind} has no name", f"write `{kind} NAME \"Title\" {{ … }}`")
        )
    settings = _settings(found, thing)
    for name in thing.names:
        full = f"{scope}.{name.text}" if scope else name.text
        if not found.declare(full, name.span, kind):
            continue
        if kind not in KIND:
            found.touched.add(full)
        title = _title(thing, name.text)
        found.components[full] = RawComponent(full, kind, title, settings, name.span, scope)
