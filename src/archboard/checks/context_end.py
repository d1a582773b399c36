"""A request has more tokens than the model was made for.

Beyond the longest context of a model its engine refuses the request, or its answers are noise: positions that it
never saw in training. The table of language models has the longest context of each (`archboard kinds --models`). Ask
for less, summarise what is fed in, or take a model that was made for more.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Design
from archboard.diagnostics import Diagnostic, Rule, Severity
from archboard.facts import Facts
from archboard.load import exceeds
from archboard.units import show_number

RULE = Rule("AB704", "more than the model's context", Severity.ERROR, __doc__ or "")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every model of whose requests one has more tokens than its context."""
    for asked in facts.of("request_tokens"):
        component, ends = design.components[asked.subject], facts.get("context_end", asked.subject)
        if ends is None or ends.value is None or asked.value is None or component.name in design.touched:
            continue
        if exceeds(asked.value, ends.value):
            where = next(s for s in ("prompt_tokens", "context", "runs", "output_tokens") if s in component.settings)
            tokens, most = show_number(asked.value, 9), show_number(ends.value, 9)
            message = f"`{component.name}` is asked for {tokens} tokens a request, and its model ends at {most}"
            help = f"ask for at most {most}, or take a model that was made for more"
            yield RULE.at(component.place_of(where), message, help, subject=component.name)
