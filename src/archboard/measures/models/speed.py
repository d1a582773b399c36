"""Speed of models: steps and prompts, where they saturate, their times at their load, tokens and what those cost."""

from __future__ import annotations

from collections.abc import Iterator

from archboard.design.model import Latency
from archboard.facts import Fact, Facts, Metric
from archboard.load import Load
from archboard.measures.analysis import Analysis
from archboard.measures.cost import hourly, running_of
from archboard.measures.metrics import (
    CAPACITY,
    COST_MILLION_TOKENS,
    COST_MILLION_TOKENS_FULL,
    DECODE_RATE,
    DEMAND,
    LATENCY_LEAST,
    LATENCY_P99,
    MEAN_WAIT,
    PROMPT_TIME,
    RUNNING,
    SATURATION,
    STEP_ALONE,
    STEP_TIME,
    TOKENS_CAPACITY,
    TOKENS_DEMAND,
    TPOT,
    TTFT,
    WAITING,
)
from archboard.measures.models.answers import (
    alone_working,
    least_working,
    prompt_working,
    saturation_working,
    step_working,
    tpot_working,
    ttft_working,
)
from archboard.measures.models.inference import SHOWN_AT, Inference, distribution_of, usual_of
from archboard.measures.models.memory import named
from archboard.measures.terms import exactly, found, known, number, replicas, stated
from archboard.records import replace
from archboard.units import HOUR, Dimension, show_number, show_rate
from archboard.working import Calculation, Term, Unknown, Working, product, quotient

HARDLY = 1e-6
"""Shares of waiting requests up to this are none."""


def measure(analysis: Analysis, facts: Facts) -> Iterator[Fact]:
    """Yield how fast every language model is, and its tokens and their cost."""
    for model in analysis.times.inferences.values():
        if model.generates:
            yield from _speed(model, facts)
            yield from _tokens(model, facts)


def _speed(model: Inference, facts: Facts) -> Iterator[Fact]:
    name = model.component.name
    if model.server is not None and model.read is not None:
        yield Fact(PROMPT_TIME, name, prompt_working(model))
    if model.step is not None:
        yield Fact(STEP_TIME, name, step_working(model))
    if model.alone is not None and model.asked is not None:
        yield Fact(STEP_ALONE, name, alone_working(model))
        if model.count("output_tokens") is not None:
            yield Fact(LATENCY_LEAST, name, least_working(model))
    if model.saturation is not None:
        yield Fact(SATURATION, name, saturation_working(model))
    load = facts.load(name)
    if model.waits and load is not None and load.over:
        full = Unknown(f"`{name}` is full, and its queue has no end")
        yield from (Fact(metric, name, full) for metric in (RUNNING, TTFT, TPOT) if metric.name not in _given(model))
    else:
        yield from _at_load(model)
    yield from _given_times(model)
    if model.latency is None and model.component.latency is None:
        yield Fact(LATENCY_P99, name, Unknown(f"needs {named(model.unanswered)}"))
    yield from _writing(model)


def _given(model: Inference) -> set[str]:
    return {name for name in ("ttft", "tpot") if model.stated(name) is not None}


def _given_times(model: Inference) -> Iterator[Fact]:
    """Yield the p99 of times that are stated."""
    for metric in (TTFT, TPOT):
        latency = model.stated(metric.name)
        if latency is not None:
            yield Fact(metric, model.component.name, _stated_time(model, metric, latency))


def _stated_time(model: Inference, metric: Metric, latency: Latency) -> Working:
    value = latency.at(SHOWN_AT)
    value = distribution_of(latency, model.assumed).quantile(SHOWN_AT) if value is None else value
    return stated(model.component, metric.name, value, Dimension.DURATION, alone="as stated")


def _at_load(model: Inference) -> Iterator[Fact]:
    """Yield what the server does at its load: how many run, who waits, and the two times."""
    name, served = model.component.name, model.served
    if served is None:
        return
    rate = show_rate(model.arriving / max(1.0, model.running))
    by = f"the birth–death chain of running requests, at {rate} a replica"
    if model.waits:
        at = f"of {show_number(model.places)} places, at {rate} a replica"
        yield Fact(RUNNING, name, found(served.running, Dimension.COUNT, by, at))
        none = f"requests that find no place free, at {rate} a replica"
        waiting = Fact(WAITING, name, found(served.full, Dimension.FRACTION, by, alone=none))
        wait = found(served.wait, Dimension.DURATION, by, "mean wait of those that wait")
        if served.full > HARDLY:
            yield waiting
            yield Fact(MEAN_WAIT, name, product(Dimension.DURATION, known(waiting), wait))
    if model.stated("ttft") is None:
        yield Fact(TTFT, name, ttft_working(model))
    if model.stated("tpot") is None and model.tpot is not None:
        yield Fact(TPOT, name, tpot_working(model))


def _writing(model: Inference) -> Iterator[Fact]:
    """Yield the tokens a second of a full batch while nothing is read."""
    name, given = model.component.name, model.stated("tpot")
    if given is not None and model.decode_rate is not None:
        tpot = stated(model.component, "tpot", usual_of(given), Dimension.DURATION)
        shown = replace(tpot, text=f"tpot {tpot.shown}")
        yield Fact(DECODE_RATE, name, quotient(Dimension.RATE, model.batch_term(" requests"), shown))
    elif model.step is not None:
        step = Term(step_working(model).value, Dimension.DURATION, "a step", fact=(STEP_TIME.name, name))
        batch = model.batch_term(" requests")
        if model.places != model.batch:
            text = f"{show_number(model.places)} requests that fit"
            batch = Term(model.places, Dimension.COUNT, by="the largest batch that fits", text=text)
        drafts = number(model.component, "speculative", Dimension.RATIO) if model.written != 1 else None
        written = product(Dimension.COUNT, batch, drafts) if drafts is not None else batch
        yield Fact(DECODE_RATE, name, quotient(Dimension.RATE, written, step))
    elif model.hardware is None and model.component.text("gpu"):
        why = f"`{model.component.text('gpu')}` is not in the table, so its bandwidth and compute are not known"
        yield Fact(DECODE_RATE, name, Unknown(f"{why}: give `ttft` and `tpot`"))


def _tokens(model: Inference, facts: Facts) -> Iterator[Fact]:
    """Yield tokens asked for and available, and what a million of those written costs."""
    component, output = model.component, model.count("output_tokens")
    name, capacity = component.name, facts.get(CAPACITY, component.name)
    if not output or capacity is None or not capacity.value:
        return
    answer = model.tokens_term("output_tokens", "output tokens")
    available = Fact(TOKENS_CAPACITY, name, product(Dimension.RATE, known(capacity), answer))
    yield available
    requests = facts.get(DEMAND, name)
    priced = component.price is not None and component.price.hourly is not None
    if requests is not None and requests.value:
        asked = Fact(TOKENS_DEMAND, name, product(Dimension.RATE, known(requests, "requests"), answer))
        yield asked
        if priced:
            served = available if Load(asked.value or 0.0, available.value or 0.0).over else asked
            dollars = product(Dimension.MONEY, running_of(component, facts), hourly(component))
            yield Fact(COST_MILLION_TOKENS, name, _million(dollars, known(served, text=_rate_of(served))))
    if priced:
        dollars = product(Dimension.MONEY, replicas(component), hourly(component))
        full = known(available, text=f"{_rate_of(available)} with every batch full")
        yield Fact(COST_MILLION_TOKENS_FULL, name, _million(dollars, full))


def _rate_of(tokens: Fact) -> str:
    return f"{show_number(tokens.value or 0.0)} tokens/s"


def _million(dollars: Working, tokens: Term) -> Calculation:
    """Return the dollars for a million tokens of so many dollars an hour and so many tokens a second."""
    million = exactly(1e6, Dimension.COUNT, "1M tokens")
    hour = exactly(HOUR, Dimension.DURATION, "1 h")
    each = product(Dimension.COUNT, tokens, hour)
    return quotient(Dimension.MONEY, product(Dimension.MONEY, dollars, million), each)
