"""One step of a language model's server: the time in which each running request gets a token, and prompts are read.

A step reads the weights and the cache of every running request, and works on one token of each and on a chunk of
the prompts that wait; whichever of memory and compute takes longer is the time, and to that comes a fixed cost. Bytes,
seconds, FLOP a second; speeds are those that are reached, not those of the data sheet.
"""

from __future__ import annotations

import math

from archboard.records import record

BUDGET = 2048.0
"""Tokens that one step works on at most, of running requests and prompts together: what engines chunk prompts by."""
FIXED = 0.7e-3
"""Seconds that a step takes beside its arithmetic: the scheduler, sampling, what is copied to and fro."""
LAUNCH = 70e-6
"""Seconds that the kernels of one layer take to be launched: what a tiny model cannot be faster than."""
HOP = 10e-6
"""Seconds that one all-reduce between GPUs takes however little is sent."""


@record
class Link:
    """What the GPUs of a replica tell each other: all-reduces a step, bytes a token in each, bytes a second between."""

    reductions: float
    bytes_a_token: float
    speed: float
    hop: float = HOP

    def seconds(self, tokens: float) -> float:
        """Return what the all-reduces of a step take that works on so many tokens."""
        return self.reductions * (self.hop + tokens * self.bytes_a_token / self.speed)


@record
class Server:
    """One replica: `shared` bytes of weights read by every step, and of `experts` those that tokens choose.

    `expert` is the bytes of one of them over all layers, `chosen` how many a token uses, `active` the parameters of a
    token. `bandwidth` and `compute` are reached by all its GPUs together. `budget` is the tokens of one step.
    """

    shared: float
    active: float
    bandwidth: float
    compute: float
    expert: float = 0.0
    experts: float = 0.0
    chosen: float = 0.0
    fixed: float = FIXED
    launch: float = 0.0
    link: Link | None = None
    budget: float = BUDGET
    chunked: bool = True

    def weights_read(self, tokens: float) -> float:
        """Return the bytes of weights that a step over so many tokens reads.

        Of E experts with k chosen a token E × (1 − (1 − k/E)^n) are met, choices taken as independent and even.
        """
        if self.experts <= 0:
            return self.shared
        missed: float = (1 - self.chosen / self.experts) ** tokens
        return self.shared + self.expert * self.experts * (1 - missed)

    def step(self, running: float, cache: float, prompt: float = 0.0, written: float = 1.0) -> float:
        """Return the seconds of a step: so many running requests of so many bytes of cache, and a chunk of prompts.

        `written` is the tokens that each running request gets, more than one where a draft is checked.
        """
        tokens = running * written + prompt
        moved = (self.weights_read(tokens) + running * cache) / self.bandwidth
        worked = 2 * self.active * tokens / self.compute
        told = 0.0 if self.link is None else self.link.seconds(tokens)
        return max(moved, worked, self.launch) + self.fixed + told

    def reading(self, prompt: float) -> float:
        """Return the seconds in which a prompt is read alone: its compute, or one reading of the weights if longer."""
        if prompt <= 0:
            return 0.0
        worked, moved = 2 * self.active * prompt / self.compute, self.weights_read(prompt) / self.bandwidth
        told = 0.0 if self.link is None else self.link.seconds(prompt)
        return max(worked, moved) + told


def chunks(prompt: float, room: float) -> tuple[int, float]:
    """Return how many full chunks of so many tokens a prompt takes, and what is left for the last one."""
    full = math.floor(prompt / room)
    return full, prompt - full * room
