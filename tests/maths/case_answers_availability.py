"""How `maths.reliability`, and a compiled design, answer the published cases about availability."""

from collections.abc import Callable, Mapping
from typing import Any

from archboard.compiler import compile_source
from archboard.maths.reliability import replicas as r
from archboard.source import Source


def _unique(i: Mapping[str, Any]) -> object:
    """Compile the design whose components call each other so, and ask how often it is up."""
    boxes = [f"service {name} {{ availability: {100 * i[name]:.12g}% }}" for name in "ABCD"]
    calls = [" <-> ".join(edge.split(">")) for edge in i["edges"]]
    text = "\n".join(["client web { rate: 1 rps }", *boxes, "web -> A", *calls])
    return compile_source(Source("case.arch", text)).facts.value("availability", "main")


def _spared(i: Mapping[str, Any]) -> float:
    assert i["f"] == 1  # all of the workload is hit
    return r.k_of_n(i["spares"] + 1, 1, i["a"])


def _year(i: Mapping[str, Any]) -> float:
    return r.downtime(i["availability"], i["year_days"] * 24)


ANSWERS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "aws_mtbf_mttr": lambda i: r.repaired(i["mtbf_h"], i["mttr_h"]),
    "aws_two_spares_995": _spared,
    "azure_composite": lambda i: r.series(i["series"]),
    "common_cause_beta_10": lambda i: r.k_of_n(i["replicas"], 1, 1 - i["u"], i["beta"]),
    "downtime_30d_999": lambda i: r.downtime(i["availability"], i["window_days"] * 1440),
    "downtime_year_0.9995": _year,
    "downtime_year_0.9999": lambda i: _year(i) * 60,
    "downtime_year_0.99999": lambda i: _year(i) * 60,
    "k_of_n_2of3_99": lambda i: r.k_of_n(i["n"], i["k"], i["a"]),
    "request_budget_per_day": lambda i: r.error_budget(i["slo"], i["requests"]),
    "shared_dependency_counted_once": _unique,
}
