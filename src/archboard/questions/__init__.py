"""The interviewer's questions to one design, each answered from what-ifs that were run through the compiler.

A topic looks at the design and yields the questions that it has what it takes to be asked; the words stand in
`templates/`, one file a topic. The table is in the order in which one would be asked.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress

from archboard.compiler import Reading
from archboard.design.changes import UNCHANGED, Changes
from archboard.questions import (
    ages,
    caches,
    costs,
    failures,
    limits,
    memory,
    nines,
    regions,
    scenarios,
    sizes,
    speed,
    tails,
    traffic,
)
from archboard.questions.asking import Asking, Draft, Enough, asking
from archboard.script.interview import Interview, Question
from archboard.script.names import clean
from archboard.script.wording import Said, Wording

Topic = Callable[[Asking], Iterator[Draft]]

QUESTIONS: tuple[Topic, ...] = (
    traffic.questions,
    limits.questions,
    caches.questions,
    failures.questions,
    regions.questions,
    speed.questions,
    tails.questions,
    sizes.questions,
    memory.questions,
    nines.questions,
    ages.questions,
    costs.questions,
    scenarios.questions,
)


def interview(reading: Reading, changes: Changes = UNCHANGED, language: str = "en") -> Interview | None:
    """Return what is asked of a design, and the answers; None where it was not understood. Deterministic."""
    asked = asking(reading, changes)
    if asked is None:
        return None
    wording, said = Wording("questions", language), Said()
    found = tuple(_worded(wording, said, draft) for topic in QUESTIONS for draft in _asked(topic, asked))
    title = clean(asked.design.title) or asked.design.name
    return Interview(asked.design.name, title, asked.usual.source.path, found)


def _asked(topic: Topic, asking: Asking) -> Iterator[Draft]:
    """Yield the questions of a topic while there is patience for the what-ifs that they take."""
    with suppress(Enough):
        yield from topic(asking)


def _worded(wording: Wording, said: Said, draft: Draft) -> Question:
    sentence = wording.sentence(draft.asked, said, False)
    answer = tuple(wording.sentence(point, said, False) for point in draft.answer)
    return Question(draft.topic, sentence, tuple(one for one in answer if one.parts), draft.what_ifs)
