"""Where a server of a language model saturates: the requests a second that it answers with its batch full.

Prompts are read in chunks that share their step with the running requests. A step in which something is read is
longer by what the chunk adds; so a request costs its reading and its share of the steps, and what both share is paid
once. Where prompts are read alone (`chunked` no), nothing is shared: n requests take n × reading + (answer − 1) × step.
"""

from __future__ import annotations

import math

from archboard.maths.serving.step import Server, chunks
from archboard.records import record

Lengths = tuple[tuple[float, float], ...]
"""How many tokens, as (share of the requests, tokens)."""


@record
class Asked:
    """What requests ask for: tokens of prompt that must be read, and tokens of answer, each with its shares.

    `cache` is the mean bytes that a running request keeps, `written` the tokens that one step gives it.
    """

    prompts: Lengths
    answers: Lengths
    cache: float
    written: float = 1.0

    @property
    def prompt(self) -> float:
        """The mean tokens of a prompt."""
        return _mean(self.prompts)

    @property
    def answer(self) -> float:
        """The mean tokens of an answer."""
        return _mean(self.answers)

    @property
    def steps(self) -> float:
        """The mean steps of an answer after its first token."""
        return math.fsum(share * max(0.0, tokens - 1) for share, tokens in self.answers) / self.written


def _mean(lengths: Lengths) -> float:
    return math.fsum(share * tokens for share, tokens in lengths)


def added(server: Server, asked: Asked, running: float, prompt: float) -> float:
    """Return the seconds that reading a prompt adds to the steps of so many running requests."""
    if prompt <= 0:
        return 0.0
    if not server.chunked:
        return server.reading(prompt)
    plain = server.step(running, asked.cache, 0.0, asked.written) if running > 0 else server.fixed
    full, left = chunks(prompt, room(server, asked, running))
    whole = server.step(running, asked.cache, room(server, asked, running), asked.written) - plain
    last = server.step(running, asked.cache, left, asked.written) - plain if left > 0 else 0.0
    return full * whole + last


def room(server: Server, asked: Asked, running: float) -> float:
    """Return the tokens of prompts that fit a step beside the running requests, one at least."""
    return max(1.0, server.budget - running * asked.written)


def adds(server: Server, asked: Asked, running: float) -> float:
    """Return the mean seconds that a prompt adds to the steps."""
    return math.fsum(share * added(server, asked, running, tokens) for share, tokens in asked.prompts)


def saturation(server: Server, asked: Asked, batch: float) -> float:
    """Return the requests a second of one replica with `batch` places, the best of any number that fill them."""
    tried, count = {float(batch)}, 1.0
    while count < batch:
        tried.add(count)
        count *= 2
    return max(at(server, asked, running) for running in sorted(tried))


def at(server: Server, asked: Asked, running: float) -> float:
    """Return the requests a second with so many places always taken.

    Answers of one length keep in step with those that began with them, or lose it, as the load comes: it is the middle.
    """
    if asked.steps <= 0 or not server.chunked:
        return mixed(server, asked, running)
    spread = mixed(server, asked, running)
    alike = max(0.0, 1 - variation(asked)) / 2
    bunched = min(spread, _bunched(server, asked, running))
    return math.exp((1 - alike) * math.log(spread) + alike * math.log(bunched))


def mixed(server: Server, asked: Asked, running: float) -> float:
    """Return the requests a second with so many places always taken, each at another token of its answer."""
    alone = math.fsum(share * server.reading(tokens) for share, tokens in asked.prompts)
    if asked.steps <= 0:
        return 1 / (alone + server.fixed)
    if not server.chunked:
        plain = server.step(running, asked.cache, 0.0, asked.written)
        return running / (running * alone + asked.steps * plain)
    reads = math.fsum(share * max(1.0, tokens / server.budget) for share, tokens in asked.prompts if tokens > 0)
    each = min(running / (asked.steps + reads), server.budget / (asked.prompt + asked.steps * asked.written))
    begins = each / running
    chance, known, times = (1 - begins) ** running, 0.0, list[float]()
    for count in range(math.ceil(running) + 1):
        if count:
            chance *= (running - count + 1) / count * begins / (1 - begins)
        known += chance
        times.append(chance * _filled(server, asked, running - count, count))
        if known > 1 - NEGLIGIBLE:
            break
    return min(each * known / math.fsum(times), _crowded(server, asked, each * asked.steps))


def _crowded(server: Server, asked: Asked, running: float) -> float:
    """Return the requests a second where every step is full of prompts: no token takes less time than then."""
    whole = server.step(running, asked.cache, room(server, asked, running), asked.written)
    return server.budget / (asked.prompt + asked.steps * asked.written) / whole


def _filled(server: Server, asked: Asked, running: float, begun: int) -> float:
    """Return the seconds of a step in which so many places write and as many as have begun are read."""
    plain = server.step(running, asked.cache, 0.0, asked.written) if running > 0 else server.fixed
    if len(asked.prompts) > 1 and begun == 1:
        return plain + adds(server, asked, running)
    return plain + added(server, asked, running, begun * asked.prompt)


def _bunched(server: Server, asked: Asked, running: float) -> float:
    """Return the requests a second where all begin together and so end together: prompts are read in full chunks.

    Requests of one length that found the server empty do, and go on so; those of many lengths soon do not.
    """
    chunk = min(room(server, asked, running), running * asked.prompt)
    reads = running * asked.prompt / chunk if chunk > 0 else 0.0
    whole = server.step(running, asked.cache, chunk, asked.written)
    plain = server.step(running, asked.cache, 0.0, asked.written)
    return running / (reads * whole + max(0.0, asked.steps - reads) * plain)


def variation(asked: Asked) -> float:
    """Return the squared coefficient of variation of the steps of an answer."""
    if asked.steps <= 0:
        return 0.0
    square = math.fsum(share * (max(0.0, tokens - 1) / asked.written) ** 2 for share, tokens in asked.answers)
    return max(0.0, square / asked.steps**2 - 1)


def lengthened(server: Server, asked: Asked, running: float, each: float) -> float:
    """Return the mean seconds of a step in which `each` prompts begin to be read: their number is Poisson.

    Prompts that meet in one step share it: what two add is not twice what one adds.
    """
    plain = server.step(running, asked.cache, 0.0, asked.written)
    mean, chance, known, more = asked.prompt, math.exp(-each), math.exp(-each), []
    if each > MANY:
        return plain + added(server, asked, running, each * mean)
    if len(asked.prompts) > 1 and each < FEW:
        return plain + each * adds(server, asked, running)
    count = 0
    while known < 1 - NEGLIGIBLE:
        count += 1
        chance *= each / count
        known += chance
        more.append(chance * added(server, asked, running, count * mean))
    return plain + math.fsum(more)


FEW, MANY = 0.2, 50.0
"""Prompts a step: below, they hardly meet; above, their number hardly varies."""
NEGLIGIBLE = 1e-9
