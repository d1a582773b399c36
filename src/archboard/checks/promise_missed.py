"""A promise is missed that has no check of its own: the message holds the number against the limit, and how it came.

Its row in the table of promises brings the code, the name and the page that `archboard explain` prints.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from archboard.catalog.promises import PROMISES, PromiseKind
from archboard.checks.scope import is_sound
from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts
from archboard.words.verdicts import held_against

Check = Callable[[Design, Facts], Iterator[Diagnostic]]


def _check(kind: PromiseKind) -> tuple[Rule, Check]:
    named = f'"{kind.name}"' if " " in kind.name else kind.name
    rule = Rule(kind.code, f"{kind.name} promise missed", Severity.ERROR, kind.why)

    def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
        for verdict in facts.missed:
            promise = verdict.promise
            if promise.kind is not kind or not is_sound(design, verdict.flow):
                continue
            where = "" if verdict.flow == "main" else f" of `{verdict.flow}`"
            yield rule.at(
                promise.span,
                f"{kind.name}{where} is {held_against(promise, verdict.value)}: {verdict.working}",
                f"`archboard solve FILE --for PATH --promise {named}` finds what would hold it",
                subject=verdict.flow,
                aspect=promise.metric,
            )

    return rule, check


CHECKS: tuple[tuple[Rule, Check], ...] = tuple(_check(kind) for kind in PROMISES if kind.why)
