"""From a design and its facts to the Script: what to say while drawing, fitted to the time there is.

Every part of the walkthrough yields passages of points; a wording makes sentences of them. Where time is short the
least important points go first and the rest is worded again, so that no "it" is left without its name.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from archboard.catalog import STEPS
from archboard.design.model import Design
from archboard.facts import Facts
from archboard.script import boxes, budget, capacity, closing, failures, opening
from archboard.script.model import MUST, PACE, Cue, Passage, Point, Script, Sentence, StepScript
from archboard.script.names import clean, vocabulary
from archboard.script.telling import Telling, WhatIf, telling
from archboard.script.wording import Said, Wording

LEAVES_OUT: Mapping[str, frozenset[str]] = {
    "executive": frozenset(
        {
            "boxes.model", "boxes.patience", "boxes.fed", "boxes.telemetry", "boxes.job", "boxes.work", "boxes.store",
            "budget.independent", "budget.correlated", "capacity.limit",
        }
    ),
}  # fmt: skip
"""Kinds of points that a style does not tell at all."""
_SHORTEST = 5.0
"""Seconds that drawing a step takes, even in silence."""


def narrate(
    design: Design, facts: Facts, scenarios: Sequence[WhatIf] = (), *, minutes: float | None = None,
    style: str = "interview", pace: int = PACE, language: str = "en",
) -> Script:  # fmt: skip
    """Return the walkthrough of a design.

    `minutes` fits it to the time at `pace` words a minute (what must be said stays, even then), instead of the
    design's own `talk`; `style` is one of
    `wording.STYLES`. Deterministic: the same design gives the same words.
    """
    told = telling(design, facts, scenarios, vocabulary(language))
    wording = Wording(style, language)
    left_out = LEAVES_OUT.get(style, frozenset())
    passages = [_without(passage, left_out) for passage in _passages(told)]
    if minutes is None and design.talk is not None:
        minutes = design.talk / 60
    cues, dropped = _fitted(wording, passages, None if minutes is None else minutes * pace)
    steps = tuple(_step(number, cues, pace) for number in range(1, len(STEPS) + 1))
    words = sum(step.words for step in steps)
    title = clean(design.title) or design.name
    return Script(design.name, title, style, language, pace, words / pace, words, dropped, steps)


def _passages(told: Telling) -> Iterator[Passage]:
    yield from opening.passages(told)
    for step in (2, 3, 4):
        yield from boxes.passages(told, step)
    yield from failures.passages(told)
    yield from budget.passages(told)
    yield from capacity.passages(told)
    yield from closing.passages(told)


def _without(passage: Passage, kinds: frozenset[str]) -> Passage:
    kept = tuple(point for point in passage.points if point.kind not in kinds)
    return Passage(passage.step, passage.direction, passage.values, kept)


def _fitted(wording: Wording, passages: Sequence[Passage], limit: float | None) -> tuple[list[tuple[int, Cue]], int]:
    """Word the passages; while they are too long, leave out the least important points and word them again."""
    dropped: set[tuple[int, int]] = set()
    while True:
        cues = _worded(wording, passages, dropped)
        words = sum(sentence.words for _, cue, _ in cues for sentence in cue.sentences)
        more = _least(cues, words - limit) if limit is not None and words > limit else set()
        if not more:
            return [(step, cue) for step, cue, _ in cues if cue.sentences or cue.direction], len(dropped)
        dropped |= more


_Worded = list[tuple[int, Cue, tuple[tuple[int, int], ...]]]


def _worded(wording: Wording, passages: Sequence[Passage], dropped: set[tuple[int, int]]) -> _Worded:
    said = Said()
    found: _Worded = []
    for at, passage in enumerate(passages):
        places = tuple((at, which) for which in range(len(passage.points)) if (at, which) not in dropped)
        subject: tuple[str, ...] = ()
        sentences: list[Sentence] = []
        for _, which in places:
            point = passage.points[which]
            sentences.append(wording.sentence(point, said, _again(subject, point)))
            subject = point.about
        found.append((passage.step, Cue(wording.direction(passage), tuple(sentences)), places))
    return found


def _again(subject: tuple[str, ...], point: Point) -> bool:
    return bool(subject) and subject[:1] == point.about[:1]


def _least(cues: _Worded, excess: float) -> set[tuple[int, int]]:
    """Return the least important lines, the later of two alike first, until enough words are saved."""
    lines = [
        (sentence.rank, place, sentence.words)
        for _, cue, places in cues
        for place, sentence in zip(places, cue.sentences, strict=True)
        if sentence.rank < MUST
    ]
    chosen: set[tuple[int, int]] = set()
    saved = 0
    for _, place, words in sorted(lines, key=lambda line: (line[0], (-line[1][0], -line[1][1]))):
        if saved >= excess:
            break
        chosen.add(place)
        saved += words
    return chosen


def _step(number: int, cues: Sequence[tuple[int, Cue]], pace: int) -> StepScript:
    """Gather a step's cues; neighbours under one direction become one."""
    own = [cue for step, cue in cues if step == number]
    merged = tuple(
        Cue(direction, tuple(sentence for cue in group for sentence in cue.sentences))
        for direction, group in groupby(own, key=lambda cue: cue.direction)
    )
    words = sum(sentence.words for cue in merged for sentence in cue.sentences)
    return StepScript(number, STEPS[number - 1], max(_SHORTEST, 60 * words / pace), merged)
