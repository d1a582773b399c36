"""Files to try: shipped designs, case pages and drawn designs with some of their words, lines and numbers changed."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis import strategies as st
from hypothesis.database import InMemoryExampleDatabase

from archboard.catalog.settings import SETTINGS
from tests.strategies import designs, nearly

ROOT = Path(__file__).parents[2]
CORPUS = Path(__file__).parent / "corpus"
TOKEN = re.compile(r"\"[^\"\n]*\"|[\w.µ%$/-]+|[<>~x-]+>|\s+|.", re.DOTALL)
NUMBER = re.compile(r"(?<![\w.])(\d[\d_.]*)([kMG]?)(\s?)([a-zA-Z%µ/]*)")
EXTREMES = (
    "0", "1", "2", "-1", "0.5", "1e-308", "1e308", "1e400", "1e18", "1e9", "1e-9", "0.0000001", "99.9999999999", "3",
    "10000", "184", "1000000", "999999999999", "1e15", "1e-12", "7", "100", "0.999999",
)  # fmt: skip
UNITS = (
    "ns", "us", "ms", "s", "min", "h", "day", "month", "years", "rps", "k rps", "/day", "/s", "B", "KB", "GB", "PB",
    "%", "x", "", "k", "M", "T", "tokens", "/year", "$", "GB/day",
)  # fmt: skip
SNIPPETS = (
    "{ retries: 3; timeout: 1ms; backoff: 1ms exponential jitter }", "{ hedge: p95 }", "{ fanout: 9; quorum: 4 }",
    "{ share: 0% }", "{ share: 50% }", "{ rate: 1/day }", "{ on: timeout 1ms }", "{ on: down; detect: 60s }",
    "latency: 5ms, service", "down: yes", "replicas: 1..9", "concurrency: 1", "availability: 0%", "availability: 100%",
    "errors: 100%", "hit: 100%", "limit: 1 rps", "like: api", "batching: continuous", "sla: max < 1s", "sla: p99 > 1ms",
    "sla: throughput >= 1 rps", "sla: availability >= 99%", "sla: cost <= $1/month", "sla: staleness <= 1h",
    "assume: correlation 1", "assume: tail 9x", "scale: 60s", "burst: 1M rps", "every: 4s", "balance: round robin",
    "scenario \"x\" { api.down: yes }", "region a, b {", "group g {", "flow f {", "}", "{", "let { a: 1 }", "&", "<->",
    "->", "~>", "-x>", "inf", "nan", "p0", "p100", "p99.9999999999", "design d {", "expect: fail", "free while calling",
)  # fmt: skip


def seeds() -> list[str]:
    """Return the texts to begin with: every design of the repository, and those within the case pages."""
    files = [*sorted((ROOT / "designs").glob("*.arch")), *sorted((ROOT / "tests" / "designs").glob("*.arch"))]
    texts = [path.read_text("utf-8") for path in files]
    texts += [path.read_text("utf-8") for path in sorted(CORPUS.glob("*.arch")) if path.stat().st_size < 10_000]
    for page in sorted((ROOT / "tests" / "cases").glob("*.md")):
        texts += re.findall(r"```(?:arch)?\n(.*?)```", page.read_text("utf-8"), re.DOTALL)[:1]
    return texts


def drawn(seed: int, count: int) -> list[str]:
    """Return designs drawn by the strategies of the laws; a seed gives the same ones each time."""
    found: list[str] = []

    @seeded(seed)
    @settings(
        max_examples=count, database=InMemoryExampleDatabase(), phases=(Phase.generate,), deadline=None,
        derandomize=False, suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(st.one_of(designs(12), nearly()))
    def collect(text: str) -> None:
        found.append(text)

    collect()
    return found


def mutants(seed: int) -> Iterator[str]:
    """Yield files without end, the same for the same seed."""
    random = Random(seed)
    texts = seeds()
    texts += drawn(seed, 60)
    while True:
        text = random.choice(texts)
        for _ in range(random.choice((1, 1, 2, 3, 5, 8))):
            text = random.choice(WAYS)(random, text, texts)
        yield text[:20_000]


def _tokens(random: Random, text: str, texts: list[str]) -> str:
    """Drop, double, swap or replace a token."""
    parts = TOKEN.findall(text)
    if not parts:
        return text
    at, other = random.randrange(len(parts)), random.randrange(len(parts))
    match random.randrange(4):
        case 0:
            del parts[at]
        case 1:
            parts.insert(at, parts[at])
        case 2:
            parts[at], parts[other] = parts[other], parts[at]
        case _:
            parts[at] = random.choice(TOKEN.findall(random.choice(texts)) or [""])
    return "".join(parts)


def _lines(random: Random, text: str, texts: list[str]) -> str:
    """Drop, double, move or take over a line."""
    lines = text.split("\n")
    at, other = random.randrange(len(lines)), random.randrange(len(lines))
    match random.randrange(4):
        case 0:
            del lines[at]
        case 1:
            lines.insert(other, lines[at])
        case 2:
            lines[at], lines[other] = lines[other], lines[at]
        case _:
            lines.insert(at, random.choice(random.choice(texts).split("\n")))
    return "\n".join(lines)


def _numbers(random: Random, text: str, _: list[str]) -> str:
    """Give a number another size, or another unit."""
    found = list(NUMBER.finditer(text))
    if not found:
        return text
    match = random.choice(found)
    number, unit = match[1] + match[2], match[3] + match[4]
    if random.random() < 0.75:
        number = random.choice(EXTREMES)
    if random.random() < 0.25:
        unit = random.choice(UNITS)
    return text[: match.start()] + number + unit + text[match.end() :]


def _settings(random: Random, text: str, _: list[str]) -> str:
    """Put a setting into a block, in its own words or with an extreme number."""
    blocks = [match.end() for match in re.finditer(r"\{", text)]
    if not blocks:
        return text
    kind, at = random.choice(SETTINGS), random.choice(blocks)
    value = kind.example if random.random() < 0.6 else random.choice(EXTREMES) + random.choice(UNITS)
    return f"{text[:at]} {kind.name}: {value};{text[at:]}"


def _snippets(random: Random, text: str, _: list[str]) -> str:
    """Put a piece of the language somewhere: behind a line, or anywhere."""
    places = [match.end() for match in re.finditer(r"$", text, re.MULTILINE)] if random.random() < 0.6 else [
        match.end() for match in TOKEN.finditer(text)
    ]
    at = random.choice(places or [0])
    return f"{text[:at]} {random.choice(SNIPPETS)} {text[at:]}"


WAYS: tuple[Callable[[Random, str, list[str]], str], ...] = (
    _tokens, _lines, _numbers, _numbers, _numbers, _settings, _settings, _snippets,
)  # fmt: skip
