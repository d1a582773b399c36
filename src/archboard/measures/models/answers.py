"""How the times and rates of a model came to be, as workings: steps, prompts, where it saturates, its answers."""

from __future__ import annotations

from archboard.design.model import Latency
from archboard.measures.metrics import KV_TOKEN, PROMPT_TIME, SATURATION, STEP_ALONE, STEP_TIME, WEIGHTS
from archboard.measures.models.inference import SHOWN_AT, Inference, distribution_of
from archboard.measures.terms import assumed, exactly, found, number, stated
from archboard.units import Dimension, show_duration, show_number, show_rate
from archboard.working import (
    ADDED,
    POWER,
    Calculation,
    Term,
    Working,
    difference,
    product,
    quotient,
    rest,
    total,
)

SECONDS, COUNT, SIZE = Dimension.DURATION, Dimension.COUNT, Dimension.SIZE
TWO = exactly(2.0, COUNT, by="a multiplication and an addition")


def step_working(model: Inference) -> Working:
    """Return how the time of a step with the batch full comes to be: what is read or computed, and the fixed cost."""
    return _step(model, _places(model))


def alone_working(model: Inference) -> Working:
    """Return how the time of a step with one request alone comes to be."""
    return _step(model, exactly(1.0, COUNT, "1 request"))


def least_working(model: Inference) -> Working:
    """Return how the shortest answer comes to be: the prompt alone, and the steps of one request alone."""
    assert model.asked is not None
    name, steps = model.component.name, exactly(model.asked.steps, COUNT, show_number(model.asked.steps))
    prompt = Term(prompt_working(model).value, SECONDS, fact=(PROMPT_TIME.name, name))
    step = Term(alone_working(model).value, SECONDS, fact=(STEP_ALONE.name, name))
    return total(SECONDS, prompt, product(SECONDS, steps, step))


def _step(model: Inference, places: Term) -> Working:
    """Return how the time of a step with so many running comes to be."""
    server = model.server
    assert server is not None
    tokens = places.value * model.written
    moved, worked = _moved(model, places, tokens), _worked(model, places)
    parts: list[Working] = [max((moved, worked), key=lambda each: each.value)]
    if server.launch > parts[0].value:
        layers = model.shape_term("layers", "layers")
        each = found(server.launch / layers.value, SECONDS, "kernels of a layer", assumption="launch")
        parts = [product(SECONDS, layers, each)]
    parts.append(assumed(model.assumed, "step", "fixed"))
    if server.link is not None:
        parts.append(_told(model, tokens))
    return total(SECONDS, *parts)


def _places(model: Inference) -> Term:
    """Return how many requests run at once at most: the batch, or what of it fits."""
    if model.places == model.batch:
        return model.batch_term()
    return Term(model.places, COUNT, by="the largest batch that fits", text=f"batch of {show_number(model.places)}")


def _moved(model: Inference, places: Term, tokens: float) -> Calculation:
    """Return how long a step reads memory: the weights that it meets, and the cache of every request."""
    read = _read(model, tokens)
    cache = model.asked.cache if model.asked is not None else (model.kv_request or 0.0) * model.copies
    if cache:
        at = "a request, half written" if model.asked is not None else "a request"
        each = Term(cache, SIZE, at, fact=None, by=f"the tokens it keeps by then, {KV_TOKEN.name} each")
        read = total(SIZE, read, product(SIZE, places, each))
    speed = product(
        Dimension.BANDWIDTH, _of_gpu(model, model.bandwidth or 0.0, Dimension.BANDWIDTH),
        assumed(model.assumed, "decode"),
    )  # fmt: skip
    return quotient(SECONDS, read, speed)


def _read(model: Inference, tokens: float) -> Working:
    """Return the bytes of weights that a step over so many tokens reads."""
    server = model.server
    assert server is not None
    if not server.experts:
        if server.shared == model.weights:
            return Term(server.shared, SIZE, "weights", fact=(WEIGHTS.name, model.component.name))
        return Term(server.shared, SIZE, "weights of a token", by="weights × active params ÷ params")
    shared = Term(server.shared, SIZE, "shared weights", by="the weights of which every token uses all")
    whole = Term(server.expert * server.experts, SIZE, "of experts", by="the weights among which tokens choose")
    share = quotient(
        Dimension.FRACTION, exactly(server.chosen, COUNT, f"{server.chosen:g}"),
        exactly(server.experts, COUNT, f"{server.experts:g} experts"),
    )  # fmt: skip
    missed = Calculation(POWER, (rest(share), exactly(tokens, COUNT, show_number(tokens))), Dimension.FRACTION)
    return total(SIZE, shared, product(SIZE, whole, rest(missed)))


def _worked(model: Inference, places: Term) -> Calculation:
    """Return how long a step computes."""
    written = (stated(model.component, "speculative", model.written, COUNT),) if model.written != 1 else ()
    work = product(COUNT, TWO, _active(model), places, *written)
    return quotient(SECONDS, work, _compute(model), note="compute-bound")


def _active(model: Inference) -> Term:
    return model.params_term("active_params")


def _compute(model: Inference) -> Working:
    """Return the operations a second that a replica reaches."""
    whole = _of_gpu(model, model.flops or 0.0, Dimension.COMPUTE)
    return product(Dimension.COMPUTE, whole, assumed(model.assumed, "prefill"))


def _of_gpu(model: Inference, value: float, dimension: Dimension) -> Term:
    """Return a number of the replica's GPUs together, as the table has it."""
    name = model.hardware.name if model.hardware is not None else ""
    return Term(value, dimension, by=f"{show_number(model.gpus)} × {name} of the table of GPUs")


def _told(model: Inference, tokens: float) -> Term:
    """Return what the all-reduces of a step take."""
    assert model.server is not None and model.server.link is not None
    seconds = model.server.link.seconds(tokens)
    by = "two all-reduces a layer over the link of the GPUs"
    return found(seconds, SECONDS, by, "between the GPUs", assumption="link")


def prompt_working(model: Inference) -> Working:
    """Return how the time comes to be in which a prompt is read alone."""
    server, read = model.server, model.read
    assert server is not None and read is not None
    tokens = _tokens_read(model)
    work = quotient(SECONDS, product(COUNT, TWO, _active(model), tokens), _compute(model))
    once = quotient(
        SECONDS, _read(model, read),
        product(
            Dimension.BANDWIDTH, _of_gpu(model, model.bandwidth or 0.0, Dimension.BANDWIDTH),
            assumed(model.assumed, "decode"),
        ),
        note="one reading of the weights",
    )  # fmt: skip
    longer = work if work.value >= once.value else once
    return longer if server.link is None else total(SECONDS, longer, _told(model, read))


def _tokens_read(model: Inference) -> Working:
    """Return the tokens of a prompt that must be read."""
    prompt = model.tokens_term("prompt_tokens", "prompt tokens")
    hit = model.component.number("prefix_hit")
    if not hit:
        return prompt if prompt.value >= 1 else exactly(1.0, COUNT, "1 token")
    there = number(model.component, "prefix_hit", Dimension.FRACTION)
    return product(COUNT, prompt, rest(there)) if prompt.value * (1 - hit) >= 1 else exactly(1.0, COUNT, "1 token")


def saturation_working(model: Inference) -> Working:
    """Return how the rate comes to be at which a replica is full: its places over the time in which all are served.

    What the reading of prompts and the writing of others share is found by following the steps of a full batch.
    """
    assert model.saturation is not None and model.asked is not None
    places, steps = _places(model), model.asked.steps
    prompt = Term(prompt_working(model).value, SECONDS, "a prompt", fact=(PROMPT_TIME.name, model.component.name))
    step = Term(step_working(model).value, SECONDS, "a step", fact=(STEP_TIME.name, model.component.name))
    count = exactly(steps, COUNT, show_number(steps))
    apart = total(SECONDS, product(SECONDS, places, prompt), product(SECONDS, count, step))
    shared = apart.value - places.value / model.saturation
    if abs(shared) <= 1e-9 * apart.value:
        return quotient(Dimension.RATE, places, apart)
    by = "the steps of a full batch, in which prompts are read in chunks"
    if shared > 0:
        return quotient(Dimension.RATE, places, difference(SECONDS, apart, found(shared, SECONDS, by, "shared")))
    return quotient(Dimension.RATE, places, total(SECONDS, apart, found(-shared, SECONDS, by, "of mixed steps")))


def saturation_term(model: Inference) -> Term:
    """Return the rate at which a replica is full, as a term."""
    key = (SATURATION.name, model.component.name)
    return Term(saturation_working(model).value, Dimension.RATE, "a replica", fact=key)


def ttft_working(model: Inference) -> Working:
    """Return how the p99 of a computed time to the first token comes to be: the prompt, and what is before it."""
    assert model.ttft is not None
    own = prompt_working(model)
    value = _percentile(model, model.ttft, SHOWN_AT)
    prompt = Term(own.value, SECONDS, "reading", fact=(PROMPT_TIME.name, model.component.name))
    words = "waiting and the steps of others"
    return total(SECONDS, prompt, found(value - own.value, SECONDS, _by(model), words, assumption="chain"))


def tpot_working(model: Inference) -> Working:
    """Return how the p99 of a computed time per token comes to be."""
    assert model.tpot is not None and model.served is not None
    value = _percentile(model, model.tpot, SHOWN_AT)
    alone = f"{show_duration(value)} with {show_number(max(1.0, model.served.running), 3)} running on average"
    return found(value, SECONDS, _by(model), alone=alone, assumption="chain")


def _by(model: Inference) -> str:
    rate = model.arriving / max(1.0, model.running)
    return f"the birth–death chain of running requests, at {show_rate(rate)} a replica"


def answer_at(model: Inference, fraction: float) -> Working:
    """Return how an answer's percentile comes to be: of its server, or of its two times where one is stated."""
    assert model.ttft is not None and model.latency is not None
    further = max(0.0, (model.count("output_tokens") or 0.0) - 1)
    if model.served is not None and model.stated("ttft") is None and model.stated("tpot") is None:
        value = _percentile(model, model.latency, fraction)
        text = f"{show_duration(value)}: a first token and {show_number(further)} more, at its load"
        return found(value, SECONDS, _by(model), alone=text, assumption="chain")
    first = _time(model, "ttft", fraction)
    if further == 0 or model.tpot is None:
        return first
    count = model.tokens_term("output_tokens")
    tokens = Term(further, COUNT, of=difference(COUNT, count, exactly(1.0, COUNT, by="the first token")))
    parts = (first, product(SECONDS, tokens, _time(model, "tpot", fraction)))
    return Calculation(ADDED, parts, SECONDS, assumption="together")


def _time(model: Inference, name: str, fraction: float) -> Term:
    """Return the percentile of the ttft or the tpot, as a term."""
    latency = model.ttft if name == "ttft" else model.tpot
    assert latency is not None
    seconds = _percentile(model, latency, fraction)
    text = f"{name} {show_duration(seconds)}"
    if fraction == SHOWN_AT:
        return Term(seconds, SECONDS, fact=(name, model.component.name), text=text)
    if name not in model.component.settings:
        return found(seconds, SECONDS, _by(model), text=text, assumption="chain")
    return stated(model.component, name, seconds, SECONDS, text=text)


def _percentile(model: Inference, latency: Latency, fraction: float) -> float:
    """Return a percentile of a time: as it was found, or read off between those that were."""
    exact = latency.at(fraction)
    return distribution_of(latency, model.assumed).quantile(fraction) if exact is None else exact
