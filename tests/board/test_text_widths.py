"""Widths are the shipped font's own, and wrapping loses nothing."""

import pytest
from fontTools.ttLib import TTFont
from hypothesis import given
from hypothesis import strategies as st

from archboard import resources
from archboard.board.writing import text_widths as metrics
from archboard.board.writing.text_widths import balanced, clean, isolate, places, text_width, wrap

NEEDED = "0123456789·→←↔↑↓≤≥≈≠×÷±µ%−…“”‘’–—€$✓✗∞√ρλσμπΔ□"


@pytest.mark.parametrize("name", ["ArchboardHand.ttf", "ArchboardHand.woff2"])
def test_the_width_table_is_the_advances_of_the_font(name: str) -> None:
    font = TTFont(resources.folder("fonts") / name)
    advances = {chr(code): font["hmtx"][glyph][0] for code, glyph in font.getBestCmap().items()}
    assert {c: round(w * 1000) for c, w in metrics.table().hand.items()} == advances
    assert not {"GPOS", "GSUB", "kern"} & set(font.keys())
    assert metrics.ascent(1000) == font["hhea"].ascent
    assert metrics.descent(1000) == -font["hhea"].descent


def test_the_fallback_table_is_the_advances_of_the_fallback_font() -> None:
    font = TTFont(resources.folder("fonts") / "ArchboardFallback.ttf")
    em = font["head"].unitsPerEm
    for code, glyph in font.getBestCmap().items():
        expected = font["hmtx"][glyph][0] / em * metrics.FALLBACK_SCALE
        assert metrics.table().fallback[chr(code)] == pytest.approx(expected, abs=1e-6)


def test_the_handwriting_has_what_numbers_need() -> None:
    assert [c for c in NEEDED if c not in metrics.table().hand] == []


def test_the_family_is_renamed_and_its_licence_is_shipped() -> None:
    names = TTFont(resources.folder("fonts") / "ArchboardHand.ttf")["name"]
    assert (names.getDebugName(1), names.getDebugName(4)) == ("Archboard Hand", "Archboard Hand")
    assert "SIL OPEN FONT LICENSE Version 1.1" in resources.text("fonts", "OFL.txt")
    assert "Bitstream" in resources.text("fonts", "DejaVu-LICENSE.txt")


def test_the_embedded_font_is_small() -> None:
    assert len(resources.binary("fonts", "ArchboardHand.woff2")) < 40_000


def test_a_width_is_the_sum_of_its_characters_times_the_size() -> None:
    assert text_width("10.5k", 20) == pytest.approx(sum(text_width(c, 20) for c in "10.5k"))
    assert text_width("p99", 20) == 2 * text_width("p99", 10) == text_width("p99", 20, bold=True)


def test_ideographs_and_emoji_are_one_em_wide_and_joined_ones_count_once() -> None:
    assert [text_width(t, 10) for t in ("日本", "😀", "👍🏽", "👨‍👩‍👧‍👦")] == [20, 10, 10, 10]
    assert [places(t) for t in ("日本", "👍🏽", "👨‍👩‍👧‍👦", "e\u0301")] == [2, 1, 1, 1]


def test_words_stay_whole_where_they_fit() -> None:
    assert wrap("a very long label that goes on and on", 16, 90) == (
        "a very long",
        "label that goes",
        "on and on",
    )


def test_long_words_break_where_a_reader_would() -> None:
    assert wrap("https://example.com/v1/generate", 16, 90) == ("https://", "example.com/", "v1/generate")
    assert wrap("CandidateGenerationService", 16, 90) == ("Candidate", "Generation", "Service")
    assert wrap("日本語のとても長いラベルです。改行", 16, 90) == (
        "日本語のと",
        "ても長いラ",
        "ベルです。",
        "改行",
    )


def test_no_break_falls_into_a_number() -> None:
    assert wrap("0.0003-0.0005,0.0007", 16, 60) == ("0.0003-", "0.0005,", "0.0007") or all(
        not line.startswith(".") for line in wrap("0.0003-0.0005,0.0007", 16, 60)
    )


def test_balanced_lines_are_alike() -> None:
    greedy, even = (
        wrap("Two-tower model training job", 16, 150),
        balanced("Two-tower model training job", 16, 150),
    )
    assert (greedy, even) == (("Two-tower model training", "job"), ("Two-tower model", "training job"))


@given(st.text(max_size=60), st.floats(1, 300))
def test_wrapping_loses_only_spaces_and_overflows_only_with_single_characters(text: str, width: float) -> None:
    for lines in (wrap(text, 16, width), balanced(text, 16, width)):
        assert "".join(lines).replace(" ", "") == clean(text).replace(" ", "")
        assert len(lines) >= 1
        assert all(text_width(line, 16) <= width + 1e-9 or places(line) <= 1 for line in lines)


@given(st.text(st.characters(), max_size=60))
def test_clean_text_is_legal_and_clean_twice_is_clean_once(text: str) -> None:
    once = clean(text)
    assert clean(once) == once
    assert all(c >= " " and not 0xD800 <= ord(c) <= 0xDFFF and ord(c) & 0xFFFE != 0xFFFE for c in once)


def test_hostile_characters_are_replaced_or_dropped() -> None:
    assert clean("a\tb\r\nc\x00\x1b[0m\ud800\uffff\u202e") == "a b c[0m\ufffd\ufffd"


def test_only_text_read_from_the_right_is_isolated() -> None:
    assert (isolate("Redis"), isolate("שלום")) == ("Redis", "\u2068שלום\u2069")
