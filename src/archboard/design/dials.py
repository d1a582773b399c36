"""A dial: one number of a design that `solve` and `sweep` may turn, read and written in the language.

What a path names has a form: a quantity, a count or a range of counts, a latency, a price, a wait. Each has one number
to turn; a latency's is its highest percentile, and the others keep their proportion to it; of a range of replicas it
is the top. A constant of a `let` is turned in the unit in which it is written.
"""

from __future__ import annotations

import math

from archboard.catalog import Form, SettingKind
from archboard.design.changes import Assignment, Changes
from archboard.design.edits import given
from archboard.design.model import Condition, Design, Hedge, Latency, Replicas, SettingValue
from archboard.design.overrides import read_changes
from archboard.design.paths import Paths, path_in
from archboard.design.refusal import Refusal
from archboard.design.resolve import Outline
from archboard.design.rules import WRONG_VALUE
from archboard.design.targets import Target
from archboard.diagnostics import Diagnostic
from archboard.language.syntax import Number, Value
from archboard.records import record, replace
from archboard.source import Source
from archboard.units import HOUR, Dimension, Money, percentile_name, show, show_number

_UNITS: dict[Dimension, tuple[tuple[float, str], ...]] = {
    Dimension.DURATION: ((1e-9, "ns"), (1e-6, "us"), (1e-3, "ms"), (1.0, "s"), (60.0, "min"), (HOUR, "h")),
    Dimension.RATE: ((1.0, " rps"),),
    Dimension.SIZE: ((1.0, " B"), (1e3, " KB"), (1e6, " MB"), (1e9, " GB"), (1e12, " TB")),
    Dimension.FRACTION: ((0.01, "%"),),
    Dimension.COUNT: ((1.0, ""),),
    Dimension.BANDWIDTH: ((1.0, " B/s"), (1e3, " KB/s"), (1e6, " MB/s"), (1e9, " GB/s")),
    Dimension.COMPUTE: ((1e12, " TFLOPS"),),
    Dimension.RATIO: ((1.0, "x"),),
    Dimension.MONEY: ((1.0, ""),),
}
NEARLY_ALL = 1 - 1e-6
"""As near to 100% as a hit ratio or an availability comes: what is always there is not designed, but assumed."""


@record
class Dial:
    """One number that can be turned: of which target, what it is now, what it may be, and how it is written.

    `now` is in SI units, None where the design does not give it. `low` and `high` are the ends of what it may be,
    `low` itself only where `positive` does not say more. `unit` is that of a constant, as written, else None.
    """

    target: Target
    dimension: Dimension
    value: SettingValue | None
    now: float | None
    low: float
    high: float
    whole: bool = False
    positive: bool = False
    unit: str | None = None

    @property
    def path(self) -> str:
        """What `--set` takes to name it."""
        return self.target.path

    @property
    def label(self) -> str:
        """Its name on an axis: a latency's says which percentile is turned."""
        if isinstance(self.value, Latency) and not self.value.is_range:
            return f"{self.path} {percentile_name(self.value.percentiles[-1][0])}"
        return self.target.label

    def show(self, number: float) -> str:
        """Write a number of it as people read it."""
        if self.unit is not None:
            return f"{show_number(number, 6)}{'' if self.unit in ('', '%', 'x') else ' '}{self.unit}"
        if isinstance(self.value, Money):
            return f"{show(number, Dimension.MONEY)}/{self.value.per}"
        return show(number, self.dimension)

    def write(self, number: float) -> str:
        """Write a number of it in the language, exactly, the rest of the value as it is."""
        match self.value:
            case Latency() as latency:
                return _latency(latency, number)
            case Replicas(low, high) if low < high:
                return f"{min(low, number):.15g}..{number:.15g}"
            case Money(per=per):
                return f"${number:.15g}/{per}"
            case Condition(kind="latency"):
                return f"latency > {written(number, Dimension.DURATION)}"
            case Condition(share=float()):
                return f"error > {number * 100:.15g}%"
            case Condition(kind=kind):
                return f"{kind} {written(number, Dimension.DURATION)}"
        if self.unit is not None:
            return f"{number:.15g}{'' if self.unit in ('', '%', 'x') else ' '}{self.unit}"
        return written(number, self.dimension)

    def turned(self, number: float) -> Changes:
        """Return the change that sets it to a number."""
        return read_changes([self.assignment(number)])

    def assignment(self, number: float) -> str:
        """Return what `--set` takes to set it to a number."""
        return f"{self.path}={self.write(number)}"

    def rounded(self, number: float, up: bool, digits: int) -> float:
        """Round a number up or down to some digits in the unit people read it in; a fraction near 1 keeps its nines."""
        if self.whole:
            return float(math.ceil(number) if up else math.floor(number))
        if number == 0 or not math.isfinite(number):
            return number
        unit = 1.0 if self.unit is not None else _unit(number, self.dimension)[0]
        size = abs(number)
        if self.dimension is Dimension.FRACTION and 0.99 < number < 1:
            size, digits = 1 - number, digits - 2
        step = 10.0 ** (math.floor(math.log10(size / unit) + 1e-12) - digits + 1)
        steps = number / unit / step
        whole = math.ceil(steps - 1e-9) if up else math.floor(steps + 1e-9)
        return float(f"{whole * step * unit:.15g}")


def written(number: float, dimension: Dimension) -> str:
    """Write a number of a dimension in the language, exactly."""
    factor, unit = _unit(number, dimension)
    return f"{float(f'{number / factor:.15g}'):.15g}{unit}"


def _unit(number: float, dimension: Dimension) -> tuple[float, str]:
    units = _UNITS[dimension]
    if dimension is Dimension.DURATION and number == 0:
        return units[2]
    return next((pair for pair in reversed(units) if abs(number) >= pair[0]), units[0])


def _latency(latency: Latency, number: float) -> str:
    tail = ", service" if latency.service else ""
    if latency.is_range:
        low = latency.low / latency.high * number if latency.high else number
        return f"{written(low, Dimension.DURATION)}..{written(number, Dimension.DURATION)}{tail}"
    last = latency.percentiles[-1][1]
    parts = [
        f"{percentile_name(q)} {written(number if last == 0 else seconds / last * number, Dimension.DURATION)}"
        for q, seconds in latency.percentiles
    ]
    return ", ".join(parts) + tail


def dial_of(plan: Outline, design: Design, text: str, option: str) -> Dial | Diagnostic:
    """Return the dial that a path of a command line names, or what is wrong with the path."""
    path = path_in(Source(option, text), 0, len(text))
    target = Paths(plan.found, plan.names).target(path)
    if isinstance(target, Diagnostic):
        return target
    made = dial_on(design, target)
    return WRONG_VALUE.at(path.span, made.message, made.help) if isinstance(made, Refusal) else made


def dial_on(design: Design, target: Target) -> Dial | Refusal:
    """Return the dial on a target, or why it has no number to turn."""
    found = given(design, target)
    value = found.value if found is not None else None
    if target.kind is None:
        return _constant(target, str(value))
    if target.percentile is not None:
        whole = given(design, replace(target, percentile=None))
        return _percentile(target, target.percentile, whole.value if whole is not None else None)
    return _dial(target, target.kind, value)


def _constant(target: Target, text: str) -> Dial | Refusal:
    match read_changes([f"_={text}"]).assignments:
        case (Assignment(values=(Value(atoms=(Number(value, unit),)),)),):
            whole = unit == "" and value == int(value) and value >= 1
            low = 1.0 if whole else 0.0
            return Dial(target, Dimension.COUNT, None, value, low, math.inf, whole, unit=unit)
    return _unturned(target, Form.TEXT)


def _percentile(target: Target, fraction: float, value: SettingValue | None) -> Dial | Refusal:
    """Return a dial on one percentile of a latency: from the one below it to the one above."""
    match value:
        case None:
            return Dial(target, Dimension.DURATION, None, None, 0.0, math.inf)
        case Latency(percentiles=points) if points:
            low = max((seconds for q, seconds in points if q < fraction), default=0.0)
            high = min((seconds for q, seconds in points if q > fraction), default=math.inf)
            return Dial(target, Dimension.DURATION, None, value.at(fraction), low, high)
    help = f"turn `{replace(target, percentile=None).path}`"
    return Refusal(f"`{target.label}` cannot be turned: the latency is a range", help)


def _unturned(target: Target, form: Form) -> Refusal:
    return Refusal(f"`{target.path}` is {form.value}, and only a number can be turned", "name a setting with a number")


def _dial(target: Target, kind: SettingKind, value: SettingValue | None) -> Dial | Refusal:
    high = math.inf if kind.high >= 1e18 else kind.high
    dial = Dial(target, Dimension.DURATION, value, None, 0.0, high, kind.whole, kind.positive)
    match kind.form, value:
        case Form.ASSUMED, _ if kind.dimension is Dimension.MONEY:
            help = f"try one: `--set {target.path}=…`"
            return Refusal(f"`{target.path}` is a price per byte, and is not turned", help)
        case (Form.QUANTITY | Form.LENGTHS | Form.ASSUMED), _:
            assert kind.dimension is not None, kind.name
            if kind.name in ("hit", "availability"):
                high = NEARLY_ALL
            return replace(
                dial, dimension=kind.dimension, now=value if isinstance(value, float) else None,
                low=kind.low, high=high,
            )  # fmt: skip
        case Form.RANGE, Replicas() | None:
            now = value.high if isinstance(value, Replicas) else 1.0
            return replace(dial, dimension=Dimension.COUNT, now=now, low=kind.low)
        case Form.LATENCY, Latency() as latency:
            return replace(dial, now=latency.high if latency.is_range else latency.percentiles[-1][1], high=math.inf)
        case Form.MONEY, Money(dollars=dollars):
            return replace(dial, dimension=Dimension.MONEY, now=dollars)
        case Form.CONDITION, Condition(share=float(share)):
            return replace(dial, dimension=Dimension.FRACTION, now=share, high=NEARLY_ALL)
        case Form.CONDITION, Condition(seconds=float(seconds)):
            return replace(dial, now=seconds, positive=True, high=math.inf)
        case Form.HEDGE, Hedge(seconds=float(seconds)):
            return replace(dial, value=None, now=seconds, high=math.inf)
        case ((Form.LATENCY | Form.MONEY), None):
            return Refusal(
                f"`{target.path}` is not given, so there is nothing to turn",
                f"give it a first value: `--set {target.path}=…`",
            )
    return _unturned(target, kind.form)
