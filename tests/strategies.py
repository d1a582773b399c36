"""Random designs as text: valid ones of up to forty components, and others that are nearly valid.

A drawn design is a plain list of statements, so that what Hypothesis shrinks to is a file one can read.
"""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

quick_run = False
"""Whether only the quick tests are asked for; set before any of them is read."""


def examples(whole: int, quick: int) -> int:
    """Return how many examples a law is held against: all in a whole run, the first of them in a quick one."""
    return quick if quick_run else whole


WORDS = (
    "edge", "orders", "users", "ranker", "billing", "search", "stock", "price", "mail", "auth", "feed", "risk", "score",
    "index", "queue", "events", "vision", "speech", "router", "cells", "größe", "поиск", "推薦", "a-b", "x_1",
)  # fmt: skip
TITLES = (
    "API gateway", "Ranking", "Users", "A service that has quite a long name for its box", "XGBoost int8 → ONNX",
    "Größe & Maß", "<b>bold</b>", "推薦モデル", "p99 ≤ 10 ms", "ذاكرة", "🚀 launch", "A",
    "Donaudampfschifffahrtsgesellschaft",
)  # fmt: skip
LABELS = (
    "", "", "", ' "reads"', ' "when it is late: the answer of yesterday"', ' "ids, 2 KB"', ' "]]> & <i>"', ' "推薦"',
)  # fmt: skip
ROWS = ("service", "model", "queue", "external", "router", "job", "cache", "store")
SIDES = ("cache", "store", "external", "model")

durations = st.sampled_from(["0.5ms", "2ms", "10 ms", "45ms", "1.2s"])
rates = st.sampled_from(["0.5 rps", "20 rps", "800 rps", "1.5k rps", "10k rps", "3/min", "250 tokens/s"])
percentages = st.integers(0, 100).map(lambda n: f"{n}%")
titles = st.sampled_from(TITLES)
latencies = st.one_of(
    durations,
    st.sampled_from(
        ["p50 2ms, p99 9ms", "p50 1ms, p95 4ms, p99 8ms", "2ms..5ms", "p99.9 50ms", "p50 4ms, p99 12ms, service"]
    ),
)


@st.composite
def settings(draw: DrawFn, kind: str) -> str:
    """Draw a block of settings that a kind of component has."""
    chosen = [f"latency: {draw(latencies)}"]
    if draw(st.booleans()):
        chosen += [f"throughput: {draw(rates)}", f"replicas: {draw(st.sampled_from(['1', '2', '20', '2..8']))}"]
    extra = {
        "does": '"notes", "and more of them"', "runs": '"Redis"', "holds": '"top 100"', "availability": "99.9%",
        "price": "$0.20/h",
        "needs": "1", "concurrency": "8", "memory": "16 GB", "cpu": "4", "say": '"A line to speak."',
        "why": '"Because."', "owner": '"team"',
    }  # fmt: skip
    for name in draw(st.lists(st.sampled_from(sorted(extra)), max_size=3, unique=True)):
        chosen.append(f"{name}: {extra[name]}")
    if kind == "client":
        chosen = [f"rate: {draw(rates)}"]
    elif kind == "cache":
        chosen.append(f"hit: {draw(percentages)}")
    elif kind == "gateway":
        chosen.append(f"limit: {draw(rates)}")
    elif kind == "model" and draw(st.booleans()):
        chosen += ["params: 7B", "precision: int8", "gpu: A10G", "batch: 8"]
    elif kind == "store" and draw(st.booleans()):
        chosen += ["size: 200 GB", "copies: 3"]
    return "; ".join(chosen)


@st.composite
def names(draw: DrawFn, count: int) -> list[str]:
    """Draw so many different names."""
    return [
        f"{word}{index}"
        for index, word in enumerate(draw(st.lists(st.sampled_from(WORDS), min_size=count, max_size=count)))
    ]


@st.composite
def component(draw: DrawFn, kind: str, name: str) -> str:
    """Draw one component."""
    title = f' "{draw(titles)}"' if draw(st.booleans()) else ""
    return f"{kind} {name}{title} {{ {draw(settings(kind))} }}"


@st.composite
def hop(draw: DrawFn) -> str:
    """Draw the settings of an arrow."""
    some = draw(
        st.lists(
            st.sampled_from(["latency: 0.5ms", "payload: 2 KB", "retries: 1", "timeout: 2s", "fanout: 3"]),
            max_size=2,
            unique=True,
        )
    )
    return f" {{ {'; '.join(some)} }}" if some else ""


@st.composite
def row(draw: DrawFn, row_names: list[str]) -> list[str]:
    """Draw the arrows of a way through some components: a chain with forks and alternatives in it."""
    lines = []
    here = [row_names[0]]
    waiting = row_names[1:]
    while waiting:
        wide = draw(st.sampled_from([1, 1, 1, 2, 3]))
        there, waiting = waiting[:wide], waiting[wide:]
        if len(there) > 1 and len(here) == 1 and draw(st.booleans()):
            share = draw(st.integers(1, 90 // (len(there) - 1) // 2))
            lines.append(f"{here[0]} -> {there[0]}{draw(hop())}")
            lines += [f"{here[0]} -> {name} {{ share: {share}% }}" for name in there[1:]]
        else:
            label = draw(st.sampled_from(LABELS))
            lines.append(f"{' & '.join(here)} -> {' & '.join(there)}{label}{draw(hop())}")
        here = there
    return lines


@st.composite
def designs(draw: DrawFn, most: int = 40) -> str:
    """Draw a whole design that has no error before AB401."""
    count = draw(st.integers(2, most))
    every = draw(names(count))
    clients = every[: draw(st.integers(1, min(3, count - 1)))]
    rest = every[len(clients) :]
    entry = rest[:1] if draw(st.booleans()) else []
    rest = rest[len(entry) :]
    fallbacks = rest[: draw(st.integers(0, min(4, len(rest) // 3)))]
    rest = rest[len(fallbacks) :]
    cut = draw(st.integers((len(rest) + 1) // 2, len(rest)))
    core, sides = rest[:cut], rest[cut:]

    things = [draw(component("client", name)) for name in clients]
    things += [draw(component("gateway", name)) for name in entry]
    inside = [draw(component(draw(st.sampled_from(ROWS[: 8 if name != core[-1] else 4])), name)) for name in core]
    around = [draw(component(draw(st.sampled_from(SIDES)), name)) for name in sides]
    failing = [f'fallback {name} "{draw(titles)}" {{ latency: 1ms }}' for name in fallbacks]
    prefix = ""
    if inside and draw(st.booleans()):
        prefix = "zone."
        inside = ['group zone "A frame around them" {', *(f"  {line}" for line in inside), "}"]

    arrows: list[str] = []
    way = [*entry, *(f"{prefix}{name}" for name in core)]
    if way:
        arrows.append(f"{' & '.join(clients)} -> {way[0]}{draw(hop())}")
        arrows += draw(row(way))
    hosts = way or clients
    for name in sides:
        arrows.append(f"{draw(st.sampled_from(hosts))} <-> {name}{draw(st.sampled_from(LABELS))}")
    if draw(st.booleans()):
        things.append('telemetry metrics "Metrics"')
        arrows.append(f"{draw(st.sampled_from(hosts))} ~> metrics")
    for name in fallbacks:
        when = draw(st.sampled_from(["timeout 25ms", "error", "down", "overload", "latency > 40ms"]))
        failed = draw(st.sampled_from(way or clients))
        arrows.append(f'{failed} -x> {name} "it fails: {name}" {{ on: {when} }}')
    if draw(st.booleans()):
        things += ['job nightly "Nightly" { rate: 1/d }', "store results { size: 1 TB }"]
        arrows.append('flow batch "Batch" { nightly ~> results { rate: 1/d } }')
    if draw(st.booleans()):
        things += ["region us, eu { service twin { latency: 5ms; throughput: 2k rps } }"]
        arrows += [f"{clients[0]} -> us.twin {{ share: 60% }}"] if not way else [f"{way[-1]} ~> us.twin & eu.twin"]
    sla = draw(
        st.sampled_from(["", "p99 < 50ms", "mean <= 2s by bound", "p95 < 1s by independent, throughput >= 1k rps"])
    )
    head = f'design random "{draw(titles)}" {{ {f"sla: {sla}" if sla and way else ""} }}'
    what_if = f'scenario "Twice" {{ {clients[0]}.rate: 20k rps }}' if draw(st.booleans()) else ""
    return "\n".join([head, *things, *inside, *around, *failing, *arrows, what_if, ""])


TOKENS = (
    "{", "}", '"', '"""', "->", "<->", "~>", "-x>", "=>", "-->", "&", ":", ",", ";", ".", "..", "<", ">=", "\n",
    "#", "\\",
    "design", "client", "sla", "share", "on", "timeout", "like", "import", "let", "scenario", "expect", "region", "us",
    "p99", "10ms", "50%", "1e999", "$", "0", "1_000", "k", "rps", "_", "-", "\x00", "\u202e", "🙂",
)  # fmt: skip


@st.composite
def nearly(draw: DrawFn) -> str:
    """Draw a design with a few slips in it: words lost, doubled, swapped, put in."""
    text = draw(designs(12))
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, len(text)))
        until = min(len(text), at + draw(st.integers(0, 30)))
        match draw(st.sampled_from(["drop", "double", "insert", "swap"])):
            case "drop":
                text = text[:at] + text[until:]
            case "double":
                text = text[:until] + text[at:until] + text[until:]
            case "insert":
                text = f"{text[:at]} {draw(st.sampled_from(TOKENS))} {text[at:]}"
            case _:
                middle = (at + until) // 2
                text = text[:at] + text[middle:until] + text[at:middle] + text[until:]
    return text


def soup() -> SearchStrategy[str]:
    """Return texts of the language's own words in no order at all, and any other text."""
    words = st.lists(st.one_of(st.sampled_from(TOKENS), st.sampled_from(WORDS), durations), max_size=80).map(" ".join)
    return st.one_of(words, st.text(max_size=400))
