"""Reading `sla`: a metric, an operator, a limit, and for latencies a policy."""

from __future__ import annotations

from archboard.design.model import Promise
from archboard.design.refusal import Refusal, quantity, words
from archboard.diagnostics import nearest
from archboard.language.syntax import Atom, Number, Operator, Path, Percentile, Value
from archboard.units import Dimension, money, percentile_name, show

POLICIES = ("sum", "independent", "bound")
METRICS = ("mean", "max", "throughput", "availability", "cost", "staleness", "ttft")
_EXAMPLE = "p99 < 50ms"


def read_promises(values: tuple[Value, ...]) -> tuple[Promise, ...]:
    """Return one promise per value."""
    return tuple(_promise(value) for value in values)


def _promise(value: Value) -> Promise:
    head, operator, rest = _split(value.atoms)
    metric, fraction = _metric(head)
    limit_atoms, policy = _policy(rest, metric if fraction is None else "p")
    limit, per = _limit(metric, fraction, limit_atoms)
    text = " ".join(value.span.text.split())
    return Promise(metric, operator, limit, value.span, text, fraction, policy, per)


def _split(atoms: tuple[Atom, ...]) -> tuple[tuple[Atom, ...], str, tuple[Atom, ...]]:
    for index, atom in enumerate(atoms):
        if isinstance(atom, Operator) and atom.text in ("<", "<=", ">", ">="):
            return atoms[:index], atom.text, atoms[index + 1 :]
    raise Refusal(f"`{words(atoms)}` promises nothing: an operator is missing", f"write `{_EXAMPLE}`")


def _metric(head: tuple[Atom, ...]) -> tuple[str, float | None]:
    match head:
        case (Percentile(fraction),) if 0 < fraction < 1:
            return percentile_name(fraction), fraction
        case (Path(text="ttft"), Percentile(fraction)) if 0 < fraction < 1:
            return f"ttft {percentile_name(fraction)}", fraction
        case (Path() as path,) if path.text in METRICS and path.text != "ttft":
            return path.text, None
    word = words(head)
    guess = nearest(word, METRICS)
    known = "p50 … p99.99, mean, max, ttft p99, throughput, availability, cost or staleness"
    raise Refusal(
        f"`{word}` is no metric that can be promised", f"did you mean `{guess}`?" if guess else f"write {known}"
    )


def _policy(rest: tuple[Atom, ...], metric: str) -> tuple[tuple[Atom, ...], str]:
    match rest:
        case (*limit, Path(text="by"), last) if limit:
            word = words((last,))
            if word not in POLICIES:
                guess = nearest(word, POLICIES)
                raise Refusal(
                    f"`by {word}` is no policy",
                    f"did you mean `by {guess}`?" if guess else "write `by sum`, `by independent` or `by bound`",
                )
            if metric not in ("p", "max", "mean"):
                raise Refusal(f"`by {word}` goes with a latency, not with {metric}", f"leave `by {word}` out")
            return tuple(limit), word
    return rest, "sum"


def _limit(metric: str, fraction: float | None, atoms: tuple[Atom, ...]) -> tuple[float, str]:
    if metric == "cost":
        return _cost(atoms)
    dimension, example = {
        "throughput": (Dimension.RATE, "throughput >= 10k rps"),
        "availability": (Dimension.FRACTION, "availability >= 99.9%"),
        "staleness": (Dimension.DURATION, "staleness <= 3 days"),
    }.get(metric, (Dimension.DURATION, f"{metric} < 50ms" if fraction is not None else _EXAMPLE))
    limit = quantity(atoms, metric, dimension, example)
    if limit < 0 or (dimension is Dimension.FRACTION and limit > 1):
        raise Refusal(f"`{metric}` {show(limit, dimension)} is out of range", f"write `{example}`")
    return limit, ""


def _cost(atoms: tuple[Atom, ...]) -> tuple[float, str]:
    match atoms:
        case (Number(value, unit),) if (amount := money(value, unit)) is not None and value >= 0:
            if amount.per in ("request", "month"):
                return amount.dollars, amount.per
            if amount.hourly is not None:
                return amount.hourly * 730, "month"
    raise Refusal(
        f"`cost` wants dollars a request or a month, not `{words(atoms)}`", "write `cost <= $0.0005/request`"
    )
