"""The Interview: what is asked of a design, each question with its answer and the what-ifs that gave it."""

from __future__ import annotations

from archboard.records import record
from archboard.script.model import Sentence


@record
class Question:
    """One question and its answer.

    `topic` names what it is about (`caches`); `what_ifs` are the changes that were tried for it, each as `--set` takes
    them; none where the design as it stands answers.
    """

    topic: str
    asked: Sentence
    answer: tuple[Sentence, ...]
    what_ifs: tuple[tuple[str, ...], ...] = ()

    @property
    def about(self) -> tuple[str, ...]:
        """The components and flows it concerns, each once."""
        return tuple(dict.fromkeys(name for one in (self.asked, *self.answer) for name in one.about))

    @property
    def text(self) -> str:
        """The answer for the eye: figures in brackets."""
        return " ".join(sentence.text for sentence in self.answer)

    @property
    def spoken(self) -> str:
        """The answer for the ear."""
        return " ".join(sentence.spoken for sentence in self.answer)


@record
class Interview:
    """Every question that a design has what it takes to be asked, in the order of the table."""

    name: str
    title: str
    file: str
    questions: tuple[Question, ...]
