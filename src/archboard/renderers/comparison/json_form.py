"""Two compilations side by side as data: SI base units, stable names and order."""

from __future__ import annotations

import math
from typing import Any

from archboard import __version__
from archboard.compare import Comparison, FactChange, PromiseChange, Saturation
from archboard.renderers.report.json_form import found_wrong
from archboard.strict_json import dumps
from archboard.verdicts import Verdict


def render_comparison(comparison: Comparison) -> str:
    """Return the one object of `whatif --format json` and `diff --format json`."""
    before, after = comparison.before, comparison.after
    made: dict[str, Any] = {
        "archboard": __version__,
        "worse": comparison.worse,
        "before": {"file": before.source.path, "name": before.design.name, "ok": before.ok},
        "after": {"file": after.source.path, "name": after.design.name, "ok": after.ok},
        "design": [
            {"what": d.what, "name": d.name, "setting": d.setting, "kind": d.kind, "before": d.before, "after": d.after}
            for d in comparison.design
        ],
        "promises": [_promise(change) for change in comparison.promises],
        "facts": [_fact(change) for change in comparison.facts],
        "scenarios": [{"name": c.title, "before": c.before, "after": c.after} for c in comparison.scenarios],
        "first_to_saturate": dict(zip(("before", "after"), map(_saturation, comparison.saturation), strict=True)),
        "appeared": [found_wrong(d) for d in comparison.appeared],
        "gone": [found_wrong(d) for d in comparison.gone],
    }
    return dumps(made, 1) + "\n"


def finite(value: float | None) -> float | None:
    """Return a number that JSON can hold, or None."""
    return value if value is not None and math.isfinite(value) else None


def _promise(change: PromiseChange) -> dict[str, Any]:
    promise = change.verdict.promise
    return {
        "flow": change.flow,
        "failure": change.failure or None,
        "promise": promise.text,
        "metric": promise.metric,
        "policy": promise.policy if promise.is_latency else None,
        "before": _side(change.before),
        "after": _side(change.after),
        "delta": finite(change.delta),
        "lost": change.lost,
        "won": change.won,
    }


def _side(verdict: Verdict | None) -> dict[str, Any] | None:
    if verdict is None:
        return None
    return {"value": finite(verdict.value), "limit": verdict.promise.limit, "ok": verdict.ok}


def _fact(change: FactChange) -> dict[str, Any]:
    fact = change.fact
    values = [None if side is None else finite(side.value) for side in (change.before, change.after)]
    return {
        "metric": fact.metric.name,
        "subject": fact.subject,
        "unit": fact.metric.dimension.value,
        "before": values[0],
        "after": values[1],
        "working": fact.told,
    }


def _saturation(saturation: Saturation | None) -> dict[str, Any] | None:
    return None if saturation is None else {"component": saturation.component, "rate": finite(saturation.rate)}
