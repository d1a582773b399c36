"""Prompts in line before a server, while others write: how long a first token takes, and how steps are lengthened.

Prompts wait in line for the room that running requests leave in a step. What is in line when a step begins is a
Markov chain over steps: what did not fit the last one, and what arrived while it lasted. A step is the longer the
more it reads, and the more arrives. A request arrives somewhere within a step, waits for its end, and is read behind
what is in line then; what came after it stands in line when it begins to write.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING

from archboard.maths.serving.saturation import Asked, room
from archboard.maths.serving.step import Server
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64, int64
    from numpy.typing import NDArray

    Array = NDArray[float64]

Sizes = tuple[tuple[float, int], ...]
"""How many units prompts have, as (share of the requests, units)."""
_PARTS = 4
"""Into how many units a step's room or a prompt is cut, whichever is smaller."""
_MOST = 200
"""Units in line that are told apart."""
_WITHIN = (0.0694318442, 0.3300094782, 0.6699905218, 0.9305681558)
_WEIGHT = (0.1739274226, 0.3260725774, 0.3260725774, 0.1739274226)
"""Where in a step a request arrives: Gauss–Legendre on 0..1."""
_RARE = 1e-8
_LATER = 4
"""Prompts that share the step of one that came before them, at most."""


class Line:
    """The line before one server with so many running, at a rate of requests per second.

    It is counted in units of tokens, of which `room` fit a step. `seconds` are those of a step by what is in line when
    it begins, `chance` how often that is, over steps, and `chain` what follows what.
    """

    def __init__(self, server: Server, asked: Asked, running: float, rate: float) -> None:
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        self.server, self.asked, self.running, self.rate = server, asked, running, rate
        fits = room(server, asked, running) if server.chunked else max(tokens for _, tokens in asked.prompts)
        self._cut(fits)
        read = np.minimum(np.arange(self.count), self.room) * self.unit
        distinct = np.array([self.step(float(tokens)) for tokens in read[: self.room + 1]])
        self.seconds = distinct[np.minimum(np.arange(self.count), len(distinct) - 1)]
        self.several = _several(self.sizes, self.count)
        came = [self.arrivals(float(each)) for each in distinct]
        self.chain = np.zeros((self.count, self.count))
        for state in range(self.count):
            left = max(0, state - self.room)
            self.chain[state, left:] = came[min(state, len(came) - 1)][: self.count - left]
            self.chain[state, -1] += max(0.0, 1 - float(self.chain[state].sum()))
        self.chance = _stationary(self.chain, self.room)

    def arrivals(self, seconds: float) -> Array:
        """Return the chances that so many units arrive in a time: a Poisson number of prompts, each of its size."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        mean, chance = self.rate * seconds, np.zeros(len(self.several))
        chance[0] = math.exp(-mean)
        for count in range(1, len(chance)):
            chance[count] = chance[count - 1] * mean / count
            if count > mean and chance[count] < _RARE * _RARE:
                break
        found: Array = np.einsum("i,ij->j", chance, self.several)
        return found

    def _cut(self, fits: float) -> None:
        """Choose the units, the sizes of prompts in them, and how many of them in line are told apart."""
        mean = self.asked.prompt
        longest = max(tokens for _, tokens in self.asked.prompts)
        busy = self.rate * self.server.reading(mean)
        deep = 2 * longest + mean * (4 + 5 / max(0.04, 1 - busy))
        fine = max(min(mean, fits) / _PARTS, deep / _MOST)
        self.room = max(1, round(fits / fine))
        self.unit = fits / self.room
        self.sizes = tuple(size for share, tokens in self.asked.prompts for size in _whole(share, tokens / self.unit))
        self.count = min(_MOST, math.ceil(deep / self.unit) + 1) + max(size for _, size in self.sizes)

    def step(self, tokens: float) -> float:
        """Return the seconds of a step that reads so many tokens."""
        if self.server.chunked or tokens <= 0:
            return self.server.step(self.running, self.asked.cache, tokens, self.asked.written)
        plain = self.server.step(self.running, self.asked.cache, 0.0, self.asked.written) if self.running > 0 else 0.0
        return plain + self.server.reading(tokens)


def _whole(share: float, units: float) -> Sizes:
    """Return a size as the two whole ones around it, so that the mean is right."""
    low = math.floor(units)
    part = units - low
    if part < 1e-9:
        return ((share, low),)
    return ((share * (1 - part), low), (share * part, low + 1))


def _several(sizes: Sizes, count: int) -> Array:
    """Return the chances that 0, 1, 2, … prompts have so many units together, as far as they are told apart."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    one = np.zeros(count)
    for share, size in sizes:
        one[min(size, count - 1)] += share
    found = [np.zeros(count)]
    found[0][0] = 1.0
    while len(found) < count and float(found[-1].sum()) > _RARE:
        found.append(np.convolve(found[-1], one)[:count])
    return np.array(found)


def _stationary(chain: Array, down: int) -> Array:
    """Return the chances of a chain's states in the long run, of which none leads further down than so many states.

    States are taken away one by one from above, and what led to them leads to where they lead (Grassmann, Taksar and
    Heyman 1985): nothing is subtracted, and no library's threads decide how it is added up.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    work = chain.copy()
    for state in range(len(work) - 1, 0, -1):
        low = max(0, state - down)
        onward = work[state, low:state]
        left = float(onward.sum())
        if left <= 0:
            continue
        work[:state, state] /= left
        work[:state, low:state] += work[:state, state, None] * onward[None, :]
    found = np.zeros(len(work))
    found[0] = 1.0
    for state in range(1, len(work)):
        found[state] = float((found[:state] * work[:state, state]).sum())
    chances: Array = found / found.sum()
    return chances


def _moments(line: Line) -> Iterator[tuple[int, float, float]]:
    """Yield what is in line as a step begins, where in it a request arrives (−1: the server is idle), how often."""
    for at in range(min(line.room, line.count - 1) + 1):
        idle = max(0.0, 1 - line.running) if at == 0 else 0.0
        if idle > 0:
            yield at, -1.0, idle
        if idle < 1:
            yield from ((at, within, weight * (1 - idle)) for within, weight in zip(_WITHIN, _WEIGHT, strict=True))


@record
class First:
    """The time to the first token: `times` with their chances, and the chances of what then stands in line behind."""

    times: Array
    chances: Array
    behind: Array


def first_token(line: Line) -> First:
    """Return the time to the first token of a request that finds a place at once.

    It arrives in a step with the chance that the step's length gives it. With nothing running and nothing in line the
    server is idle, and begins at once.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    met = line.seconds * line.chance
    met = met / met.sum()
    times, chances = [], []
    for at, within, weight in _moments(line):
        states = np.arange(at, at + 1) if at < line.room else np.arange(at, line.count)
        spent = within * float(line.seconds[at]) if within >= 0 else 0.0
        rest = float(line.seconds[at]) - spent if within >= 0 else 0.0
        before = np.zeros(line.count)
        before[: len(states)] = met[states]
        came = np.convolve(before, line.arrivals(spent))[: line.count] * weight
        own = np.convolve(came, line.several[1])[: line.count]
        there = np.flatnonzero(own > _RARE)
        for seconds, chance in _read(line, there, rest):
            times.append(rest + seconds)
            chances.append(chance * own[there])
    all_times, all_chances = np.concatenate(times), np.concatenate(chances)
    all_chances = all_chances / all_chances.sum()
    last = float(line.seconds[min(line.room, max(1, round(line.asked.prompt / line.unit)))])
    return First(all_times, all_chances, _behind(line, all_times, all_chances, last))


def _read(line: Line, units: NDArray[int64], rest: float) -> Iterator[tuple[Array, Array]]:
    """Yield the seconds in which so many units in line are read to the end, from the next step on, with their chances.

    What comes later than they do is read in what room their last step has, and makes it longer.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    full = np.maximum(units - 1, 0) // line.room
    left, whole = units - full * line.room, float(line.seconds[line.room]) if line.room < line.count else 0.0
    size = max(1, round(line.asked.prompt / line.unit))
    later = line.rate * (rest + full * whole)
    chance, known = np.exp(-later), np.zeros(len(units))
    for more in range(_LATER):
        chance = chance if more == 0 else chance * later / more
        last = chance if more < _LATER - 1 else 1 - known
        known = known + last
        yield full * whole + line.seconds[np.minimum(np.minimum(left + more * size, line.room), line.count - 1)], last


def _behind(line: Line, times: Array, chances: Array, last: float) -> Array:
    """Return the chances of what stands in line when a request begins to write: all that came since it did.

    What came before its last step has had the room that it left there.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    order = np.argsort(times, kind="stable")
    below = np.cumsum(chances[order])
    spare = min((line.room - round(line.asked.prompt / line.unit)) % line.room, line.count - 1)
    found = np.zeros(line.count)
    lately = line.arrivals(last)
    for low, high in ((0.0, 0.5), (0.5, 0.8), (0.8, 0.95), (0.95, 1.0)):
        at = order[min(len(order) - 1, int(np.searchsorted(below, (low + high) / 2)))]
        early = line.arrivals(max(0.0, float(times[at]) - last))
        left = np.zeros(line.count)
        left[0] = early[: spare + 1].sum()
        left[1 : line.count - spare] = early[spare + 1 :]
        found += (high - low) * np.convolve(left, lately)[: line.count]
    if found.sum() <= 0:
        found[-1] = 1.0
    behind: Array = found / found.sum()
    return behind


def stretch(line: Line, behind: Array, steps: float) -> tuple[float, float]:
    """Return the mean seconds that so many steps take from what stands in line at first, and their variance."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    first, second = np.zeros(line.count), np.zeros(line.count)
    squares, at, grown = line.seconds**2, 0, (0.0, 0.0)
    mean, variance = 0.0, 0.0
    while at < max(1, round(steps)):
        at += 1
        after = np.einsum("ij,j->i", line.chain, first)
        second = squares + 2 * line.seconds * after + np.einsum("ij,j->i", line.chain, second)
        first = line.seconds + after
        before, grown = grown, (float(behind @ first) - mean, 0.0)
        mean += grown[0]
        spread = max(0.0, float(behind @ second) - mean**2)
        grown, variance = (grown[0], spread - variance), spread
        if at >= _SHORT and all(abs(now - then) <= 1e-4 * abs(now) for now, then in zip(grown, before, strict=True)):
            break
    left = steps - at
    return mean + left * grown[0], max(0.0, variance + left * grown[1])


_SHORT = 8
"""Steps that are followed at least; a line that then grows evenly has forgotten how it began."""
