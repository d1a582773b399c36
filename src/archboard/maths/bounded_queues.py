"""Queues with an end: servers, so many places to wait, and what finds them all taken is refused at once.

M/M/c/K and what is known of it: the share refused, the share of the admitted that waits, and how long. A load is
rate × service time in erlangs, as in `queues`, and may be more than the servers: such a queue has an end, and so a
steady state at any load. `places` are those to wait, beside the servers; with none of them this is Erlang's B.

Of the states with all servers busy each is as likely as the one before times the load a server (the ratio). Sums of
their powers are taken from the likeliest one down: nothing overflows with 10,000 servers or a million places.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from archboard.maths.queues import erlang_b

if TYPE_CHECKING:
    from numpy import float64
    from numpy.typing import NDArray

    Array = NDArray[float64]

_REACH = 9.0  # deviations of a Poisson number beyond which nothing of it is left, 1e-19
_FLAT = 1e-4  # of a ratio whose power is as near to one as this, the mean of so many is a straight line


def powers(ratio: float, count: int) -> float:
    """Return 1 + r + … + r^(count − 1), for a ratio of at most 1."""
    if count <= 0:
        return 0.0
    log = math.log(ratio) if ratio > 0 else -math.inf
    if log == 0:
        return float(count)
    return 1.0 if log == -math.inf else math.expm1(count * log) / math.expm1(log)


def refused_share(servers: int, load: float, places: int) -> float:
    """Return the share of requests that find every server busy and every place taken, M/M/c/K (Gross and Harris §2.5).

    Without a place Erlang's B, which holds for any service.
    """
    if load <= 0:
        return 0.0
    full, ratio = erlang_b(servers, load), load / servers
    if ratio <= 1:
        return full * ratio**places / (1 + full * ratio * powers(ratio, places))
    return full / (math.exp(-places * math.log(ratio)) + full * powers(1 / ratio, places))


def waiting_share(servers: int, load: float, places: int) -> float:
    """Return the share of those admitted that must wait, M/M/c/K; 0 where none can."""
    if load <= 0 or places <= 0:
        return 0.0
    full, ratio = erlang_b(servers, load), load / servers
    if ratio <= 1:
        busy = full * powers(ratio, places)
        return busy / (1 - full + busy)
    busy = full * powers(1 / ratio, places)
    return busy / ((1 - full) * math.exp((1 - places) * math.log(ratio)) + busy)


def mean_ahead(ratio: float, places: int) -> float:
    """Return how many others one that waits finds waiting, on average: 0 … places − 1, each likelier by a ratio."""
    if ratio > 1:
        return places - 1 - mean_ahead(1 / ratio, places)
    log = math.log(ratio)
    if places * -log < _FLAT:
        return (places - 1) / 2 + (places**2 - 1) * log / 12
    return ratio / -math.expm1(log) - places * math.exp(places * log) / -math.expm1(places * log)


def mean_wait_of_waiting(load: float, service: float, servers: int, places: int) -> float:
    """Return the mean wait of those that wait, M/M/c/K, seconds."""
    return (mean_ahead(load / servers, places) + 1) * service / servers


def mean_wait(load: float, service: float, servers: int, places: int) -> float:
    """Return the mean time in the queue of those admitted, M/M/c/K, waiting or not, seconds."""
    if load <= 0 or places <= 0:
        return 0.0
    return waiting_share(servers, load, places) * mean_wait_of_waiting(load, service, servers, places)


def ahead_at_least(ratio: float, places: int, counts: Array) -> Array:
    """Return how likely one that waits finds so many others waiting, or more; counts in 0 … places."""
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    log = math.log(ratio)
    if log == 0:
        even: Array = (places - counts) / places
        return even
    if log > 0:
        risen: Array = np.expm1(-(places - counts) * log) / math.expm1(-places * log)
        return risen
    fallen: Array = np.exp(counts * log) * np.expm1((places - counts) * log) / math.expm1(places * log)
    return fallen


def wait_exceeds(t: float, load: float, service: float, servers: int, places: int) -> float:
    """Return the share of those that wait which wait longer than t seconds, M/M/c/K, first come first served.

    Who finds so many waiting is served once as many services have ended and one more, all servers busy meanwhile: at
    least so many found, for each number of services that end within t (Poisson), a sum of positive parts.
    """
    import numpy as np  # noqa: PLC0415 - keeps start-up fast

    if t <= 0:
        return 1.0
    ended = t * servers / service
    around = _REACH * math.sqrt(ended) + _REACH**2
    first, last = max(0, math.floor(ended - around)), min(places - 1, math.ceil(ended + around))
    if first > last:
        return 0.0
    counts = np.arange(first, last + 1, dtype=float)
    likeliest = min(max(math.floor(ended), first), last)
    at_most = likeliest * math.log(ended) - ended - math.lgamma(likeliest + 1)
    logs = np.cumsum(math.log(ended) - np.log(np.maximum(counts, 1.0)))
    logs += at_most - logs[likeliest - first]
    found = float(np.dot(np.exp(logs), ahead_at_least(load / servers, places, counts)))
    return min(found, 1.0)
