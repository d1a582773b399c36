"""How the public functions of `maths.worst_case` answer the published cases about dependence between hops."""

from collections.abc import Callable, Mapping
from typing import Any

from archboard.maths.distributions.distribution import Distribution, Mixture
from archboard.maths.distributions.from_percentiles import from_percentiles
from archboard.maths.network import Network, NetworkBuilder
from archboard.maths.percentiles.worst_case import worst_case


def _fit(p50: float, p99: float) -> Distribution:
    return from_percentiles([(0.5, p50 / 1000), (0.99, p99 / 1000)])


def _hop(each: Mapping[str, Any]) -> Distribution:
    if "hit" not in each:
        return _fit(each["p50"], each["p99"])
    hit, miss = _fit(each["hit_p50"], each["hit_p99"]), _fit(each["miss_p50"], each["miss_p99"])
    return Mixture(((each["hit"], hit), (1 - each["hit"], miss)))


def _worst_ms(hops: list[Distribution], q: float) -> float:
    build = NetworkBuilder()
    network: Network = build.network(build.series(build.hop(hop, str(i)) for i, hop in enumerate(hops)))
    found = worst_case(network, q)
    assert found is not None
    return 1000 * found.estimate


ANSWERS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "path10_worst_case_any_dependence_p99": lambda i: _worst_ms([_hop(each) for each in i["path"]], i["p"]),
    "two_hop_worst_case_p99_makarov": lambda i: _worst_ms(
        [_fit(each["p50_ms"], each["p99_ms"]) for each in i["components"]], i["p"]
    ),
}
