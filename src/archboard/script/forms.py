"""The forms a script is written in, but for Markdown and for HTML, which needs the boards and is a renderer's.

Times are those of the plan: every line takes its words at the script's pace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from xml.sax.saxutils import escape

from archboard.board.writing.text_widths import clean
from archboard.columns import columns
from archboard.script.model import Script, Sentence, StepScript
from archboard.strict_json import dumps

_COMMAND = re.compile(r"^(\s*)::")
"""How a line begins that a build service takes for its own command, wherever it is printed: no sentence does."""
_PAUSE = "1200ms"
"""How long a voice waits while a stage direction is drawn."""


def render_text(script: Script) -> str:
    """Return plain text: a heading a step, stage directions in brackets, a line a sentence."""
    lines = [script.title, "", *(line for step in script.steps for line in _plain(step))]
    return "\n".join(_COMMAND.sub(r"\1: :", line) for line in lines)


def _plain(step: StepScript) -> Iterator[str]:
    heading = f"{step.number}. {step.title}"
    yield heading
    yield "-" * columns(heading)
    for cue in step.cues:
        yield f"({cue.direction})"
        yield from (sentence.text for sentence in cue.sentences)
        yield ""


def render_ssml(script: Script) -> str:
    """Return SSML 1.1: a paragraph a cue, a mark at each line, a break at each stage direction."""
    out = [f'<speak version="1.1" xmlns="http://www.w3.org/2001/10/synthesis" xml:lang="{escape(script.language)}">']
    for step in script.steps:
        for at, cue in enumerate(step.cues, 1):
            out.append(f'<break time="{_PAUSE}"/><mark name="step-{step.number}-cue-{at}"/>')
            if cue.sentences:
                out.append("<p>" + "".join(f"<s>{escape(clean(line.spoken))}</s>" for line in cue.sentences) + "</p>")
    return "\n".join([*out, "</speak>", ""])


def render_vtt(script: Script) -> str:
    """Return WebVTT: a cue a line, timed to the plan of its step, with the stage directions as notes."""
    out = ["WEBVTT", ""]
    start = 0.0
    for step in script.steps:
        at = start
        for cue in step.cues:
            out += [f"NOTE {step.number} {_arrowless(cue.direction)}", ""]
            for sentence in cue.sentences:
                end = at + lasts(sentence, script.pace)
                out += [f"{_stamp(at)} --> {_stamp(end)}", escape(_arrowless(sentence.text)), ""]
                at = end
        start += step.seconds
    return "\n".join(out)


def render_json(script: Script) -> str:
    """Return the script as JSON: steps, cues and lines, each line with its numbers and what it is about."""
    steps = [_step_data(step) for step in script.steps]
    head = {
        "name": script.name,
        "title": script.title,
        "style": script.style,
        "language": script.language,
        "pace": script.pace,
        "minutes": round(script.minutes, 3),
        "words": script.words,
        "left_out": script.left_out,
    }
    return dumps({**head, "steps": steps}, 1) + "\n"


def lasts(sentence: Sentence, pace: int) -> float:
    """Return how many seconds a line takes at a pace in words a minute."""
    return 60 * sentence.words / pace


def _step_data(step: StepScript) -> dict[str, object]:
    cues = [
        {"direction": cue.direction, "lines": [_line_data(sentence) for sentence in cue.sentences]} for cue in step.cues
    ]
    return {"number": step.number, "title": step.title, "seconds": round(step.seconds, 3), "cues": cues}


def _line_data(sentence: Sentence) -> dict[str, object]:
    return {
        "spoken": sentence.spoken,
        "text": sentence.text,
        "numbers": [{"spoken": number.spoken, "figure": number.figure} for number in sentence.numbers],
        "about": list(sentence.about),
        "facts": list(sentence.facts),
        "rank": sentence.rank,
        "author": sentence.author,
    }


def _arrowless(text: str) -> str:
    """Write `-->`, which WebVTT keeps for itself, another way."""
    return text.replace("-->", "→")


def _stamp(seconds: float) -> str:
    whole, thousandths = divmod(round(seconds * 1000), 1000)
    return f"{whole // 3600:02d}:{whole // 60 % 60:02d}:{whole % 60:02d}.{thousandths:03d}"
