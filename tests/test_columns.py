"""What lines up in a terminal: tables, underlines and wrapped lines, in any script and with emoji."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest
import wcwidth

import archboard
from archboard.columns import _NARROW, columns, cut, padded, wrapped
from archboard.compiler import compile_source
from archboard.renderers.report.diagnostics import clean, plain, render
from archboard.renderers.tables import aligned
from archboard.source import Source
from tests.commands import RECSYS, ROOT
from tests.commands import archboard as run

FAMILY = "👨\u200d👩\u200d👧"
SRC = Path(archboard.__file__).parent


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("", 0),
        ("ranker", 6),
        ("Größe · 5 µs → ✓", 16),
        ("推薦", 4),
        ("ｶﾅ", 2),
        ("한국", 4),
        ("\u1112\u1161\u11ab", 2),
        ("📚", 2),
        (FAMILY, 2),
        ("👍🏽", 2),
        ("🇩🇪", 2),
        ("❤", 1),
        ("❤\ufe0f", 2),
        ("cafe\u0301", 4),
        ("ספרים", 5),
        ("שָׁלוֹם", 4),
        ("كاش", 3),
        ("می\u200cخواهم", 7),
        ("a\tb", 3),
        ("α ± § ①", 7),
    ],
)
def test_a_text_takes_the_columns_that_a_terminal_gives_it(text: str, taken: int) -> None:
    assert columns(text) == taken


def test_what_is_only_counted_takes_one_column_a_character() -> None:
    counted = [chr(code) for code in range(0x110000) if _NARROW.fullmatch(chr(code))]
    assert [c for c in counted if wcwidth.wcwidth(c) != 1] == []
    assert len(counted) > 1000
    assert wcwidth.wcswidth("".join(counted)) == len(counted)


def test_a_table_of_every_script_lines_up() -> None:
    rows = [
        ("✓", "ranker", "5 ms"),
        ("✗", "推薦", "12 ms"),
        ("✓", FAMILY, "7 ms"),
        ("✓", "cafe\u0301", "8 ms"),
        ("–", "ספרים", "9 ms"),
        ("✓", "❤\ufe0f", "1 ms"),
    ]
    assert aligned("what", rows, plain).splitlines() == [
        "what",
        "  ✓  ranker  5 ms",
        "  ✗  推薦    12 ms",
        f"  ✓  {FAMILY}      7 ms",
        "  ✓  cafe\u0301    8 ms",
        "  –  ספרים   9 ms",
        "  ✓  ❤\ufe0f      1 ms",
    ]


def test_a_text_is_filled_on_either_side_and_never_cut() -> None:
    assert (padded("推薦", 6), padded("推薦", 6, end=True), padded("推薦", 3)) == ("推薦  ", "  推薦", "推薦")


def test_a_cut_takes_nothing_apart_that_is_read_as_one() -> None:
    assert [cut(f"ab推{FAMILY}e\u0301x", width) for width in range(1, 9)] == [
        "a", "ab", "ab", "ab推", "ab推", f"ab推{FAMILY}", f"ab推{FAMILY}e\u0301", f"ab推{FAMILY}e\u0301x",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("one two three four", [" 1  one two", "    three", "    four"]),
        ("二秒以内に答える", [" 1  二秒以内", "    に答える"]),
        (f"two {FAMILY} {FAMILY} 推薦", [f" 1  two {FAMILY} {FAMILY}", "    推薦"]),
    ],
)
def test_lines_are_wrapped_at_what_they_take(text: str, lines: list[str]) -> None:
    assert wrapped(text, 13, " 1  ", "    ").splitlines() == lines


def excerpt(text: str, name: str) -> list[str]:
    """Return the source line and the underline of what is said of a name."""
    known = compile_source(Source("x.arch", text))
    shown = next(d for d in known.diagnostics if f"`{name}`" in d.message)
    return render([shown]).splitlines()[2:4]


@pytest.mark.parametrize(
    ("before", "name", "under"),
    [
        ("größe -> ", "nowhere", "    |          ^^^^^^^"),
        ("推薦 -> ", "nowhere", "    |         ^^^^^^^"),
        ("推薦 -> ", "図書館", "    |         ^^^^^^"),
        ("ספרים -> ", "nowhere", "    |          ^^^^^^^"),
        ("\t推薦\t->\t", "nowhere", "    |          ^^^^^^^"),
    ],
)
def test_an_underline_stands_under_its_words(before: str, name: str, under: str) -> None:
    shown, marked = excerpt(f"design d\nservice 推薦\nservice ספרים\n{before}{name}\n", name)
    assert marked == under
    assert shown == f"  4 | {before.replace(chr(9), ' ')}{name}"


def test_an_underline_in_a_long_line_of_ideographs_stands_under_its_words_too() -> None:
    title = "図" * 120
    shown, marked = excerpt(f'design d\nservice a "{title}" {{ latency: p99 5ms; tty: 1; does: "{title}" }}\n', "tty")
    assert shown.index("tty") < len(shown) - 3
    assert columns(shown[: shown.index("tty")]) == marked.index("^")
    assert columns(shown) <= 160 + len("  2 | ")


def test_joined_emoji_stay_joined_and_what_hides_is_shown() -> None:
    assert clean(FAMILY) == FAMILY
    assert clean("می\u200cخواهم") == "می\u200cخواهم"
    assert clean("ran\u200dker\u200d \u202eevil\x1b[31m 推\u200d\u200d薦") == "ran␣ker␣ ␣evil␣[31m 推␣␣薦"


def test_a_report_in_every_script_has_its_numbers_under_each_other() -> None:
    said = run("check", ROOT / "tests" / "designs" / "unicode_labels.arch").out
    assert said[said.index("fullest first") :].splitlines()[1:6] == [
        "  推薦       40%     120/s of 300/s     6 × 50/s",
        "  αναζήτηση  33.33%  120/s of 360/s     6 × 60/s",
        "  größe      25%     200/s of 800/s     2 × 400/s",
        "  ספרים      6.667%  120/s of 1,800/s   2 × 900/s",
        "  كاش        2%      200/s of 10,000/s  2 × 5,000/s",
    ]


def test_the_tables_of_widths_are_not_loaded_for_a_design_in_latin_letters() -> None:
    code = (
        "import sys; sys.argv = ['archboard', 'check', sys.argv[1]]\n"
        "from archboard.faces.cli import main\n"
        "try: main()\n"
        "except SystemExit: print('wcwidth' in sys.modules, file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(RECSYS)], capture_output=True, text=True, check=True)
    assert done.stderr == "False\n"


def test_nothing_is_filled_up_by_counting_characters() -> None:
    """Python's own ways to fill a text up count characters; for what people read there is `padded`."""
    counting = []
    for path in sorted(SRC.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            called = isinstance(node, ast.Attribute) and node.attr in ("ljust", "rjust", "center")
            spec = node.format_spec if isinstance(node, ast.FormattedValue) else None
            filled = spec is not None and re.match(r"f['\"].?[<>^]", ast.unparse(spec))
            if called or filled:
                counting.append(f"{path.relative_to(SRC)}:{node.lineno}")
    assert counting == []
