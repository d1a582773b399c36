"""Facts into the few words of step 6: numbers in boxes and on arrows. Formats, never computes."""

from __future__ import annotations

import math
from collections.abc import Iterator

from archboard.board.marks import Role
from archboard.design.model import Arrow, ArrowKind, Component, Design
from archboard.facts import Facts
from archboard.measures import metrics
from archboard.records import record
from archboard.units import (
    DAY,
    HOUR,
    Dimension,
    percentile_name,
    show,
    show_duration,
    show_fraction,
    show_number,
    show_rate,
)


@record
class Number:
    """One line of numbers; `bad` is drawn in red, and says in words what is wrong."""

    text: str
    bad: bool = False

    @property
    def role(self) -> Role:
        """The hue of the line."""
        return Role.BAD if self.bad else Role.INK


def shown_duration(seconds: float) -> str:
    """Write a duration as a board has room for it: three significant digits of the unit it is written in."""
    unit = next((unit for unit in (DAY, HOUR, 60.0) if abs(seconds) >= 2 * unit), 1.0)
    return show_duration(float(f"{seconds / unit:.3g}") * unit)


def box_numbers(component: Component, facts: Facts) -> tuple[Number, ...]:
    """Return the number lines of a box: latency and hits, replicas and load, memory."""
    if component.kind.asks:
        asked = facts.get(metrics.CLIENT_RATE, component.name) or facts.get(metrics.DEMAND, component.name)
        stated = component.number("rate")
        shown = asked.shown if asked and asked.value is not None else show_rate(stated) if stated is not None else ""
        return (Number(shown),) if shown else ()
    lines = (
        _latency(component, facts),
        _load(component, facts),
        _availability(component, facts),
        _memory(component, facts),
    )
    return tuple(line for line in lines if line.text)


def _latency(component: Component, facts: Facts) -> Number:
    parts = []
    fact = facts.get(metrics.latency_at(facts.percentile), component.name)
    if fact is not None and fact.value is not None:
        parts.append(f"{facts.percentile} {shown_duration(fact.value)}")
    hit = component.number("hit")
    if hit is not None:
        parts.append(f"hit {show_fraction(hit)}")
    return Number(" · ".join(parts))


def _load(component: Component, facts: Facts) -> Number:
    each = component.number("throughput")
    used = facts.get(metrics.UTILISATION, component.name)
    capacity = facts.value(metrics.CAPACITY, component.name)
    if each is None and capacity and component.kind.infers:
        each = capacity / component.replicas.high
    if each is None:
        demand = facts.value(metrics.DEMAND, component.name)
        return Number(show_rate(demand) if demand and not component.kind.watches else "")
    replicas = component.replicas
    many = show(replicas.high, Dimension.COUNT)
    if replicas.low != replicas.high:
        many = f"{show(replicas.low, Dimension.COUNT)}–{many}"
    text = f"{many} × {show_rate(each)}" if many != "1" else show_rate(each)
    if used is None or used.value is None:
        return Number(text)
    return Number(f"{text} · {_full(used.value)} full", facts.overloaded(component.name))


def _availability(component: Component, facts: Facts) -> Number:
    """Return how often enough of its replicas are up, where the design says anything about it."""
    up = facts.value(metrics.AVAILABILITY, component.name)
    if up is None:
        return Number("")
    return Number(f"up {shown_availability(up)}", up <= 0)


def shown_availability(up: float) -> str:
    """Write an availability as a board has room for it: its nines and one digit, or two, more."""
    if not 0.99 < up < 1:
        return show_fraction(up)
    return f"{show_number(100 * up, 1 - math.floor(math.log10(1 - up)))}%"


def _full(used: float) -> str:
    """Write a utilisation as people say it: whole per cents, finer where it is nearly full or hardly used."""
    return f"{show_number(100 * used, 2 if 0.1 <= used < 0.95 else 3 if used < 10 else 4)}%"


def _memory(component: Component, facts: Facts) -> Number:
    gpu = component.text("gpu")
    if not gpu:
        return Number("")
    gpus = component.number("gpus") or 1.0
    parts = [f"{show(gpus, Dimension.COUNT)} × {gpu}" if gpus > 1 else gpu]
    needed, has = facts.get(metrics.MEMORY, component.name), facts.get(metrics.GPU_USABLE, component.name)
    memory = facts.memory(component.name)
    if needed is not None and needed.value is not None:
        parts.append(_size(needed.value) if has is None else f"{_size(needed.value)} of {has.shown}")
    return Number(" · ".join(parts), memory is not None and memory.over)


def _size(size: float) -> str:
    """Write bytes as a board has room for them: three significant digits."""
    return show(float(f"{size:.3g}"), Dimension.SIZE)


def arrow_numbers(arrow: Arrow, facts: Facts) -> tuple[Number, ...]:
    """Return the numbers on an arrow: its rate over its hop's percentile; nothing on failures and telemetry."""
    if arrow.kind is ArrowKind.FAILURE or (arrow.kind is ArrowKind.ASYNC and "rate" not in arrow.settings):
        return ()
    rate = facts.get(metrics.ARROW_RATE, arrow.id)
    hop = facts.get(metrics.latency_at(facts.percentile), arrow.id)
    shown = [rate.shown] if rate is not None and rate.value is not None else []
    if hop is not None and hop.value is not None and arrow.latency is not None:
        shown.append(shown_duration(hop.value))
    return tuple(Number(text) for text in (*shown, *_patience(arrow)))


def _patience(arrow: Arrow) -> Iterator[str]:
    """Yield how long is waited on an arrow, how often it is tried, and when a second copy is sent."""
    timeout, hedge = arrow.number_of("timeout"), arrow.hedge
    if timeout is not None:
        tries = len(arrow.waits) + 1
        yield f"timeout {shown_duration(timeout)}{f' × {tries}' if tries > 1 else ''}"
    if hedge is not None:
        when = percentile_name(hedge.fraction) if hedge.fraction is not None else shown_duration(hedge.seconds or 0.0)
        yield f"hedge {when}"


def promise(design: Design) -> str:
    """Return the promises of the main flow in a line, as they were written."""
    main = design.flow("main")
    return " · ".join(promise.printed for promise in main.promises) if main else ""
