"""`--set PATH=VALUE`, the same on every command that analyses."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from archboard.design.changes import OPTION, UNCHANGED, Changes


class Assignment(click.types.StringParamType):
    """`PATH=VALUE`; what its two sides mean is for the language to say. In the environment, `;` stands between two."""

    name = "PATH=VALUE"
    envvar_list_splitter = ";"
    example = "redis.hit=0%"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return an assignment that has both of its sides' sign."""
        text = str(value).strip()
        path, sign, _ = text.partition("=")
        if not sign or not path.strip():
            missing = "path" if sign else "value"
            self.fail(f"{text!r} gives no {missing}: write {self.name}, such as {self.example}.", param, ctx)
        return text


class Range(Assignment):
    """`PATH=A..B`: a setting, and from where to where it is turned."""

    name = "PATH=A..B"
    example = "redis.hit=0%..95%"


def _changes(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> Changes:
    if not value:
        return UNCHANGED
    from archboard.design.overrides import read_changes  # late: the whole language  # noqa: PLC0415

    return read_changes(value)


changed: Callable[[Any], Any] = click.option(
    OPTION,
    "changes",
    type=Assignment(),
    multiple=True,
    callback=_changes,
    metavar="PATH=VALUE",
    help="Change a setting: redis.hit=0%, web.rate=30k rps, a constant, an arrow's web->edge.latency. Repeatable.",
)
