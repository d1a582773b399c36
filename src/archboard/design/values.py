"""From the atoms of a setting to its value in SI units, or the reason why not.

One reader per form of value; which form a setting has is in the catalogue. A reader returns the value, or a
`Refusal` that the resolver turns into AB205 at the right place.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from itertools import pairwise

from archboard.catalog import Form, SettingKind
from archboard.catalog.assumptions import ASSUMED, field_of
from archboard.design.lengths import lengths_of
from archboard.design.model import Assumptions, Backoff, Condition, Hedge, Latency, Replicas, SettingValue
from archboard.design.promises import read_promises
from archboard.design.refusal import Refusal, percentile, quantity, spread, within, words
from archboard.diagnostics import nearest
from archboard.language.syntax import Atom, Number, Operator, Path, Percentile, Value
from archboard.records import record, replace
from archboard.units import Dimension, money, percentile_name, show, show_duration

Constants = Mapping[str, tuple[Atom, ...]]


@record
class Written:
    """A setting's values with constants filled in, and the kind of setting they are for."""

    kind: SettingKind
    values: tuple[Value, ...]


def read_value(kind: SettingKind, values: tuple[Value, ...], constants: Constants) -> SettingValue | Refusal:
    """Return what a setting's values mean."""
    try:
        return READERS[kind.form](Written(kind, tuple(_filled(value, constants) for value in values)))
    except Refusal as refusal:
        return _with_constant(refusal, values, constants)


def read_percentile(
    kind: SettingKind, fraction: float, values: tuple[Value, ...], constants: Constants, base: Latency | None
) -> Latency | Refusal:
    """Return a latency with one percentile of it changed, or given first; the others stay."""
    name = percentile_name(fraction)
    if base is not None and base.is_range:
        return Refusal(f"`{kind.name}` is a range and has no {name}", f"give all of it: `{kind.example}`")
    called = replace(kind, name=f"{kind.name} {name}", example="10ms")
    points = dict(base.percentiles) if base is not None else {}
    try:
        seconds = _seconds(_only(Written(called, tuple(_filled(value, constants) for value in values))), called)
        return _latency_of(kind, {**points, fraction: seconds}, None, service=base is not None and base.service)
    except Refusal as refusal:
        return _with_constant(refusal, values, constants)


def _filled(value: Value, constants: Constants) -> Value:
    """Put constants in the place of their names."""
    if not any(isinstance(atom, Path) and atom.text in constants for atom in value.atoms):
        return value
    atoms: list[Atom] = []
    for atom in value.atoms:
        atoms += constants.get(atom.text, (atom,)) if isinstance(atom, Path) else (atom,)
    return Value(tuple(atoms), value.span)


def _with_constant(refusal: Refusal, values: tuple[Value, ...], constants: Constants) -> Refusal:
    """Offer a constant whose name is near to the word that was not understood."""
    for atom in (atom for value in values for atom in value.atoms):
        if isinstance(atom, Path) and atom.text not in constants and atom.text == refusal.word:
            guess = nearest(atom.text, list(constants))
            if guess is not None:
                return Refusal(f"`{atom.text}` is not known here", f"did you mean `{guess}`?")
    return refusal


def _only(written: Written) -> tuple[Atom, ...]:
    if len(written.values) != 1:
        raise Refusal(
            f"`{written.kind.name}` takes one value, not {len(written.values)}",
            _decimal(written.values) or f"write `{written.kind.example}`",
        )
    return written.values[0].atoms


def _decimal(values: tuple[Value, ...]) -> str:
    """Return what to write for a decimal with a comma, "" where it is none: `1,5 ms`."""
    first, *others = (value.span.text for value in values)
    if len(others) != 1 or not first.lstrip("-$").isdigit() or not others[0][:1].isdigit():
        return ""
    return f"a decimal is written with a dot: `{first}.{others[0]}`"


def _scalar(atoms: tuple[Atom, ...], kind: SettingKind, dimension: Dimension) -> float:
    """Read one number of a dimension and hold it against the setting's range."""
    number = quantity(atoms, kind.name, dimension, kind.example)
    if number < kind.low or (kind.positive and number == 0):
        least = "more than zero" if kind.positive else f"at least {show(kind.low, dimension)}"
        raise Refusal(f"`{kind.name}` {show(number, dimension)} must be {least}", f"write `{kind.example}`")
    if number > kind.high:
        raise Refusal(
            f"`{kind.name}` {show(number, dimension)} must be at most {show(kind.high, dimension)}",
            f"write `{kind.example}`",
        )
    if kind.whole and number != int(number):
        raise Refusal(
            f"`{kind.name}` {show(number, dimension)} must be a whole number", f"write `{round(number)}`"
        )
    return number


def _dimension(kind: SettingKind) -> Dimension:
    assert kind.dimension is not None, kind.name
    return kind.dimension


def _quantity(written: Written) -> SettingValue:
    return _scalar(_only(written), written.kind, _dimension(written.kind))


def _lengths(written: Written) -> SettingValue:
    """Return a count, or percentiles of counts."""
    kind, points = written.kind, dict[float, float]()
    for value in written.values:
        match value.atoms:
            case (Percentile(fraction), *rest) if fraction not in points:
                points[percentile(fraction, kind.name)] = _scalar(tuple(rest), kind, _dimension(kind))
            case atoms if points:
                said = words(atoms)
                raise Refusal(f"`{said}` does not go on `{kind.name}`", "write `p50 150, p99 900`", said)
    return lengths_of(kind.name, points) if points else _quantity(written)


def _range(written: Written) -> SettingValue:
    atoms, kind = _only(written), written.kind
    if len(atoms) == 3 and isinstance(atoms[1], Operator) and atoms[1].text == "..":
        low, high = (_scalar(atom, kind, _dimension(kind)) for atom in (atoms[:1], atoms[2:]))
        if low > high:
            raise Refusal(f"`{kind.name}` runs from {low:g} down to {high:g}", f"write `{high:g}..{low:g}`")
        return Replicas(low, high)
    number = _scalar(atoms, kind, _dimension(kind))
    return Replicas(number, number)


def _latency(written: Written) -> SettingValue:
    kind, service = written.kind, False
    points: dict[float, float] = {}
    limits: tuple[float, float] | None = None
    for value in written.values:
        match value.atoms:
            case (Path(text="service" | "measured") as word,):
                service = word.text == "service"
            case (Percentile(fraction), *rest):
                if fraction in points:
                    raise Refusal(f"`{kind.name}` gives {percentile_name(fraction)} twice", "give each once")
                points[percentile(fraction, kind.name)] = _seconds(tuple(rest), kind)
            case (first, Operator(text=".."), last):
                limits = (_seconds((first,), kind), _seconds((last,), kind))
            case atoms:
                if points or limits:
                    said = words(atoms)
                    raise Refusal(f"`{said}` does not go on a latency", "write `p50 3ms, p99 10ms`", said)
                points[0.99] = _seconds(atoms, kind)
    return _latency_of(kind, points, limits, service)


def _seconds(atoms: tuple[Atom, ...], kind: SettingKind) -> float:
    seconds = quantity(atoms, kind.name, Dimension.DURATION, kind.example)
    if seconds < 0:
        raise Refusal(f"`{kind.name}` {show_duration(seconds)} is negative", f"write `{kind.example}`")
    return seconds


def _latency_of(
    kind: SettingKind, points: dict[float, float], limits: tuple[float, float] | None, service: bool
) -> Latency:
    if limits is not None:
        if points or limits[0] > limits[1]:
            raise Refusal(f"`{kind.name}` wants best..worst, the smaller first", "write `2ms..5ms`")
        return Latency((), *limits, service=service)
    if not points:
        raise Refusal(f"`{kind.name}` has no duration", f"write `{kind.example}`")
    ordered = tuple(sorted(points.items()))
    for (lower, less), (higher, more) in pairwise(ordered):
        if more < less:
            raise Refusal(
                f"`{kind.name}` {percentile_name(higher)} {show_duration(more)} is below "
                f"{percentile_name(lower)} {show_duration(less)}",
                "a higher percentile is never faster: swap them",
            )
    spread(kind.name, ordered)
    return Latency(ordered, service=service)


def _text(written: Written) -> SettingValue:
    return words(_only(written))


def _texts(written: Written) -> SettingValue:
    return tuple(words(value.atoms) for value in written.values)


def _money(written: Written) -> SettingValue:
    atoms, kind = _only(written), written.kind
    match atoms:
        case (Number(value, unit),) if (amount := money(value, unit)) is not None and (
            amount.hourly is not None or amount.per in ("", "request", "token")
        ):
            if value < 0:
                raise Refusal(f"`{kind.name}` ${value:g} is negative", f"write `{kind.example}`")
            if not amount.per:
                raise Refusal(f"`{kind.name}` ${value:g} does not say per what", f"write `${value:g}/h`")
            within(value, kind.name, Dimension.MONEY, kind.example)
            return amount
    raise Refusal(
        f"`{kind.name}` wants dollars an hour, a month, a request or a token, not `{words(atoms)}`",
        f"write `{kind.example}`, `$900/month`, `$0.002/request` or `$2/Mtokens`", words(atoms),
    )


def _choice(written: Written) -> SettingValue:
    atoms, kind = _only(written), written.kind
    word = words(atoms)
    if word in kind.choices:
        return word
    guess = nearest(word, kind.choices)
    listed = ", ".join(kind.choices)
    help = f"did you mean `{guess}`?" if guess else f"write `{kind.example}`"
    raise Refusal(f"`{kind.name}` is one of {listed}, not `{word}`", help, word)


def _flag(written: Written) -> SettingValue:
    word = words(_only(written))
    if word in ("yes", "no"):
        return word == "yes"
    raise Refusal(f"`{written.kind.name}` is yes or no, not `{word}`", "write `yes` or `no`", word)


def _component(written: Written) -> SettingValue:
    match _only(written):
        case (Path() as path,):
            return path.text
        case (Percentile() as name,):
            return name.span.text
        case atoms:
            word = words(atoms)
            raise Refusal(f"`{written.kind.name}` names a component, not `{word}`", "write `like: ranker`", word)


def _promises(written: Written) -> SettingValue:
    return read_promises(written.values)


_WHEN = "write `timeout 15ms`, `error`, `error > 50%`, `down`, `overload` or `latency > 40ms`"


def _condition(written: Written) -> SettingValue:
    match _only(written):
        case (Path(text="error" | "down" | "overload" as word),):
            return Condition(word)
        case (Path(text="timeout"),):
            return Condition("timeout")
        case (Path(text="timeout"), *rest):
            return Condition("timeout", _positive(tuple(rest)))
        case (Path(text="error"), Operator(text=">" | ">="), *rest):
            return Condition("breaker", share=_failing(tuple(rest)))
        case (Path(text="latency"), Operator(text=">" | ">="), *rest):
            return Condition("latency", _positive(tuple(rest)))
        case atoms:
            guess = nearest(words(atoms[:1]), ["timeout", "error", "down", "overload", "latency"])
            raise Refusal(
                f"`on` does not know `{words(atoms)}`",
                f"did you mean `{guess}`?" if guess and len(atoms) == 1 and guess != words(atoms) else _WHEN,
                words(atoms),
            )


def _failing(atoms: tuple[Atom, ...]) -> float:
    """Return the share of failed attempts above which a breaker opens."""
    share = quantity(atoms, "on", Dimension.FRACTION, "error > 50%")
    if not 0 <= share < 1:
        shown = show(share, Dimension.FRACTION)
        raise Refusal(f"`on` opens above {shown} of errors: it must be at least 0% and less than 100%", _WHEN)
    return share


def _positive(atoms: tuple[Atom, ...]) -> float:
    seconds = quantity(atoms, "on", Dimension.DURATION, "timeout 15ms")
    if seconds <= 0:
        raise Refusal(f"`on` waits {show_duration(seconds)}: it must be more than zero", _WHEN)
    return seconds


def _hedge(written: Written) -> SettingValue:
    match _only(written):
        case (Percentile(fraction),):
            return Hedge(fraction=percentile(fraction, written.kind.name))
        case atoms:
            seconds = _seconds(atoms, written.kind)
            if seconds == 0:
                raise Refusal("`hedge` 0 ms sends two copies at once", "write `fanout: 2; quorum: 1` for that")
            return Hedge(seconds=seconds)


def _backoff(written: Written) -> SettingValue:
    kind, waits = written.kind, list[float]()
    said = {"exponential": False, "jitter": False}
    for value in written.values:
        atoms = value.atoms
        while value is written.values[-1] and isinstance(atoms[-1], Path) and not said.get(atoms[-1].text, True):
            said[atoms[-1].text], atoms = True, atoms[:-1]
            if not atoms:
                raise Refusal(f"`{kind.name}` has no duration", f"write `{kind.example}`")
        waits.append(_seconds(atoms, kind))
    return Backoff(tuple(waits), said["exponential"], said["jitter"])


def _assumptions(written: Written) -> SettingValue:
    found = Assumptions()
    for value in written.values:
        at = next((n for n in (1, 2) if _named(value.atoms, n) in ASSUMED), 0)
        if not at:
            *most, last = (f"`{kind.example}`" for kind in ASSUMED.values())
            raise Refusal(
                f"`assume` does not know `{words(value.atoms)}`", f"write {', '.join(most)} or {last}",
                words(value.atoms),
            )  # fmt: skip
        name, rest = _named(value.atoms, at), tuple(value.atoms[at:])
        kind = ASSUMED[name]
        stated = READERS[kind.form](Written(kind, (Value(rest, value.span),)))
        assert isinstance(stated, float | str), name
        found = found.stating(field_of(name), stated, value.span)
    return found


def _named(atoms: tuple[Atom, ...], count: int) -> str:
    """Return the first words of what is assumed, "" where they are none."""
    first = atoms[:count]
    return " ".join(atom.text for atom in first if isinstance(atom, Path)) if len(first) == count else ""


def _assumed(written: Written) -> SettingValue:
    """Return one thing that is assumed: a number between its ends, or dollars a byte."""
    kind, atoms = written.kind, _only(written)
    dimension = _dimension(kind)
    if dimension is Dimension.MONEY:
        return _per_byte(atoms, kind)
    number = quantity(atoms, kind.name, dimension, kind.example)
    if not kind.low <= number <= kind.high:
        raise Refusal(
            f"`{kind.name}` {show(number, dimension)} lies outside {show(kind.low, dimension)} to "
            f"{show(kind.high, dimension)}",
            f"write `{kind.example}`",
        )
    return number


def _per_byte(atoms: tuple[Atom, ...], kind: SettingKind) -> float:
    match atoms:
        case (Number(value, unit),) if (amount := money(value, unit)) is not None and amount.per == "byte":
            if amount.dollars >= 0:
                within(value, kind.name, Dimension.MONEY, kind.example)
                return amount.dollars
            raise Refusal(f"`{kind.name}` ${value:g} is negative", f"write `{kind.example}`")
    said = words(atoms)
    raise Refusal(f"`{kind.name}` wants dollars per GB, not `{said}`", f"write `{kind.example}`", said)


READERS: Mapping[Form, Callable[[Written], SettingValue]] = {
    Form.QUANTITY: _quantity,
    Form.LATENCY: _latency,
    Form.LENGTHS: _lengths,
    Form.RANGE: _range,
    Form.TEXT: _text,
    Form.TEXTS: _texts,
    Form.MONEY: _money,
    Form.CHOICE: _choice,
    Form.FLAG: _flag,
    Form.COMPONENT: _component,
    Form.PROMISES: _promises,
    Form.CONDITION: _condition,
    Form.HEDGE: _hedge,
    Form.BACKOFF: _backoff,
    Form.ASSUMPTIONS: _assumptions,
    Form.ASSUMED: _assumed,
}

