"""Queues and capacity: what flows through a component and what waits in front of it.

Rates are per second, times in seconds, `servers` are whatever serves one request at a time. A load is
rate × service time in erlangs: the servers that would be busy on average. Every waiting formula raises
`Unstable` at utilisation 1 and above, where the queue grows without end and no number is an answer.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from archboard.load import Load
from archboard.maths.distributions.percentile_curve import integral
from archboard.maths.search import least

_COUNTED = 10_000
"""Servers up to which Erlang's recursion takes a step for each."""
_FAR_OUT, _NEVER = 12.0, 700.0  # deviations of a bell, and the logarithm beyond which one in e^that is never
_TOLD_APART = 20_000
"""Servers up to which the states of a queue that batches come to are worked out one by one."""
_GROWN = 1e200
_MOST_SERVERS = 1_000_000


class Unstable(ArithmeticError):  # noqa: N818 - the field's own word
    """More arrives than can be served: the queue grows without end."""

    def __init__(self, utilisation: float) -> None:
        super().__init__(f"utilisation {utilisation:.6g} is not below 1")
        self.utilisation = utilisation


def in_flight(rate: float, mean_latency: float) -> float:
    """Return the mean number of requests in the system: rate × mean latency (Little 1961)."""
    return rate * mean_latency


def throughput_of(concurrency: float, mean_latency: float) -> float:
    """Return the most requests per second that so many at a time allow: concurrency ÷ mean latency (Little).

    Infinite when a request takes no time.
    """
    return concurrency / mean_latency if mean_latency > 0 else math.inf


def single_thread_ceiling(mean_latency: float) -> float:
    """Return the requests per second of one caller that waits for each answer: 1 ÷ mean latency."""
    return throughput_of(1, mean_latency)


def utilisation(rate: float, capacity: float) -> float:
    """Return rate ÷ capacity; infinite when something arrives where nothing can be carried, 0 of nothing."""
    return Load(rate, capacity).utilisation


def replicas_needed(rate: float, throughput: float, target: float = 1.0) -> int:
    """Return the fewest replicas, of `throughput` each, that carry a rate at the target utilisation at most.

    A hair over a whole number, 1e-6 relative, is rounding and does not buy another replica. At least 1.
    `ValueError` unless throughput and target are positive.
    """
    if throughput <= 0 or target <= 0:
        raise ValueError(f"replicas of throughput {throughput} at a target of {target} carry nothing")
    return int(Load(rate, throughput).replicas(target))


def erlang_b(servers: int, load: float) -> float:
    """Return the share of requests refused where none can wait, M/G/c/c (Erlang 1917)."""
    if servers > _COUNTED:
        return _erlang_b_of_many(servers, load)
    refused = 1.0
    for busy in range(1, servers + 1):
        refused = load * refused / (busy + load * refused)
    return refused


def _erlang_b_of_many(servers: float, load: float) -> float:
    """Return the share refused by so many servers that one does not count them: 1/B = ∫ a·e^(−at)·(1 + t)^c dt.

    The integrand is a bell around c/a − 1 of which nothing lies farther out than so many deviations, or a part of one.
    """
    if load <= 0:
        return 0.0
    top = max(servers / load - 1, 0.0)
    log_top = servers * math.log1p(top) - load * top
    if log_top > _NEVER:
        return 0.0
    deviation = math.sqrt(servers) / load

    def height(t: float) -> float:
        return load * math.exp(servers * math.log1p(t) - load * t - log_top)

    low, high = max(top - _FAR_OUT * deviation, 0.0), top + _FAR_OUT * deviation
    if (excess := load - servers) > 0:
        high = min(high, 4 * _FAR_OUT / excess)
    return math.exp(-log_top) / integral(height, low, high)


def erlang_c(servers: int, load: float) -> float:
    """Return the share of requests that must wait, M/M/c (Erlang 1917; Gross and Harris §2)."""
    _stable(load / servers)
    refused = erlang_b(servers, load)
    return refused / (1 - load / servers * (1 - refused))


def mean_wait(rate: float, service: float, servers: int = 1) -> float:
    """Return the mean time in the queue, M/M/c: C ÷ (cμ − λ), over all requests, waiting or not."""
    return erlang_c(servers, rate * service) * service / (servers - rate * service)


def sojourn_exceeds(t: float, rate: float, service: float, servers: int = 1) -> float:
    """Return the share of requests longer than t in queue and service, M/M/c, first come first served.

    Service at μ alone for those that do not wait, then after an exponential wait at cμ − λ for those that do.
    """
    waiting = erlang_c(servers, rate * service)
    serve = 1 / service
    drain = (servers - rate * service) * serve
    alone = math.exp(-serve * t)
    if abs(drain - serve) < 1e-9 * serve:
        return alone + waiting * serve * t * alone
    return alone + waiting * serve / (serve - drain) * (math.exp(-drain * t) - alone)


def sojourn_quantile(q: float, rate: float, service: float, servers: int = 1) -> float:
    """Return the time in queue and service that a share q of requests stays within, M/M/c, seconds."""
    high = service
    while sojourn_exceeds(high, rate, service, servers) > 1 - q:
        high *= 2
    return least(lambda t: sojourn_exceeds(t, rate, service, servers) <= 1 - q, 0.0, high)


def mean_wait_general(
    rate: float, service: float, servers: int = 1, arrivals_scv: float = 1.0, service_scv: float = 1.0
) -> float:
    """Return the mean time in the queue, G/G/c: the M/M/c wait × (ca² + cs²)/2 (Allen–Cunneen, Allen 1990).

    Exact for M/M/c, and for M/G/1, where it is Pollaczek–Khinchine; for G/G/1 it is Kingman's (1961)
    approximation; otherwise an approximation. scv: variance ÷ mean² of the gaps between arrivals, of service.
    """
    return mean_wait(rate, service, servers) * (arrivals_scv + service_scv) / 2


def in_batches(servers: int, busy: float, batch: int) -> tuple[float, dict[int, float]]:
    """Return the share of batches that find all servers busy, and of how many go before one once the first is served.

    M^X/M/c with so many at a time, by the balance of rates across each cut (Gross and Harris §3.1): upwards batches, at
    `busy` of what the servers do, downwards one at a time. A batch that finds servers free has as many served at once.
    Of very many servers a batch finds all busy or enough free, as often as single requests would find fewer servers so:
    by the peakedness (batch + 1) ÷ 2 (Hayward; Fredericks 1980).
    """
    load = busy * servers
    if servers > _TOLD_APART:
        peak = (batch + 1) / 2
        refused = _erlang_b_of_many(servers / peak, load / peak)
        full = refused / (1 - busy * (1 - refused))
        return full, {0: 1 - full + full / batch} | dict.fromkeys(range(1, batch), full / batch)
    states, recent = [1.0], 1.0
    for n in range(1, servers):
        states.append(load / batch * recent / n)
        recent += states[n] - (states[n - batch] if n >= batch else 0.0)
        if recent > _GROWN:  # of thousands of servers no float holds the likeliest beside the first
            states, recent = [state / recent for state in states], 1.0
    below = math.fsum(states)
    scale = (servers - load) / (servers * below - math.fsum(n * state for n, state in enumerate(states)))
    full = max(0.0, 1 - scale * below)
    ahead = dict.fromkeys(range(batch), full / batch)
    ahead[0] += scale / batch * math.fsum(state * min(servers - n, batch) for n, state in enumerate(states))
    behind = 0.0
    for place in range(batch - 1, 0, -1):  # of a batch that finds n servers busy, those from `servers` − n on wait
        behind += states[servers - batch + place] if batch - place <= servers else 0.0
        ahead[place] += scale * behind / batch
    return full, ahead


def waiting_in_batches(servers: int, busy: float, batch: int) -> float:
    """Return the share of requests that wait where so many come at once: all but those that find a free server."""
    full, ahead = in_batches(servers, busy, batch)
    return 1 - (ahead[0] - full / batch)


def evener_arrivals(busy: float, arrivals_scv: float, service_scv: float) -> tuple[float, float]:
    """Return what arrivals that are evener than at random leave of the share that waits, and of the mean wait.

    GI/G/1 with an arrivals' scv of at most 1 (Krämer and Langenbach-Belz 1976), `busy` in 0..1. Round robin over n
    replicas makes every n-th arrival that of one: 1 ÷ n where all come at random.
    """
    both = arrivals_scv + service_scv
    wait = both / (1 + service_scv) * math.exp(-2 * (1 - busy) * (1 - arrivals_scv) ** 2 / (3 * busy * both))
    over = 1 + arrivals_scv + busy * service_scv
    under = 1 + busy * (service_scv - 1) + busy**2 * (both + 3 * arrivals_scv)
    return 1 - (1 - arrivals_scv) * (1 - busy) * over / under, wait


def servers_for_sojourn(q: float, rate: float, service: float, target: float) -> int:
    """Return the fewest servers at which a share q of requests takes at most `target` seconds, M/M/c.

    `ValueError` when service alone is slower than that: no number of servers helps.
    """
    if math.exp(-target / service) > 1 - q:
        raise ValueError(f"service alone exceeds {target} s more often than {1 - q:g}")
    return _fewest(rate, service, lambda servers: sojourn_exceeds(target, rate, service, servers) <= 1 - q)


def _fewest(rate: float, service: float, enough: Callable[[int], bool]) -> int:
    """Return the fewest servers that are stable and enough; more servers are never worse, so bisect."""
    low = math.floor(rate * service)  # never enough: utilisation 1 or above
    high = low + 1
    while not enough(high):
        low, high = high, 2 * high
        if high > _MOST_SERVERS:
            raise ValueError(f"not even {_MOST_SERVERS:,} servers are enough")
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


def _stable(busy: float) -> None:
    if busy >= 1:
        raise Unstable(busy)
