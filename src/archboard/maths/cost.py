"""Cost: dollars per million requests or tokens, and the month's bill. Prices are per hour, rates per second."""

from __future__ import annotations

from archboard.units import HOUR

MILLION = 1e6
GB = 1e9


def per_million_requests(replicas: float, per_hour: float, rate: float) -> float:
    """Return the dollars for a million requests: replicas × dollars an hour ÷ requests an hour. `rate` > 0."""
    return replicas * per_hour / (rate * HOUR) * MILLION


def per_million_tokens(per_hour: float, tokens_per_second: float) -> float:
    """Return the dollars for a million tokens of what costs so much an hour and makes so many a second (> 0)."""
    return per_hour / (tokens_per_second * HOUR) * MILLION


def monthly(
    gpu_hours: float = 0.0, gpu_price: float = 0.0, cpu_hours: float = 0.0, cpu_price: float = 0.0,
    storage: float = 0.0, egress: float = 0.0, storage_price: float = 0.023 / GB, egress_price: float = 0.09 / GB,
) -> float:  # fmt: skip
    """Return a month's dollars: GPU and CPU hours × dollars an hour, stored and leaving bytes × dollars a byte.

    The defaults are the seed's list prices, $0.023 per GB stored a month and $0.09 per GB that leaves.
    """
    return gpu_hours * gpu_price + cpu_hours * cpu_price + storage * storage_price + egress * egress_price
