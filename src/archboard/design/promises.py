"""Reading `sla`: a metric, an operator, a limit, and for latencies a policy. What can be promised is a table's."""

from __future__ import annotations

from collections.abc import Mapping

from archboard.catalog.promises import LATENCY, PROMISES, PromiseKind
from archboard.design.model import Promise
from archboard.design.refusal import Refusal, percentile, quantity, within, words
from archboard.diagnostics import nearest
from archboard.language.syntax import Atom, Number, Operator, Path, Percentile, Value
from archboard.units import Dimension, percentile_name

POLICIES = ("sum", "independent", "bound")
_WORDS: Mapping[str, PromiseKind] = {
    word: kind for kind in PROMISES for word in (kind.words if kind.of_times else (kind.name,))
}
"""What is promised by a word alone."""
_OF_TIMES: Mapping[str, PromiseKind] = {kind.name: kind for kind in PROMISES if kind.of_times and kind.name}
"""What is promised by a word and a percentile."""
_KNOWN = (
    "p50 … p99.99", *LATENCY.words, *(f"{name} p99" for name in _OF_TIMES),
    *(name for name in _WORDS if name not in LATENCY.words),
)  # fmt: skip


def read_promises(values: tuple[Value, ...]) -> tuple[Promise, ...]:
    """Return one promise per value."""
    return tuple(_promise(value) for value in values)


def _promise(value: Value) -> Promise:
    head, operator, rest = _split(value.atoms)
    kind, metric, fraction = _metric(head)
    limit_atoms, policy = _policy(rest, kind, metric)
    limit, per = _limit(kind, metric, fraction is not None, limit_atoms)
    text = " ".join(value.span.text.split())
    printed = text.replace(">=", "≥").replace("<=", "≤")
    return Promise(kind, metric, operator, limit, value.span, text, printed, fraction, policy, per)


def _split(atoms: tuple[Atom, ...]) -> tuple[tuple[Atom, ...], str, tuple[Atom, ...]]:
    for index, atom in enumerate(atoms):
        if isinstance(atom, Operator) and atom.text in ("<", "<=", ">", ">="):
            return atoms[:index], atom.text, atoms[index + 1 :]
    word = words(atoms)
    raise Refusal(f"`{word}` promises nothing: an operator is missing", f"write `{LATENCY.example}`", word)


def _metric(head: tuple[Atom, ...]) -> tuple[PromiseKind, str, float | None]:
    """Return what is promised, and as which word: a percentile alone or behind its name, or one of the words."""
    match head:
        case (Percentile(fraction),):
            return LATENCY, percentile_name(percentile(fraction, "sla")), fraction
        case (Path(text=name), Percentile(fraction)) if name in _OF_TIMES:
            percentile(fraction, f"sla: {name}")
            return _OF_TIMES[name], f"{name} {percentile_name(fraction)}", fraction
        case (Path(text=name),) if name in _WORDS:
            return _WORDS[name], name, None
    word = words(head)
    if word in _WORDS:
        return _WORDS[word], word, None
    guess = nearest(word, [*_WORDS, *_OF_TIMES])
    raise Refusal(
        f"`{word}` is no metric that can be promised",
        f"did you mean `{guess}`?" if guess else f"write {', '.join(_KNOWN[:-1])} or {_KNOWN[-1]}",
        word,
    )


def _policy(rest: tuple[Atom, ...], kind: PromiseKind, metric: str) -> tuple[tuple[Atom, ...], str]:
    match rest:
        case (*limit, Path(text="by"), last) if limit:
            word = words((last,))
            if word not in POLICIES:
                guess = nearest(word, POLICIES)
                raise Refusal(
                    f"`by {word}` is no policy",
                    f"did you mean `by {guess}`?" if guess else "write `by sum`, `by independent` or `by bound`",
                )
            if not kind.of_times:
                raise Refusal(f"`by {word}` goes with a latency, not with {metric}", f"leave `by {word}` out")
            return tuple(limit), word
    return rest, "sum"


def _limit(kind: PromiseKind, metric: str, percentile: bool, atoms: tuple[Atom, ...]) -> tuple[float, str]:
    """Return a limit, and what it is per."""
    if kind.wanted:
        return _limit_per(kind, atoms)
    assert isinstance(kind.dimension, Dimension), kind.name
    example = f"{metric} < 50ms" if percentile else kind.example
    limit = quantity(atoms, metric, kind.dimension, example)
    if limit < 0 or (kind.dimension is Dimension.FRACTION and limit > 1):
        raise Refusal(f"`{metric}` {kind.shown(limit)} is out of range", f"write `{example}`")
    return limit, ""


def _limit_per(kind: PromiseKind, atoms: tuple[Atom, ...]) -> tuple[float, str]:
    match atoms:
        case (Number(value, unit),) if value >= 0 and (found := kind.limit(value, unit)) is not None:
            within(value, kind.name, Dimension.MONEY, kind.example)
            return found
    word = words(atoms)
    raise Refusal(f"`{kind.name}` wants {kind.wanted}, not `{word}`", f"write `{kind.example}`", word)
