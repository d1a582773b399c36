"""Queues and capacity: how full, how many replicas, and what waits in front of them."""

from __future__ import annotations

from archboard.formulas.model import INSIDE, MOST, PART, POSITIVE, WHOLE, Formula, Input, Topic
from archboard.maths import queues
from archboard.units import Dimension

RATE = Input("rate", "requests a second that arrive", Dimension.RATE, "8k rps")
SERVICE = Input("service", "mean time of service, without waiting", Dimension.DURATION, "8ms", within=POSITIVE)
SERVERS = Input("servers", "requests served at once, in all replicas", Dimension.COUNT, "80", within=WHOLE)
THROUGHPUT = Input("throughput", "requests a second of one replica", Dimension.RATE, "500 rps", within=POSITIVE)
MMC = "M/M/c: Poisson arrivals, exponential service, first come first served, utilisation under 1"


def _servers(rate: float, service: float, target: float, quantile: float) -> float:
    if rate * service > MOST:
        raise ValueError(f"{rate * service:,.0f} servers would be busy, and {MOST:,.0f} are the most looked at")
    return queues.servers_for_sojourn(quantile, rate, service, target)


CAPACITIES = Topic(
    "Queues and capacity",
    (
        Formula(
            "capacity",
            "what replicas carry together",
            "capacity",
            "{replicas} × {throughput}",
            (Input("replicas", "how many", Dimension.COUNT, "20", within=WHOLE), THROUGHPUT),
            Dimension.RATE,
            lambda replicas, throughput: replicas * throughput,
            "replicas that share the load evenly and nothing else",
            "utilisation law; Denning and Buzen (1978)",
            metric="capacity",
        ),
        Formula(
            "utilisation",
            "how full something is",
            "utilisation",
            "{demand} ÷ {capacity}",
            (
                Input("demand", "requests a second that arrive", Dimension.RATE, "2k rps"),
                Input("capacity", "requests a second it carries", Dimension.RATE, "10k rps", within=POSITIVE),
            ),
            Dimension.FRACTION,
            queues.utilisation,
            "averages over a time long against a request; above 1 the queue grows without end",
            "utilisation law; Denning and Buzen (1978)",
            readings=((0.7, "above 70%: waits grow fast"), (1.0, "above 100%: the queue grows without end")),
            metric="utilisation",
        ),
        Formula(
            "replicas",
            "how many replicas a rate needs",
            "replicas",
            "{rate} ÷ ({throughput} × {target}), rounded up",
            (
                RATE,
                THROUGHPUT,
                Input("target", "the utilisation to stay at or under", Dimension.FRACTION, "70%", "70%", PART),
            ),
            Dimension.COUNT,
            queues.replicas_needed,
            "even load; add the spares that availability wants",
            "utilisation law; Denning and Buzen (1978)",
            unit="replicas",
            metric="replicas_needed",
        ),
        Formula(
            "saturation",
            "the client rate at which something is full",
            "full at",
            "{capacity} ÷ {visits}",
            (
                Input("capacity", "requests a second it carries", Dimension.RATE, "10k rps"),
                Input(
                    "visits",
                    "how often a request comes by: 0.2 behind an 80% cache",
                    Dimension.COUNT,
                    "0.2",
                    within=POSITIVE,
                ),
            ),
            Dimension.RATE,
            lambda capacity, visits: capacity / visits,
            "the same mix of requests at every rate; the least of all components is the system's",
            "forced flow law; Denning and Buzen (1978)",
            metric="saturates_at",
        ),
        Formula(
            "erlang-c",
            "the share of requests that must wait",
            "waiting",
            "Erlang C({servers}, {rate} × {service})",
            (RATE, SERVICE, SERVERS),
            Dimension.FRACTION,
            lambda rate, service, servers: queues.erlang_c(int(servers), rate * service),
            MMC,
            "Erlang (1917); Gross and Harris, §2",
            metric="waiting",
        ),
        Formula(
            "wait",
            "mean time in the queue",
            "wait",
            "Erlang C × {service} ÷ ({servers} − {rate} × {service})",
            (RATE, SERVICE, SERVERS),
            Dimension.DURATION,
            lambda rate, service, servers: queues.mean_wait(rate, service, int(servers)),
            MMC,
            "Erlang (1917); Gross and Harris, §2",
        ),
        Formula(
            "wait-general",
            "mean time in the queue, any variability",
            "wait",
            "wait({rate}, {service}, {servers}) × ({arrivals} + {variability}) ÷ 2",
            (
                RATE,
                SERVICE,
                SERVERS,
                Input(
                    "arrivals", "variance ÷ mean² of the gaps between arrivals; 1 is Poisson", Dimension.COUNT, "4", "1"
                ),
                Input(
                    "variability",
                    "variance ÷ mean² of service; 1 is exponential, 0 constant",
                    Dimension.COUNT,
                    "0.5",
                    "1",
                ),
            ),
            Dimension.DURATION,
            lambda rate, service, servers, arrivals, variability: queues.mean_wait_general(
                rate, service, int(servers), arrivals, variability
            ),
            "exact for M/M/c and M/G/1, an approximation for G/G/c; utilisation under 1",
            "Allen (1990); Kingman (1961); Pollaczek–Khinchine",
            metric="mean_wait",
        ),
        Formula(
            "sojourn",
            "a percentile of waiting and service together",
            "percentile",
            "t with P(wait + service ≤ t) = {quantile}, M/M/{servers} at {rate} × {service}",
            (
                RATE,
                SERVICE,
                SERVERS,
                Input("quantile", "the share of requests within it", Dimension.FRACTION, "99%", "99%", INSIDE),
            ),
            Dimension.DURATION,
            lambda rate, service, servers, quantile: queues.sojourn_quantile(quantile, rate, service, int(servers)),
            MMC,
            "Gross and Harris, §2",
        ),
        Formula(
            "servers",
            "the fewest servers that hold a percentile",
            "servers",
            "fewest with P(wait + service ≤ {target}) ≥ {quantile}, M/M/c at {rate} × {service}",
            (
                RATE,
                SERVICE,
                Input("target", "the time to hold", Dimension.DURATION, "50ms", within=POSITIVE),
                Input("quantile", "the share of requests within it", Dimension.FRACTION, "99%", "99%", INSIDE),
            ),
            Dimension.COUNT,
            _servers,
            MMC,
            "Gross and Harris, §2",
            unit="servers",
        ),
        Formula(
            "erlang-b",
            "the share refused where nothing can wait",
            "refused",
            "Erlang B({servers}, {rate} × {service})",
            (RATE, SERVICE, SERVERS),
            Dimension.FRACTION,
            lambda rate, service, servers: queues.erlang_b(int(servers), rate * service),
            "M/G/c/c: Poisson arrivals, any service, no queue; any load",
            "Erlang (1917)",
        ),
    ),
)
