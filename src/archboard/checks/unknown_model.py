"""A name is not in the table of language models.

What `runs` names fills a model's shape, its memory and its speed, if the table has it (`archboard kinds --models`). A
name of a known family that it does not have, such as `Llama-3-80B`, gives nothing: write the name as it is published,
or give the shape: `params`, `layers`, `kv_heads`, `head_dim`.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.language_models import LANGUAGE_MODELS, language_model, unknown_name
from archboard.design.model import Component, Design
from archboard.diagnostics import Diagnostic, Rule, Severity, nearest
from archboard.facts import Facts

RULE = Rule("AB706", "language model not in the table", Severity.WARNING, __doc__ or "")
TOKENS = ("prompt_tokens", "output_tokens", "context")


def check(design: Design, facts: Facts) -> Iterator[Diagnostic]:
    """Report every model that names a language model which the table does not have, and gives no shape instead."""
    for component in design.components.values():
        if not component.kind.infers or "params" in component.settings or component.name in design.touched:
            continue
        texts = component.texts("runs")
        name = unknown_name(texts) or _anything(component, texts)
        if name and language_model(texts) is None:
            message = f"`{component.name}` runs `{name}`, which the table of language models does not have"
            guess = nearest(name, [each for model in LANGUAGE_MODELS for each in (model.name, *model.aka)])
            near = f"did you mean `{guess}`? or" if guess else "write a name of `archboard kinds --models`, or"
            help = f"{near} give `params`, `layers`, `kv_heads` and `head_dim`"
            yield RULE.at(component.place_of("runs"), message, help, subject=component.name, aspect="runs")


def _anything(component: Component, texts: tuple[str, ...]) -> str:
    """Return what a model runs of whose tokens the design speaks: then it is a language model, whatever its name."""
    speaks = any(name in component.settings for name in TOKENS) and component.latency is None
    stated = "ttft" in component.settings and "tpot" in component.settings
    return texts[0] if texts and speaks and not stated and language_model(texts) is None else ""
