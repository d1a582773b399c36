"""The textbook LALR automaton, in the open so that one mistake costs one statement.

It runs on the table that lark made from the grammar. On an error it asks what was meant; where the
token can be taken for that, it goes on; else it goes back to where the statement began, steps over
it, and goes on behind it. What has been read before stays read.
"""

from __future__ import annotations

from bisect import bisect_left

from archboard.diagnostics import Diagnostic, Note
from archboard.language.build import Builder, Part
from archboard.language.mend import Cure, mend
from archboard.language.rules import SYNTAX, UNREADABLE
from archboard.language.scan import Tokens
from archboard.language.syntax import Arrow, Statement, Thing
from archboard.language.trouble import Trouble, shorten
from archboard.records import record
from archboard.source import Source

MOST = 50
"""Diagnostics of one file; the rest would only repeat them."""
_ENDS = frozenset({"_NL", "SEMICOLON", "RBRACE", "$END"})

_JOINTS = frozenset({"COLON", "LBRACE", "ARROW", "AMPERSAND"})
"""Signs that only another statement has."""


@record
class Rule:
    """A rule of the grammar: its name, how many symbols it has, which are kept, and which of them folded in."""

    name: str
    size: int
    kept: tuple[tuple[int, bool], ...]
    plain: bool
    """Whether it is one symbol, kept as it is: most are."""


@record
class Table:
    """An LALR table: for each state and symbol the state to go to, or `~rule` to reduce by it."""

    rules: list[Rule]
    states: list[dict[str, int]]
    final: int
    openings: frozenset[int]
    """The states in which a statement may begin."""


class Automaton:
    """One run over one text: a stack of states, and beside it what was built and where it began."""

    def __init__(self, source: Source, tokens: Tokens, table: Table) -> None:
        self.source = source
        self.tokens = tokens
        self.table = table
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
        told = {item.span.start for item in self.diagnostics}
        for start, meant in self.tokens.unclosed:
            if start in told:
                continue
            self.tell(_unclosed(self.source, start, meant))
        found = sorted(self.diagnostics, key=lambda item: (item.span.start, item.span.end))
        if self.count > MOST:
            end = self.source.span(len(self.source.text))
            found.append(SYNTAX.at(end, f"{self.count - MOST} more mistakes are not shown", "mend these first"))
        return tuple(found)

    def run(self) -> tuple[Statement, ...]:
        """Take the tokens one by one: go on, reduce, or get over a mistake."""
        rows, kinds, final = self.table.states, self.tokens.kinds, self.table.final
        states, parts, firsts, reduce = self.states, self.parts, self.firsts, self._reduce
        index = 0
        while True:
            kind = kinds[index]
            action = rows[states[-1]].get(kind)
            if action is None and kind == "PERCENTILE" and "." not in self._text(index):
                action = rows[states[-1]].get("NAME")
            if action is None:
                index = self._recover(index)
            elif action < 0:
                reduce(~action, index)
            elif action == final:
                return tuple(parts[0])
            else:
                states.append(action)
                parts.append(index)
                firsts.append(index)
                index += 1

    def _text(self, index: int) -> str:
        return self.source.text[self.tokens.starts[index] : self.tokens.ends[index]]

    def _reduce(self, number: int, index: int) -> None:
        rule, build = self.table.rules[number], self.build[number]
        states, parts, firsts = self.states, self.parts, self.firsts
        size = rule.size
        if rule.plain:
            first = firsts[-1]
            parts[-1] = [parts[-1]] if build is None else build([parts[-1]], first, index - 1)
            states.pop()
        else:
            found = self._kept(rule)
            first = firsts[-size] if size else index
            if size:
                del parts[-size:], firsts[-size:], states[-size:]
            parts.append(found if build is None else build(found, first, index - 1))
            firsts.append(first)
        states.append(self.table.states[states[-1]][rule.name])

    def _kept(self, rule: Rule) -> list[Part]:
        at = len(self.parts) - rule.size
        found: list[Part] = []
        for place, folded in rule.kept:
            part = self.parts[at + place]
            if not folded:
                found.append(part)
            elif found:
                found += part
            else:
                found = part
        return found

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

    def _settle(self, index: int) -> None:
        """Finish a statement that has ended, so that the next one's mistake is not its own."""
        while self.states[-1] not in self.table.openings:
            action = self.table.states[self.states[-1]].get("_NL", 0)
            if action >= 0:
                break
            self._reduce(~action, index)

    def _recover(self, index: int) -> int:
        """Say what is wrong at a token, and return the one to go on with."""
        kinds = self.tokens.kinds
        if kinds[index] == "EXTRA" and self._accepts("SEMICOLON"):
            self._feed("SEMICOLON", index)
            self._settle(index)
        elif kinds[index - 1] in _ENDS:
            self._settle(index)
        top = len(self.states) - 1
        while self.states[top] not in self.table.openings:
            top -= 1
        if self.count > MOST:
            self.count += 1
            return self._give_up(index, top)
        begun = self.firsts[top] if top < len(self.parts) else index
        trouble = self._trouble(index, begun, top)
        if trouble.opening and kinds[index] == "LBRACE" and self._reopen(index):
            return index
        if comma := self._carried(index, begun):
            return self._split(comma, index, begun)
        cure = mend(trouble)
        if self.mistaken != begun:
            self.tell(cure.diagnostic)
        self.mistaken = begun
        return self._go_on(index, top, trouble, cure)

    def _trouble(self, index: int, begun: int, top: int) -> Trouble:
        rows = self.table.states
        kinds = (kind for kind in rows[self.states[-1]] if kind[0].isupper() or kind in _ENDS)
        accepted = frozenset(kind for kind in kinds if self._accepts(kind))
        in_arrow = "head" not in rows[self.states[top]]
        return Trouble(self.source, self.tokens, index, begun, accepted, in_arrow)

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
        return self._give_up(index, top)

    def _give_up(self, index: int, top: int) -> int:
        """Forget a statement, and go on behind it."""
        del self.states[top + 1 :], self.parts[top:], self.firsts[top:]
        after = self._past(index)
        return after + 1 if self.tokens.kinds[after] == "EXTRA" else after

    def _carried(self, index: int, begun: int) -> int:
        """Return the comma that drew what is no value into a list, or 0: the next line, or a block's end."""
        kinds, at = self.tokens.kinds, index - 1
        if kinds[index] in _JOINTS:
            while at > begun and kinds[at] in ("NAME", "DOT"):
                at -= 1
            if kinds[at] != "_NL" or kinds[at + 1] != "NAME":
                return 0
        elif kinds[index] not in _ENDS and kinds[index] != "EXTRA":
            return 0
        while at > begun and kinds[at] == "_NL":
            at -= 1
        return at if at > begun and kinds[at] == "COMMA" else 0

    def _split(self, comma: int, index: int, begun: int) -> int:
        """End a list before the comma that should not be there."""
        while self.firsts[-1] >= comma:
            del self.firsts[-1], self.parts[-1], self.states[-1]
        message = "`,` is followed by nothing"
        if self.tokens.kinds[index] in _JOINTS:
            message = "`,` carries the list on to the next line, which begins another statement"
        if self.mistaken != begun:
            span = self.source.span(self.tokens.starts[comma], self.tokens.ends[comma])
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
            elif depth == 0 and (kinds[index] in _ENDS or kinds[index] == "EXTRA"):
                return index
            index += 1
        return index


def _unclosed(source: Source, start: int, meant: int) -> Diagnostic:
    """Report a block that nobody closed, and where its indentation says that it was to end."""
    span = source.span(start, start + 1)
    head = shorten(source.text[source.line_starts[span.line - 1] : start])
    message = f"`{head} {{` is never closed" if head else "`{` is never closed"
    if meant >= len(source.text):
        return UNREADABLE.at(span, message, "put `}` behind the last statement of its block")
    note = Note(source.span(meant, meant + 1), "its block seems to end before this")
    return UNREADABLE.at(span, message, f"put `}}` before line {note.span.line}", note)
