"""A language model's server at a load below its saturation: how many run, and how long answers take.

The number of running requests is a birth–death chain: requests arrive at random, and leave at the rate at which
so many are served, steps lengthened by the prompts of others; above the places of the batch they wait in a queue.
From its states come the mean number running, the time per token and with the line of prompts that to the first.
Where requests share a server evenly, the spread of their lengths does not change how many run (insensitivity).
"""

from __future__ import annotations

import math
from functools import lru_cache
from itertools import pairwise
from typing import TYPE_CHECKING

from archboard.maths.percentiles.kept_answers import of_times
from archboard.maths.serving.parted import FRACTIONS, Curve, added_up, curve, exponential_nodes, gamma_nodes, gathered
from archboard.maths.serving.reading import Line, first_token, stretch
from archboard.maths.serving.saturation import Asked, adds, lengthened, mixed, saturation, variation
from archboard.maths.serving.step import Server
from archboard.records import record

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]

SLOWED = 1.7
"""How much more uneven the work of spread answers is than their lengths."""
TOGETHER = 0.6
"""How much more the number running varies where answers are of one length: what began together ends together."""
_STATES = 32
"""Numbers of running requests at which a step is worked out; between them it is taken as straight."""
_SLOWER = 0.03
"""How much steps may be longer than on average after a request has begun to write, and it counts."""
_APART = 0.05
"""How far apart numbers running may be, relative, for the line of prompts to be taken as the same."""
_CUTS = (0.0, 0.5, 0.9, 1.0)
"""Where the numbers that run are parted, of which each part has a line of prompts of its own."""


@record
class Served:
    """A replica at one load: `capacity` is where it saturates, `running` the mean number of requests in the batch.

    `full` is the share of requests that find no free place and `wait` their mean wait for one. Times are percentiles,
    `mean_…` their means.
    """

    capacity: float
    running: float
    full: float
    wait: float
    ttft: Curve
    tpot: Curve
    latency: Curve
    mean_ttft: float
    mean_tpot: float
    mean_latency: float


@lru_cache(maxsize=512)
def served(server: Server, asked: Asked, batch: float, rate: float) -> Served | None:
    """Return how a replica with `batch` places answers so many requests a second; None from its saturation on.

    It is worked out once, and kept from run to run as the percentiles of queues are.
    """
    most = saturation(server, asked, batch)
    if rate >= most:
        return None
    subject, count = (server, asked, batch), len(_MEANS) + 3 * len(FRACTIONS)
    numbers = of_times().of(subject, "served", (rate,), (count,), lambda: _worked_out(*subject, rate, most))
    curves, rest = numbers[len(_MEANS) :], len(FRACTIONS)
    ttft, tpot, latency = (tuple(zip(FRACTIONS, curves[at * rest : (at + 1) * rest], strict=True)) for at in range(3))
    return Served(most, **dict(zip(_MEANS, numbers, strict=False)), ttft=ttft, tpot=tpot, latency=latency)


_MEANS = ("running", "full", "wait", "mean_ttft", "mean_tpot", "mean_latency")


def _worked_out(server: Server, asked: Asked, batch: float, rate: float, most: float) -> tuple[float, ...]:
    """Return the numbers of `_MEANS`, then the percentiles of the first token, of each further one, of answers."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    steady = math.sqrt(most * max(most, mixed(server, asked, batch)))
    chain = _Chain(server, asked, max(1, int(batch)), rate, steady)
    met = [_At(server, asked, number, share, rate) for number, share in _nodes(chain.chances)]
    if max(abs(at.slower - 1) for at in met) > _SLOWER or chain.reading(met) >= 0.5:
        chain.follow(met)
        nodes = _nodes(chain.chances)
        moved = (abs(number - at.running) / max(1.0, at.running) for (number, _), at in zip(nodes, met, strict=False))
        if max(moved) > _APART:
            met = [_At(server, asked, number, share, rate) for number, share in nodes]
            chain.follow(met)
    chances, full = chain.chances, chain.full
    wait = chain.wait if full > 0 else 0.0
    own = np.concatenate([at.first.times for at in met]), np.concatenate([at.first.chances * at.share for at in met])
    first = _waiting(gathered(*own), full, wait)
    each = _Each(asked, chances, chain.steps, met)
    tpot, whole = each.spread(1.0), _answers(asked, first, each)
    means = [float((values * weights).sum()) for values, weights in (first, tpot, whole)]
    running = rate * asked.steps * means[1]
    curves = (seconds for of in (first, tpot, whole) for _, seconds in curve(*of))
    return (running, full, wait, *means, *curves)


class _At:
    """The line of prompts with so many running, which a share of the requests meets."""

    def __init__(self, server: Server, asked: Asked, running: float, share: float, rate: float) -> None:
        line = Line(server, asked, running, rate)
        self.running, self.share = running, share
        self.first = first_token(line)
        self.plain = server.step(max(1.0, running), asked.cache, 0.0, asked.written)
        self.longest = float(line.seconds[-1])
        self.mean, self.variance = stretch(line, self.first.behind, asked.steps)
        steady = lengthened(server, asked, running, rate * float(line.chance @ line.seconds))
        self.slower = self.mean / (asked.steps * steady) if asked.steps > 0 and running > 0 else 1.0


class _Chain:
    """How many requests are running: a birth–death chain over their number.

    Each prompt stops the writing of the others for what it adds. On the clock of the writing alone, those that came
    during a stop come at once: in groups, whose mean size k is 1 ÷ (1 − rate × added), and whose size makes the number
    vary by k² instead of 1 where answers are of one length, and by half of that more where they are exponential.
    """

    def __init__(self, server: Server, asked: Asked, places: int, rate: float, most: float) -> None:
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        self.asked, self.rate, self.most, self.places = asked, rate, most, places
        at = sorted({round(places ** (i / (_STATES - 1))) for i in range(_STATES)})
        numbers = np.arange(places + 1)
        self.plain: Array = np.interp(numbers, at, [server.step(n, asked.cache, 0.0, asked.written) for n in at])
        self.all: Array = np.interp(numbers, at, [_lengthened(server, asked, n, rate) for n in at])
        self.steps = self.all
        self.work = _unevenness(server, asked, places, most)
        self.together = 1 + TOGETHER * max(0.0, 1 - variation(asked))
        self._settle(places)

    def reading(self, met: list[_At]) -> float:
        """Return how many requests are being read on average: they hold a place too."""
        return self.rate * math.fsum(at.share * float(at.first.times @ at.first.chances) for at in met)

    def follow(self, met: list[_At]) -> None:
        """Work the chain out anew where prompts meet as they do in line, and those that are read hold places."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        numbers = np.arange(self.places + 1)
        slower = np.interp(numbers, [at.running for at in met], [at.slower for at in met])
        self.steps = self.all * slower
        self._settle(max(1, self.places - round(self.reading(met))))

    def _settle(self, places: int) -> None:
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        steps = self.steps[: places + 1]
        sizes = np.maximum(1.0, steps / self.plain[: places + 1])
        groups = 1 + _longevity(self.asked) * self.together * (sizes**2 - 1)
        logs = np.full(places + 1, -np.inf)
        logs[0] = 0.0
        if self.asked.steps > 0 and self.rate > 0:
            logs[1:] = _levels(self.rate, self.asked.steps, steps, groups, places)
        weights = np.exp(logs - logs.max())
        busy = self.rate / self.most
        weights[-1] /= 1 - busy
        self.chances: Array = weights / weights.sum()
        self.full = float(self.chances[-1])
        self.wait = (1 + self.work) / 2 / (self.most - self.rate)
        self.steps = self.steps[: places + 1]
        self.plain, self.all = self.plain[: places + 1], self.all[: places + 1]
        self.places = places


def _levels(rate: float, work: float, steps: Array, groups: Array, places: int) -> Array:
    """Return the logarithms of the chances of 1, 2, … running, from what crosses each level: up in groups, down by one.

    Groups are geometric with these means, and what goes up from n is what comes down from n + 1:
    U(n) = rate ÷ mean × π(n) + (1 − 1 ÷ mean) × U(n − 1) = π(n + 1) × leaving(n + 1).
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    leaving = np.arange(places + 1) / (work * steps)
    up = rate / groups[:-1] + (1 - 1 / groups[:-1]) * leaving[:-1]
    logs: Array = np.cumsum(np.log(up / leaving[1:]))
    return logs


def _lengthened(server: Server, asked: Asked, running: float, rate: float) -> float:
    """Return the mean seconds of a step with so many running, prompts arriving at a rate while it lasts."""
    seconds = plain = server.step(running, asked.cache, 0.0, asked.written)
    if not server.chunked:
        return plain / max(1e-9, 1 - rate * adds(server, asked, running))
    longest = server.step(running, asked.cache, server.budget, asked.written)
    for _ in range(60):
        before, seconds = seconds, min(longest, lengthened(server, asked, running, rate * seconds))
        if abs(seconds - before) <= 1e-9 * seconds:
            break
    return seconds


def _unevenness(server: Server, asked: Asked, places: int, most: float) -> float:
    """Return how uneven the work is that requests bring to a full server, as a squared coefficient of variation.

    Of its time a share is writing, which varies as the lengths of answers do, and more: long ones keep a larger cache,
    and slow all others for as long as they last. Prompts come in lumps: where answers are of one length, those that
    began together end together, and the next prompts come at once again. Both are set by the simulation.
    """
    writing = most * asked.steps * server.step(places, asked.cache, 0.0, asked.written) / places
    share, varies = min(1.0, writing), variation(asked)
    return SLOWED * share**2 * varies + (1 - share) / 2 * max(0.0, 1 - varies)


def _longevity(asked: Asked) -> float:
    """Return ∫(1 − F)² ÷ ∫(1 − F) of the lengths of answers: 1 where all are one, ½ of an exponential.

    It is the chance that of two requests that began together the one lasts as long as the other has lasted; what a
    group adds to the variance of how many run.
    """
    if asked.steps <= 0:
        return 1.0
    lengths = sorted((max(0.0, tokens - 1), share) for share, tokens in asked.answers)
    left, at, square, whole = 1.0, 0.0, [], []
    for tokens, share in lengths:
        square.append(left**2 * (tokens - at))
        whole.append(left * (tokens - at))
        left, at = left - share, tokens
    return math.fsum(square) / math.fsum(whole)


def _nodes(chances: Array) -> list[tuple[float, float]]:
    """Return a few numbers of running requests that stand for all, with their shares."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    numbers, below, found = np.arange(len(chances)), np.cumsum(chances), []
    for low, high in pairwise(_CUTS if chances.max() < 0.999 else (0.0, 1.0)):
        inside = np.clip(np.minimum(below, high) - np.maximum(below - chances, low), 0.0, None)
        if inside.sum() > 0:
            found.append((float((numbers * inside).sum() / inside.sum()), float(inside.sum())))
    return found


def _waiting(first: tuple[Array, Array], full: float, wait: float) -> tuple[Array, Array]:
    """Return times after an exponential wait that a share of the requests has."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if full <= 1e-6 or wait <= 0:
        return first
    waits, chances = exponential_nodes(wait)
    waits, chances = np.concatenate([[0.0], waits]), np.concatenate([[1 - full], full * chances])
    return added_up(first, (waits, chances))


class _Each:
    """The seconds of a step as the tokens of an answer meet them: by how many run, and by whose prompts are read."""

    def __init__(self, asked: Asked, chances: Array, steps: Array, met: list[_At]) -> None:
        """Work out how the number running spreads on average while an answer is written.

        It drifts back to its mean, and what is left of its spread is that of an average over a stretch of time
        (autocorrelation e^(−rt) over a time d: 2 (rd − 1 + e^(−rd)) ÷ (rd)²).
        """
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        numbers = np.arange(len(chances))
        weights = chances * numbers / steps
        if weights.sum() <= 0:
            weights[1] = 1.0
        self.weights = weights / weights.sum()
        mean = float((numbers * self.weights).sum())
        self.mean = float((steps * self.weights).sum())
        self.steps = asked.steps
        kept = _kept(_slope(asked, steps, mean) * self.steps * self.mean)
        values = np.interp(mean + (numbers - mean) * math.sqrt(kept), numbers, steps)
        self.values = values * (self.mean / float((values * self.weights).sum()))
        runs = np.array([at.running for at in met])
        self.plain, self.longest, variance = (
            float(np.interp(mean, runs, [getattr(at, name) for at in met])) for name in ("plain", "longest", "variance")
        )
        self.deviation = math.sqrt(variance) / self.steps if self.steps > 0 else 0.0

    def spread(self, length: float) -> tuple[Array, Array]:
        """Return the seconds a step of answers so many times the mean length, with the prompts of others by chance."""
        import numpy as np  # noqa: PLC0415 - keeps start-up fast

        values, weights = gathered(self.values, self.weights)
        deviation = self.deviation / math.sqrt(max(length, 1e-9))
        more = self.mean - self.plain
        if more <= 0 or deviation <= 1e-4 * self.mean:
            return values, weights
        factors, chances = gamma_nodes((more / deviation) ** 2)
        tilted = values[:, None] + (more * (factors - 1.0))[None, :]
        shares = weights[:, None] * chances[None, :]
        tilted = np.clip(tilted, min(self.plain, float(values.min())), max(self.longest, self.mean))
        tilted += self.mean - float((tilted * shares).sum())
        return gathered(tilted.ravel(), shares.ravel())


def _slope(asked: Asked, steps: Array, mean: float) -> float:
    """Return how fast the number running drifts back to its mean, per second: what leaves more where one more runs."""
    if asked.steps <= 0 or len(steps) < 3:
        return 1 / (max(asked.steps, 1.0) * float(steps[-1]))
    low = max(1, min(len(steps) - 2, int(mean)))
    leaving = [number / (asked.steps * float(steps[number])) for number in (low, low + 1)]
    return max(0.0, leaving[1] - leaving[0])


def _kept(stretch: float) -> float:
    """Return what is left of a variance on average over a stretch, in units of the time in which it fades."""
    if stretch < 1e-3:
        return 1.0
    return 2 * (stretch - 1 + math.exp(-stretch)) / stretch**2


def _answers(asked: Asked, first: tuple[Array, Array], each: _Each) -> tuple[Array, Array]:
    """Return the seconds of whole answers: the first token, and a step for each further one."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    times, chances = [], []
    for share, tokens in asked.answers:
        further = max(0.0, tokens - 1) / asked.written
        if further <= 0:
            times.append(np.zeros(1))
            chances.append(np.array([share]))
            continue
        seconds, weights = each.spread(further / asked.steps)
        times.append(seconds * further)
        chances.append(weights * share)
    return added_up(gathered(*first), gathered(np.concatenate(times), np.concatenate(chances)))
