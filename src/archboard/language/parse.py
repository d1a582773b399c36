"""From bytes to a Document: the parser, the table it runs on, and how it gets over a mistake.

Lark makes an LALR table from the grammar once, at development time, and `table.json` keeps it: a
start costs a millisecond, where importing lark and building the table would cost tens. A test holds
the two together. What runs on it is the textbook automaton below; having it in the open is what
lets one mistake cost one statement: on an error the automaton goes back to where the statement
began, steps over it, and goes on.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_left
from dataclasses import dataclass
from functools import cache
from pathlib import Path as File
from typing import Any

from archboard.diagnostics import Diagnostic, Note
from archboard.language.build import Builder, Part
from archboard.language.mend import Cure, Trouble, mend, shorten
from archboard.language.rules import SYNTAX, UNREADABLE
from archboard.language.scan import Tokens, lexicon, scan
from archboard.language.syntax import Arrow, Comment, Document, Thing
from archboard.source import Source

LARGEST = 4 * 1024 * 1024
"""Bytes of one file."""
MOST = 50
"""Diagnostics of one file; the rest would only repeat them."""
TABLE = File(__file__).with_name("table.json")
_ENDS = frozenset({"_NL", "SEMICOLON", "RBRACE", "$END"})


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the grammar: its name, how many symbols it has, which are kept, and which of them folded in."""

    name: str
    size: int
    kept: tuple[tuple[int, bool], ...]


@dataclass(frozen=True, slots=True)
class Table:
    """An LALR table: for each state and symbol the state to go to, or `~rule` to reduce by it."""

    terminals: list[tuple[str, str]]
    rules: list[Rule]
    states: list[dict[str, int]]
    final: int

    @property
    def openings(self) -> frozenset[int]:
        """The states in which a statement may begin."""
        return frozenset(
            number
            for number, row in enumerate(self.states)
            if row.get("NAME", -1) >= 0 and row.get("SEMICOLON", -1) >= 0
        )


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


@cache
def table() -> tuple[Table, re.Pattern[str], frozenset[int]]:
    """Return the table that ships, the pattern of its tokens, and its opening states."""
    held = json.loads(TABLE.read_text("utf-8"))
    rules = [Rule(name, size, tuple((at, folded) for at, folded in kept)) for name, size, kept in held["rules"]]
    terminals = [(name, pattern) for name, pattern in held["terminals"]]
    made = Table(terminals, rules, held["states"], held["final"])
    return made, lexicon(terminals), made.openings


def read(path: str, data: bytes) -> tuple[Source, tuple[Diagnostic, ...]]:
    """Decode a file. With a diagnostic, the source holds what can be shown and is not to be parsed."""
    if len(data) > LARGEST:
        source = Source(path, "")
        return source, (_too_large(source, len(data)),)
    data = data.removeprefix(b"\xef\xbb\xbf")
    try:
        source = Source(path, _plain(data.decode("utf-8")))
    except UnicodeDecodeError as error:
        source = Source(path, _plain(data.decode("utf-8", "replace")))
        bad = len(_plain(data[: error.start].decode("utf-8")))
        message = f"the byte 0x{data[error.start]:02X} is not UTF-8, so the file cannot be read as text"
        return source, (UNREADABLE.at(source.span(bad, bad + 1), message, "save the file as UTF-8"),)
    nought = source.text.find("\0")
    if nought >= 0:
        help = "give the path of a design, or save the file as UTF-8"
        found = UNREADABLE.at(source.span(nought, nought + 1), "a NUL byte stands here: this is no text file", help)
        return source, (found,)
    return source, ()


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _too_large(source: Source, size: int) -> Diagnostic:
    message = f"`{source.path}` is {size / 1024 / 1024:.1f} MiB, and a design may be 4 MiB"
    return UNREADABLE.at(source.span(), message, 'split it with `import "part.arch"`')


def parse(source: Source) -> tuple[Document, tuple[Diagnostic, ...]]:
    """Return what can be read of a text and what cannot, in order; it never raises."""
    if len(source.text) > LARGEST:
        return Document(source, ()), (_too_large(source, len(source.text)),)
    rules, pattern, openings = table()
    tokens = scan(pattern, source.text)
    automaton = Automaton(source, tokens, rules, openings)
    statements = automaton.run()
    return Document(source, statements, _comments(source, tokens)), automaton.told()


def _comments(source: Source, tokens: Tokens) -> tuple[Comment, ...]:
    comments = []
    for start, end in tokens.comments:
        begin = source.line_starts[source.position(start)[0] - 1]
        alone = not source.text[begin:start].strip()
        comments.append(Comment(source.text[start:end], alone, source.span(start, end)))
    return tuple(comments)


class Automaton:
    """One run over one text: a stack of states, and beside it what was built and where it began."""

    def __init__(self, source: Source, tokens: Tokens, table: Table, openings: frozenset[int]) -> None:
        self.source = source
        self.tokens = tokens
        self.table = table
        self.openings = openings
        self.states = [0]
        self.parts: list[Part] = []
        self.firsts: list[int] = []
        self.mistaken = -1
        self.count = 0
        self.diagnostics: list[Diagnostic] = []
        self.builder = Builder(source, tokens, self.tell)
        self.build = [self.builder.rules.get(rule.name) for rule in table.rules]

    def tell(self, diagnostic: Diagnostic) -> None:
        """Keep a diagnostic, up to the most that one file may have."""
        self.count += 1
        if self.count <= MOST:
            self.diagnostics.append(diagnostic)

    def told(self) -> tuple[Diagnostic, ...]:
        """Return the diagnostics in order, with the braces that nobody closed."""
        for start, meant in self.tokens.unclosed:
            self.tell(_unclosed(self.source, start, meant))
        found = sorted(self.diagnostics, key=lambda item: (item.span.start, item.span.end))
        if self.count > MOST:
            message = f"{self.count - MOST} more mistakes are not shown"
            found.append(SYNTAX.at(self.source.span(len(self.source.text)), message, "mend those above first"))
        return tuple(found)

    def run(self) -> tuple[Any, ...]:
        """Take the tokens one by one: go on, reduce, or get over a mistake."""
        rows, kinds = self.table.states, self.tokens.kinds
        index = 0
        while True:
            kind = kinds[index]
            action = rows[self.states[-1]].get(kind)
            if action is None:
                if kind == "PERCENTILE" and "." not in self._text(index):
                    action = rows[self.states[-1]].get("NAME")
                if action is None:
                    index = self._recover(index)
                    continue
            if action < 0:
                self._reduce(~action, index)
            elif action == self.table.final:
                return tuple(self.parts[0])
            else:
                self.states.append(action)
                self.parts.append(index)
                self.firsts.append(index)
                index += 1

    def _text(self, index: int) -> str:
        return self.source.text[self.tokens.starts[index] : self.tokens.ends[index]]

    def _reduce(self, number: int, index: int) -> None:
        rule, build = self.table.rules[number], self.build[number]
        size = rule.size
        at = len(self.parts) - size
        found: list[Part] = []
        for place, folded in rule.kept:
            part = self.parts[at + place]
            if not folded:
                found.append(part)
            elif found:
                found += part
            else:
                found = part
        first = self.firsts[at] if size else index
        if size:
            del self.parts[at:], self.firsts[at:], self.states[at + 1 :]
        self.parts.append(found if build is None else build(found, first, index - 1))
        self.firsts.append(first)
        self.states.append(self.table.states[self.states[-1]][rule.name])

    def _accepts(self, kind: str) -> bool:
        """Whether a kind of token can really stand here: a row alone promises too much."""
        rows, states = self.table.states, self.states[:]
        while True:
            action = rows[states[-1]].get(kind)
            if action is None:
                return False
            if action >= 0:
                return True
            rule = self.table.rules[~action]
            del states[len(states) - rule.size :]
            states.append(rows[states[-1]][rule.name])

    def _feed(self, kind: str, index: int) -> None:
        """Go on as if a token of a kind that is accepted stood before this one."""
        while (action := self.table.states[self.states[-1]][kind]) < 0:
            self._reduce(~action, index)
        self.states.append(action)
        self.parts.append(index)
        self.firsts.append(index)

    def _recover(self, index: int) -> int:
        """Say what is wrong at a token, and return the one to go on with."""
        kinds = self.tokens.kinds
        top = len(self.states) - 1
        while self.states[top] not in self.openings:
            top -= 1
        if kinds[index] == "$END" and self._accepts("RBRACE"):
            self._feed("RBRACE", index)
            return index
        if top < len(self.parts) and kinds[index - 1] == "RBRACE" and self._accepts("_NL"):
            self._feed("_NL", index)
            return index
        begun = self.firsts[top] if top < len(self.parts) else index
        trouble = self._trouble(index, begun, top)
        if trouble.opening and kinds[index] == "LBRACE" and self._reopen(index):
            return index
        if kinds[index] == "COLON" and "COMMA" in trouble.accepted and (comma := self._carried(index)):
            return self._split(comma, index, begun)
        cure = mend(trouble)
        if self.mistaken != begun:
            self.tell(cure.diagnostic)
        self.mistaken = begun
        return self._go_on(index, top, trouble, cure)

    def _trouble(self, index: int, begun: int, top: int) -> Trouble:
        rows = self.table.states
        row = rows[self.states[top]]
        kinds = (kind for kind in rows[self.states[-1]] if kind[0].isupper() or kind in _ENDS)
        accepted = frozenset(kind for kind in kinds if self._accepts(kind))
        in_arrow = "LBRACE" not in rows[row["NAME"]]
        return Trouble(self.source, self.tokens, index, begun, accepted, in_arrow, top <= 1)

    def _go_on(self, index: int, top: int, trouble: Trouble, cure: Cure) -> int:
        kinds = self.tokens.kinds
        if cure.insert is not None and cure.insert in trouble.accepted:
            self._feed(cure.insert, index)
            return index
        if cure.take == "":
            return index + 1
        if cure.take is not None and cure.take in trouble.accepted:
            self.builder.take(index, cure.take)
            return index
        if kinds[index] == "DEEP" and "LBRACE" in trouble.accepted:
            kinds[after := self._past(index) - 1] = "_NL"
            return after
        headed = "LBRACE" in trouble.accepted and "COLON" not in trouble.accepted and not trouble.opening
        if headed and not cure.lost:
            while kinds[index] not in _ENDS and kinds[index] != "LBRACE":
                index += 1
            return index
        del self.states[top + 1 :], self.parts[top:], self.firsts[top:]
        after = self._past(index)
        return after + 1 if trouble.outermost and kinds[after] == "RBRACE" else after

    def _carried(self, index: int) -> int:
        """Return the comma at a line's end that drew the next line's setting into a list, or 0."""
        kinds = self.tokens.kinds
        at = index - 1
        while kinds[at] in ("NAME", "DOT"):
            at -= 1
        broken = at
        while kinds[at] == "_NL":
            at -= 1
        return at if at < broken and kinds[at] == "COMMA" else 0

    def _split(self, comma: int, index: int, begun: int) -> int:
        """End a list before the comma that should not be there."""
        while self.firsts[-1] >= comma:
            self.firsts.pop(), self.parts.pop(), self.states.pop()
        span = self.source.span(self.tokens.starts[comma], self.tokens.ends[comma])
        message = f"`,` carries the list on to the next line, but `{self._text(index - 1)}:` begins another setting"
        if self.mistaken != begun:
            self.tell(SYNTAX.at(span, message, "remove the comma"))
        return comma + 1

    def _reopen(self, index: int) -> bool:
        """Give a thing or arrow the block that stands on the line below it."""
        starts, kinds, made = self.tokens.starts, self.tokens.kinds, self.parts and self.parts[-1]
        node = made[-1] if made and isinstance(made, list) else None
        if kinds[index - 1] != "_NL" or not isinstance(node, Thing | Arrow) or node.body is not None:
            return False
        last = index - 1
        while kinds[last] == "_NL":
            last -= 1
        if self.tokens.ends[last] != node.span.end:
            return False
        made.pop()
        thing = isinstance(node, Thing)
        self.parts.append(
            (node.kind, node.names, node.title, node.head)
            if isinstance(node, Thing)
            else (node.stages, node.arrows, node.title)
        )
        self.firsts.append(bisect_left(starts, node.span.start))
        self.states.append(self.table.states[self.states[-1]]["head" if thing else "chain"])
        span = self.source.span(starts[index], starts[index] + 1)
        what = shorten(node.span.text)
        self.tell(SYNTAX.at(span, "`{` found on a line of its own", f"move it up: `{what} {{`"))
        return True

    def _past(self, index: int) -> int:
        """Return the token behind a broken statement: its end, or the one after its own block."""
        kinds, depth = self.tokens.kinds, 0
        while kinds[index] != "$END":
            if kinds[index] in ("LBRACE", "DEEP"):
                depth += 1
            elif kinds[index] == "RBRACE":
                depth -= 1
                if depth <= 0:
                    return index + 1 if depth == 0 else index
            elif depth == 0 and kinds[index] in _ENDS:
                return index
            index += 1
        return index


def _unclosed(source: Source, start: int, meant: int) -> Diagnostic:
    """A block that nobody closed, and where its indentation says that it was to end."""
    span = source.span(start, start + 1)
    head = shorten(source.text[source.line_starts[span.line - 1] : start])
    message = f"`{head} {{` is never closed" if head else "`{` is never closed"
    if meant >= len(source.text):
        return UNREADABLE.at(span, message, "put `}` behind the last statement of its block")
    note = Note(source.span(meant, meant + 1), "its block seems to end before this")
    return UNREADABLE.at(span, message, f"put `}}` before line {note.span.line}", note)


if __name__ == "__main__":
    GRAMMAR = File(__file__).parents[3] / "grammars" / "archboard.lark"
    TABLE.write_text(json.dumps(make_table(GRAMMAR.read_text("utf-8"))) + "\n", "utf-8")
