"""What a mistake was meant to be: a message in the user's words, and how to read on.

Each known slip has one small function in `SLIPS`, tried in order; the first that recognises the
mistake words it. A `Cure` may also say what to take the token for, so that the statement survives.
"""

from __future__ import annotations

from collections.abc import Callable

from archboard.diagnostics import Diagnostic
from archboard.language.rules import UNREADABLE
from archboard.language.scan import DEEPEST
from archboard.language.trouble import VALUES, Trouble, expected, found, plainly, shorten
from archboard.records import record


@record
class Cure:
    """A diagnostic, and how to go on.

    `take` the token for a kind ("": leave it out) or `insert` one before it. With neither, what
    follows a head is passed over, unless the whole statement is `lost`.
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
    return Cure(trouble.at(plainly(trouble), 'write `name: value`, `kind name "title" { … }` or `a -> b`'))


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
        trouble.at(
            f"`{shorten(trouble.found)}` is in quotes that are none here", f'use straight double quotes: `"{text}"`'
        ),
        take="STRING",
    )


def _arrowlike(trouble: Trouble) -> Cure | None:
    if trouble.kind != "ARROWLIKE":
        return None
    if "NUMBER" in trouble.accepted and "ARROW" not in trouble.accepted:
        return Cure(trouble.at(f"`{shorten(trouble.found)}` is no comparison", "compare with `<`, `<=`, `>` or `>=`"))
    meant = arrow_meant(trouble.found)
    if meant is None:
        return Cure(_leftwards(trouble), lost=True)
    return Cure(trouble.at(f"`{shorten(trouble.found)}` is not an arrow", f"write `{meant}`"), take="ARROW")


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
        trouble.at(
            f"`{shorten(trouble.found)}` begins with a dot", f"write `{shorten(trouble.found.replace('.', '0.', 1))}`"
        ),
        take="NUMBER",
    )


def _slashes(trouble: Trouble) -> Cure | None:
    if trouble.kind != "SLASHES":
        return None
    return Cure(trouble.at(f"`{shorten(trouble.found)}` is not a comment", "comments begin with `#`"), take="")


def _equals(trouble: Trouble) -> Cure | None:
    if trouble.found != "=":
        return None
    if trouble.near(1) == "LBRACE" and "LBRACE" in trouble.accepted:
        return Cure(trouble.at("`=` found before a block", f"remove it: `{trouble.before()} {{`"), take="")
    if "COLON" not in trouble.accepted:
        return None
    return Cure(
        trouble.at("`=` found where `:` was expected", f"write `{trouble.before()}: {_value_behind(trouble)}`"),
        take="COLON",
    )


def _value_behind(trouble: Trouble) -> str:
    return shorten(trouble.text(trouble.index + 1)) if trouble.near(1) in VALUES else "…"


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
    if after_kind and trouble.near(1) not in ("STRING", "QUOTED", "LBRACE"):
        return None
    return Cure(
        trouble.at(
            f"`{shorten(word)}` begins with a digit, and names begin with a letter", f"call it `_{shorten(word)}`"
        ),
        take="NAME",
    )


def _missing_colon(trouble: Trouble) -> Cure | None:
    if trouble.opening or trouble.kind not in ("NUMBER", "PERCENTILE", "OPERATOR", "FRACTION"):
        return None
    if "COLON" in trouble.accepted:
        before = trouble.before()
        message = f"`{shorten(trouble.found)}` found behind `{before}`, where `:` was expected"
        help = f"a setting takes a colon: `{before}: {trouble.rest()}`"
        return Cure(trouble.at(message, help), insert="COLON")
    head = trouble.tokens.kinds[trouble.begun] == "NAME" and "ARROW" not in trouble.accepted
    if head and "LBRACE" in trouble.accepted:
        word, rest = shorten(trouble.text(trouble.begun)), trouble.rest(trouble.begun + 1)
        help = f"a setting takes a colon behind its name: `{word}: {rest}`"
        return Cure(trouble.at(plainly(trouble), help), lost=True)
    return None


def _stray_brace(trouble: Trouble) -> Cure | None:
    if trouble.kind != "EXTRA" or not trouble.opening:
        return None
    return Cure(trouble.at("`}` closes nothing: no `{` is open here", "remove it, or open its block above"))


def _bare_title(trouble: Trouble) -> Cure | None:
    if trouble.opening or "LBRACE" not in trouble.accepted or trouble.kind not in ("NAME", "PERCENTILE", "STRAY"):
        return None
    if trouble.near(-1) == "STRING":
        return Cure(trouble.at(plainly(trouble), "the names stand before the title, and the title is one string"))
    if "COLON" in trouble.accepted or "STRING" not in trouble.accepted:
        return None
    return Cure(
        trouble.at(
            f"`{shorten(trouble.found)}` found where {expected(trouble)} was expected",
            f'a title stands in quotes: `"{trouble.rest()}"`; several names are joined by commas',
        )
    )


def _in_arrow(trouble: Trouble) -> Cure | None:
    if not trouble.in_arrow or trouble.kind == "$END":
        return None
    if trouble.opening or "COLON" in trouble.accepted:
        return Cure(
            trouble.at(
                f"{found(trouble)} cannot stand here: the braces of an arrow hold settings only",
                "write settings such as `latency: 0.5ms`, and move anything else out of the braces",
            )
        )
    return None


def _nothing_given(trouble: Trouble) -> Cure | None:
    if trouble.opening or trouble.kind not in ("_NL", "SEMICOLON", "RBRACE", "EXTRA", "$END"):
        return None
    last = trouble.near(-1)
    if last == "COLON":
        return Cure(trouble.at(plainly(trouble), f"write a value behind `{trouble.before()}`, or remove it"))
    if last in ("ARROW", "AMPERSAND", "COMMA", "_NL"):
        return Cure(trouble.at(plainly(trouble), f"`{trouble.before()}` goes on: say with what, or end it sooner"))
    if last == "DOT":
        return Cure(trouble.at(plainly(trouble), "write the name that belongs behind the dot, or remove the dot"))
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
    return None if help is None else Cure(trouble.at(plainly(trouble), help))


def _misplaced(trouble: Trouble) -> Cure | None:
    if trouble.opening:
        return None
    help, lost = "", False
    if trouble.kind == "STRAY" and trouble.found[0] in "([":
        help = "a list is written with commas, without brackets"
    elif trouble.kind == "LBRACE" and "COMMA" in trouble.accepted:
        help = 'a setting has no block; a thing is written `kind name "title" { … }`'
    elif trouble.kind == "COLON" and "LBRACE" in trouble.accepted:
        help = "a setting has one name before its colon, or names joined by dots: `redis.hit: 0%`"
        if "ARROW" in trouble.accepted:
            help = "a file names no setting of an arrow: give the value a name in a `let`, and change that"
        lost = True
    elif trouble.kind == "COLON" and "COMMA" in trouble.accepted:
        help = "one setting a statement: end the one before with a new line or `;`"
    return Cure(trouble.at(plainly(trouble), help), lost=lost) if help else None


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
