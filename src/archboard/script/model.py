"""The Script: what is said at the whiteboard, step by step, cue by cue, sentence by sentence.

Points and passages say what there is to tell, with its numbers; a wording turns them into sentences.
All of it is frozen.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from archboard.records import field, record
from archboard.script.speech import Number

PACE = 110
"""Words a minute: one draws meanwhile."""

MUST = 100
"""The rank of what is never left out to save time."""

Part = str | Number


@record
class Point:
    """One thing to tell; `kind` names its words in the templates (`core.work`), `values` what they need.

    `about` names the components and flows it concerns, the first being its subject; `facts` the metrics it speaks.
    `rank` says how much it matters, 0 to 100. `author` marks the author's own words, which are kept as they are.
    """

    kind: str
    values: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    about: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    rank: int = 50
    author: bool = False


@record
class Passage:
    """Points told under one stage direction; `direction` names its words in the templates."""

    step: int
    direction: str
    values: Mapping[str, object]
    points: tuple[Point, ...]


@record
class Sentence:
    """One line to say: `parts` are words and the numbers among them.

    `about` names components and flows, `facts` metrics, `rank` how much it matters; `author` marks the author's own
    words, kept as written.
    """

    parts: tuple[Part, ...]
    about: tuple[str, ...] = ()
    facts: tuple[str, ...] = ()
    rank: int = 50
    author: bool = False

    @property
    def spoken(self) -> str:
        """The line for the ear, without figures."""
        return "".join(part if isinstance(part, str) else part.spoken for part in self.parts)

    @property
    def text(self) -> str:
        """The line for the eye: every figure in brackets after its words."""
        return "".join(part if isinstance(part, str) else _both(part) for part in self.parts)

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """The words and the figures that follow them, in turn; "" where none does."""
        return tuple((part, "") if isinstance(part, str) else (part.spoken, part.figure) for part in self.parts)

    @property
    def words(self) -> int:
        """How many words are spoken."""
        return len(self.spoken.split())

    @property
    def numbers(self) -> tuple[Number, ...]:
        """The numbers to be heard, in order."""
        return tuple(part for part in self.parts if isinstance(part, Number) and part.spoken)


@record
class Cue:
    """A stage direction and the sentences to say while drawing."""

    direction: str
    sentences: tuple[Sentence, ...]


@record
class StepScript:
    """One of the six steps and its plan."""

    number: int
    title: str
    seconds: float
    cues: tuple[Cue, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every line of the step, in order."""
        return tuple(sentence for cue in self.cues for sentence in cue.sentences)

    @property
    def words(self) -> int:
        """How many words are spoken in it."""
        return sum(sentence.words for sentence in self.sentences)


@record
class Script:
    """A whole walkthrough. `minutes` is what it lasts at `pace` words a minute; `left_out` counts dropped lines.

    `name` and `title` are the design's; `style` and `language` name the templates that worded it.
    """

    name: str
    title: str
    style: str
    language: str
    pace: int
    minutes: float
    words: int
    left_out: int
    steps: tuple[StepScript, ...]

    @property
    def sentences(self) -> tuple[Sentence, ...]:
        """Every line, in order."""
        return tuple(sentence for step in self.steps for sentence in step.sentences)

    @property
    def text(self) -> str:
        """The whole script as one reads it: a line a sentence."""
        return "\n".join(sentence.text for sentence in self.sentences)

    @property
    def spoken(self) -> str:
        """The whole script as one hears it: a line a sentence."""
        return "\n".join(sentence.spoken for sentence in self.sentences)


def _both(number: Number) -> str:
    if not number.figure:
        return number.spoken
    return f"{number.spoken} ({number.figure})"
