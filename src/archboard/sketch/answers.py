"""The answers to the three questions of `new`: the problem, the load, the SLA; read as the language reads them."""

from __future__ import annotations

from archboard.catalog import setting
from archboard.design.model import Promise
from archboard.design.overrides import read_changes
from archboard.design.refusal import Refusal
from archboard.design.values import read_value
from archboard.records import record

RATE = "1k rps"
SLA = "p99 < 200ms, availability >= 99.9%"


@record
class Wanted:
    """What the first design is for: `rate` in requests/s; `sla` as written, and as promises."""

    problem: str
    rate: float
    sla: str
    promises: tuple[Promise, ...]


def read_rate(text: str) -> float | str:
    """Return a load in requests/s, or one sentence on what is wrong with it."""
    read = _read("flow", "rate", text)
    if isinstance(read, str):
        return read
    rate = read[0]
    assert isinstance(rate, float)
    return rate if rate > 0 else f"the load is {text.strip()}, and somebody has to come: write `{RATE}`"


def read_sla(text: str) -> tuple[str, tuple[Promise, ...]] | str:
    """Return promises, as written on one line and as they are meant, or one sentence on what is wrong."""
    read = _read("design", "sla", text)
    if isinstance(read, str):
        return read
    promises, written = read
    assert isinstance(promises, tuple)
    return written, tuple(promise for promise in promises if isinstance(promise, Promise))


def _read(owner: str, name: str, text: str) -> tuple[object, str] | str:
    """Read a value as a setting's; it comes with the words that say it, comments left out."""
    kind = setting(owner, name)
    assert kind is not None, name
    changes = read_changes([f"{name}={text}"], f"--{name}")
    if changes.unread:
        wrong = changes.unread[0]
        return _sentence(wrong.message, f"write it as in a file, such as `{kind.example}`")
    values = changes.assignments[0].values
    value = read_value(kind, values, {})
    if isinstance(value, Refusal):
        return _sentence(value.message, value.help)
    first, last = values[0].span, values[-1].span
    return value, " ".join(first.source.text[first.start : last.end].split())


def _sentence(message: str, help: str) -> str:
    return f"{message}: {help}" if help else message
