"""From bytes to a Document; and from the grammar to the table that the parser runs on.

Lark makes an LALR table from the grammar at development time, and `table.json` keeps it: a start
costs a millisecond or two, where importing lark and building the table would cost fifty. A test
holds the two together; `python -c "from archboard.language import parse; parse.write_table()"`
writes it anew.
"""

from __future__ import annotations

import gc
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path as File
from typing import Any

from archboard import resources
from archboard.diagnostics import Diagnostic
from archboard.language.automaton import Automaton, Rule, Table
from archboard.language.rules import UNREADABLE
from archboard.language.scan import MOST as FULLEST
from archboard.language.scan import Tokens, lexicon, scan
from archboard.language.syntax import Comment, Document
from archboard.source import LARGEST, Source, Span, shown

TABLE = File(__file__).with_name("table.json")


def make_table(grammar: str) -> dict[str, Any]:
    """Return the table of a grammar as plain lists, the same at every run."""
    # Lark is needed to make the table, not to use it.
    from lark import Lark  # noqa: PLC0415
    from lark.parsers.lalr_analysis import Shift  # noqa: PLC0415

    made = Lark(grammar, parser="lalr", lexer="contextual")
    table = made.parser.parser._parse_table
    rules = sorted({str(rule): rule for rule in made.rules}.items())
    places = {rule: place for place, (_, rule) in enumerate(rules)}
    order = [table.start_states["start"]]
    rows: list[dict[str, int]] = []
    for state in order:
        row = {}
        for symbol, (action, target) in sorted(table.states[state].items()):
            if action is not Shift:
                row[symbol] = ~places[target]
                continue
            if target not in order:
                order.append(target)
            row[symbol] = order.index(target)
        rows.append(row)
    final = order.index(table.end_states["start"])
    rows[final] = {"$END": final}
    kept = [
        [[at, part.name[0] == "_"] for at, part in enumerate(rule.expansion) if not getattr(part, "filter_out", 0)]
        for _, rule in rules
    ]
    terminals = sorted(made.terminals, key=lambda item: (-item.priority, -item.pattern.max_width, item.name))
    return {
        "terminals": [[item.name, item.pattern.to_regexp()] for item in terminals],
        "rules": [[rule.origin.name, len(rule.expansion), keep] for (_, rule), keep in zip(rules, kept, strict=True)],
        "states": rows,
        "final": final,
    }


def write_table() -> None:
    """Write the table that ships anew, after a change of the grammar."""
    made = make_table(resources.text("grammars", "archboard.lark"))
    TABLE.write_text(json.dumps(made) + "\n", "utf-8")


@cache
def table() -> tuple[Table, re.Pattern[str]]:
    """Return the table that ships, and the pattern of its tokens."""
    held = json.loads(TABLE.read_text("utf-8"))
    rules = [
        Rule(name, size, tuple((at, folded) for at, folded in kept), size == 1 and kept == [[0, False]])
        for name, size, kept in held["rules"]
    ]
    openings = frozenset(
        number
        for number, row in enumerate(held["states"])
        if row.get("NAME", -1) >= 0 and row.get("SEMICOLON", -1) >= 0
    )
    return Table(rules, held["states"], held["final"], openings), lexicon(held["terminals"])


def read(path: str, data: bytes) -> tuple[Source, tuple[Diagnostic, ...]]:
    """Decode a file. With a diagnostic, the source holds what can be shown and is not to be parsed."""
    if len(data) > LARGEST:
        source = Source(shown(path), "", place=path)
        return source, (_too_large(source),)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        source = Source(shown(path), _plain(data.decode("utf-8")), place=path)
    except UnicodeDecodeError as error:
        source = Source(shown(path), _plain(data.decode("utf-8", "replace")), place=path)
        bad = len(_plain(data[: error.start].decode("utf-8")))
        message = f"the byte 0x{data[error.start]:02X} is not UTF-8, so the file cannot be read as text"
        return source, (UNREADABLE.at(source.span(bad, bad + 1), message, "save the file as UTF-8"),)
    nought = source.text.find("\0")
    if nought >= 0:
        help = "give the path of a design, or save the file as UTF-8"
        found = UNREADABLE.at(source.span(nought, nought + 1), "a NUL byte: this is no text file", help)
        return source, (found,)
    return source, ()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _too_large(source: Source) -> Diagnostic:
    message = f"`{source.path}` is larger than the {LARGEST // 2**20} MiB that a design may have"
    return UNREADABLE.at(source.span(), message, 'split it with `import "part.arch"`')


def _too_full(source: Source, end: int) -> Diagnostic:
    message = f"more than {FULLEST:,} words, signs and blanks up to here, and a design may hold no more"
    return UNREADABLE.at(source.span(end, end + 1), message, 'split it with `import "part.arch"`')


def parse(source: Source) -> tuple[Document, tuple[Diagnostic, ...]]:
    """Return what can be read of a text and what cannot, in order; it never raises."""
    if len(source.text) > LARGEST:
        return Document(source, ()), (_too_large(source),)
    made, pattern = table()
    with _uncollected():
        tokens = scan(pattern, source.text)
        if tokens.excess >= 0:
            return Document(source, ()), (_too_full(source, tokens.excess),)
        automaton = Automaton(source, tokens, made)
        statements = automaton.run()
        return Document(source, statements, _comments(source, tokens)), automaton.told()


@contextmanager
def _uncollected() -> Iterator[None]:
    """Keep the garbage collector off: a Document has no cycles, and looking for some takes half the time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _comments(source: Source, tokens: Tokens) -> tuple[Comment, ...]:
    text, comments = source.text, []
    for start, end in tokens.comments:
        begin = text.rfind("\n", 0, start) + 1
        alone = begin == start or not text[begin:start].strip()
        comments.append(Comment(text[start:end], alone, Span(source, start, end)))
    return tuple(comments)
