"""A scene into a Mermaid flowchart: text that wikis, issues and READMEs draw.

Mermaid lays out by itself, so what is kept is what the board says, not where: boxes with their words, frames as
subgraphs, arrows with theirs, the hues. Boxes are numbered, for a name may be a word of Mermaid's own. Whatever comes
from a design and is no letter, digit or harmless sign becomes a character code: a label is never markup or a directive.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping

from archboard.board.marks import Box, Group, Line, Pen, Role, Scene, Text
from archboard.board.writing import text_widths as metrics
from archboard.renderers.pictures.theme import LIGHT, THEMES, Theme

_UNSAFE = re.compile(r"[!-$&-+;-@\[-`{-~]")
"""ASCII but letters, digits, blanks and `%,-./:`."""
_SHAPES = {Role.CLIENT: ("([", "])"), Role.DATA: ("[(", ")]")}
_LINES = {Pen.DASHED: "-.->", Pen.DOTTED: "-.-x"}


def render_mermaid(scene: Scene, *, theme: str = "light") -> str:
    """Return the boxes, frames and arrows of a scene as a flowchart from left to right."""
    boxes = [group for group in scene.groups if group.kind == "component"]
    frames = [_named(group) for group in scene.groups if group.kind == "frame"]
    titles = {_named(group): _said(group) for group in scene.groups if group.kind == "frame"}
    ids = {_named(group): f"n{number}" for number, group in enumerate(boxes, 1)}
    lines = ["---", f"title: {_quoted(metrics.clean(scene.title))}", "---", "flowchart LR"]
    lines += _inside("", boxes, frames, titles, ids)
    arrows = [group for group in scene.groups if group.kind == "arrow"]
    lines += [_arrow(group, ids) for group in arrows]
    return "\n".join([*lines, *_hues(boxes, arrows, ids, THEMES.get(theme, LIGHT))]) + "\n"


def _quoted(words: str) -> str:
    """Return words as a string of the front matter, in which nothing is a directive or a tag."""
    return json.dumps(words, ensure_ascii=False).replace("%", "\\u0025").replace("<", "\\u003c")


def _inside(
    frame: str, boxes: Iterable[Group], frames: list[str], titles: Mapping[str, str], ids: Mapping[str, str]
) -> Iterator[str]:
    """Yield what stands in a frame and in no inner one, then the inner ones; "" is the whole board."""
    indent = "  " * (frame.count(".") + 2 if frame else 1)
    for group in boxes:
        if _home(_named(group), frames) == frame:
            yield f"{indent}{ids[_named(group)]}{_box(group)}"
    for inner in frames:
        if _home(inner, frames) == frame:
            yield f'{indent}subgraph s{frames.index(inner) + 1}["{titles[inner]}"]'
            yield from _inside(inner, boxes, frames, titles, ids)
            yield f"{indent}end"


def _home(name: str, frames: Iterable[str]) -> str:
    """Return the innermost frame around a name, "" where there is none."""
    return max((frame for frame in frames if name.startswith(f"{frame}.")), key=len, default="")


def _box(group: Group) -> str:
    opening, closing = _SHAPES.get(_role(group), ("[", "]"))
    return f'{opening}"{_said(group)}"{closing}'


def _arrow(group: Group, ids: Mapping[str, str]) -> str:
    line = next(mark for mark in group.marks if isinstance(mark, Line))
    drawn = _LINES.get(line.pen, "<-->" if line.tail else "-->")
    words = "<br>".join(said for label in group.groups if (said := _said(label)))
    label = f'|"{words}"|' if words else ""
    ends = dict(group.attributes)
    return f"  {ids[ends['data-from']]} {drawn}{label} {ids[ends['data-to']]}"


def _hues(boxes: Iterable[Group], arrows: Iterable[Group], ids: Mapping[str, str], theme: Theme) -> Iterator[str]:
    members: dict[Role, list[str]] = {}
    for group in boxes:
        members.setdefault(_role(group), []).append(ids[_named(group)])
    for role, found in members.items():
        tone = theme.tones[role]
        yield f"  classDef {role.value} fill:{tone.pale},stroke:{tone.stroke},color:{tone.text}"
        yield f"  class {','.join(found)} {role.value}"
    dotted = (m.pen is Pen.DOTTED for group in arrows for m in group.marks if isinstance(m, Line))
    failing = [str(number) for number, fails in enumerate(dotted) if fails]
    if failing:
        yield f"  linkStyle {','.join(failing)} stroke:{theme.tones[Role.FAILURE].stroke}"


def _named(group: Group) -> str:
    return dict(group.attributes)["data-name"]


def _role(group: Group) -> Role:
    return next(mark.role for mark in group.marks if isinstance(mark, Box))


def _said(group: Group) -> str:
    """Return the lines of a group and of what it holds, escaped."""
    own = [mark.text for mark in group.marks if isinstance(mark, Text)]
    inner = [_said(each) for each in group.groups]
    return "<br>".join([*(_escaped(line) for line in own), *(said for said in inner if said)])


def _escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: f"#{ord(found[0])};", metrics.clean(text))
