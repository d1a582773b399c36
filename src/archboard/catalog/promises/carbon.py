"""A carbon promise is missed: what runs emits more than was promised.

A core draws 10 W and a GPU 300 W, whatever they do, and a kilowatt-hour emits 400 g; a replica that says nothing of its
cores has one. What is not ours does not count. A month has 730 hours. Per request, the whole of it is shared by the
requests of all flows. Fewer replicas or smaller ones emit less, and so does a cache that spares them.
"""

from __future__ import annotations

from collections.abc import Iterator

from archboard.catalog.promises.kinds import MONTH, REQUEST, Held, PromiseKind, Reading, Running
from archboard.units import HOURS, OwnDimension, Unit, show, show_number
from archboard.units import MONTH as SECONDS

CORE, GPU = 10.0, 300.0
"""Watts."""
INTENSITY = 0.4
"""Grams a watt-hour."""
EMITTED = OwnDimension((Unit(1e-3, "mg", "milligram"), Unit(1.0, "g", "gram"), Unit(1e3, "kg", "kilogram")))


def measure(running: Running) -> Iterator[Reading]:
    """Yield what each component emits a month, all of them together, and a request of each flow."""
    monthly: dict[str, float] = {}
    for run in (run for run in running.runs if run.kind not in ("client", "external")):
        watts = run.settings.get("cpu", 1.0) * CORE + run.settings.get("gpus", 0.0) * GPU
        monthly[run.component] = run.replicas * watts * HOURS * INTENSITY
        working = f"{show_number(run.replicas)} × {show_number(watts)} W × 730 h × 0.4 g/Wh"
        yield Reading("carbon_month", run.component, monthly[run.component], working)
    whole = sum(monthly.values())
    parts = " + ".join(f"{name} {show(emitted, EMITTED)}" for name, emitted in monthly.items())
    yield Reading("carbon_month", running.design, whole, parts)
    requests = sum(running.rates.values()) * SECONDS
    for flow in running.rates:
        yield Reading("carbon_request", flow, whole / requests, f"{show(whole, EMITTED)}/month ÷ all requests")


CARBON = PromiseKind(
    "carbon", EMITTED, "carbon <= 200kg/month", "AB704", wanted="grams a request or a month", why=__doc__ or "",
    measure=measure,
    held=(
        Held("carbon_request", "no client gives a rate", REQUEST, rated=True, about="grams of CO₂ a request"),
        Held("carbon_month", "nothing runs", MONTH, whole=True, about="grams of CO₂ a month"),
    ),
)  # fmt: skip
