"""A component on the path of a latency promise says nothing of its latency.

Every component a request waits for needs one, clients and fallbacks excepted. A single duration is the p99; two or
three percentiles say more. A promise of `max` needs `best..worst`, because nothing else has an end. A language model's
latency follows from `ttft`, `tpot` and `output_tokens`, or from its shape, its tokens and its GPU.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component, Design, Promise
from archboard.diagnostics import Diagnostic, Note, Rule, Severity
from archboard.facts import Facts

RULE = Rule("AB403", "no latency", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every component whose latency a promise needs."""
    told: set[tuple[str, bool]] = set()
    for flow in design.flows:
        for promise in flow.promises:
            if not promise.is_timed:
                continue
            for name in _waited(facts, flow.name):
                component = design.components[name]
                if name in design.touched or not component.kind.takes_time:
                    continue
                endless = component.latency is not None and not component.latency.is_range
                if not _is_known(facts, component, promise) and (name, False) not in told:
                    told.add((name, False))
                    yield _missing(design, facts, name, promise)
                elif promise.metric == "max" and endless and (name, True) not in told:
                    told.add((name, True))
                    yield _endless(design, name, promise)


def _waited(facts: Facts, flow: str) -> tuple[str, ...]:
    found = facts.flow(flow)
    return found.components if found is not None else ()


def _is_known(facts: Facts, component: Component, promise: Promise) -> bool:
    known = component.latency is not None or facts.value("latency_p99", component.name) is not None
    known = known or component.name in facts.queued  # worked out, and without end where it is full
    return known or (promise.is_first_token and facts.value("ttft", component.name) is not None)


def _missing(design: Design, facts: Facts, name: str, promise: Promise) -> Diagnostic:
    help, worked_out = "add `latency: p50 3ms, p99 10ms`, or the p99 alone", facts.get("latency_p99", name)
    if worked_out is not None:
        help = f"add `latency: p99 2s`, or let it be worked out: that {worked_out.working}"
    return RULE.at(
        design.components[name].span, f"`{name}` is on the path of `{promise.text}` and has no latency",
        help, Note(promise.span, "promised here"), subject=name, aspect="latency",
    )  # fmt: skip


def _endless(design: Design, name: str, promise: Promise) -> Diagnostic:
    return RULE.at(
        design.components[name].place_of("latency"),
        f"`{name}` has percentiles but no worst case, and `{promise.text}` needs one",
        "write `latency: 2ms..5ms`, or promise a percentile", Note(promise.span, "promised here"),
        subject=name, aspect="latency",
    )  # fmt: skip
