"""Before and at the first box: the task, what is promised, the idea, and who calls."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import takewhile

from archboard.catalog import ENTRY
from archboard.catalog.promises import COST
from archboard.catalog.promises.kinds import REQUEST
from archboard.design.model import Component, Flow, Promise
from archboard.measures.metrics import CLIENT_RATE
from archboard.script.drawing import drawn
from archboard.script.model import MUST, Passage, Point
from archboard.script.speech import Number, cost, number, say_percentile
from archboard.script.telling import Telling
from archboard.units import Dimension


def passages(told: Telling) -> Iterator[Passage]:
    """Yield what is told at step 1."""
    yield Passage(1, "before", {}, tuple(_task(told)))
    clients = list(told.step(1))
    for at, client in enumerate(clients):
        yield drawn(told, client, tuple(_client(told, client, at, len(clients))))
    if not clients:
        yield Passage(1, "nothing", {}, (Point("opening.nobody", {"any": bool(told.ordered)}, rank=40),))


def spoken_promise(promise: Promise) -> dict[str, object]:
    """Return a promise as templates need it: its metric, percentile, limit, and whether the limit itself breaks it."""
    return {
        "metric": metric_of(promise),
        "percentile": "" if promise.fraction is None else say_percentile(promise.fraction),
        "limit": promised(promise, promise.limit),
        "strict": promise.operator in ("<", ">"),
        "rises": promise.kind.rises,
    }


def metric_of(promise: Promise) -> str:
    """Return what a promise is about, as the templates name it."""
    if promise.is_first_token:
        return promise.kind.name
    return "percentile" if promise.fraction is not None else promise.metric


def promised(promise: Promise, value: float, digits: int = 3) -> Number:
    """Return a value of a promise's metric, as it is said and written."""
    if promise.kind is COST and promise.per == REQUEST:
        return cost(value, promise.per, digits)
    amount = number(value, promise.kind.dimension, digits)
    return Number(f"{amount.spoken} a {promise.per}", f"{amount.figure}/{promise.per}") if promise.per else amount


def author(texts: tuple[str, ...], rank: int, *about: str) -> Iterator[Point]:
    """Yield the author's own lines."""
    for text in texts:
        if text.strip():
            yield Point("author.line", {"text": text}, about, rank=rank, author=True)


def _task(told: Telling) -> Iterator[Point]:
    design = told.design
    problem = design.said("problem")
    named = design.title and design.title.casefold() != design.name.replace("_", " ").casefold()
    title = told.vocabulary.name(design.title) if named and not problem else None
    yield Point("opening.greet", {"problem": bool(problem), "title": title.plain if title else ""}, rank=90)
    yield from author(problem, MUST)
    for flow in told.promising():
        yield _promises(told, flow)
    if not told.promising():
        yield Point("opening.unpromised", rank=35)
    yield from author(design.said("opening"), MUST)
    if not design.said("opening"):
        yield from _idea(told)


def _promises(told: Telling, flow: Flow) -> Point:
    values = {
        "flow": told.flow_name(flow.name),
        "promises": [spoken_promise(promise) for promise in flow.promises],
    }
    return Point("opening.promises", values, (flow.name,), tuple(p.metric for p in flow.promises), 84)


def _idea(told: Telling) -> Iterator[Point]:
    """Tell the idea in a sentence, from the way a request goes, where the author gave none."""
    if not told.facts.flows or (worst := told.facts.flows[0].worst) is None:
        return
    way = [name for name in worst.components if name in told.design.components]
    boxes = told.design.components
    core = [name for name in way if boxes[name].kind.works]
    if not core:
        return
    caches = [name for name in way if boxes[name].kind.caches]
    entries = [name for name in way if boxes[name].kind.enters or (name in caches and boxes[name].place == ENTRY)]
    edge = tuple(takewhile(caches.__contains__, entries))
    values = {
        "edge": told.names(edge),
        "entries": told.names(name for name in entries if name not in caches),
        "caches": told.names(name for name in caches if name not in edge),
        "core": told.names(core),
    }
    yield Point("opening.idea", values, tuple(way), rank=60)


def _client(told: Telling, client: Component, at: int, count: int) -> Iterator[Point]:
    burst = client.number("burst")
    values = {
        "name": told.name(client.name),
        "rate": _rate(told, client),
        "burst": None if burst is None else number(burst, Dimension.RATE),
        "at": at,
        "count": count,
    }
    yield Point("opening.client", values, (client.name,), (CLIENT_RATE.name,), 83)
    yield from author(client.texts("say"), 75, client.name)
    yield from author(client.texts("why"), 65, client.name)


def _rate(told: Telling, client: Component) -> Number | None:
    rate = client.number("rate")
    return None if rate is None else number(rate, Dimension.RATE)
