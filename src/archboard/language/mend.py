"""What a mistake was meant to be: a message in the user's words, and how to read on.

Each known slip has one small function in `SLIPS`, tried in order; the first that recognises the
mistake words it. A `Cure` may also say what to take the token for, so that the statement survives.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from archboard.diagnostics import Diagnostic
from archboard.language.rules import SYNTAX, UNREADABLE
from archboard.language.scan import DEEPEST, Tokens
from archboard.source import Source, Span


@dataclass(frozen=True, slots=True)
class Trouble:
    """A token that cannot stand where it stands: its index, its statement's first, what could stand there."""

    source: Source
    tokens: Tokens
    index: int
    begun: int
    accepted: frozenset[str]
    in_arrow: bool
    outermost: bool

    @property
    def kind(self) -> str:
        """The kind of the token found."""
        return self.tokens.kinds[self.index]

    @property
    def found(self) -> str:
        """The token found, as written."""
        return self.text(self.index)

    @property
    def opening(self) -> bool:
        """Whether a statement could begin here."""
        return self.index == self.begun

    @property
    def span(self) -> Span:
        """Where it stands; a line's end is shown as the place behind its last word."""
        if self.kind in ("_NL", "$END") and self.index:
            end = self.tokens.ends[self.index - 1]
            return self.source.span(end, end)
        return self.source.span(self.tokens.starts[self.index], self.tokens.ends[self.index])

    def near(self, step: int) -> str:
        """Return the kind of a neighbouring token; a line's end beyond the text."""
        index = self.index + step
        return self.tokens.kinds[index] if 0 <= index < len(self.tokens.kinds) else "_NL"

    def text(self, index: int) -> str:
        """Return a token as written."""
        return self.source.text[self.tokens.starts[index] : self.tokens.ends[index]]

    def before(self) -> str:
        """Return what the statement says so far, in one line."""
        if self.opening:
            return ""
        text = self.source.text[self.tokens.starts[self.begun] : self.tokens.ends[self.index - 1]]
        return shorten(text)

    def rest(self) -> str:
        """Return what stands from here to the end of the head or statement."""
        end = self.index
        while self.tokens.kinds[end] not in ("_NL", "SEMICOLON", "LBRACE", "RBRACE", "$END", "STRING"):
            end += 1
        return shorten(self.source.text[self.tokens.starts[self.index] : self.tokens.ends[end - 1]])

    def at(self, message: str, help: str) -> Diagnostic:
        """Report the mistake where it stands."""
        return SYNTAX.at(self.span, message, help)


@dataclass(frozen=True, slots=True)
class Cure:
    """A diagnostic, and how to go on: `take` the token for a kind (or leave it out: ""), `insert` one
    before it, or neither: then the statement is `lost`, or what follows its head is passed over.
    """

    diagnostic: Diagnostic
    take: str | None = None
    insert: str | None = None
    lost: bool = False


def mend(trouble: Trouble) -> Cure:
    """Return what to say about a mistake and how to read on."""
    for slip in SLIPS:
        cure = slip(trouble)
        if cure is not None:
            return cure
    return Cure(trouble.at(_plainly(trouble), 'write `name: value`, `kind name "title" { … }` or `a -> b`'))


def shorten(text: str, length: int = 40) -> str:
    """Return a text fit for one line of a message: printable, in one line, not too long."""
    line = " ".join(text[: 4 * length].split())
    shown = "".join(letter if letter.isprintable() else f"U+{ord(letter):04X}" for letter in line[: length + 1])
    return shown if len(line) <= length else f"{shown[: length - 1]}…"


def _plainly(trouble: Trouble) -> str:
    return f"{_found(trouble)} found where {_expected(trouble)} was expected"


def _found(trouble: Trouble) -> str:
    if trouble.kind == "_NL":
        return "the end of the line"
    if trouble.kind == "$END":
        return "the end of the file"
    return f"`{shorten(trouble.found) or 'a blank'}`"


_VALUES = frozenset({"NUMBER", "PERCENTILE", "STRING", "OPERATOR", "NAME"})
_WORDS = (
    ("NUMBER", "a value"),
    ("NAME", "a name"),
    ("STRING", "a title in quotes"),
    ("COLON", "`:`"),
    ("ARROW", "an arrow"),
    ("COMMA", "`,`"),
    ("LBRACE", "`{`"),
    ("_NL", "the end of the statement"),
)


def _expected(trouble: Trouble) -> str:
    accepted = trouble.accepted
    if {"NAME", "SEMICOLON"} <= accepted:
        return "a setting" if trouble.in_arrow else "a statement"
    if "NUMBER" in accepted:
        accepted = (accepted - _VALUES) | {"NUMBER"}
        if "_NL" in accepted and "COMMA" not in accepted:
            accepted -= {"_NL"}
    words = [word for kind, word in _WORDS if kind in accepted]
    if not words:
        return "something else"
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _unclosed(trouble: Trouble) -> Cure | None:
    if trouble.kind != "UNCLOSED":
        return None
    start = trouble.span.start
    if trouble.found.startswith('"""'):
        diagnostic = UNREADABLE.at(
            trouble.source.span(start, start + 3),
            'a `"""` text is opened here and never closed',
            'put `"""` behind its last line',
        )
    else:
        diagnostic = UNREADABLE.at(
            trouble.source.span(start, start + 1),
            "a string is opened here and not closed on its line",
            'put `"` behind its last word; a text of several lines stands between `"""` and `"""`',
        )
    return Cure(diagnostic, take="STRING")


def _huge(trouble: Trouble) -> Cure | None:
    if trouble.kind != "HUGE":
        return None
    message = f"`{shorten(trouble.found, 24)}` is out of range: no number here is that large or that small"
    return Cure(
        UNREADABLE.at(trouble.span, message, "write it with a unit that fits: `10ms`, `2TB`, `10k rps`"), lost=True
    )


def _deep(trouble: Trouble) -> Cure | None:
    if trouble.kind != "DEEP":
        return None
    message = f"`{{` opens a block {DEEPEST + 1} deep, and blocks may be nested {DEEPEST} deep"
    return Cure(UNREADABLE.at(trouble.span, message, "move inner blocks out, or into a file of their own"))


def _quoted(trouble: Trouble) -> Cure | None:
    if trouble.kind != "QUOTED":
        return None
    text = shorten(trouble.found[1:-1])
    return Cure(
        trouble.at(f"`{shorten(trouble.found)}` is in quotes that are none here", f'use straight double quotes: `"{text}"`'),
        take="STRING",
    )


def _arrowlike(trouble: Trouble) -> Cure | None:
    if trouble.kind != "ARROWLIKE":
        return None
    found = trouble.found
    if "NUMBER" in trouble.accepted and "ARROW" not in trouble.accepted:
        return Cure(trouble.at(f"`{shorten(found)}` is no comparison", "compare with `<`, `<=`, `>` or `>=`"))
    meant = arrow_meant(found)
    if meant is None:
        return Cure(_leftwards(trouble), lost=True)
    return Cure(trouble.at(f"`{shorten(found)}` is not an arrow", f"write `{meant}`"), take="ARROW")


def _leftwards(trouble: Trouble) -> Diagnostic:
    left = trouble.before() or "a"
    right = trouble.text(trouble.index + 1) if trouble.near(1) == "NAME" else "b"
    return trouble.at(
        f"`{shorten(trouble.found)}` points to the left, and arrows point to the right",
        f"turn it round: `{right} -> {left}`",
    )


def arrow_meant(text: str) -> str | None:
    """Return the arrow that was meant by something like one, or None where it points to the left."""
    left = text.startswith("<") or text in "←↔⇐⇔⟵⟷"
    right = text.endswith(">") or text in "→↔⇒⇔⟶⟷⇝↝⤳"
    if left and not right:
        return None
    if left:
        return "<->"
    if any(mark in text for mark in "xX×"):
        return "-x>"
    return "~>" if any(mark in text for mark in "~⇝↝⤳") else "->"


def _fraction(trouble: Trouble) -> Cure | None:
    if trouble.kind != "FRACTION":
        return None
    return Cure(
        trouble.at(f"`{shorten(trouble.found)}` begins with a dot", f"write `{shorten(trouble.found.replace('.', '0.', 1))}`"),
        take="NUMBER",
    )


def _slashes(trouble: Trouble) -> Cure | None:
    if trouble.kind != "SLASHES":
        return None
    return Cure(trouble.at(f"`{shorten(trouble.found)}` is not a comment", "comments begin with `#`"), take="")


def _equals(trouble: Trouble) -> Cure | None:
    if trouble.found != "=" or "COLON" not in trouble.accepted:
        return None
    return Cure(
        trouble.at("`=` found where `:` was expected", f"write `{trouble.before()}: {_value_behind(trouble)}`"), take="COLON"
    )


def _value_behind(trouble: Trouble) -> str:
    return shorten(trouble.text(trouble.index + 1)) if trouble.near(1) in _VALUES else "…"


def _glued_arrow(trouble: Trouble) -> Cure | None:
    if trouble.kind != "OPERATOR" or trouble.opening or trouble.near(-1) != "NAME":
        return None
    word = trouble.text(trouble.index - 1)
    if trouble.found == ">" and word.endswith("-x") and trouble.tokens.ends[trouble.index - 1] == trouble.span.start:
        return Cure(
            trouble.at(
                f"`{shorten(word)}` is read as a name, so `>` is no arrow behind it",
                f"put a blank before the arrow: `{shorten(word[:-2])} -x>`",
            ),
            lost=True,
        )
    if "ARROW" in trouble.accepted and trouble.found in ("<", "<="):
        return Cure(_leftwards(trouble), lost=True)
    if "ARROW" in trouble.accepted and trouble.found == ">":
        return Cure(trouble.at("`>` is not an arrow", "write `->`"), take="ARROW")
    return None


def _digit_first(trouble: Trouble) -> Cure | None:
    if trouble.kind != "NUMBER" or "NAME" not in trouble.accepted or "NUMBER" in trouble.accepted:
        return None
    word = trouble.found
    if not word[0].isdigit() or not word.replace("_", "a").isalnum() or word.isdigit():
        return None
    after_kind = trouble.index == trouble.begun + 1
    if after_kind and trouble.near(1) not in ("STRING", "LBRACE"):
        return None
    return Cure(
        trouble.at(f"`{shorten(word)}` begins with a digit, and names begin with a letter", f"call it `_{shorten(word)}`"),
        take="NAME",
    )


def _missing_colon(trouble: Trouble) -> Cure | None:
    if trouble.opening or trouble.kind not in ("NUMBER", "PERCENTILE", "OPERATOR", "FRACTION"):
        return None
    if "COLON" in trouble.accepted:
        before = trouble.before()
        return Cure(
            trouble.at(
                f"`{shorten(trouble.found)}` found behind `{before}`, where `:` was expected",
                f"a setting takes a colon: `{before}: {shorten(trouble.found)}`",
            ),
            insert="COLON",
        )
    if "LBRACE" in trouble.accepted and trouble.tokens.kinds[trouble.begun] == "NAME" and "ARROW" not in trouble.accepted:
        word = shorten(trouble.text(trouble.begun))
        return Cure(
            trouble.at(_plainly(trouble), f"a setting takes a colon behind its name: `{word}: …`"), lost=True
        )
    return None


def _stray_brace(trouble: Trouble) -> Cure | None:
    if trouble.kind != "RBRACE" or not trouble.opening or not trouble.outermost:
        return None
    return Cure(trouble.at("`}` closes nothing: no `{` is open here", "remove it, or open its block above"))


def _bare_title(trouble: Trouble) -> Cure | None:
    if trouble.opening or "LBRACE" not in trouble.accepted or trouble.kind not in ("NAME", "PERCENTILE", "STRAY"):
        return None
    if trouble.near(-1) == "STRING":
        return Cure(trouble.at(_plainly(trouble), "the names stand before the title, and the title is one string"))
    if "COLON" in trouble.accepted or "STRING" not in trouble.accepted:
        return None
    return Cure(
        trouble.at(
            f"`{shorten(trouble.found)}` found where {_expected(trouble)} was expected",
            f'a title stands in quotes: `"{trouble.rest()}"`; several names are joined by commas',
        )
    )


def _in_arrow(trouble: Trouble) -> Cure | None:
    if not trouble.in_arrow or trouble.kind == "$END":
        return None
    if trouble.opening or "COLON" in trouble.accepted:
        return Cure(
            trouble.at(
                f"{_found(trouble)} cannot stand here: the braces of an arrow hold settings only",
                "write settings such as `latency: 0.5ms`, and move anything else out of the braces",
            )
        )
    return None


def _nothing_given(trouble: Trouble) -> Cure | None:
    if trouble.opening or trouble.kind not in ("_NL", "SEMICOLON", "RBRACE", "$END"):
        return None
    last = trouble.near(-1)
    if last == "COLON":
        return Cure(trouble.at(_plainly(trouble), f"write a value behind `{trouble.before()}`, or remove it"))
    if last in ("ARROW", "AMPERSAND", "COMMA", "_NL"):
        return Cure(trouble.at(_plainly(trouble), f"`{trouble.before()}` goes on: say with what, or end it sooner"))
    if last == "DOT":
        return Cure(trouble.at(_plainly(trouble), "write the name that belongs behind the dot, or remove the dot"))
    return None


def _wrong_opening(trouble: Trouble) -> Cure | None:
    if not trouble.opening:
        return None
    helps = {
        "ARROW": "an arrow joins two components; a chain goes on to the next line only after a trailing arrow",
        "AMPERSAND": "`&` joins two components; it goes on to the next line only when it ends the line",
        "STRING": 'a string belongs to a thing or a setting: `kind name "title"`, `name: "text"`',
        "LBRACE": 'a block belongs to a thing: `kind name "title" { … }`',
        "COLON": "a setting begins with its name: `name: value`",
        "NUMBER": "a value belongs to a setting: `name: value`",
        "COMMA": "a list goes on to the next line only when the comma ends the line",
    }
    help = helps.get(trouble.kind)
    return None if help is None else Cure(trouble.at(_plainly(trouble), help))


def _misplaced(trouble: Trouble) -> Cure | None:
    if trouble.opening:
        return None
    help = ""
    if trouble.kind == "STRAY" and trouble.found[0] in "([":
        help = "a list is written with commas, without brackets"
    elif trouble.kind == "LBRACE" and "COMMA" in trouble.accepted:
        help = 'a setting has no block; a thing is written `kind name "title" { … }`'
    elif trouble.kind == "COLON" and "LBRACE" in trouble.accepted:
        help = "a setting has one name before its colon, or names joined by dots: `redis.hit: 0%`"
    elif trouble.kind == "COLON" and "COMMA" in trouble.accepted:
        help = "one setting a statement: end the one before with a new line or `;`"
    return Cure(trouble.at(_plainly(trouble), help)) if help else None


SLIPS: tuple[Callable[[Trouble], Cure | None], ...] = (
    _unclosed,
    _huge,
    _deep,
    _quoted,
    _arrowlike,
    _fraction,
    _slashes,
    _equals,
    _glued_arrow,
    _digit_first,
    _missing_colon,
    _stray_brace,
    _in_arrow,
    _bare_title,
    _nothing_given,
    _wrong_opening,
    _misplaced,
)
