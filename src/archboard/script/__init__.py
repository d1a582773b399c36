"""The script: what to say at the whiteboard, and the questions that will be asked."""

from __future__ import annotations

from archboard.script.markdown import render_markdown
from archboard.script.model import PACE, Cue, Script, Sentence, StepScript
from archboard.script.walkthrough import narrate
from archboard.script.wording import STYLES

__all__ = [
    "PACE",
    "STYLES",
    "Cue",
    "Script",
    "Sentence",
    "StepScript",
    "narrate",
    "render_markdown",
]
