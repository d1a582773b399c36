"""A language model's server, step by step: requests arrive at random, prompts are read in chunks, tokens are written.

It knows the numbers of a server and nothing of how archboard works with them. Each step works on at most `budget`
tokens: one of every running request, and of the prompts in line, first come first served, what then fits.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True)
class Machine:
    """Bytes of weights, parameters, bytes of cache a token, and the speeds that are reached; `fixed` seconds a step."""

    weights: float
    params: float
    token: float
    bandwidth: float
    flops: float
    fixed: float
    places: int
    budget: int = 2048


@dataclass(frozen=True)
class Seen:
    """What was seen: answered requests a second, the mean time a token, and times to the first token and whole ones."""

    rate: float
    tpot: float
    first: list[float]
    whole: list[float]

    def first_at(self, share: float) -> float:
        return self.first[int(share * len(self.first))]

    def whole_at(self, share: float) -> float:
        return self.whole[int(share * len(self.whole))]


def serve(
    machine: Machine, rate: float, prompt: int, answer: int, count: int, *, spread: bool = False, seed: int = 7
) -> Seen:
    """Serve so many requests and leave the first fifth out; with `spread`, answers are of exponential length."""
    chance = random.Random(seed)
    now, arrives = 0.0, chance.expovariate(rate)
    waiting: deque[tuple[float, int]] = deque()
    in_line: deque[list[float]] = deque()
    ends: dict[int, list[tuple[float, float, int]]] = {}
    running, held, step = 0, 0.0, 0
    answered: list[tuple[float, float, float, int]] = []
    while len(answered) < count:
        while arrives <= now:
            tokens = max(1, round(chance.expovariate(1 / answer))) if spread else answer
            waiting.append((arrives, tokens))
            arrives += chance.expovariate(rate)
        while waiting and running + len(in_line) < machine.places:
            came, tokens = waiting.popleft()
            in_line.append([came, tokens, prompt])
        if not running and not in_line:
            now = arrives
            continue
        room, read = machine.budget - running, 0.0
        finished = []
        for request in in_line:
            if room <= 0:
                break
            taken = min(room, request[2])
            request[2] -= taken
            room, read = room - taken, read + taken
            if request[2] <= 0:
                finished.append(request)
        moved = machine.weights + held * machine.token
        worked = 2 * machine.params * (running + read)
        now += max(moved / machine.bandwidth, worked / machine.flops) + machine.fixed
        step += 1
        held += running
        for came, began, tokens in ends.pop(step, ()):
            answered.append((came, began, now, tokens))
            running -= 1
            held -= prompt + tokens
        for request in finished:
            in_line.popleft()
            tokens = int(request[1])
            if tokens <= 1:
                answered.append((request[0], now, now, tokens))
                continue
            ends.setdefault(step + tokens - 1, []).append((request[0], now, tokens))
            running += 1
            held += prompt + 1
    return _seen(answered[count // 5 :])


def _seen(answered: list[tuple[float, float, float, int]]) -> Seen:
    first = sorted(began - came for came, began, _, _ in answered)
    whole = sorted(end - came for came, _, end, _ in answered)
    written = sum(tokens - 1 for _, _, _, tokens in answered)
    span = answered[-1][2] - answered[0][2]
    return Seen(len(answered) / span, sum(end - began for _, began, end, _ in answered) / written, first, whole)
