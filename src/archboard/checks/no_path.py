"""A flow that promises something, but has no path or no rate to judge it by.

A latency promise needs arrows that a client starts; a promise of throughput or of cost per request needs a client
with a rate, because shares of the load follow from it. A promise of how old things get needs to know how often each
device of a client reports, its `every`: that is a warning, and the promise is not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises import STALENESS
from archboard.checks.scope import is_sound
from archboard.design.model import Design, Flow
from archboard.diagnostics import Diagnostic, Note, Phase, Rule, Severity
from archboard.facts import Facts
from archboard.measures.staleness import unsaid
from archboard.records import replace

RULE = Rule("AB304", "promise without a path or a rate", Severity.ERROR, __doc__ or "", Phase.MEANING)


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every flow whose promises cannot be judged."""
    for flow in design.flows:
        if not flow.promises or not is_sound(design, flow.name) or (design.touched and not flow.arrows):
            continue
        first = flow.promises[0]
        aged = facts.get("staleness", flow.name) is not None
        if not flow.starts and not (aged and all(p.kind is STALENESS for p in flow.promises)):
            start = "web -> edge" if "web" not in design.components else "web -> …"
            yield RULE.at(
                first.span, f"`{flow.name}` promises `{first.text}`, and no request starts it",
                f"draw its path from a client: `{start}`", subject=flow.name,
            )  # fmt: skip
            continue
        yield from _period(design, flow)
        if flow.starts:
            yield from _rate(design, facts, flow)


def _period(design: Design, flow: Flow) -> Iterator[Diagnostic]:
    promise = next((promise for promise in flow.promises if promise.kind is STALENESS), None)
    if promise is None:
        return
    warning = replace(RULE, severity=Severity.WARNING)  # the numbers lack something, and the board does not
    for name in unsaid(design, flow):
        start = design.components[name]
        yield warning.at(
            promise.span, f"`{promise.text}` needs to know how often each of `{name}` reports, and it does not say",
            f"add `every: 4s` to `{start.plain}`, or `every: 0s` if what happens is sent at once",
            Note(start.span, "this starts the flow"), subject=flow.name, aspect=promise.metric,
        )  # fmt: skip


def _rate(design: Design, facts: Facts, flow: Flow) -> Iterator[Diagnostic]:
    wanting = [p for p in flow.promises if not p.kind.of_times and p.kind.against(p.per).rated]
    if not wanting or facts.value("client_rate", flow.name):
        return
    start = design.components[flow.starts[0]]
    yield RULE.at(
        wanting[0].span, f"`{wanting[0].text}` needs a rate, and `{start.name}` gives none",
        f"add `rate: 10k rps` to `{start.plain}`", Note(start.span, "this starts the flow"),
        subject=flow.name, aspect=wanting[0].metric,
    )  # fmt: skip
