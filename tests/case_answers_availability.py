"""How the public functions of `maths.reliability` answer the published cases about availability."""

from collections.abc import Callable, Mapping
from typing import Any

from archboard.maths import reliability as r


def _unique(i: Mapping[str, Any]) -> float:
    edges = [tuple(edge.split(">")) for edge in i["edges"]]
    return r.unique_dependencies({name: i[name] for name in "ABCD"}, edges, "A")


def _year(i: Mapping[str, Any]) -> float:
    return r.downtime(i["availability"], i["year_days"] * 24)


ANSWERS: dict[str, Callable[[Mapping[str, Any]], object]] = {
    "aws_mtbf_mttr": lambda i: r.repaired(i["mtbf_h"], i["mttr_h"]),
    "aws_two_spares_995": lambda i: r.with_spares(i["a"], i["spares"], i["f"]),
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
