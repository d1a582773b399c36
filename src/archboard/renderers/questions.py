"""An interview as people read it in a terminal, as Markdown, and as data."""

from __future__ import annotations

import shlex

from archboard import __version__
from archboard.columns import padded, wrapped
from archboard.renderers.report.diagnostics import Paint, clean, plain
from archboard.renderers.report.markdown import escape
from archboard.script.interview import Interview, Question
from archboard.script.model import Sentence
from archboard.strict_json import dumps

WIDTH = 96


def render_text(interview: Interview, paint: Paint = plain) -> str:
    """Return the questions for a terminal, each with its answer and with what can be run to see it."""
    head = f"{paint(clean(interview.name), 'bold')}  {clean(interview.title)}"
    blocks = [_block(interview, at, question, paint) for at, question in enumerate(interview.questions, 1)]
    return "\n\n".join([head, *(blocks or [NOTHING])]) + "\n"


NOTHING = "nothing to ask yet: give a client a rate, the boxes latencies and replicas, and promise something"


def _block(interview: Interview, at: int, question: Question, paint: Paint) -> str:
    asked = wrapped(clean(question.asked.text), WIDTH, f"{padded(str(at), 2, end=True)}  ", "    ")
    answer = wrapped(clean(question.text), WIDTH, "    ", "    ")
    return "\n".join(
        [paint(asked, "bold"), answer, *(paint(f"    {line}", "dim") for line in commands(interview, question))]
    )


def commands(interview: Interview, question: Question) -> tuple[str, ...]:
    """Return the what-ifs of a question as they are typed."""
    start = f"archboard whatif {shlex.quote(clean(interview.file))}"
    return tuple(
        f"{start} {' '.join(f'--set {shlex.quote(clean(change))}' for change in changes)}"
        for changes in question.what_ifs
    )


def render_markdown(interview: Interview) -> str:
    """Return the questions as Markdown: one heading each; the commands below in a fence."""
    parts = [f"# {escape(interview.title)}: questions and answers"]
    parts += [escape(NOTHING)] if not interview.questions else []
    for at, question in enumerate(interview.questions, 1):
        parts += [f"## {at}. {escape(question.asked.text)}", escape(question.text)]
        lines = commands(interview, question)
        if lines:
            parts.append("\n".join(["```sh", *lines, "```"]))
    return "\n\n".join(parts) + "\n"


def render_json(interview: Interview) -> str:
    """Return the questions as one object; `text` has its figures in brackets, `spoken` none."""
    made = {
        "archboard": __version__,
        "file": interview.file,
        "name": interview.name,
        "title": interview.title,
        "questions": [
            {
                "topic": question.topic,
                "question": _both(question.asked),
                "answer": [_both(sentence) for sentence in question.answer],
                "what_ifs": [list(changes) for changes in question.what_ifs],
                "about": list(question.about),
            }
            for question in interview.questions
        ],
    }
    return dumps(made, 2) + "\n"


def _both(sentence: Sentence) -> dict[str, object]:
    numbers = [{"spoken": number.spoken, "figure": number.figure} for number in sentence.numbers]
    return {"text": sentence.text, "spoken": sentence.spoken, "numbers": numbers}
