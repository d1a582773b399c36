"""Whatever a file holds, it is read in bounded time, and what is said about it is located and worded."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archboard import resources
from archboard.diagnostics import Diagnostic
from archboard.language.parse import parse, read
from archboard.language.syntax import Arrow, Document, Setting, Statement, Thing
from archboard.source import Source, Span

MIB = 1024 * 1024
DESIGN = resources.text("designs", "recsys.arch")
SOME = settings(max_examples=80, deadline=None)

HOSTILE = {
    "nested braces": "a {" * 10_000,
    "nested and closed": "a {" * 10_000 + "}" * 10_000,
    "a million braces": "{" * 999_999,
    "half a million closing braces": "}" * 500_000,
    "4 MiB of quotes": '"' * 4 * MIB,
    "quotes on lines": '"\n' * 300_000,
    "a million arrows": "a->" * 1_000_000,
    "an endless chain": "a->" * 490_000 + "a",
    "4 MiB of one name": "a" * 4 * MIB,
    "4 MiB of one number": "1" * 4 * MIB,
    "a number and blanks": "x: 1" + " " * (4 * MIB - 4),
    "4 MiB of dashes": "-" * 4 * MIB,
    "4 MiB of equals": "=" * 4 * MIB,
    "names and dashes": "a-" * 2 * MIB,
    "4 MiB of blanks": " " * 4 * MIB,
    "4 MiB of lines": "\n" * 4 * MIB,
    "a million empty lines": "#\n" * 499_000,
    "backslashes": '"' + "\\" * (4 * MIB - 1),
    "an open text": '"""' + '"a' * 2 * MIB,
    "slashes": "1/" * 2 * MIB,
    "stray signs on lines": "@\n" * 499_000,
    "backquotes": "`a" * 2 * MIB,
    "open blocks": "a {\n" * 200_000,
    "open strings": '"a {\n' * 200_000,
}


def spans(statements: tuple[Statement, ...]) -> Iterator[Span]:
    """Every span that the nodes of a Document carry, statements before what is in them."""
    for statement in statements:
        yield statement.span
        match statement:
            case Setting():
                yield from (name.span for name in statement.path.names)
                for value in statement.values:
                    yield value.span
                    yield from (atom.span for atom in value.atoms)
            case Thing():
                yield statement.head
                yield from (name.span for name in (statement.kind, *statement.names))
                yield from spans(statement.body or ())
            case Arrow():
                yield from (arrow.span for arrow in statement.arrows)
                yield from (path.span for stage in statement.stages for path in stage)
                yield from spans(statement.body or ())


def hold(source: Source, document: Document, diagnostics: tuple[Diagnostic, ...]) -> None:
    """Assert what is true of every text: all is located inside it, worded, ordered and bounded."""
    size = len(source.text)
    found = [*spans(document.statements), *(item.span for item in (*document.comments, *diagnostics))]
    assert all(0 <= span.start <= span.end <= size and span.source is source for span in found)
    assert len(diagnostics) <= 51
    starts = [item.span.start for item in diagnostics]
    assert starts == sorted(starts)
    for item in diagnostics:
        assert item.message and item.help and item.message.isprintable()
        assert not re.search(r"_NL|__|\$END|[A-Z]{5,}", re.sub(r"`[^`]*`", "", item.message))
    for before, after in zip(document.statements, document.statements[1:], strict=False):
        assert before.span.end <= after.span.start


def check(text: str) -> tuple[Document, tuple[Diagnostic, ...]]:
    source = Source("x.arch", text)
    document, diagnostics = parse(source)
    hold(source, document, diagnostics)
    return document, diagnostics


@pytest.mark.parametrize("name", HOSTILE)
def test_no_file_takes_longer_than_its_length(name: str) -> None:
    source = Source("x.arch", HOSTILE[name])
    began = time.process_time()
    document, diagnostics = parse(source)
    assert time.process_time() - began < 8
    assert len(diagnostics) <= 51
    assert all(item.message and item.span.end <= len(source.text) for item in diagnostics)
    assert all(statement.span.end <= len(source.text) for statement in document.statements)


def test_blocks_nest_64_deep_and_no_deeper() -> None:
    assert check("a {" * 64 + "}" * 64)[1] == ()
    document, (found,) = check("a {" * 65 + "x: 1" + "}" * 65 + "\nb: 2")
    assert (found.rule.code, found.span.start, len(document.statements)) == ("AB102", 3 * 64 + 2, 2)


def test_what_is_too_much_for_a_whiteboard_is_refused_where_it_gets_too_much() -> None:
    document, (found,) = parse(Source("x.arch", "a: 1\n" * 300_000))
    assert (found.rule.code, found.span.start, document.statements) == ("AB102", 1_000_000, ())


def test_fifty_mistakes_are_told_and_the_rest_counted() -> None:
    document, diagnostics = check("a: @\n" * 60 + "b: 1")
    assert len(diagnostics) == 51
    assert diagnostics[-1].message == "10 more mistakes are not shown"
    assert len(document.statements) == 1


def test_five_thousand_components_are_read_while_one_waits() -> None:
    settings = "latency: p50 3ms, p99 10ms; throughput: 500 rps; replicas: 20"
    pair = 'model c{0} "C" {{ {1} }}\nc{0} -> c{2} {{ latency: 0.5ms }}\n'
    text = "".join(pair.format(number, settings, number + 1) for number in range(5000))
    source = Source("x.arch", text)
    began = time.process_time()
    document, diagnostics = parse(source)
    assert time.process_time() - began < 4
    assert (len(document.statements), diagnostics) == (10_000, ())


@SOME
@given(st.text())
def test_any_text_is_read(text: str) -> None:
    check(text.replace("\r", "\n"))


@SOME
@given(st.binary(max_size=400))
def test_any_bytes_are_read(data: bytes) -> None:
    source, diagnostics = read("x.arch", data)
    hold(source, Document(source, ()), diagnostics)
    if not diagnostics:
        check(source.text)


WORDS = (
    "a", "b-c", "p99", "p99.9", "10ms", "10k", "rps", "$2/Mtokens", "80%", "3x", "7B", "1e999", ".5", "9a", "cache",
    '"s"', '"open', '"""m"""', '"""', "->", "<->", "~>", "-x>", "=>", "<-", "→", "<", "<=", ">", ">=", "..", "=",
    "{", "}", "{", "}", "{", "}", ";", ":", ":", ":", ",", ",", "&", ".", "#", "//", "“q”", "'s'", "(", "[", "@",
    "\\", "redis", '"Redis"', "\n", "\n", "\n", "\n",
)  # fmt: skip


@settings(max_examples=250, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40), st.sampled_from(("", " ")))
def test_any_soup_of_words_is_read(words: list[str], between: str) -> None:
    check(between.join(words))


@SOME
@given(st.data())
def test_a_design_with_a_part_changed_is_read(data: st.DataObject) -> None:
    text = DESIGN
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(text)))
        length = data.draw(st.integers(0, 12))
        text = text[:at] + data.draw(st.sampled_from(("", *WORDS))) + text[at + length :]
    check(text)


@SOME
@given(
    st.integers(0, DESIGN.count("\n") - 1), st.sampled_from(("x: ", "a => b", "k k k k", "-> a", "cache @", "q = 1"))
)
def test_one_broken_line_among_good_ones_is_one_error_and_loses_nothing(line: int, broken: str) -> None:
    whole, _ = check(DESIGN)
    lines = DESIGN.split("\n")
    document, diagnostics = check("\n".join([*lines[:line], broken, *lines[line:]]))
    assert [item.span.line for item in diagnostics] == [line + 1]
    heads = [
        item.head.text
        for item in document.statements
        if isinstance(item, Thing) and not item.head.text.startswith("k k")
    ]
    assert heads == [item.head.text for item in whole.statements if isinstance(item, Thing)]


@SOME
@given(st.lists(st.sampled_from(WORDS), max_size=30))
def test_windows_line_ends_make_no_difference(words: list[str]) -> None:
    text = " ".join(words)
    one, _ = read("x.arch", text.encode())
    other, _ = read("x.arch", text.replace("\n", "\r\n").encode())
    assert one.text == other.text


@SOME
@given(st.lists(st.sampled_from(DESIGN.split("\n")[:55]), max_size=12))
def test_what_is_no_blank_is_in_a_statement_a_comment_or_an_error(lines: list[str]) -> None:
    source = Source("x.arch", "\n".join(lines))
    document, diagnostics = parse(source)
    if diagnostics:
        return
    rest = list(source.text)
    for item in (*document.statements, *document.comments):
        rest[item.span.start : item.span.end] = " " * (item.span.end - item.span.start)
    assert set(rest) <= set(" \n;")
