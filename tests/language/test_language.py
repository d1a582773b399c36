"""What a text says: the Document that is read from it, and what is said about its slips."""

from __future__ import annotations

import json
from typing import Any

import pytest
from lark import Lark

from archboard import resources
from archboard.language import parse as parsing
from archboard.language.parse import parse, read
from archboard.language.syntax import (
    Arrow,
    Comment,
    Document,
    Name,
    Number,
    Operator,
    Path,
    Percentile,
    Setting,
    Statement,
    Text,
    Thing,
    Value,
)
from archboard.source import Source, Span


def document(text: str) -> Document:
    found, diagnostics = parse(Source("x.arch", text))
    assert diagnostics == ()
    return found


def shape(node: Any) -> Any:
    """A statement as nested tuples, without its spans."""
    match node:
        case Setting():
            return (node.path.text, *(tuple(shape(atom) for atom in value.atoms) for value in node.values))
        case Thing():
            body = None if node.body is None else [shape(each) for each in node.body]
            title = node.title and node.title.text
            return (node.kind.text, [name.text for name in node.names], title, body)
        case Arrow():
            body = None if node.body is None else [shape(each) for each in node.body]
            stages = ["&".join(path.text for path in stage) for stage in node.stages]
            return (stages, [arrow.text for arrow in node.arrows], node.title and node.title.text, body)
        case Number():
            return (node.value, node.unit)
        case Percentile():
            return node.fraction
        case Text():
            return f'"{node.text}"'
        case _:
            return node.text


def shapes(text: str) -> list[Any]:
    return [shape(statement) for statement in document(text).statements]


def value(text: str) -> tuple[Any, ...]:
    (setting,) = shapes(f"x: {text}")
    return tuple(setting[1]) if len(setting) == 2 else tuple(setting[1:])


def told(text: str) -> list[tuple[str, str, str]]:
    """Return code, the words underlined, and the message of everything said about a text."""
    _, diagnostics = parse(Source("x.arch", text))
    assert all(diagnostic.help for diagnostic in diagnostics)
    return [(item.rule.code, item.span.text, item.message) for item in diagnostics]


def kept(text: str) -> list[Any]:
    found, diagnostics = parse(Source("x.arch", text))
    assert len(diagnostics) == 1, [item.message for item in diagnostics]
    return [shape(statement) for statement in found.statements]


def span(source: Source, words: str) -> Span:
    start = source.text.index(words)
    return Span(source, start, start + len(words))


def test_a_thing_knows_where_each_of_its_words_stands() -> None:
    source = Source("x.arch", '# top\ncache redis "Redis" { hit: 80% } # end\n')
    at = lambda words: span(source, words)  # noqa: E731
    hit = Name("hit", at("hit"))
    setting = Setting(Path((hit,), hit.span), (Value((Number(80.0, "%", at("80%")),), at("80%")),), at("hit: 80%"))
    thing = Thing(
        Name("cache", at("cache")),
        (Name("redis", at("redis")),),
        Text("Redis", at('"Redis"')),
        (setting,),
        at('cache redis "Redis"'),
        at('cache redis "Redis" { hit: 80% }'),
    )
    comments = (Comment("# top", True, at("# top")), Comment("# end", False, at("# end")))
    assert document(source.text).statements != ()
    assert parse(source) == (Document(source, (thing,), comments), ())


def test_an_arrow_keeps_its_stages_and_arrows() -> None:
    source = Source("x.arch", 'us.a & b -> c "go" { share: 30% }')
    found, _ = parse(source)
    at = lambda words: span(source, words)  # noqa: E731
    (arrow,) = found.statements
    assert isinstance(arrow, Arrow)
    assert arrow.stages[0][0] == Path((Name("us", at("us")), Name("a", at("a"))), at("us.a"))
    assert arrow.arrows == (Operator("->", at("->")),)
    assert arrow.span == source.span(0, len(source.text))
    assert shape(arrow) == (["us.a&b", "c"], ["->"], "go", [("share", ((30.0, "%"),))])


def test_a_statement_ends_at_a_line_a_semicolon_a_brace_and_its_own_brace() -> None:
    assert shapes("a{b{c: 1;d: 2}e}f {}g: 1\n;;h\n\n") == [
        ("a", [], None, [("b", [], None, [("c", ((1.0, ""),)), ("d", ((2.0, ""),))]), ("e", [], None, None)]),
        ("f", [], None, []),
        ("g", ((1.0, ""),)),
        ("h", [], None, None),
    ]


def test_a_trailing_comma_arrow_or_ampersand_goes_on() -> None:
    assert shapes('does: "a", # one\n\n "b"\na ->\n b &\n c\nregion us,\n eu { }') == [
        ("does", ('"a"',), ('"b"',)),
        (["a", "b&c"], ["->"], None, None),
        ("region", ["us", "eu"], None, []),
    ]


def test_things_may_have_no_name_or_several() -> None:
    assert shapes('scenario "t" { redis.hit: 0% }\nlet { pods: 20 }\nimport "a.arch"\nregion us, eu "R"') == [
        ("scenario", [], "t", [("redis.hit", ((0.0, "%"),))]),
        ("let", [], None, [("pods", ((20.0, ""),))]),
        ("import", [], "a.arch", None),
        ("region", ["us", "eu"], "R", None),
    ]


def test_no_word_is_reserved() -> None:
    assert shapes("design -> p99 -> rate\nx: p99, us.p99, p99-a\np50: by\ncache p99") == [
        (["design", "p99", "rate"], ["->", "->"], None, None),
        ("x", (0.99,), ("us.p99",), ("p99-a",)),
        ("p50", ("by",)),
        ("cache", ["p99"], None, None),
    ]


def test_a_name_never_ends_in_a_dash() -> None:
    assert shapes("a->b\na-b -x> c_1\na<->b~>c") == [
        (["a", "b"], ["->"], None, None),
        (["a-b", "c_1"], ["-x>"], None, None),
        (["a", "b", "c"], ["<->", "~>"], None, None),
    ]


def test_any_letter_is_a_letter_and_composed_the_same_way() -> None:
    assert shapes("cafe\u0301 -> नमस्ते -> 東京") == [(["café", "नमस्ते", "東京"], ["->", "->"], None, None)]


@pytest.mark.parametrize(
    ("text", "number", "unit"),
    [
        ("1_000", 1000.0, ""),
        ("10.5", 10.5, ""),
        ("1e6", 1e6, ""),
        ("10k", 1e4, ""),
        ("10M", 1e7, ""),
        ("7B", 7.0, "B"),
        ("7B tokens", 7e9, "tokens"),
        ("10ms", 0.01 * 1000, "ms"),
        ("10 ms", 10.0, "ms"),
        ("-5ms", -5.0, "ms"),
        ("1e3ms", 1000.0, "ms"),
        ("5m", 5.0, "m"),
        ("5min", 5.0, "min"),
        ("10k rps", 1e4, "rps"),
        ("10.5k rps", 10500.0, "rps"),
        ("10Mrps", 1e7, "rps"),
        ("10 k rps", 1e4, "rps"),
        ("10k tokens/s", 1e4, "tokens/s"),
        ("100k txn/s", 1e5, "txn/s"),
        ("600 GB/s", 600.0, "GB/s"),
        ("24GiB", 24.0, "GiB"),
        ("16MB", 16.0, "MB"),
        ("1/h", 1.0, "/h"),
        ("1 /h", 1.0, "/h"),
        ("3 requests / day", 3.0, "requests/day"),
        ("80%", 80.0, "%"),
        ("80 %", 80.0, "%"),
        ("3x", 3.0, "x"),
        ("1 month", 1.0, "month"),
        ("125 TFLOPS", 125.0, "TFLOPS"),
        ("$1.50/h", 1.5, "$/h"),
        ("$900/month", 900.0, "$/month"),
        ("$2/Mtokens", 2.0, "$/Mtokens"),
        ("$0.0003/request", 0.0003, "$/request"),
        ("$5k", 5000.0, "$"),
        ("10\u00a0ms", 10.0, "ms"),
    ],
)
def test_a_quantity_is_a_number_and_its_unit(text: str, number: float, unit: str) -> None:
    assert value(text) == ((number, unit),)


def test_values_are_atoms_between_commas() -> None:
    assert value("p99 < 50ms by independent") == (0.99, "<", (50.0, "ms"), "by", "independent")
    assert value("p99.9<50ms") == (0.999, "<", (50.0, "ms"))
    assert value("throughput >= 10k rps by sum") == ("throughput", ">=", (1e4, "rps"), "by", "sum")
    assert value("2ms..5ms") == ((2.0, "ms"), "..", (5.0, "ms"))
    assert value("4..20") == ((4.0, ""), "..", (20.0, ""))
    assert value("p50 3ms, p99 10ms, service") == ((0.5, (3.0, "ms")), (0.99, (10.0, "ms")), ("service",))


def test_strings_lose_their_quotes_and_escapes() -> None:
    assert value(r'"a # \"b\" \\ \n c"') == ('"a # "b" \\ \n c"',)
    assert value('"""\n    one\n      two "quoted"\n    """') == ('"one\n  two "quoted""',)
    assert value('"""a\n   b\n   c"""') == ('"a\nb\nc"',)
    assert value('""') == ('""',)


def test_the_reference_design_reads_without_a_word() -> None:
    found = document(resources.text("designs", "recsys.arch"))
    assert len(found.statements) == 24
    assert shape(found.statements[-1]) == (
        "scenario",
        [],
        "Black Friday, three times the traffic",
        [("web.rate", ((30000.0, "rps"),)), ("expect", ("fail",))],
    )


def test_the_table_that_ships_is_the_grammars() -> None:
    made = json.loads(json.dumps(parsing.make_table(resources.text("grammars", "archboard.lark"))))
    held = json.loads(parsing.TABLE.read_text("utf-8"))
    assert made == held, 'run python -c "from archboard.language import parse; parse.write_table()"'


def test_lark_itself_reads_the_reference_design_with_the_grammar() -> None:
    grammar = Lark(resources.text("grammars", "archboard.lark"), parser="lalr", lexer="contextual", strict=False)
    assert grammar.parse(resources.text("designs", "recsys.arch")).data == "start"


def test_line_ends_and_a_byte_order_mark_make_no_difference() -> None:
    text = 'a "x" {\n b: """\n  one\n  two"""\n}\n# c\n'
    plain, _ = read("x", text.encode())
    for other in (text.replace("\n", "\r\n"), text.replace("\n", "\r"), "\ufeff" + text):
        source, diagnostics = read("x", other.encode())
        assert (source.text, diagnostics) == (plain.text, ())


def test_bytes_that_are_no_text_are_told_where_they_stand() -> None:
    for data, line, column in ((b"a: 1\r\nb: \xff\xfe", 2, 4), (b"a: 1\nb\0c", 2, 2), (b"\xe4", 1, 1)):
        _, (found,) = read("x", data)
        assert (found.rule.code, found.span.line, found.span.column) == ("AB102", line, column)
    source, (found,) = read("x", b"#" * (4 * 1024 * 1024 + 1))
    assert (found.rule.code, source.text) == ("AB102", "")


REDIS = ("cache", ["redis"], None, [("hit", ((80.0, "%"),))])


@pytest.mark.parametrize(
    ("text", "words", "statements"),
    [
        ("cache redis { hit: 80%; bad: ; }", ";", [REDIS]),
        ("cache redis { hit = 80% }", "=", [REDIS]),
        ("cache redis { hit 80% }", "80%", [REDIS]),
        ("cache redis = { hit: 80% }", "=", [REDIS]),
        ("cache redis { hit: 80%\n latency p50 3ms, p99 4ms }", "3ms", [REDIS]),
        ("cache redis { hit: 80%,\n }", ",", [REDIS]),
        ("cache redis\n{\n hit: 80%\n}", "{", [REDIS]),
        ("cache redis Redis cluster { hit: 80% }", "Redis", [REDIS]),
        ("cache redis { hit: 80% } }\na -> b", "}", [REDIS, (["a", "b"], ["->"], None, None)]),
        ("cache redis { hit: 80% } : 3", ":", [REDIS]),
        ("cache redis { hit: 80% @ 3; a: 1 }", "@", [("cache", ["redis"], None, [("a", ((1.0, ""),))])]),
        ("// cache\ncache redis { hit: 80% }", "// cache", [REDIS]),
        ('cache 2nd "Second"', "2nd", [("cache", ["2nd"], "Second", None)]),
        ("9a -> b", "9a", [(["9a", "b"], ["->"], None, None)]),
        ("a: .5", ".5", [("a", ((0.5, ""),))]),
        ("a: 1,\nb: 2", ",", [("a", ((1.0, ""),)), ("b", ((2.0, ""),))]),
        ("a: 1,\nb -> c", ",", [("a", ((1.0, ""),)), (["b", "c"], ["->"], None, None)]),
        ("a: 1, 2,\nb { }", ",", [("a", ((1.0, ""),), ((2.0, ""),)), ("b", [], None, [])]),
        ("a: 1,, 2\nb: 2", ",", [("b", ((2.0, ""),))]),
        ("a: 1\n}\nb: 2", "}", [("a", ((1.0, ""),)), ("b", ((2.0, ""),))]),
        ("a: 1e999\nb: 2", "1e999", [("b", ((2.0, ""),))]),
        ("a: x 'y'", "'y'", [("a", ("x", '"y"'))]),
        (r'a: "x\ty"', r"\t", [("a", (r'"x\ty"',))]),
        ("a -> b {\n cache x { hit: 3 }\n share: 1\n}", "x", [(["a", "b"], ["->"], None, [("share", ((1.0, ""),))])]),
        ("a -> b { c -> d }", "->", [(["a", "b"], ["->"], None, [])]),
        ("a -> ; b: 1", ";", [("b", ((1.0, ""),))]),
    ],
)
def test_one_slip_is_told_once_and_costs_no_more_than_itself(
    text: str, words: str, statements: list[Statement]
) -> None:
    ((_, underlined, _),) = told(text)
    assert underlined == words
    assert kept(text) == statements


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("=>", "->"), ("-->", "->"), ("==>", "->"), ("->>", "->"), ("—>", "->"), ("→", "->"), (">", "->"),
        ("<=>", "<->"), ("<-->", "<->"), ("↔", "<->"), ("~~>", "~>"), ("-X>", "-x>"), ("--x>", "-x>"), ("-x->", "-x>"),
    ],
)  # fmt: skip
def test_an_arrow_of_another_language_is_taken_for_ours(typed: str, meant: str) -> None:
    found, (diagnostic,) = parse(Source("x", f"a {typed} b"))
    assert [shape(each) for each in found.statements] == [(["a", "b"], [meant], None, None)]
    assert (diagnostic.message, diagnostic.help) == (f"`{typed}` is not an arrow", f"write `{meant}`")


@pytest.mark.parametrize("typed", ["<-", "<--", "←", "<="])
def test_an_arrow_to_the_left_is_turned_round(typed: str) -> None:
    _, (diagnostic,) = parse(Source("x", f"a {typed} b"))
    assert diagnostic.message == f"`{typed}` points to the left, and arrows point to the right"
    assert diagnostic.help == "turn it round: `b -> a`"


def test_messages_are_in_the_authors_words() -> None:
    assert told("x: }") == [("AB101", "}", "`}` found where a value was expected")]
    assert told("x:") == [("AB101", "", "the end of the file found where a value was expected")]
    assert told("x:\ny: 1") == [("AB101", "", "the end of the line found where a value was expected")]
    assert told("a ->") == [("AB101", "", "the end of the file found where a name was expected")]
    assert told("-> b") == [("AB101", "->", "`->` found where a statement was expected")]
    assert told("a.b c") == [("AB101", "c", "`c` found where `:` or an arrow was expected")]
    assert told("a-x>b") == [("AB101", ">", "`a-x` is read as a name, so `>` is no arrow behind it")]
    assert told('a b "c" "d"') == [("AB101", '"d"', '`"d"` found where `{` or the end of the statement was expected')]


def test_a_string_without_its_end_is_told_at_its_beginning() -> None:
    text = 'cache redis "Redis {\n holds: "all; hit: 80% \n}\na -> b'
    assert [(code, words) for code, words, _ in told(text)] == [("AB102", '"'), ("AB102", '"')]
    found, _ = parse(Source("x", text))
    assert [shape(each) for each in found.statements] == [
        ("cache", ["redis"], "Redis", [("holds", ('"all; hit: 80%"',))]),
        (["a", "b"], ["->"], None, None),
    ]
    assert told('a: 1\nb { c: """d }\n') == [("AB102", '"""', 'a `"""` text is opened here and never closed')]


def test_a_brace_without_its_end_is_told_at_its_beginning_and_ended_by_the_indentation() -> None:
    text = "design d {\n  a: 1\n\ngroup g {\n  cache r {\n    hit: 3\n  store s { }\n}\nx -> y\n"
    found, diagnostics = parse(Source("x", text))
    assert [(item.message, item.help) for item in diagnostics] == [
        ("`design d {` is never closed", "put `}` before line 4"),
        ("`cache r {` is never closed", "put `}` before line 7"),
    ]
    assert [note.span.text for item in diagnostics for note in item.notes] == ["g", "s"]
    assert [shape(each) for each in found.statements] == [
        ("design", ["d"], None, [("a", ((1.0, ""),))]),
        ("group", ["g"], None, [("cache", ["r"], None, [("hit", ((3.0, ""),))]), ("store", ["s"], None, [])]),
        (["x", "y"], ["->"], None, None),
    ]
    assert told("a {\nb {\nc: 1\n}\n") == [("AB102", "{", "`a {` is never closed")]
    assert told("{") == [("AB101", "{", "`{` found where a statement was expected")]


def test_every_slip_of_a_file_is_told_in_one_run_in_order() -> None:
    text = "a = 1\nb: \nc { d: @\n e: 1e999 }\nf => g\n}\nh: “i”\n"
    _, diagnostics = parse(Source("x", text))
    assert [(item.rule.code, item.span.line) for item in diagnostics] == [
        ("AB101", 1),
        ("AB101", 2),
        ("AB101", 3),
        ("AB102", 4),
        ("AB101", 5),
        ("AB101", 6),
        ("AB101", 7),
    ]
