"""A model is stated to be more than twice as fast as its hardware allows.

What a design states counts. But reading a prompt takes 2 × parameters × tokens operations, and each token reads the
weights once: a `ttft`, `tpot`, `latency` or `throughput` that is more than twice as good as what the GPU comes to was
measured with another model, another GPU, shorter prompts, or with prompts that were cached (`prefix_hit`) or drafts
(`speculative`).
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Component, Design, Latency
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Fact, Facts

RULE = Rule("AB707", "faster than the hardware", Severity.WARNING, __doc__ or "")
TWICE = 2.0
TIMES = (("ttft", "prompt_time"), ("tpot", "step_alone"), ("latency", "latency_least"))
"""What may be stated of a model, and the fact that it cannot be below."""


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every time and throughput that is stated to be more than twice as good as the hardware's."""
    for component in design.components.values():
        if not component.kind.infers or component.name in design.touched:
            continue
        for setting, metric in TIMES:
            least, stated = facts.get(metric, component.name), _usual(component, setting)
            speed = component.number("speculative") or 1.0 if setting == "tpot" else 1.0
            if least is None or least.value is None or stated is None:
                continue
            if stated * speed * TWICE < least.value:
                yield _told(component, setting, f"takes {least.shown} at least", least)
        most, throughput = facts.get("saturation", component.name), component.number("throughput")
        if most is not None and most.value is not None and throughput is not None and throughput > TWICE * most.value:
            yield _told(component, "throughput", f"carries {most.shown} a replica at most", most)


def _usual(component: Component, setting: str) -> float | None:
    """Return the median of a stated time, or else the first number that is stated."""
    given = component.settings.get(setting)
    if given is None or not isinstance(given.value, Latency):
        return None
    latency = given.value
    return latency.high if latency.is_range else latency.at(0.5) or latency.percentiles[0][1]


def _told(component: Component, setting: str, hardware: str, fact: Fact) -> Diagnostic:
    message = f"`{component.name}` states a `{setting}` that its hardware does not give: it {hardware} = {fact.working}"
    help = f"leave `{setting}` out to have it worked out, or say what makes it so fast"
    return RULE.at(component.place_of(setting), message, help, subject=component.name, aspect=setting)
