"""The walkthrough of the reference design carries its every fact, in words and in figures."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from archboard.compiler import Compilation, compile_source
from archboard.script import STYLES, Script, narrate
from archboard.source import Source

RECSYS = Path(__file__).parents[1].parent / "designs" / "recsys.arch"


@cache
def compiled() -> Compilation:
    """Compile the reference design once."""
    return compile_source(Source("recsys.arch", RECSYS.read_text("utf-8")))


def walkthrough(minutes: float | None = None, style: str = "interview") -> Script:
    """Return its script."""
    known = compiled()
    return narrate(known.design, known.facts, known.scenarios, minutes=minutes, style=style)


@pytest.mark.parametrize(
    "fact",
    [
        "Recommend 20 of 10 million items to every visitor, 10,000 times a second.",
        "At 10k RPS every millisecond matters, so I use a two-stage funnel.",
        "sending ten thousand requests a second (10,000/s)",
        "rate limiting, auth and consistent hashing",
        "ten and a half thousand requests a second (10,500/s)",
        "10,500 is a 5% safety buffer over the load we promise.",
        "FAISS HNSW, in memory, CPU",
        "10M items to 500 candidates, in five milliseconds (5 ms)",
        "XGBoost int8 on ONNX Runtime",
        "500 candidates to 20 items, in ten milliseconds (10 ms)",
        "A GPU would add transfer time that the model does not need.",
        "In front of both stages sits the Redis cluster",
        "eighty per cent (80%) of the requests, in two milliseconds (2 ms)",
        "two thousand a second (2,000/s) go further",
        "user affinity, recency",
        "two-tower vectors, refreshed hourly",
        "nightly batch",
        "Prometheus, Jaeger and the logs",
        "has not answered after twenty-five milliseconds (25 ms)",
        "the circuit breaker opens, and we fall back to candidate-only results",
        "thirty-six and a half milliseconds (36.5 ms)",
        "we fall back to default features",
        "forty milliseconds (40 ms), we shed load: drop bots by user agent",
        "twenty-four milliseconds (2 ms + 2 ms + 5 ms + 10 ms + 3 ms + 4 × 0.5 ms = 24 ms)",
        "Of the fifty milliseconds we promise, that leaves twenty-six (26 ms)",
        "is back in five milliseconds (5 ms)",
        "twenty pods of five hundred requests a second, ten thousand in all (20 pods × 500/s = 10,000/s)",
        "they are twenty per cent (20%) full",
        "First to fill up would be the API gateway, at thirty thousand requests a second (30,000/s)",
        "twenty-two and a half cents per million requests ($0.000000225/request)",
        "three hundred dollars per million requests ($0.0003/request)",
        "0.1% of users get suboptimal recommendations, because we shed load during spikes.",
        "Black Friday, three times the traffic",
        "nineteen and a half thousand a second (19,500/s)",
        "The result in one breath: twenty-four milliseconds (24 ms) of the promised fifty",
    ],
)
def test_every_fact_of_the_reference_design_is_said(fact: str) -> None:
    assert fact in walkthrough().text


def test_the_sentence_that_wins_the_interview_is_said() -> None:
    assert (
        "Lose the Redis cluster, and both stages get all ten thousand requests a second (10,000/s), exactly what their "
        "twenty pods carry; the API gateway would let ten and a half thousand (10,500/s) through, which is more. "
        "The twenty pods are not for the average day: they are the insurance for losing the cache."
    ) in walkthrough().text


def test_it_lasts_as_long_as_one_speaks_while_drawing() -> None:
    script = walkthrough()
    assert 3 <= script.minutes <= 6.5
    assert script.minutes == pytest.approx(script.words / 110)
    assert sum(step.seconds for step in script.steps) == pytest.approx(60 * script.minutes, abs=10)


def test_it_follows_the_six_steps_with_a_direction_for_every_cue() -> None:
    script = walkthrough()
    assert [(step.number, step.title) for step in script.steps] == [
        (1, "Clients"), (2, "Entry point"), (3, "Core flow"), (4, "Supporting services"), (5, "Failure modes"),
        (6, "Numbers"),
    ]  # fmt: skip
    directions = [cue.direction for step in script.steps for cue in step.cues]
    assert "Draw Web and mobile apps → API gateway" in directions
    assert "Draw API gateway → Candidate generation" in directions
    assert "Draw Redis cluster above: API gateway → Redis cluster → Candidate generation" in directions
    assert all(directions)


def test_the_authors_words_stand_where_their_component_is_drawn() -> None:
    step = walkthrough().steps[1]
    assert [line.text for line in step.sentences if line.author] == [
        "10,500 is a 5% safety buffer over the load we promise."
    ]


def test_what_is_spoken_holds_no_figures_but_the_authors() -> None:
    known = compiled()
    own = [
        text
        for component in known.design.components.values()
        for text in component.texts("does") + component.texts("holds")
    ]
    for line in walkthrough().sentences:
        spoken = line.spoken
        for text in (*own, "int8"):
            spoken = spoken.replace(text, "")
        assert line.author or not any(mark in spoken for mark in "0123456789%$/→≤×()`_"), line.spoken


def test_the_same_design_gives_the_same_words() -> None:
    again = compile_source(Source("recsys.arch", RECSYS.read_text("utf-8")))
    assert narrate(again.design, again.facts, again.scenarios) == walkthrough()


@pytest.mark.parametrize("minutes", [5, 4, 3, 2.5])
def test_it_is_fitted_to_the_time(minutes: float) -> None:
    script = walkthrough(minutes)
    assert script.words <= minutes * 110
    assert script.left_out > 0
    assert "One trade-off I accept." in script.text
    assert "The result in one breath" in script.text


def test_a_design_that_says_how_long_it_may_talk_is_told_in_that_time() -> None:
    text = RECSYS.read_text("utf-8").replace("  sla:", "  talk: 4min\n  sla:", 1)
    known = compile_source(Source("recsys.arch", text))
    assert narrate(known.design, known.facts, known.scenarios) == walkthrough(4)
    assert narrate(known.design, known.facts, known.scenarios, minutes=5) == walkthrough(5)


def test_what_goes_first_is_what_matters_least() -> None:
    whole = {line.text: line.rank for line in walkthrough().sentences}
    kept = {line.text for line in walkthrough(4).sentences}
    gone = [rank for text, rank in whole.items() if text not in kept]
    assert max(gone) <= min(rank for text, rank in whole.items() if text in kept) + 12
    assert "insurance for losing the cache" in walkthrough(3).text


def test_no_line_begins_with_a_pronoun_whose_name_was_left_out() -> None:
    for minutes in (5, 4, 3, 2.5, 2):
        for step in walkthrough(minutes).steps:
            for cue in step.cues:
                assert not cue.sentences or not cue.sentences[0].text.startswith(("It ", "Its ", "They ", "Their "))


def test_a_time_too_short_keeps_what_must_be_said() -> None:
    script = walkthrough(0.1)
    assert "One trade-off I accept." in script.text
    assert script.words > 11


@pytest.mark.parametrize("style", STYLES)
def test_every_style_says_the_promise_and_the_result(style: str) -> None:
    text = walkthrough(style=style).text
    assert "fifty milliseconds (50 ms)" in text
    assert "twenty-four milliseconds" in text
    assert "thirty-six and a half milliseconds (36.5 ms)" in text


def test_styles_differ() -> None:
    texts = [walkthrough(style=style) for style in STYLES]
    assert len({script.text for script in texts}) == len(STYLES)
    assert texts[2].words < texts[0].words
