"""The Script as Markdown: a section a step, stage directions in italics, a line a sentence.

Whatever stands in a design is text: every character that Markdown could read as markup is escaped.
"""

from __future__ import annotations

import re

from archboard.script.model import Script
from archboard.script.wording import environment

_MARKUP = re.compile(r"([\\`*_{}\[\]<>#|~&!])")
_LINE_START = re.compile(r"^(\s*)([-+=]|\d+[.)])(?=\s|$)")

_COMMAND = re.compile(r"^(\s*)::")
"""How a line begins that a build service takes for its own command, wherever it is printed."""


def render_markdown(script: Script, picture: str = "step-{number}.svg") -> str:
    """Return `walkthrough.md`; `picture` names each step's image, "" leaves images out."""
    template = environment().get_template(f"{script.language}/walkthrough.md.j2")
    pictures = {step.number: picture.format(number=step.number) for step in script.steps} if picture else {}
    return template.render(script=script, pictures=pictures, escape=escaped)


def escaped(text: str) -> str:
    """Return a text that Markdown shows as it is."""
    safe = _MARKUP.sub(r"\\\1", text)
    safe = _COMMAND.sub(r"\1\:\:", safe)
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", safe)
