"""What would make a model fit its GPUs: a smaller batch, more GPUs of those that are possible, fewer bits."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.formats import FORMAT
from archboard.design.model import Component, Given, SettingValue
from archboard.design.targets import component_setting
from archboard.facts import Change, Facts, Gap, Hopeless, Remedy
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.models.inference import Inference
from archboard.records import replace

MOST_GPUS = 64
"""GPUs of one replica that are tried at most."""


def spread(analysis: Analysis, facts: Facts) -> Iterator[Remedy | Hopeless]:
    """Yield for each model whose heads cannot be spread over its GPUs how many would do: the most that are no more."""
    for model in analysis.times.inferences.values():
        if model.gpus <= 1 or model.divides(model.gpus):
            continue
        fewer = [gpus for gpus in range(1, int(model.gpus)) if model.divides(gpus) and _holds(model, gpus)]
        count = float(fewer[-1]) if fewer else _gpus_for(model)
        gap = Gap("AB705", model.component.name)
        yield Hopeless(gap) if count is None else Remedy(gap, (_change(model, "gpus", model.gpus, count),))


def measure(analysis: Analysis, facts: Facts) -> Iterator[Remedy | Hopeless]:
    """Yield for each model that does not fit what would: a smaller batch, more GPUs, fewer bits."""
    for model in analysis.times.inferences.values():
        least = model.memory or (model.weights or 0.0) + (model.activations or 0.0)
        if model.usable is None or model.gpu_memory is None or not Load(least, model.usable).over:
            continue
        batch, gpus = model.largest_batch or 0, _gpus_for(model)
        more = () if gpus is None else (_change(model, "gpus", model.gpus, gpus),)
        if batch >= 1:
            smaller = _change(model, "batch", model.batch, float(batch))
            yield Remedy(_gap(model), (smaller,), tuple((change,) for change in more))
            continue
        others, fewer, context = [], _fewer_bits(model), model.component.number("context")
        if fewer:
            others.append(_change(model, "precision", model.precision, fewer))
        if context is not None and context == model.tokens and model.longest_context:
            others.append(_change(model, "context", context, float(model.longest_context)))
        changes = (*more, *others)
        further = tuple((change,) for change in changes[1:])
        yield Remedy(_gap(model), changes[:1], further) if changes else Hopeless(_gap(model))


def _gpus_for(model: Inference) -> float | None:
    """Return the fewest GPUs that hold all of a replica, of those that its heads can be spread over."""
    for gpus in range(int(model.gpus) + 1, MOST_GPUS + 1):
        if model.divides(gpus) and _holds(model, gpus):
            return float(gpus)
    return None


def _holds(model: Inference, gpus: int) -> bool:
    """Whether so many GPUs have the memory for a replica; where nothing is known of it they have."""
    tried = Inference(changed(model.component, "gpus", float(gpus)), model.assumed)
    needed = tried.memory or (tried.weights or 0.0) + (tried.activations or 0.0)
    return tried.usable is None or not Load(needed, tried.usable).over


def changed(component: Component, setting: str, value: SettingValue) -> Component:
    """Return a component with one setting changed."""
    given = Given(value, component.place_of(setting))
    return replace(component, settings={**component.settings, setting: given})


def _gap(model: Inference) -> Gap:
    return Gap("AB701", model.component.name)


def _change(model: Inference, setting: str, before: float | str, after: float | str) -> Change:
    return Change(component_setting(model.component.name, model.component.kind.name, setting), before, after)


def _fewer_bits(model: Inference) -> str:
    """Return the finest precision of the weights at which everything fits, "" where none does."""
    for precision in ("fp16", "int8", "int4"):
        if FORMAT[precision].bits >= model.format.bits:
            continue
        tried = Inference(changed(model.component, "precision", precision), model.assumed)
        needed = tried.memory or (tried.weights or 0.0) + (tried.activations or 0.0)
        if tried.usable is not None and not Load(needed, tried.usable).over:
            return precision
    return ""
